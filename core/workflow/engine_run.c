/* The units of work that carry a deployment forward: its start, and what follows from the present states of its steps. They run on store
 * threads, do no I/O and may run again. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <string.h>

/* ---- events ---- */

int run_event(struct store_tx *tx, const struct run *run, const char *type, const struct shape_step *step, const char *step_id,
              const json_t *data, struct err *err)
{
    const struct shape_workflow *workflow = step ? &run->shape.workflows[step->workflow] : NULL;

    return event_write(tx,
                       &(struct event){.type = type,
                                       .org = run->org,
                                       .team = run->team,
                                       .deployment_id = run->id,
                                       .workflow_id = workflow ? workflow->id : NULL,
                                       .step_id = step_id,
                                       .step = step ? step->name : NULL,
                                       .application = run->application,
                                       .environment = run->environment,
                                       .data = data},
                       err);
}

static int workflow_event(struct store_tx *tx, const struct run *run, const struct shape_workflow *workflow, const char *what,
                          struct err *err)
{
    CLEANUP(json_put) json_t *data = json_object();
    char type[64];

    snprintf(type, sizeof type, "workflow.%s", what);
    json_set_str(data, "workflow", workflow->name);
    return event_write(tx,
                       &(struct event){.type = type,
                                       .org = run->org,
                                       .team = run->team,
                                       .deployment_id = run->id,
                                       .workflow_id = workflow->id,
                                       .application = run->application,
                                       .environment = run->environment,
                                       .data = data},
                       err);
}

/* ---- steps that become ready ---- */

void starts_drop(struct starts *starts)
{
    while (starts->works) {
        struct step_work *next = starts->works->next_queued;

        work_free(starts->works);
        starts->works = next;
    }
    starts->tail = &starts->works;
}

void starts_begin(struct starts *starts, struct engine *engine, int leaving)
{
    bool alone = store_kind(engine->store) == STORE_SQLITE;
    int most = alone ? START_MOST : leaving; /* with other servers on the database, the rest is for them */
    int room;

    if (starts->tail)
        starts_drop(starts);
    pthread_mutex_lock(&engine->lock);
    room = IN_FLIGHT_MAX / 2 - engine->in_flight;
    room = engine->draining || engine->stopping ? 0 : room > leaving ? room : leaving;
    pthread_mutex_unlock(&engine->lock);
    *starts = (struct starts){.engine = engine, .room = room < most ? room : most, .mono = clock_mono_us(), .now = clock_steady_us()};
    starts->tail = &starts->works;
}

void starts_end(struct starts *starts, bool committed)
{
    struct engine *engine = starts->engine;

    if (!starts->works)
        return;
    if (!committed || clock_mono_us() - starts->mono > engine->lease_us - engine->margin_us)
        starts_drop(starts); /* committed: taken back when the lease has ended */
    pthread_mutex_lock(&engine->lock);
    engine_take_works(engine, starts->works, starts->mono);
    pthread_mutex_unlock(&engine->lock);
    starts->works = NULL;
    starts->tail = &starts->works;
}

/* The step is this engine's at once. */
static void start_work(struct starts *starts, struct run *run, const struct advance *what, const char *task_id, const char *step_id,
                       int64_t left_us)
{
    struct step_work *work = work_new(starts->engine);

    work->run = run_ref(run);
    snprintf(work->task_id, sizeof work->task_id, "%s", task_id);
    snprintf(work->step_id, sizeof work->step_id, "%s", step_id);
    snprintf(work->deployment_id, sizeof work->deployment_id, "%s", run->id);
    work->fence = 1;
    work->claimed_from = STEP_READY;
    work->attempt = 1;
    work->started_at = starts->now;
    work->workflow_left_us = left_us;
    work->workflow_position = what->workflow;
    work->position = what->step;
    *starts->tail = work;
    starts->tail = &work->next_queued;
    starts->room--;
}

static int insert_task(struct store_tx *tx, const struct run *run, const struct shape_workflow *workflow, const char *task_id,
                       const char *step_id, const struct starts *held, struct err *err)
{
    int64_t now = held ? held->now : clock_steady_us();

    return store_exec(tx,
                      "INSERT INTO tasks (id, org, team, kind, deployment_id, workflow_id, step_id, application, environment, state, "
                      "priority, run_at, created_at, "
                      "lease_owner, lease_until, fence) VALUES ($1, $2, $3, 'step', $4, $5, $6, $7, $8, $9, 1, $10, $10, $11, $12, $13)",
                      STORE_ARGS(store_text(task_id), store_text(run->org), store_text(run->team), store_text(run->id),
                                 store_text(workflow->id), store_text(step_id), store_text(run->application), store_text(run->environment),
                                 store_text(held ? "running" : "pending"), store_int(now),
                                 held ? store_text(held->engine->owner) : store_null(),
                                 held ? store_int(now + held->engine->lease_us) : store_null(), store_int(held != NULL)),
                      NULL, err);
}

const struct advance *run_first_start(const struct advance_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->items[i].kind == ADVANCE_STEP && list->items[i].step_state == STEP_READY)
            return &list->items[i];
    return NULL;
}

