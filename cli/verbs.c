/* Owns the table of commands. */
#include "cli/verbs.h"
#include "cli/command.h"

const struct cli_flag cli_globals[] = {
    {"server", FLAG_TEXT, "URL", "the server; else INNOMINATUS_SERVER, the one signed in to, a local one"},
    {"output", FLAG_TEXT, "FORM", "table, wide, json, yaml; some commands: junit, sarif", "table|json|yaml|wide|junit|sarif"},
    {"format", FLAG_TEXT, "FORM", "older word for --output", "table|json|yaml|wide|junit|sarif"},
    {"team", FLAG_TEXT, "NAME", "another team's objects (admins and operators)"},
    {"no-color", FLAG_BOOL, NULL, "no colours; NO_COLOR says the same"},
    {"debug", FLAG_BOOL, NULL, "show requests on standard error"},
    {"help", FLAG_BOOL, NULL, "help on the command"},
    {0},
};

#define ENV                                                                                                                                \
    {                                                                                                                                      \
        "env", FLAG_TEXT, "NAME", "the environment"                                                                                        \
    }
#define LIMIT                                                                                                                              \
    {                                                                                                                                      \
        "limit", FLAG_INT, "N", "at most so many; 0: all (50)"                                                                             \
    }
#define FORCE(what)                                                                                                                        \
    {                                                                                                                                      \
        "force", FLAG_BOOL, NULL, what                                                                                                     \
    }
#define STATE                                                                                                                              \
    {                                                                                                                                      \
        "state", FLAG_TEXT, "STATE", "only in this state"                                                                                  \
    }
#define WAITING                                                                                                                            \
    {"wait", FLAG_BOOL, NULL, "wait for the end; exit 1 when it failed"},                                                                  \
    {                                                                                                                                      \
        "follow", FLAG_BOOL, NULL, "show every workflow as it ends, then the result; exit 1 when it failed"                                \
    }

static const struct cli_flag validate_flags[] = {
    {"explain", FLAG_BOOL, NULL, "tell what the file means, and more about each kind of problem"},
    {"strict", FLAG_BOOL, NULL, "report what is not part of Score as errors"},
    {0},
};
#define SUBMISSION                                                                                                                         \
    ENV, {"param", FLAG_LIST, "NAME=VALUE", "a parameter of the workflows; may be repeated"},                                              \
        {"image", FLAG_TEXT, "IMAGE", "for containers whose image is \".\""},                                                              \
        {"override-file", FLAG_LIST, "FILE", "a part of a Score file that is laid over it; may be repeated"},                              \
        {"property", FLAG_LIST, "PATH=VALUE", "one value that is laid over it: containers.web.image=shop:2"},                              \
        {"allow-remove", FLAG_LIST, "NAME", "a stateful or protected resource that may go; may be repeated"},                              \
        {"allow-replace", FLAG_LIST, "NAME", "a resource that may be removed and made anew; may be repeated"},                             \
        {"reset", FLAG_BOOL, NULL, "drop what actions have set: the file alone counts"},                                                   \
        {"strict", FLAG_BOOL, NULL, "report what is not part of Score as errors"}, FORCE("call provisioners although nothing has changed")
static const struct cli_flag plan_flags[] = {SUBMISSION, {0}};
static const struct cli_flag deploy_flags[] = {
    SUBMISSION,
    {"supersede", FLAG_BOOL, NULL, "take the place of deployments of this workload that are still queued"},
    {"dry-run", FLAG_BOOL, NULL, "the plan only"},
    WAITING,
    {0},
};
static const struct cli_flag leave_flags[] = {
    ENV,
    {"allow-remove", FLAG_LIST, "NAME", "a protected resource that may go; may be repeated"},
    {"dry-run", FLAG_BOOL, NULL, "show what would go"},
    FORCE("do not ask"),
    WAITING,
    {0},
};
static const struct cli_flag env_flags[] = {ENV, {0}};
static const struct cli_flag status_flags[] = {
    ENV, {"drift", FLAG_BOOL, NULL, "which resources are not as they were applied; without APP: of every application"}, {0}};
static const struct cli_flag cancel_flags[] = {
    ENV, {"all", FLAG_BOOL, NULL, "every one that has not ended, the waiting ones too"}, FORCE("do not ask"), {0}};
