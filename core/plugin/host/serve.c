/* Owns the running of one call: the structs that the slot sees are made of the frame, the slot runs, the verdict goes back. Main thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include "plugin/host/calls.h"
#include "plugin/protocol.h"
#include <string.h>

#define DEFAULT_POLL_MS 1000

static const struct {
    const char *word;
    uint32_t code;
} operations[] = {
    {"create", INNO_OP_CREATE}, {"update", INNO_OP_UPDATE}, {"repair", INNO_OP_REPAIR}, {"delete", INNO_OP_DELETE}, {"read", INNO_OP_READ},
};

static uint32_t operation_of(const char *word, uint32_t fallback)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (str_eq(operations[i].word, word))
            return operations[i].code;
    return fallback;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_str(object, key);

    return text ? text : "";
}

/* The texts of the spans of a call, wiped after it: params may hold opened secrets. */
struct texts {
    char *text[8];
    size_t count;
};

static void texts_fini(struct texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        secret_wipe(t->text[i], strlen(t->text[i]));
        free(t->text[i]);
    }
}

/* A member as a span of JSON; a text is taken as JSON already (the server keeps state as text), absent is {}. */
static inno_span span_at(struct texts *texts, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    char *text = json_is_string(value)           ? mem_strdup(json_string_value(value))
                 : !value || json_is_null(value) ? mem_strdup("{}")
                                                 : json_text(value);

    if (!*text) {
        free(text);
        text = mem_strdup("{}");
    }
    texts->text[texts->count++] = text;
    return (inno_span){text, strlen(text)};
}

static inno_resource make_resource(struct inno_call *call, struct texts *texts, const json_t *from, uint32_t fallback)
{
    return (inno_resource){
        .struct_size = sizeof(inno_resource),
        .operation = operation_of(json_str(from, "operation"), fallback),
        .id = text_at(from, "id"),
        .uid = text_at(from, "uid"),
        .type = text_at(from, "type"),
        .class_name = text_at(from, "class"),
        .name = text_at(from, "name"),
        .application = text_at(from, "application"),
        .environment = text_at(from, "environment"),
        .environment_type = text_at(from, "environment_type"),
        .team = text_at(from, "team"),
        .product = text_at(from, "product"),
        .org = text_at(from, "org"),
        .generation = json_int(from, "generation", 0),
        .idempotency_key = text_at(from, "idempotency_key"),
        .params = span_at(texts, from, "params"),
        .prior_params = span_at(texts, from, "prior_params"),
        .state = span_at(texts, from, "state"),
        .outputs = span_at(texts, from, "outputs"),
        .host = &host_table,
        .call = call,
    };
}

static inno_step make_step(struct inno_call *call, struct texts *texts, const json_t *from)
{
    return (inno_step){
        .struct_size = sizeof(inno_step),
        .attempt = (uint32_t)json_int(from, "attempt", 1),
        .type = text_at(from, "type"),
        .name = text_at(from, "name"),
        .workflow = text_at(from, "workflow"),
        .application = text_at(from, "application"),
        .environment = text_at(from, "environment"),
        .environment_type = text_at(from, "environment_type"),
        .team = text_at(from, "team"),
        .product = text_at(from, "product"),
        .idempotency_key = text_at(from, "idempotency_key"),
        .config = span_at(texts, from, "config"),
        .env = span_at(texts, from, "env"),
        .state = span_at(texts, from, "state"),
        .host = &host_table,
        .call = call,
    };
}

struct context {
    struct inno_call *call;
    const inno_provisioner *plugin;
    void **self;
    const json_t *frame;
    struct texts texts;
};

static inno_rc unsupported(struct inno_call *call, const char *slot)
{
    return host_table.fail(call, INNO_UNSUPPORTED, 0, "the plugin has no %s", slot);
}

/* ---- one function an operation ---- */

static inno_rc run_open(struct context *c)
{
    inno_span config = span_at(&c->texts, c->frame, "config");
    inno_rc rc;

    if (!c->plugin->open)
        return INNO_OK;
    rc = c->plugin->open(&host_table, c->call, config, c->self);
    return rc > 0 ? host_table.fail(c->call, INNO_FAILED, 0, "open returned %d; it may not be pending", rc) : rc;
}

static inno_rc run_resource(struct context *c, inno_rc (*slot)(void *, const inno_host *, inno_call *, const inno_resource *),
                            uint32_t operation, const char *name)
{
    inno_resource resource = make_resource(c->call, &c->texts, json_object_get(c->frame, "resource"), operation);

    return slot ? slot(*c->self, &host_table, c->call, &resource) : unsupported(c->call, name);
}

