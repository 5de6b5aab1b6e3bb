/* Owns the reload: configuration, policies, workflows and provisioner entries are read and vetted beside those in force, and take their
 * place together when all of them are good. Called by a thread of the api and by the main thread; one at a time. */
#include "app_priv.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "net/net.h"
#include "observe/event.h"
#include "policy/policy.h"
#include "secret/vault.h"
#include "store/store.h"
#include "workflow/catalog.h"
#include "workflow/engine.h"
#include "workflow/platform_diff.h"
#include "workflow/route.h"
#include <stdlib.h>

/* What is about to be put in force. */
struct fresh {
    struct arena arena; /* of this reload */
    struct admin_config *config;
    struct policy_set *policies;
    struct catalog *catalog;
    json_t *provisioners; /* {entry: manifest} */
    struct instance **prepared;
    size_t prepared_count;
    json_t *warnings;
    struct platform *platform; /* takes over config, policies, catalog and provisioners */
};

static void fresh_fini(struct fresh *f)
{
    for (size_t i = 0; i < f->prepared_count; i++)
        plugin_forget(f->prepared[i]);
    free(f->prepared);
    config_free(f->config);
    policy_set_unref(f->policies);
    catalog_free(f->catalog);
    json_put(&f->provisioners);
    json_put(&f->warnings);
    platform_unref(f->platform);
    arena_fini(&f->arena);
}

/* ---- reading ---- */

/* Takes over what another list found, with the file it was found in. */
static void add_diags(struct diag_list *to, const struct diag *items, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        const struct diag *from = &items[i];
        struct diag *d = diag_add(to, from->severity, from->code, from->line, from->column, from->width, from->path, from->suggestion, "%s",
                                  from->message);

        if (d)
            d->file = arena_strdup(to->arena, from->file ? from->file : file);
    }
}

static int read_policies(struct fresh *f, struct diag_list *diags, struct err *err)
{
    struct diag_list found = diag_list_make(&f->arena, f->config->policies_path);

    if (app_read_policies(f->config, &found, &f->policies, err) < 0)
        return -1;
    add_diags(diags, found.items, found.count, found.file ? found.file : "policies");
    return 0;
}

static void bad_entry(const struct fresh *f, const struct config_provisioner *entry, struct diag_list *diags, const struct err *why)
{
    const char *path = arena_printf(diags->arena, "/provisioners/%s", entry->name);
    struct diag *d =
        diag_add(diags, DIAG_ERROR, why->code, entry->line, 1, 1, path, NULL, "provisioner %s is refused: %s", entry->name, why->msg);

    if (d)
        d->file = arena_strdup(diags->arena, f->config->file);
}

static void warn(struct fresh *f, const struct config_provisioner *entry, const json_t *texts)
{
    const json_t *text;
    size_t i;

    json_array_foreach(texts, i, text)
        json_array_append_new(f->warnings, json_sprintf("provisioner %s: %s", entry->name, json_string_value(text)));
}

/* The new version of an entry that serves already has to come up before it takes the old one's place. What only its backend keeps it from
 * is told, as it would be without a reload. */
static void start_beside(struct app *app, struct fresh *f, const struct config_provisioner *entry, struct instance *prepared,
                         struct diag_list *diags)
{
    CLEANUP(json_put) json_t *serving = plugin_manifest(app->plugins, entry->name), *texts = json_array();
    struct err err = {0};

    if (!serving || plugin_warm(app->plugins, prepared, &err) == 0)
        return;
    if (err_is_retryable(err.code) && err.code != ERR_PLUGIN_CRASHED && err.code != ERR_PLUGIN_TIMEOUT) {
        json_append_str(texts, err.msg);
        warn(f, entry, texts);
    } else {
        bad_entry(f, entry, diags, &err);
    }
}