static const struct cli_flag log_flags[] = {
    ENV,
    {"follow", FLAG_BOOL, NULL, "show lines as they come, until the deployment has ended"},
    {"step", FLAG_TEXT, "NAME", "only of this step"},
    {"tail", FLAG_INT, "N", "only the last lines"},
    {0},
};
static const struct cli_flag watch_flags[] = {
    ENV,
    {"type", FLAG_TEXT, "TYPE", "only events of this type, or of those that begin with it: step."},
    {"lines", FLAG_BOOL, NULL, "lines on a terminal too, not a view that is drawn again"},
    {0},
};
static const struct cli_flag list_flags[] = {ENV, {"product", FLAG_TEXT, "NAME", "only of this product"}, LIMIT, {0}};
static const struct cli_flag deployments_flags[] = {ENV, STATE, LIMIT, {0}};
static const struct cli_flag workflow_flags[] = {
    ENV, STATE, {"tier", FLAG_TEXT, NULL, "only of this tier", "platform|product|application"}, LIMIT, {0}};
static const struct cli_flag resources_flags[] = {ENV, STATE, {"type", FLAG_TEXT, "TYPE", "only of this type"}, LIMIT, {0}};
static const struct cli_flag resource_flags[] = {ENV, {"app", FLAG_TEXT, "NAME", "of this application, when ID is a name"}, {0}};
static const struct cli_flag action_flags[] = {ENV, {"app", FLAG_TEXT, "NAME", "of this application, when ID is a name"}, WAITING, {0}};
static const struct cli_flag scale_flags[] = {ENV, WAITING, {0}};
static const struct cli_flag graph_flags[] = {ENV, {"format", FLAG_TEXT, NULL, "form of the graph (json)", "json|dot|mermaid|svg"}, {0}};
static const struct cli_flag tasks_flags[] = {ENV, STATE, {"application", FLAG_TEXT, "NAME", "only of this application"}, LIMIT, {0}};
static const struct cli_flag violation_flags[] = {
    ENV,
    {"policy", FLAG_TEXT, "NAME", "only of this policy"},
    {"severity", FLAG_TEXT, NULL, "only of this severity", "deny|warn|info"},
    {"application", FLAG_TEXT, "NAME", "only of this application"},
    LIMIT,
    {0},
};
static const struct cli_flag test_flags[] = {{"coverage", FLAG_BOOL, NULL, "how many of each policy's lines the tests run"}, {0}};
static const struct cli_flag eval_flags[] = {
    ENV,
    {"admin-config", FLAG_TEXT, "FILE", "the configuration to plan with; default the installed one"},
    {"show-input", FLAG_BOOL, NULL, "print what the policy would see, and do not run it"},
    {0},
};
static const struct cli_flag audit_flags[] = {
    {"actor", FLAG_TEXT, "USER", "only by this user"},
    {"action", FLAG_TEXT, "ACTION", "only this action, or those that begin with it: key."},
    {"object", FLAG_TEXT, "ID", "only on this object"},
    {"result", FLAG_TEXT, NULL, "only with this result", "ok|denied|failed"},
    {"since", FLAG_TEXT, "TIME", "from this time, RFC 3339"},
    {"until", FLAG_TEXT, "TIME", "before this time, RFC 3339"},
    LIMIT,
    {0},
};
static const struct cli_flag verify_flags[] = {{"anchor", FLAG_TEXT, "SEQ:HASH", "a row of an earlier export that the chain must hold"},
                                               {0}};
