/* Owns the built-in step types: the form of their configs, and which tier may use which type (interfaces.md: Built-in step types).
 * Read-only tables; any thread. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/catalog_priv.h"
#include <stdlib.h>
#include <string.h>

#define FIELDS(...) ((const struct schema_field[]){__VA_ARGS__, {0}})
#define WORDS(...)  ((const char *const[]){__VA_ARGS__, NULL})
#define MAX_NAMES   256

/* A config may say ${...} wherever a value stands: what is not text yet is checked when the step runs. */
static bool is_reference(const struct node *value) { return value->text && strstr(value->text, "${"); }

static void check_duration(struct schema_run *run, const struct node *value)
{
    if (!is_reference(value))
        schema_check_duration(run, value);
}

static void check_number(struct schema_run *run, const struct node *value)
{
    if (value->kind == NODE_STRING && !is_reference(value))
        schema_report(run, value, ERR_WRONG_TYPE, "write a number without quotes", "%s is a string instead of a number", schema_name(run));
}

static void check_flag(struct schema_run *run, const struct node *value)
{
    if (value->kind == NODE_STRING && !is_reference(value))
        schema_report(run, value, ERR_WRONG_TYPE, "write true or false", "%s is a string instead of true or false", schema_name(run));
}

static void check_url(struct schema_run *run, const struct node *value)
{
    if (!is_reference(value) && !str_starts(value->text, "http://") && !str_starts(value->text, "https://"))
        schema_report(run, value, ERR_BAD_VALUE, "write http://HOST/PATH or https://HOST/PATH", "\"%.80s\" is no http address",
                      value->text);
}

static const struct schema_type duration = {
    .kinds = SCHEMA_STRING, .check = check_duration, .what = "a duration", .help = "write 30s, 5m, 1h30m or 24h"};
static const struct schema_type number = {.kinds = SCHEMA_NUMBER | SCHEMA_STRING, .check = check_number};
static const struct schema_type flag = {.kinds = SCHEMA_BOOL | SCHEMA_STRING, .check = check_flag};
static const struct schema_type url = {.kinds = SCHEMA_STRING, .min_chars = 1, .check = check_url};
static const struct schema_type scalar = {.kinds = SCHEMA_SCALAR};
static const struct schema_type scalars = {.kinds = SCHEMA_MAP, .each = &scalar};
static const struct schema_type some_names = {.kinds = SCHEMA_LIST, .items = &schema_text, .min_items = 1, .max_items = 100};

static const char *const one_or_many[] = {"resource", "resourceTypes", NULL};
static const struct schema_type resource_config = {.kinds = SCHEMA_MAP,
                                                   .fields = FIELDS({"resource", &schema_text}, {"resourceTypes", &some_names}),
                                                   .groups = (const struct schema_group[]){{SCHEMA_ONE_OF, one_or_many}, {0}}};
static const struct schema_type no_config = {.kinds = SCHEMA_MAP, .max_items = 0, .fields = (const struct schema_field[]){{0}}};
static const struct schema_type lua_config = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"script", &schema_text, SCHEMA_REQUIRED, .help = "add script: the Lua text"}), .open = true};
static const struct schema_type delay_config = {.kinds = SCHEMA_MAP,
                                                .fields = FIELDS({"duration", &duration, SCHEMA_REQUIRED, .help = "add duration: 30s"})};

static const struct schema_type method = {.kinds = SCHEMA_STRING,
                                          .values = WORDS("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")};
static const struct schema_type http_status = {.kinds = SCHEMA_INT, .min = 100, .max = 599};
static const struct schema_type expect = {.kinds = SCHEMA_LIST | SCHEMA_INT, .items = &http_status, .min = 100, .max = 599};
static const struct schema_type http_config = {.kinds = SCHEMA_MAP,
                                               .fields = FIELDS({"method", &method}, {"url", &url, SCHEMA_REQUIRED}, {"headers", &scalars},
                                                                {"body", &schema_anything}, {"expect", &expect},
                                                                {"capture", &schema_string_map})};

static const struct schema_type check = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"when", &schema_text, SCHEMA_REQUIRED, .help = "add when: the Lua expression that must be true"},
                     {"message", &schema_string}, {"fix", &schema_string})};
