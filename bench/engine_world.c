/* The server of engine_bench: store, secrets, plugins and engine over a configuration like the shipped one, with the provisioner of noop.c.
 */
#include "engine_world.h"
#include "audit/audit.h"
#include "base/io.h"
#include "base/log.h"
#include "config/admin_config.h"
#include "crypto/hash.h"
#include "net/net.h"
#include "observe/hub.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "secret/secret_store.h"
#include "workflow/catalog.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(int rc, const struct err *err)
{
    if (rc < 0) {
        fprintf(stderr, "engine_bench: %s\n", err->msg);
        exit(1);
    }
}

/* ---- files ---- */

static void write_file(struct world *w, const char *path, const char *text)
{
    char *full = arena_printf(&w->arena, "%s/%s", w->dir, path), *dir = arena_strdup(&w->arena, full);
    struct err err = {0};

    *strrchr(dir, '/') = '\0';
    must(io_mkdirs(dir, 0700, &err), &err);
    must(io_write_atomic(full, text, strlen(text), 0600, &err), &err);
}

static const char *read_source(struct world *w, const char *path)
{
    char *full = arena_printf(&w->arena, "%s/%s", SOURCE_DIR, path), *text = NULL;
    struct err err = {0};
    size_t len;

    must(io_read_file(full, 1u << 20, &text, &len, &err), &err);
    full = arena_strdup(&w->arena, text);
    free(text);
    return full;
}

const char *world_example(struct world *w) { return read_source(w, "examples/ecommerce-app.yaml"); }

/* Shipped workflows as they are, but for the step that the bundled provisioner would do. */
static void copy_workflow(struct world *w, const char *path)
{
    const char *text = read_source(w, path), *local = strstr(text, "provisioner: local");

    if (local)
        text = arena_printf(&w->arena, "%.*sprovisioner: noop%s", (int)(local - text), text, local + strlen("provisioner: local"));
    write_file(w, path, text);
}

static void write_steps(struct world *w, const char *name, int steps)
{
    char *text = arena_printf(&w->arena,
                              "apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: %s, product: steps, phase: "
                              "deployment, version: 1.0.0, owner: bench}\nspec:\n  triggers: [product_deployment]\n  steps:\n",
                              name);

    for (int i = 0; i < steps; i++)
        text =
            arena_printf(&w->arena, "%s    - {name: s%d, type: validation, config: {checks: [{when: 'true', message: never}]}}\n", text, i);
    write_file(w, arena_printf(&w->arena, "workflows/products/steps/%s.yaml", name), text);
}

static void write_config(struct world *w, int steps, int concurrent)
{
    static const char *const shipped[] = {"workflows/platform/security-scan.yaml", "workflows/platform/cost-monitoring.yaml",
                                          "workflows/products/ecommerce/database-setup.yaml",
                                          "workflows/products/ecommerce/payment-integration.yaml"};
    char sha256[CRYPTO_SHA256_HEX];
    int fd = open(NOOP_PLUGIN, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || crypto_sha256_fd(fd, sha256) < 0) {
        fprintf(stderr, "engine_bench: cannot read %s\n", NOOP_PLUGIN);
        exit(1);
    }
    close(fd);
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        copy_workflow(w, shipped[i]);
    write_steps(w, "first", steps);
    write_steps(w, "second", steps);
    write_file(w, "admin-config.yaml",
               arena_printf(&w->arena,
                            "admin: {defaultCostCenter: engineering, defaultBudget: 100}\nenvironments:\n  - {name: development, type: "
                            "development}\nworkflowPolicies:\n  workflowsRoot: ./workflows\n  requiredPlatformWorkflows: [security-scan, "
                            "cost-monitoring]\n  maxConcurrentWorkflows: %d\n  maxStepsPerWorkflow: 200\nprovisioners:\n  - {name: noop, "
                            "plugin: %s, version: 1.0.0, sha256: %s}\ncosts:\n  currency: EUR\n  prices: {sqlite: {monthly: 1.0}}\n",
                            concurrent, NOOP_PLUGIN, sha256));
}

/* ---- the server ---- */

static void start_plugins(struct world *w, const struct admin_config *config, json_t *manifests)
{
    struct plugin_manager_options options = {.host_path = BUILD_DIR "/libexec/innominatus/plugin-host",
                                             .bundled_dir = BUILD_DIR "/lib/innominatus/plugins",
                                             .data_dir = arena_printf(&w->arena, "%s/plugins", w->dir),
                                             .run_dir = arena_printf(&w->arena, "%s/run", w->dir)};
    struct err err = {0};

    must(plugin_manager_new(&options, &w->plugins, &err), &err);
    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];

        must(plugin_add(w->plugins, &(struct plugin_entry){.name = p->name, .path = p->path, .version = p->version, .sha256 = p->sha256},
                        &err),
             &err);
        json_set_new(manifests, p->name, plugin_manifest(w->plugins, p->name));
    }
}

static struct platform *load_platform(struct world *w)
{
    struct diag_list diags = diag_list_make(&w->arena, "admin-config.yaml");
    struct policy_set_options options = {0};
    struct admin_config *config = NULL;
    struct policy_set *policies = NULL;
    struct catalog *catalog = NULL;
    json_t *manifests = json_object();
    struct err err = {0};

    must(config_load(arena_printf(&w->arena, "%s/admin-config.yaml", w->dir), &diags, &config, &err), &err);
    must(policy_set_load(&options, &diags, &policies, &err), &err);
    start_plugins(w, config, manifests);
    must(catalog_load(config, manifests, &catalog, &err), &err);
    return platform_new(config, catalog, policies, manifests);
}

void world_start(struct world *w, const char *url, int steps, int concurrent)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = arena_printf(&w->arena, "%s/engine_bench.XXXXXX", tmp && *tmp ? tmp : "/var/tmp");
    struct engine_options options = {0};
    struct err err = {0};

    log_init(LOG_TEXT, LOG_ERROR);
    if (!mkdtemp(dir)) {
        fprintf(stderr, "engine_bench: cannot make %s\n", dir);
        exit(1);
    }
    options.state_dir = w->dir = dir;
    snprintf(w->user.name, sizeof w->user.name, "dev");
    snprintf(w->user.team, sizeof w->user.team, "shop");
    snprintf(w->user.org, sizeof w->user.org, "default");
    w->user.role = ROLE_USER;
    write_config(w, steps, concurrent);
    must(store_open(&(struct store_options){.url = url ? url : arena_printf(&w->arena, "sqlite:%s/bench.db", dir)}, &w->store, &err), &err);
    w->hub = hub_new(w->store);
    audit_install_sealer(w->store);
    must(secret_box_open(&(struct secret_box_options){.state_dir = dir, .store = w->store}, &w->secrets, &err), &err);
    must(net_new(&(struct net_options){0}, &w->net, &err), &err);
    options.platform = load_platform(w);
    options.store = w->store;
    options.plugins = w->plugins;
    options.net = w->net;
    options.secrets = w->secrets;
    must(engine_new(&options, &w->engine, &err), &err);
    platform_unref(options.platform);
    must(engine_start(w->engine, &err), &err);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    remove(path);
    return 0;
}

void world_stop(struct world *w)
{
    engine_drain(w->engine, 60000);
    plugin_manager_free(w->plugins);
    net_free(w->net);
    secret_box_close(w->secrets);
    store_close(w->store);
    engine_free(w->engine);
    hub_free(w->hub);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_fini(&w->arena);
}
