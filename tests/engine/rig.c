/* The test's server. */
#include "rig.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "crypto/hash.h"
#include "net/net.h"
#include "observe/hub.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "secret/secret_store.h"
#include "test.h"
#include "workflow/catalog.h"
#include <fcntl.h>
#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>
#ifdef RIG_POSTGRES
#include "pg.h"
#endif

#define WAIT_MS      240000
#define LEASE_RIG_MS 120000

static void must(int rc, const struct err *err)
{
    if (rc < 0) {
        fprintf(stderr, "rig: ORC-%d %s\n", err_orc(err->code), err->msg);
        CU_FAIL_FATAL("rig");
    }
}

#ifdef RIG_POSTGRES
static struct pg_cluster *cluster; /* one for the program, a database a rig */

const char *rig_missing(void) { return pg_missing(); }

static void stop_cluster(void) { pg_cluster_stop(cluster); }

static const char *make_database(struct rig *rig)
{
    static int count;
    char name[32], url[512];
    struct err err = {0};

    if (!cluster) {
        must(pg_cluster_start(&cluster, &err), &err);
        atexit(stop_cluster);
    }
    snprintf(name, sizeof name, "rig%d", ++count);
    must(pg_cluster_database(cluster, name, url, sizeof url, &err), &err);
    return arena_strdup(&rig->arena, url);
}
#else
const char *rig_missing(void) { return NULL; }

static const char *make_database(struct rig *rig) { return arena_printf(&rig->arena, "sqlite:%s/state/test.db", rig->dir); }
#endif

#ifndef PROBE_PLUGIN /* other directories use the rig without it */
#define PROBE_PLUGIN TEST_BINARY_DIR "/tests/engine/plugins/probe.so"
#endif

/* The entry of the tests' own provisioner, pinned by its hash as an admin would. */
static const char *probe_entry(struct rig *rig)
{
    char sha256[CRYPTO_SHA256_HEX];
    int fd = open(PROBE_PLUGIN, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || crypto_sha256_fd(fd, sha256) < 0)
        CU_FAIL_FATAL("no probe plugin");
    close(fd);
    return arena_printf(&rig->arena, "{name: probe, plugin: %s, version: 1.0.0, sha256: %s, limits: {maxHosts: 4}}", PROBE_PLUGIN, sha256);
}

/* `text` with every @PROBE@ replaced. */
static const char *with_probe(struct rig *rig, const char *text)
{
    const char *at = strstr(text, "@PROBE@");

    if (!at)
        return text;
    return with_probe(rig, arena_printf(&rig->arena, "%.*s%s%s", (int)(at - text), text, probe_entry(rig), at + 7));
}

void rig_configure(struct rig *rig, const char *config) { rig_write(rig, "admin-config.yaml", with_probe(rig, config)); }

static void init_user(struct rig *rig)
{
    rig->workers = 4;
    rig->wait_ms = WAIT_MS;
    snprintf(rig->user.name, sizeof rig->user.name, "dev");
    snprintf(rig->user.team, sizeof rig->user.team, "shop");
    snprintf(rig->user.org, sizeof rig->user.org, "default");
    rig->user.role = ROLE_USER;
    log_init(LOG_TEXT, getenv("RIG_LOG") ? LOG_DEBUG : LOG_ERROR);
}

void rig_init(struct rig *rig, const char *config)
{
    *rig = (struct rig){0};
    rig->dir = arena_strdup(&rig->arena, test_dir());
    rig->state = arena_printf(&rig->arena, "%s/state", rig->dir);
    rig->database = make_database(rig);
    rig_configure(rig, config ? config : "provisioners:\n  - {name: local, plugin: local}\n");
    init_user(rig);
}

void rig_init_peer(struct rig *peer, const struct rig *rig)
{
    *peer =
        (struct rig){.dir = rig->dir, .database = rig->database, .lease_ms = rig->lease_ms, .margin_ms = rig->margin_ms, .is_peer = true};
    peer->state = arena_printf(&peer->arena, "%s/peer", rig->dir);
    init_user(peer);
}

void rig_write(struct rig *rig, const char *path, const char *text)
{
    char *full = arena_printf(&rig->arena, "%s/%s", rig->dir, path), *dir = arena_strdup(&rig->arena, full);
    struct err err = {0};

    *strrchr(dir, '/') = '\0';
    must(io_mkdirs(dir, 0700, &err), &err);
    must(io_write_atomic(full, text, strlen(text), 0600, &err), &err);
}

