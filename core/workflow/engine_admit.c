/* maxConcurrentWorkflows: at most so many deployments run at once, the others keep their place. A deployment whose steps all wait (timer,
 * poll, approval) does not count. A deployment first needs its application's lock, then a slot; tasks.slot says how far its task is. Units
 * of work; on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define NOT_QUEUED "('running', 'waiting', 'paused', 'canceling', 'compensating')" /* words of the index: what is queued may be many */

/* `slot > 0` is said each time because SQLite does not see that 1 is more than 0, which the index is about. */

/* Deployments that run, and those that have a slot and are about to. */
static int count_running(struct store_tx *tx, int64_t *out, struct err *err)
{
    return store_query_int(tx,
                           "SELECT (SELECT count(*) FROM deployments d WHERE d.finished_at IS NULL AND d.state IN " NOT_QUEUED
                           " AND EXISTS (SELECT 1 FROM tasks t WHERE t.deployment_id = d.id AND t.kind = 'step' AND t.state <> "
                           "'waiting')) + (SELECT count(*) FROM tasks WHERE slot = 2 AND slot > 0)",
                           STORE_NO_ARGS, 0, out, err);
}

static int is_anybody_waiting(struct store_tx *tx, bool *out, struct err *err)
{
    int64_t found = 0;

    if (store_query_int(tx, "SELECT 1 FROM tasks WHERE slot = 1 AND slot > 0 LIMIT 1", STORE_NO_ARGS, 0, &found, err) < 0)
        return -1;
    *out = found != 0;
    return 0;
}

/* Counting takes as long as deployments run, so of the places that a count finds free a part is given away without a new one: far from the
 * limit nearly all, near it none. A part, and for a moment, because other servers give away theirs. Who waited and runs again takes one as
 * well. A unit that is rolled back has taken one for nothing, which only makes the next count come sooner. */
#define ROOM_PART 16
#define ROOM_US   (2 * US_PER_SEC)

void admit_place_taken(struct engine *engine) { engine->room.left -= engine->room.left > 0; }

static bool take_room(struct engine *engine, int64_t limit)
{
    if (engine->room.limit != limit || engine->room.left <= 0 || clock_mono_us() >= engine->room.until_us)
        return false;
    admit_place_taken(engine);
    return true;
}

int admit_is_full(struct store_tx *tx, struct engine *engine, bool *out, struct err *err)
{
    int64_t limit = engine->max_running, running = 0;

    *out = false;
    if (limit <= 0)
        return 0;
    if (is_anybody_waiting(tx, out, err) < 0)
        return -1;
    if (*out || take_room(engine, limit)) /* nobody overtakes those that wait */
        return 0;
    if (count_running(tx, &running, err) < 0)
        return -1;
    *out = running >= limit;
    engine->room.limit = limit;
    engine->room.left = *out ? 0 : (limit - running) / ROOM_PART;
    engine->room.until_us = clock_mono_us() + ROOM_US;
    return 0;
}

#define TEAM_BYTES  256
#define NOT_COUNTED (-1)

/* The deployment of a team that waits longest. */
struct candidate {
    char org[TEAM_BYTES], team[TEAM_BYTES], task_id[ID_BYTES];
    int64_t running, turn_at, created_at;
};

static bool comes_before(const struct candidate *a, const struct candidate *b)
{
    if (a->running != b->running)
        return a->running < b->running;
    if (a->turn_at != b->turn_at)
        return a->turn_at < b->turn_at;
    if (a->created_at != b->created_at)
        return a->created_at < b->created_at;
    return strcmp(a->task_id, b->task_id) < 0;
}

/* The one of the first team after `at`'s; how many of the team run is not counted yet. Returns 1, 0 when there is no further team, -1. */
static int next_team(struct store_tx *tx, int priority, struct candidate *at, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(
            tx,
            "SELECT t.org, t.team, t.id, t.created_at, COALESCE(u.at, 0) FROM tasks t LEFT JOIN turns u ON u.org = t.org AND u.team "
            "= t.team WHERE t.slot = 1 AND t.slot > 0 AND t.priority = $1 AND (t.org, t.team) > ($2, $3) ORDER BY t.org, t.team, "
            "t.created_at, t.id LIMIT 1",
            STORE_ARGS(store_int(priority), store_text(at->org), store_text(at->team)), &rows, err) < 0)
        return -1;
    more = store_next(rows, err);
    if (more <= 0)
        return more;
    if (strlen(store_col_text(rows, 0)) >= TEAM_BYTES || strlen(store_col_text(rows, 1)) >= TEAM_BYTES)
        return err_set(err, ERR_STORE_CORRUPT, "task %s has a team of more than %d bytes", store_col_text(rows, 2), TEAM_BYTES - 1);
    snprintf(at->org, sizeof at->org, "%s", store_col_text(rows, 0));
    snprintf(at->team, sizeof at->team, "%s", store_col_text(rows, 1));
    snprintf(at->task_id, sizeof at->task_id, "%s", store_col_text(rows, 2));
    at->created_at = store_col_int(rows, 3);
    at->turn_at = store_col_int(rows, 4);
    at->running = NOT_COUNTED;
    return 1;
}

