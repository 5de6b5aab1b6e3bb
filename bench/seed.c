/* Seeding by INSERT ... SELECT, in portions that fit a transaction. Main thread. */
#include "seed.h"
#include "store/store.h"

#define PORTION 2000

struct portion {
    const char *id;
    int64_t from, count;
};

#define NUMBERS                                                                                                                            \
    "WITH RECURSIVE n (i) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < CAST($2 AS BIGINT) + CAST($3 AS "      \
    "BIGINT)) "
#define NAME  "'seeded-' || substr('0000000' || n.i, -7)"
#define ID(p) "'" p "-00000000000000000' || substr('000000000' || n.i, -9)"

/* Deployments made before the one they are copies of, a second apart, each of its own application; their executions with them. */
static const char *const statements[] = {
    NUMBERS
    "INSERT INTO deployments (id, org, team, application, workload, environment, environment_type, kind, product, state, revision, "
    "task_id, created_by, created_at, started_at, finished_at, trace_id, spec_sha256, config_revision, summary, cost, warnings, "
    "source, plan) SELECT " ID(
        "d") ", d.org, d.team, " NAME ", " NAME ", d.environment, d.environment_type, d.kind, d.product, "
             "'completed', 1, " ID("t") ", d.created_by, d.created_at - (200000 - n.i) * 1000000, d.created_at - (200000 - n.i) * 1000000, "
                                        "d.created_at - (200000 - n.i) * 1000000 + 900000, d.trace_id, d.spec_sha256, d.config_revision, "
                                        "d.summary, d.cost, d.warnings, "
                                        "d.source, d.plan FROM n JOIN deployments d ON d.id = $1",
    NUMBERS "INSERT INTO applications (org, team, name, product, created_at, updated_at) SELECT d.org, d.team, " NAME ", d.product, "
            "d.created_at, d.created_at FROM n JOIN deployments d ON d.id = $1",
    NUMBERS
    "INSERT INTO application_environments (org, team, application, environment, environment_type, state, revision, deployment_id, "
    "completed, created_at, updated_at) SELECT d.org, d.team, " NAME
    ", d.environment, d.environment_type, 'active', 1, " ID("d") ", 1, d.created_at, d.created_at FROM n JOIN deployments d ON d.id = $1",
    NUMBERS "INSERT INTO workflow_runs (id, deployment_id, position, name, tier, phase, state, started_at, finished_at) SELECT " ID(
        "w") " || w.position, " ID("d") ", w.position, w.name, w.tier, w.phase, 'completed', w.started_at, w.started_at FROM n JOIN "
                                        "workflow_runs w ON w.deployment_id = $1",
};

static int seed_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct portion *p = ctx;
    int64_t made = 0;

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (store_exec(tx, statements[i], STORE_ARGS(store_text(p->id), store_int(p->from), store_int(p->count)), &made, err) < 0)
            return -1;
        if (i == 0 && made != p->count)
            return err_set(err, ERR_NOT_FOUND, "there is no deployment %s to copy", p->id);
    }
    return 0;
}

int seed_deployments(const char *database_url, const char *id, int64_t count, struct err *err)
{
    struct store *store = NULL;
    int rc = 0;

    if (store_open(&(struct store_options){.url = database_url}, &store, err) < 0)
        return -1;
    for (int64_t from = 0; rc == 0 && from < count; from += PORTION)
        rc = store_write_wait(store, seed_unit, &(struct portion){id, from, count - from < PORTION ? count - from : PORTION}, err);
    store_close(store);
    return rc;
}
