/* What the server can do over HTTP and what it costs: deployments accepted a second beside single-row commits, from acceptance to the end
 * with provisioners that do nothing, health, lists over many rows, start-up, memory, CPU while idle. Every server is the real binary on a
 * fresh state directory. Prints one figure a line: text, value, unit. See bench/README.md. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "http_load.h"
#include "seed.h"
#include "server_proc.h"
#include "store/store.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDLE_SECONDS 10
#define NAME_TEXT    "name: shop\\n"
#define MAX_HOSTS    64

struct bench {
    const char *server, *dir, *only;
    char *config;
    int port; /* of a server that runs already; 0: own ones */
    const char *key;
    int64_t rows, deployments, seconds;

    char *body, *body_rest; /* the submission before and behind the application's name */
    size_t body_bytes;
    uint64_t next; /* application's number */
    const char *path;
};

static void figure(const char *name, double value, const char *unit)
{
    printf("%-58s %12.2f %s\n", name, value, unit);
    fflush(stdout);
}

static void nap_ms(int64_t ms) { nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL); }

static int fail(const char *what, const struct err *err)
{
    fprintf(stderr, "http_bench: %s: %s\n", what, err->msg);
    return -1;
}

/* ---- requests ---- */

static void make_get(void *ctx, unsigned client, struct buf *out)
{
    const struct bench *b = ctx;

    (void)client;
    buf_printf(out, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", b->path, b->key);
}

/* The example under another name each time: applications of their own, so that nothing waits for another one's lock. */
static void make_submission(void *ctx, unsigned client, struct buf *out)
{
    struct bench *b = ctx;

    (void)client;
    buf_printf(out,
               "POST /api/v1/specs?environment=development HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%sname: a%07llu\\n%s",
               b->key, b->body_bytes, b->body, (unsigned long long)b->next++ % 10000000, b->body_rest);
}

static int add_file(json_t *files, const char *dir, const char *name, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s", dir, name);
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *encoded = NULL;
    size_t len;

    if (io_read_file(path, LIMIT_BODY_BYTES, &text, &len, err) < 0)
        return -1;
    encoded = base64_encode(text, len);
    json_set_str(files, name, encoded);
    return 0;
}

/* What `innominatus deploy examples/ecommerce-app.yaml` sends. */
static int read_example(struct bench *b, const char *dir, struct err *err)
{
    CLEANUP(json_put) json_t *body = json_object();
    CLEANUP(free_ptr) char *path = mem_printf("%s/ecommerce-app.yaml", dir);
    CLEANUP(free_ptr) char *source = NULL;
    json_t *files = json_object();
    char *at;

    json_set_new(body, "files", files);
    if (io_read_file(path, LIMIT_BODY_BYTES, &source, NULL, err) < 0 || add_file(files, dir, "migrations/001_products.sql", err) < 0 ||
        add_file(files, dir, "migrations/002_orders.sql", err) < 0)
        return -1;
    json_set_str(body, "spec", source);
    b->body = json_text(body);
    at = strstr(b->body, NAME_TEXT);
    if (!at)
        return err_set(err, ERR_BAD_VALUE, "%s has no application \"shop\"", path);
    b->body_rest = at + strlen(NAME_TEXT);
    *at = '\0';
    b->body_bytes = strlen(b->body) + strlen("name: a0000000\\n") + strlen(b->body_rest);
    return 0;
}

/* ---- servers ---- */

static const char config_text[] = "environments: [{name: development, type: development}]\n"
                                  "workflowPolicies:\n"
                                  "  workflowsRoot: %s/share/innominatus/workflows\n"
                                  "  requiredPlatformWorkflows: [security-scan, cost-monitoring]\n"
                                  "  allowedProductWorkflows: [ecommerce/database-setup, ecommerce/payment-integration]\n"
                                  "  maxConcurrentWorkflows: 1000000\n"
                                  "queue: {capacity: 1000000}\n"
                                  "provisioners:\n"
                                  "  - {name: local, plugin: %s, sha256: %s,\n"
                                  "     types: [volume, sqlite, dns, secret, workload, payment-gateway]}\n";

static int write_config(struct bench *b, struct err *err)
{
    CLEANUP(free_ptr) char *root = mem_strdup(b->server); /* PREFIX/bin/innominatus */
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *plugin = NULL;
    char hash[CRYPTO_SHA256_HEX];
    size_t len;

    if (io_read_file(BENCH_PLUGIN, LIMIT_PLUGIN_FILE_BYTES, &plugin, &len, err) < 0)
        return -1;
    crypto_sha256_hex(plugin, len, hash);
    for (int i = 0; i < 2 && strrchr(root, '/'); i++)
        *strrchr(root, '/') = '\0';
    text = mem_printf(config_text, root, BENCH_PLUGIN, hash);
    b->config = mem_printf("%s/innominatus-bench-%d.yaml", b->dir, (int)getpid());
    return io_write_atomic(b->config, text, strlen(text), 0600, err);
}

static int start(struct bench *b, struct server_proc *s, struct err *err)
{
    if (server_proc_init(s, b->server, b->config, b->dir, err) < 0 || server_proc_start(s, err) < 0)
        return -1;
    b->port = s->port;
    b->key = s->key;
    return 0;
}

/* What an answer costs the server, whatever else the machine does at the time. */
static void show_cost(const char *name, const struct load_result *r, const struct proc_effort *before, pid_t pid)
{
    CLEANUP(free_ptr) char *text = mem_printf("%s, CPU of the server for each", name);
    struct proc_effort after = {0};

    if (pid && r->done && proc_read_effort(pid, &after) == 0)
        figure(text, (double)(after.cpu_us - before->cpu_us) / (double)r->done, "us");
}

static int run(struct bench *b, unsigned clients, int64_t seconds, uint64_t requests, load_make make, struct load_result *out,
               struct err *err)
{
    struct load_options options = {
        .port = b->port, .clients = clients, .duration_us = seconds * US_PER_SEC, .requests = requests, .make = make, .ctx = b};

    if (load_run(&options, out, err) < 0)
        return -1;
    if (out->classes[2] != out->done || out->broken)
        fprintf(stderr, "http_bench: %llu of %llu answers are no success, %llu connections broke\n",
                (unsigned long long)(out->done - out->classes[2]), (unsigned long long)out->done, (unsigned long long)out->broken);
    return 0;
}

/* ---- start-up, memory, idleness ---- */

static void show_memory(const char *when, pid_t pid)
{
    CLEANUP(free_ptr) char *rss = mem_printf("memory, RSS, %s", when);
    CLEANUP(free_ptr) char *pss = mem_printf("memory, PSS, %s", when);
    struct proc_memory memory = {0};

    if (proc_read_memory(pid, &memory) < 0)
        return;
    figure(rss, (double)memory.rss_kib / 1024, "MiB");
    figure(pss, (double)memory.pss_kib / 1024, "MiB");
}

static void show_hosts(const char *when, pid_t pid)
{
    CLEANUP(free_ptr) char *name = mem_printf("memory, RSS of a plugin host, %s", when);
    CLEANUP(free_ptr) char *count_name = mem_printf("plugin hosts, %s", when);
    pid_t hosts[MAX_HOSTS];
    unsigned count = proc_children(pid, hosts, MAX_HOSTS);
    int64_t total = 0;

    for (unsigned i = 0; i < count; i++) {
        struct proc_memory memory = {0};

        if (proc_read_memory(hosts[i], &memory) == 0)
            total += memory.rss_kib;
    }
    figure(count_name, count, "");
    if (count)
        figure(name, (double)total / 1024 / count, "MiB");
}

static void show_idle(pid_t pid)
{
    struct proc_effort before = {0}, after = {0};

    nap_ms(1000);
    proc_read_effort(pid, &before);
    nap_ms(IDLE_SECONDS * 1000);
    proc_read_effort(pid, &after);
    figure("idle, CPU", (double)(after.cpu_us - before.cpu_us) / IDLE_SECONDS / 1e4, "%");
    figure("idle, context switches a second", (double)(after.switches - before.switches) / IDLE_SECONDS, "");
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static int bench_start(struct bench *b, struct err *err)
{
    CLEANUP(server_proc_fini) struct server_proc s = {0};
    int64_t took[9];

    if (start(b, &s, err) < 0)
        return -1;
    figure("exec to ready, first start", (double)s.ready_us / 1000, "ms");
    for (size_t i = 0; i < sizeof took / sizeof *took; i++) {
        server_proc_stop(&s);
        if (server_proc_start(&s, err) < 0)
            return -1;
        took[i] = s.ready_us;
    }
    qsort(took, sizeof took / sizeof *took, sizeof *took, by_value);
    figure("exec to ready, median of 9 later starts", (double)took[sizeof took / sizeof *took / 2] / 1000, "ms");
    show_memory("idle", s.pid);
    show_hosts("idle", s.pid);
    show_idle(s.pid);
    return 0;
}

/* ---- requests a second ---- */

static int bench_health(struct bench *b, struct err *err)
{
    static const unsigned clients[] = {1, 64};
    CLEANUP(server_proc_fini) struct server_proc s = {0};

    if (start(b, &s, err) < 0)
        return -1;
    b->path = "/health";
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        CLEANUP(free_ptr) char *name = mem_printf("GET /health, %u client%s", clients[i], clients[i] > 1 ? "s" : "");
        CLEANUP(free_ptr) char *slow = mem_printf("%s, p99", name);
        CLEANUP(load_result_fini) struct load_result r = {0};
        struct proc_effort before = {0};

        proc_read_effort(s.pid, &before);
        if (run(b, clients[i], b->seconds, 0, make_get, &r, err) < 0)
            return -1;
        figure(name, load_rate(&r), "/s");
        figure(slow, load_percentile_ms(&r, 0.99), "ms");
        show_cost(name, &r, &before, s.pid);
    }
    return 0;
}

/* ---- accepting ---- */

static int create_table(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "CREATE TABLE bench_rows (id BIGINT PRIMARY KEY, text TEXT NOT NULL)", STORE_NO_ARGS, NULL, err);
}

