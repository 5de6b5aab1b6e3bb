/* Owns the manager and its list of instances: what other threads call. Everything that happens to hosts happens on the loop (loop.c). */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include "plugin/trust.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>

int plugin_harden_server(struct err *err)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return err_set_sys(err, ERR_INTERNAL, "protecting the server from its plugins");
    return 0;
}

bool plugin_find_cgroup(char *out, size_t cap)
{
    struct cgroups found;

    cgroups_find("/sys/fs/cgroup", "/proc/self/cgroup", &found);
    snprintf(out, cap, "%s", found.dir[0] ? found.dir : found.lacks);
    return found.dir[0] != '\0';
}

void manager_wake(struct plugin_manager *m) { eventfd_write(m->wake_fd, 1); }

/* ---- wiping directories: a plugin may leave millions of files, so the loop does not do it ---- */

void manager_discard(struct plugin_manager *m, const char *path, bool is_group)
{
    struct rubbish *r = mem_alloc(sizeof *r + strlen(path) + 1);

    r->is_group = is_group;
    memcpy(r->path, path, strlen(path) + 1);
    pthread_mutex_lock(&m->lock);
    r->next = m->rubbish;
    m->rubbish = r;
    pthread_cond_signal(&m->has_rubbish);
    pthread_mutex_unlock(&m->lock);
}

static void *janitor_run(void *manager)
{
    struct plugin_manager *m = manager;
    struct rubbish *r;
    struct err err;

    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (!m->rubbish && !m->janitor_ends)
            pthread_cond_wait(&m->has_rubbish, &m->lock);
        r = m->rubbish;
        if (!r)
            break;
        m->rubbish = r->next;
        pthread_mutex_unlock(&m->lock);
        if (r->is_group)
            cgroup_remove(r->path);
        else
            io_remove_tree(r->path, &err);
        free(r);
        pthread_mutex_lock(&m->lock);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* ---- life ---- */

static int watch_own(struct plugin_manager *m, int fd, struct watch *w, struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};

    return epoll_ctl(m->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? err_set_sys(err, ERR_IO, "plugin loop") : 0;
}

static int start(struct plugin_manager *m, struct err *err)
{
    m->epoll = epoll_create1(EPOLL_CLOEXEC);
    m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    m->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (m->epoll < 0 || m->wake_fd < 0 || m->timer_fd < 0)
        return err_set_sys(err, ERR_IO, "plugin loop");
    m->on_wake = (struct watch){WATCH_WAKE, NULL};
    m->on_timer = (struct watch){WATCH_TIMER, NULL};
    if (watch_own(m, m->wake_fd, &m->on_wake, err) < 0 || watch_own(m, m->timer_fd, &m->on_timer, err) < 0)
        return -1;
    if (io_mkdirs(m->data_dir, 0700, err) < 0 || io_mkdirs(m->run_dir, 0700, err) < 0)
        return -1;
    if ((errno = pthread_create(&m->janitor, NULL, janitor_run, m)) != 0)
        return err_set_sys(err, ERR_INTERNAL, "plugin janitor thread");
    m->has_janitor = true;
    if ((errno = pthread_create(&m->loop, NULL, loop_run, m)) != 0)
        return err_set_sys(err, ERR_INTERNAL, "plugin loop thread");
    m->has_loop = true;
    return 0;
}

int plugin_manager_new(const struct plugin_manager_options *options, struct plugin_manager **out, struct err *err)
{
    struct plugin_manager *m = mem_zalloc(sizeof *m);

    *m = (struct plugin_manager){.options = *options,
                                 .host_path = mem_strdup(options->host_path),
                                 .bundled_dir = mem_strdup(options->bundled_dir),
                                 .data_dir = mem_strdup(options->data_dir),
                                 .run_dir = mem_strdup(options->run_dir),
                                 .epoll = -1,
                                 .wake_fd = -1,
                                 .timer_fd = -1,
                                 .armed_us = TIMER_OFF,
                                 .next_call_id = 1};
    m->exec_grace_ms = options->grace_ms > 0 ? options->grace_ms : EXEC_GRACE_MS;
    m->options.grace_ms = options->grace_ms > 0 ? options->grace_ms : GRACE_MS;
    m->options.bundled_dir = m->bundled_dir;
    circuit_limits(&options->breaker, &m->limits);
    if (options->cgroup_dir && options->cgroup_dir[0])
        cgroups_use(options->cgroup_dir, getpid(), &m->cgroups);
    m->options.cgroup_dir = NULL;
    m->keeps_orphans = orphans_come_here();
    m->inbox_end = &m->inbox;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->has_rubbish, NULL);
    if (start(m, err) < 0) {
        plugin_manager_free(m);
        return -1;
    }
    *out = m;
    return 0;
}

