/* admin-config.yaml as typed, immutable data (interfaces.md: admin-config.yaml). A configuration is loaded whole or not at all; reloads
 * make a new one. Reference-counted: a deployment keeps the one it was accepted under. Any thread may read. Every text and list below
 * belongs to the configuration. */
#pragma once
#include "codec/diag.h"
#include "codec/json.h"
#include "codec/node.h"
#include <stdint.h>

/* A list of texts that ends with NULL. Where a comment says so a NULL list means "absent"; otherwise lists are never NULL. */
typedef const char *const *config_names;

struct config_environment {
    const char *name; /* or a glob ("pr-*") */
    const char *type;
    int64_t ttl_ms;     /* 0: lives on */
    config_names teams; /* globs; NULL: every team */
    bool require_approval, protect;
    int line;
};

struct config_product {
    const char *name;
    config_names teams; /* globs; NULL: open */
    int line;
};

struct config_provisioner {
    const char *name;     /* of the entry: one entry = one instance */
    const char *plugin;   /* short name of a bundled plugin; NULL with `path` */
    const char *path;     /* the .so, absolute; NULL for a bundled one */
    const char *version;  /* exact; NULL: any (bundled) */
    const char *sha256;   /* lower-case hex; NULL for bundled */
    const char *product;  /* NULL: of the platform */
    config_names types;   /* NULL: all of the manifest */
    config_names grant;   /* NULL: the entry does not say */
    const json_t *config; /* object; secret references stay references; defaults of `gitea:` ... merged in */
    const json_t *labels; /* object */
    const char *match_environment, *match_type, *match_class, *match_team, *match_product; /* globs; NULL: any */
    const char *signature_key, *signature_file;                                            /* NULL: unsigned */
    int64_t memory_bytes, timeout_ms;                                                      /* 0: defaults */
    int max_hosts;                                                                         /* 0: default */
    int processes, cpu_percent;                                                            /* of one host; 0: default, no limit */
    bool is_inline;                                                                        /* isolation: inline */
    bool shared;                                                                           /* a product's entry that serves every product */
    bool allow_downgrade; /* an older version than the one that made its resources may serve them */
    int line;
};

struct config_pair {
    const char *key, *value;
};

enum config_on_failure { CONFIG_STOP, CONFIG_ROLLBACK, CONFIG_CONTINUE };

struct admin_config {
    const char *file;     /* as named, for messages; "built-in defaults" when there is none */
    const char *name;     /* its last part, for messages to users, who need not know where it lies */
    const char *revision; /* sha256 of the canonical content, hex */

    const char *default_cost_center, *default_runtime; /* NULL: none */
    double default_budget;                             /* below 0: none */

    const struct config_environment *environments;
    size_t environment_count;
    bool any_environment; /* `environments` is absent: any name, its type is its name */
    const struct config_product *products;
    size_t product_count;

    const char *golden_paths_root, *workflows_root; /* absolute; NULL: none (built-in defaults) */
    config_names required_workflows;
    config_names allowed_product_workflows; /* globs "product/name"; NULL: all */
    bool override_platform, override_product;
    int64_t max_workflow_ms;         /* 0: no limit but LIMIT_STEP_TIMEOUT_MS a step */
    int64_t max_concurrent;          /* 0: no limit */
    int64_t max_steps;               /* 0: LIMIT_STEPS_PER_WORKFLOW */
    config_names allowed_step_types; /* platform and product tiers; NULL: all */
    config_names application_step_types;
    enum config_on_failure on_failure; /* of resource and workload steps; first deployments roll back */
    int64_t lua_wall_ms, lua_bytes;    /* of `lua` steps */
    config_names require_approval;     /* environment types */
    config_names allowed_executors;    /* teams; NULL: only the roles decide */

    const char *policies_path;                                 /* absolute; NULL: only the shipped ones */
    const char *policies_mode;                                 /* enforce, warn, off */
    const json_t *policies_overrides;                          /* object */
    int64_t policy_wall_ms, policy_instructions, policy_bytes; /* 0: defaults */

    const struct config_provisioner *provisioners; /* platform entries, then those of products, each in the order of the file */
    size_t provisioner_count;
    const struct config_pair *trusted_keys;         /* name, base64; closed by a NULL key */
    const char *signature_policy;                   /* "off", "warn", "require": of files that are not bundled */
    config_names revoked_hashes;                    /* sha256 in hex, of files that are never loaded */
    const struct config_pair *resource_definitions; /* type, entry; closed by a NULL key */