static int count_team(struct store_tx *tx, struct candidate *of, struct err *err)
{
    if (of->running != NOT_COUNTED)
        return 0;
    return store_query_int(tx,
                           "SELECT (SELECT count(*) FROM deployments d WHERE d.finished_at IS NULL AND d.state IN " NOT_QUEUED
                           " AND d.org = $1 AND d.team = $2) + (SELECT count(*) FROM tasks s WHERE s.slot = 2 AND s.slot > 0 AND s.org = "
                           "$1 AND s.team = $2)",
                           STORE_ARGS(store_text(of->org), store_text(of->team)), 0, &of->running, err);
}

/* The team with the fewest running deployments comes first, then the one whose last turn is longest ago, then the oldest. Looks at one task
 * of each team, not at all that wait, and counts nothing when one team alone waits. out: "" when nobody does. */
static int next_waiting(struct store_tx *tx, char out[static ID_BYTES], struct err *err)
{
    struct candidate best = {0};

    for (int priority = 0; priority < PRIORITIES && !best.task_id[0]; priority++) {
        struct candidate at = {0};
        int more;

        while ((more = next_team(tx, priority, &at, err)) > 0) {
            if (best.task_id[0] && (count_team(tx, &best, err) < 0 || count_team(tx, &at, err) < 0))
                return -1;
            if (!best.task_id[0] || comes_before(&at, &best))
                best = at;
        }
        if (more < 0)
            return -1;
    }
    snprintf(out, ID_BYTES, "%s", best.task_id);
    return 0;
}

static int give_slot(struct store_tx *tx, struct engine *engine, const char *task_id, struct err *err)
{
    admit_place_taken(engine);
    if (store_exec(tx, "UPDATE tasks SET state = 'pending', slot = 2, run_at = $2 WHERE id = $1",
                   STORE_ARGS(store_text(task_id), store_int(clock_steady_us())), NULL, err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

int admit_note_turn(struct store_tx *tx, const struct run *run, struct err *err)
{
    if (run->engine->max_running <= 0)
        return 0;
    return store_exec(tx, "INSERT INTO turns (org, team, at) VALUES ($1, $2, $3) ON CONFLICT (org, team) DO UPDATE SET at = excluded.at",
                      STORE_ARGS(store_text(run->org), store_text(run->team), store_int(clock_steady_us())), NULL, err);
}

int admit_waiting(struct store_tx *tx, struct engine *engine, struct err *err)
{
    int64_t limit = engine->max_running, running = 0;
    bool waiting = false;

    if (is_anybody_waiting(tx, &waiting, err) < 0)
        return -1;
    if (waiting && limit > 0 && count_running(tx, &running, err) < 0)
        return -1;
    for (; waiting && (limit <= 0 || running < limit); running++) {
        char next[ID_BYTES];

        if (next_waiting(tx, next, err) < 0 || (next[0] && give_slot(tx, engine, next, err) < 0))
            return -1;
        waiting = next[0] != '\0';
    }
    return 0;
}

int admit_task(struct store_tx *tx, struct engine *engine, const char *task_id, bool full, struct err *err)
{
    if (engine->max_running <= 0)
        return give_slot(tx, engine, task_id, err);
    if (store_exec(tx, "UPDATE tasks SET slot = 1 WHERE id = $1", STORE_ARGS(store_text(task_id)), NULL, err) < 0)
        return -1;
    return full ? 0 : admit_waiting(tx, engine, err);
}

static int admit_unit(struct store_tx *tx, void *ctx, struct err *err) { return admit_waiting(tx, ctx, err); }

static void admitted(void *ctx, const struct err *result)
{
    (void)ctx;
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "deployments that wait under the old limit go on when the next one ends: %s", result->msg);
}

int engine_admit(struct engine *engine, struct err *err) { return store_write_wait(engine->store, admit_unit, engine, err); }
void engine_admit_later(struct engine *engine) { store_write(engine->store, admit_unit, engine, admitted); }
