/* Owns the test side of plugin calls. */
#include "plugin_driver.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void driver_start_with(struct driver *d, const struct plugin_manager_options *more)
{
    CLEANUP(free_ptr) char *data = NULL;
    CLEANUP(free_ptr) char *run = NULL;
    struct plugin_manager_options options = *more;
    struct err err;

    d->dir = test_dir();
    options.host_path = options.host_path ? options.host_path : PLUGIN_HOST;
    options.bundled_dir = PLUGIN_DIR;
    options.data_dir = data = mem_printf("%s/data", d->dir);
    options.run_dir = run = mem_printf("%s/run", d->dir);
    ASSERT_OK(plugin_manager_new(&options, &d->manager, &err), err);
}

void driver_start(struct driver *d, int64_t idle_ms, int64_t grace_ms)
{
    driver_start_with(d, &(struct plugin_manager_options){.idle_ms = idle_ms, .grace_ms = grace_ms});
}

void driver_stop(struct driver *d)
{
    plugin_manager_free(d->manager);
    d->manager = NULL;
}

void driver_hash(const char *path, char out[static 65])
{
    CLEANUP(free_ptr) char *bytes = NULL;
    struct err err = {0};
    size_t len = 0;

    out[0] = '\0';
    if (io_read_file(path, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &err) == 0)
        crypto_sha256_hex(bytes, len, out);
}

int driver_add(struct driver *d, const char *file, const struct plugin_entry *more, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s.so", PLUGIN_DIR, file);
    struct plugin_entry entry = more ? *more : (struct plugin_entry){0};
    char hash[65];

    driver_hash(entry.path ? entry.path : path, hash);
    entry.name = entry.name ? entry.name : file;
    entry.path = entry.path ? entry.path : path;
    entry.sha256 = entry.sha256 ? entry.sha256 : hash;
    if (DRIVER_INLINE && !entry.plugin) {
        entry.plugin = "bundled";
        entry.isolation = "inline";
    }
    return plugin_add(d->manager, &entry, err);
}

static void on_log(void *ctx, const char *level, const char *text)
{
    struct trial *t = ctx;
    size_t used;

    pthread_mutex_lock(&t->lock);
    t->log_lines++;
    used = strlen(t->logs);
    snprintf(t->logs + used, sizeof t->logs - used, "%s: %s\n", level, text);
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void on_progress(void *ctx, int percent, const char *text)
{
    struct trial *t = ctx;

    (void)text;
    t->progress = percent;
}

static void on_checkpoint(void *ctx, struct plugin_call *call, const char *state_json)
{
    struct trial *t = ctx;

    pthread_mutex_lock(&t->lock);
    t->checkpoints++;
    snprintf(t->state_given, sizeof t->state_given, "%s", state_json);
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (t->checkpoint_answer <= 0)
        plugin_checkpointed(t->driver->manager, call, t->checkpoint_answer == 0);
}

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct trial *t = ctx;

    pthread_mutex_lock(&t->lock);
    t->outcome = (int)result->outcome;
    t->poll_after_ms = result->poll_after_ms;
    t->outputs = json_deep_copy(result->outputs);
    t->secrets = json_deep_copy(result->secrets);
    t->hints = json_deep_copy(result->hints);
    t->report = result->report ? json_deep_copy(result->report) : NULL;
    snprintf(t->status, sizeof t->status, "%s", result->status);
    t->err = result->err;
    t->dones++;
    t->done = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err = {0};

    if (text && json_parse(text, strlen(text), "test", LIMIT_JSON_BYTES, &value, &err) < 0)
        fprintf(stderr, "%s\n", err.msg);
    return value ? value : json_object();
}

static char *first_type(struct driver *d, const char *instance)
{
    CLEANUP(json_put) json_t *manifest = plugin_manifest(d->manager, instance);
    const char *name = json_str(json_array_get(json_object_get(manifest, "types"), 0), "name");

    return mem_strdup(name ? name : "none");
}

