/* The fake host; see fake_host.h. */
#include "fake_host.h"
#include "base/io.h"
#include "test.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void host_log(inno_call *call, int32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));
static inno_rc host_fail(inno_call *call, inno_rc code, int32_t retryable, const char *format, ...) __attribute__((format(printf, 4, 5)));

static void host_log(inno_call *call, int32_t level, const char *format, ...)
{
    char text[2000];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    CU_ASSERT(level >= INNO_LOG_DEBUG && level <= INNO_LOG_ERROR);
    json_array_append_new(call->logs, json_string(text));
}

static void host_progress(inno_call *call, int32_t percent, const char *text)
{
    (void)call;
    CU_ASSERT(percent >= -1 && percent <= 100);
    CU_ASSERT_PTR_NOT_NULL(text);
}

static void host_output(inno_call *call, const char *key, const char *text)
{
    CU_ASSERT_EQUAL(json_object_set_new(call->outputs, key, json_string(text)), 0);
}

static void host_output_json(inno_call *call, const char *key, inno_span json)
{
    json_t *value = json_loadb(json.bytes, json.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

    CU_ASSERT_PTR_NOT_NULL(value);
    json_object_set_new(call->outputs, key, value);
}

static void host_secret_output(inno_call *call, const char *key, const char *text)
{
    CU_ASSERT_EQUAL(json_object_set_new(call->secrets, key, json_string(text)), 0);
}

static void host_hint(inno_call *call, const char *kind, const char *label, const char *value)
{
    CU_ASSERT_EQUAL(json_array_append_new(call->hints, json_pack("{ss ss ss}", "kind", kind, "label", label, "value", value)), 0);
}

static void host_status(inno_call *call, const char *state, const char *text)
{
    snprintf(call->status, sizeof call->status, "%s", state);
    snprintf(call->status_text, sizeof call->status_text, "%s", text ? text : "");
}

static inno_rc host_state(inno_call *call, inno_span json)
{
    json_t *value = json_loadb(json.bytes, json.len, 0, NULL);

    CU_ASSERT(json_is_object(value));
    json_decref(call->state);
    call->state = value;
    return INNO_OK;
}

static int32_t host_canceled(inno_call *call)
{
    if (call->cancel_after && --call->cancel_after == 0)
        call->canceled = 1;
    return call->canceled;
}

static int32_t host_cancel_fd(inno_call *call)
{
    (void)call;
    return -1;
}

static int64_t host_deadline_ms(inno_call *call) { return call->deadline_ms; }
static void host_poll_after(inno_call *call, int64_t ms) { call->poll_ms = ms; }
static const char *host_dir(inno_call *call) { return call->data_dir; }
static const char *host_trace_id(inno_call *call) { return call ? "0123456789abcdef0123456789abcdef" : ""; }

static inno_rc host_fail(inno_call *call, inno_rc code, int32_t retryable, const char *format, ...)
{
    va_list args;

    CU_ASSERT(retryable >= -1 && retryable <= 1);
    va_start(args, format);
    vsnprintf(call->failure, sizeof call->failure, format, args);
    va_end(args);
    call->failed = code;
    return code;
}

static void *host_alloc(inno_call *call, uint64_t bytes)
{
    CU_ASSERT_FATAL(call->memory_count < sizeof call->memory / sizeof call->memory[0]);
    return call->memory[call->memory_count++] = calloc(1, bytes ? bytes : 1);
}

static inno_rc host_secret(inno_call *call, const char *reference, inno_span *out)
{
    const json_t *text = json_object_get(call->plugin->references, reference);

    if (!text)
        return host_fail(call, INNO_NOT_FOUND, -1, "no reference %s", reference);
    *out = (inno_span){json_string_value(text), json_string_length(text)};
    return INNO_OK;
}

static inno_rc host_exec(inno_call *call, const inno_exec *command, inno_exec_result *out)
{
    inno_rc rc = call->plugin->exec ? call->plugin->exec(command, out) : INNO_UNAUTHORIZED;

    return rc == INNO_OK ? rc : host_fail(call, rc, -1, "%s may not be run", command->argv[0]);
}

const inno_host fake_host = {.struct_size = sizeof(inno_host),
                             .abi_major = INNO_ABI_MAJOR,
                             .abi_minor = INNO_ABI_MINOR,
                             .magic = INNO_HOST_MAGIC,
                             .log = host_log,
                             .progress = host_progress,
                             .output = host_output,
                             .output_json = host_output_json,
                             .secret_output = host_secret_output,
                             .hint = host_hint,
                             .status = host_status,
                             .state = host_state,
                             .canceled = host_canceled,
                             .cancel_fd = host_cancel_fd,
                             .deadline_ms = host_deadline_ms,
                             .poll_after = host_poll_after,
                             .work_dir = host_dir,
                             .data_dir = host_dir,
                             .trace_id = host_trace_id,
                             .fail = host_fail,
                             .alloc = host_alloc,
                             .secret = host_secret,
                             .exec = host_exec};

static void call_fini(struct inno_call *call)
{
    json_decref(call->outputs);
    json_decref(call->secrets);
    json_decref(call->hints);
    json_decref(call->logs);
    json_decref(call->state);
    for (size_t i = 0; i < call->memory_count; i++)
        free(call->memory[i]);
    *call = (struct inno_call){0};
}

void fake_begin(struct fake_plugin *p)
{
    int canceled = p->call.canceled && p->call.outputs == NULL, after = p->call.cancel_after;
    int64_t deadline = p->call.next_deadline_ms ? p->call.next_deadline_ms : 60000;

    call_fini(&p->call);
    p->call = (struct inno_call){.outputs = json_object(),
                                 .secrets = json_object(),
                                 .hints = json_array(),
                                 .logs = json_array(),
                                 .canceled = canceled,
                                 .cancel_after = after,
                                 .deadline_ms = deadline,
                                 .plugin = p,
                                 .data_dir = p->data_dir};
}

void fake_next_cancel(struct fake_plugin *p, int questions)
{
    call_fini(&p->call);
    p->call.cancel_after = questions;
    p->call.canceled = questions == 0;
}

void fake_next_deadline(struct fake_plugin *p, int64_t ms)
{
    call_fini(&p->call);
    p->call.next_deadline_ms = ms;
}

inno_rc fake_open_file(struct fake_plugin *p, const char *path, const char *data_dir, const char *config)
{
    const inno_provisioner *(*entry)(void);

    *p = (struct fake_plugin){.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (!p->handle)
        fprintf(stderr, "%s\n", dlerror());
    CU_ASSERT_PTR_NOT_NULL_FATAL(p->handle);
    *(void **)&entry = dlsym(p->handle, "inno_plugin_v1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    p->vtable = entry();
    CU_ASSERT_EQUAL_FATAL(p->vtable->magic, INNO_PROVISIONER_MAGIC);
    snprintf(p->data_dir, sizeof p->data_dir, "%s", data_dir);
    fake_begin(p);
    return p->vtable->open ? p->vtable->open(&fake_host, &p->call, (inno_span){config, strlen(config)}, &p->self) : INNO_OK;
}

inno_rc fake_open(struct fake_plugin *p, const char *name, const char *data_dir, const char *config)
{
    char path[600];

    snprintf(path, sizeof path, TEST_BINARY_DIR "/lib/innominatus/plugins/%s.so", name);
    return fake_open_file(p, path, data_dir, config);
}

void fake_close(struct fake_plugin *p)
{
    if (p->self && p->vtable->close)
        p->vtable->close(p->self);
    call_fini(&p->call);
    if (p->handle)
        dlclose(p->handle);
    *p = (struct fake_plugin){0};
}

static const char *or_else(const char *text, const char *fallback) { return text ? text : fallback; }
static inno_span span_of(const char *text) { return (inno_span){text, strlen(text)}; }

static inno_resource make_resource(struct fake_plugin *p, const struct fake_resource *about, uint32_t operation)
{
    return (inno_resource){.struct_size = sizeof(inno_resource),
                           .operation = operation,
                           .id = "r-01TEST",
                           .uid = or_else(about->uid, "volume.default#shop.data"),
                           .type = or_else(about->type, "volume"),
                           .class_name = "default",
                           .name = or_else(about->name, "data"),
                           .application = or_else(about->application, "shop"),
                           .environment = or_else(about->environment, "development"),
                           .environment_type = "development",
                           .team = or_else(about->team, "shop"),
                           .product = "ecommerce",
                           .org = "default",
                           .generation = about->generation,
                           .idempotency_key = "0123456789abcdef",
                           .params = span_of(or_else(about->params, "{}")),
                           .prior_params = span_of(or_else(about->prior_params, "{}")),
                           .state = span_of(or_else(about->state, "{}")),
                           .outputs = span_of("{}"),
                           .host = &fake_host,
                           .call = &p->call};
}

inno_rc fake_run(struct fake_plugin *p, enum fake_slot slot, const struct fake_resource *about)
{
    static const uint32_t operations[] = {INNO_OP_CREATE, INNO_OP_DELETE, INNO_OP_READ, INNO_OP_READ, INNO_OP_READ};
    inno_rc (*const functions[])(void *, const inno_host *, inno_call *, const inno_resource *) = {
        p->vtable->provision, p->vtable->deprovision, p->vtable->get_status, p->vtable->get_hints, p->vtable->plan};
    inno_resource res;
    inno_rc rc;

    fake_begin(p);
    res = make_resource(p, about, about->operation ? about->operation : operations[slot]);
    rc = functions[slot](p->self, &fake_host, &p->call, &res);
    if (rc < 0 && p->call.failed != rc)
        fprintf(stderr, "the plugin returned %d without saying why by fail()\n", rc);
    CU_ASSERT(rc >= 0 || p->call.failed == rc);
    CU_ASSERT(rc < 0 || slot != FAKE_STATUS || p->call.status[0]);
    return rc;
}

inno_rc fake_action(struct fake_plugin *p, const char *name, const struct fake_resource *about, fake_invoke invoke, void *ctx)
{
    for (const inno_action *const *action = p->vtable->actions; action && *action; action++)
        if (strcmp((*action)->name, name) == 0) {
            inno_resource res;
            inno_rc rc;

            fake_begin(p);
            res = make_resource(p, about, INNO_OP_ACTION);
            rc = invoke((*action)->function, p->self, &p->call, &res, ctx);
            CU_ASSERT(rc >= 0 || p->call.failed == rc);
            return rc;
        }
    return INNO_NOT_FOUND;
}

inno_rc fake_health(struct fake_plugin *p)
{
    fake_begin(p);
    return p->vtable->health(p->self, &fake_host, &p->call);
}

inno_rc fake_step(struct fake_plugin *p, const char *type, const char *team, const char *config)
{
    inno_step step = {.struct_size = sizeof step,
                      .attempt = 1,
                      .type = type,
                      .name = "migrate",
                      .workflow = "database-setup",
                      .application = "shop",
                      .environment = "development",
                      .environment_type = "development",
                      .team = team,
                      .product = "ecommerce",
                      .idempotency_key = "fedcba9876543210",
                      .config = span_of(config),
                      .env = span_of("{}"),
                      .state = span_of(or_else(p->step_state, "{}")),
                      .host = &fake_host,
                      .call = &p->call};

    fake_begin(p);
    return p->vtable->step(p->self, &fake_host, &p->call, &step);
}

static const char *text_of(const json_t *value) { return json_string_value(value) ? json_string_value(value) : ""; }

const char *fake_output(const struct fake_plugin *p, const char *key) { return text_of(json_object_get(p->call.outputs, key)); }
const char *fake_secret(const struct fake_plugin *p, const char *key) { return text_of(json_object_get(p->call.secrets, key)); }

const char *fake_hint(const struct fake_plugin *p, const char *kind)
{
    json_t *hint;
    size_t i;

    json_array_foreach(p->call.hints, i,
                       hint) if (strcmp(text_of(json_object_get(hint, "kind")), kind) == 0) return text_of(json_object_get(hint, "value"));
    return "";
}
