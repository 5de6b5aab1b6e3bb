/* An entry of admin-config.yaml as the plugin manager wants it, and what the policies at the point `plugin` say of it. */
#pragma once
#include "config/admin_config.h"
#include "plugin/plugin.h"
#include "policy/policy.h"

struct provisioner_entry {
    struct plugin_entry plugin; /* borrows from below and from the configuration */
    json_t *config, *types, *grant, *revoked;
};

/* `opened`: the entry's config with its secrets opened, stolen; NULL when nothing is going to run. Any thread. */
void provisioner_entry_make(const struct admin_config *config, const struct config_provisioner *entry, json_t *opened,
                            struct provisioner_entry *out);
void provisioner_entry_fini(struct provisioner_entry *entry);

/* The environments that an entry can serve, [{name, type}], by its `match.environment`. Without `environments` in the configuration any
 * name may come: {name: "*", type: "*"}, or the value of `match.environment`. New reference. */
json_t *provisioner_environments(const struct admin_config *config, const struct config_provisioner *entry);

/* What provisioner_vet needs as its context. */
struct provisioner_vetting {
    const struct admin_config *config;
    struct policy_set *policies; /* NULL: nobody is asked */
    struct store *store;         /* whose resources were made by which version; NULL: not looked at */
};
/* plugin_manager_options.vet: completes the input with `environments`, `admin`, `admin_lines` and `now`, asks the policies at the point
 * `plugin`; what they only warn about goes to `warnings`. An older version than the one that made resources which the entry owns is
 * refused, unless the entry says allowDowngrade. `ctx`: struct provisioner_vetting. Errors: the denial, ERR_PLUGIN_REFUSED, ERR_STORE. */
int provisioner_vet(void *ctx, json_t *input, json_t *warnings, struct err *err);
