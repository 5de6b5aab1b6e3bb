/* The provisioner of the engine's tests: it writes every call into a file of its data directory, so that a test can count what really
 * happened, and behaves as the params (`mode`) or the step's config say. */
#include <fcntl.h>
#include <innominatus/helpers.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One line a call: "create db 1 KEY". Appended in one write, so that lines of two processes stay whole. */
static void note(const inno_host *host, inno_call *call, const char *what, const char *name, int64_t generation, const char *key)
{
    char path[600], line[300];
    int fd, len = snprintf(line, sizeof line, "%s %s %lld %.64s\n", what, name, (long long)generation, key);

    snprintf(path, sizeof path, "%s/calls", host->data_dir(call));
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, (size_t)len) != len)
        host->log(call, INNO_LOG_ERROR, "cannot note %s", what);
    if (fd >= 0)
        close(fd);
}

/* How many lines start with "WHAT NAME ". */
static int noted(const inno_host *host, inno_call *call, const char *what, const char *name)
{
    char path[600], line[400], prefix[200];
    int count = 0;
    FILE *file;

    snprintf(prefix, sizeof prefix, "%s %s ", what, name);
    snprintf(path, sizeof path, "%s/calls", host->data_dir(call));
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        count += strncmp(line, prefix, strlen(prefix)) == 0;
    if (file)
        fclose(file);
    return count;
}

static inno_rc wait_for_cancel(const inno_host *host, inno_call *call)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    while (!host->canceled(call) && host->deadline_ms(call) > 0)
        poll(&fd, 1, 1000);
    return host->canceled(call) ? INNO_CANCELED : INNO_TIMEOUT;
}

static inno_rc behave(const inno_host *host, inno_call *call, const char *mode, int64_t n, int calls)
{
    if (strcmp(mode, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(mode, "wait") == 0)
        return wait_for_cancel(host, call);
    if (strcmp(mode, "slow") == 0)
        nanosleep(&(struct timespec){n / 1000, n % 1000 * 1000000}, NULL);
    if (strcmp(mode, "once_then_hang") == 0 && calls > 1)
        for (;;)
            pause();
    if (strcmp(mode, "hang_once") == 0 && calls == 1)
        for (;;)
            pause();
    if (strcmp(mode, "flaky") == 0 && calls <= n)
        return host->fail(call, INNO_TRANSIENT, -1, "call %d of %d fails", calls, (int)n);
    if (strcmp(mode, "canceled") == 0)
        return host->fail(call, INNO_CANCELED, -1, "nobody asked, but it says so");
    if (strcmp(mode, "fail") == 0)
        return host->fail(call, INNO_FAILED, -1, "asked to fail");
    if (strcmp(mode, "stubborn") == 0) { /* never ready, whatever it is told */
        if (calls > 1)
            wait_for_cancel(host, call);
        host->poll_after(call, 100);
        return INNO_PENDING;
    }
    if (strcmp(mode, "pending") == 0 && calls <= n) {
        host->poll_after(call, 100);
        return INNO_PENDING;
    }
    return INNO_OK;
}

/* "a,b": secret outputs of these names. */
static void give_secrets(const inno_host *host, inno_call *call, const char *names)
{
    char one[64];

    while (*names) {
        size_t len = strcspn(names, ",");

        snprintf(one, sizeof one, "%.*s", (int)(len < sizeof one ? len : sizeof one - 1), names);
        host->secret_output(call, one, "hunter2");
        names += names[len] ? len + 1 : len;
    }
}

static const char *operation_name(uint32_t operation)
{
    static const char *const names[] = {"none", "create", "update", "repair", "delete", "read"};

    return operation < 6 ? names[operation] : "unknown";
}

typedef char host_path[700];

static void said_path(const inno_host *host, inno_call *call, const inno_resource *res, host_path out)
{
    snprintf(out, sizeof(host_path), "%s/says.%s", host->data_dir(call), res->name);
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *what = operation_name(res->operation);
    inno_rc rc;

    (void)self;
    note(host, call, what, res->name, res->generation, res->idempotency_key);
    if (inno_get_string(res, "checkpoint", "")[0])
        host->state(call, inno_span_of("{\"made\":true}"));
    rc = behave(host, call, inno_get_string(res, "mode", "plain"), inno_get_int(res, "n", 0), noted(host, call, what, res->name));
    if (rc != INNO_OK)
        return rc;
    if (res->operation == INNO_OP_REPAIR && !inno_get_bool(res, "stuck", 0)) {
        host_path path;

        said_path(host, call, res, path);
        unlink(path);
    }
    host->output(call, "address", res->name);
    host->output_json(call, "params", res->params);
    give_secrets(host, call, inno_get_string(res, "secrets", ""));
    return INNO_OK;
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    note(host, call, "delete", res->name, res->generation, res->idempotency_key);
    if (inno_get_string(res, "removal", "")[0])
        return behave(host, call, inno_get_string(res, "removal", ""), inno_get_int(res, "n", 0), noted(host, call, "delete", res->name));
    return INNO_OK;
}

/* A test changes what is there behind everybody's back: the file says.NAME has a state and a text, or `transient`, `hang`, `later` or
 * `elsewhere`. */
static int read_said(const host_path path, char *out, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(out, 1, size - 1, file) : 0;

    out[len] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (file)
        fclose(file);
    return file != NULL;
}

static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    host_path path;
    char said[200], *text;

    (void)self;
    said_path(host, call, res, path);
    if (!read_said(path, said, sizeof said)) {
        host->status(call, inno_get_string(res, "says", INNO_STATE_ACTIVE), "");
        return INNO_OK;
    }
    if (strcmp(said, "transient") == 0)
        return host->fail(call, INNO_TRANSIENT, -1, "the backend at 127.0.0.1:1 is down");
    if (strcmp(said, "hang") == 0)
        return wait_for_cancel(host, call);
    if (strcmp(said, "later") == 0) { /* it answers when it is told something else */
        note(host, call, "look", res->name, res->generation, res->idempotency_key);
        while (strcmp(said, "later") == 0 && !host->canceled(call)) {
            nanosleep(&(struct timespec){0, 5000000}, NULL);
            read_said(path, said, sizeof said);
        }
    }
    if (strcmp(said, "elsewhere") == 0) {
        host->output(call, "address", "moved");
        host->status(call, INNO_STATE_ACTIVE, "");
        return INNO_OK;
    }
    text = said + strcspn(said, " ");
    if (*text)
        *text++ = '\0';
    host->status(call, said, text);
    return INNO_OK;
}

