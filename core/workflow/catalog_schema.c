/* Owns the form of workflow documents as tables (interfaces.md: Workflow files). Read-only; any thread. */
#include "base/limits.h"
#include "base/str.h"
#include "workflow/catalog_priv.h"
#include <string.h>

#define FIELDS(...) ((const struct schema_field[]){__VA_ARGS__, {0}})
#define WORDS(...)  ((const char *const[]){__VA_ARGS__, NULL})

bool workflow_is_name(const char *text)
{
    size_t len = strlen(text);

    return len >= 1 && len <= LIMIT_NAME_CHARS && text[0] != '-' && text[0] != '_' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == len;
}

static bool is_version(const char *text)
{
    return text[0] >= '0' && text[0] <= '9' &&
           strspn(text, "0123456789.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-") == strlen(text);
}

static const struct schema_type step_name = {.kinds = SCHEMA_STRING,
                                             .matches = workflow_is_name,
                                             .code = ERR_BAD_NAME,
                                             .what = "a step name",
                                             .help = "use up to 63 letters, digits, '-' and '_'"};
static const struct schema_type workflow_name = {.kinds = SCHEMA_STRING,
                                                 .matches = workflow_is_name,
                                                 .code = ERR_BAD_NAME,
                                                 .what = "a workflow name",
                                                 .help = "use up to 63 letters, digits, '-' and '_'"};
static const struct schema_type version = {.kinds = SCHEMA_STRING, .matches = is_version, .what = "a version", .help = "write 1.2.0"};
static const struct schema_type priority = {.kinds = SCHEMA_INT, .min = -100000, .max = 100000};
static const struct schema_type phase = {.kinds = SCHEMA_STRING, .values = WORDS("pre-deployment", "deployment", "post-deployment")};
static const struct schema_type status = {.kinds = SCHEMA_STRING, .values = WORDS("active", "draft")};
static const struct schema_type trigger = {
    .kinds = SCHEMA_STRING, .values = WORDS("all_deployments", "first_deployment", "product_deployment", "deletion", "manual")};
static const struct schema_type triggers = {.kinds = SCHEMA_LIST, .items = &trigger, .min_items = 1, .max_items = 5};
static const struct schema_type on_failure = {.kinds = SCHEMA_STRING, .values = WORDS("rollback", "stop", "continue")};

static const struct schema_type parameter_type = {.kinds = SCHEMA_STRING, .values = WORDS("string", "int", "bool", "duration", "enum")};
static const struct schema_type bound = {.kinds = SCHEMA_NUMBER | SCHEMA_STRING};
static const struct schema_type scalar = {.kinds = SCHEMA_SCALAR};
static const struct schema_type scalars = {.kinds = SCHEMA_LIST, .items = &scalar, .min_items = 1, .max_items = 200};
static const struct schema_type parameter = {.kinds = SCHEMA_MAP,
                                             .fields = FIELDS({"name", &step_name, SCHEMA_REQUIRED}, {"type", &parameter_type},
                                                              {"required", &schema_bool}, {"default", &scalar}, {"min", &bound},
                                                              {"max", &bound}, {"pattern", &schema_text}, {"allowed_values", &scalars},
                                                              {"description", &schema_string})};
static const struct schema_type parameters = {.kinds = SCHEMA_LIST, .items = &parameter, .max_items = 100};

static const struct schema_type condition = {
    .kinds = SCHEMA_STRING | SCHEMA_BOOL, .what = "a condition", .help = "write a Lua expression, or always, on_success, on_failure"};
static const struct schema_type group = {.kinds = SCHEMA_INT | SCHEMA_STRING};
static const struct schema_type depends_on = {.kinds = SCHEMA_LIST, .items = &schema_text, .max_items = LIMIT_STEPS_PER_WORKFLOW};
static const struct schema_type attempts = {.kinds = SCHEMA_INT, .min = 1, .max = LIMIT_STEP_ATTEMPTS};
static const struct schema_type factor = {.kinds = SCHEMA_NUMBER, .min = 1, .max = 100};
static const struct schema_type error_class = {.kinds = SCHEMA_STRING,
                                               .values = WORDS("transient", "timeout", "crashed", "interrupted", "failed", "not_found",
                                                               "already_exists", "unauthorized", "invalid_resource", "unsupported")};
