/* One claimed step: conditions, policy, interpolation, then its type's handler; and how a handler says what came of it.
 * step_execute runs on a worker; step_complete, step_fail and step_wait on whatever thread the handler ends on. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "policy/policy.h"
#include "workflow/engine_priv.h"
#include "workflow/policy_input.h"
#include "workflow/step_resource.h"
#include <string.h>
#include <sys/random.h>

#define RELEASE_MS       200 /* until a step that could not be read or begun is looked at again */
#define UNREADABLE_MS    10000
#define CIRCUIT_LEAST_MS 100 /* after the time that the circuit names */

struct step_work *work_new(struct engine *engine)
{
    struct step_work *work = mem_zalloc(sizeof *work);

    work->engine = engine;
    work->condition_value = -1;
    work->workflow_left_us = NEVER;
    work->logs_tail = &work->logs;
    pthread_mutex_init(&work->lock, NULL);
    return work;
}

void work_free(struct step_work *work)
{
    if (!work)
        return;
    if (work->fini)
        work->fini(work);
    while (work->logs) {
        struct log_entry *next = work->logs->next;

        free(work->logs);
        work->logs = next;
    }
    json_decref(work->scope);
    json_decref(work->config);
    json_decref(work->env);
    json_decref(work->result);
    json_decref(work->outputs);
    json_decref(work->report);
    json_decref(work->violations);
    redactor_free(work->redactor);
    run_unref(work->run);
    platform_unref(work->platform);
    pthread_mutex_destroy(&work->lock);
    arena_fini(&work->arena);
    free(work);
}

/* ---- outcomes ---- */

/* Its provisioner is left alone for a while: the step waits for that without a worker, and has not been tried. Those that wait do not all
 * come at once. */
static void wait_for_circuit(struct step_work *work, const struct err *err)
{
    int64_t ms = plugin_retry_after_ms(work->engine->options.plugins, work->instance);
    uint32_t random;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = 0;
    work->err = *err;
    redactor_apply(work->redactor, work->err.msg, sizeof work->err.msg);
    work->also = NULL; /* nothing was done: what an earlier part has stored holds */
    step_log(work, "core", "warn", "waits: %s", work->err.msg);
    step_wait(work, ms + CIRCUIT_LEAST_MS + random % (uint32_t)(ms / 8 + CIRCUIT_LEAST_MS), work->checkpoint);
}

void step_fail(struct step_work *work, const struct err *err, json_t *report)
{
    if (err->code == ERR_CIRCUIT_OPEN && work->instance && !work->cancel) {
        json_decref(report);
        wait_for_circuit(work, err);
        return;
    }
    work->outcome = err->code == ERR_SHUTDOWN ? OUTCOME_RELEASED : OUTCOME_FAILED;
    if (&work->err != err)
        work->err = *err;
    redactor_apply(work->redactor, work->err.msg, sizeof work->err.msg);
    if (report)
        step_redact(work, report);
    work->report = report;
    step_finish(work);
}

void step_release(struct step_work *work, int64_t ms, const struct err *why)
{
    if (why)
        log_error("engine", "task %s of %s goes back into the queue: %s", work->task_id, work->deployment_id, why->msg);
    work->outcome = OUTCOME_RELEASED;
    work->wait_until = ms > 0 ? clock_steady_us() + ms * US_PER_MS : 0;
    step_finish(work);
}

void step_abandon(struct step_work *work)
{
    log_warn("engine", "step %s of %s had lost its lease before it could begin", work->step_id, work->deployment_id);
    engine_work_done(work);
}

void step_go_on(struct step_work *work, const struct err *result, void (*resume)(struct step_work *work))
{
    if (result->code != ERR_NONE) {
        step_fail(work, result, NULL);
    } else if (work->stale) {
        step_abandon(work);
    } else {
        work->resume = resume;
        engine_resume(work);
    }
}

void step_skip(struct step_work *work, const char *reason)
{
    work->outcome = OUTCOME_SKIPPED;
    work->skipped_reason = arena_strdup(&work->arena, reason);
    step_finish(work);
}

void step_wait(struct step_work *work, int64_t ms, const char *checkpoint)
{
    work->outcome = OUTCOME_WAITING;
    ms = ms < 0 ? 0 : ms > LIMIT_STEP_TIMEOUT_MS ? LIMIT_STEP_TIMEOUT_MS : ms;
    work->wait_until = clock_steady_us() + ms * US_PER_MS;
    if (work->deadline_at && work->wait_until > work->deadline_at)
        work->wait_until = work->deadline_at; /* to fail in time, not later */
    work->new_checkpoint = arena_strdup(&work->arena, checkpoint);
    step_finish(work);
}

