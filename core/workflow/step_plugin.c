/* Calls to provisioners on behalf of a step, and the step types that plugins bring. Started on workers; callbacks run on the plugin loop.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "secret/secret_store.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define POLL_LEAST_MS 100 /* between two calls of a provisioner that says it is not ready */

/* ---- one call ---- */

struct call {
    struct step_work *work;
    void (*done)(void *ctx, const struct plugin_result *result);
    pthread_mutex_t lock;
    bool checkpointing; /* a checkpoint is on its way to the store: the end of the call waits for it */
    bool over;          /* the call has failed meanwhile */
    struct err err;
    json_t *report;
};

static void call_free(struct call *call)
{
    json_decref(call->report);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

static void on_log(void *ctx, const char *level, const char *text)
{
    struct call *call = ctx;

    atomic_store(&call->work->heard_us, clock_mono_us());
    step_log(call->work, "plugin", level, "%s", text);
}

static void on_progress(void *ctx, int percent, const char *text)
{
    struct call *call = ctx;

    atomic_store(&call->work->heard_us, clock_mono_us());
    if (percent < 0)
        step_log(call->work, "plugin", "info", "%s", text ? text : "");
    else
        step_log(call->work, "plugin", "info", "%d %% %s", percent, text ? text : "");
}

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct call *call = ctx;
    struct step_work *work = call->work;
    bool wait;

    pthread_mutex_lock(&work->lock);
    work->call = NULL;
    pthread_mutex_unlock(&work->lock);
    pthread_mutex_lock(&call->lock);
    wait = call->checkpointing;
    if (wait) { /* only a call that was killed ends while its plugin waits for a checkpoint */
        call->over = true;
        call->err = result->err;
        call->report = json_clone(result->report);
    }
    pthread_mutex_unlock(&call->lock);
    if (wait)
        return;
    call->done(work, result);
    call_free(call);
}

static void on_secret(void *ctx, const char *text)
{
    struct call *call = ctx;

    redactor_add(call->work->redactor, text, strlen(text));
}

struct checkpoint {
    struct call *call;
    struct plugin_call *plugin_call;
    char *state;
};

/* A checkpoint belongs to the resource, or to the step when the plugin runs a step type. */
static int checkpoint_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct checkpoint *checkpoint = ctx;
    const struct step_work *work = checkpoint->call->work;
    const char *id = work->resource_id ? work->resource_id : work->step_id;
    const char *sql =
        work->resource_id ? "UPDATE resources SET plugin_state = $2 WHERE id = $1" : "UPDATE steps SET checkpoint = $2 WHERE id = $1";
    bool ours = false;

    if (work_is_ours(tx, work, &ours, err) < 0)
        return -1;
    if (!ours)
        return err_set(err, ERR_CANCELED, "the lease of step %s is lost", work->step_id);
    return store_exec(tx, sql, STORE_ARGS(store_text(id), store_text(checkpoint->state)), NULL, err);
}

static void checkpoint_stored(void *ctx, const struct err *result)
{
    struct checkpoint *checkpoint = ctx;
    struct call *call = checkpoint->call;
    struct step_work *work = call->work;
    bool over;

    pthread_mutex_lock(&call->lock);
    call->checkpointing = false;
    over = call->over;
    pthread_mutex_unlock(&call->lock);
    if (over) {
        struct plugin_result failed = {.outcome = PLUGIN_DONE_FAILED, .err = call->err, .report = call->report};

        call->done(work, &failed);
        call_free(call);
    } else {
        plugin_checkpointed(work->engine->options.plugins, checkpoint->plugin_call, result->code == ERR_NONE);
    }
    free(checkpoint->state);
    free(checkpoint);
}

static void on_checkpoint(void *ctx, struct plugin_call *plugin_call, const char *state_json)
{
    struct call *call = ctx;
    struct checkpoint *checkpoint = mem_zalloc(sizeof *checkpoint);

    atomic_store(&call->work->heard_us, clock_mono_us());
    checkpoint->call = call;
    checkpoint->plugin_call = plugin_call;
    checkpoint->state = mem_strdup(state_json);
    pthread_mutex_lock(&call->lock);
    call->checkpointing = true;
    pthread_mutex_unlock(&call->lock);
    store_write(call->work->engine->store, checkpoint_unit, checkpoint, checkpoint_stored);
}

int step_call_plugin(struct step_work *work, struct plugin_request *request, void (*done)(void *ctx, const struct plugin_result *result),
                     struct err *err)
{
    struct call *call = mem_zalloc(sizeof *call);
    int rc = -1;

    call->work = work;
    call->done = done;
    work->instance = arena_strdup(&work->arena, request->instance);
    pthread_mutex_init(&call->lock, NULL);
    request->trace_id = work->run->trace_id;
    request->deadline_ms = step_has_deadline(work) ? step_remaining_ms(work, LIMIT_STEP_TIMEOUT_MS) : 0;
    request->events = (struct plugin_call_events){
        .log = on_log, .progress = on_progress, .secret = on_secret, .checkpoint = on_checkpoint, .done = on_done};
    request->ctx = call;
    /* Under the lock, so that a cancel finds the call, and its end cannot come before its handle is known. */
    pthread_mutex_lock(&work->lock);
    if (work->cancel)
        err_set(err, ERR_CANCELED, "canceled before %s was called", request->instance);
    else if (step_has_deadline(work) && request->deadline_ms < 1)
        err_set(err, ERR_TIMEOUT, "step %s ran out of time before %s was called", work->step->name, request->instance);
    else
        rc = plugin_call_start(work->engine->options.plugins, request, &work->call, err);
    pthread_mutex_unlock(&work->lock);
    if (rc < 0)
        call_free(call);
    return rc;
}

