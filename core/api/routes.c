/* Owns the route table: dispatch, permissions, documentation and tests all read these rows. Nothing else says what the API is. */
#include "api/api_priv.h"
#include "api/handlers.h"

#define STATES_RUN "queued|running|waiting|paused|canceling|compensating|completed|failed|canceled|rejected|superseded|rolled_back"

#define SINCE_UNTIL(what)                                                                                                                  \
    {.name = "since", .kind = PARAM_TIME, .about = what " from this time on (RFC 3339)"},                                                  \
    {                                                                                                                                      \
        .name = "until", .kind = PARAM_TIME, .about = what " before this time (RFC 3339)"                                                  \
    }

static const struct api_param submit_params[] = {
    {.name = "environment", .about = "where to; the file's environment.type or development when left out"},
    {.name = "dryRun", .kind = PARAM_FLAG, .about = "answer the plan and do nothing"},
    {.name = "supersede", .kind = PARAM_FLAG, .about = "take the place of deployments of this workload that are still queued"},
    {.name = "allowRemove", .kind = PARAM_NAMES, .about = "resources that may be removed although stateful or protected"},
    {.name = "allowReplace", .kind = PARAM_NAMES, .about = "resources that may be removed and created anew"},
    {.name = "force", .kind = PARAM_FLAG, .about = "call provisioners although nothing has changed"},
    {.name = "reset", .kind = PARAM_FLAG, .about = "drop what actions have set (overrides): the file alone counts"},
    {.name = "strict", .kind = PARAM_FLAG, .about = "report extensions of Score as errors"},
    {.name = "filename", .about = "name of the file, for messages"},
    {0},
};
static const struct api_param delete_params[] = {
    {.name = "environment", .about = "where; may be left out when there is only one"},
    {.name = "keepApplication", .kind = PARAM_FLAG, .about = "deprovision: keep the application and its history"},
    {.name = "allowRemove", .kind = PARAM_NAMES, .about = "protected resources that may go"},
    {.name = "force", .kind = PARAM_FLAG, .about = "DELETE is the confirmation already; accepted for symmetry"},
    {.name = "dryRun", .kind = PARAM_FLAG, .about = "answer the plan and do nothing"},
    {0},
};
static const struct api_param application_params[] = {
    {.name = "name", .about = "only of this name"},
    {.name = "product", .about = "only of this product"},
    SINCE_UNTIL("changed last"),
    {0},
};
static const struct api_param environment_params[] = {
    {.name = "environment", .about = "of this environment; the one deployed last when left out"}, {0}};
static const struct api_param graph_params[] = {
    {.name = "environment", .about = "of this environment; the one deployed last when left out"},
    {.name = "format", .about = "form of the answer", .values = "json|dot|mermaid|svg"},
    {.name = "limit", .kind = PARAM_INT, .about = "of json: nodes a page, 1 to 1000 (1000)"},
    {.name = "cursor", .kind = PARAM_INT, .about = "of json: next_cursor of the page before"},
    {0},
};
static const struct api_param deployment_params[] = {
    {.name = "application", .about = "only of this application"},
    {.name = "workload", .about = "only of this workload"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "state", .about = "only in this state", .values = STATES_RUN},
    {.name = "kind", .about = "only of this kind", .values = "deploy|delete|rollback|resource|golden-path"},
    {.name = "product", .about = "only of this product"},
    {.name = "created_by", .about = "only by this user"},
    {.name = "trace_id", .about = "only of this trace"},
    SINCE_UNTIL("accepted"),
    {0},
};
static const struct api_param state_read_params[] = {{.name = "version", .kind = PARAM_INT, .about = "this version instead of the newest"},
                                                     {0}};
static const struct api_param state_write_params[] = {{.name = "ID", .about = "of the lock that the client holds"}, {0}};
#define EVENT_PARAMS                                                                                                                       \
    {.name = "after", .kind = PARAM_INT, .about = "events with a number beyond this one (`last` of the answer before)"},                   \
        {.name = "last_event_id", .kind = PARAM_INT, .about = "the same, for streams of clients that cannot send Last-Event-ID"},          \
        {.name = "limit", .kind = PARAM_INT, .about = "at most so many, 1 to 200 (not of a stream)"},                                      \
        {.name = "type", .about = "a type, or a prefix that ends with a dot: step."}, {.name = "actor", .about = "only of this user"},     \
        {.name = "workflow_id", .about = "only of this execution"}, {.name = "step_id", .about = "only of this step"},                     \
        {.name = "resource_id", .about = "only of this resource"},                                                                         \
    {                                                                                                                                      \
        .name = "follow", .kind = PARAM_FLAG,                                                                                              \
        .about = "when there is none, wait up to 25 seconds for one (long poll); then the answer may be empty"                             \
    }
