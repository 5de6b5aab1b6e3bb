/* Claiming: tasks that are due become this engine's, with a lease and a fence, many in one transaction. Started by the dispatcher; the unit
 * runs on a store thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "observe/event.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define LOW_FIRST_EVERY      8 /* claims: so that low ones are not starved */
#define CLAIM_AHEAD          8 /* for each worker: a claim waits for a commit, the workers shall not */
#define CLAIM_FIRST_RETRY_US (50 * US_PER_MS)
#define CLAIM_MOST_RETRY_US  (2 * US_PER_SEC)

/* What is not finished and waits for nothing but time: the words of the index tasks_due. */
#define IS_DUE "state <> 'running' AND run_at < 9223372036854775807"

struct claim {
    struct engine *engine;
    int count;
    bool low_first;
    int64_t now, mono;
    struct step_work *works, **tail; /* made by the unit; thrown away when it runs again */
    int taken;
    int64_t next_due;
};

static void drop_works(struct claim *claim)
{
    while (claim->works) {
        struct step_work *next = claim->works->next_queued;

        work_free(claim->works);
        claim->works = next;
    }
    claim->tail = &claim->works;
    claim->taken = 0;
}

static struct step_work *make_work(const struct claim *claim, struct store_rows *rows)
{
    struct step_work *work = work_new(claim->engine);

    snprintf(work->task_id, sizeof work->task_id, "%s", store_col_text(rows, 0));
    work->is_deployment = strcmp(store_col_text(rows, 1), "deployment") == 0;
    snprintf(work->deployment_id, sizeof work->deployment_id, "%s", store_col_text(rows, 2));
    snprintf(work->step_id, sizeof work->step_id, "%s", work->is_deployment ? "" : store_col_text(rows, 3));
    work->fence = store_col_int(rows, 4);
    work->org = arena_strdup(&work->arena, store_col_text(rows, 5));
    work->team = arena_strdup(&work->arena, store_col_text(rows, 6));
    work->application = arena_strdup(&work->arena, store_col_text(rows, 7));
    work->environment = arena_strdup(&work->arena, store_col_text(rows, 8));
    work->run_at = store_col_int(rows, 9);
    return work;
}

/* In the order in which they became due: the database gives what an UPDATE returns in any. `first`: where this priority begins. */
static void add_work(struct claim *claim, struct step_work **first, struct step_work *work)
{
    struct step_work **at = first;

    while (*at && ((*at)->run_at < work->run_at || ((*at)->run_at == work->run_at && strcmp((*at)->task_id, work->task_id) < 0)))
        at = &(*at)->next_queued;
    work->next_queued = *at;
    *at = work;
    if (!work->next_queued)
        claim->tail = &work->next_queued;
    claim->taken++;
}

