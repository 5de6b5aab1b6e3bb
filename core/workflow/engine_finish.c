/* What came of a step, stored in one transaction with everything that follows from it: outputs, successors, the execution's state, events. A result whose
 * fence no longer holds (the lease was lost and somebody else has the step) is thrown away. On whatever thread the step ended, then on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
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

    /* A crash may have come after the deed: what must not be done twice is tried again only when its author says so. */
    if (code == ERR_PLUGIN_CRASHED && !step->idempotent && !step->retry_explicit)
        return false;
    if (!step->retry_on)
        return err_is_retryable(code);
    for (i = 0; i < sizeof class - 1 && err_class(code)[i]; i++)
        class[i] = (char)tolower((unsigned char)err_class(code)[i]);
    json_array_foreach (step->retry_on, i, name)
        if (str_eq(json_string_value(name), class))
            return true;
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

static bool may_retry(const struct step_work *work)
{
    bool time_left = !work->deadline_at || work->deadline_at > clock_now_us();

    return work->attempt < work->step->max_attempts && is_retried_class(work->step, work->err.code) && time_left && !work->cancel;
}

/* ---- the transaction ---- */

struct finish {
    struct step_work *work;
    bool stale, run_ended;
    int64_t retry_at;
    char *outputs, *error; /* made before, so that the unit only writes */
};

/* Gives the task up, if it is still ours. */
static int give_up_task(struct store_tx *tx, struct finish *f, struct err *err)
{
    int64_t changed = 0;

    if (store_exec(tx, "DELETE FROM tasks WHERE id = $1 AND fence = $2 AND lease_owner = $3",
                   STORE_ARGS(store_text(f->work->task_id), store_int(f->work->fence), store_text(f->work->engine->owner)), &changed, err) < 0)
        return -1;
    f->stale = changed == 0;
    return 0;
}

static int keep_task(struct store_tx *tx, struct finish *f, const char *state, int64_t run_at, struct err *err)
{
    int64_t changed = 0;

    if (store_exec(tx, "UPDATE tasks SET state = $4, run_at = $5, lease_owner = NULL, attempt = $6, error = $7 WHERE id = $1 AND fence = $2 AND lease_owner = $3",
                   STORE_ARGS(store_text(f->work->task_id), store_int(f->work->fence), store_text(f->work->engine->owner), store_text(state), store_int(run_at),
                              store_int(f->work->attempt), store_text(f->error)),
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

    if (store_query(tx, "SELECT state FROM steps WHERE id = $1", STORE_ARGS(store_text(work->step_id)), &rows, err) < 0 || (more = store_next(rows, err)) < 0)
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

    return store_exec(
        tx,
        "UPDATE steps SET state = $2, finished_at = $3, retry_at = $4, deadline_at = $5, condition_value = $6, skipped_reason = $7, outputs = $8, error = $9, "
        "resource_id = COALESCE($10, resource_id), checkpoint = $11, dead = $12 WHERE id = $1",
        STORE_ARGS(store_text(work->step_id), store_text(step_state_name(state)), final ? store_int(clock_now_us()) : store_null(),
                   f->retry_at ? store_int(f->retry_at) : store_null(), work->deadline_at ? store_int(work->deadline_at) : store_null(),
                   work->condition_value < 0 ? store_null() : store_int(work->condition_value), store_text(work->skipped_reason), store_text(f->outputs),
                   store_text(f->error), store_text(work->resource_id), state == STEP_WAITING ? store_text(work->new_checkpoint) : store_null(), store_int(dead)),
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
        return f->work->err.code == ERR_CANCELED ? STEP_EV_STOPPED : f->retry_at ? STEP_EV_RETRY : STEP_EV_FAILED;
    }
}

static int write_event(struct store_tx *tx, const struct finish *f, enum step_state state, struct err *err)
{
    const struct step_work *work = f->work;
    CLEANUP(json_put) json_t *data = json_object();
    char type[64];

    json_set_int(data, "attempt", work->attempt);
    if (work->outcome == OUTCOME_FAILED)
        json_set_str(data, "message", work->err.msg);
    snprintf(type, sizeof type, "step.%s", state == STEP_READY ? "retrying" : step_state_name(state));
    return run_event(tx, work->run, type, work->step, work->step_id, data, err);
}

static int finish_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct finish *f = ctx;
    struct step_work *work = f->work;
    enum step_state before = STEP_STATES, state;

    f->run_ended = false;
    if (present_state(tx, work, &before, err) < 0)
        return -1;
    state = step_next(before, event_of(f));
    /* Stopped although nobody canceled it: the server is stopping, or the lease could not be renewed. Somebody goes on with it. */
    if (work->outcome == OUTCOME_RELEASED || (work->err.code == ERR_CANCELED && before == STEP_RUNNING))
        return keep_task(tx, f, "pending", clock_now_us(), err);
    if (state == STEP_WAITING || state == STEP_READY ? keep_task(tx, f, state == STEP_WAITING ? "waiting" : "pending", f->retry_at ? f->retry_at : work->wait_until, err) < 0
                                                     : give_up_task(tx, f, err) < 0)
        return -1;
    if (f->stale)
        return 0;
    if ((work->also && work->also(work, tx, err) < 0) || step_logs_store(tx, work, work->logs, err) < 0 || write_step(tx, f, state, err) < 0 ||
        write_event(tx, f, state, err) < 0)
        return -1;
    if (step_state_is_final(state) && run_continue(tx, work->run, &f->run_ended, err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

static void finished(void *ctx, const struct err *result)
{
    struct finish *f = ctx;
    struct step_work *work = f->work;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_error("engine", "step %s of %s could not be stored and will run again when its lease ends: %s", work->step_id, work->deployment_id, result->msg);
    else if (f->stale)
        log_warn("engine", "step %s of %s had lost its lease; its result was not used", work->step_id, work->deployment_id);
    failpoint("engine.after_finish");
    if (f->run_ended)
        run_cache_drop(work->engine, work->deployment_id);
    free(f->outputs);
    free(f->error);
    free(f);
    engine_work_done(work);
}

/* A step whose run cannot be read is not ours to judge: it goes back to the queue for a while. */
static int release_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct finish *f = ctx;

    return keep_task(tx, f, "pending", clock_now_us() + 10 * US_PER_SEC, err);
}

void step_finish_now(struct step_work *work)
{
    struct finish *f = mem_zalloc(sizeof *f);

    f->work = work;
    failpoint("engine.before_finish");
    if (!work->run) {
        log_error("engine", "task %s: %s", work->task_id, work->err.msg);
        store_write(work->engine->store, release_unit, f, finished);
        return;
    }
    if (work->outcome == OUTCOME_COMPLETED)
        f->outputs = json_text(work->outputs);
    if (work->outcome == OUTCOME_FAILED) {
        CLEANUP(json_put) json_t *error = step_error_json(work);

        f->error = json_text(error);
        if (may_retry(work))
            f->retry_at = clock_now_us() + retry_delay(work->step, work->attempt);
        step_log(work, "core", f->retry_at ? "warn" : "error", "%s (attempt %d of %d)%s", work->err.msg, work->attempt, work->step->max_attempts,
                 f->retry_at ? ", trying again" : "");
    }
    store_write(work->engine->store, finish_unit, f, finished);
}