static const struct cli_flag login_flags[] = {{"user", FLAG_TEXT, "NAME", "who; asked for on a terminal"}, {0}};
static const struct cli_flag config_flags[] = {{"admin-config", FLAG_TEXT, "FILE", "the same as the word FILE"}, {0}};
static const struct cli_flag workflow_file_flags[] = {
    {"product", FLAG_TEXT, "NAME", "the product it belongs to; default metadata.product, or its directory"},
    {"admin-config", FLAG_TEXT, "FILE", "the configuration it is checked against; default the installed one"},
    {0},
};
static const struct cli_flag migrate_flags[] = {
    {"state-dir", FLAG_TEXT, "DIR", "the server's state directory"},
    {"database", FLAG_TEXT, "URL", "the database; default STATE_DIR/innominatus.db"},
    {"dry-run", FLAG_BOOL, NULL, "only tell how many are to be applied"},
    {0},
};
static const struct cli_flag doctor_flags[] = {
    {"admin-config", FLAG_TEXT, "FILE", "the configuration; default that of the server that runs here, else the installed one"},
    {"state-dir", FLAG_TEXT, "DIR", "the server's state directory; default that of the server that runs here"},
    {"database", FLAG_TEXT, "URL", "the server's database; default STATE_DIR/innominatus.db"},
    {0},
};
static const struct cli_flag add_user_flags[] = {
    {"team", FLAG_TEXT, "TEAM", "the user's team"},
    {"role", FLAG_TEXT, NULL, "what the user may", "admin|operator|user|viewer"},
    {"no-password", FLAG_BOOL, NULL, "a user that works with keys only"},
    {0},
};
static const struct cli_flag users_flags[] = {LIMIT, {0}};
static const struct cli_flag force_flags[] = {FORCE("do not ask"), {0}};
static const struct cli_flag inspect_flags[] = {
    {"admin-config", FLAG_TEXT, "FILE", "whose trustedKeys judge its signature; default the installed one"}, {0}};
static const struct cli_flag new_flags[] = {{"product", FLAG_TEXT, "NAME", "the product it is for; default the platform"},
                                            {"type", FLAG_TEXT, "TYPE", "the resource type it serves; default NAME"},
                                            {"dir", FLAG_TEXT, "DIR", "where; default ./NAME"},
                                            {0}};
static const struct cli_flag check_flags[] = {
    {"conformance", FLAG_BOOL, NULL, "try every rule of the contract by calling the plugin"},
    {"config", FLAG_TEXT, "FILE", "the entry's config, as JSON"},
    {"params", FLAG_TEXT, "FILE", "valid params as JSON: {TYPE: {...}}, of a plugin with one type the params alone"},
    {"type", FLAG_LIST, "TYPE", "only this type; may be repeated"},
    {"grant", FLAG_LIST, "WORD", "as in the entry's grant (network, exec:PROGRAM, ...), may be repeated; default: what the manifest wants"},
    {0},
};
static const struct cli_flag overwrite_flags[] = {FORCE("overwrite what is there"), {0}};
static const struct cli_flag sign_flags[] = {
    {"key", FLAG_TEXT, "NAME.key", "the private key that `plugin keygen` made"}, FORCE("overwrite a signature"), {0}};
static const struct cli_flag verify_signature_flags[] = {
    {"key", FLAG_TEXT, "NAME.pub", "the signer's public key"}, {"signature", FLAG_TEXT, "FILE", "the signature; default FILE.sig"}, {0}};
static const struct cli_flag key_flags[] = {{"user", FLAG_TEXT, "NAME", "for another user (admins)"},
                                            {"expires", FLAG_TEXT, "TIME", "ends after this time: 90d, 12h; default never"},
                                            {0}};
static const struct cli_flag keys_flags[] = {{"user", FLAG_TEXT, "NAME", "another user's (admins)"}, {0}};

const struct cli_flag cli_serve_flags[] = {
    {"listen", FLAG_TEXT, "ADDRESS:PORT", "where to listen; default 127.0.0.1:8081, port 0 is any free one"},
    {"state-dir", FLAG_TEXT, "DIR", "where everything is kept; default $XDG_STATE_HOME/innominatus"},
    {"admin-config", FLAG_TEXT, "FILE", "what may load and run; default the installed admin-config.yaml"},
    {"database", FLAG_TEXT, "URL", "sqlite:PATH or postgres://...; default sqlite:STATE_DIR/innominatus.db"},
    {"seal-key", FLAG_TEXT, "REFERENCE",
     "file:PATH, env:NAME or vault:PATH#KEY (by VAULT_ADDR, VAULT_TOKEN) of the key that seals secrets; default STATE_DIR/seal.key"},
    {"max-body", FLAG_TEXT, "SIZE", "largest request body, 64Ki to 64Mi; default 1Mi"},
    {"json-log", FLAG_BOOL, NULL, "log lines as JSON"},
    {"new-admin-key", FLAG_BOOL, NULL, "write a new STATE_DIR/admin.key for a lost one, then run as usual"},
    {0},
};

