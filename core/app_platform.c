/* Loads what the admin has configured. On the main thread, at start. */
#include "app_priv.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/paths.h"
#include "config/admin_config.h"
#include "net/net.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "secret/secret_store.h"
#include "workflow/catalog.h"
#include "workflow/route.h"
#include <string.h>
#include <sys/stat.h>

static void log_diags(const char *what, const struct diag_list *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];
        char code[16];

        log_warn("config", "%s: %s:%d:%d: %s %s", what, d->file ? d->file : diags->file, d->line, d->column, err_name(d->code, code),
                 d->message);
    }
}

int app_read_config(const struct app *app, struct diag_list *diags, struct admin_config **out, struct err *err)
{
    struct stat st;

    if (stat(app->admin_config, &st) < 0) /* defaults instead of a file that was mistyped would allow what the admin does not */
        return err_set_sys(err, ERR_CONFIG, "the configuration %s", app->admin_config);
    if (st.st_mode & 002) /* it says what may be loaded and run */
        return err_set(err, ERR_CONFIG, "%s can be written by everybody (mode %04o); run chmod o-w on it", app->admin_config,
                       st.st_mode & 07777);
    return config_load(app->admin_config, diags, out, err);
}

static int load_config(struct app *app, struct admin_config **out, struct err *err)
{
    struct diag_list diags = diag_list_make(&app->arena, app->admin_config);

    if (app_read_config(app, &diags, out, err) == 0) {
        log_diags("configuration", &diags);
        return 0;
    }
    if (!diags.errors)
        return err_wrap(err, "the configuration was not loaded");
    fputs(diag_render(&diags, NULL, false, &app->arena), stderr);
    return err_set(err, err->code, "the configuration was not loaded: %zu error%s in %s, told above", diags.errors,
                   diags.errors == 1 ? "" : "s", app->admin_config);
}

int app_read_policies(const struct admin_config *config, struct diag_list *diags, struct policy_set **out, struct err *err)
{
    struct policy_set_options options = {
        .dir = config->policies_path,
        .mode = config->policies_mode,
        .overrides = config->policies_overrides,
        .limits = {config->policy_wall_ms, config->policy_instructions, config->policy_bytes},
    };

    return policy_set_load(&options, diags, out, err) < 0 ? err_wrap(err, "the policies were not loaded") : 0;
}

static int load_policies(struct app *app, const struct admin_config *config, struct policy_set **out, struct err *err)
{
    struct diag_list diags = diag_list_make(&app->arena, config->policies_path);

    if (app_read_policies(config, &diags, out, err) < 0)
        return -1;
    log_diags("policy", &diags);
    return 0;
}

static void redact(void *ctx, char *text, size_t cap) { redactor_apply(ctx, text, cap); }

static int start_plugins(struct app *app, struct err *err)
{
    char group[512];
    struct plugin_manager_options options = {.vet = provisioner_vet,
                                             .vet_ctx = &app->vetting,
                                             .redact = redact,
                                             .changed = app_plugin_changed,
                                             .changed_ctx = app,
                                             .bundled = plugin_bundled_hashes};

    if (paths_installed("libexec/innominatus/plugin-host", &app->arena, &options.host_path, err) < 0 ||
        paths_installed("lib/innominatus/plugins", &app->arena, &options.bundled_dir, err) < 0)
        return -1;
    app->admin_secrets = options.redact_ctx = redactor_new();
    if (plugin_find_cgroup(group, sizeof group))
        options.cgroup_dir = group;
    options.data_dir = arena_printf(&app->arena, "%s/plugins", app->state_dir);
    options.run_dir = arena_printf(&app->arena, "%s/run", app->state_dir);
    return plugin_manager_new(&options, &app->plugins, err);
}

int app_entry_open(struct app *app, const struct admin_config *config, const struct config_provisioner *entry,
                   struct provisioner_entry *out, struct err *err)
{
    struct secret_use use = {.sources = SECRET_ADMIN, .redactor = app->admin_secrets, .vault = app->vault};
    json_t *opened = NULL;