int run_hand_task(struct store_tx *tx, const struct step_work *work, const struct advance_list *list, struct starts *starts,
                  int64_t *out_changed, struct err *err)
{
    const struct advance *start = run_first_start(list);

    *out_changed = -1;
    if (!start || starts->room <= 0)
        return 0;
    id_new("s", starts->step_id);
    id_new("t", starts->task_id);
    return store_exec(
        tx,
        "UPDATE tasks SET id = $4, workflow_id = $5, step_id = $6, run_at = $7, created_at = $7, lease_until = $8, fence = 1, "
        "attempt = 0, error = NULL WHERE id = $1 AND fence = $2 AND lease_owner = $3",
        STORE_ARGS(store_text(work->task_id), store_int(work->fence), store_text(work->engine->owner), store_text(starts->task_id),
                   store_text(work->run->shape.workflows[start->workflow].id), store_text(starts->step_id), store_int(starts->now),
                   store_int(starts->now + starts->engine->lease_us)),
        out_changed, err);
}

static int insert_step(struct store_tx *tx, const struct run *run, const struct advance *what, const char *step_id, const char *task_id,
                       enum step_state state, struct err *err)
{
    const struct shape_workflow *workflow = &run->shape.workflows[what->workflow];
    const struct shape_step *step = &workflow->steps[what->step];
    bool skipped = state == STEP_SKIPPED, running = state == STEP_RUNNING;
    int64_t now = clock_now_us();

    return store_exec(
        tx,
        "INSERT INTO steps (id, deployment_id, workflow_id, workflow_position, position, name, type, state, task_id, max_attempts, "
        "finished_at, "
        "skipped_reason, attempt, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        STORE_ARGS(store_text(step_id), store_text(run->id), store_text(workflow->id), store_int(what->workflow), store_int(what->step),
                   store_text(step->name), store_text(step->type), store_text(step_state_name(state)),
                   skipped ? store_null() : store_text(task_id), store_int(step->max_attempts), skipped ? store_int(now) : store_null(),
                   skipped ? store_text(step->runs == RUNS_ON_FAILURE ? "nothing failed" : "an earlier step failed") : store_null(),
                   store_int(running), running ? store_int(now) : store_null()),
        NULL, err);
}

static bool take_handed(struct starts *starts, char task_id[static ID_BYTES], char step_id[static ID_BYTES])
{
    if (!starts->task_id[0])
        return false;
    memcpy(task_id, starts->task_id, ID_BYTES);
    memcpy(step_id, starts->step_id, ID_BYTES);
    starts->task_id[0] = '\0';
    return true;
}

static int start_clock(struct store_tx *tx, const struct starts *starts, const struct advance *what, const struct shape_workflow *workflow,
                       int64_t *out_left, struct err *err)
{
    if (starts->clock_of != what->workflow + 1)
        return workflow_clock_start(tx, workflow, out_left, err);
    *out_left = starts->clock_left_us;
    return 0;
}

static int carry_out_step(struct store_tx *tx, struct run *run, const struct advance *what, struct present *now, struct starts *starts,
                          struct err *err)
{
    const struct shape_workflow *workflow = &run->shape.workflows[what->workflow];
    bool ready = what->step_state == STEP_READY;
    bool start = ready && starts && starts->room > 0, handed;
    enum step_state state = start ? STEP_RUNNING : what->step_state;
    char step_id[ID_BYTES], task_id[ID_BYTES], type[64];
    int64_t left_us = NEVER;

    if (what->step_state == STEP_CANCELED)
        return 0; /* never started: shown as canceled because its execution has ended */
    handed = start && take_handed(starts, task_id, step_id);
    if (!handed) {
        id_new("s", step_id);
        id_new("t", task_id);
    }
    if (insert_step(tx, run, what, step_id, task_id, state, err) < 0 ||
        (ready && !handed && insert_task(tx, run, workflow, task_id, step_id, start ? starts : NULL, err) < 0))
        return -1;
    if (start && workflow->timeout_ms > 0 && start_clock(tx, starts, what, workflow, &left_us, err) < 0)
        return -1;
    now->states[workflow->first + what->step] = state;
    if (start)
        start_work(starts, run, what, task_id, step_id, left_us);
    else if (ready && store_notify(tx, "tasks", err) < 0)
        return -1;
    if (state == STEP_SKIPPED)
        store_count(tx, metric_of(METRIC_STEPS, workflow->steps[what->step].type, step_state_name(state), NULL));
    snprintf(type, sizeof type, "step.%s", start ? "started" : step_state_name(state));
    return run_event(tx, run, type, &workflow->steps[what->step], step_id, NULL, err);
}

/* The error of the step that failed first is that of its execution. */
static int note_error(struct store_tx *tx, const struct run *run, const struct shape_workflow *workflow, unsigned position, struct err *err)
{
    return store_exec(tx,
                      "UPDATE workflow_runs SET error = (SELECT error FROM steps WHERE deployment_id = $2 AND workflow_position = $3 AND "
                      "error IS NOT NULL AND state <> "
                      "'completed' ORDER BY finished_at LIMIT 1) WHERE id = $1",
                      STORE_ARGS(store_text(workflow->id), store_text(run->id), store_int(position)), NULL, err);
}