static int insert_row(struct store_tx *tx, void *ctx, struct err *err)
{
    const int64_t *id = ctx;

    return store_exec(tx, "INSERT INTO bench_rows (id, text) VALUES ($1, $2)",
                      STORE_ARGS(store_int(*id), store_text("a row of some forty characters in all")), NULL, err);
}

/* One row, one commit, one client: what the disk gives. */
static int bench_commits(struct bench *b, double *out_rate, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/innominatus-bench-%d", b->dir, (int)getpid());
    CLEANUP(free_ptr) char *url = mem_printf("sqlite:%s/rows.db", path);
    struct store *store = NULL;
    struct err ignored = {0};
    int64_t began, id = 0;
    int rc;

    if (io_mkdirs(path, 0700, err) < 0)
        return -1;
    rc = store_open(&(struct store_options){.url = url}, &store, err);
    if (rc == 0)
        rc = store_write_wait(store, create_table, NULL, err);
    began = clock_mono_us();
    while (rc == 0 && clock_mono_us() - began < b->seconds * US_PER_SEC) {
        id++;
        rc = store_write_wait(store, insert_row, &id, err);
    }
    *out_rate = (double)id * 1e6 / (double)(clock_mono_us() - began);
    store_close(store);
    io_remove_tree(path, &ignored);
    return rc;
}

