/* Which provisioner entry serves a resource or runs a plugin's step (interfaces.md: Routing of a resource). Pure; any thread.
 *
 * `provisioners` says what the ready entries serve: {ENTRY: the manifest as plugin_manifest() gives it}. An entry that is configured but
 * missing there is not ready (refused, broken); when it is the one that would serve, that is an error that says so, never a silent fall to
 * another. */
#pragma once
#include "codec/diag.h"
#include "codec/json.h"
#include "config/admin_config.h"

struct route_query {
    const char *type;  /* resource type, or step type */
    const char *class; /* NULL for steps */
    const char *environment, *environment_type, *team;
    const char *product; /* NULL: none */
};

/* Errors: ERR_NO_PROVISIONER with the types that are served, or with the entries that are equally specific; ERR_PLUGIN_REFUSED. */
int route_resource(const struct admin_config *config, const json_t *provisioners, const struct route_query *query,
                   const struct config_provisioner **out, struct err *err);

/* A plugin's step: by `wanted` (the step's `provisioner:`), else by match. Errors as above, ERR_UNKNOWN_REFERENCE for an unknown name. */
int route_step(const struct admin_config *config, const json_t *provisioners, const struct route_query *query, const char *wanted,
               const struct config_provisioner **out, struct err *err);

/* Two equally specific entries for one type are errors, at the second one's line. For loading and reloading. */
void route_check(const struct admin_config *config, const json_t *provisioners, struct diag_list *diags);

/* What a manifest says of a resource type or a step type: {name, ...}; NULL if it does not list it. */
const json_t *route_type(const json_t *manifest, const char *type);
const json_t *route_step_type(const json_t *manifest, const char *type);
/* Does the plugin have the slot ("update")? */
bool route_has_slot(const json_t *manifest, const char *slot);
/* Does the plugin want it? What is wanted is granted, or the entry would not be ready. */
bool route_has_permission(const json_t *manifest, const char *permission);

/* Params that are known, against the schema that the manifest gives for the type. The error names the first problem; `name` is the
 * resource's. */
int route_check_params(const json_t *manifest, const char *type, const char *name, const json_t *params, struct err *err);
