/* What isolation costs: a call of a provisioner that does nothing through the real manager and a real plugin-host process, and on a thread
 * of this one (isolation: inline), against a bare ping-pong over a socket pair between two processes, measured in turns in the same run;
 * the start of a host, and the memory of one. Run by hand on a release build:  plugin_bench [CALLS]   The plugin and the host are those of
 * this build. */
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "plugin/plugin.h"
#include "plugin/spin.h"
#include <dirent.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP     500
#define ROUNDS      10 /* turns between calls and ping-pongs, so that a busy moment of the machine meets both */
#define STARTS      30
#define FRAME_BYTES 512 /* of a ping; a pong has 64 */
#define MAX_FILE    (64u << 20)

struct bench {
    struct plugin_manager *manager;
    json_t *resource;
    sem_t done;
    int64_t done_ns;
    bool looks; /* this thread looks whether the answer comes quickly before it sleeps, as the threads of plugins do */
    struct spin spin;
    struct err err;
};

static int64_t now_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static void die(const char *what, const struct err *err)
{
    fprintf(stderr, "plugin_bench: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
    exit(1);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* ---- one call ---- */

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct bench *b = ctx;

    b->done_ns = now_ns();
    b->err = result->err;
    sem_post(&b->done);
}

static bool is_done(void *ctx) { return sem_trywait(&((struct bench *)ctx)->done) == 0; }

static void await(struct bench *b)
{
    if (!b->looks || !spin_wait(&b->spin, is_done, b))
        while (sem_wait(&b->done) < 0)
            continue;
    if (b->looks)
        spin_end(&b->spin);
}

/* From handing the request over to its `done`; out_waited: until this thread, which slept for it, runs again. */
static int64_t call_of(struct bench *b, const char *instance, int64_t *out_waited)
{
    struct plugin_request request = {.operation = PLUGIN_PROVISION,
                                     .resource = b->resource,
                                     .trace_id = "0af7651916cd43dd8448eb211c80319c",
                                     .events = {.done = on_done},
                                     .ctx = b};
    int64_t start;

    request.instance = instance;
    start = now_ns();
    if (plugin_call_start(b->manager, &request, NULL, &b->err) < 0)
        die("a call could not start", &b->err);
    await(b);
    if (b->err.code)
        die("a call failed", &b->err);
    *out_waited = now_ns() - start;
    return b->done_ns - start;
}

static int64_t call_once(struct bench *b, int64_t *out_waited) { return call_of(b, "noop", out_waited); }

/* ---- the baseline ---- */

static void echo(int fd)
{
    char bytes[FRAME_BYTES];

    while (recv(fd, bytes, FRAME_BYTES, MSG_WAITALL) == FRAME_BYTES)
        if (send(fd, bytes, 64, MSG_NOSIGNAL) != 64)
            break;
    _exit(0);
}

static pid_t start_echo(int *out_fd)
{
    int pair[2];
    pid_t pid = -1;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || (pid = fork()) < 0)
        die("no process for the baseline", NULL);
    if (pid == 0) {
        close(pair[0]);
        echo(pair[1]);
    }
    close(pair[1]);
    *out_fd = pair[0];
    return pid;
}

static int64_t ping_once(int fd)
{
    char bytes[FRAME_BYTES] = {0};
    int64_t start = now_ns();

    if (send(fd, bytes, FRAME_BYTES, MSG_NOSIGNAL) != FRAME_BYTES || recv(fd, bytes, 64, MSG_WAITALL) != 64)
        die("the baseline's process is gone", NULL);
    return now_ns() - start;
}

/* ---- figures ---- */

static double report(const char *name, int64_t *took, size_t count, double baseline)
{
    double p50;

    qsort(took, count, sizeof *took, by_value);
    p50 = (double)took[count / 2] / 1000.0;
    printf("%-44s p50 %8.1f us   p99 %8.1f us", name, p50, (double)took[count * 99 / 100] / 1000.0);
    if (baseline > 0)
        printf("   %6.1f x baseline", p50 / baseline);
    printf("\n");
    fflush(stdout);
    return p50;
}

static void measure_calls(struct bench *b, size_t calls)
{
    int64_t *pings = mem_array(calls, sizeof *pings), *done = mem_array(calls, sizeof *done), *waited = mem_array(calls, sizeof *waited);
    int64_t *inside = mem_array(calls, sizeof *inside), *inside_waited = mem_array(calls, sizeof *inside_waited);
    int64_t *looking = mem_array(calls, sizeof *looking);
    int64_t ignored;
    double baseline;
    int fd;
    pid_t pid = start_echo(&fd);

    for (int i = 0; i < WARM_UP; i++) {
        ping_once(fd);
        call_once(b, &ignored);
        call_of(b, "inline", &ignored);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = round * calls / ROUNDS; i < (round + 1) * calls / ROUNDS; i++)
            pings[i] = ping_once(fd);
        for (size_t i = round * calls / ROUNDS; i < (round + 1) * calls / ROUNDS; i++)
            done[i] = call_once(b, &waited[i]);
        for (size_t i = round * calls / ROUNDS; i < (round + 1) * calls / ROUNDS; i++)
            inside[i] = call_of(b, "inline", &inside_waited[i]);
        b->looks = true;
        for (size_t i = round * calls / ROUNDS; i < (round + 1) * calls / ROUNDS; i++)
            call_of(b, "inline", &looking[i]);
        b->looks = false;
    }
    baseline = report("baseline: ping-pong over a socket pair", pings, calls, 0);
    report("a call, from its start to `done`", done, calls, baseline);
    report("  until the thread that waits runs again", waited, calls, baseline);
    report("an inline call, from its start to `done`", inside, calls, baseline);
    report("  until the thread that waits runs again", inside_waited, calls, baseline);
    report("  until one that looks for it (spin.h) goes on", looking, calls, baseline);
    close(fd);
    waitpid(pid, NULL, 0);
    free(inside);
    free(inside_waited);
    free(looking);
    free(pings);
    free(done);
    free(waited);
}

