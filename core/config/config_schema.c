/* Owns the form of admin-config.yaml as tables for the validator (interfaces.md: admin-config.yaml). Read-only; any thread. */
#include "base/limits.h"
#include "base/str.h"
#include "codec/schema.h"
#include "codec/units.h"
#include "config/config_priv.h"
#include <string.h>

#define FIELDS(...) ((const struct schema_field[]){__VA_ARGS__, {0}})

static bool is_reference(const char *text) { return str_starts(text, "env:") || str_starts(text, "file:") || str_starts(text, "vault:"); }

static bool is_entry_name(const char *text)
{
    return text[0] && strlen(text) <= 63 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(text) && text[0] != '.';
}

static const struct schema_type entry_name = {.kinds = SCHEMA_STRING,
                                              .matches = is_entry_name,
                                              .code = ERR_BAD_NAME,
                                              .what = "a name",
                                              .help = "use up to 63 letters, digits, '-', '_' and '.'"};
static const struct schema_type reference = {.kinds = SCHEMA_STRING,
                                             .matches = is_reference,
                                             .what = "a reference to a secret",
                                             .help = "write env:NAME, file:/path or vault:path#key; the secret itself has no place here"};
static const struct schema_type amount = {.kinds = SCHEMA_NUMBER, .min = 0, .max = INT64_MAX};
static const struct schema_type count = {.kinds = SCHEMA_INT, .min = 1, .max = 1000000};
static const struct schema_type hosts = {.kinds = SCHEMA_INT, .min = 1, .max = 64};

static const struct schema_type admin_section = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"defaultCostCenter", &schema_text}, {"defaultRuntime", &schema_text}, {"defaultBudget", &amount})};

static const struct schema_type environment = {
    .kinds = SCHEMA_MAP,
    .fields =
        FIELDS({"name", &schema_text, SCHEMA_REQUIRED, .help = "add name: production, or a pattern such as 'pr-*'"}, {"type", &schema_text},
               {"ttl", &schema_duration}, {"teams", &schema_strings}, {"requireApproval", &schema_bool}, {"protect", &schema_bool})};
static const struct schema_type environments = {.kinds = SCHEMA_LIST, .items = &environment, .max_items = 200};

static const struct schema_type product = {.kinds = SCHEMA_MAP, .fields = FIELDS({"teams", &schema_strings})};
static const struct schema_type products = {.kinds = SCHEMA_MAP, .each = &product, .key = &entry_name};

static const struct schema_type on_failure = {.kinds = SCHEMA_STRING,
                                              .values = (const char *const[]){"stop", "rollback", "continue", NULL}};
static const struct schema_type overrides = {.kinds = SCHEMA_MAP, .fields = FIELDS({"platform", &schema_bool}, {"product", &schema_bool})};
static const struct schema_type lua_step = {.kinds = SCHEMA_MAP,
                                            .fields = FIELDS({"wallClock", &schema_duration}, {"memory", &schema_bytes})};
static const struct schema_type security = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"requireApproval", &schema_strings}, {"allowedExecutors", &schema_strings}, {"secretsAccess", &schema_string_map})};
static const struct schema_type workflow_policies = {
    .kinds = SCHEMA_MAP,
    .fields =
        FIELDS({"workflowsRoot", &schema_text}, {"requiredPlatformWorkflows", &schema_strings},
               {"allowedProductWorkflows", &schema_strings}, {"workflowOverrides", &overrides}, {"maxWorkflowDuration", &schema_duration},
               {"maxConcurrentWorkflows", &count}, {"maxStepsPerWorkflow", &count}, {"allowedStepTypes", &schema_strings},
               {"applicationStepTypes", &schema_strings}, {"onFailure", &on_failure}, {"luaStep", &lua_step}, {"security", &security})};

static const struct schema_type policy_mode = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"enforce", "warn", "off", NULL}};
static const struct schema_type policy_override = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"deny", "warn", "off", NULL}};
static const struct schema_type policy_overrides = {.kinds = SCHEMA_MAP, .each = &policy_override};
static const struct schema_type policy_limits = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"wallClock", &schema_duration}, {"instructions", &count}, {"memory", &schema_bytes})};
static const struct schema_type policies = {.kinds = SCHEMA_MAP,
                                            .fields = FIELDS({"path", &schema_text}, {"mode", &policy_mode},
                                                             {"overrides", &policy_overrides}, {"limits", &policy_limits},
                                                             {"enforceBackups", &schema_bool}, {"allowedEnvironments", &schema_strings})};

