/* A plugin that keeps the contract, built once as it is and once for each rule that `plugin check` tries, with that rule broken
 * (-DBREAKS_...). Its boxes are files below the data directory. */
#include <errno.h>
#include <fcntl.h>
#include <innominatus/helpers.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BOXES 200 /* most that a backend holds */

typedef char path_text[700];

__attribute__((unused)) static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd >= 0) {
        if (write(fd, "x", 1) != 1)
            abort();
        close(fd);
    }
}

static void box_path(path_text out, const inno_host *host, inno_call *call, const inno_resource *res)
{
    snprintf(out, sizeof(path_text), "%s/box-%s", host->data_dir(call), res->idempotency_key);
    if (inno_json_has(res->state, "file"))
        snprintf(out, sizeof(path_text), "%s/%s", host->data_dir(call), inno_json_string(host, call, res->state, "file", ""));
}

/* name: a to z; size: 1 to 100; nothing else. */
__attribute__((unused)) static inno_rc check_params(const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *name = inno_get_string(res, "name", "");
    uint64_t at = 0;
    inno_span key, value;

    if (inno_json_type(res->params) != INNO_JSON_OBJECT)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    while (inno_json_next(res->params, &at, &key, &value))
        if (!(key.len == 6 && memcmp(key.bytes, "\"name\"", 6) == 0) && !(key.len == 6 && memcmp(key.bytes, "\"size\"", 6) == 0))
            return host->fail(call, INNO_INVALID_RESOURCE, -1, "params has something unknown");
    if (!*name || strlen(name) > 20 || strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params.name must be 1 to 20 letters");
    if (inno_get_has(res, "size") && (inno_get_int(res, "size", 0) < 1 || inno_get_int(res, "size", 0) > 100))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params.size must be 1 to 100");
    return INNO_OK;
}

/* ---- what is broken ---- */

#if defined BREAKS_THREADS
static void *rest(void *ctx)
{
    while (!ctx)
        pause();
    return NULL;
}
#endif

static inno_rc misbehave(const inno_host *host, inno_call *call, const inno_resource *res)
{
#if defined BREAKS_MEMORY
    static char *kept;
    char *lost = malloc(1000);

    memset(lost, 1, 1000);
    memcpy(lost, &kept, sizeof kept);
    kept = lost;
#elif defined BREAKS_DESCRIPTORS
    if (dup(1) < 0)
        return host->fail(call, INNO_FAILED, 0, "no descriptor");
#elif defined BREAKS_THREADS
    pthread_t thread;

    if (pthread_create(&thread, NULL, rest, NULL) == 0)
        pthread_detach(thread);
#elif defined BREAKS_PARALLEL
    struct timespec time = {0, 60000000};
    path_text lock;
    int fd;

    snprintf(lock, sizeof lock, "%s/lock", host->data_dir(call));
    fd = open(lock, O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return host->fail(call, INNO_TRANSIENT, 0, "somebody else is at work");
    close(fd);
    nanosleep(&time, NULL);
    unlink(lock);
#elif defined BREAKS_CANCEL || defined TAKES_TIME
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    host->log(call, INNO_LOG_INFO, "at work");
    if (poll(&fd, 1, 250) > 0) {
#ifdef BREAKS_CANCEL
        sleep(600);
#endif
        return INNO_CANCELED;
    }
#elif defined BREAKS_PROVISION_AT_ALL
    return host->fail(call, INNO_UNAUTHORIZED, -1, "no");
#endif
    (void)host;
    (void)call;
    (void)res;
    return INNO_OK;
}

/* Stores the box's file before it is made, or, when broken, after a new one of a random name was made. */
static inno_rc make_box(const inno_host *host, inno_call *call, const inno_resource *res, path_text path)
{
    char state[256];

#if defined BREAKS_CRASH
    static int serial;

    if (!inno_json_has(res->state, "file")) {
        snprintf(path, sizeof(path_text), "%s/box-%d-%d", host->data_dir(call), (int)getpid(), ++serial);
        touch(path);
    }
#elif defined BREAKS_LOST_ANSWER
    static int serial;

    if (!inno_json_has(res->outputs, "path"))
        snprintf(path, sizeof(path_text), "%s/box-%d-%d", host->data_dir(call), (int)getpid(), ++serial);
    else
        snprintf(path, sizeof(path_text), "%s", inno_json_string(host, call, res->outputs, "path", ""));
    touch(path);
    return INNO_OK;
#endif
    snprintf(state, sizeof state, "{\"file\": \"%s\"}", strrchr(path, '/') + 1);
    if (!inno_json_has(res->state, "file") && host->state(call, inno_span_of(state)) != INNO_OK)
        return host->fail(call, INNO_TRANSIENT, -1, "the state was not kept");
    touch(path);
    return INNO_OK;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;
    inno_rc rc;

    (void)self;
#ifndef BREAKS_PARAMS
    if ((rc = check_params(host, call, res)) != INNO_OK)
        return rc;
#endif
    box_path(path, host, call, res);
    if ((rc = misbehave(host, call, res)) != INNO_OK || (rc = make_box(host, call, res, path)) != INNO_OK)
        return rc;
#if defined BREAKS_PROVISION
    static int serial;
    char text[16];

    snprintf(text, sizeof text, "%d", ++serial);
    host->output(call, "serial", text);
#elif defined BREAKS_UPDATE
    if (res->operation == INNO_OP_UPDATE) {
        strncat(path, "-new", sizeof path - strlen(path) - 1);
        touch(path);
    }
#endif
    host->output(call, "path", path);
    return INNO_OK;
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    (void)self;
    box_path(path, host, call, res);
#if defined BREAKS_LOST_ANSWER
    if (inno_json_has(res->outputs, "path"))
        snprintf(path, sizeof path, "%s", inno_json_string(host, call, res->outputs, "path", ""));
#elif defined BREAKS_DEPROVISION
    return INNO_OK;
#elif defined BREAKS_UNKNOWN
    if (access(path, F_OK) != 0)
        return host->fail(call, INNO_NOT_FOUND, -1, "no such box");
#endif
    unlink(path);
#if defined BREAKS_UPDATE
    strncat(path, "-new", sizeof path - strlen(path) - 1);
    unlink(path);
#endif
    return INNO_OK;
}

static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    (void)self;
    box_path(path, host, call, res);
#if defined BREAKS_LOST_ANSWER
    if (inno_json_has(res->outputs, "path"))
        snprintf(path, sizeof path, "%s", inno_json_string(host, call, res->outputs, "path", ""));
#elif defined BREAKS_STATUS
    touch(path);
#endif
    host->status(call, access(path, F_OK) == 0 ? INNO_STATE_ACTIVE : INNO_STATE_TERMINATED, NULL);
    return INNO_OK;
}

static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    (void)self;
    box_path(path, host, call, res);
#if defined BREAKS_HINTS
    touch(path);
#endif
    host->hint(call, INNO_HINT_COMMAND, "look at it", path);
    return INNO_OK;
}

