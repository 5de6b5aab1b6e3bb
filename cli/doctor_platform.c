/* Owns the checks of `doctor` that look at the configuration and all that hangs on it: plugins and their sandbox, policies, workflows,
 * tools. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/doctor.h"
#include "cli/workbench.h"
#include "config/admin_config.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "workflow/catalog.h"
#include "workflow/provisioner_entry.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LANDLOCK_CREATE 444 /* the build machine's header may be older than the kernel */
#define HEALTH_MS       20000

/* ---- the configuration ---- */

void doctor_configuration(struct doctor *d)
{
    struct diag_list diags = diag_list_make(&d->c->arena, d->config_path);
    struct err err = {0};
    struct stat st;

    if (!d->config_path || stat(d->config_path, &st) < 0) {
        doctor_note(d, "configuration", FINDING_FAIL,
                    "name one with --admin-config; the installation has share/innominatus/admin-config.yaml", "%s: %s",
                    d->config_path ? d->config_path : "admin-config.yaml", strerror(errno));
        return;
    }
    if (config_load(d->config_path, &diags, &d->config, &err) < 0) {
        doctor_note(d, "configuration", FINDING_FAIL, "`innominatus admin validate` shows all of its problems", "%s", err.msg);
        return;
    }
    if (st.st_mode & 002)
        doctor_note(d, "configuration", FINDING_FAIL, arena_printf(&d->c->arena, "chmod o-w %s", d->config_path),
                    "%s can be written by everybody; the server refuses it", d->config_path);
    else
        doctor_note(d, "configuration", diags.warnings ? FINDING_WARN : FINDING_OK, "`innominatus admin validate` shows them", "%s%s",
                    d->config_path, diags.warnings ? " has warnings" : "");
}

static int load_policies(struct doctor *d, struct diag_list *diags, struct policy_set **out, struct err *err)
{
    struct policy_set_options options = {
        .dir = d->config->policies_path,
        .mode = d->config->policies_mode,
        .overrides = d->config->policies_overrides,
        .limits = {d->config->policy_wall_ms, d->config->policy_instructions, d->config->policy_bytes},
    };

    return policy_set_load(&options, diags, out, err);
}

/* ---- plugins ---- */

/* Entries are vetted as the server does it, and only the bundled plugin runs. */
struct ward {
    struct workbench bench;
    struct provisioner_vetting vetting;
};

static void ward_fini(struct ward *w)
{
    workbench_close(&w->bench);
    policy_set_unref(w->vetting.policies);
}

static bool is_vetted(struct doctor *d, struct ward *w, const struct config_provisioner *entry)
{
    CLEANUP(provisioner_entry_fini) struct provisioner_entry opened = {0};
    CLEANUP(json_put) json_t *warnings = NULL;
    struct err err = {0};
    const json_t *text;
    size_t i;

    provisioner_entry_make(d->config, entry, NULL, &opened);
    if (plugin_add(w->bench.manager, &opened.plugin, &err) < 0) {
        doctor_note(d, "plugin", FINDING_FAIL,
                    err.code == ERR_PLUGIN_REFUSED
                        ? "correct what it names; `innominatus plugin inspect FILE` prints the entry as it should be"
                        : err_remedy(err.code),
                    "%s: %s", entry->name, err.msg);
        return false;
    }
    warnings = plugin_warnings(w->bench.manager, entry->name);
    json_array_foreach(warnings, i, text)
        doctor_note(d, "plugin", FINDING_WARN, "`signaturePolicy: require` and policies refuse what should not run", "%s: %s", entry->name,
                    json_string_value(text));
    return true;
}

struct wait {
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool over;
    struct err err;
};

static void health_done(void *ctx, const struct plugin_result *result)
{
    struct wait *wait = ctx;

    pthread_mutex_lock(&wait->mutex);
    wait->err = result->err;
    wait->over = true;
    pthread_cond_signal(&wait->done);
    pthread_mutex_unlock(&wait->mutex);
}