static const struct schema_type isolation = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"process", "inline", NULL}};
static const struct schema_type match = {.kinds = SCHEMA_MAP,
                                         .fields = FIELDS({"environment", &schema_text}, {"type", &schema_text}, {"class", &schema_text},
                                                          {"team", &schema_text}, {"product", &schema_text})};
static const struct schema_type limits = {.kinds = SCHEMA_MAP,
                                          .fields = FIELDS({"memory", &schema_bytes}, {"timeout", &schema_duration}, {"maxHosts", &hosts},
                                                           {"processes", &count}, {"cpuPercent", &count})};
static const struct schema_type hash = {.kinds = SCHEMA_STRING | SCHEMA_NUMBER,
                                        .what = "a SHA-256 hash"}; /* digits alone are a number to YAML */
static const struct schema_type signature = {.kinds = SCHEMA_MAP,
                                             .fields = FIELDS({"key", &schema_text, SCHEMA_REQUIRED}, {"file", &schema_text})};
static const struct schema_type provisioner = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"name", &entry_name, SCHEMA_REQUIRED, .help = "add name: what people call this instance"},
                     {"plugin", &schema_text, SCHEMA_REQUIRED, .help = "add plugin: the name of a bundled plugin, or the path of a .so"},
                     {"type", &schema_text}, {"types", &schema_strings}, {"product", &schema_text}, {"version", &schema_text},
                     {"sha256", &hash}, {"signature", &signature}, {"isolation", &isolation}, {"grant", &schema_strings},
                     {"limits", &limits}, {"config", &schema_free_map}, {"match", &match}, {"labels", &schema_string_map},
                     {"shared", &schema_bool}, {"allowDowngrade", &schema_bool})};
static const struct schema_type provisioners = {.kinds = SCHEMA_LIST, .items = &provisioner, .max_items = 200};

static const struct schema_type signature_policy = {.kinds = SCHEMA_STRING,
                                                    .values = (const char *const[]){"off", "warn", "require", NULL}};
static const struct schema_type hashes = {.kinds = SCHEMA_LIST, .items = &hash, .max_items = 10000};
static const struct schema_type shared_resource = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"type", &schema_text, SCHEMA_REQUIRED}, {"id", &schema_text, SCHEMA_REQUIRED}, {"teams", &schema_strings})};
static const struct schema_type shared_resources = {.kinds = SCHEMA_LIST, .items = &shared_resource};

static const struct schema_type network = {.kinds = SCHEMA_MAP, .fields = FIELDS({"allow", &schema_strings}, {"proxy", &schema_text})};

/* per: {size: 1Gi, price: 0.1}: so much a month for every 1Gi of the param `size`. */
static void check_per(struct schema_run *run, const struct node *value)
{
    if (!node_get(value, "price") || value->map.count != 2)
        schema_report(run, value, ERR_BAD_VALUE, "write per: {size: 1Gi, price: 0.1}", "`per` names one param with its unit, and a price");
}
static const struct schema_type unit = {.kinds = SCHEMA_STRING | SCHEMA_NUMBER};
static const struct schema_type per = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"price", &amount}), .open = true, .each = &unit, .check = check_per};
static const struct schema_type price = {.kinds = SCHEMA_MAP,
                                         .fields = FIELDS({"monthly", &amount, .help = "add monthly: 20"}, {"per", &per})};
static const struct schema_type prices = {.kinds = SCHEMA_MAP, .each = &price};
static const struct schema_type costs = {.kinds = SCHEMA_MAP, .fields = FIELDS({"currency", &schema_text}, {"prices", &prices})};