static const struct api_param deployment_event_params[] = {EVENT_PARAMS, {0}};
static const struct api_param event_params[] = {
    EVENT_PARAMS,
    {.name = "application", .about = "only of this application"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "deployment_id", .about = "only of this deployment"},
    {0},
};
static const struct api_param log_params[] = {
    {.name = "after", .kind = PARAM_INT, .about = "lines with a seq beyond this one (`last` of the answer before)"},
    {.name = "tail", .kind = PARAM_INT, .about = "without after: only the last lines"},
    {.name = "limit", .kind = PARAM_INT, .about = "at most so many, 1 to 1000"},
    {.name = "step", .about = "only of this step"},
    {.name = "stream", .about = "only this stream", .values = "plugin|tool|core"},
    {.name = "level", .about = "only this level"},
    {.name = "follow",
     .kind = PARAM_FLAG,
     .about = "when there is no line, wait up to 25 seconds for one (long poll); then the answer may be empty. Go on with after=last until "
              "`ended` is true"},
    {0},
};
static const struct api_param workflow_params[] = {
    {.name = "deployment_id", .about = "only of this deployment"},
    {.name = "application", .about = "only of this application"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "state", .about = "only in this state", .values = STATES_RUN},
    {.name = "name", .about = "only of this name"},
    {.name = "tier", .about = "only of this tier", .values = "platform|product|application"},
    {.name = "phase", .about = "only of this phase"},
    SINCE_UNTIL("started"),
    {0},
};
static const struct api_param resource_params[] = {
    {.name = "application", .about = "only of this application"},
    {.name = "workload", .about = "only of this workload"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "type", .about = "only of this type"},
    {.name = "class", .about = "only of this class"},
    {.name = "state",
     .about = "only in this state; terminated ones are listed only so",
     .values = "requested|provisioning|active|scaling|updating|degraded|terminating|terminated|failed|orphaned"},
    {.name = "health", .about = "only with this health"},
    {.name = "drift", .about = "only those that differ (or do not) from what was applied", .values = "true|false"},
    {.name = "name", .about = "only of this name"},
    {.name = "uid", .about = "only with this uid"},
    {.name = "product", .about = "only of this product"},
    {.name = "provisioner", .about = "only of this provisioner entry"},
    {.name = "deployment_id", .about = "only those that this deployment touched last"},
    SINCE_UNTIL("changed last"),
    {0},
};
static const struct api_param task_params[] = {
    {.name = "state",
     .about = "only in this state; those behind dead have left the queue",
     .values = "pending|running|waiting|dead|completed|failed|canceled"},
    {.name = "application", .about = "only of this application"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "deployment_id", .about = "only of this deployment"},
    {.name = "workflow_id", .about = "only of this execution"},
    {.name = "step_id", .about = "only of this step"},
    {.name = "kind", .about = "only of this kind", .values = "deployment|step"},
    SINCE_UNTIL("made"),
    {0},
};
static const struct api_param letter_params[] = {
    {.name = "application", .about = "only of this application"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "deployment_id", .about = "only of this deployment"},
    {.name = "workflow_id", .about = "only of this execution"},
    {.name = "step_id", .about = "only of this step"},
    SINCE_UNTIL("started"),
    {0},
};
static const struct api_param violation_params[] = {
    {.name = "policy", .about = "only of this policy"},
    {.name = "severity", .about = "only of this severity", .values = "deny|warn|info"},
    {.name = "application", .about = "only of this application"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "actor", .about = "only of this user"},
    {.name = "deployment_id", .about = "only of this deployment"},
    SINCE_UNTIL("found"),
    {0},
};
static const struct api_param audit_params[] = {
    {.name = "actor", .about = "only by this user"},
    {.name = "action", .about = "an action, or a prefix that ends with a dot: key."},
    {.name = "object", .about = "only on this object"},
    {.name = "environment", .about = "only in this environment"},
    {.name = "result", .about = "only with this result", .values = "ok|denied|failed"},
    {.name = "request_id", .about = "only of this request"},
    SINCE_UNTIL("done"),
    {0},
};
static const struct api_param user_params[] = {{.name = "team", .about = "only of this team"}, {0}};
/* Of lists that come from memory, whole. */
static const struct api_param plugin_params[] = {
    {.name = "name", .about = "only of this name"},       {.name = "type", .about = "only those that serve this type", .member = "types"},
    {.name = "product", .about = "only of this product"}, {.name = "state", .about = "only in this state"},
    {.name = "isolation", .about = "only isolated so"},   {0}};