    if (secret_resolve_config(app->secrets, &use, entry->config, &opened, err) < 0) {
        /* what the configuration names is missing: no thing that the caller of a reload asked for */
        err->code = err->code == ERR_NOT_FOUND || err->code == ERR_BAD_VALUE ? ERR_CONFIG : err->code;
        return -1;
    }
    provisioner_entry_make(config, entry, opened, out);
    return 0;
}

static void add_plugin(struct app *app, const struct admin_config *config, const struct config_provisioner *entry)
{
    CLEANUP(provisioner_entry_fini) struct provisioner_entry opened = {0};
    CLEANUP(json_put) json_t *warnings = NULL;
    struct err err = {0};
    const json_t *text;
    size_t i;

    if (app_entry_open(app, config, entry, &opened, &err) < 0) {
        provisioner_entry_make(config, entry, NULL, &opened);
        plugin_add_refused(app->plugins, &opened.plugin, &err);
    } else {
        plugin_add(app->plugins, &opened.plugin, &err);
    }
    if (err.code != ERR_NONE)
        log_warn("plugin", "provisioner %s is refused: %s", entry->name, err.msg);
    warnings = plugin_warnings(app->plugins, entry->name);
    json_array_foreach(warnings, i, text) log_warn("plugin", "provisioner %s: %s", entry->name, json_string_value(text));
}

/* {entry: manifest} of those that are ready. */
static json_t *ready_manifests(const struct app *app, const struct admin_config *config)
{
    json_t *all = json_object();

    for (size_t i = 0; i < config->provisioner_count; i++)
        json_set_new(all, config->provisioners[i].name, plugin_manifest(app->plugins, config->provisioners[i].name));
    return all;
}

static int start_net(struct app *app, const struct admin_config *config, struct err *err)
{
    struct net_options options = {.allow = config->network_allow, .proxy = config->network_proxy};

    if (net_new(&options, &app->net, err) < 0)
        return -1;
    app->vault = secret_vault_new(app->net);
    secret_vault_configure(app->vault, config->vault);
    return 0;
}

static int check_routes(struct app *app, const struct admin_config *config, const json_t *provisioners, struct err *err)
{
    struct diag_list diags = diag_list_make(&app->arena, config->file);

    route_check(config, provisioners, &diags);
    if (!diags.errors)
        return 0;
    fputs(diag_render(&diags, NULL, false, &app->arena), stderr);
    return diag_to_err(&diags, err);
}

static void log_warnings(const struct catalog *catalog, const struct admin_config *config)
{
    CLEANUP(json_put) json_t *warnings = catalog_warnings(catalog, config);
    const json_t *text;
    size_t i;

    json_array_foreach(warnings, i, text) log_warn("config", "%s", json_string_value(text));
}

int app_load_platform(struct app *app, struct err *err)
{
    CLEANUP(config_put) struct admin_config *config = NULL;
    CLEANUP(catalog_put) struct catalog *catalog = NULL;
    CLEANUP(json_put) json_t *provisioners = NULL;

    if (load_config(app, &config, err) < 0 || load_policies(app, config, &app->policies, err) < 0 || start_net(app, config, err) < 0 ||
        start_plugins(app, err) < 0)
        return -1;
    app->vetting = (struct provisioner_vetting){config, app->policies, app->store};
    for (size_t i = 0; i < config->provisioner_count; i++)
        add_plugin(app, config, &config->provisioners[i]);
    provisioners = ready_manifests(app, config);
    if (check_routes(app, config, provisioners, err) < 0 || catalog_load(config, provisioners, &catalog, err) < 0)
        return -1;
    log_warnings(catalog, config);
    app->vetting = (struct provisioner_vetting){0}; /* until a reload */
    app->platform = platform_new(take_ptr(config), take_ptr(catalog), policy_set_ref(app->policies), take_ptr(provisioners));
    return 0;
}