static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    (void)self;
    box_path(path, host, call, res);
#if defined BREAKS_PLAN
    touch(path);
#endif
    host->output_json(call, "changes", inno_span_of("[]"));
    return INNO_OK;
}

/* An action that only looks. */
static inno_rc peek(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t lines)
{
    path_text path;

    (void)self;
    (void)lines;
    box_path(path, host, call, res);
#if defined BREAKS_ACTION
    touch(path);
#endif
    host->output(call, "path", path);
    return INNO_OK;
}

/* One that changes, and may come again. */
static inno_rc stamp(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    static int serial;
    char text[64];

    (void)self;
    snprintf(text, sizeof text, "%.40s", res->idempotency_key);
#if defined BREAKS_REPEAT
    snprintf(text, sizeof text, "stamp %d", ++serial);
#endif
    (void)serial;
    host->secret_output(call, "stamp", text);
    return INNO_OK;
}

static const char *const peek_params[] = {"lines", NULL};
static const inno_action peek_action = {INNO_ACTION_HEAD(0), "peek", NULL, "i", peek_params, INNO_ACTION_FUNCTION(peek)};
static const inno_action stamp_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "stamp", NULL, "", NULL, INNO_ACTION_FUNCTION(stamp)};
static const inno_action *const actions[] = {&peek_action, &stamp_action, NULL};

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    (void)self;
#if defined BREAKS_HEALTH
    return host->fail(call, INNO_TRANSIENT, -1, "nobody answers");
#endif
    (void)host;
    (void)call;
    return INNO_OK;
}

static inno_rc start(const inno_host *host, inno_call *call, inno_span config, void **self)
{
    *self = NULL;
#if defined BREAKS_OPEN
    if (!inno_json_has(config, "url"))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.url is missing");
#endif
    (void)host;
    (void)call;
    (void)config;
    return INNO_OK;
}

static const char *const types[] = {"box", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_ACTIONS,
    "boxes",
    "1.0.0",
    types,
    start,
    NULL,
    provision,
    deprovision,
    get_status,
    get_hints,
    plan,
    health,
    NULL,
    actions,
};

INNO_PLUGIN_TEXT(
    plugin, "{\"name\": \"boxes\", \"version\": \"1.0.0\", \"slots\": [\"update\", \"plan\", \"health\", \"actions\"], "
            "\"actions\": [{\"name\": \"peek\", \"params\": [{\"name\": \"lines\", \"type\": \"i\", \"default\": 10}]}, "
            "{\"name\": \"stamp\", \"changes\": true, \"idempotent\": true}], "
            "\"types\": [{\"name\": \"box\", \"params\": {\"type\": \"object\", \"required\": [\"name\"], \"additionalProperties\": false,"
            "\"properties\": {\"name\": {\"type\": \"string\", \"pattern\": \"^[a-z]{1,20}$\", \"maxLength\": 20},"
            "\"size\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 100}}}}]}")