static const struct schema_type checks = {.kinds = SCHEMA_LIST, .items = &check, .min_items = 1, .max_items = 100};
static const struct schema_type validation_config = {.kinds = SCHEMA_MAP, .fields = FIELDS({"checks", &checks, SCHEMA_REQUIRED})};
static const struct schema_type policy_config = {.kinds = SCHEMA_MAP, .fields = FIELDS({"policies", &some_names, SCHEMA_REQUIRED})};
static const struct schema_type tagging_config = {.kinds = SCHEMA_MAP, .fields = FIELDS({"tags", &scalars, SCHEMA_REQUIRED})};
static const struct schema_type cost_config = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"budgetLimit", &number}, {"alertThreshold", &number}, {"enforceLimit", &flag})};
static const struct schema_type severity = {.kinds = SCHEMA_STRING, .values = WORDS("low", "medium", "high", "critical")};
static const struct schema_type scanner = {.kinds = SCHEMA_STRING, .values = WORDS("trivy")};
static const struct schema_type security_config = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"checks", &some_names}, {"severityThreshold", &severity}, {"scanner", &scanner})};
static const struct schema_type probe = {.kinds = SCHEMA_MAP,
                                         .fields = FIELDS({"url", &url, SCHEMA_REQUIRED}, {"expect", &expect}, {"within", &duration})};
static const struct schema_type monitoring_config = {.kinds = SCHEMA_MAP, .fields = FIELDS({"probe", &probe, SCHEMA_REQUIRED})};

static const struct schema_type some_arguments = {.kinds = SCHEMA_MAP, .each = &schema_anything};
static const struct schema_type action_config = {
    .kinds = SCHEMA_MAP,
    .fields =
        FIELDS({"resource", &schema_text, SCHEMA_REQUIRED, .help = "add resource: the name in the Score file, or that of its containers"},
               {"action", &schema_text, SCHEMA_REQUIRED, .help = "add action: `innominatus resource action ID` lists what there is"},
               {"arguments", &some_arguments})};

static const struct step_form types[] = {
    {"resource", &resource_config, .idempotent = true},
    {"workload", &no_config, .idempotent = true},
    {"lua", &lua_config, .idempotent = true},
    {"delay", &delay_config, .idempotent = true},
    {"http", &http_config}, /* GET and HEAD are; see plan_steps.c */
    {"validation", &validation_config, .idempotent = true},
    {"policy", &policy_config, .idempotent = true},
    {"tagging", &tagging_config, .idempotent = true},
    {"cost-analysis", &cost_config, .idempotent = true},
    {"security", &security_config, .idempotent = true},
    {"monitoring", &monitoring_config, .idempotent = true},
    {"approval", .unavailable = true},
    {"event", .unavailable = true},
    {"workflow", .unavailable = true},
    {"action", &action_config}, /* an action says itself whether it may be repeated; see plan_actions.c */
    {"command", .unavailable = true},
};
#define TYPES (sizeof types / sizeof types[0])

/* What the documentation promises from plugins, for a catalogue that is read without knowledge of the entries. */
static const char *const documented[] = {"terraform",  "kubernetes",  "helm",    "kustomize",          "gitea-repo", "git-commit",
                                         "argocd-app", "vault-setup", "ansible", "database-migration", NULL};

const struct step_form *step_type_find(const char *name)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

bool step_type_is_plugin(const json_t *provisioners, const char *name)
{
    const char *entry;
    const json_t *manifest, *type;
    size_t i;

    for (i = 0; documented[i]; i++)
        if (strcmp(documented[i], name) == 0)
            return true;
    json_object_foreach((json_t *)(uintptr_t)provisioners, entry, manifest)
        json_array_foreach(json_object_get(manifest, "step_types"), i, type) if (str_eq(json_str(type, "name"), name)) return true;
    return false;
}

/* Every name that `r`'s tier may use, NULL-terminated. */
static void list_types(const struct workflow_reader *r, const char *names[static MAX_NAMES + 1])
{
    const char *entry;
    const json_t *manifest, *type;
    size_t count = 0, i;

    if (r->def->tier == TIER_APPLICATION) {
        for (config_names name = r->config->application_step_types; *name && count < MAX_NAMES; name++)
            names[count++] = *name;
        names[count] = NULL;
        return;
    }
    for (i = 0; i < TYPES; i++)
        if (!types[i].unavailable)
            names[count++] = types[i].name;
    for (i = 0; documented[i]; i++)
        names[count++] = documented[i];
    json_object_foreach((json_t *)(uintptr_t)r->provisioners, entry, manifest)
        json_array_foreach(json_object_get(manifest, "step_types"), i, type) if (count < MAX_NAMES && json_str(type, "name"))
            names[count++] = json_str(type, "name");
    names[count] = NULL;
}