static int bench_accept(struct bench *b, struct err *err)
{
    static const unsigned clients[] = {1, 8, 32, 64};
    double commits = 0;

    if (bench_commits(b, &commits, err) < 0)
        return -1;
    figure("single-row commits, 1 client", commits, "/s");
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        CLEANUP(server_proc_fini) struct server_proc s = {0};
        CLEANUP(load_result_fini) struct load_result r = {0};
        CLEANUP(free_ptr) char *name = mem_printf("deployments accepted, %u client%s", clients[i], clients[i] > 1 ? "s" : "");
        CLEANUP(free_ptr) char *ratio = mem_printf("%s, against single-row commits", name);
        CLEANUP(free_ptr) char *slow = mem_printf("%s, p99", name);

        struct proc_effort before = {0};

        if (start(b, &s, err) < 0)
            return -1;
        proc_read_effort(s.pid, &before);
        if (run(b, clients[i], clients[i] == 64 ? 10 : b->seconds, 0, make_submission, &r, err) < 0)
            return -1;
        figure(name, load_rate(&r), "/s");
        figure(ratio, load_rate(&r) / commits, "x");
        figure(slow, load_percentile_ms(&r, 0.99), "ms");
        show_cost(name, &r, &before, s.pid);
    }
    return 0;
}

/* ---- from acceptance to the end ---- */

static int64_t queue_number(const struct bench *b, const char *member)
{
    CLEANUP(buf_fini) struct buf body = BUF_INIT(1u << 20);
    CLEANUP(json_put) json_t *stats = NULL;

    if (load_get(b->port, b->key, "/api/v1/queue/stats", &body) != 200 || !(stats = json_loads(buf_text(&body), 0, NULL)))
        return -1;
    return json_int(stats, member, -1);
}