static void start_plugins(struct rig *rig, const struct admin_config *config, json_t *manifests)
{
    struct plugin_manager_options options = {.host_path = TEST_BINARY_DIR "/libexec/innominatus/plugin-host",
                                             .bundled_dir = TEST_BINARY_DIR "/lib/innominatus/plugins",
                                             .data_dir = arena_printf(&rig->arena, "%s/plugins", rig->state),
                                             .run_dir = arena_printf(&rig->arena, "%s/run", rig->state),
                                             .bundled = plugin_bundled_hashes,
                                             .breaker = rig->breaker};
    struct err err = {0};

    must(plugin_manager_new(&options, &rig->plugins, &err), &err);
    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];
        struct plugin_entry entry = {.name = p->name,
                                     .path = p->path,
                                     .plugin = p->plugin,
                                     .version = p->version,
                                     .sha256 = p->sha256,
                                     .product = p->product,
                                     .config = p->config,
                                     .memory_bytes = p->memory_bytes,
                                     .timeout_ms = p->timeout_ms,
                                     .max_hosts = p->max_hosts};

        must(plugin_add(rig->plugins, &entry, &err), &err);
        json_set_new(manifests, p->name, plugin_manifest(rig->plugins, p->name));
    }
}

static struct platform *load_platform(struct rig *rig)
{
    struct diag_list diags = diag_list_make(&rig->arena, "admin-config.yaml");
    struct admin_config *config = NULL;
    struct policy_set *policies = NULL;
    struct catalog *catalog = NULL;
    json_t *manifests = json_object();
    struct policy_set_options options = {0};
    struct err err = {0};

    must(config_load(arena_printf(&rig->arena, "%s/admin-config.yaml", rig->dir), &diags, &config, &err), &err);
    options.dir = config->policies_path;
    must(policy_set_load(&options, &diags, &policies, &err), &err);
    start_plugins(rig, config, manifests);
    must(catalog_load(config, manifests, &catalog, &err), &err);
    return platform_new(config, catalog, policies, manifests);
}

void rig_start(struct rig *rig)
{
    struct store_options store = {.url = rig->database};
    struct secret_box_options secrets = {.state_dir = rig->state};
    static const char *const allow[] = {"127.0.0.1", NULL};
    struct net_options net = {.allow = allow};
    struct engine_options options = {.workers = rig->workers,
                                     .state_dir = rig->state,
                                     .lease_ms = rig->lease_ms ? rig->lease_ms : LEASE_RIG_MS,
                                     .margin_ms = rig->margin_ms,
                                     .capacity = rig->capacity};
    struct err err = {0};

    must(io_mkdirs(rig->state, 0700, &err), &err);
    if (rig->is_peer) /* one seal key for both */
        secrets.state_dir = arena_printf(&rig->arena, "%s/state", rig->dir);
    must(store_open(&store, &rig->store, &err), &err);
    rig->hub = hub_new(rig->store);
    audit_install_sealer(rig->store);
    secrets.store = rig->store;
    must(secret_box_open(&secrets, &rig->secrets, &err), &err);
    must(net_new(&net, &rig->net, &err), &err);
    options.platform = load_platform(rig);
    options.store = rig->store;
    options.plugins = rig->plugins;
    options.net = rig->net;
    options.secrets = rig->secrets;
    must(engine_new(&options, &rig->engine, &err), &err);
    platform_unref(options.platform);
    must(engine_start(rig->engine, &err), &err);
}

static void open_closed(struct rig *rig)
{
    struct store_options options = {.url = rig->database};
    struct err err = {0};

    must(store_open(&options, &rig->store, &err), &err);
}

static void close_again(struct rig *rig)
{
    store_close(rig->store);
    rig->store = NULL;
}

void rig_end_leases(struct rig *rig)
{
    if (str_starts(rig->database, "sqlite:"))
        return;
    open_closed(rig);
    rig_exec(rig, "UPDATE tasks SET lease_until = 1 WHERE state = 'running'");
    close_again(rig);
}

const char *rig_text_closed(struct rig *rig, const char *sql)
{
    const char *text;

    open_closed(rig);
    text = rig_text(rig, sql);
    close_again(rig);
    return text;
}

void rig_stop(struct rig *rig) { rig_stop_within(rig, 10000); }

void rig_stop_within(struct rig *rig, int64_t ms)
{
    engine_drain(rig->engine, ms);
    plugin_manager_free(rig->plugins);
    net_free(rig->net);
    secret_box_close(rig->secrets);
    store_close(rig->store);
    engine_free(rig->engine);
    hub_free(rig->hub);
    rig->engine = NULL;
}

void rig_fini(struct rig *rig)
{
    if (rig->engine)
        rig_stop(rig);
    arena_fini(&rig->arena);
}

/* ---- deployments ---- */