/* What an entry needs is prepared when it is new or has changed. One that was refused before and has not changed stays so. */
static void prepare_entry(struct app *app, struct fresh *f, const struct config_provisioner *entry, struct diag_list *diags)
{
    CLEANUP(provisioner_entry_fini) struct provisioner_entry opened = {0};
    CLEANUP(json_put) json_t *warnings = json_array();
    struct instance *prepared = NULL;
    struct err err = {0};

    if (app_entry_open(app, f->config, entry, &opened, &err) < 0) {
        bad_entry(f, entry, diags, &err);
        return;
    }
    if (plugin_is_current(app->plugins, &opened.plugin)) {
        if (plugin_ask_again(app->plugins, &opened.plugin, warnings, &err) < 0)
            bad_entry(f, entry, diags, &err);
        warn(f, entry, warnings);
        json_set_new(f->provisioners, entry->name, plugin_manifest(app->plugins, entry->name));
        return;
    }
    if (plugin_prepare(app->plugins, &opened.plugin, &prepared, &err) == 0) {
        json_set_new(f->provisioners, entry->name, json_deep_copy(plugin_prepared_manifest(prepared)));
        f->prepared[f->prepared_count++] = prepared;
        warn(f, entry, plugin_prepared_warnings(prepared));
        start_beside(app, f, entry, prepared, diags);
    } else if (plugin_is_refused(app->plugins, &opened.plugin)) {
        json_array_append_new(f->warnings, json_sprintf("provisioner %s is refused as before: %s", entry->name, err.msg));
    } else {
        bad_entry(f, entry, diags, &err);
    }
}

/* The new policies decide about the entries, those that stay too. */
static void prepare_plugins(struct app *app, struct fresh *f, struct diag_list *diags)
{
    f->provisioners = json_object();
    f->prepared = mem_array(f->config->provisioner_count + 1, sizeof *f->prepared);
    app->vetting = (struct provisioner_vetting){f->config, f->policies, app->store};
    for (size_t i = 0; i < f->config->provisioner_count; i++)
        prepare_entry(app, f, &f->config->provisioners[i], diags);
    app->vetting = (struct provisioner_vetting){0};
}

static int read_workflows(struct fresh *f, struct diag_list *diags, struct err *err)
{
    CLEANUP(json_put) json_t *warnings = NULL;
    const struct workflow_def *all;
    size_t count;

    if (catalog_load(f->config, f->provisioners, &f->catalog, err) < 0)
        return -1;
    all = catalog_workflows(f->catalog, &count);
    for (size_t i = 0; i < count; i++)
        add_diags(diags, all[i].problems, all[i].problem_count, all[i].file);
    warnings = catalog_warnings(f->catalog, f->config);
    json_array_extend(f->warnings, warnings);
    return 0;
}

static int read_all(struct app *app, struct fresh *f, struct diag_list *diags, struct err *err)
{
    struct diag_list found = diag_list_make(&f->arena, app->admin_config);
    int rc = app_read_config(app, &found, &f->config, err);

    f->warnings = json_array();
    add_diags(diags, found.items, found.count, app->admin_config);
    if (rc < 0 || read_policies(f, diags, err) < 0)
        return -1;
    secret_vault_configure(app->vault, f->config->vault); /* the new entries are opened with it */
    prepare_plugins(app, f, diags);
    found = diag_list_make(&f->arena, f->config->file);
    route_check(f->config, f->provisioners, &found);
    add_diags(diags, found.items, found.count, f->config->file);
    if (read_workflows(f, diags, err) < 0)
        return -1;
    if (diags->errors)
        return diag_to_err(diags, err);
    f->platform = platform_new(take_ptr(f->config), take_ptr(f->catalog), take_ptr(f->policies), take_ptr(f->provisioners));
    return 0;
}

/* ---- what it is told about ---- */

struct owning {
    const json_t *names; /* of entries */
    json_t *out;         /* those that own something */
};

