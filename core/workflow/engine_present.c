/* How far a deployment is: read from its rows, and remembered between the units of this process as long as nobody else can have changed it.
 * Used inside units that write, on the store's writer thread alone. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define KEPT_MOST 2048 /* deployments remembered; after that all are read again once */

/* ---- reading ---- */

static int note_step(const struct run *run, struct present *now, int64_t workflow, int64_t position, enum step_state state, struct err *err)
{
    if (workflow < 0 || workflow >= run->shape.count || position < 0 || position >= run->shape.workflows[workflow].count ||
        state == STEP_STATES)
        return err_set(err, ERR_STORE_CORRUPT, "a step of %s is not in its plan", run->id);
    now->states[run->shape.workflows[workflow].first + (unsigned)position] = state;
    return 0;
}

static int note_workflow(const struct run *run, struct present *now, int64_t position, enum run_state state, struct err *err)
{
    if (position < 0 || position >= run->shape.count || state == RUN_STATES)
        return err_set(err, ERR_STORE_CORRUPT, "an execution of %s is not in its plan", run->id);
    now->started[position] = true;
    now->ended[position] = state;
    return 0;
}

/* A row of the query below. what: 0 the deployment, 1 an execution, 2 a step. */
static int note_row(const struct run *run, struct present *now, struct store_rows *rows, struct err *err)
{
    int64_t what = store_col_int(rows, 0), a = store_col_int(rows, 1), b = store_col_int(rows, 2);
    const char *state = store_col_text(rows, 3);

    if (what == 2)
        return note_step(run, now, a, b, step_state_parse(state), err);
    if (what == 1)
        return note_workflow(run, now, a, run_state_parse(state), err);
    now->found = true;
    now->cancel = a != 0;
    now->state = run_state_parse(state);
    return 0;
}

static int read_rows(struct store_tx *tx, const struct run *run, struct present *now, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT 0, cancel_requested, 0, state FROM deployments WHERE id = $1 UNION ALL SELECT 1, position, 0, state FROM "
                    "workflow_runs WHERE deployment_id = $1 "
                    "UNION ALL SELECT 2, workflow_position, position, state FROM steps WHERE deployment_id = $1",
                    STORE_ARGS(store_text(run->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        if (note_row(run, now, rows, err) < 0)
            return -1;
    if (more == 0 && !now->found)
        return err_set(err, ERR_NOT_FOUND, "deployment %s is gone", run->id);
    return more;
}

/* ---- remembering ---- */

struct kept {
    struct kept *next;
    char id[ID_BYTES];
    uint64_t epoch; /* of the store, when it was kept */
    struct arena arena;
    struct present present;
};

static struct kept **bucket_of(struct engine *engine, const char *id)
{
    uint32_t hash = 2166136261u;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619u;
    return &engine->kept[hash % KEPT_BUCKETS];
}

static void kept_free(struct kept **kept)
{
    if (*kept) {
        arena_fini(&(*kept)->arena);
        free(*kept);
    }
    *kept = NULL;
}

static struct kept *take(struct engine *engine, const char *id)
{
    struct kept **at = bucket_of(engine, id), *kept;

    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    kept = *at;
    if (kept) {
        *at = kept->next;
        engine->kept_count--;
    }
    return kept;
}

void present_forget(struct engine *engine, const char *deployment_id)
{
    CLEANUP(kept_free) struct kept *kept = take(engine, deployment_id);

    (void)kept; /* clang counts the cleanup as no use */
}

void present_fini(struct engine *engine)
{
    for (int i = 0; i < KEPT_BUCKETS; i++)
        while (engine->kept[i]) {
            CLEANUP(kept_free) struct kept *kept = engine->kept[i];

            engine->kept[i] = kept->next;
        }
    engine->kept_count = 0;
}

static void make(const struct run *run, struct arena *arena, struct present *out)
{
    *out = (struct present){0};
    out->states = arena_array(arena, run->shape.steps + 1, sizeof *out->states); /* 0 is STEP_PENDING */
    out->started = arena_array(arena, run->shape.count + 1, sizeof *out->started);
    out->ended = arena_array(arena, run->shape.count + 1, sizeof *out->ended);
}

static void copy(const struct run *run, const struct present *from, struct present *to)
{
    memcpy(to->states, from->states, run->shape.steps * sizeof *to->states);
    memcpy(to->started, from->started, run->shape.count * sizeof *to->started);
    memcpy(to->ended, from->ended, run->shape.count * sizeof *to->ended);
    to->found = from->found;
    to->cancel = from->cancel;
    to->state = from->state;
}

/* What is remembered is taken: whoever changes the run says what is to be remembered then; when that fails, it is read again. */
int run_read(struct store_tx *tx, const struct run *run, struct arena *arena, struct present *out, struct err *err)
{
    CLEANUP(kept_free) struct kept *kept = take(run->engine, run->id);
    uint64_t epoch = store_tx_epoch(tx);

    make(run, arena, out);
    if (kept && epoch && kept->epoch == epoch) {
        copy(run, &kept->present, out);
        return 0;
    }
    return read_rows(tx, run, out, err);
}

void present_keep(struct store_tx *tx, const struct run *run, const struct present *now)
{
    struct engine *engine = run->engine;
    uint64_t epoch = store_tx_epoch(tx);
    struct kept *kept, **bucket = bucket_of(engine, run->id);

    present_forget(engine, run->id);
    if (!epoch)
        return;
    if (engine->kept_count >= KEPT_MOST)
        present_fini(engine);
    kept = mem_zalloc(sizeof *kept);
    snprintf(kept->id, sizeof kept->id, "%s", run->id);
    kept->epoch = epoch;
    make(run, &kept->arena, &kept->present);
    copy(run, now, &kept->present);
    kept->next = *bucket;
    *bucket = kept;
    engine->kept_count++;
}