/* ---- the host's start and memory ---- */

static void add_entry(struct bench *b, const char *name, bool is_inline)
{
    char *bytes, sha256[65];
    size_t len;
    struct plugin_entry entry = {.name = name,
                                 .path = BENCH_PLUGIN,
                                 .sha256 = sha256,
                                 .plugin = is_inline ? "noop" : NULL, /* inline is for bundled ones */
                                 .isolation = is_inline ? "inline" : "process",
                                 .max_hosts = 1};

    if (io_read_file(BENCH_PLUGIN, MAX_FILE, &bytes, &len, &b->err) < 0)
        die("the plugin cannot be read", &b->err);
    crypto_sha256_hex(bytes, len, sha256);
    free(bytes);
    if (plugin_add(b->manager, &entry, &b->err) < 0)
        die("the plugin is refused", &b->err);
}

/* A first call starts a host: fork, exec, sandbox, dlopen, handshake, open, then the call. */
static void measure_starts(struct bench *b)
{
    int64_t took[STARTS], ignored;

    for (size_t i = 0; i < STARTS; i++) {
        if (plugin_remove(b->manager, "noop", &b->err) < 0)
            die("the plugin cannot be removed", &b->err);
        add_entry(b, "noop", false);
        took[i] = call_once(b, &ignored);
    }
    report("a first call, with the start of its host", took, STARTS, 0);
}

/* The host is the only child that this process has by now; 0: none. */
static pid_t find_host(void)
{
    DIR *threads = opendir("/proc/self/task");
    struct dirent *thread;
    int pid = 0;

    while (threads && pid == 0 && (thread = readdir(threads))) {
        char path[300];
        FILE *file;

        snprintf(path, sizeof path, "/proc/self/task/%s/children", thread->d_name);
        if (thread->d_name[0] == '.' || !(file = fopen(path, "re")))
            continue;
        if (fscanf(file, "%d", &pid) != 1)
            pid = 0;
        fclose(file);
    }
    if (threads)
        closedir(threads);
    return pid;
}

static void show_memory(void)
{
    static const char *const wanted[] = {"Rss:", "Pss:", "Pss_Dirty:", "Private_Clean:", "Private_Dirty:", "Shared_Clean:"};
    char path[64], line[256];
    pid_t pid = find_host();
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    file = pid ? fopen(path, "re") : NULL;
    if (!file) {
        printf("memory of one host: /proc does not show it to this user\n");
        return;
    }
    printf("memory of one host:");
    while (fgets(line, sizeof line, file))
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            if (str_starts(line, wanted[i]))
                printf("  %s %ld KiB", wanted[i], strtol(line + strlen(wanted[i]), NULL, 10));
    printf("\n");
    fclose(file);
}

/* About what an engine's call carries. */
static json_t *make_resource(void)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:{s:s,s:i,s:b},s:s}", "operation", "create", "id",
                     "01939f9e-3f8f-7d2e-8f3a-0c5e7c1d2b3a", "uid", "shop.db", "type", "nothing", "class", "default", "name", "db",
                     "application", "shop", "environment", "production", "team", "checkout", "generation", (json_int_t)3, "idempotency_key",
                     "6f1f0e0e52cbb1f5a1b7", "params", "size", "10Gi", "replicas", 2, "backup", 1, "state", "{}");
}

int main(int argc, char **argv)
{
    int64_t calls = 20000;
    struct bench b = {.resource = make_resource()};
    char dir[] = "/tmp/plugin_bench.XXXXXX", data[64], run[64];
    struct plugin_manager_options options = {.host_path = BENCH_HOST, .bundled_dir = "/nonexistent", .data_dir = data, .run_dir = run};

    if (argc > 2 || (argc == 2 && (!str_to_int(argv[1], &calls) || calls < 100 || calls > 10000000))) {
        fprintf(stderr, "usage: plugin_bench [CALLS]      100 to 10000000\n");
        return 2;
    }
    if (!mkdtemp(dir) || sem_init(&b.done, 0, 0) < 0)
        die("no directory", NULL);
    snprintf(data, sizeof data, "%s/data", dir);
    snprintf(run, sizeof run, "%s/run", dir);
    if (plugin_manager_new(&options, &b.manager, &b.err) < 0)
        die("no manager", &b.err);
    add_entry(&b, "noop", false);
    add_entry(&b, "inline", true);
    measure_calls(&b, (size_t)calls);
    show_memory();
    measure_starts(&b);
    plugin_manager_free(b.manager);
    json_decref(b.resource);
    return io_remove_tree(dir, &b.err) < 0;
}