void step_complete(struct step_work *work, json_t *result)
{
    const json_t *wanted = json_object_get(work->step->plan, "outputs");
    CLEANUP(free_ptr) char *text = NULL;

    work->result = result ? result : json_object();
    if (!json_is_object(wanted) || json_object_size(wanted) == 0)
        work->outputs = json_incref(work->result);
    else if (step_interpolate(work, wanted, work->result, &work->outputs, &work->err) < 0) {
        err_wrap(&work->err, "outputs");
        step_fail(work, &work->err, NULL);
        return;
    }
    text = json_text(work->outputs);
    if (strlen(text) > LIMIT_OUTPUTS_BYTES) {
        err_set(&work->err, ERR_LIMIT, "outputs of %zu bytes; the limit is %u", strlen(text), LIMIT_OUTPUTS_BYTES);
        step_fail(work, &work->err, NULL);
        return;
    }
    work->outcome = OUTCOME_COMPLETED;
    step_finish(work);
}

/* ---- before the handler ---- */

static int64_t deadline_of(const struct step_work *work)
{
    int64_t workflow = work->workflow_deadline_at;

    return workflow && (!work->deadline_at || workflow < work->deadline_at) ? workflow : work->deadline_at;
}

bool step_has_deadline(const struct step_work *work) { return deadline_of(work) != 0; }

int64_t step_remaining_ms(const struct step_work *work, int64_t most)
{
    int64_t deadline = deadline_of(work), left = deadline ? (deadline - clock_steady_us()) / US_PER_MS : most;

    return left < most ? left : most;
}

/* The step's own timeout, and what its workflow may still run. */
static void set_deadlines(struct step_work *work)
{
    int64_t now = clock_steady_us();

    if (!work->deadline_at && work->step->timeout_ms > 0)
        work->deadline_at = now + work->step->timeout_ms * US_PER_MS;
    if (work->workflow_left_us != NEVER)
        work->workflow_deadline_at = now + work->workflow_left_us;
}

static void out_of_time(const struct step_work *work, struct err *err)
{
    if (work->workflow_deadline_at && work->workflow_deadline_at <= clock_steady_us())
        err_set(err, ERR_TIMEOUT, "workflow %s/%s has run for longer than its timeout of %lld s", work->workflow->tier,
                work->workflow->name, (long long)work->workflow->timeout_ms / 1000);
    else
        err_set(err, ERR_TIMEOUT, "step %s ran out of time", work->step->name);
}

static int evaluate_one(struct step_work *work, const char *key, const char *text, bool negate, bool *in_out_allowed, struct err *err)
{
    bool value = false;

    if (!text || !*in_out_allowed)
        return 0;
    if (condition_evaluate(text, work->scope, NULL, &value, err) < 0)
        return err_wrap(err, "%s", key);
    *in_out_allowed = value != negate;
    if (!*in_out_allowed)
        work->skipped_reason = arena_printf(&work->arena, "%s: %.200s", key, text);
    work->condition_value = *in_out_allowed;
    return 0;
}

static int evaluate_conditions(struct step_work *work, bool *out_allowed, struct err *err)
{
    const json_t *condition = json_object_get(work->step->plan, "condition");
    bool allowed = true;

    if (evaluate_one(work, "when", work->step->when, false, &allowed, err) < 0 ||
        evaluate_one(work, "if", json_str(condition, "if"), false, &allowed, err) < 0 ||
        evaluate_one(work, "unless", json_str(condition, "unless"), true, &allowed, err) < 0)
        return -1;
    *out_allowed = allowed;
    return 0;
}

/* Asks the policies at point `step`. Warnings go to the step's log. */
static int ask_policies(struct step_work *work, struct err *err)
{
    struct policy_decision decision = {0};
    CLEANUP(json_put) json_t *input = NULL;
    json_t *violation;
    size_t i;
    int rc = 0;

    if (!policy_set_has(work->platform->policies, "step"))
        return 0;
    input = policy_input_step(work->platform, work->run->plan, work->step->plan, work->config);
    policy_evaluate(work->platform->policies, "step", input, &decision);
    json_array_foreach(decision.violations, i, violation) step_log(work, "core", decision.denied ? "error" : "warn", "policy %s: %s",
                                                                   json_str(violation, "policy"), json_str(violation, "message"));
    if (decision.denied) {
        rc = policy_decision_to_err(&decision, err);
        work->violations = json_incref(decision.violations);
    }
    policy_decision_fini(&decision);
    return rc;
}

static const struct step_type *find_type(const char *name)
{
    for (const struct step_type *type = builtin_step_types; type->name; type++)
        if (strcmp(type->name, name) == 0)
            return type;
    return NULL;
}

