/* The accepting transaction: deployment, plan, lock or place in the queue, first ready steps, events and audit row, all or nothing.
 * Called by HTTP threads; the units run on store threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "workflow/denial.h"
#include "workflow/deploy.h"
#include "workflow/engine_priv.h"
#include "workflow/plan_build.h"
#include <string.h>

#define RECOUNT_US US_PER_SEC /* between two counts of a queue that is not full */

struct accept {
    struct disposal disposal; /* first */
    struct engine *engine;
    struct deployment_draft *draft;
    struct run *run;
    char id[ID_BYTES], task_id[ID_BYTES];
    char *plan, *outline, *summary, *cost, *warnings;
    char sha256[65];
    bool started, ended;
    struct starts starts;
    json_t *answer;
    deploy_also also;
    deploy_accepted done;
    void *ctx;
};

static void accept_free(struct disposal *d)
{
    struct accept *a = (struct accept *)d;

    deployment_draft_free(a->draft);
    json_decref(a->answer);
    run_unref(a->run); /* last: the answer refers to its plan */
    free(a->plan);
    free(a->outline);
    free(a->summary);
    free(a->cost);
    free(a->warnings);
    free(a);
}

static int check_capacity(struct store_tx *tx, struct engine *engine, struct err *err)
{
    int64_t queued = atomic_load(&engine->queue_estimate), now = clock_mono_us();

    atomic_fetch_add(&engine->accepts, 1);
    if (now - engine->counted_us > RECOUNT_US || queued >= engine->capacity) {
        if (store_query_int(tx, "SELECT count(*) FROM tasks", STORE_NO_ARGS, 0, &queued, err) < 0)
            return -1;
        atomic_store(&engine->queue_estimate, queued);
        engine->counted_us = now;
    }
    if (queued >= engine->capacity)
        return err_set(err, ERR_QUEUE_FULL, "%lld tasks are queued; the limit is %lld", (long long)queued, (long long)engine->capacity);
    atomic_fetch_add(&engine->queue_estimate, 1);
    return 0;
}

#define KEY_ARGS(run) store_text((run)->org), store_text((run)->team), store_text((run)->application), store_text((run)->environment)

struct application {
    int64_t revision;
    bool locked;
};

/* Counts the application's revision up; says whether another deployment has its lock. */
static int touch_application(struct store_tx *tx, const struct accept *a, struct application *out, struct err *err)
{
    const struct run *run = a->run;
    int64_t now = clock_now_us();
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_exec(
            tx,
            "INSERT INTO applications (org, team, name, product, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (org, "
            "team, name) DO UPDATE "
            "SET product = excluded.product, updated_at = excluded.updated_at, closed_at = NULL",
            STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->product), store_int(now)),
            NULL, err) < 0 ||
        store_query(tx,
                    "INSERT INTO application_environments (org, team, application, environment, environment_type, state, revision, "
                    "created_at, updated_at) VALUES ($1, $2, "
                    "$3, $4, $5, 'deploying', 1, $6, $6) ON CONFLICT (org, team, application, environment) DO UPDATE SET environment_type "
                    "= excluded.environment_type, "
                    "revision = application_environments.revision + 1 RETURNING revision, active_deployment_id",
                    STORE_ARGS(KEY_ARGS(run), store_text(run->environment_type), store_int(now)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    out->revision = store_col_int(rows, 0);
    out->locked = !store_col_null(rows, 1);
    return 0;
}

static int insert_deployment(struct store_tx *tx, const struct accept *a, int64_t revision, struct err *err)
{
    const struct run *run = a->run;

    return store_exec(
        tx,
        "INSERT INTO deployments (id, org, team, application, workload, environment, environment_type, kind, product, state, "
        "revision, task_id, created_by, created_at, "
        "trace_id, spec_sha256, config_revision, summary, cost, warnings, source, plan, outline) VALUES ($1, $2, $3, $4, $5, $6, $7, "
        "$8, $9, 'queued', $10, $11, $12, $13, $14, $15, "
        "$16, $17, $18, $19, $20, $21, $22)",
        STORE_ARGS(store_text(a->id), store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->workload),
                   store_text(run->environment), store_text(run->environment_type), store_text(run->kind), store_text(run->product),
                   store_int(revision), store_text(a->task_id), store_text(run->created_by), store_int(clock_now_us()),
                   store_text(run->trace_id), store_text(a->sha256[0] ? a->sha256 : NULL),
                   store_text(json_str(run->plan, "config_revision")), store_text(a->summary), store_text(a->cost), store_text(a->warnings),
                   store_text(a->draft->source), store_text(a->plan), store_text(a->outline)),
        NULL, err);
}