/* Until nothing is left to do. */
static int drain(const struct bench *b, struct err *err)
{
    for (int64_t left = 1; left; nap_ms(20)) {
        int64_t pending = queue_number(b, "pending"), running = queue_number(b, "running"), waiting = queue_number(b, "waiting");

        if (pending < 0 || running < 0 || waiting < 0)
            return err_set(err, ERR_IO, "the queue does not answer");
        left = pending + running + waiting;
    }
    return 0;
}

static int64_t count_state(const struct bench *b, const char *state)
{
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/deployments?limit=1&state=%s", state);
    CLEANUP(buf_fini) struct buf body = BUF_INIT(16u << 20);
    CLEANUP(json_put) json_t *page = NULL;

    if (load_get(b->port, b->key, path, &body) != 200 || !(page = json_loads(buf_text(&body), 0, NULL)))
        return -1;
    return (int64_t)json_array_size(json_object_get(page, "items"));
}

static int bench_sustained(struct bench *b, struct err *err)
{
    CLEANUP(server_proc_fini) struct server_proc s = {0};
    CLEANUP(load_result_fini) struct load_result r = {0};
    CLEANUP(free_ptr) char *when = mem_printf("after %lld deployments", (long long)b->deployments);
    int64_t began;

    if (start(b, &s, err) < 0)
        return -1;
    began = clock_mono_us();
    if (run(b, 8, 0, (uint64_t)b->deployments, make_submission, &r, err) < 0 || drain(b, err) < 0)
        return -1;
    figure("deployments accepted to active, sustained", (double)b->deployments * 1e6 / (double)(clock_mono_us() - began), "/s");
    if (count_state(b, "failed") != 0 || count_state(b, "completed") != 1)
        fprintf(stderr, "http_bench: not every deployment was completed\n");
    show_memory(when, s.pid);
    show_hosts(when, s.pid);
    return 0;
}

/* ---- lists ---- */

static int bench_list(struct bench *b, pid_t pid, const char *path, const char *name, struct err *err)
{
    static const unsigned clients[] = {1, 8};

    b->path = path;
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        CLEANUP(load_result_fini) struct load_result r = {0};
        CLEANUP(free_ptr) char *who = mem_printf("%s, %u client%s", name, clients[i], clients[i] > 1 ? "s" : "");
        CLEANUP(free_ptr) char *middle = mem_printf("%s, p50", who);
        CLEANUP(free_ptr) char *slow = mem_printf("%s, p99", who);
        struct proc_effort before = {0};

        proc_read_effort(pid, &before);
        if (run(b, clients[i], b->seconds, 0, make_get, &r, err) < 0)
            return -1;
        figure(who, load_rate(&r), "/s");
        figure(middle, load_percentile_ms(&r, 0.5), "ms");
        figure(slow, load_percentile_ms(&r, 0.99), "ms");
        show_cost(who, &r, &before, pid);
    }
    return 0;
}

/* The id of the one deployment there is. */
static char *only_deployment(const struct bench *b)
{
    CLEANUP(buf_fini) struct buf body = BUF_INIT(16u << 20);
    CLEANUP(json_put) json_t *page = NULL;

    if (load_get(b->port, b->key, "/api/v1/deployments?limit=1", &body) != 200 || !(page = json_loads(buf_text(&body), 0, NULL)))
        return NULL;
    return mem_strdup(json_str(json_array_get(json_object_get(page, "items"), 0), "id"));
}