struct waiting {
    struct rig *rig;
    const char *id;
    struct err err;
    bool done;
    uint64_t dummy;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;

static void accepted(void *ctx, const json_t *answer, const struct err *err)
{
    struct waiting *w = ctx;

    pthread_mutex_lock(&lock);
    w->err = *err;
    if (answer)
        w->id = arena_strdup(&w->rig->arena, json_str(answer, "id"));
    w->done = true;
    pthread_cond_broadcast(&told);
    pthread_mutex_unlock(&lock);
}

static const char *await(struct waiting *w, struct err *err)
{
    pthread_mutex_lock(&lock);
    while (!w->done)
        pthread_cond_wait(&told, &lock);
    pthread_mutex_unlock(&lock);
    *err = w->err;
    return w->id;
}

static const char *accept_draft(struct rig *rig, struct deployment_draft *draft, struct err *err)
{
    struct waiting w = {.rig = rig};

    if (draft->decision.denied) {
        struct err denied = {0};

        policy_decision_to_err(&draft->decision, &denied);
        deploy_record_denial(rig->engine, draft, accepted, &w);
        await(&w, err);
        *err = denied;
        return NULL;
    }
    deploy_accept(rig->engine, draft, NULL, accepted, &w);
    return await(&w, err);
}

const char *rig_accept(struct rig *rig, const struct rig_deploy *what, struct err *err)
{
    struct deployment_draft *draft = deployment_draft_new("score.yaml");
    CLEANUP(json_put) json_t *parameters = what->parameters ? json_loads(what->parameters, 0, NULL) : NULL;
    CLEANUP(json_put) json_t *removable = what->allow_remove ? json_loads(what->allow_remove, 0, NULL) : NULL;
    CLEANUP(json_put) json_t *replaceable = what->allow_replace ? json_loads(what->allow_replace, 0, NULL) : NULL;
    struct deploy_request request = {.who = &rig->user,
                                     .team = what->team ? what->team : "shop",
                                     .source = what->score,
                                     .source_len = strlen(what->score),
                                     .environment = what->environment,
                                     .parameters = parameters,
                                     .allow_remove = removable,
                                     .allow_replace = replaceable,
                                     .force = what->force,
                                     .supersede = what->supersede};

    *err = (struct err){0};
    if (deploy_prepare(rig->engine, &request, draft, err) < 0) {
        deployment_draft_free(draft);
        return NULL;
    }
    return accept_draft(rig, draft, err);
}

const char *rig_delete(struct rig *rig, const char *application, bool keep, struct err *err)
{
    struct deployment_draft *draft = deployment_draft_new("score.yaml");
    struct delete_request request = {.who = &rig->user, .team = "shop", .application = application, .keep_application = keep};

    *err = (struct err){0};
    if (deploy_prepare_delete(rig->engine, &request, draft, err) < 0) {
        deployment_draft_free(draft);
        return NULL;
    }
    return accept_draft(rig, draft, err);
}

const char *rig_act(struct rig *rig, const char *name, const char *operation, const char *arguments, struct err *err)
{
    struct deployment_draft *draft = deployment_draft_new(NULL);
    CLEANUP(json_put) json_t *parsed = arguments ? json_loads(arguments, 0, NULL) : NULL;
    struct act_request request = {
        .who = &rig->user,
        .org = "default",
        .team = "shop",
        .resource_id = rig_text(rig, arena_printf(&rig->arena, "SELECT id FROM resources WHERE live = 1 AND name = '%s'", name)),
        .operation = operation,
        .reason = "a test asks for it",
        .arguments = parsed};

    *err = (struct err){0};
    if (deploy_prepare_act(rig->engine, &request, draft, err) < 0) {
        deployment_draft_free(draft);
        return NULL;
    }
    return accept_draft(rig, draft, err);
}

void rig_cancel(struct rig *rig, const char *id, struct err *err)
{
    struct waiting w = {.rig = rig};
    struct cancel_request request = {.who = &rig->user, .team = "shop", .deployment_id = id};

    deploy_cancel(rig->engine, &request, accepted, &w);
    await(&w, err);
}

/* ---- looking ---- */

struct query {
    struct rig *rig;
    const char *sql, *text;
};

static int query_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct query *q = ctx;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, q->sql, STORE_NO_ARGS, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    q->text = more && store_col_text(rows, 0) ? arena_strdup(&q->rig->arena, store_col_text(rows, 0)) : "";
    return 0;
}

const char *rig_text(struct rig *rig, const char *sql)
{
    struct query q = {rig, arena_strdup(&rig->arena, sql), ""};
    struct err err = {0};

    must(store_read(rig->store, query_unit, &q, &err), &err);
    return q.text;
}

