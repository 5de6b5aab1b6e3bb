/* The accepting transaction: deployment, plan, lock or place in the queue, first ready steps, events and audit row, all or nothing.
 * Called by HTTP threads; the units run on store threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "workflow/deploy.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define RECOUNT_EVERY 64 /* accepts between two counts of the queue */

struct accept {
    struct engine *engine;
    struct deployment_draft *draft;
    struct run *run;
    char id[ID_BYTES], task_id[ID_BYTES];
    char *plan, *summary, *cost, *warnings;
    char sha256[65];
    bool started, ended;
    json_t *answer;
    deploy_also also;
    deploy_accepted done;
    void *ctx;
};

static void accept_free(struct accept *a)
{
    deployment_draft_free(a->draft);
    json_decref(a->answer);
    run_unref(a->run); /* last: the answer refers to its plan */
    free(a->plan);
    free(a->summary);
    free(a->cost);
    free(a->warnings);
    free(a);
}

static int check_capacity(struct store_tx *tx, struct engine *engine, struct err *err)
{
    int64_t queued = atomic_load(&engine->queue_estimate);

    if (atomic_fetch_add(&engine->accepts, 1) % RECOUNT_EVERY == 0 || queued >= engine->capacity) {
        if (store_query_int(tx, "SELECT count(*) FROM tasks", STORE_NO_ARGS, 0, &queued, err) < 0)
            return -1;
        atomic_store(&engine->queue_estimate, queued);
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

    if (store_exec(tx,
                   "INSERT INTO applications (org, team, name, product, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (org, team, name) DO UPDATE "
                   "SET product = excluded.product, updated_at = excluded.updated_at, closed_at = NULL",
                   STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->product), store_int(now)), NULL, err) < 0 ||
        store_query(tx,
                    "INSERT INTO application_environments (org, team, application, environment, environment_type, state, revision, created_at, updated_at) VALUES ($1, $2, "
                    "$3, $4, $5, 'deploying', 1, $6, $6) ON CONFLICT (org, team, application, environment) DO UPDATE SET environment_type = excluded.environment_type, "
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
        "INSERT INTO deployments (id, org, team, application, workload, environment, environment_type, kind, product, state, revision, task_id, created_by, created_at, "
        "trace_id, spec_sha256, config_revision, summary, cost, warnings, source, plan) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, $12, $13, $14, $15, "
        "$16, $17, $18, $19, $20, $21)",
        STORE_ARGS(store_text(a->id), store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->workload), store_text(run->environment),
                   store_text(run->environment_type), store_text(run->kind), store_text(run->product), store_int(revision), store_text(a->task_id),
                   store_text(run->created_by), store_int(clock_now_us()), store_text(run->trace_id), store_text(a->sha256[0] ? a->sha256 : NULL),
                   store_text(json_str(run->plan, "config_revision")), store_text(a->summary), store_text(a->cost), store_text(a->warnings), store_text(a->draft->source),
                   store_text(a->plan)),
        NULL, err);
}

static int supersede_queued(struct store_tx *tx, const struct accept *a, struct err *err)
{
    const struct run *run = a->run;

    if (!json_flag(json_object_get(run->plan, "flags"), "supersede", false))
        return 0;
    if (store_exec(tx,
                   "UPDATE deployments SET state = 'superseded', finished_at = $6 WHERE org = $1 AND team = $2 AND application = $3 AND environment = $4 AND kind = 'deploy' "
                   "AND workload = $5 AND state = 'queued' AND id <> $7",
                   STORE_ARGS(KEY_ARGS(run), store_text(run->workload), store_int(clock_now_us()), store_text(a->id)), NULL, err) < 0)
        return -1;
    return store_exec(tx, "DELETE FROM tasks WHERE kind = 'deployment' AND state = 'waiting' AND deployment_id IN (SELECT id FROM deployments WHERE state = 'superseded')",
                      STORE_NO_ARGS, NULL, err);
}

/* A place in the queue. With the lock free (but the plan made on older facts) it is due at once, and the lock is kept for it. */
static int enqueue(struct store_tx *tx, const struct accept *a, bool locked, int64_t *out_position, struct err *err)
{
    const struct run *run = a->run;
    int64_t now = clock_now_us();

    *out_position = 0;
    if (locked && store_query_int(tx,
                                  "SELECT count(*) + 1 FROM tasks WHERE kind = 'deployment' AND org = $1 AND team = $2 AND application = $3 AND environment = $4 AND state = "
                                  "'waiting'",
                                  STORE_ARGS(KEY_ARGS(run)), 1, out_position, err) < 0)
        return -1;
    if (!locked && store_exec(tx, "UPDATE application_environments SET active_deployment_id = $5 WHERE org = $1 AND team = $2 AND application = $3 AND environment = $4",
                              STORE_ARGS(KEY_ARGS(run), store_text(a->id)), NULL, err) < 0)
        return -1;
    return store_exec(tx,
                      "INSERT INTO tasks (id, org, team, kind, deployment_id, application, environment, state, priority, run_at, created_at) VALUES ($1, $2, $3, 'deployment', "
                      "$4, $5, $6, $7, 1, $8, $9)",
                      STORE_ARGS(store_text(a->task_id), store_text(run->org), store_text(run->team), store_text(a->id), store_text(run->application),
                                 store_text(run->environment), store_text(locked ? "waiting" : "pending"), store_int(locked ? NEVER : now), store_int(now)),
                      NULL, err);
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
}