    config_names network_allow; /* host, host:port, globs */
    const char *network_proxy;
    config_names step_environment;
    config_names allowed_commands;
    config_names trusted_proxies;
    const char *plugin_user;   /* NULL: none */
    const char *metrics_auth;  /* "key", "none"; NULL: open on loopback only */
    const json_t *costs;       /* {currency, prices}; object */
    const json_t *vault;       /* where vault: references are read: {url, credentials, ...}, references unopened; NULL: not said */
    bool drift_enabled;        /* resources are looked at */
    int64_t drift_interval_ms; /* so often */
    double drift_jitter;       /* a part of the interval, to either side */
    int64_t queue_capacity, queue_workers;
    int64_t user_rate, user_burst;       /* requests a second with a valid key, of one user; rate 0: no limit */
    int64_t address_rate, address_burst; /* requests a second without one, from one address; rate 0: no limit */
    const char *secure_cookie;           /* "always"; "auto": when a trusted proxy says that it is https */
};

/* Reads a file. A missing file gives the defaults (config_default). Relative paths inside are relative to the file's directory.
 * diags: every problem of the content, with places; the first one is also in err. Errors: ERR_IO, ERR_TOO_LARGE, or the first problem's
 * code. */
int config_load(const char *path, struct diag_list *diags, struct admin_config **out, struct err *err);

/* The same from text; `file` is for messages, `dir` is what relative paths are relative to (NULL: the working directory). */
int config_parse(const char *text, size_t len, const char *file, const char *dir, struct diag_list *diags, struct admin_config **out,
                 struct err *err);

/* What applies without a file: any environment, the bundled `local`, workflows and golden paths below `dir` (NULL: none). */
int config_default(const char *dir, struct admin_config **out, struct err *err);

void config_free(struct admin_config *config); /* NULL is fine */
static inline void config_put(struct admin_config **config) { config_free(*config); }

/* The content as policies (`input.admin`) and GET /admin/config see it: keys as in the file, defaults filled in, without provisioners'
 * config, credentials and the proxy. Borrowed. */
const json_t *config_view(const struct admin_config *config);

/* The form of the file as a JSON Schema, for GET /schemas/admin-config. New reference. */
json_t *config_schema(void);

/* Line in the file of the value at a JSON pointer ("/workflowPolicies/requiredPlatformWorkflows/0"); 0 when the file does not say it. */
int config_line(const struct admin_config *config, const char *pointer);

/* {"workflowPolicies.maxStepsPerWorkflow": "admin-config.yaml:12"} for every key of workflowPolicies and policies that the file says: what
 * policies name as the source of a violation (`input.admin_lines`). Borrowed. */
const json_t *config_lines(const struct admin_config *config);

/* The value of `key`, NULL if there is none. */
const char *config_lookup(const struct config_pair *pairs, const char *key);
/* True when `name` matches one of the globs. NULL list: false. */
bool config_names_match(config_names globs, const char *name);
/* NULL if unknown. */
const struct config_provisioner *config_provisioner(const struct admin_config *config, const char *name);

/* Do two entries say the same (whatever their lines)? */
bool config_provisioner_same(const struct config_provisioner *a, const struct config_provisioner *b);

/* ---- who and where (engine.md) ---- */

/* The target of a deployment. Texts in the caller's arena. */
struct config_target {
    const char *name, *type;
    int64_t ttl_ms;
    bool require_approval, protect; /* require_approval: also by workflowPolicies.security.requireApproval */
};

/* Chooses the environment: `requested` (--env; NULL: none given), else the Score file's environment.type when that names one, else
 * "development". A file value that names none is a warning in `diags` at line:column; both naming one and differing is an error, as is a
 * name that no entry matches. Errors: ERR_ENVIRONMENT with the names that exist. diags may be NULL. */
struct config_wish {
    const char *requested, *file_type;
    int line, column; /* of file_type; 0: unknown */
};
int config_select_environment(const struct admin_config *config, const struct config_wish *wish, struct arena *arena,
                              struct diag_list *diags, struct config_target *out, struct err *err);
/* May this team deploy there? Errors: ERR_FORBIDDEN. */
int config_check_team(const struct admin_config *config, const char *environment, const char *team, struct err *err);
/* May this team claim this product? Errors: ERR_FORBIDDEN with the teams that may. */
int config_check_product(const struct admin_config *config, const char *product, const char *team, struct err *err);