void rig_expect(struct rig *rig, const char *sql, const char *wanted)
{
    int64_t until = clock_mono_us() + rig->wait_ms * US_PER_MS;

    while (clock_mono_us() < until) {
        uint64_t seen = hub_generation(rig->hub);

        if (strcmp(rig_text(rig, sql), wanted) == 0)
            return;
        hub_wait(rig->hub, seen, 100); /* not everything that is looked for has an event */
    }
    fprintf(stderr, "rig: %s is \"%s\", wanted \"%s\"\n", sql, rig_text(rig, sql), wanted);
    CU_FAIL_FATAL("waited too long");
}

static int exec_unit(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

void rig_exec(struct rig *rig, const char *sql)
{
    struct err err = {0};

    must(store_write_wait(rig->store, exec_unit, (void *)(uintptr_t)sql, &err), &err);
}

static int exec_tasks_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    return exec_unit(tx, ctx, err) < 0 ? -1 : store_notify(tx, "tasks", err);
}

void rig_exec_tasks(struct rig *rig, const char *sql)
{
    struct err err = {0};

    must(store_write_wait(rig->store, exec_tasks_unit, (void *)(uintptr_t)sql, &err), &err);
}

bool rig_stored_lately(struct rig *rig, int64_t ms) { return hub_wait(rig->hub, hub_generation(rig->hub), ms); }

const char *rig_wait(struct rig *rig, const char *id)
{
    rig_expect(
        rig,
        arena_printf(&rig->arena, "SELECT CASE WHEN finished_at IS NULL THEN 'no' ELSE 'yes' END FROM deployments WHERE id = '%s'", id),
        "yes");
    return rig_text(rig, arena_printf(&rig->arena, "SELECT state FROM deployments WHERE id = '%s'", id));
}

const char *rig_deploy(struct rig *rig, const char *score)
{
    struct err err = {0};
    const char *id = rig_accept(rig, &(struct rig_deploy){.score = score}, &err), *state;

    must(id ? 0 : -1, &err);
    state = rig_wait(rig, id);
    if (!str_eq(state, "completed"))
        fprintf(stderr, "rig: %s %s: %s\n", id, state,
                rig_text(rig, arena_printf(&rig->arena, "SELECT error FROM deployments WHERE id = '%s'", id)));
    return state;
}

int rig_calls(struct rig *rig, const char *prefix)
{
    char path[600], line[400];
    FILE *file;
    int count = 0;

    snprintf(path, sizeof path, "%s/plugins/probe/calls", rig->state);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        count += str_starts(line, prefix);
    if (file)
        fclose(file);
    return count;
}

void rig_expect_calls(struct rig *rig, const char *prefix, int wanted)
{
    int64_t until = clock_mono_us() + rig->wait_ms * US_PER_MS;

    while (clock_mono_us() < until && rig_calls(rig, prefix) < wanted)
        usleep(5000);
    CU_ASSERT_EQUAL_FATAL(rig_calls(rig, prefix), wanted);
}

/* ---- a process that dies ---- */

unsigned rig_failures(void) { return CU_get_run_summary()->nAssertsFailed; }

bool rig_dies(struct rig *rig, const char *failpoints, void (*scenario)(struct rig *rig))
{
    pid_t child = fork();
    unsigned failures = rig_failures();
    int status = 0;
    jmp_buf failed;

    if (child == 0) {
        CU_get_current_test()->pJumpBuf = &failed; /* a fatal assertion ends this process, it does not go on with the next test */
        if (setjmp(failed))
            _exit(1);
        failpoint_arm(failpoints);
        rig_start(rig);
        scenario(rig);
        rig_stop(rig);
        _exit(rig_failures() > failures);
    }
    CU_ASSERT_FATAL(child > 0 && waitpid(child, &status, 0) == child);
    CU_ASSERT_FATAL(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    if (WIFSIGNALED(status) && !rig->lease_ms)
        rig_end_leases(rig);
    return WIFSIGNALED(status);
}

void rig_acknowledged(struct rig *rig, const char *id)
{
    char line[64];
    int fd = open(arena_printf(&rig->arena, "%s/acknowledged", rig->dir), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int len = snprintf(line, sizeof line, "%s\n", id);

    CU_ASSERT_FATAL(fd >= 0 && write(fd, line, (size_t)len) == len);
    close(fd);
}

int rig_wait_acknowledged(struct rig *rig, const char *wanted)
{
    char line[64];
    FILE *file = fopen(arena_printf(&rig->arena, "%s/acknowledged", rig->dir), "re");
    int count = 0;

    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        ASSERT_TEXT(rig_wait(rig, line), wanted);
        count++;
    }
    if (file)
        fclose(file);
    return count;
}