static int carry_out_workflow(struct store_tx *tx, const struct run *run, const struct advance *what, struct present *present,
                              struct err *err)
{
    const struct shape_workflow *workflow = &run->shape.workflows[what->workflow];
    bool starts = what->kind == ADVANCE_WORKFLOW_STARTED;
    int64_t now = clock_now_us();

    present->started[what->workflow] = true;
    present->ended[what->workflow] = starts ? RUN_RUNNING : what->run_state;
    if (starts) {
        if (store_exec(tx,
                       "INSERT INTO workflow_runs (id, deployment_id, position, name, tier, phase, state, started_at, timeout_us) VALUES "
                       "($1, $2, $3, $4, $5, $6, 'running', $7, $8)",
                       STORE_ARGS(store_text(workflow->id), store_text(run->id), store_int(what->workflow), store_text(workflow->name),
                                  store_text(workflow->tier), store_text(workflow->phase), store_int(now),
                                  workflow->timeout_ms > 0 ? store_int(workflow->timeout_ms * US_PER_MS) : store_null()),
                       NULL, err) < 0)
            return -1;
        return workflow_event(tx, run, workflow, "started", err);
    }
    if (store_exec(tx, "UPDATE workflow_runs SET state = $2, finished_at = $3 WHERE id = $1",
                   STORE_ARGS(store_text(workflow->id), store_text(run_state_name(what->run_state)), store_int(now)), NULL, err) < 0 ||
        (what->run_state != RUN_COMPLETED && note_error(tx, run, workflow, what->workflow, err) < 0))
        return -1;
    return workflow_event(tx, run, workflow, run_state_name(what->run_state), err);
}

/* The error of the first execution that ended badly, NULL if none says. */
static int first_error(struct store_tx *tx, const struct run *run, struct arena *arena, const char **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT error FROM workflow_runs WHERE deployment_id = $1 AND error IS NOT NULL AND state <> 'completed' ORDER BY "
                    "position LIMIT 1",
                    STORE_ARGS(store_text(run->id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out = more ? arena_strdup(arena, store_col_text(rows, 0)) : NULL;
    return 0;
}

struct advance_list run_decide(const struct run *run, const struct present *now, struct arena *arena)
{
    if (run_state_is_final(now->state) || now->state == RUN_QUEUED)
        return (struct advance_list){0};
    return advance(&run->shape, now->states, now->started, now->ended, now->cancel, arena);
}

int run_advance(struct store_tx *tx, struct run *run, struct present *now, const struct advance_list *list, struct starts *starts,
                bool *out_ended, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    const char *error = NULL;

    *out_ended = false;
    for (unsigned i = 0; i < list->count; i++) {
        const struct advance *what = &list->items[i];

        if (what->kind == ADVANCE_STEP ? carry_out_step(tx, run, what, now, starts, err) < 0
                                       : what->kind != ADVANCE_RUN_ENDED && carry_out_workflow(tx, run, what, now, err) < 0)
            return -1;
        if (what->kind == ADVANCE_RUN_ENDED) {
            *out_ended = true;
            if (what->run_state != RUN_COMPLETED && first_error(tx, run, &arena, &error, err) < 0)
                return -1;
            return run_end(tx, run, what->run_state, list->degraded, error, err);
        }
    }
    if (list->items)
        present_keep(tx, run, now);
    return 0;
}

int run_continue(struct store_tx *tx, struct run *run, struct starts *starts, bool *out_ended, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct advance_list list;
    struct present now;

    *out_ended = false;
    if (run_read(tx, run, &arena, &now, err) < 0)
        return -1;
    list = run_decide(run, &now, &arena);
    return run_advance(tx, run, &now, &list, starts, out_ended, err);
}

/* What works on one resource leaves the application as it is, but for the lock. */
static int occupy_application(struct store_tx *tx, const struct run *run, int64_t now, struct err *err)
{
    const char *state = run_busy_state(run);

    return store_exec(tx,
                      "UPDATE application_environments SET state = COALESCE($5, state), active_deployment_id = $6, deployment_id = "
                      "COALESCE($7, deployment_id), updated_at = $8 WHERE org = $1 AND team = $2 AND application = $3 AND environment = $4",
                      STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->environment),
                                 store_text(state), store_text(run->id), store_text(state ? run->id : NULL), store_int(now)),
                      NULL, err);
}

int run_start(struct store_tx *tx, struct run *run, struct starts *starts, bool *out_ended, struct err *err)
{
    int64_t now = clock_now_us();

    if (store_exec(tx, "UPDATE deployments SET state = 'running', started_at = $2 WHERE id = $1 AND state = 'queued'",
                   STORE_ARGS(store_text(run->id), store_int(now)), NULL, err) < 0 ||
        occupy_application(tx, run, now, err) < 0 || admit_note_turn(tx, run, err) < 0 ||
        run_event(tx, run, "deployment.started", NULL, NULL, NULL, err) < 0)
        return -1;
    return run_continue(tx, run, starts, out_ended, err);
}