/* Starts a host of the bundled plugin, whose sandbox is every host's. */
static int start_host(struct ward *w, struct err *err)
{
    struct wait wait = {.mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    struct plugin_entry probe = {.name = "doctor-probe", .plugin = "local"};
    struct plugin_request request = {
        .instance = probe.name, .operation = PLUGIN_HEALTH, .deadline_ms = HEALTH_MS, .events = {.done = health_done}, .ctx = &wait};
    struct plugin_call *call = NULL;

    if (plugin_add(w->bench.manager, &probe, err) < 0 || plugin_call_start(w->bench.manager, &request, &call, err) < 0)
        return -1;
    pthread_mutex_lock(&wait.mutex);
    while (!wait.over)
        pthread_cond_wait(&wait.done, &wait.mutex);
    pthread_mutex_unlock(&wait.mutex);
    if (wait.err.code != ERR_NONE && wait.err.code != ERR_UNSUPPORTED)
        return err_set(err, wait.err.code, "%s", wait.err.msg);
    return 0;
}

static void note_sandbox(struct doctor *d, const json_t *host)
{
    long abi = syscall(LANDLOCK_CREATE, NULL, 0, 1u);
    const json_t *lacks = json_object_get(host, "sandbox_lacks"), *text;
    const char *all = "";
    size_t i;

    json_array_foreach(lacks, i, text) all = arena_printf(&d->c->arena, "%s%s%s", all, i ? "; " : "", json_string_value(text));
    doctor_note(d, "sandbox", json_array_size(lacks) ? FINDING_WARN : FINDING_OK,
                "a kernel of 6.12 or later with Landlock, and user namespaces allowed, give plugins the full sandbox",
                "%s, Landlock ABI %ld%s%s", json_array_size(lacks) ? "weak" : "full", abi > 0 ? abi : 0, all[0] ? ": " : "", all);
}

static void check_sandbox(struct doctor *d, struct ward *w)
{
    CLEANUP(json_put) json_t *all = NULL;
    struct err err = {0};
    const json_t *item;
    size_t i;

    if (start_host(w, &err) < 0) {
        doctor_note(d, "sandbox", FINDING_FAIL, err_remedy(err.code), "no plugin can run here: %s", err.msg);
        return;
    }
    all = plugin_describe_all(w->bench.manager);
    json_array_foreach(all, i, item) if (str_eq(json_str(item, "name"), "doctor-probe")) note_sandbox(d, item);
}

void doctor_plugins(struct doctor *d)
{
    CLEANUP(ward_fini) struct ward w = {.vetting = {.config = d->config}};
    struct diag_list ignored = diag_list_make(&d->c->arena, "policies"); /* doctor_policies tells of them */
    struct err err = {0};
    size_t good = 0;

    if (workbench_open(d->c, &(struct plugin_manager_options){.vet = provisioner_vet, .vet_ctx = &w.vetting}, &w.bench, &err) < 0) {
        doctor_note_err(d, "plugins", FINDING_FAIL, &err);
        return;
    }
    if (d->config)
        load_policies(d, &ignored, &w.vetting.policies, &(struct err){0});
    for (size_t i = 0; d->config && i < d->config->provisioner_count; i++)
        good += is_vetted(d, &w, &d->config->provisioners[i]);
    if (d->config && good == d->config->provisioner_count)
        doctor_note(d, "plugins", FINDING_OK, NULL, "%zu of %zu entries vetted: owner, mode, sha256, signature, manifest, policies", good,
                    good);
    policy_set_unref(w.vetting.policies); /* what follows is no entry of the admin's */
    w.vetting.policies = NULL;
    check_sandbox(d, &w);
}

/* ---- policies ---- */

static void put_policies(struct policy_set **set) { policy_set_unref(*set); }

static void check_policy_tests(struct doctor *d)
{
    CLEANUP(json_put) json_t *results = NULL;
    struct err err = {0};
    int64_t failed;

    if (!d->config->policies_path)
        return;
    if (policy_test_dir(d->config->policies_path, false, &results, &err) < 0) {
        doctor_note_err(d, "policy tests", FINDING_FAIL, &err);
        return;
    }
    failed = json_int(results, "failed", 0);
    doctor_note(d, "policy tests", failed ? FINDING_FAIL : FINDING_OK,
                arena_printf(&d->c->arena, "`innominatus policy test %s` shows them", d->config->policies_path), "%lld passed, %lld failed",
                (long long)json_int(results, "passed", 0), (long long)failed);
}

void doctor_policies(struct doctor *d)
{
    CLEANUP(put_policies) struct policy_set *set = NULL;
    CLEANUP(json_put) json_t *all = NULL;
    struct diag_list diags = diag_list_make(&d->c->arena, "policies");
    struct err err = {0};

    if (!d->config)
        return;
    if (load_policies(d, &diags, &set, &err) < 0) {
        doctor_note_err(d, "policies", FINDING_FAIL, &err);
        return;
    }
    all = policy_set_describe(set);
    if (diags.errors)
        doctor_note(d, "policies", FINDING_FAIL, "`innominatus admin validate` shows where; a broken policy denies everything at its point",
                    "%zu error%s, the first: %s", diags.errors, diags.errors == 1 ? "" : "s", diags.items[0].message);
    else
        doctor_note(d, "policies", FINDING_OK, NULL, "%zu loaded", json_array_size(all));
    check_policy_tests(d);
}

/* ---- workflows ---- */

void doctor_workflows(struct doctor *d)
{
    CLEANUP(catalog_put) struct catalog *catalog = NULL;
    CLEANUP(json_put) json_t *warnings = NULL;
    const struct workflow_def *defs;
    size_t total = 0, broken = 0;
    struct err err = {0};

    if (!d->config)
        return;
    if (catalog_load(d->config, NULL, &catalog, &err) < 0) {
        doctor_note_err(d, "workflows", FINDING_FAIL, &err);
        return;
    }
    defs = catalog_workflows(catalog, &total);
    for (size_t i = 0; i < total; i++) {
        if (!defs[i].broken)
            continue;
        broken++;
        doctor_note(d, "workflow", FINDING_FAIL, "`innominatus admin validate` shows where; deployments that need it are refused", "%s: %s",
                    defs[i].file ? defs[i].file : defs[i].name, defs[i].problem_count ? defs[i].problems[0].message : "cannot be used");
    }
    warnings = catalog_warnings(catalog, d->config);
    if (json_array_size(warnings))
        doctor_note(d, "workflows", FINDING_WARN, "`innominatus admin validate` shows all of them", "%s",
                    json_string_value(json_array_get(warnings, 0)));
    else if (!broken)
        doctor_note(d, "workflows", FINDING_OK, NULL, "%zu loaded", total);
}

/* ---- tools ---- */

static bool is_on_path(struct cli *c, const char *name)
{
    const char *path = getenv("PATH"), *at = path ? path : "/usr/local/bin:/usr/bin:/bin";

    if (strchr(name, '/'))
        return access(name, X_OK) == 0;
    while (*at) {
        size_t len = strcspn(at, ":");

        if (len && access(arena_printf(&c->arena, "%.*s/%s", (int)len, at, name), X_OK) == 0)
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

/* Commands that `command` steps may start. */
void doctor_tools(struct doctor *d)
{
    const char *missing = "";
    size_t total = 0;

    for (config_names name = d->config ? d->config->allowed_commands : NULL; name && *name; name++, total++)
        if (!is_on_path(d->c, *name))
            missing = arena_printf(&d->c->arena, "%s%s%s", missing, missing[0] ? ", " : "", *name);
    if (total)
        doctor_note(d, "tools", missing[0] ? FINDING_WARN : FINDING_OK, "install them, or take them out of allowedCommands", "%s%s",
                    missing[0] ? "not on PATH: " : "all allowed commands are there", missing);
}