static const struct api_param policy_params[] = {
    {.name = "name", .about = "only of this name"},
    {.name = "on", .about = "only about this"},
    {.name = "severity", .about = "only of this severity", .values = "deny|warn|info"},
    {.name = "mode", .about = "only in this mode"},
    {0},
};
static const struct api_param environment_list_params[] = {
    {.name = "name", .about = "only of this name"},
    {.name = "type", .about = "only of this type"},
    {.name = "application", .about = "only those that it lives in", .member = "applications"},
    {0},
};
static const struct api_param key_params[] = {
    {.name = "name", .about = "only of this name"}, {.name = "prefix", .about = "only with this prefix"}, {0}};

#define LISTS (ROUTE_TEAMS | ROUTE_LIST)

const struct api_route api_routes[] = {
    /* applications */
    {"POST", "/specs", specs_submit, PERM_DEPLOY, ROUTE_TEAM | ROUTE_SPEC | ROUTE_CREATES, submit_params, NULL, 202, "submitSpec",
     "Deploy a Score file", "applications", "spec-submission", "accepted"},
    {"GET", "/specs", specs_list, PERM_READ, LISTS, application_params, "name|created_at|updated_at|product", 200, "listApplications",
     "List applications", "applications", NULL, "[application]"},
    {"POST", "/specs/validate", specs_validate, PERM_PLAN, ROUTE_TEAM | ROUTE_SPEC, submit_params, NULL, 200, "validateSpec",
     "Check a Score file; every problem with its place", "applications", "spec-submission", "validation"},
    {"POST", "/specs/plan", specs_plan, PERM_PLAN, ROUTE_TEAM | ROUTE_SPEC, submit_params, NULL, 200, "planSpec",
     "What a deployment would do, denied or not; nothing is stored", "applications", "spec-submission", "plan"},
    {"GET", "/specs/{name}", specs_get, PERM_READ, ROUTE_TEAMS, environment_params, NULL, 200, "getApplication",
     "An application with its Score file", "applications", NULL, "application"},
    {"DELETE", "/specs/{name}", specs_delete, PERM_DELETE, ROUTE_TEAM | ROUTE_MATCH | ROUTE_CREATES, delete_params, NULL, 202,
     "deleteApplication", "Delete or deprovision an application in an environment", "applications", NULL, "accepted"},
    {"GET", "/environments", environments_list, PERM_READ, LISTS, environment_list_params, "name|type", 200, "listEnvironments",
     "List environments", "applications", NULL, "[environment]"},
    {"GET", "/graph/{app}", graph_get, PERM_READ, ROUTE_TEAMS, graph_params, NULL, 200, "getGraph", "What an application is made of",
     "applications", NULL, "graph", "text/vnd.graphviz|text/vnd.mermaid|image/svg+xml"},

    /* deployments */
    {"GET", "/deployments", deployments_list, PERM_READ, LISTS, deployment_params, "created_at|id|state|application|environment", 200,
     "listDeployments", "List deployments", "deployments", NULL, "[deployment]"},
    {"GET", "/deployments/{id}", deployments_get, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getDeployment", "One deployment", "deployments",
     NULL, "deployment"},
    {"GET", "/deployments/{id}/events", deployments_events, PERM_READ, ROUTE_TEAMS | ROUTE_STREAM, deployment_event_params, NULL, 200,
     "getDeploymentEvents", "Events of a deployment, as a list or as a stream that ends with it", "deployments", NULL, "[event]"},
    {"GET", "/deployments/{id}/logs", deployments_logs, PERM_READ, ROUTE_TEAMS, log_params, NULL, 200, "getDeploymentLogs",
     "Log lines of a deployment; follow=true waits for more", "deployments", NULL, "[log-line]"},
    {"GET", "/deployments/{id}/manifests", deployments_manifests, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getDeploymentManifests",
     "Manifests rendered for the workload", "deployments", NULL, "[manifest]"},
    {"POST", "/deployments/{id}/cancel", deployments_cancel, PERM_CONTROL, ROUTE_TEAMS | ROUTE_MATCH, NULL, NULL, 202, "cancelDeployment",
     "Ask a deployment to stop", "deployments", NULL, "state"},

    {"GET", "/events", events_list, PERM_READ, ROUTE_TEAMS | ROUTE_STREAM, event_params, NULL, 200, "listEvents",
     "Events, as a list or as a stream of what happens from now on", "deployments", NULL, "[event]"},

    /* workflows */
    {"GET", "/workflows", workflows_list, PERM_READ, LISTS, workflow_params, "started_at|id|name|state", 200, "listWorkflows",
     "List workflow executions", "workflows", NULL, "[workflow]"},
    {"GET", "/workflows/products", products_list, PERM_READ, 0, NULL, NULL, 200, "listProducts", "Products and their workflows",
     "workflows", NULL, "products"},
    {"GET", "/workflows/products/{product}", products_get, PERM_READ, 0, NULL, NULL, 200, "getProduct", "One product with its workflows",
     "workflows", NULL, "product"},
    {"GET", "/workflows/products/{product}/{workflow}", products_workflow, PERM_READ, 0, NULL, NULL, 200, "getProductWorkflow",
     "One product workflow", "workflows", NULL, "product-workflow"},
    {"GET", "/workflows/{id}", workflows_get, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getWorkflow",
     "One execution with every planned step", "workflows", NULL, "workflow"},
    {"GET", "/workflows/{id}/logs", workflows_logs, PERM_READ, ROUTE_TEAMS, log_params, NULL, 200, "getWorkflowLogs",
     "Log lines of an execution; follow=true waits for more", "workflows", NULL, "[log-line]"},

    /* resources */
    {"GET", "/resources", resources_list, PERM_READ, LISTS, resource_params,
     "created_at|updated_at|name|type|state|application|environment", 200, "listResources", "List resources", "resources", NULL,
     "[resource]"},
    {"GET", "/resources/{id}", resources_get, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getResource", "One resource", "resources", NULL,
     "resource"},
    {"GET", "/resources/{id}/hints", resources_hints, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getResourceHints",
     "What its provisioner tells about it", "resources", NULL, "[hint]"},
    {"GET", "/resources/{id}/status", resources_status, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getResourceStatus", "State and health",
     "resources", NULL, "resource-status"},
    {"GET", "/resources/{id}/history", resources_history, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getResourceHistory",
     "Moves through its states", "resources", NULL, "[resource-move]"},
    {"GET", "/resources/{id}/actions", resources_actions, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getResourceActions",
     "What may be done to it, and with which arguments", "resources", NULL, "[action]"},
    {"POST", "/resources/{id}/actions/{action}", resources_act, PERM_RESOURCE,
     ROUTE_TEAMS | ROUTE_JSON | ROUTE_OPTIONAL | ROUTE_CREATES | ROUTE_ACT, NULL, NULL, 202, "callResourceAction",
     "Do it: one that changes the resource is accepted as a deployment of kind resource, one that only looks is answered at once",
     "resources", "action-request", "accepted"},

    /* queue */
    {"GET", "/queue/stats", queue_stats, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getQueueStats", "Counts of the queue", "queue", NULL,
     "queue-stats"},
    {"GET", "/queue/tasks", queue_tasks, PERM_READ, LISTS, task_params, "created_at|id", 200, "listTasks", "List tasks", "queue", NULL,
     "[task]"},
    {"GET", "/queue/tasks/{id}", queue_task, PERM_READ, ROUTE_TEAMS, NULL, NULL, 200, "getTask", "One task", "queue", NULL, "task"},
    {"POST", "/queue/tasks/{id}/cancel", queue_cancel, PERM_QUEUE, ROUTE_TEAMS, NULL, NULL, 202, "cancelTask",
     "Take a deployment that waits out of the queue", "queue", NULL, "task-answer"},
    {"POST", "/queue/tasks/{id}/requeue", queue_requeue, PERM_QUEUE, ROUTE_TEAMS, NULL, NULL, 202, "requeueTask",
     "Try a dead task once more; its deployment goes on from there", "queue", NULL, "task-answer"},
    {"POST", "/queue/tasks/{id}/discard", queue_discard, PERM_QUEUE, ROUTE_TEAMS, NULL, NULL, 202, "discardTask",
     "Take a dead task off the dead-letter list", "queue", NULL, "task-answer"},
    {"POST", "/queue/dead-letters/requeue", dead_letters_requeue, PERM_DEAD_LETTERS, ROUTE_TEAMS, letter_params, NULL, 200,
     "requeueDeadLetters", "Try all dead tasks once more that the filters choose, 200 at most", "queue", NULL, "dead-letters-answer"},
    {"POST", "/queue/dead-letters/discard", dead_letters_discard, PERM_DEAD_LETTERS, ROUTE_TEAMS, letter_params, NULL, 200,
     "discardDeadLetters", "Take all dead tasks off the list that the filters choose, 200 at most", "queue", NULL, "dead-letters-answer"},

    /* platform */
    {"GET", "/plugins", plugins_list, PERM_READ, ROUTE_LIST, plugin_params, "name|state", 200, "listPlugins",
     "Provisioner entries and how they are", "platform", NULL, "[plugin]"},
    {"GET", "/plugins/{name}", plugins_get, PERM_READ, 0, NULL, NULL, 200, "getPlugin", "One provisioner entry", "platform", NULL,
     "plugin"},
    {"GET", "/policies", policies_list, PERM_READ, ROUTE_LIST, policy_params, "name|on|severity", 200, "listPolicies", "Policies in force",
     "platform", NULL, "[policy]"},
    {"GET", "/policies/violations", policies_violations, PERM_READ, LISTS, violation_params, "at|policy|severity", 200, "listViolations",
     "What policies have found", "platform", NULL, "[violation]"},

    /* people */
    {"POST", "/login", login_post, PERM_READ, ROUTE_OPEN | ROUTE_JSON, NULL, NULL, 200, "login", "Start a session", "people", "login",
     "session"},
    {"POST", "/logout", logout_post, PERM_OWN_KEYS, 0, NULL, NULL, 204, "logout", "End the session", "people", NULL, NULL},
    {"GET", "/profile", profile_get, PERM_OWN_KEYS, 0, NULL, NULL, 200, "getProfile", "Who the key belongs to and what it may", "people",
     NULL, "profile"},
    {"GET", "/profile/api-keys", profile_keys_list, PERM_OWN_KEYS, ROUTE_LIST, key_params, "created_at|name|expires_at|last_used_at", 200,
     "listApiKeys", "One's own keys", "people", NULL, "[api-key]"},
    {"POST", "/profile/api-keys", profile_keys_add, PERM_OWN_KEYS, ROUTE_JSON | ROUTE_CREATES, NULL, NULL, 201, "createApiKey",
     "Make a key for oneself; it is shown once", "people", "api-key-request", "api-key"},
    {"DELETE", "/profile/api-keys/{id}", profile_keys_revoke, PERM_OWN_KEYS, 0, NULL, NULL, 204, "revokeApiKey",
     "Revoke a key, by id or prefix", "people", NULL, NULL},
    {"GET", "/users", users_list, PERM_USERS, ROUTE_LIST, user_params, "name", 200, "listUsers", "List users", "people", NULL, "[user]"},
    {"POST", "/users", users_add, PERM_USERS, ROUTE_JSON | ROUTE_CREATES, NULL, NULL, 201, "createUser", "Add a user", "people",
     "user-request", "user"},
    {"GET", "/users/{name}", users_get, PERM_USERS, 0, NULL, NULL, 200, "getUser", "One user", "people", NULL, "user"},
    {"DELETE", "/users/{name}", users_delete, PERM_USERS, ROUTE_MATCH, NULL, NULL, 204, "deleteUser",
     "Remove a user with keys and sessions", "people", NULL, NULL},
    {"GET", "/users/{name}/api-keys", user_keys_list, PERM_USERS, ROUTE_LIST, key_params, "created_at|name|expires_at|last_used_at", 200,
     "listUserApiKeys", "A user's keys", "people", NULL, "[api-key]"},
    {"POST", "/users/{name}/api-keys", user_keys_add, PERM_USERS, ROUTE_JSON | ROUTE_CREATES, NULL, NULL, 201, "createUserApiKey",
     "Make a key for a user; it is shown once", "people", "api-key-request", "api-key"},
    {"GET", "/teams", teams_list, PERM_CONFIG, ROUTE_LIST, NULL, "name", 200, "listTeams", "Teams that have users", "people", NULL,
     "[team]"},

    /* records and administration */
    {"GET", "/audit", audit_list_rows, PERM_AUDIT, LISTS, audit_params, "at", 200, "listAudit", "Acts, newest first", "administration",
     NULL, "[audit-row]"},
    {"GET", "/audit/verify", audit_verify_chain, PERM_AUDIT, 0, NULL, NULL, 200, "verifyAudit", "Check the chain of the whole audit",
     "administration", NULL, "audit-report"},
    {"GET", "/admin/config", admin_config_get, PERM_CONFIG, 0, NULL, NULL, 200, "getConfig", "The configuration in force, without secrets",
     "administration", NULL, "config"},
    {"POST", "/admin/reload", admin_reload, PERM_ADMIN, 0, NULL, NULL, 200, "reloadConfig",
     "Read configuration, policies and workflows again; all of it is put in force, or nothing", "administration", NULL, "reload"},

    /* the state backend of Terraform and OpenTofu */
    {"GET", "/terraform/state", terraform_list, PERM_TERRAFORM_STATE, LISTS | ROUTE_TERRAFORM, NULL, "name|updated_at", 200,
     "listTerraformStates", "List states, with who holds their locks", "terraform", NULL, "[terraform-state]"},
    {"GET", "/terraform/state/{name}", terraform_read, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM, state_read_params, NULL, 200,
     "getTerraformState", "The state as it was written", "terraform", NULL, "terraform-document"},
    {"POST", "/terraform/state/{name}", terraform_write, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM, state_write_params, NULL, 200,
     "putTerraformState", "Write a new version of the state", "terraform", "terraform-document", NULL},
    {"DELETE", "/terraform/state/{name}", terraform_delete, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM, state_write_params, NULL,
     200, "deleteTerraformState", "Delete the state; its versions are kept", "terraform", NULL, NULL},
    {"LOCK", "/terraform/state/{name}", terraform_lock, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM, NULL, NULL, 200,
     "lockTerraformState", "Take the lock of the state", "terraform", "terraform-lock", "terraform-lock"},
    {"UNLOCK", "/terraform/state/{name}", terraform_unlock, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM | ROUTE_OPTIONAL, NULL, NULL,
     200, "unlockTerraformState", "Give the lock back; without a body, whoever holds it", "terraform", "terraform-lock", NULL},
    {"GET", "/terraform/state/{name}/versions", terraform_versions, PERM_TERRAFORM_STATE, ROUTE_TEAM | ROUTE_TERRAFORM, NULL, NULL, 200,
     "listTerraformStateVersions", "Versions of the state that are kept, newest first", "terraform", NULL, "[terraform-state]"},

    /* the server */
    {"GET", "/health", health_get, PERM_READ, ROUTE_OPEN | ROUTE_ROOT, NULL, NULL, 200, "getHealth", "Is the server alive", "server", NULL,
     "health"},
    {"GET", "/ready", ready_get, PERM_READ, ROUTE_OPEN | ROUTE_ROOT, NULL, NULL, 200, "getReady", "Can the server work", "server", NULL,
     "health"},
    {"GET", "/metrics", metrics_get_text, PERM_METRICS, ROUTE_ROOT | ROUTE_LOOPBACK, NULL, NULL, 200, "getMetrics",
     "Counters and gauges (Prometheus)", "server", NULL, NULL, "text/plain"},
    {"GET", "/openapi.json", openapi_get, PERM_METRICS, ROUTE_ROOT, NULL, NULL, 200, "getOpenApi", "This API as OpenAPI 3.1", "server",
     NULL, NULL, "application/json"},
    {"GET", "/swagger-user", swagger_user, PERM_METRICS, ROUTE_ROOT | ROUTE_OPEN, NULL, NULL, 200, "getSwaggerUser",
     "A page to look at and try the routes that users may use", "server", NULL, NULL, "text/html"},
    {"GET", "/swagger-admin", swagger_admin, PERM_METRICS, ROUTE_ROOT | ROUTE_OPEN, NULL, NULL, 200, "getSwaggerAdmin",
     "A page to look at and try the routes that admins may use", "server", NULL, NULL, "text/html"},
    {"GET", "/schemas/{name}", schemas_get, PERM_METRICS, ROUTE_ROOT, NULL, NULL, 200, "getSchema", "JSON Schema of an object", "server",
     NULL, NULL, "application/json"},
    {0},
};