static int claim_tasks(struct store_tx *tx, struct claim *claim, int priority, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct step_work **first = claim->tail;
    char sql[512];
    int more;

    snprintf(sql, sizeof sql,
             "UPDATE tasks SET state = 'running', lease_owner = $1, lease_until = $2, fence = fence + 1 WHERE id IN (SELECT id FROM tasks "
             "WHERE priority = $3 AND " IS_DUE
             " AND run_at <= $4 ORDER BY run_at, id LIMIT $5%s) RETURNING id, kind, deployment_id, step_id, fence, org, team, application, "
             "environment, run_at",
             store_skip_locked(tx));
    if (store_query(tx, sql,
                    STORE_ARGS(store_text(claim->engine->owner), store_int(claim->now + claim->engine->lease_us), store_int(priority),
                               store_int(claim->now), store_int(claim->count - claim->taken)),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        add_work(claim, first, make_work(claim, rows));
    return more;
}

/* ---- the step of a claimed task ---- */

/* Of an execution: its timeout, 0 none; the time its steps have run; since when one runs, 0: none does. */
struct clock_row {
    int64_t timeout_us, active_us, active_since;
};

struct claimed_step {
    enum step_state state;
    bool begun;
    struct clock_row clock;
    char name[ID_BYTES * 8], workflow_id[ID_BYTES];
};

static int read_step(struct store_tx *tx, struct step_work *work, struct claimed_step *out, bool *out_found, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(
            tx,
            "SELECT s.state, s.attempt, s.workflow_position, s.position, s.checkpoint, s.started_at, s.deadline_at, s.begun, s.name, "
            "s.workflow_id, "
            "w.timeout_us, w.active_us, w.active_since FROM steps s LEFT JOIN workflow_runs w ON w.id = s.workflow_id WHERE s.id = $1",
            STORE_ARGS(store_text(work->step_id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out_found = more > 0;
    if (!more)
        return 0;
    out->state = step_state_parse(store_col_text(rows, 0));
    work->attempt = (int)store_col_int(rows, 1);
    work->workflow_position = (unsigned)store_col_int(rows, 2);
    work->position = (unsigned)store_col_int(rows, 3);
    work->checkpoint = arena_strdup(&work->arena, store_col_text(rows, 4));
    work->started_at = store_col_int(rows, 5);
    work->deadline_at = store_col_int(rows, 6);
    out->begun = store_col_int(rows, 7) != 0;
    snprintf(out->name, sizeof out->name, "%s", store_col_text(rows, 8));
    snprintf(out->workflow_id, sizeof out->workflow_id, "%s", store_col_text(rows, 9));
    out->clock.timeout_us = store_col_int(rows, 10);
    out->clock.active_us = store_col_int(rows, 11);
    out->clock.active_since = store_col_int(rows, 12);
    return 0;
}

/* From here on time counts against the workflow's timeout. `interrupted`: the step was left running by a process that is gone; the time
 * since then counts anew. */
static int start_clock(struct store_tx *tx, const char *workflow_id, const struct clock_row *row, bool interrupted, int64_t now,
                       int64_t *out_left, struct err *err)
{
    bool counts = row->active_since && !interrupted;
    int64_t spent = row->active_us + (counts ? now - row->active_since : 0);

    *out_left = NEVER;
    if (row->timeout_us <= 0)
        return 0;
    *out_left = row->timeout_us - spent;
    if (counts)
        return 0;
    return store_exec(tx, "UPDATE workflow_runs SET active_since = $2 WHERE id = $1", STORE_ARGS(store_text(workflow_id), store_int(now)),
                      NULL, err);
}

int workflow_clock_start(struct store_tx *tx, const struct shape_workflow *workflow, int64_t *out_left, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int64_t now = clock_steady_us();
    int more;

    if (store_query(tx,
                    "UPDATE workflow_runs SET active_since = COALESCE(active_since, $2) WHERE id = $1 AND timeout_us > 0 RETURNING "
                    "timeout_us - active_us - ($2 - active_since)",
                    STORE_ARGS(store_text(workflow->id), store_int(now)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out_left = more ? store_col_int(rows, 0) : NEVER;
    return 0;
}

static int started_event(struct store_tx *tx, const struct step_work *work, const struct claimed_step *step, struct err *err)
{
    return event_write(tx,
                       &(struct event){.type = "step.started",
                                       .org = work->org,
                                       .team = work->team,
                                       .deployment_id = work->deployment_id,
                                       .workflow_id = step->workflow_id,
                                       .step_id = work->step_id,
                                       .step = step->name,
                                       .application = work->application,
                                       .environment = work->environment},
                       err);
}

/* Reads the step of a claimed task and moves it to running. *out_found false: nothing is behind the task. */
static int claim_step(struct store_tx *tx, struct step_work *work, int64_t now, bool *out_found, struct err *err)
{
    struct claimed_step step = {0};

    if (read_step(tx, work, &step, out_found, err) < 0)
        return -1;
    if (!*out_found)
        return 0;
    work->claimed_from = step.state;
    work->interrupted = step.state == STEP_RUNNING && step.begun;
    work->attempt += step.state == STEP_READY;
    if (step.state == STEP_WAITING)
        admit_place_taken(work->engine);
    work->started_at = work->started_at ? work->started_at : now;
    if (step.state == STEP_CANCELING)
        return 0;
    if (start_clock(tx, step.workflow_id, &step.clock, step.state == STEP_RUNNING, now, &work->workflow_left_us, err) < 0)
        return -1;
    if (step_next(step.state, STEP_EV_CLAIMED) != STEP_RUNNING)
        return 0;
    if (store_exec(tx, "UPDATE steps SET state = 'running', attempt = $2, started_at = $3, retry_at = NULL WHERE id = $1",
                   STORE_ARGS(store_text(work->step_id), store_int(work->attempt), store_int(work->started_at)), NULL, err) < 0)
        return -1;
    return step.state == STEP_READY ? started_event(tx, work, &step, err) : 0;
}

/* A task without its step can never run; it must not keep the others from running either. */
static int drop_task(struct store_tx *tx, struct step_work **at, struct err *err)
{
    struct step_work *work = *at;

    log_error("engine", "task %s of %s has no step and is removed", work->task_id, work->deployment_id);
    *at = work->next_queued;
    if (store_exec(tx, "DELETE FROM tasks WHERE id = $1", STORE_ARGS(store_text(work->task_id)), NULL, err) < 0) {
        work_free(work);
        return -1;
    }
    work_free(work);
    return 0;
}

static int claim_steps(struct store_tx *tx, struct claim *claim, struct err *err)
{
    struct step_work **at = &claim->works;

    while (*at) {
        bool found = true;

        if (!(*at)->is_deployment && claim_step(tx, *at, claim->now, &found, err) < 0)
            return -1;
        if (found)
            at = &(*at)->next_queued;
        else if (drop_task(tx, at, err) < 0)
            return -1;
    }
    claim->tail = at;
    return 0;
}

/* ---- the unit ---- */

static int claim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct claim *claim = ctx;

    drop_works(claim);
    claim->mono = clock_mono_us();
    claim->now = clock_steady_us();
    for (int i = 0; i < PRIORITIES && claim->taken < claim->count; i++)
        if (claim_tasks(tx, claim, claim->low_first ? PRIORITIES - 1 - i : i, err) < 0)
            return -1;
    if (claim_steps(tx, claim, err) < 0)
        return -1;
    return store_query_int(tx,
                           "SELECT min(due) FROM (SELECT min(run_at) AS due FROM tasks WHERE priority = 0 AND " IS_DUE
                           " UNION ALL SELECT min(run_at) FROM tasks WHERE priority = 1 AND " IS_DUE
                           " UNION ALL SELECT min(run_at) FROM tasks WHERE priority = 2 AND " IS_DUE ") AS soonest",
                           STORE_NO_ARGS, 0, &claim->next_due, err);
}

/* Whether the lease is too old to begin anything under it: the commit took that long. The tasks are taken back when it has ended. */
static bool is_too_old(const struct engine *engine, int64_t mono) { return clock_mono_us() - mono > engine->lease_us - engine->margin_us; }

static void claimed(void *ctx, const struct err *result)
{
    struct claim *claim = ctx;
    struct engine *engine = claim->engine;
    bool failed = result->code != ERR_NONE;
    int64_t delay = CLAIM_FIRST_RETRY_US;

    if (failed || is_too_old(engine, claim->mono))
        drop_works(claim);
    if (failed && result->code != ERR_SHUTDOWN)
        log_error("engine", "claiming failed: %s", result->msg);
    failpoint("engine.after_claim");
    pthread_mutex_lock(&engine->lock);
    engine_take_works(engine, claim->works, claim->mono);
    engine->claiming = false;
    engine->claim_failures = failed ? engine->claim_failures + 1 : 0;
    for (int i = 1; i < engine->claim_failures && delay < CLAIM_MOST_RETRY_US; i++)
        delay *= 2;
    engine->next_due_us = failed ? clock_steady_us() + delay : claim->next_due > 0 ? claim->next_due : NEVER;
    engine_kick(engine);
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    free(claim);
}

int engine_free_slots(const struct engine *engine)
{
    int wanted = engine->workers * CLAIM_AHEAD - engine->queued, room = IN_FLIGHT_MAX - engine->in_flight;
    int slots = wanted < room ? wanted : room;

    return slots > LIMIT_CLAIM_BATCH ? LIMIT_CLAIM_BATCH : slots;
}

void engine_claim(struct engine *engine, int count)
{
    struct claim *claim = mem_zalloc(sizeof *claim);

    claim->engine = engine;
    claim->count = count;
    claim->tail = &claim->works;
    claim->low_first = engine->claims++ % LOW_FIRST_EVERY == LOW_FIRST_EVERY - 1;
    store_write(engine->store, claim_unit, claim, claimed);
}

int work_is_ours(struct store_tx *tx, const struct step_work *work, bool *out, struct err *err)
{
    int64_t count = 0;

    if (store_query_int(tx, "SELECT count(*) FROM tasks WHERE id = $1 AND fence = $2 AND lease_owner = $3 AND state = 'running'",
                        STORE_ARGS(store_text(work->task_id), store_int(work->fence), store_text(work->engine->owner)), 0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}
