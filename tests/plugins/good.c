/* A plugin that keeps the contract, for the tests of the manager: it answers with what it was given, so that a test can look at every way.
 */
#include <errno.h>
#include <innominatus/helpers.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef WITH_CONCURRENT
#define MORE_SLOTS INNO_SLOT_CONCURRENT
#else
#define MORE_SLOTS 0
#endif

struct self {
    char greeting[64];
};

static inno_rc start(const inno_host *host, inno_call *call, inno_span config, void **out_self)
{
    struct self *self;

    if (inno_json_has(config, "broken"))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "the config says broken");
    self = calloc(1, sizeof *self);
    if (!self)
        return INNO_FAILED;
    snprintf(self->greeting, sizeof self->greeting, "%s", inno_json_string(host, call, config, "greeting", "hello"));
    *out_self = self;
    return INNO_OK;
}

static void stop(void *self) { free(self); }

static inno_rc wait_for_cancel(const inno_host *host, inno_call *call)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    host->log(call, INNO_LOG_INFO, "waiting");
    while (!host->canceled(call) && host->deadline_ms(call) > 0)
        poll(&fd, 1, 1000);
    return host->canceled(call) ? INNO_CANCELED : INNO_TIMEOUT;
}

/* Works for seven seconds and says so all the time. */
static inno_rc talk(const inno_host *host, inno_call *call)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    for (int n = 0; n < 70; n++) {
        host->log(call, INNO_LOG_INFO, "still at work");
        if (poll(&fd, 1, 100) > 0)
            return INNO_CANCELED;
    }
    return INNO_OK;
}

/* Counts its calls in data_dir, and shows that work_dir is empty at first and writable. */
static inno_rc use_files(const inno_host *host, inno_call *call)
{
    char path[600];
    FILE *file;
    int count = 0;

    snprintf(path, sizeof path, "%s/count", host->data_dir(call));
    if ((file = fopen(path, "r"))) {
        if (fscanf(file, "%d", &count) != 1)
            count = -100;
        fclose(file);
    }
    if (!(file = fopen(path, "w")))
        return host->fail(call, INNO_FAILED, 0, "%s: %s", path, strerror(errno));
    fprintf(file, "%d", count + 1);
    fclose(file);
    snprintf(path, sizeof path, "%d", count + 1);
    host->output_json(call, "count", inno_span_of(path));
    snprintf(path, sizeof path, "%s/scratch", host->work_dir(call));
    if (access(path, F_OK) == 0)
        return host->fail(call, INNO_FAILED, 0, "work_dir was not wiped");
    if (!(file = fopen(path, "w")))
        return host->fail(call, INNO_FAILED, 0, "%s: %s", path, strerror(errno));
    fclose(file);
    return INNO_OK;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *mode = inno_get_string(res, "mode", "plain");
    char text[64];

    if (strcmp(mode, "wait") == 0)
        return wait_for_cancel(host, call);
    if (strcmp(mode, "talk") == 0)
        return talk(host, call);
    if (strcmp(mode, "files") == 0)
        return use_files(host, call);
    if (strcmp(mode, "pending") == 0 && res->state.len <= 2) {
        inno_rc rc = host->state(call, inno_span_of("{\"ticket\":42}"));

        host->poll_after(call, 250);
        return rc < 0 ? rc : INNO_PENDING;
    }
    if (strcmp(mode, "fail") == 0)
        return host->fail(call, (inno_rc)inno_get_int(res, "code", INNO_FAILED), (int32_t)inno_get_int(res, "retry", -1),
                          "asked to fail with %s", "a reason");
    if (strcmp(mode, "silent") == 0)
        return INNO_UNAUTHORIZED;
    if (strcmp(mode, "warn") == 0)
        for (int n = 0; n < 60; n++)
            host->log(call, INNO_LOG_WARN, "the backend is nearly full (%d)", n);
    snprintf(text, sizeof text, "%u", (unsigned)res->operation);
    host->log(call, INNO_LOG_INFO, "%s %s in %s", ((struct self *)self)->greeting, res->name, res->environment);
    host->progress(call, 50, "half way");
    host->output(call, "greeting", ((struct self *)self)->greeting);
    host->output(call, "operation", text);
    host->output(call, "key", res->idempotency_key);
    host->output(call, "trace", host->trace_id(call));
    host->output_json(call, "params", res->params);
    host->output_json(call, "state", res->state);
    host->secret_output(call, "password", "hunter2");
    host->hint(call, INNO_HINT_URL, "the page", "http://localhost/");
    return INNO_OK;
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)host;
    (void)call;
    return res->operation == INNO_OP_DELETE ? INNO_OK : INNO_FAILED;
}

static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    if (!inno_get_has(res, "forgets"))
        host->status(call, inno_get_string(res, "says", INNO_STATE_ACTIVE), "looks fine");
    return INNO_OK;
}

static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    host->hint(call, INNO_HINT_COMMAND, "connect", res->name);
    return INNO_OK;
}

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    (void)self;
    host->log(call, INNO_LOG_DEBUG, "healthy");
    return INNO_OK;
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    (void)self;
    host->output(call, "said", inno_json_string(host, call, st->config, "say", "nothing"));
    return INNO_OK;
}

static const char *const types[] = {"greeting", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_HEALTH | INNO_SLOT_STEP | MORE_SLOTS,
    "good",
    "1.2.3",
    types,
    start,
    stop,
    provision,
    deprovision,
    get_status,
    get_hints,
    NULL,
    health,
    step,
    NULL,
};

/* clang-format off */
#ifdef WITH_CONCURRENT
INNO_PLUGIN(plugin, {
    "name": "good", "version": "1.2.3", "slots": ["update", "health", "step", "concurrent"],
    "types": [{"name": "greeting", "stateful": true}],
    "step_types": [{"name": "say", "idempotent": true}]
})
#else
INNO_PLUGIN(plugin, {
    "name": "good", "version": "1.2.3", "slots": ["update", "health", "step"],
    "types": [{"name": "greeting", "stateful": true, "immutable": ["mode"]}],
    "step_types": [{"name": "say", "idempotent": true}],
    "state_version": 3
})
#endif