const char *step_type_list(const struct workflow_reader *r)
{
    const char *names[MAX_NAMES + 1];
    struct buf b = BUF_INIT(2048);
    const char *text;

    list_types(r, names);
    for (size_t i = 0; names[i]; i++) {
        const struct step_form *type = step_type_find(names[i]);

        if (!type || !type->unavailable)
            buf_printf(&b, "%s%s", b.len ? ", " : "", names[i]);
    }
    text = arena_strdup(r->arena, buf_text(&b));
    buf_fini(&b);
    return text;
}

const char *step_type_nearest(const struct workflow_reader *r, const char *name)
{
    const char *names[MAX_NAMES + 1], *near;

    list_types(r, names);
    near = str_closest(name, names);
    return near ? arena_printf(r->arena, "did you mean \"%s\"?", near) : arena_printf(r->arena, "types here: %s", step_type_list(r));
}

/* ---- the steps of one workflow ---- */

/* Is the type one that the tier may use? An application's is refused here. One that allowedStepTypes leaves out is the business of the
 * shipped policy (allowed-step-types), which denies the deployments: here it is a warning. */
static bool check_tier(struct workflow_reader *r, const struct node *at, const char *path, const char *type)
{
    bool application = r->def->tier == TIER_APPLICATION;
    config_names allowed = application ? r->config->application_step_types : r->config->allowed_step_types;

    if (!allowed || config_names_match(allowed, type))
        return true;
    if (application)
        workflow_problem(r, DIAG_ERROR, ERR_STEP_TYPE, at, path, arena_printf(r->arena, "types here: %s", step_type_list(r)),
                         "an application's workflow may not use step type \"%s\": it works with the platform's credentials", type);
    else
        workflow_problem(r, DIAG_WARNING, ERR_STEP_TYPE, at, path, NULL,
                         "step type \"%s\" is not in workflowPolicies.allowedStepTypes (%s): deployments are denied", type,
                         r->config->name);
    return !application;
}

/* Validates a config by its table; the problems get the path of the step before theirs. */
static void check_config(struct workflow_reader *r, const struct schema_type *table, const struct node *step, const struct node *config,
                         const char *path)
{
    struct diag_list found = diag_list_make(r->arena, NULL);
    struct node empty = {.kind = NODE_MAP, .line = step->line, .column = step->column, .width = 1};

    schema_validate(table, config ? config : &empty, NULL, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct diag *d = &found.items[i];
        char *full = mem_printf("%s%s/config%s", r->base, path, d->path);

        diag_add(r->diags, d->severity, d->code, d->line, d->column, d->width, full, d->suggestion, "%s", d->message);
        free(full);
    }
}

static void check_step(struct workflow_reader *r, const struct node *step, const char *path, json_t *made)
{
    const struct node *at = node_get(step, "type");
    const char *name = node_str(step, "type"), *type_path = arena_printf(r->arena, "%s/type", path);
    const struct step_form *type = name ? step_type_find(name) : NULL;

    if (!name)
        return; /* `uses` */
    if (!type && !step_type_is_plugin(r->provisioners, name)) {
        workflow_problem(r, DIAG_ERROR, ERR_STEP_TYPE, at, type_path, step_type_nearest(r, name), "unknown step type \"%s\"", name);
        return;
    }
    if (!check_tier(r, at, type_path, name))
        return;
    if (type && type->unavailable) {
        workflow_problem(r, DIAG_ERROR, ERR_UNSUPPORTED, at, type_path, NULL, "step type \"%s\" is not available in this release", name);
        return;
    }
    if (type && type->config)
        check_config(r, type->config, step, node_get(step, "config"), path);
    if (type && node_get(step, "provisioner"))
        workflow_problem(r, DIAG_ERROR, ERR_UNKNOWN_FIELD, node_get(step, "provisioner"), arena_printf(r->arena, "%s/provisioner", path),
                         NULL, "step type \"%s\" is built in; `provisioner` is for the types of plugins", name);
    json_set_flag(made, "builtin", type != NULL);
}

void workflow_check_types(struct workflow_reader *r, const struct node *steps, json_t *made)
{
    for (size_t i = 0; i < steps->list.count; i++)
        check_step(r, steps->list.items[i], arena_printf(r->arena, "/steps/%zu", i), json_array_get(made, i));
}