static inno_rc run_provision(struct context *c) { return run_resource(c, c->plugin->provision, INNO_OP_CREATE, "provision"); }
static inno_rc run_deprovision(struct context *c) { return run_resource(c, c->plugin->deprovision, INNO_OP_DELETE, "deprovision"); }
static inno_rc run_get_status(struct context *c) { return run_resource(c, c->plugin->get_status, INNO_OP_READ, "get_status"); }
static inno_rc run_get_hints(struct context *c) { return run_resource(c, c->plugin->get_hints, INNO_OP_READ, "get_hints"); }
static inno_rc run_plan(struct context *c) { return run_resource(c, c->plugin->plan, INNO_OP_READ, "plan"); }

static inno_rc run_health(struct context *c)
{
    return c->plugin->health ? c->plugin->health(*c->self, &host_table, c->call) : unsupported(c->call, "health");
}

static inno_rc run_step(struct context *c)
{
    inno_step step = make_step(c->call, &c->texts, json_object_get(c->frame, "step"));

    return c->plugin->step ? c->plugin->step(*c->self, &host_table, c->call, &step) : unsupported(c->call, "step");
}

static inno_rc run_action(struct context *c)
{
    inno_resource resource = make_resource(c->call, &c->texts, json_object_get(c->frame, "resource"), INNO_OP_ACTION);

    resource.operation = INNO_OP_ACTION;
    return action_call(c->call, c->plugin, *c->self, &resource, json_str(c->frame, "action"), json_object_get(c->frame, "arguments"));
}

static const struct {
    const char *op;
    inno_rc (*run)(struct context *);
} runs[] = {
    {"open", run_open},           {"provision", run_provision}, {"deprovision", run_deprovision}, {"get_status", run_get_status},
    {"get_hints", run_get_hints}, {"plan", run_plan},           {"health", run_health},           {"step", run_step},
    {"action", run_action},
};

static inno_rc run_slot(struct context *c)
{
    const char *op = text_at(c->frame, "op");

    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        if (str_eq(runs[i].op, op))
            return runs[i].run(c);
    return unsupported(c->call, "such operation");
}

/* ---- around it ---- */

/* A time that a day bounds, so that it can be added to a clock. */
static int64_t deadline_ms(const json_t *frame)
{
    int64_t ms = json_int(frame, "deadline_ms", LIMIT_PLUGIN_CALL_MS);

    return ms < 0 ? 0 : ms > LIMIT_STEP_TIMEOUT_MS ? LIMIT_STEP_TIMEOUT_MS : ms;
}

static void begin(struct inno_call *call, const json_t *frame)
{
    call->id = json_int(frame, "id", 0);
    call->deadline_us = clock_mono_us() + deadline_ms(frame) * US_PER_MS;
    call->poll_ms = 0;
    call->trace_id = text_at(frame, "trace_id");
    call->out.max = 2u * PROTOCOL_FRAME_BYTES;
    call->log_bytes = call->output_bytes = call->hints = 0;
    call->exec_lines = 0;
    call->secrets = json_object_get(json_object_get(frame, "resource"), "secrets");
    call->fail_code = 0;
    call->fail_retry = -1;
    call->fail_text[0] = call->bad[0] = '\0';
    call->work_dir = mem_printf("%s/%lld", call->work_root, (long long)call->id);
    call->work_made = false;
    atomic_store(&call->active, true);
}

/* What the slot said, with what the host saw: a spoiled call fails as FAILED, a fail text belongs to its code. */
static json_t *verdict(const struct inno_call *call, inno_rc rc, const char *breach)
{
    json_t *done = json_pack("{s:s,s:I,s:i}", "t", "done", "id", (json_int_t)call->id, "rc", call->bad[0] ? INNO_FAILED : (int)rc);

    if (call->bad[0])
        json_set_new(done, "fail", json_pack("{s:i,s:i,s:s}", "code", INNO_FAILED, "retry", 0, "text", call->bad));
    else if (rc < 0 && call->fail_text[0])
        json_set_new(done, "fail",
                     json_pack("{s:i,s:i,s:s}", "code", (int)call->fail_code, "retry", call->fail_retry, "text", call->fail_text));
    if (rc == INNO_PENDING)
        json_set_int(done, "poll_ms", call->poll_ms ? call->poll_ms : DEFAULT_POLL_MS);
    json_set_str(done, "breach", breach);
    return done;
}

void call_serve(struct inno_call *call, const inno_provisioner *plugin, void **self, const json_t *frame)
{
    struct context c = {.call = call, .plugin = plugin, .self = self, .frame = frame};
    struct err ignored;
    json_t *done;
    inno_rc rc;

    begin(call, frame);
    rc = run_slot(&c);
    atomic_store(&call->active, false);
    done = verdict(call, rc, atomic_exchange(&call->breach, NULL));
    texts_fini(&c.texts);
    call_free_memory(call);
    if (call->usage)
        json_set_new(done, "usage", usage_read(call->usage, call->box->exec));
    call_tell(call, done, true);
    if (call->work_made)
        io_remove_tree(call->work_dir, &ignored); /* the server wipes the root when this process ends */
    free(take_ptr(call->work_dir));
}
