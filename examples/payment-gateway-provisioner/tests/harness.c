/* See harness.h. The gateway runs on a thread of its own; everything else on the main thread. */
#include "harness.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern const inno_provisioner *inno_plugin_v1(void);

int failures;
struct inno_call call;
static int failed_before;
static void *self;
static struct inno_call armed = {.deadline_ms = 60000};

/* ---- checks ---- */

void check_(int ok, const char *what, const char *file, int line)
{
    if (!ok) {
        failures++;
        printf("# %s:%d: %s (last failure: %s)\n", file, line, what, call.failure);
    }
}

void check_contains_(const char *text, const char *part, const char *file, int line)
{
    if (!strstr(text, part)) {
        failures++;
        printf("# %s:%d: \"%s\" is not in \"%s\"\n", file, line, part, text);
    }
}

void run_test(const char *name, void (*test)(void))
{
    failed_before = failures;
    test();
    printf("%sok - %s\n", failures > failed_before ? "not " : "", name);
    fflush(stdout);
}

/* ---- the host ---- */

static void add_line(char *to, size_t size, const char *key, const char *value)
{
    size_t used = strlen(to);

    snprintf(to + used, size - used, "%s=%s\n", key, value);
}

__attribute__((format(printf, 3, 4))) static void host_log(inno_call *c, int32_t level, const char *format, ...)
{
    (void)c, (void)level, (void)format;
}
static void host_progress(inno_call *c, int32_t percent, const char *text) { (void)c, (void)percent, (void)text; }
static void host_output(inno_call *c, const char *key, const char *text) { add_line(c->outputs, sizeof c->outputs, key, text); }
static void host_secret(inno_call *c, const char *key, const char *text) { add_line(c->secrets, sizeof c->secrets, key, text); }
static void host_output_json(inno_call *c, const char *key, inno_span json) { (void)c, (void)key, (void)json; }

static void host_hint(inno_call *c, const char *kind, const char *label, const char *value)
{
    (void)label;
    add_line(c->hints, sizeof c->hints, kind, value);
}

static void host_status(inno_call *c, const char *state, const char *text)
{
    snprintf(c->status, sizeof c->status, "%s", state);
    snprintf(c->status_text, sizeof c->status_text, "%s", text ? text : "");
}

static inno_rc host_state(inno_call *c, inno_span json)
{
    snprintf(c->state, sizeof c->state, "%.*s", (int)json.len, json.bytes);
    return c->state_answer;
}

static int32_t host_canceled(inno_call *c) { return c->canceled; }
static int64_t host_deadline_ms(inno_call *c) { return c->deadline_ms; }
static void host_poll_after(inno_call *c, int64_t ms) { (void)c, (void)ms; }

static int32_t host_cancel_fd(inno_call *c)
{
    (void)c;
    return -1;
}

static const char *host_dir(inno_call *c)
{
    (void)c;
    return "/nowhere";
}

__attribute__((format(printf, 4, 5))) static inno_rc host_fail(inno_call *c, inno_rc code, int32_t retryable, const char *format, ...)
{
    va_list args;

    (void)retryable;
    va_start(args, format);
    vsnprintf(c->failure, sizeof c->failure, format, args);
    va_end(args);
    c->failed = code;
    return code;
}

static void *host_alloc(inno_call *c, uint64_t bytes)
{
    if (c->memory_count == sizeof c->memory / sizeof c->memory[0])
        abort();
    return c->memory[c->memory_count++] = calloc(1, bytes ? bytes : 1);
}

static const inno_host host = {sizeof(inno_host),
                               INNO_ABI_MAJOR,
                               INNO_ABI_MINOR,
                               INNO_HOST_MAGIC,
                               host_log,
                               host_progress,
                               host_output,
                               host_output_json,
                               host_secret,
                               host_hint,
                               host_status,
                               host_state,
                               host_canceled,
                               host_cancel_fd,
                               host_deadline_ms,
                               host_poll_after,
                               host_dir,
                               host_dir,
                               host_dir,
                               host_fail,
                               host_alloc,
                               NULL,
                               NULL};

static void begin_call(void)
{
    for (size_t i = 0; i < call.memory_count; i++)
        free(call.memory[i]);
    call = armed;
    armed = (struct inno_call){.deadline_ms = 60000};
}