int trial_start(struct driver *d, struct trial *t, struct err *err)
{
    CLEANUP(json_put)
    json_t *resource =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s}", "operation", t->change ? t->change : "create", "name", "thing", "uid", "u-1",
                  "environment", "production", "idempotency_key", "key-1", "generation", (json_int_t)7, "class", "default");
    CLEANUP(json_put)
    json_t *step = json_pack("{s:s,s:s,s:o}", "type", t->type ? t->type : "say", "name", "greet", "config", parse(t->step));
    CLEANUP(json_put) json_t *arguments = parse(t->arguments);
    CLEANUP(free_ptr) char *type = t->type ? mem_strdup(t->type) : first_type(d, t->instance);
    struct plugin_request request = {.instance = t->instance,
                                     .operation = t->operation,
                                     .resource = t->operation == PLUGIN_STEP ? NULL : resource,
                                     .step = t->operation == PLUGIN_STEP ? step : NULL,
                                     .action = t->action,
                                     .arguments = arguments,
                                     .trace_id = "0af7651916cd43dd8448eb211c80319c",
                                     .deadline_ms = t->deadline_ms,
                                     .events = {on_log, on_progress, on_checkpoint, on_done},
                                     .ctx = t};

    json_set_str(resource, "type", type);
    if (t->state)
        json_set_new(step, "state", parse(t->state));
    json_set_new(resource, "params", parse(t->params));
    json_set_str(resource, "state", t->state);
    t->driver = d;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    return plugin_call_start(d->manager, &request, &t->call, err);
}

void trial_wait(struct trial *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->done)
        pthread_cond_wait(&t->changed, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void trial_wait_log(struct trial *t, const char *text)
{
    pthread_mutex_lock(&t->lock);
    while (!t->done && !strstr(t->logs, text))
        pthread_cond_wait(&t->changed, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void trial_fini(struct trial *t)
{
    json_put(&t->outputs);
    json_put(&t->secrets);
    json_put(&t->hints);
    json_put(&t->report);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->changed);
}

int trial_run(struct driver *d, struct trial *t)
{
    if (trial_start(d, t, &t->err) < 0)
        return -1;
    trial_wait(t);
    return t->outcome;
}

json_t *driver_describe(struct driver *d, const char *instance)
{
    CLEANUP(json_put) json_t *all = plugin_describe_all(d->manager);
    json_t *item;
    size_t at;

    json_array_foreach(all, at, item)
    {
        if (str_eq(json_str(item, "name"), instance))
            return json_incref(item);
    }
    return NULL;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Calls `each` for every child; returns how many there are. */
static int visit_children(void (*each)(int pid, int64_t *sum), int64_t *sum)
{
    CLEANUP(close_dir) DIR *threads = opendir("/proc/self/task");
    struct dirent *thread;
    int count = 0, child;

    while (threads && (thread = readdir(threads))) {
        char path[300];
        CLEANUP(close_file) FILE *file = NULL;

        snprintf(path, sizeof path, "/proc/self/task/%s/children", thread->d_name);
        file = thread->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (file && fscanf(file, "%d", &child) == 1) {
            count++;
            each(child, sum);
        }
    }
    return count;
}

static void only_count(int pid, int64_t *sum)
{
    (void)pid;
    (void)sum;
}

static void kill_it(int pid, int64_t *sum)
{
    (void)sum;
    kill(pid, SIGKILL);
}

static void add_resident(int pid, int64_t *sum)
{
    long long total, resident;
    char path[40];

    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%lld %lld", &total, &resident) == 2)
        *sum += resident * sysconf(_SC_PAGESIZE);
}

int driver_entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

int driver_descriptors(void) { return driver_entries("/proc/self/fd"); }
int driver_children(void) { return visit_children(only_count, NULL); }
int driver_kill_children(void) { return visit_children(kill_it, NULL); }

int64_t driver_children_resident(void)
{
    int64_t sum = 0;

    visit_children(add_resident, &sum);
    return sum;
}

void driver_settle(int descriptors)
{
    while (driver_descriptors() != descriptors || driver_children() > 0) /* as long as the program may run */
        usleep(2000);
}

char *driver_program(const char *name)
{
    CLEANUP(free_ptr) char *places = mem_strdup(getenv("PATH") ? getenv("PATH") : "");
    char *left = NULL;

    for (char *place = strtok_r(places, ":", &left); place; place = strtok_r(NULL, ":", &left)) {
        CLEANUP(free_ptr) char *path = mem_printf("%s/%s", place, name);

        if (access(path, X_OK) == 0)
            return mem_strdup(path);
    }
    return NULL;
}
