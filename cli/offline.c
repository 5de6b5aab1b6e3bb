/* Owns loading a configuration with all that hangs on it, without a server and without running any plugin. */
#include "cli/offline.h"
#include "base/cleanup.h"
#include "base/paths.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "workflow/catalog.h"
#include "workflow/provisioner_entry.h"
#include "workflow/route.h"
#include <string.h>

int offline_config_path(struct cli *c, const char *argument, const char **out, struct err *err)
{
    const char *environment = getenv("INNOMINATUS_ADMIN_CONFIG"), *flag = args_text(&c->args, "admin-config");

    if (argument || flag || (environment && environment[0])) {
        *out = argument ? argument : flag ? flag : environment;
        return 0;
    }
    return paths_installed("share/innominatus/admin-config.yaml", &c->arena, out, err);
}

static void add_problem(const struct admin_config *config, const struct config_provisioner *entry, struct diag_list *diags,
                        enum diag_severity severity, enum err_code code, const char *why)
{
    struct diag *d = diag_add(diags, severity, code, entry->line, 1, 1, "", NULL, "provisioner %s: %s", entry->name, why);

    d->file = config->file;
}

/* Vets an entry as the server would, but for the file's owner: the server may be another user. */
static json_t *manifest_of(const struct plugin_manager_options *options, const struct admin_config *config,
                           const struct config_provisioner *entry, struct diag_list *diags)
{
    CLEANUP(provisioner_entry_fini) struct provisioner_entry opened = {0};
    CLEANUP(json_put) json_t *warnings = json_array();
    json_t *manifest = NULL, *text;
    struct err err = {0};
    size_t i;

    provisioner_entry_make(config, entry, NULL, &opened);
    if (plugin_vet_entry(options, &opened.plugin, &manifest, warnings, &err) < 0)
        add_problem(config, entry, diags, DIAG_ERROR, err.code, err.msg);
    json_array_foreach(warnings, i, text)
        add_problem(config, entry, diags, DIAG_WARNING, ERR_PLUGIN_REFUSED, arena_strdup(diags->arena, json_string_value(text)));
    return manifest;
}

static int manifests(struct cli *c, const struct admin_config *config, struct policy_set *policies, struct diag_list *diags, json_t **out,
                     struct err *err)
{
    struct provisioner_vetting vetting = {config, policies};
    struct plugin_manager_options options = {
        .bundled = plugin_bundled_hashes, .vet = provisioner_vet, .vet_ctx = &vetting, .any_owner = true};

    if (paths_installed("lib/innominatus/plugins", &c->arena, &options.bundled_dir, err) < 0)
        return -1;
    *out = json_object();
    for (size_t i = 0; i < config->provisioner_count; i++)
        json_set_new(*out, config->provisioners[i].name, manifest_of(&options, config, &config->provisioners[i], diags));
    return 0;
}

static int load_policies(const struct admin_config *config, struct diag_list *diags, struct policy_set **out, struct err *err)
{
    struct policy_set_options options = {
        .dir = config->policies_path,
        .mode = config->policies_mode,
        .overrides = config->policies_overrides,
        .limits = {config->policy_wall_ms, config->policy_instructions, config->policy_bytes},
    };

    return policy_set_load(&options, diags, out, err);
}

static void add_workflow_problems(const struct catalog *catalog, const struct admin_config *config, struct diag_list *diags)
{
    CLEANUP(json_put) json_t *warnings = catalog_warnings(catalog, config);
    const struct workflow_def *defs;
    size_t count = 0, i, j;
    json_t *text;

    defs = catalog_workflows(catalog, &count);
    for (i = 0; i < count; i++)
        for (j = 0; j < defs[i].problem_count; j++) {
            const struct diag *p = &defs[i].problems[j];
            struct diag *d = diag_add(diags, p->severity, p->code, p->line, p->column, p->width, p->path, p->suggestion, "%s", p->message);

            d->file = p->file ? arena_strdup(diags->arena, p->file) : arena_strdup(diags->arena, defs[i].file);
        }
    json_array_foreach(warnings, i, text)
    {
        const char *says = json_string_value(text);
        struct diag *d;

        if (str_starts(says, config->name) && str_starts(says + strlen(config->name), ": ")) /* the place is told anyway */
            says += strlen(config->name) + 2;
        d = diag_add(diags, DIAG_WARNING, ERR_WORKFLOW_INVALID, 0, 0, 1, "", NULL, "%s", says);
        d->file = arena_strdup(diags->arena, config->file);
    }
}

static void put_policies(struct policy_set **set) { policy_set_unref(*set); }

int offline_platform(struct cli *c, const char *path, struct policy_set *policies, struct diag_list *diags, struct platform **out,
                     struct err *err)
{
    CLEANUP(config_put) struct admin_config *config = NULL;
    CLEANUP(catalog_put) struct catalog *catalog = NULL;
    CLEANUP(put_policies) struct policy_set *set = policies ? policy_set_ref(policies) : NULL;
    CLEANUP(json_put) json_t *provisioners = NULL;

    if (config_load(path, diags, &config, err) < 0 || (!set && load_policies(config, diags, &set, err) < 0))
        return -1;
    if (manifests(c, config, policies ? NULL : set, diags, &provisioners, err) < 0)
        return -1;
    route_check(config, provisioners, diags);
    if (catalog_load(config, provisioners, &catalog, err) < 0)
        return -1;
    add_workflow_problems(catalog, config, diags);
    *out = platform_new(take_ptr(config), take_ptr(catalog), take_ptr(set), take_ptr(provisioners));
    return 0;
}