/* ---- taking the place of those that wait ---- */

static int supersede_one(struct store_tx *tx, const struct accept *a, const char *id, struct err *err)
{
    const struct run *run = a->run;

    store_count(tx, metric_of(METRIC_DEPLOYMENTS, "deploy", "superseded", NULL));
    run_cache_drop(a->engine, id);
    if (store_exec(tx, "UPDATE deployments SET state = 'superseded', finished_at = $2 WHERE id = $1",
                   STORE_ARGS(store_text(id), store_int(clock_now_us())), NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM tasks WHERE deployment_id = $1", STORE_ARGS(store_text(id)), NULL, err) < 0 ||
        event_write(tx,
                    &(struct event){.type = "deployment.superseded",
                                    .org = run->org,
                                    .team = run->team,
                                    .deployment_id = id,
                                    .application = run->application,
                                    .environment = run->environment,
                                    .actor = run->created_by},
                    err) < 0)
        return -1;
    return audit_write(tx,
                       &(struct audit_row){.org = run->org,
                                           .actor = run->created_by,
                                           .team = run->team,
                                           .action = "deployment.superseded",
                                           .object = id,
                                           .environment = run->environment,
                                           .result = "ok",
                                           .request_id = a->draft->request_id,
                                           .source_ip = a->draft->source_ip},
                       err);
}

/* Deployments of the same workload that have not started end here. One of them may have the lock already, on its way out of the queue: then
 * it is free. */
static int supersede_queued(struct store_tx *tx, const struct accept *a, struct err *err)
{
    const struct run *run = a->run;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *ids = json_array();
    const json_t *id;
    size_t i;
    int more;

    if (!json_flag(json_object_get(run->plan, "flags"), "supersede", false))
        return 0;
    if (store_query(tx,
                    "SELECT d.id FROM tasks t JOIN deployments d ON d.id = t.deployment_id WHERE t.kind = 'deployment' AND t.org = $1 AND "
                    "t.team = $2 AND t.application = $3 "
                    "AND t.environment = $4 AND d.kind = 'deploy' AND d.workload = $5 AND d.state = 'queued' AND d.id <> $6",
                    STORE_ARGS(KEY_ARGS(run), store_text(run->workload), store_text(a->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_append_str(ids, store_col_text(rows, 0));
    store_rows_close(&rows);
    if (more < 0)
        return -1;
    json_array_foreach(ids, i, id) if (supersede_one(tx, a, json_string_value(id), err) < 0) return -1;
    return store_exec(tx,
                      "UPDATE application_environments SET active_deployment_id = NULL WHERE org = $1 AND team = $2 AND application = $3 "
                      "AND environment = $4 AND "
                      "active_deployment_id IN (SELECT id FROM deployments WHERE id = active_deployment_id AND state = 'superseded')",
                      STORE_ARGS(KEY_ARGS(run)), NULL, err);
}

/* ---- its own place ---- */

static int count_ahead(struct store_tx *tx, const struct run *run, int64_t *out, struct err *err)
{
    return store_query_int(
        tx, "SELECT count(*) FROM tasks WHERE kind = 'deployment' AND org = $1 AND team = $2 AND application = $3 AND environment = $4",
        STORE_ARGS(KEY_ARGS(run)), 0, out, err);
}

static int insert_task(struct store_tx *tx, const struct accept *a, struct err *err)
{
    const struct run *run = a->run;

    return store_exec(tx,
                      "INSERT INTO tasks (id, org, team, kind, deployment_id, application, environment, state, priority, run_at, "
                      "created_at) VALUES ($1, $2, $3, 'deployment', "
                      "$4, $5, $6, 'waiting', 1, $7, $8)",
                      STORE_ARGS(store_text(a->task_id), store_text(run->org), store_text(run->team), store_text(a->id),
                                 store_text(run->application), store_text(run->environment), store_int(NEVER),
                                 store_int(clock_steady_us())),
                      NULL, err);
}

/* A place in the queue behind the others of its application; when nobody has the lock, the first of them gets it. */
static int enqueue(struct store_tx *tx, const struct accept *a, bool locked, int64_t ahead, bool full, int64_t *out_position,
                   struct err *err)
{
    *out_position = locked || ahead ? ahead + 1 : full;
    if (insert_task(tx, a, err) < 0)
        return -1;
    return locked ? 0 : run_take_lock(tx, a->run, full, err);
}

static int start_or_enqueue(struct store_tx *tx, struct accept *a, const struct application *application, int64_t *out_position,
                            struct err *err)
{
    bool full = false,
         fresh = application->revision == json_int(a->run->plan, "revision", 0) + 1; /* the plan was made on these very facts */
    int64_t ahead = 0;

    if (count_ahead(tx, a->run, &ahead, err) < 0 || admit_is_full(tx, a->engine, &full, err) < 0)
        return -1;
    a->started = !application->locked && !ahead && !full && fresh;
    if (a->started)
        return run_start(tx, a->run, &a->starts, &a->ended, err);
    return enqueue(tx, a, application->locked, ahead, full, out_position, err);
}

/* What the policies warn of is kept as what they deny is. */
static int store_warnings(struct store_tx *tx, const struct accept *a, struct err *err)
{
    const json_t *violations = a->draft->decision.violations;
    const struct run *run = a->run;

    if (json_array_size(violations) == 0)
        return 0;
    if (violations_store(tx,
                         &(struct denial_about){.org = run->org,
                                                .team = run->team,
                                                .actor = run->created_by,
                                                .application = run->application,
                                                .environment = run->environment,
                                                .deployment_id = a->id},
                         violations, err) < 0)
        return -1;
    return run_event(tx, run, "policy.warned", NULL, NULL, NULL, err);
}

static void make_answer(struct accept *a, int64_t position)
{
    const struct run *run = a->run;
    json_t *plan = json_object();

    json_decref(a->answer);
    a->answer = json_object();
    json_set_str(a->answer, "id", a->id);
    json_set_str(a->answer, "application", run->application);
    json_set_str(a->answer, "environment", run->environment);
    json_set_str(a->answer, "state", a->ended ? "completed" : a->started ? "running" : "queued");
    json_set_str(a->answer, "task_id", a->task_id);
    json_set_int(a->answer, "queue_position", position);
    json_object_set(plan, "summary", json_object_get(run->plan, "summary"));
    json_set_new(a->answer, "plan", plan);
    json_set_new(a->answer, "warnings", diag_to_json(&a->draft->diags));
    if (json_array_size(a->draft->decision.violations)) /* what policies warn of */
        json_set_new(a->answer, "violations", json_deep_copy(a->draft->decision.violations));
}

static int accept_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct accept *a = ctx;
    struct application application = {0};
    CLEANUP(json_put) json_t *detail = json_object();
    int64_t position = 0;

    a->started = a->ended = false;
    starts_begin(&a->starts, a->engine, 0);
    if (a->draft->guard.check && a->draft->guard.check(a->draft->guard.ctx, tx, err) < 0)
        return -1;
    if (check_capacity(tx, a->engine, err) < 0 || supersede_queued(tx, a, err) < 0 || touch_application(tx, a, &application, err) < 0 ||
        insert_deployment(tx, a, application.revision, err) < 0 || run_event(tx, a->run, "deployment.queued", NULL, NULL, NULL, err) < 0 ||
        store_warnings(tx, a, err) < 0)
        return -1;
    json_set_str(detail, "kind", a->run->kind);
    json_set_str(detail, "application", a->run->application);
    json_object_set(detail, "summary", json_object_get(a->run->plan, "summary"));
    if (audit_write(tx,
                    &(struct audit_row){.org = a->run->org,
                                        .actor = a->run->created_by,
                                        .team = a->run->team,
                                        .action = "deployment.accept",
                                        .object = a->id,
                                        .environment = a->run->environment,
                                        .result = "ok",
                                        .detail = detail,
                                        .request_id = a->draft->request_id,
                                        .source_ip = a->draft->source_ip},
                    err) < 0)
        return -1;
    store_count(tx, metric_of(METRIC_ACCEPTED, a->run->kind, NULL, NULL));
    if (start_or_enqueue(tx, a, &application, &position, err) < 0)
        return -1;
    make_answer(a, position);
    return a->also ? a->also(a->ctx, tx, a->answer, err) : 0;
}

static void accept_done(void *ctx, const struct err *result)
{
    struct accept *a = ctx;

    if (result->code == ERR_NONE && !a->ended && (a->started || store_kind(a->engine->store) == STORE_SQLITE))
        run_cache_add(a->engine, a->run, !a->started);
    starts_end(&a->starts, result->code == ERR_NONE);
    a->done(a->ctx, result->code == ERR_NONE ? a->answer : NULL, result);
    engine_dispose(a->engine, &a->disposal, accept_free);
}

static char *text_or_null(const json_t *value) { return value ? json_text(value) : NULL; }

/* The run, which takes the plan over, and all that is to be stored, as texts. */
static int make_run(struct accept *a, struct err *err)
{
    struct deployment_draft *draft = a->draft;
    CLEANUP(json_put) json_t *warnings = diag_to_json(&draft->diags);

    if (run_make_of(a->engine, a->id, draft->plan, &draft->values, draft->actor, draft->trace_id, &a->run, err) < 0)
        return -1;
    if (draft->source)
        crypto_sha256_hex(draft->source, strlen(draft->source), a->sha256);
    a->plan = json_text(draft->plan);
    a->outline = plan_outline(draft->plan);
    a->summary = text_or_null(json_object_get(draft->plan, "summary"));
    a->cost = text_or_null(json_object_get(draft->plan, "cost"));
    a->warnings = text_or_null(warnings);
    return 0;
}

void deploy_accept(struct engine *engine, struct deployment_draft *draft, deploy_also also, deploy_accepted done, void *ctx)
{
    struct accept *a = mem_zalloc(sizeof *a);
    struct err err = {0};

    a->engine = engine;
    a->draft = draft;
    a->also = also;
    a->done = done;
    a->ctx = ctx;
    id_new("d", a->id);
    id_new("t", a->task_id);
    if (make_run(a, &err) < 0)
        accept_done(a, &err);
    else
        store_write(engine->store, accept_unit, a, accept_done);
}

/* ---- denials ---- */

struct denial {
    struct deployment_draft *draft;
    deploy_accepted done;
    void *ctx;
};

static int denial_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct deployment_draft *draft = ((struct denial *)ctx)->draft;

    return denial_store(tx,
                        &(struct denial_about){.org = draft->org,
                                               .team = draft->team,
                                               .actor = draft->actor,
                                               .application = json_str(draft->plan, "application"),
                                               .environment = json_str(json_object_get(draft->plan, "environment"), "name"),
                                               .action = "deployment.accept",
                                               .object = json_str(draft->plan, "application"),
                                               .request_id = draft->request_id,
                                               .source_ip = draft->source_ip},
                        draft->decision.violations, err);
}

static void denial_done(void *ctx, const struct err *result)
{
    struct denial *denial = ctx;

    denial->done(denial->ctx, NULL, result);
    deployment_draft_free(denial->draft);
    free(denial);
}

void deploy_record_denial(struct engine *engine, struct deployment_draft *draft, deploy_accepted done, void *ctx)
{
    struct denial *denial = mem_zalloc(sizeof *denial);

    *denial = (struct denial){draft, done, ctx};
    store_write(engine->store, denial_unit, denial, denial_done);
}