static const struct schema_type queue = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"capacity", &count}, {"workers", &(const struct schema_type){.kinds = SCHEMA_INT, .min = 1, .max = 1024}})};
static void check_interval(struct schema_run *run, const struct node *value)
{
    struct err ignored = {0};
    int64_t ms = LEAST_DRIFT_MS;

    if (duration_parse(value->text, &ms, &ignored) == 0 && ms < LEAST_DRIFT_MS)
        schema_report(run, value, ERR_BAD_VALUE, "write 1h or so; enabled: false looks at nothing", "less than 100ms");
    else
        schema_duration.check(run, value);
}
static const struct schema_type drift_interval = {
    .kinds = SCHEMA_STRING, .what = "a duration", .help = "write 30m, 1h or 24h", .check = check_interval};
static const struct schema_type drift_jitter = {.kinds = SCHEMA_NUMBER, .min = 0, .max = 1};
static const struct schema_type drift = {
    .kinds = SCHEMA_MAP, .fields = FIELDS({"enabled", &schema_bool}, {"interval", &drift_interval}, {"jitter", &drift_jitter})};
static const struct schema_type metrics_auth = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"key", "none", NULL}};
static const struct schema_type metrics = {.kinds = SCHEMA_MAP, .fields = FIELDS({"auth", &metrics_auth, SCHEMA_REQUIRED})};

static const struct schema_type rate_count = {.kinds = SCHEMA_INT, .min = 0, .max = 1000000};
static const struct schema_type rate = {.kinds = SCHEMA_MAP, .fields = FIELDS({"perSecond", &rate_count}, {"burst", &count})};
static const struct schema_type rate_limits = {.kinds = SCHEMA_MAP, .fields = FIELDS({"user", &rate}, {"address", &rate})};
static const struct schema_type cookie_secure = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"auto", "always", NULL}};
static const struct schema_type sessions = {.kinds = SCHEMA_MAP, .fields = FIELDS({"secureCookie", &cookie_secure, SCHEMA_REQUIRED})};

/* Defaults for the config of a bundled plugin's entries; `vault` is also where vault: references are read. */
static const struct schema_type login_method = {.kinds = SCHEMA_STRING, .values = (const char *const[]){"approle", "kubernetes", NULL}};
static const struct schema_type login = {.kinds = SCHEMA_MAP,
                                         .fields = FIELDS({"method", &login_method, SCHEMA_REQUIRED}, {"mount", &schema_text},
                                                          {"roleId", &schema_text}, {"secretId", &reference}, {"role", &schema_text},
                                                          {"jwt", &reference})};
static const struct schema_type backend = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"url", &schema_text}, {"credentials", &reference}, {"auth", &login}, {"ca", &reference},
                     {"clientCertificate", &reference}, {"clientKey", &reference}, {"timeout", &schema_duration}, {"attempts", &count},
                     {"username", &schema_text}, {"organization", &schema_text}, {"namespace", &schema_text}, {"mount", &schema_text},
                     {"prefix", &schema_text}, {"kubeconfig", &schema_text}, {"context", &schema_text}, {"binary", &schema_text})};

static const struct schema_type root_type = {
    .kinds = SCHEMA_MAP,
    .fields = FIELDS({"admin", &admin_section}, {"environments", &environments}, {"products", &products}, {"goldenPathsRoot", &schema_text},
                     {"workflowPolicies", &workflow_policies}, {"policies", &policies}, {"provisioners", &provisioners},
                     {"productProvisioners", &provisioners}, {"trustedKeys", &schema_string_map}, {"signaturePolicy", &signature_policy},
                     {"revokedHashes", &hashes}, {"sharedResources", &shared_resources}, {"resourceDefinitions", &schema_string_map},
                     {"network", &network}, {"stepEnvironment", &schema_strings}, {"allowedCommands", &schema_strings},
                     {"trustedProxies", &schema_strings}, {"pluginUser", &schema_text}, {"costs", &costs}, {"queue", &queue},
                     {"drift", &drift}, {"metrics", &metrics}, {"rateLimits", &rate_limits}, {"sessions", &sessions}, {"gitea", &backend},
                     {"argocd", &backend}, {"vault", &backend}, {"kubernetes", &backend}, {"terraform", &backend})};

void config_check_schema(const struct node *root, struct diag_list *diags) { schema_validate(&root_type, root, NULL, diags); }

json_t *config_schema(void) { return schema_to_json(&root_type, "/schemas/admin-config", "admin-config.yaml"); }