/* A running deployment may still be about to use an entry that its plan names. */
static int owning_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct owning *o = ctx;
    const json_t *name;
    size_t i;

    json_put(&o->out);
    o->out = json_array();
    json_array_foreach(o->names, i, name)
    {
        int64_t count = 0;

        if (store_query_int(tx,
                            "SELECT (SELECT count(*) FROM resources WHERE provisioner = $1 AND live = 1) + (SELECT count(*) FROM "
                            "deployments WHERE finished_at IS NULL)",
                            STORE_ARGS(store_text(json_string_value(name))), 0, &count, err) < 0)
            return -1;
        if (count)
            json_append_str(o->out, json_string_value(name));
    }
    return 0;
}

/* Those of `names` that resources or running deployments still need. */
static int owning(struct app *app, const json_t *names, json_t **out, struct err *err)
{
    struct owning o = {.names = names};

    if (store_read(app->store, owning_unit, &o, err) < 0) {
        json_put(&o.out);
        return -1;
    }
    *out = o.out;
    return 0;
}

struct record {
    const struct audit_row *by;
    const json_t *report;
};

static int record_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct record *record = ctx;
    struct audit_row row = *record->by;
    struct event event = {.type = "config.reloaded", .org = row.org, .actor = row.actor, .data = record->report};

    row.action = "config.reload";
    row.object = json_str(record->report, "revision");
    row.detail = record->report;
    return event_write(tx, &event, err) < 0 ? -1 : audit_write(tx, &row, err);
}

/* The event and the audit say what, not how: values of settings stay in the answer. */
static int record(struct app *app, const struct audit_row *by, const json_t *report, struct err *err)
{
    CLEANUP(json_put) json_t *brief = json_copy((json_t *)(uintptr_t)report);
    json_t *keys = json_array(), *setting;
    struct record r = {by, brief};
    size_t i;

    json_array_foreach(json_object_get(report, "settings"), i, setting) json_append_str(keys, json_str(setting, "key"));
    json_object_set_new(brief, "settings", keys);
    json_object_del(brief, "warnings");
    return store_write_wait(app->store, record_unit, &r, err);
}

/* ---- putting it in force ---- */

/* What is revoked is not kept for the resources that it made. */
static void drop_revoked(struct app *app, const struct admin_config *config, json_t *report)
{
    CLEANUP(json_put) json_t *names = plugin_remove_revoked(app->plugins, config->revoked_hashes);
    json_t *draining = json_object_get(json_object_get(report, "provisioners"), "draining"), *name, *other;
    size_t i, j;

    json_array_foreach(names, i, name)
    {
        json_array_foreach(draining, j, other) if (json_equal(name, other))
        {
            json_array_remove(draining, j);
            break;
        }
        json_array_append_new(json_object_get(report, "warnings"),
                              json_sprintf("provisioner %s is revoked and serves no longer; what it made waits for an entry that takes it "
                                           "over: the same name with another version of the plugin",
                                           json_string_value(name)));
    }
}

/* New entries come before the platform that routes to them, old ones go after it. Nothing here can fail. */
static void put_in_force(struct app *app, struct fresh *f, const json_t *removed, json_t *report)
{
    const struct admin_config *config = f->platform->config;
    const json_t *name;
    struct err ignored = {0};
    size_t i;

    for (size_t p = 0; p < f->prepared_count; p++)
        plugin_put(app->plugins, f->prepared[p]);
    f->prepared_count = 0;
    net_configure(app->net, &(struct net_options){.allow = config->network_allow, .proxy = config->network_proxy});
    engine_set_platform(app->engine, f->platform);
    json_array_foreach(removed, i, name) plugin_drain(app->plugins, json_string_value(name), &ignored);
    drop_revoked(app, config, report);
    policy_set_unref(app->policies);
    app->policies = policy_set_ref(f->platform->policies);
    platform_unref(app->platform);
    app->platform = take_ptr(f->platform);
}