/* ---- step types of plugins ---- */

struct plugin_step {
    bool failed, pending;
    int64_t poll_after_ms;
    json_t *outputs, *secrets, *report;
    char *state;
    struct err err;
};

static void plugin_step_fini(struct step_work *work)
{
    struct plugin_step *ps = work->state;

    json_decref(ps->outputs);
    json_decref(ps->secrets);
    json_decref(ps->report);
    free(ps->state);
}

static int store_step_secrets(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct plugin_step *ps = work->state;
    const char *key;
    json_t *value;

    json_object_foreach(ps->secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("step:%s#%s", work->step_id, key);

        if (json_is_string(value) &&
            secret_put(work->engine->options.secrets, tx, reference, json_string_value(value), json_string_length(value), err) < 0)
            return err_wrap(err, "sealing output %s", key);
    }
    return 0;
}

static void plugin_step_answered(struct step_work *work)
{
    struct plugin_step *ps = work->state;
    CLEANUP(json_put) json_t *outputs = NULL;
    CLEANUP(free_ptr) char *owner = mem_printf("step:%s", work->step_id);
    const char *key;
    json_t *value;

    if (ps->failed) {
        step_fail(work, &ps->err, take_ptr(ps->report));
        return;
    }
    if (ps->pending) {
        step_wait(work, ps->poll_after_ms < POLL_LEAST_MS ? POLL_LEAST_MS : ps->poll_after_ms, ps->state ? ps->state : work->checkpoint);
        return;
    }
    if (step_check_answer(work, json_str(work->step->plan, "provisioner"), owner, ps->outputs, &ps->secrets, &ps->err) < 0) {
        step_fail(work, &ps->err, NULL);
        return;
    }
    outputs = ps->outputs ? json_copy(ps->outputs) : json_object();
    json_object_foreach(ps->secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("step:%s#%s", work->step_id, key);

        json_object_set_new(outputs, key, json_secret_new(reference));
    }
    work->also = store_step_secrets;
    step_complete(work, take_ptr(outputs));
}

static void plugin_step_done(void *ctx, const struct plugin_result *result)
{
    struct step_work *work = ctx;
    struct plugin_step *ps = work->state;

    ps->failed = result->outcome == PLUGIN_DONE_FAILED;
    ps->pending = result->outcome == PLUGIN_DONE_PENDING;
    ps->poll_after_ms = result->poll_after_ms;
    ps->outputs = json_clone(result->outputs); /* counted values are not shared between threads */
    ps->secrets = json_clone(result->secrets);
    ps->report = json_clone(result->report);
    ps->state = mem_strdup(result->state);
    ps->err = result->err;
    work->resume = plugin_step_answered;
    engine_resume(work);
}

/* The frame of a step: what it is, its config with secrets open, and an idempotency key that stays the same over attempts. */
static int step_frame(struct step_work *work, json_t **out, struct err *err)
{
    const struct run *run = work->run;
    CLEANUP(json_put) json_t *frame = json_object();
    json_t *config = NULL, *env = NULL;
    char key[65];

    crypto_sha256_hex(work->step_id, strlen(work->step_id), key);
    if (step_open_secrets(work, work->config, &config, err) < 0)
        return -1;
    json_set_new(frame, "config", config);
    if (step_open_secrets(work, work->env, &env, err) < 0)
        return -1;
    json_set_new(frame, "env", env);
    json_set_str(frame, "type", work->step->type);
    json_set_str(frame, "name", work->step->name);
    json_set_int(frame, "attempt", work->attempt);
    json_set_str(frame, "workflow", work->workflow->name);
    json_set_str(frame, "idempotency_key", key);
    json_set_str(frame, "application", run->application);
    json_set_str(frame, "environment", run->environment);
    json_set_str(frame, "environment_type", run->environment_type);
    json_set_str(frame, "team", run->team);
    json_set_str(frame, "product", run->product);
    json_set_str(frame, "org", run->org);
    json_set_new(frame, "state", work->checkpoint ? json_loads(work->checkpoint, JSON_DECODE_ANY, NULL) : NULL);
    *out = take_ptr(frame);
    return 0;
}

void step_run_plugin(struct step_work *work)
{
    struct plugin_step *ps = arena_alloc(&work->arena, sizeof *ps);
    struct plugin_request request = {.instance = json_str(work->step->plan, "provisioner"), .operation = PLUGIN_STEP};
    CLEANUP(json_put) json_t *frame = NULL;
    struct err err = {0};

    work->state = ps;
    work->keeps_checkpoint = true;
    work->fini = plugin_step_fini;
    if (!request.instance)
        err_set(&err, ERR_STEP_TYPE, "no provisioner entry offers step type \"%s\"", work->step->type);
    else if (step_frame(work, &frame, &err) == 0) {
        request.step = frame;
        if (step_call_plugin(work, &request, plugin_step_done, &err) == 0)
            return;
    }
    step_fail(work, &err, NULL);
}