static int accept_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct accept *a = ctx;
    struct application application = {0};
    CLEANUP(json_put) json_t *detail = json_object();
    int64_t position = 0;

    a->started = a->ended = false;
    if (check_capacity(tx, a->engine, err) < 0 || touch_application(tx, a, &application, err) < 0 || insert_deployment(tx, a, application.revision, err) < 0 ||
        supersede_queued(tx, a, err) < 0 || run_event(tx, a->run, "deployment.queued", NULL, NULL, NULL, err) < 0)
        return -1;
    json_set_str(detail, "kind", a->run->kind);
    json_set_str(detail, "application", a->run->application);
    json_object_set(detail, "summary", json_object_get(a->run->plan, "summary"));
    if (audit_write(tx,
                    &(struct audit_row){.org = a->run->org, .actor = a->run->created_by, .team = a->run->team, .action = "deployment.accept", .object = a->id,
                                        .environment = a->run->environment, .result = "ok", .detail = detail, .request_id = a->draft->request_id,
                                        .source_ip = a->draft->source_ip},
                    err) < 0)
        return -1;
    a->started = !application.locked && application.revision == json_int(a->run->plan, "revision", 0) + 1;
    if (a->started ? run_start(tx, a->run, &a->ended, err) < 0 : enqueue(tx, a, application.locked, &position, err) < 0)
        return -1;
    make_answer(a, position);
    if (a->also && a->also(a->ctx, tx, a->answer, err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

static void accept_done(void *ctx, const struct err *result)
{
    struct accept *a = ctx;

    if (result->code == ERR_NONE && a->started && !a->ended)
        run_cache_add(a->engine, a->run);
    a->done(a->ctx, result->code == ERR_NONE ? a->answer : NULL, result);
    accept_free(a);
}

static char *text_or_null(const json_t *value) { return value ? json_text(value) : NULL; }

void deploy_accept(struct engine *engine, struct deployment_draft *draft, deploy_also also, deploy_accepted done, void *ctx)
{
    struct accept *a = mem_zalloc(sizeof *a);
    CLEANUP(json_put) json_t *warnings = diag_to_json(&draft->diags);
    struct err err = {0};

    a->engine = engine;
    a->draft = draft;
    a->also = also;
    a->done = done;
    a->ctx = ctx;
    id_new("d", a->id);
    id_new("t", a->task_id);
    if (run_make(a->id, draft->plan, draft->actor, draft->trace_id, &a->run, &err) < 0) {
        accept_done(a, &err);
        return;
    }
    if (draft->source)
        crypto_sha256_hex(draft->source, strlen(draft->source), a->sha256);
    a->plan = json_text(draft->plan);
    a->summary = text_or_null(json_object_get(draft->plan, "summary"));
    a->cost = text_or_null(json_object_get(draft->plan, "cost"));
    a->warnings = text_or_null(warnings);
    store_write(engine->store, accept_unit, a, accept_done);
}

/* ---- denials ---- */

struct denial {
    struct deployment_draft *draft;
    deploy_accepted done;
    void *ctx;
};

static int insert_violation(struct store_tx *tx, const struct deployment_draft *draft, const json_t *violation, struct err *err)
{
    const json_t *value = json_object_get(violation, "value");
    CLEANUP(free_ptr) char *text = value && !json_is_string(value) ? json_text(value) : NULL;
    char id[ID_BYTES];

    id_new("v", id);
    return store_exec(
        tx,
        "INSERT INTO violations (id, org, team, at, policy, severity, path, value, message, fix, application, environment, actor, source) VALUES ($1, $2, $3, $4, $5, $6, "
        "$7, $8, $9, $10, $11, $12, $13, $14)",
        STORE_ARGS(store_text(id), store_text(draft->org), store_text(draft->team), store_int(clock_now_us()), store_text(json_str(violation, "policy")),
                   store_text(json_str(violation, "severity")), store_text(json_str(violation, "path")), store_text(text ? text : json_string_value(value)),
                   store_text(json_str(violation, "message")), store_text(json_str(violation, "fix")), store_text(json_str(draft->plan, "application")),
                   store_text(json_str(json_object_get(draft->plan, "environment"), "name")), store_text(draft->actor), store_text(json_str(violation, "source"))),
        NULL, err);
}

static int denial_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct deployment_draft *draft = ((struct denial *)ctx)->draft;
    CLEANUP(json_put) json_t *detail = json_object();
    const json_t *violation;
    size_t i;

    json_set_str(detail, "application", json_str(draft->plan, "application"));
    json_set_int(detail, "violations", (int64_t)json_array_size(draft->decision.violations));
    json_array_foreach (draft->decision.violations, i, violation)
        if (insert_violation(tx, draft, violation, err) < 0)
            return -1;
    if (event_write(tx,
                    &(struct event){.type = "policy.denied", .org = draft->org, .team = draft->team, .application = json_str(draft->plan, "application"),
                                    .environment = json_str(json_object_get(draft->plan, "environment"), "name"), .actor = draft->actor},
                    err) < 0)
        return -1;
    return audit_write(tx,
                       &(struct audit_row){.org = draft->org, .actor = draft->actor, .team = draft->team, .action = "deployment.accept",
                                           .object = json_str(draft->plan, "application"), .environment = json_str(json_object_get(draft->plan, "environment"), "name"),
                                           .result = "denied", .detail = detail, .request_id = draft->request_id, .source_ip = draft->source_ip},
                       err);
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