static int reload_locked(struct app *app, const struct audit_row *by, struct diag_list *diags, json_t **out, struct err *err)
{
    CLEANUP(fresh_fini) struct fresh f = {0};
    CLEANUP(json_put) json_t *report = NULL, *draining = NULL;
    const json_t *removed;

    if (read_all(app, &f, diags, err) < 0)
        return -1;
    report = platform_diff(app->platform, f.platform);
    removed = json_object_get(json_object_get(report, "provisioners"), "removed");
    if (owning(app, removed, &draining, err) < 0)
        return -1;
    json_object_set(json_object_get(report, "provisioners"), "draining", draining);
    json_object_set(report, "warnings", f.warnings);
    if (record(app, by, report, err) < 0)
        return -1;
    put_in_force(app, &f, removed, report);
    *out = take_ptr(report);
    return 0;
}

int app_reload(struct app *app, const struct audit_row *by, struct diag_list *diags, json_t **out, struct err *err)
{
    int rc;

    pthread_mutex_lock(&app->reloading);
    rc = reload_locked(app, by, diags, out, err);
    secret_vault_configure(app->vault, app->platform->config->vault); /* what is in force now, whichever that is */
    pthread_mutex_unlock(&app->reloading);
    metric_count(METRIC_CONFIG_RELOADS, rc == 0 ? "ok" : "failed", NULL, NULL);
    return rc;
}

/* ---- by signal ---- */

static void log_report(const json_t *report)
{
    static const char *const kinds[] = {"provisioners", "policies", "workflows"}, *const changes[] = {"added", "removed", "changed"};
    const json_t *item;
    size_t at;

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            json_array_foreach(json_object_get(json_object_get(report, kinds[i]), changes[j]), at, item)
                log_info("config", "%s: %s %s", kinds[i], json_string_value(item), changes[j]);
    json_array_foreach(json_object_get(report, "settings"), at, item) log_info("config", "setting %s changed", json_str(item, "key"));
    json_array_foreach(json_object_get(report, "restart"), at, item)
        log_warn("config", "setting %s is only read at the start: restart the server", json_string_value(item));
    json_array_foreach(json_object_get(report, "warnings"), at, item) log_warn("config", "%s", json_string_value(item));
    log_info("config", "the configuration was reloaded%s", json_flag(report, "changed", false) ? "" : "; nothing has changed");
}

void app_reload_by_signal(struct app *app)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *report = NULL;
    struct diag_list diags = diag_list_make(&arena, app->admin_config);
    struct err err = {0};

    if (app_reload(app, &(struct audit_row){.detail = NULL}, &diags, &report, &err) == 0) {
        log_report(report);
        return;
    }
    for (size_t i = 0; i < diags.count; i++) {
        const struct diag *d = &diags.items[i];
        char code[16];

        log_error("config", "%s:%d:%d: %s %s", d->file ? d->file : diags.file, d->line, d->column, err_name(d->code, code), d->message);
    }
    log_error("config", "the configuration was not reloaded, everything stays as it was: %s", err.msg);
}

/* ---- what drains ---- */

bool app_sweep_draining(struct app *app)
{
    CLEANUP(json_put) json_t *names = plugin_draining(app->plugins), *needed = NULL;
    struct err err = {0};
    const json_t *name;
    bool left = false;
    size_t i, j;

    if (!json_array_size(names))
        return false;
    pthread_mutex_lock(&app->reloading); /* an entry that comes back meanwhile is another instance */
    json_put(&names);
    names = plugin_draining(app->plugins);
    if (owning(app, names, &needed, &err) < 0) {
        pthread_mutex_unlock(&app->reloading);
        return true; /* the database will answer again */
    }
    json_array_foreach(names, i, name)
    {
        const json_t *other;
        bool is_needed = false;

        json_array_foreach(needed, j, other) is_needed = is_needed || json_equal(name, other);
        left = left || is_needed;
        if (!is_needed && plugin_remove(app->plugins, json_string_value(name), &err) == 0)
            log_info("plugin", "provisioner %s owns nothing any more and is gone", json_string_value(name));
    }
    pthread_mutex_unlock(&app->reloading);
    return left;
}
