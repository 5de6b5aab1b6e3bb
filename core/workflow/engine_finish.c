/* What came of a step, stored in one transaction with everything that follows from it: outputs, successors, the execution's state, events.
 * A result whose fence no longer holds (the lease was lost and somebody else has the step) is thrown away. On whatever thread the step
 * ended, then on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "workflow/denial.h"
#include "workflow/engine_priv.h"
#include <ctype.h>
#include <string.h>
#include <sys/random.h>

json_t *step_error_json(const struct step_work *work)
{
    json_t *error = err_to_json(&work->err);

    if (work->report) {
        json_object_update_missing(error, work->report);
        json_object_del(error, "operation");
    }
    return error;
}

/* ---- retry ---- */

static bool is_retried_class(const struct shape_step *step, enum err_code code)
{
    char class[32] = "";
    const json_t *name;
    size_t i;

    /* What crashed or was stopped may have done its deed: if it must not be done twice, only its author says that it is tried again. */
    if ((code == ERR_PLUGIN_CRASHED || code == ERR_PLUGIN_TIMEOUT) && !step->idempotent && !step->retry_explicit)
        return false;
    if (!step->retry_on)
        return err_is_retryable(code);
    for (i = 0; i < sizeof class - 1 && err_class(code)[i]; i++)
        class[i] = (char)tolower((unsigned char)err_class(code)[i]);
    json_array_foreach(step->retry_on, i, name) if (str_eq(json_string_value(name), class)) return true;
    return false;
}

/* Exponential backoff with full jitter, in us. */
static int64_t retry_delay(const struct shape_step *step, int attempt)
{
    double delay = (double)step->retry_delay_ms;
    uint32_t random = 0;

    for (int i = 1; i < attempt && delay < (double)step->retry_max_delay_ms; i++)
        delay *= step->retry_factor;
    if (delay > (double)step->retry_max_delay_ms)
        delay = (double)step->retry_max_delay_ms;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = UINT32_MAX;
    return (int64_t)(delay * 1000.0 * ((double)random / (double)UINT32_MAX));
}

/* The step's own timeout is that of an attempt; its workflow's is not. */
static bool may_retry(const struct step_work *work)
{
    bool time_left = !work->workflow_deadline_at || work->workflow_deadline_at > clock_steady_us();

    return work->attempt < work->step->max_attempts && is_retried_class(work->step, work->err.code) && time_left;
}

/* ---- the transaction ---- */

struct finish {
    struct step_work *work;
    struct starts starts;
    bool stale, run_ended, final;
    bool plain; /* what came of it could not be stored: only that it failed is */
    enum step_state before;
    int64_t retry_at;
    char *outputs, *error; /* made before, so that the unit only writes */
};

/* Gives the task up, if it is still ours: to the step that follows, if one does. */
static int give_up_task(struct store_tx *tx, struct finish *f, const struct advance_list *next, struct err *err)
{
    int64_t changed = -1;

    if (run_hand_task(tx, f->work, next, &f->starts, &changed, err) < 0)
        return -1;
    if (changed < 0 && store_exec(tx, "DELETE FROM tasks WHERE id = $1 AND fence = $2 AND lease_owner = $3",
                                  STORE_ARGS(store_text(f->work->task_id), store_int(f->work->fence), store_text(f->work->engine->owner)),
                                  &changed, err) < 0)
        return -1;
    f->stale = changed == 0;
    return 0;
}

static int keep_task(struct store_tx *tx, struct finish *f, const char *state, int64_t run_at, struct err *err)
{
    int64_t changed = 0;

    if (store_exec(tx,
                   "UPDATE tasks SET state = $4, run_at = $5, lease_owner = NULL, attempt = $6, error = $7 WHERE id = $1 AND fence = $2 "
                   "AND lease_owner = $3",
                   STORE_ARGS(store_text(f->work->task_id), store_int(f->work->fence), store_text(f->work->engine->owner),
                              store_text(state), store_int(run_at), store_int(f->work->attempt), store_text(f->error)),
                   &changed, err) < 0)
        return -1;
    f->stale = changed == 0;
    return 0;
}

/* The state as it is stored now: somebody may have asked to cancel meanwhile. */
static int present_state(struct store_tx *tx, const struct step_work *work, enum step_state *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT state FROM steps WHERE id = $1", STORE_ARGS(store_text(work->step_id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_STORE_CORRUPT, "step %s is gone", work->step_id);
    *out = step_state_parse(store_col_text(rows, 0));
    return 0;
}