static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    host->hint(call, INNO_HINT_COMMAND, "connect", res->name);
    return INNO_OK;
}

/* The first call ends only after the second one has begun. */
static void wait_for_second(const inno_host *host, inno_call *call, const char *name)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    while (noted(host, call, "step", name) < 2 && !host->canceled(call))
        poll(&fd, 1, 5);
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    const char *mode = inno_json_string(host, call, st->config, "mode", "plain");
    inno_rc rc;

    (void)self;
    note(host, call, "step", st->name, st->attempt, st->idempotency_key);
    host->output(call, "resumed", inno_json_has(st->state, "made") ? "yes" : "no");
    if (inno_json_has(st->config, "checkpoint"))
        host->state(call, inno_span_of("{\"made\":true}"));
    if (strcmp(mode, "second") == 0)
        wait_for_second(host, call, st->name);
    rc = behave(host, call, mode, inno_json_int(st->config, "n", 0), noted(host, call, "step", st->name));
    if (rc != INNO_OK)
        return rc;
    host->output(call, "did", st->name);
    return INNO_OK;
}

#ifdef WITH_PLAN
/* The file plan.NAME has the changes. */
static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    host_path path;
    char said[400];

    (void)self;
    snprintf(path, sizeof path, "%s/plan.%s", host->data_dir(call), res->name);
    if (!read_said(path, said, sizeof said))
        snprintf(said, sizeof said, "[]");
    if (strcmp(said, "transient") == 0)
        return host->fail(call, INNO_TRANSIENT, -1, "the backend at 127.0.0.1:2 is down");
    host->output_json(call, "changes", inno_span_of(said));
    return INNO_OK;
}
#define SLOT_PLAN INNO_SLOT_PLAN
#else
#define SLOT_PLAN 0
#define plan      NULL
#endif

static const char *const types[] = {"probe", "vault", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_STEP | SLOT_PLAN,
    "probe",
    "1.0.0",
    types,
    NULL,
    NULL,
    provision,
    deprovision,
    get_status,
    get_hints,
    plan,
    NULL,
    step,
    NULL,
};

/* clang-format off */
#ifdef WITH_PLAN
INNO_PLUGIN(plugin, {
    "name": "probe", "version": "1.0.0", "slots": ["update", "step", "plan"],
    "types": [{"name": "probe", "immutable": ["fixed"]}, {"name": "vault", "stateful": true}],
    "step_types": [{"name": "mark", "idempotent": true}, {"name": "once", "idempotent": false}]
})
#else
INNO_PLUGIN(plugin, {
    "name": "probe", "version": "1.0.0", "slots": ["update", "step"],
    "types": [{"name": "probe", "immutable": ["fixed"]}, {"name": "vault", "stateful": true}],
    "step_types": [{"name": "mark", "idempotent": true}, {"name": "once", "idempotent": false}]
})
#endif