static void stop_threads(struct plugin_manager *m)
{
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_mutex_unlock(&m->lock);
    if (m->has_loop) {
        manager_wake(m);
        pthread_join(m->loop, NULL);
    }
    pthread_mutex_lock(&m->lock);
    m->janitor_ends = true;
    pthread_cond_signal(&m->has_rubbish);
    pthread_mutex_unlock(&m->lock);
    if (m->has_janitor)
        pthread_join(m->janitor, NULL);
}

void manager_free_instance(struct instance *i)
{
    vetted_fini(&i->vetted);
    json_decref(i->config);
    json_decref(i->weak);
    free(i->name);
    free(i->product);
    free(i->path);
    free(i->version);
    free(i->data_dir);
    free(i);
}

static void free_list(struct instance *i)
{
    for (struct instance *next; i; i = next) {
        next = i->next;
        manager_free_instance(i);
    }
}

void plugin_manager_free(struct plugin_manager *m)
{
    if (!m)
        return;
    stop_threads(m);
    free_list(m->instances);
    free_list(m->retired);
    free_list(m->beside);
    close_fd(&m->epoll);
    close_fd(&m->wake_fd);
    close_fd(&m->timer_fd);
    pthread_cond_destroy(&m->has_rubbish);
    pthread_mutex_destroy(&m->lock);
    free(m->host_path);
    free(m->bundled_dir);
    free(m->data_dir);
    free(m->run_dir);
    free(m);
}

/* ---- instances ---- */

struct instance *manager_find(struct plugin_manager *m, const char *name)
{
    struct instance *i = m->instances;

    while (i && !str_eq(i->name, name))
        i = i->next;
    return i;
}