#define WORK     "Work on applications"
#define LOOK     "Look"
#define PLATFORM "Platform"
#define PEOPLE   "People and administration"
#define ABOUT    "Help"
/* A command of a later release: what it does, and what to use instead. */
#define LATER(name, sub, about, instead)                                                                                                   \
    {                                                                                                                                      \
        name, sub, NULL, about, NULL, instead, NULL, 0, VERB_ABSENT, ABOUT                                                                 \
    }

const struct cli_verb cli_verbs[] = {
    {"init", NULL, "NAME", "write a first Score file, NAME.yaml", NULL, "innominatus init shop", verb_init, 0, 0, WORK},
    {"examples", NULL, "[NAME]", "example files; with NAME the text of one", NULL, "innominatus examples hello > hello.yaml", verb_examples,
     OUT_DATA, 0, WORK},
    {"validate", NULL, "FILE...", "check Score files; `-` is standard input", validate_flags, "innominatus validate app.yaml",
     verb_validate, OUT_DATA | OUT_SARIF | OUT_JUNIT, 0, WORK},
    {"plan", NULL, "FILE", "what a deployment would do", plan_flags, "innominatus plan app.yaml --env production", verb_plan, OUT_DATA,
     VERB_SERVER, WORK},
    {"diff", NULL, "FILE", "the same as plan", plan_flags, "innominatus diff app.yaml", verb_plan, OUT_DATA, VERB_SERVER | VERB_HIDDEN,
     WORK},
    {"deploy", NULL, "FILE", "deploy a Score file", deploy_flags, "innominatus deploy app.yaml --env staging --follow", verb_deploy,
     OUT_DATA, VERB_SERVER, WORK},
    {"status", NULL, "[APP|DEPLOYMENT]", "how an application is; without one, how all are", status_flags,
     "innominatus status shop --env staging", verb_status, OUT_DATA, VERB_SERVER, WORK},
    {"logs", NULL, "APP|DEPLOYMENT", "what the steps of its last deployment said", log_flags, "innominatus logs shop --follow", verb_logs,
     OUT_DATA, VERB_SERVER, WORK},
    {"debug", NULL, "APP|DEPLOYMENT", "how it is, with the last lines of its steps", env_flags, "innominatus debug shop", verb_debug,
     OUT_DATA, VERB_SERVER, WORK},
    {"watch", NULL, "[APP|DEPLOYMENT]", "what happens, as it happens", watch_flags, "innominatus watch shop", verb_watch, OUT_JSON,
     VERB_SERVER, WORK},
    {"scale", NULL, "APP REPLICAS", "run so many of the containers, whatever the file says, until deploy --reset", scale_flags,
     "innominatus scale shop 3 --wait", verb_scale, OUT_DATA, VERB_SERVER, WORK},
    {"restart", NULL, "APP", "restart the containers, where their provisioner can", scale_flags, "innominatus restart shop --wait",
     verb_restart, OUT_DATA, VERB_SERVER, WORK},
    {"manifests", NULL, "APP|DEPLOYMENT", "the manifests rendered for it", env_flags, "innominatus manifests shop --env staging",
     verb_manifests, OUT_DATA, VERB_SERVER, WORK},
    {"cancel", NULL, "APP|DEPLOYMENT", "ask a running deployment to stop", cancel_flags, "innominatus cancel shop", verb_cancel, OUT_DATA,
     VERB_SERVER, WORK},
    {"deprovision", NULL, "APP", "remove its resources, keep the application", leave_flags, "innominatus deprovision shop --env staging",
     verb_deprovision, OUT_DATA, VERB_SERVER, WORK},
    {"delete", NULL, "APP", "remove its resources and close the application", leave_flags, "innominatus delete shop --env staging --follow",
     verb_delete, OUT_DATA, VERB_SERVER, WORK},

    {"list", NULL, NULL, "applications", list_flags, "innominatus list --env production", verb_list, OUT_DATA, VERB_SERVER, LOOK},
    {"deployments", NULL, "[APP]", "deployments, the newest first", deployments_flags, "innominatus deployments shop", verb_deployments,
     OUT_DATA, VERB_SERVER, LOOK},
    {"environments", NULL, NULL, "environments and what is in them", NULL, NULL, verb_environments, OUT_DATA, VERB_SERVER, LOOK},
    {"list-workflows", NULL, "[APP]", "workflows that have run", workflow_flags, "innominatus list-workflows shop", verb_list_workflows,
     OUT_DATA, VERB_SERVER, LOOK},
    {"list-resources", NULL, "[APP]", "resources", resources_flags, "innominatus list-resources shop --type sqlite", verb_list_resources,
     OUT_DATA, VERB_SERVER, LOOK},
    {"resource", "show", "ID", "one resource, by id, key or name", resource_flags, "innominatus resource show db --app shop",
     verb_resource_show, OUT_DATA, VERB_SERVER, LOOK},
    {"resource", "hints", "ID", "where to find it: links, addresses", resource_flags, "innominatus resource hints db --app shop",
     verb_resource_hints, OUT_DATA, VERB_SERVER, LOOK},
    {"resource", "action", "ID [NAME] [KEY=VALUE]...",
     "do something to a resource, as its provisioner offers it; without NAME: what there is, and its arguments", action_flags,
     "innominatus resource action db rotate-password --app shop --follow", verb_resource_action, OUT_DATA, VERB_SERVER, LOOK},
    {"list-products", NULL, NULL, "products and their workflows", NULL, NULL, verb_list_products, OUT_DATA, VERB_SERVER, LOOK},
    {"list-product-workflows", NULL, "[PRODUCT]", "workflows of products, and whether they may run", NULL,
     "innominatus list-product-workflows ecommerce", verb_list_product_workflows, OUT_DATA, VERB_SERVER, LOOK},
    {"graph-export", NULL, "APP", "what an application is made of, as a graph", graph_flags,
     "innominatus graph-export shop --format svg > shop.svg", verb_graph_export, OUT_DATA, VERB_SERVER, LOOK},

    {"graph-status", NULL, "APP", "what an application is made of, with states", env_flags, "innominatus graph-status shop",
     verb_graph_status, OUT_DATA, VERB_SERVER, LOOK},

    {"validate-product-workflow", NULL, "FILE...", "check workflow files of a product", workflow_file_flags,
     "innominatus validate-product-workflow workflows/products/shop/setup.yaml", verb_validate_product_workflow,
     OUT_DATA | OUT_SARIF | OUT_JUNIT, 0, PLATFORM},
    {"queue", "stats", NULL, "counts of the queue", NULL, NULL, verb_queue_stats, OUT_DATA, VERB_SERVER, PLATFORM},
    {"queue", "list", NULL, "tasks of the queue", tasks_flags, "innominatus queue list --state dead", verb_queue_list, OUT_DATA,
     VERB_SERVER, PLATFORM},
    {"queue", "cancel", "TASK", "take a deployment that waits out of the queue", force_flags, NULL, verb_queue_cancel, OUT_DATA,
     VERB_SERVER, PLATFORM},
    {"queue", "requeue", "TASK", "try a dead task once more; its deployment goes on from there", NULL, "innominatus queue requeue t-01J...",
     verb_queue_requeue, OUT_DATA, VERB_SERVER, PLATFORM},
    {"queue", "discard", "TASK", "take a dead task off the dead-letter list", force_flags, NULL, verb_queue_discard, OUT_DATA, VERB_SERVER,
     PLATFORM},
    {"queue", "show", "TASK", "one task", NULL, NULL, verb_queue_show, OUT_DATA, VERB_SERVER, PLATFORM},
    {"plugin", "list", NULL, "provisioner entries and how they are", NULL, NULL, verb_plugin_list, OUT_DATA, VERB_SERVER, PLATFORM},
    {"plugin", "inspect", "FILE", "what a plugin's file says about itself; never runs it", inspect_flags,
     "innominatus plugin inspect vendor.so", verb_plugin_inspect, OUT_DATA, 0, PLATFORM},
    {"plugin", "new", "NAME", "start a provisioner: a project that builds, tests and packages", new_flags,
     "innominatus plugin new payment-gateway --product ecommerce", verb_plugin_new, OUT_DATA, 0, PLATFORM},
    {"plugin", "check", "FILE", "whether a plugin keeps the contract; runs it in a sandboxed host, without a server", check_flags,
     "innominatus plugin check build/payment-gateway.so --conformance", verb_plugin_check, OUT_DATA | OUT_JUNIT, 0, PLATFORM},
    {"plugin", "keygen", "NAME", "a key pair for signing plugins: NAME.key and NAME.pub", overwrite_flags,
     "innominatus plugin keygen acme-2026", verb_plugin_keygen, OUT_DATA, 0, PLATFORM},
    {"plugin", "sign", "FILE", "sign a plugin's file: FILE.sig", sign_flags, "innominatus plugin sign vendor.so --key acme-2026.key",
     verb_plugin_sign, OUT_DATA, 0, PLATFORM},
    {"plugin", "verify", "FILE", "check a plugin's signature", verify_signature_flags,
     "innominatus plugin verify vendor.so --key acme-2026.pub", verb_plugin_verify, OUT_DATA, 0, PLATFORM},
    {"policy", "list", NULL, "policies in force", NULL, NULL, verb_policy_list, OUT_DATA, VERB_SERVER, PLATFORM},
    {"policy", "test", "[DIR]", "run the tests beside policies; default ./policies, else those that ship", test_flags,
     "innominatus policy test ./policies --coverage", verb_policy_test, OUT_DATA | OUT_JUNIT | OUT_SARIF, 0, PLATFORM},
    {"policy", "eval", "FILE SCORE", "try one policy file on a Score file", eval_flags,
     "innominatus policy eval backups.lua app.yaml --env production", verb_policy_eval, OUT_DATA, 0, PLATFORM},
    {"policy", "explain", "NAME", "what a policy wants, and where it stands", NULL, "innominatus policy explain allowed-step-types",
     verb_policy_explain, OUT_DATA, VERB_SERVER, PLATFORM},
    {"policy", "violations", NULL, "what policies have found", violation_flags, "innominatus policy violations --severity deny",
     verb_policy_violations, OUT_DATA, VERB_SERVER, PLATFORM},

    {"doctor", NULL, NULL, "look for what is wrong here; works without a server", doctor_flags, "innominatus doctor", verb_doctor, OUT_DATA,
     0, PEOPLE},
    {"login", NULL, NULL, "sign in to a server; the password is asked for", login_flags,
     "innominatus login --server https://platform.example.com --user ada", verb_login, 0, VERB_SERVER, PEOPLE},
    {"logout", NULL, NULL, "end the session", NULL, NULL, verb_logout, 0, VERB_SERVER, PEOPLE},
    {"audit", "list", NULL, "who did what, the newest first", audit_flags, "innominatus audit list --action deployment.", verb_audit_list,
     OUT_DATA, VERB_SERVER, PEOPLE},
    {"audit", "verify", "[EXPORT]", "check the chain of the audit, or of an export", verify_flags, "innominatus audit verify audit.jsonl",
     verb_audit_verify, OUT_DATA, 0, PEOPLE},
    {"audit", "export", NULL, "the whole audit as JSON lines, closed by its head", NULL, "innominatus audit export > audit.jsonl",
     verb_audit_export, OUT_JSON, VERB_SERVER, PEOPLE},
    {"admin", "show", NULL, "the configuration in force, without secrets", NULL, NULL, verb_admin_show, OUT_DATA, VERB_SERVER, PEOPLE},
    {"admin", "validate", "[FILE]", "check an admin-config.yaml with its policies, workflows and plugins", config_flags,
     "innominatus admin validate admin-config.yaml", verb_admin_validate, OUT_DATA | OUT_SARIF | OUT_JUNIT, 0, PEOPLE},
    {"admin", "reload", NULL, "read configuration, policies and workflows again; a bad file changes nothing", NULL, NULL, verb_admin_reload,
     OUT_DATA, VERB_SERVER, PEOPLE},
    {"admin", "add-user", "NAME", "add a user; the password comes from standard input or is asked for", add_user_flags,
     "innominatus admin add-user ada --team shop --role user", verb_admin_add_user, OUT_DATA, VERB_SERVER, PEOPLE},
    {"admin", "list-users", NULL, "users", users_flags, NULL, verb_admin_list_users, OUT_DATA, VERB_SERVER, PEOPLE},
    {"admin", "delete-user", "NAME", "remove a user with keys and sessions", force_flags, NULL, verb_admin_delete_user, OUT_DATA,
     VERB_SERVER, PEOPLE},
    {"admin", "generate-api-key", "NAME", "make a key; it is shown once", key_flags,
     "innominatus admin generate-api-key ci --user ada --expires 90d", verb_admin_generate_api_key, OUT_DATA, VERB_SERVER, PEOPLE},
    {"admin", "list-api-keys", NULL, "your keys, or those of --user", keys_flags, NULL, verb_admin_list_api_keys, OUT_DATA, VERB_SERVER,
     PEOPLE},
    {"admin", "revoke-api-key", "ID", "end a key, by id or prefix", force_flags, NULL, verb_admin_revoke_api_key, OUT_DATA, VERB_SERVER,
     PEOPLE},

    {"serve", NULL, NULL, "run the server", cli_serve_flags, "innominatus serve --listen 127.0.0.1:8081", verb_serve, 0, 0, ABOUT},
    {"migrate", NULL, NULL, "bring a database up to date; the start of `serve` does it too", migrate_flags,
     "innominatus migrate --state-dir /var/lib/innominatus", verb_migrate, OUT_DATA, 0, ABOUT},
    {"explain", NULL, "[CODE]", "what an error code means and what to do", NULL, "innominatus explain ORC-1003", verb_explain, OUT_DATA, 0,
     ABOUT},
    {"version", NULL, NULL, "version of this program", NULL, NULL, verb_version, OUT_DATA, 0, ABOUT},
    {"completion", NULL, "bash|zsh|fish", "a script that completes commands in a shell", NULL, "source <(innominatus completion bash)",
     verb_completion, 0, 0, ABOUT},
    {"manual", NULL, NULL, "the manual page as roff", NULL, "innominatus manual | man -l -", verb_manual, 0, VERB_HIDDEN, ABOUT},
    {"help", NULL, "[COMMAND] [COMMAND]", "help on a command", NULL, "innominatus help deploy", verb_help, OUT_DATA, 0, ABOUT},

    LATER("worker", NULL, "a further worker on the same database",
          "One server runs its own workers: queue.workers in admin-config.yaml sets how many."),
    LATER("analyze", NULL, "what a Score file could do better", "Use `innominatus validate FILE --explain`, or `innominatus plan FILE`."),
    LATER("lint", NULL, "style of Score and workflow files", "Use `innominatus validate FILE --strict`."),
    LATER("rollback", NULL, "return to an earlier deployment", "Deploy the earlier Score file: innominatus deploy FILE."),
    LATER("retry", NULL, "go on with a failed deployment", "Deploy again: what has not changed is not touched. innominatus deploy FILE"),
    LATER("exec", NULL, "a command inside a container", "Use kubectl exec on the workload that `innominatus manifests APP` shows."),
    LATER("port-forward", NULL, "a port of a container here",
          "Use kubectl port-forward on the workload that `innominatus manifests APP` shows."),
    LATER("list-goldenpaths", NULL, "golden paths", "Deploy a Score file: innominatus deploy FILE."),
    LATER("run", NULL, "run a golden path", "Deploy a Score file: innominatus deploy FILE."),
    LATER("test-product-workflow", NULL, "try a product workflow", "`innominatus plan SCORE` shows the workflows that would run."),
    LATER("workflow", "test", "try a workflow", "`innominatus plan SCORE` shows the workflows that would run."),
    LATER("workflow", "init", "start a workflow file", "Copy one of share/innominatus/workflows."),
    LATER("workflow", "submit", "hand in a product workflow", "Send the file to the platform team."),
    LATER("workflow", "run", "run a workflow by hand", "There is no replacement yet."),
    LATER("dev", NULL, "deploy at each change", "Use `innominatus deploy FILE --follow`."),
    LATER("tutorial", NULL, "a guided tour", "The README has one."),
    LATER("approve", NULL, "let a waiting step go on", "There is no replacement yet."),
    LATER("reject", NULL, "stop a waiting step", "Use `innominatus cancel DEPLOYMENT`."),
    LATER("policy", "replay", "policies against past deployments", "`innominatus policy eval FILE SCORE` tries one on a Score file."),
    LATER("backup", NULL, "a copy of the state", "Stop the server and copy its state directory."),
    LATER("restore", NULL, "a state directory from a copy", "Put the copied state directory back and start the server."),
    {0},
};