static int prepare(struct step_work *work, bool *out_allowed, struct err *err)
{
    CLEANUP(json_put) json_t *config = json_clone(json_object_get(work->step->plan, "config"));
    const char *script = json_str(config, "script");
    CLEANUP(json_put) json_t *kept = script ? json_string(script) : NULL;

    if (step_scope_load(work, err) < 0 || evaluate_conditions(work, out_allowed, err) < 0 || !*out_allowed)
        return *out_allowed ? -1 : 0;
    if (!config)
        config = json_object();
    json_object_del(config, "script"); /* scripts are never interpolated: data is handed over, not pasted in */
    if (step_interpolate(work, config, NULL, &work->config, err) < 0)
        return err_wrap(err, "config");
    if (kept)
        json_object_set(work->config, "script", kept);
    if (step_interpolate(work, json_object_get(work->step->plan, "env"), NULL, &work->env, err) < 0)
        return err_wrap(err, "env");
    return ask_policies(work, err);
}

static int resolve_run(struct step_work *work, struct err *err)
{
    if (!work->run && run_load(work->engine, work->deployment_id, &work->run, err) < 0)
        return -1;
    if (work->workflow_position >= work->run->shape.count || work->position >= work->run->shape.workflows[work->workflow_position].count)
        return err_set(err, ERR_STORE_CORRUPT, "step %s is not in the plan of %s", work->step_id, work->deployment_id);
    work->workflow = &work->run->shape.workflows[work->workflow_position];
    work->step = &work->workflow->steps[work->position];
    return 0;
}

/* The placing step has completed: its resource is there, nothing is left to do here. */
static bool is_placed_already(const struct step_work *work)
{
    const char *by = json_str(work->step->plan, "placed_by");
    const char *state = by ? json_str(json_object_get(json_object_get(work->scope, "_placed"), by), "state") : NULL;

    return state && strcmp(state, "completed") == 0;
}

/* ---- the handler ---- */

static void run_handler(struct step_work *work)
{
    const struct step_type *type = find_type(work->step->type);

    work->begun = true;
    work->also = NULL;
    if (type)
        type->run(work);
    else
        step_run_plugin(work);
}

/* A step that may not be repeated is marked before its first effect, so that a later process knows. */
static int begin_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    bool ours = false;

    if (work_is_ours(tx, work, &ours, err) < 0)
        return -1;
    work->stale = !ours;
    return ours ? store_exec(tx, "UPDATE steps SET begun = 1 WHERE id = $1", STORE_ARGS(store_text(work->step_id)), NULL, err) : 0;
}

static void begin_stored(void *ctx, const struct err *result)
{
    struct step_work *work = ctx;

    if (work->stale) {
        step_abandon(work);
        return;
    }
    if (result->code != ERR_NONE) {
        step_release(work, RELEASE_MS, result);
        return;
    }
    work->resume = run_handler;
    engine_resume(work);
}

/* What went wrong before the handler: storage is no fault of the step's, so the step has not been tried. */
static void cannot_begin(struct step_work *work, const struct err *err)
{
    if (err->code == ERR_STORE || err->code == ERR_STORE_FULL || err->code == ERR_STORE_RETRY)
        step_release(work, RELEASE_MS, err);
    else
        step_fail(work, err, NULL);
}

/* Why it does not start at all. */
static void check_start(struct step_work *work, struct err *err)
{
    if (work->claimed_from == STEP_CANCELING || work->cancel)
        err_set(err, ERR_CANCELED, "canceled");
    else if (work->interrupted && !work->step->idempotent && !work->step->retry_explicit)
        err_set(err, ERR_INTERRUPTED, "step %s (%s) was interrupted after it had started; it may have taken effect", work->step->name,
                work->step->type);
    else if (step_remaining_ms(work, 1) < 1)
        out_of_time(work, err);
}

void step_execute(struct step_work *work)
{
    bool allowed = true;
    struct err err = {0};

    failpoint("engine.before_step");
    work->platform = engine_platform(work->engine);
    work->redactor = redactor_new();
    if (resolve_run(work, &err) < 0) {
        step_release(work, UNREADABLE_MS, &err); /* cannot even be read: stays in the queue, and the log says why */
        return;
    }
    set_deadlines(work);
    check_start(work, &err);
    if (work->claimed_from == STEP_CANCELING)
        work->cancel = true;
    work->also = resource_step_abandon; /* what an earlier claim has begun, when the handler does not go on with it */
    if (err.code != ERR_NONE || prepare(work, &allowed, &err) < 0)
        cannot_begin(work, &err);
    else if (!allowed || is_placed_already(work))
        step_skip(work,
                  allowed ? arena_printf(&work->arena, "placed by %s", json_str(work->step->plan, "placed_by")) : work->skipped_reason);
    else if (work->step->idempotent)
        run_handler(work);
    else
        engine_write(work->engine, begin_unit, work, begin_stored);
}