static int write_step(struct store_tx *tx, const struct finish *f, enum step_state state, struct err *err)
{
    const struct step_work *work = f->work;
    bool final = step_state_is_final(state);
    bool dead = state == STEP_FAILED && work->attempt >= work->step->max_attempts && is_retried_class(work->step, work->err.code);

    return store_exec(tx,
                      "UPDATE steps SET state = $2, finished_at = $3, retry_at = $4, deadline_at = $5, condition_value = $6, "
                      "skipped_reason = $7, outputs = $8, error = $9, "
                      "resource_id = COALESCE($10, resource_id), checkpoint = CASE WHEN $13 = 1 THEN checkpoint ELSE $11 END, dead = $12, "
                      "begun = CASE WHEN $2 = 'waiting' THEN begun ELSE 0 END WHERE id = $1",
                      STORE_ARGS(store_text(work->step_id), store_text(step_state_name(state)),
                                 final ? store_int(clock_now_us()) : store_null(),
                                 state == STEP_READY                       ? store_int(f->retry_at)
                                 : state == STEP_WAITING && work->err.code ? store_int(work->wait_until)
                                                                           : store_null(),
                                 state == STEP_WAITING && work->deadline_at ? store_int(work->deadline_at) : store_null(),
                                 work->condition_value < 0 ? store_null() : store_int(work->condition_value),
                                 store_text(work->skipped_reason), store_text(f->outputs), store_text(f->error),
                                 store_text(work->resource_id), state == STEP_WAITING ? store_text(work->new_checkpoint) : store_null(),
                                 store_int(dead), store_int(state == STEP_READY && work->keeps_checkpoint)),
                      NULL, err);
}

static enum step_event event_of(const struct finish *f)
{
    switch (f->work->outcome) {
    case OUTCOME_COMPLETED:
        return STEP_EV_SUCCEEDED;
    case OUTCOME_SKIPPED:
        return STEP_EV_SKIPPED;
    case OUTCOME_WAITING:
        return STEP_EV_WAITING;
    default:
        return f->retry_at ? STEP_EV_RETRY : STEP_EV_FAILED;
    }
}

static int write_event(struct store_tx *tx, const struct finish *f, enum step_state state, struct err *err)
{
    const struct step_work *work = f->work;
    CLEANUP(json_put) json_t *data = json_object();
    char type[64];

    json_set_int(data, "attempt", work->attempt);
    if (work->outcome == OUTCOME_FAILED || (work->outcome == OUTCOME_WAITING && work->err.code))
        json_set_str(data, "message", work->err.msg);
    snprintf(type, sizeof type, "step.%s", state == STEP_READY ? "retrying" : step_state_name(state));
    return run_event(tx, work->run, type, work->step, work->step_id, data, err);
}

/* What is remembered of a step that waits or is ready may be from before its claim: then the rows say. */
static int does_another_run(struct store_tx *tx, const struct step_work *work, const struct present *now, bool *out, struct err *err)
{
    bool unsure = false;
    int64_t others = 0;

    *out = false;
    for (unsigned i = 0; i < work->workflow->count; i++) {
        enum step_state state = now->states[work->workflow->first + i];

        *out |= i != work->position && (state == STEP_RUNNING || state == STEP_CANCELING);
        unsure |= i != work->position && (state == STEP_READY || state == STEP_WAITING);
    }
    if (*out || !unsure)
        return 0;
    if (store_query_int(tx,
                        "SELECT count(*) FROM steps WHERE deployment_id = $1 AND workflow_position = $2 AND state IN ('running', "
                        "'canceling') AND id <> $3",
                        STORE_ARGS(store_text(work->deployment_id), store_int(work->workflow_position), store_text(work->step_id)), 0,
                        &others, err) < 0)
        return -1;
    *out = others > 0;
    return 0;
}

/* While another step of the workflow runs, its time goes on; so it does when the next one starts at once. */
static int stop_clock(struct store_tx *tx, struct finish *f, const struct present *now, const struct advance_list *next, struct err *err)
{
    const struct step_work *work = f->work;
    const struct advance *start = f->starts.room > 0 ? run_first_start(next) : NULL;
    bool runs = false;

    if (!work->workflow || work->workflow->timeout_ms <= 0)
        return 0;
    if (start && start->workflow == work->workflow_position && work->workflow_deadline_at) {
        f->starts.clock_of = start->workflow + 1;
        f->starts.clock_left_us = work->workflow_deadline_at - clock_steady_us();
        return 0;
    }
    if (does_another_run(tx, work, now, &runs, err) < 0)
        return -1;
    if (runs)
        return 0;
    return store_exec(tx,
                      "UPDATE workflow_runs SET active_us = active_us + $2 - active_since, active_since = NULL WHERE id = $1 AND "
                      "active_since IS NOT NULL",
                      STORE_ARGS(store_text(work->workflow->id), store_int(clock_steady_us())), NULL, err);
}

