/* Runs of deployments, kept while they run here: their plan and its shape are made once, not once a step. Any thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <string.h>

/* Runs in a bucket: a plan takes some 150 KiB, so of many that run at once the oldest are read again when their turn comes. */
#define BUCKET_MOST 3
#define QUEUED_MOST 128 /* runs that wait for their start: the queue may be long, and a plan is large */

static int fill(struct run *run, const char *id, const char *created_by, const char *trace_id, struct err *err)
{
    const json_t *plan = run->plan;

    snprintf(run->id, sizeof run->id, "%s", id);
    run->org = json_str(plan, "org");
    run->team = json_str(plan, "team");
    run->application = json_str(plan, "application");
    run->workload = json_str(plan, "workload");
    run->product = json_str(plan, "product");
    run->kind = json_str(plan, "kind");
    run->environment = json_str(json_object_get(plan, "environment"), "name");
    run->environment_type = json_str(json_object_get(plan, "environment"), "type");
    run->created_by = arena_strdup(&run->arena, created_by);
    run->trace_id = arena_strdup(&run->arena, trace_id);
    if (!run->org || !run->team || !run->application || !run->workload || !run->kind || !run->environment || !run->environment_type)
        return err_set(err, ERR_STORE_CORRUPT, "the plan of %s lacks its names", id);
    return shape_make(plan, &run->arena, &run->shape, err);
}

int run_make_of(struct engine *engine, const char *id, json_t *plan, struct arena *home, const char *created_by, const char *trace_id,
                struct run **out, struct err *err)
{
    struct run *run = mem_zalloc(sizeof *run);

    json_freeze_in_place(plan);
    *run = (struct run){.refs = 1, .engine = engine, .plan = plan};
    if (fill(run, id, created_by, trace_id, err) < 0) {
        run_unref(run);
        return -1;
    }
    arena_join(&run->arena, home);
    *out = run;
    return 0;
}

int run_make(struct engine *engine, const char *id, const json_t *plan, const char *created_by, const char *trace_id, struct run **out,
             struct err *err)
{
    CLEANUP(arena_fini) struct arena home = {0};
    struct arena *before = json_use_arena(&home);
    json_t *copy = json_clone(plan);

    json_use_arena(before);
    return run_make_of(engine, id, copy, &home, created_by, trace_id, out, err);
}

struct run *run_ref(struct run *run)
{
    atomic_fetch_add(&run->refs, 1);
    return run;
}

void run_unref(struct run *run)
{
    if (!run || atomic_fetch_sub(&run->refs, 1) != 1)
        return;
    arena_fini(&run->arena);
    free(run);
}

/* ---- the cache ---- */

static struct run **bucket_of(struct engine *engine, const char *deployment_id)
{
    uint32_t hash = 2166136261u;

    for (; *deployment_id; deployment_id++)
        hash = (hash ^ (unsigned char)*deployment_id) * 16777619u;
    return &engine->runs[hash % RUN_CACHE_BUCKETS];
}

/* Takes the run with this id out of the cache; NULL: it was not in it. Lock held. */
static struct run *take_cached(struct engine *engine, const char *deployment_id)
{
    struct run **at = bucket_of(engine, deployment_id), *run;

    while (*at && strcmp((*at)->id, deployment_id) != 0)
        at = &(*at)->next;
    run = *at;
    if (run) {
        *at = run->next;
        engine->queued_runs -= run->queued;
    }
    return run;
}

/* The one in this bucket that has been there longest, if the bucket is full. Lock held. */
static struct run *take_oldest(struct engine *engine, struct run **bucket)
{
    unsigned count = 0;
    struct run *oldest;

    for (struct run *run = *bucket; run; run = run->next)
        count++;
    if (count < BUCKET_MOST)
        return NULL;
    while ((*bucket)->next)
        bucket = &(*bucket)->next;
    oldest = *bucket;
    *bucket = NULL;
    engine->queued_runs -= oldest->queued;
    return oldest;
}

void run_cache_add(struct engine *engine, struct run *run, bool queued)
{
    struct run **bucket = bucket_of(engine, run->id), *old, *oldest;

    pthread_mutex_lock(&engine->lock);
    if (queued && engine->queued_runs >= QUEUED_MOST) {
        pthread_mutex_unlock(&engine->lock);
        return;
    }
    old = take_cached(engine, run->id);
    oldest = take_oldest(engine, bucket);
    run->queued = queued;
    engine->queued_runs += queued;
    run->next = *bucket;
    *bucket = run_ref(run);
    pthread_mutex_unlock(&engine->lock);
    run_unref(old);
    run_unref(oldest);
}

void run_cache_drop(struct engine *engine, const char *deployment_id)
{
    struct run *run;

    pthread_mutex_lock(&engine->lock);
    run = take_cached(engine, deployment_id);
    pthread_mutex_unlock(&engine->lock);
    run_unref(run);
}

void run_cache_fini(struct engine *engine)
{
    for (int i = 0; i < RUN_CACHE_BUCKETS; i++)
        while (engine->runs[i]) {
            struct run *next = engine->runs[i]->next;

            run_unref(engine->runs[i]);
            engine->runs[i] = next;
        }
}

static struct run *find_cached(struct engine *engine, const char *deployment_id)
{
    struct run *run;

    pthread_mutex_lock(&engine->lock);
    run = *bucket_of(engine, deployment_id);
    while (run && strcmp(run->id, deployment_id) != 0)
        run = run->next;
    if (run)
        run_ref(run);
    pthread_mutex_unlock(&engine->lock);
    return run;
}

/* ---- loading ---- */

struct loading {
    struct engine *engine;
    const char *id;
    struct run *run;
    bool runs; /* its plan does not change any more, and it has not ended */
};

static json_t *parse_into(struct arena *home, const char *text)
{
    struct arena *before = json_use_arena(home);
    json_t *value = json_loads(text, 0, NULL);

    json_use_arena(before);
    return value;
}

static int load_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct loading *loading = ctx;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(arena_fini) struct arena home = {0};
    enum run_state state;
    json_t *plan;
    int more;

    if (store_query(tx, "SELECT plan, created_by, trace_id, state FROM deployments WHERE id = $1", STORE_ARGS(store_text(loading->id)),
                    &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "deployment %s is gone", loading->id);
    plan = parse_into(&home, store_col_text(rows, 0));
    if (!plan)
        return err_set(err, ERR_STORE_CORRUPT, "the plan of %s cannot be read", loading->id);
    state = run_state_parse(store_col_text(rows, 3));
    loading->runs = state != RUN_QUEUED && !run_state_is_final(state);
    return run_make_of(loading->engine, loading->id, plan, &home, store_col_text(rows, 1), store_col_text(rows, 2), &loading->run, err);
}

int run_load(struct engine *engine, const char *deployment_id, struct run **out, struct err *err)
{
    struct loading loading = {.engine = engine, .id = deployment_id, .run = find_cached(engine, deployment_id)};

    if (!loading.run) {
        if (store_read(engine->store, load_unit, &loading, err) < 0)
            return -1;
        if (loading.runs)
            run_cache_add(engine, loading.run, false);
    }
    *out = loading.run;
    return 0;
}