static const struct schema_type error_classes = {.kinds = SCHEMA_LIST, .items = &error_class, .min_items = 1};
static const struct schema_type retry = {.kinds = SCHEMA_MAP,
                                         .fields = FIELDS({"attempts", &attempts}, {"delay", &schema_duration}, {"factor", &factor},
                                                          {"maxDelay", &schema_duration}, {"on", &error_classes})};
static const struct schema_type small = {.kinds = SCHEMA_INT, .min = 1, .max = 1000};
static const struct schema_type environment = {.kinds = SCHEMA_MAP, .each = &scalar};
static const struct schema_type for_each = {.kinds = SCHEMA_LIST | SCHEMA_MAP | SCHEMA_STRING};

static const struct schema_type rollback = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"type", &schema_text, SCHEMA_REQUIRED}, {"config", &schema_free_map}, {"provisioner", &schema_text})};

static void check_uses(struct schema_run *run, const struct node *value)
{
    if (node_get(value, "with") && !node_get(value, "uses") && !str_eq(node_str(value, "type"), "workflow"))
        schema_report(run, value, ERR_MISSING_FIELD, NULL, "`with` needs `uses`: the workflow that gets the parameters");
}

static const char *const type_or_uses[] = {"type", "uses", NULL};
static const struct schema_type step = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"name", &step_name, SCHEMA_REQUIRED, .help = "add name: a word for this step"}, {"type", &schema_text},
                     {"uses", &schema_text}, {"with", &schema_free_map}, {"dependsOn", &depends_on}, {"parallelGroup", &group},
                     {"when", &condition}, {"if", &condition}, {"unless", &condition}, {"forEach", &for_each}, {"maxParallel", &small},
                     {"maxItems", &small}, {"provisioner", &schema_text}, {"config", &schema_free_map}, {"env", &environment},
                     {"timeout", &schema_duration}, {"retry", &retry}, {"outputs", &schema_free_map}, {"rollback", &rollback},
                     {"continueOnError", &schema_bool}, {"description", &schema_string}),
    .groups = (const struct schema_group[]){{SCHEMA_ONE_OF, type_or_uses}, {0}},
    .check = check_uses};
static const struct schema_type steps = {
    .kinds = SCHEMA_LIST, .items = &step, .min_items = 1, .max_items = LIMIT_STEPS_PER_WORKFLOW, .help = "list at least one step"};

#define SPEC_FIELDS                                                                                                                        \
    {"triggers", &triggers}, {"parameters", &parameters}, {"variables", &environment}, {"timeout", &schema_duration},                      \
        {"onFailure", &on_failure}, {"exports", &schema_free_map},                                                                         \
    {                                                                                                                                      \
        "steps", &steps, SCHEMA_REQUIRED, .help = "add steps: the list of what to do"                                                      \
    }

static const struct schema_type spec = {.kinds = SCHEMA_MAP, .fields = FIELDS(SPEC_FIELDS)};
static const struct schema_type metadata = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"name", &workflow_name, SCHEMA_REQUIRED}, {"description", &schema_string}, {"owner", &schema_string},
                     {"product", &schema_text}, {"phase", &phase}, {"version", &version}, {"priority", &priority}, {"status", &status},
                     {"tags", &schema_strings}, {"labels", &schema_string_map}, {"annotations", &schema_string_map})};
static const struct schema_type api_version = {.kinds = SCHEMA_STRING, .values = WORDS("workflow.dev/v1")};
static const struct schema_type kind = {.kinds = SCHEMA_STRING,
                                        .values = WORDS("PlatformWorkflow", "ProductWorkflow", "Workflow", "GoldenPath")};

const struct schema_type workflow_document_type = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"apiVersion", &api_version, SCHEMA_REQUIRED, .help = "add apiVersion: workflow.dev/v1"},
                     {"kind", &kind, SCHEMA_REQUIRED, .help = "add kind: PlatformWorkflow or ProductWorkflow"},
                     {"metadata", &metadata, SCHEMA_REQUIRED, .help = "add metadata: {name: ...}"}, {"spec", &spec, SCHEMA_REQUIRED})};

const struct schema_type workflow_application_type = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"phase", &phase}, {"description", &schema_string}, {"priority", &priority}, SPEC_FIELDS)};

json_t *workflow_schema(void) { return schema_to_json(&workflow_document_type, "/schemas/workflow", "Workflow"); }