static int bench_lists(struct bench *b, struct err *err)
{
    CLEANUP(server_proc_fini) struct server_proc s = {0};
    CLEANUP(load_result_fini) struct load_result r = {0};
    CLEANUP(free_ptr) char *id = NULL;
    CLEANUP(free_ptr) char *url = NULL;

    if (start(b, &s, err) < 0 || run(b, 1, 0, 1, make_submission, &r, err) < 0 || drain(b, err) < 0)
        return -1;
    id = only_deployment(b);
    server_proc_stop(&s);
    url = mem_printf("sqlite:%s/state/innominatus.db", s.dir);
    if (!id)
        return err_set(err, ERR_IO, "the deployment to copy is not listed");
    if (seed_deployments(url, id, b->rows, err) < 0 || server_proc_start(&s, err) < 0)
        return -1;
    b->port = s.port;
    figure("deployments in the database", (double)b->rows, "");
    figure("exec to ready with them", (double)s.ready_us / 1000, "ms");
    if (bench_list(b, s.pid, "/api/v1/deployments?limit=50", "GET /deployments?limit=50", err) < 0 ||
        bench_list(b, s.pid, "/api/v1/deployments?limit=200", "GET /deployments?limit=200", err) < 0 ||
        bench_list(b, s.pid, "/api/v1/specs?limit=50", "GET /specs?limit=50", err) < 0 ||
        bench_list(b, s.pid, "/api/v1/specs?limit=50&sort=-updated_at", "GET /specs?limit=50&sort=-updated_at", err) < 0)
        return -1;
    show_memory("after the lists", s.pid);
    return 0;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    int (*run)(struct bench *b, struct err *err);
} parts[] = {
    {"start", bench_start}, {"health", bench_health}, {"accept", bench_accept}, {"sustained", bench_sustained}, {"lists", bench_lists},
};

static const char usage[] =
    "usage: http_bench [--server BINARY] [--dir DIRECTORY] [--part NAME] [--seconds N] [--rows N] [--deployments N]\n"
    "       http_bench --port PORT --key KEY [--seconds N]     submissions and lists against a server that runs already\n"
    "parts: start health accept sustained lists\n";

static int parse(struct bench *b, int argc, char **argv)
{
    static const struct option longs[] = {{"server", required_argument, NULL, 's'}, {"dir", required_argument, NULL, 'd'},
                                          {"part", required_argument, NULL, 'p'},   {"seconds", required_argument, NULL, 't'},
                                          {"rows", required_argument, NULL, 'r'},   {"deployments", required_argument, NULL, 'n'},
                                          {"port", required_argument, NULL, 'P'},   {"key", required_argument, NULL, 'k'},
                                          {"help", no_argument, NULL, 'h'},         {0}};
    int64_t port = 0;
    int code;

    while ((code = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        bool fine = true;

        switch (code) {
        case 's':
            b->server = optarg;
            break;
        case 'd':
            b->dir = optarg;
            break;
        case 'p':
            b->only = optarg;
            break;
        case 'k':
            b->key = optarg;
            break;
        case 't':
            fine = str_to_int(optarg, &b->seconds) && b->seconds > 0;
            break;
        case 'r':
            fine = str_to_int(optarg, &b->rows) && b->rows > 0 && b->rows <= 200000;
            break;
        case 'n':
            fine = str_to_int(optarg, &b->deployments) && b->deployments > 0;
            break;
        case 'P':
            fine = str_to_int(optarg, &port) && port > 0 && port < 65536;
            break;
        default:
            fine = false;
        }
        if (!fine)
            return -1;
    }
    b->port = (int)port;
    return optind == argc && !b->port == !b->key ? 0 : -1;
}

static int bench_running(struct bench *b, struct err *err)
{
    CLEANUP(load_result_fini) struct load_result r = {0};

    if (run(b, 64, b->seconds, 0, make_submission, &r, err) < 0)
        return -1;
    figure("deployments accepted, 64 clients", load_rate(&r), "/s");
    figure("deployments accepted, 64 clients, p99", load_percentile_ms(&r, 0.99), "ms");
    return bench_list(b, 0, "/api/v1/deployments?limit=50", "GET /deployments?limit=50", err);
}

int main(int argc, char **argv)
{
    struct bench b = {.server = BENCH_SERVER, .dir = "/var/tmp", .rows = 100000, .deployments = 10000, .seconds = 3};
    struct err err = {0};
    int rc = 0;

    if (parse(&b, argc, argv) < 0) {
        fputs(usage, stderr);
        return 2;
    }
    if (read_example(&b, BENCH_EXAMPLES, &err) < 0 || (!b.port && write_config(&b, &err) < 0))
        return fail("preparing", &err) ? 1 : 0;
    if (b.port)
        rc = bench_running(&b, &err) < 0 ? fail("running server", &err) : 0;
    else
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if ((!b.only || str_eq(b.only, parts[i].name)) && parts[i].run(&b, &err) < 0)
                rc = fail(parts[i].name, &err);
    if (b.config)
        unlink(b.config);
    free(b.config);
    free(b.body);
    return rc < 0;
}