static bool is_name(const char *name)
{
    size_t len = name ? strlen(name) : 0;

    return len > 0 && len <= LIMIT_NAME_CHARS && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

/* One more hash on the list is no reason to start the others anew. */
static bool is_revoked(const struct plugin_manager *m, const struct plugin_entry *entry)
{
    const char *pinned = entry->sha256;

    for (const struct plugin_bundled_hash *b = m->options.bundled; !pinned && entry->plugin && b && b->name; b++)
        if (str_eq(b->name, entry->plugin))
            pinned = b->sha256;
    return pinned && trust_is_revoked(entry->revoked, pinned);
}

static void fingerprint(const struct plugin_manager *m, const struct plugin_entry *entry, char out[static CRYPTO_SHA256_HEX])
{
    CLEANUP(json_put) json_t *all = json_object();
    char *text;

    json_set_str(all, "path", entry->path);
    json_set_str(all, "plugin", entry->plugin);
    json_set_str(all, "version", entry->version);
    json_set_str(all, "sha256", entry->sha256);
    json_set_str(all, "product", entry->product);
    json_object_set(all, "types", (json_t *)(uintptr_t)entry->types);
    json_object_set(all, "config", (json_t *)(uintptr_t)entry->config);
    json_object_set(all, "grant", (json_t *)(uintptr_t)entry->grant);
    json_set_str(all, "isolation", entry->isolation);
    if (!entry->plugin) {
        json_set_int(all, "signatures", (int)entry->signature_policy);
        json_set_str(all, "signature_key", entry->signature_key);
        json_set_str(all, "signature_public", entry->signature_public);
        json_set_str(all, "signature_file", entry->signature_file);
    }
    json_set_flag(all, "revoked", is_revoked(m, entry));
    json_set_int(all, "memory", entry->memory_bytes);
    json_set_int(all, "timeout", entry->timeout_ms);
    json_set_int(all, "hosts", entry->max_hosts);
    json_set_int(all, "processes", entry->processes);
    json_set_int(all, "cpu", entry->cpu_percent);
    text = json_canonical(all);
    crypto_sha256_hex(text ? text : "", text ? strlen(text) : 0, out);
    if (text)
        secret_wipe(text, strlen(text)); /* the configuration's secrets are open here */
    free(text);
}

static struct instance *make_instance(struct plugin_manager *m, const struct plugin_entry *entry)
{
    struct instance *i = mem_zalloc(sizeof *i);

    i->name = mem_strdup(entry->name);
    i->product = mem_strdup(entry->product);
    i->path = mem_strdup(entry->path);
    i->version = mem_strdup(entry->version);
    i->vetted.memfd = -1;
    i->config = entry->config ? json_deep_copy(entry->config) : NULL;
    fingerprint(m, entry, i->fingerprint);
    i->bundled = entry->plugin != NULL;
    i->is_inline = str_eq(entry->isolation, "inline");
    i->memory_bytes = entry->memory_bytes > 0 ? entry->memory_bytes : LIMIT_PLUGIN_BYTES;
    i->timeout_ms = entry->timeout_ms > 0 ? entry->timeout_ms : LIMIT_PLUGIN_CALL_MS;
    i->processes = entry->processes > 0 ? entry->processes : LIMIT_PLUGIN_PROCESSES;
    i->cpu_percent = entry->cpu_percent;
    i->max_hosts = entry->max_hosts > 0 ? entry->max_hosts : LIMIT_PLUGIN_HOSTS;
    i->queue_end = &i->queue;
    i->waiting_end = &i->waiting;
    i->data_dir = mem_printf("%s/%s", m->data_dir, entry->name);
    return i;
}

static void retire(struct plugin_manager *m, struct instance *i) /* lock held */
{
    struct instance **at = &m->instances;

    while (*at != i)
        at = &(*at)->next;
    *at = i->next;
    i->removed = true;
    i->state = i->state == PLUGIN_REFUSED ? PLUGIN_REFUSED : PLUGIN_DRAINING;
    i->next = m->retired;
    m->retired = i;
}

/* What an admin has asked for and this machine cannot do. */
static void warn_of_limits(const struct plugin_manager *m, const struct plugin_entry *entry, json_t *warnings)
{
    const char *why = m->cgroups.lacks[0] ? m->cgroups.lacks : "no control group is delegated to the server (systemd: Delegate=yes)";

    if (entry->processes && !m->cgroups.pids)
        json_array_append_new(warnings, json_sprintf("limits.processes has no effect: %s", why));
    if (entry->cpu_percent && !m->cgroups.cpu)
        json_array_append_new(warnings, json_sprintf("limits.cpuPercent has no effect: %s", why));
}

static void set_inline(struct instance *i)
{
    if (!call_has_slot(i, "concurrent")) /* its static data is there once */
        i->max_hosts = 1;
    i->weak = json_pack("[s]", "isolation: inline, so it runs inside the server with all that the server may do");
    i->weak_known = true;
}

/* The instance is made when it is refused too. */
static int make_vetted(struct plugin_manager *m, const struct plugin_entry *entry, struct instance **out, struct err *err)
{
    struct instance *i;
    int rc;

    if (!is_name(entry->name))
        return err_set(err, ERR_PLUGIN_REFUSED, "a provisioner entry has no good name (letters, digits, '-', '_', '.')");
    *out = i = make_instance(m, entry);
    rc = vet_entry(&m->options, entry, &i->vetted, err);
    i->state = rc < 0 ? PLUGIN_REFUSED : PLUGIN_READY;
    if (rc == 0)
        warn_of_limits(m, entry, i->vetted.warnings);
    if (i->is_inline)
        set_inline(i);
    if (rc < 0)
        snprintf(i->reason, sizeof i->reason, "%s", err->msg);
    return rc;
}

int plugin_add(struct plugin_manager *m, const struct plugin_entry *entry, struct err *err)
{
    struct instance *i = NULL;
    int rc = make_vetted(m, entry, &i, err);

    if (i)
        plugin_put(m, i);
    return rc;
}

void plugin_add_refused(struct plugin_manager *m, const struct plugin_entry *entry, const struct err *why)
{
    struct instance *i;

    if (!is_name(entry->name))
        return;
    i = make_instance(m, entry);
    i->state = PLUGIN_REFUSED;
    snprintf(i->reason, sizeof i->reason, "%s", why->msg);
    plugin_put(m, i);
}

int plugin_prepare(struct plugin_manager *m, const struct plugin_entry *entry, struct instance **out, struct err *err)
{
    struct instance *i = NULL;

    if (make_vetted(m, entry, &i, err) < 0) {
        plugin_forget(i);
        return -1;
    }
    *out = i;
    return 0;
}

/* Lock held. */
static void leave_beside(struct instance *i)
{
    struct instance **at = i->beside ? &i->beside->beside : NULL;

    while (at && *at && *at != i)
        at = &(*at)->next;
    if (at && *at)
        *at = i->next;
    i->beside = NULL;
}

void plugin_put(struct plugin_manager *m, struct instance *prepared)
{
    struct instance *old;

    pthread_mutex_lock(&m->lock);
    leave_beside(prepared);
    if ((old = manager_find(m, prepared->name)))
        retire(m, old);
    prepared->next = m->instances;
    m->instances = prepared;
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
}

void plugin_forget(struct instance *prepared)
{
    struct plugin_manager *m = prepared ? prepared->beside : NULL;

    if (!m) {
        if (prepared)
            manager_free_instance(prepared);
        return;
    }
    pthread_mutex_lock(&m->lock); /* it has processes, which the loop ends */
    leave_beside(prepared);
    prepared->removed = true;
    prepared->state = PLUGIN_REFUSED; /* and nothing is told of it */
    prepared->next = m->retired;
    m->retired = prepared;
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
}

const json_t *plugin_prepared_manifest(const struct instance *prepared) { return prepared->vetted.manifest; }
const json_t *plugin_prepared_warnings(const struct instance *prepared) { return prepared->vetted.warnings; }

int plugin_ask_again(struct plugin_manager *m, const struct plugin_entry *entry, json_t *warnings, struct err *err)
{
    CLEANUP(vetted_fini) struct vetted copy = {.memfd = -1};
    const struct instance *i;

    pthread_mutex_lock(&m->lock);
    i = manager_find(m, entry->name);
    if (i && i->state != PLUGIN_REFUSED) {
        copy.manifest = json_clone(i->vetted.manifest);
        copy.grant = json_clone(i->vetted.grant);
        copy.types = json_clone(i->vetted.types);
        memcpy(copy.sha256, i->vetted.sha256, sizeof copy.sha256);
        memcpy(copy.signed_by, i->vetted.signed_by, sizeof copy.signed_by);
    }
    pthread_mutex_unlock(&m->lock);
    return copy.manifest ? vet_ask_policies(&m->options, entry, &copy, warnings, err) : 0;
}

static bool is_made_from(struct plugin_manager *m, const struct plugin_entry *entry, bool refused)
{
    char made[CRYPTO_SHA256_HEX];
    const struct instance *i;
    bool same;

    fingerprint(m, entry, made);
    pthread_mutex_lock(&m->lock);
    i = manager_find(m, entry->name);
    same = i && !i->drains && (i->state == PLUGIN_REFUSED) == refused && str_eq(i->fingerprint, made);
    pthread_mutex_unlock(&m->lock);
    return same;
}

bool plugin_is_current(struct plugin_manager *m, const struct plugin_entry *entry) { return is_made_from(m, entry, false); }
bool plugin_is_refused(struct plugin_manager *m, const struct plugin_entry *entry) { return is_made_from(m, entry, true); }

int plugin_drain(struct plugin_manager *m, const char *instance, struct err *err)
{
    struct instance *i;

    pthread_mutex_lock(&m->lock);
    if ((i = manager_find(m, instance)))
        i->drains = true;
    pthread_mutex_unlock(&m->lock);
    return i ? 0 : err_set(err, ERR_NOT_FOUND, "no plugin instance \"%s\"", instance);
}

json_t *plugin_draining(struct plugin_manager *m)
{
    json_t *names = json_array();

    pthread_mutex_lock(&m->lock);
    for (const struct instance *i = m->instances; i; i = i->next)
        if (i->drains)
            json_append_str(names, i->name);
    pthread_mutex_unlock(&m->lock);
    return names;
}

json_t *plugin_remove_revoked(struct plugin_manager *m, const char *const *hashes)
{
    json_t *names = json_array();
    struct instance *next;

    pthread_mutex_lock(&m->lock);
    for (struct instance *i = m->instances; i; i = next) {
        next = i->next;
        for (const char *const *hash = hashes; i->drains && hash && *hash; hash++)
            if (str_eq(*hash, i->vetted.sha256)) {
                json_append_str(names, i->name);
                retire(m, i);
                break;
            }
    }
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
    return names;
}

int plugin_remove(struct plugin_manager *m, const char *instance, struct err *err)
{
    struct instance *i;

    pthread_mutex_lock(&m->lock);
    if ((i = manager_find(m, instance)))
        retire(m, i);
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
    return i ? 0 : err_set(err, ERR_NOT_FOUND, "no plugin instance \"%s\"", instance);
}