void next_call(int canceled, int64_t deadline_ms, inno_rc state_answer)
{
    armed = (struct inno_call){.canceled = canceled, .deadline_ms = deadline_ms, .state_answer = state_answer};
}

static inno_span span(const char *text) { return (inno_span){text, strlen(text)}; }

inno_rc plugin_open(const char *config)
{
    begin_call();
    self = NULL;
    return inno_plugin_v1()->open(&host, &call, span(config), &self);
}

void plugin_close(void)
{
    if (self)
        inno_plugin_v1()->close(self);
    self = NULL;
    begin_call();
}

inno_rc run_slot(enum slot slot, const struct about *about)
{
    static const struct about none;
    const inno_provisioner *plugin = inno_plugin_v1();
    inno_rc (*const slots[])(void *, const inno_host *, inno_call *, const inno_resource *) = {plugin->provision, plugin->deprovision,
                                                                                               plugin->get_status, plugin->get_hints};
    inno_resource res = {.struct_size = sizeof res,
                         .id = "r-01",
                         .type = "payment-gateway",
                         .class_name = "default",
                         .name = "payments",
                         .application = "shop",
                         .environment = "development",
                         .environment_type = "development",
                         .product = "ecommerce",
                         .org = "default",
                         .generation = 1};
    inno_rc rc;

    about = about ? about : &none;
    begin_call();
    res.uid = about->uid ? about->uid : "payment-gateway.default#shop.payments";
    res.team = about->team ? about->team : "shop";
    res.idempotency_key = about->key ? about->key : "key-1";
    res.params = span(about->params ? about->params : "{}");
    res.prior_params = res.outputs = span("{}");
    res.state = span(about->state ? about->state : "{}");
    res.host = &host;
    res.call = &call;
    rc = slot == HEALTH ? plugin->health(self, &host, &call) : slots[slot](self, &host, &call, &res);
    CHECK(rc >= 0 || call.failed == rc);
    return rc;
}

/* ---- the scripted gateway ---- */

static struct {
    pthread_t thread;
    int listener;
    const char *const *answers;
    char requests[20000];
    size_t used;
} gateway;

/* Reads head and body of one request. */
static void read_request(int fd)
{
    char *start = gateway.requests + gateway.used;
    size_t left = sizeof gateway.requests - gateway.used - 1, len = 0;
    unsigned long body = 0;
    char *end, *told;

    for (;;) {
        ssize_t n = recv(fd, start + len, left - len, 0);

        if (n <= 0)
            break;
        len += (size_t)n;
        start[len] = '\0';
        end = strstr(start, "\r\n\r\n");
        told = strstr(start, "Content-Length: ");
        if (told)
            body = strtoul(told + 16, NULL, 10);
        if (end && len >= (size_t)(end + 4 - start) + body)
            break;
    }
    gateway.used += len;
    start[len] = '\0';
}

static void *serve(void *unused)
{
    for (const char *const *answer = gateway.answers; *answer; answer++) {
        int fd = accept(gateway.listener, NULL, NULL);
        char byte;

        if (fd < 0)
            break;
        read_request(fd);
        if (strcmp(*answer, "hang") == 0)
            while (recv(fd, &byte, 1, 0) > 0)
                ;
        else if (send(fd, *answer, strlen(*answer), MSG_NOSIGNAL) < 0)
            perror("send");
        close(fd);
    }
    return unused;
}

int gateway_start(const char *const *answers)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    gateway.answers = answers;
    gateway.used = 0;
    gateway.requests[0] = '\0';
    gateway.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (gateway.listener < 0 || bind(gateway.listener, (struct sockaddr *)&address, size) != 0 || listen(gateway.listener, 8) != 0 ||
        getsockname(gateway.listener, (struct sockaddr *)&address, &size) != 0 || pthread_create(&gateway.thread, NULL, serve, NULL) != 0) {
        perror("gateway");
        exit(2);
    }
    return ntohs(address.sin_port);
}

const char *gateway_stop(void)
{
    shutdown(gateway.listener, SHUT_RDWR); /* ends an accept that waits */
    pthread_join(gateway.thread, NULL);
    close(gateway.listener);
    return gateway.requests;
}