/* ---- what goes back into the queue ---- */

/* Stopped although nobody canceled it: the server is stopping, or the lease could not be renewed. Somebody goes on with it. */
static bool is_released(const struct step_work *work, enum step_state before)
{
    return work->outcome == OUTCOME_RELEASED ||
           (work->outcome == OUTCOME_FAILED && work->err.code == ERR_CANCELED && work->cancel && before == STEP_RUNNING);
}

/* Before its handler has started, it is as if it had not been claimed. */
static int unclaim_step(struct store_tx *tx, const struct step_work *work, struct err *err)
{
    if (work->begun || (work->claimed_from != STEP_READY && work->claimed_from != STEP_WAITING))
        return 0;
    return store_exec(tx,
                      "UPDATE steps SET state = $2, attempt = $3, started_at = CASE WHEN $3 = 0 THEN NULL ELSE started_at END WHERE id = "
                      "$1 AND state = 'running'",
                      STORE_ARGS(store_text(work->step_id), store_text(step_state_name(work->claimed_from)),
                                 store_int(work->attempt - (work->claimed_from == STEP_READY))),
                      NULL, err);
}

static int release(struct store_tx *tx, struct finish *f, const struct present *now, struct err *err)
{
    const struct advance_list nothing = {0};
    const struct step_work *work = f->work;
    bool logs = work->workflow && !f->plain;

    if (keep_task(tx, f, "pending", work->wait_until ? work->wait_until : clock_steady_us(), err) < 0)
        return -1;
    if (f->stale)
        return 0;
    if (unclaim_step(tx, work, err) < 0 || (logs && step_logs_store(tx, work, work->logs, err) < 0) ||
        stop_clock(tx, f, now, &nothing, err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

static int give_or_keep(struct store_tx *tx, struct finish *f, enum step_state state, const struct advance_list *next, struct err *err)
{
    if (state == STEP_WAITING)
        return keep_task(tx, f, "waiting", f->work->wait_until, err);
    if (state == STEP_READY)
        return keep_task(tx, f, "pending", f->retry_at, err);
    return give_up_task(tx, f, next, err);
}

static int store_outcome(struct store_tx *tx, struct finish *f, enum step_state state, const struct present *now,
                         const struct advance_list *next, struct err *err)
{
    struct step_work *work = f->work;

    if (!f->plain && ((work->also && work->also(work, tx, err) < 0) || step_logs_store(tx, work, work->logs, err) < 0))
        return -1;
    if (work->violations && denial_store_step(tx, work, err) < 0)
        return -1;
    if (step_state_is_final(state))
        store_count(tx, metric_of(METRIC_STEPS, work->step->type, step_state_name(state), NULL));
    else if (state == STEP_READY)
        store_count(tx, metric_of(METRIC_STEP_RETRIES, work->step->type, NULL, NULL));
    f->final = step_state_is_final(state);
    return write_step(tx, f, state, err) < 0 || stop_clock(tx, f, now, next, err) < 0 ? -1 : write_event(tx, f, state, err);
}

/* With the run read anyway, the present state of the step is known; without one (it could not be read) the step has a row all the same. */
static int read_state(struct store_tx *tx, struct finish *f, struct arena *arena, struct present *now, enum step_state **out,
                      struct err *err)
{
    struct step_work *work = f->work;

    *out = &f->before;
    if (!work->workflow)
        return present_state(tx, work, &f->before, err);
    if (run_read(tx, work->run, arena, now, err) < 0)
        return -1;
    *out = &now->states[work->workflow->first + work->position];
    if (**out == STEP_READY || **out == STEP_WAITING)
        **out = STEP_RUNNING; /* remembered from before its claim */
    return **out == STEP_PENDING ? err_set(err, ERR_STORE_CORRUPT, "step %s is gone", work->step_id) : 0;
}

static int finish_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct finish *f = ctx;
    struct step_work *work = f->work;
    struct advance_list next = {0};
    struct present now;
    enum step_state *state;

    f->run_ended = f->final = false;
    starts_begin(&f->starts, work->engine, 1); /* its worker is free again */
    if (read_state(tx, f, &arena, &now, &state, err) < 0)
        return -1;
    if (is_released(work, *state))
        return release(tx, f, &now, err);
    *state = step_next(*state, event_of(f));
    if (step_state_is_final(*state) && work->workflow)
        next = run_decide(work->run, &now, &arena);
    if (give_or_keep(tx, f, *state, &next, err) < 0 || f->stale)
        return f->stale ? 0 : -1;
    if (store_outcome(tx, f, *state, &now, &next, err) < 0)
        return -1;
    if (step_state_is_final(*state) && run_advance(tx, work->run, &now, &next, &f->starts, &f->run_ended, err) < 0)
        return -1;
    if (!step_state_is_final(*state) && work->workflow)
        present_keep(tx, work->run, &now);
    if (*state == STEP_WAITING && work->engine->max_running > 0 && admit_waiting(tx, work->engine, err) < 0)
        return -1; /* a deployment that waits leaves its slot */
    return *state == STEP_WAITING || *state == STEP_READY ? store_notify(tx, "tasks", err) : 0;
}

static void finished(void *ctx, const struct err *result);

/* The database is well, but it does not take this: then at least the failure is stored, without what came along. */
static void store_plainly(struct finish *f, const struct err *why)
{
    struct step_work *work = f->work;
    CLEANUP(json_put) json_t *error = NULL;

    f->plain = true;
    f->retry_at = 0;
    if (work->outcome != OUTCOME_RELEASED) {
        work->outcome = OUTCOME_FAILED;
        work->err = *why;
        err_wrap(&work->err, "what step %s did could not be stored", work->step ? work->step->name : work->step_id);
        free(f->outputs);
        free(f->error);
        f->outputs = NULL;
        json_put(&work->report);
        error = step_error_json(work);
        f->error = json_text(error);
    }
    engine_write(work->engine, finish_unit, f, finished);
}

static void finished(void *ctx, const struct err *result)
{
    struct finish *f = ctx;
    struct step_work *work = f->work;

    starts_end(&f->starts, result->code == ERR_NONE && !f->stale);
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN && !f->plain && !work->engine->stopping) {
        log_error("engine", "the outcome of step %s of %s cannot be stored: %s", work->step_id, work->deployment_id, result->msg);
        store_plainly(f, result);
        return;
    }
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_error("engine", "step %s of %s will run again when its lease has ended: %s", work->step_id, work->deployment_id, result->msg);
    else if (f->stale)
        log_warn("engine", "step %s of %s had lost its lease; its result was not used", work->step_id, work->deployment_id);
    else if (f->final && work->started_at)
        metric_observe(metric_of(METRIC_STEP_DURATION, work->step->type, NULL, NULL), clock_now_us() - work->started_at);
    failpoint("engine.after_finish");
    if (f->run_ended)
        run_cache_drop(work->engine, work->deployment_id);
    free(f->outputs);
    free(f->error);
    free(f);
    engine_work_done(work);
}

static void keep_error(struct finish *f)
{
    CLEANUP(json_put) json_t *error = step_error_json(f->work);

    f->error = json_text(error);
}

static void describe_failure(struct finish *f)
{
    struct step_work *work = f->work;

    keep_error(f);
    if (may_retry(work))
        f->retry_at = clock_steady_us() + retry_delay(work->step, work->attempt);
    step_log(work, "core", f->retry_at ? "warn" : "error", "%s (attempt %d of %d)%s", work->err.msg, work->attempt,
             work->step->max_attempts, f->retry_at ? ", trying again" : "");
}

void step_finish_now(struct step_work *work)
{
    struct finish *f = mem_zalloc(sizeof *f);

    f->work = work;
    failpoint("engine.before_finish");
    json_put(&work->scope); /* here, not on the store's thread, which everybody waits for */
    json_put(&work->env);
    json_put(&work->result);
    if (work->outcome == OUTCOME_COMPLETED)
        f->outputs = json_text(work->outputs);
    if (work->outcome == OUTCOME_FAILED && !(work->err.code == ERR_CANCELED && work->cancel))
        describe_failure(f);
    if (work->outcome == OUTCOME_WAITING && work->err.code)
        keep_error(f);
    engine_write(work->engine, finish_unit, f, finished);
}
