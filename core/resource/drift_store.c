/* The rows of drift: claims of looks, and what came of them. Runs inside units of work, on store threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "resource/drift.h"
#include "resource/resource_priv.h"
#include <string.h>

#define NEVER_TEXT "9223372036854775807"
#define LOOKED_AT  "live = 1 AND check_at < " NEVER_TEXT /* the words of the index resources_to_check */

int drift_next(struct store_tx *tx, int64_t *out, struct err *err)
{
    return store_query_int(tx, "SELECT COALESCE(min(check_at), " NEVER_TEXT ") FROM resources WHERE " LOOKED_AT, STORE_NO_ARGS, DRIFT_NEVER,
                           out, err);
}

/* ---- claims ---- */

static struct drift_look *read_look(struct store_rows *rows, int64_t until, struct arena *arena)
{
    struct drift_look *look = arena_alloc(arena, sizeof *look);

    *look = (struct drift_look){.row = resource_row_read(rows, arena),
                                .until = until,
                                .since = store_col_int(rows, RESOURCE_COLUMN_COUNT - 1),
                                .failures = (int)store_col_int(rows, RESOURCE_COLUMN_COUNT),
                                .drift = arena_strdup(arena, store_col_text(rows, RESOURCE_COLUMN_COUNT + 1))};
    return look;
}

static int claim_rows(struct store_tx *tx, const char *owner, int64_t now, int64_t until, int most, struct arena *arena,
                      struct drift_look **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char sql[1024];
    int more;

    *out = NULL;
    snprintf(sql, sizeof sql,
             "UPDATE resources SET check_owner = $1, check_at = $2 WHERE id IN (SELECT id FROM resources WHERE " LOOKED_AT
             " AND check_at <= $3 ORDER BY check_at, id LIMIT $4%s) RETURNING " RESOURCE_COLUMNS ", check_failures, drift",
             store_skip_locked(tx));
    if (store_query(tx, sql, STORE_ARGS(store_text(owner), store_int(until), store_int(now), store_int(most)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        struct drift_look *look = read_look(rows, until, arena);

        look->next = *out;
        *out = look;
    }
    return more;
}

/* Does a deployment of one of its applications have the lock? */
static int is_worked_on(struct store_tx *tx, const struct resource_row *row, bool *out, struct err *err)
{
    int64_t count = 0;

    if (store_query_int(tx,
                        "SELECT count(*) FROM application_environments e WHERE e.org = $1 AND e.team = $2 AND e.environment = $3 AND "
                        "e.active_deployment_id IS NOT NULL AND (e.application = $4 OR e.application IN (SELECT f.application FROM "
                        "resource_refs f WHERE f.resource_id = $5))",
                        STORE_ARGS(store_text(row->org), store_text(row->team), store_text(row->environment), store_text(row->application),
                                   store_text(row->id)),
                        0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}

/* 0: it may be looked at; else when it may be asked for again: soon when somebody works on it. What is not as it is wanted waits for a
 * deployment, which gives it a new time. */
static int judge(struct store_tx *tx, const struct resource_row *row, int64_t now, const struct drift_pace *pace, int64_t *out_next,
                 struct err *err)
{
    bool settled = (row->state == RESOURCE_ACTIVE || row->state == RESOURCE_DEGRADED) && row->applied_hash &&
                   str_eq(row->applied_hash, row->target_hash);
    bool busy = false;

    if (row->state == RESOURCE_ORPHANED || row->state == RESOURCE_TERMINATED) {
        *out_next = DRIFT_NEVER;
        return 0;
    }
    if (is_worked_on(tx, row, &busy, err) < 0)
        return -1;
    *out_next = busy ? now + drift_delay_busy(pace) : settled ? 0 : now + pace->interval_us;
    return 0;
}

int drift_claim(struct store_tx *tx, const char *owner, int64_t now, int64_t until, const struct drift_pace *pace, int most,
                struct arena *arena, struct drift_look **out, struct err *err)
{
    struct drift_look *look, *next, *kept = NULL;

    if (claim_rows(tx, owner, now, until, most, arena, &look, err) < 0)
        return -1;
    for (; look; look = next) {
        int64_t put_off = 0;

        next = look->next;
        if (judge(tx, look->row, now, pace, &put_off, err) < 0 || (put_off && drift_release(tx, owner, look, put_off, err) < 0))
            return -1;
        if (put_off)
            continue;
        look->next = kept;
        kept = look;
    }
    *out = kept;
    return 0;
}

#define CLAIMED "id = $1 AND check_owner = $2 AND check_at = $3 AND live = 1"

int drift_holds(struct store_tx *tx, const char *owner, const struct drift_look *look, bool *out, struct err *err)
{
    int64_t count = 0;
    bool busy = false;

    if (store_query_int(tx,
                        "SELECT count(*) FROM resources WHERE " CLAIMED " AND state = $4 AND generation = $5 AND COALESCE(deployment_id, "
                        "'') = COALESCE($6, '')",
                        STORE_ARGS(store_text(look->row->id), store_text(owner), store_int(look->until),
                                   store_text(resource_state_name(look->row->state)), store_int(look->row->generation),
                                   store_text(look->row->deployment_id)),
                        0, &count, err) < 0 ||
        (count && is_worked_on(tx, look->row, &busy, err) < 0))
        return -1;
    *out = count && !busy;
    return 0;
}

int drift_release(struct store_tx *tx, const char *owner, const struct drift_look *look, int64_t next, struct err *err)
{
    return store_exec(tx, "UPDATE resources SET check_owner = NULL, check_at = $4 WHERE " CLAIMED,
                      STORE_ARGS(store_text(look->row->id), store_text(owner), store_int(look->until), store_int(next)), NULL, err);
}

int drift_reclaim(struct store_tx *tx, const char *owner, int64_t now, struct err *err)
{
    return store_exec(
        tx, "UPDATE resources SET check_owner = NULL, check_at = $2 WHERE " LOOKED_AT " AND check_owner = COALESCE($1, check_owner)",
        STORE_ARGS(store_text(owner), store_int(now)), NULL, err);
}

/* ---- what came of a look ---- */

int drift_store_failure(struct store_tx *tx, const char *owner, const struct drift_look *look, const char *error, int64_t next,
                        struct err *err)
{
    return store_exec(
        tx, "UPDATE resources SET check_owner = NULL, check_at = $4, check_failures = check_failures + 1, check_error = $5 WHERE " CLAIMED,
        STORE_ARGS(store_text(look->row->id), store_text(owner), store_int(look->until), store_int(next), store_text(error)), NULL, err);
}

static int write_audit(struct store_tx *tx, const struct resource_row *row, const char *action, const json_t *drift, struct err *err)
{
    CLEANUP(json_put) json_t *detail = json_object();

    json_set_str(detail, "uid", row->uid);
    json_set_str(detail, "application", row->application);
    if (drift) {
        json_set_str(detail, "status", json_str(drift, "status"));
        json_set_str(detail, "reason", json_str(drift, "reason"));
        json_set_int(detail, "differences", (int64_t)json_array_size(json_object_get(drift, "diff")));
    }
    return audit_write(
        tx,
        &(struct audit_row){
            .org = row->org, .team = row->team, .action = action, .object = row->id, .environment = row->environment, .detail = detail},
        err);
}

/* What has changed since the last look is said once. */
static int announce(struct store_tx *tx, const struct drift_look *look, const json_t *drift, struct err *err)
{
    CLEANUP(json_put) json_t *before = look->drift ? json_loads(look->drift, 0, NULL) : NULL;

    if (!drift && !look->since)
        return 0;
    if (drift && look->since && drift_same(before, drift))
        return 0;
    if (resource_event_write(tx, look->row, drift ? "drift" : "drift_cleared", NULL, drift, err) < 0)
        return -1;
    if (drift && look->since) /* it differs in another way than before */
        return 0;
    return write_audit(tx, look->row, drift ? "resource.drift" : "resource.drift_cleared", drift, err);
}

/* What was degraded for another reason than drift does not recover because there is none. */
static int move(struct store_tx *tx, const struct drift_look *look, const json_t *drift, struct err *err)
{
    char reason[300];

    if (!drift)
        return look->since ? resource_move(tx, look->row->id, RESOURCE_EV_RECOVERED, NULL, "it is again as it was applied", err) : 0;
    snprintf(reason, sizeof reason, "drift: %.250s", json_str(drift, "reason") ? json_str(drift, "reason") : json_str(drift, "status"));
    return resource_move(tx, look->row->id, RESOURCE_EV_DEGRADED, NULL, reason, err);
}

int drift_store(struct store_tx *tx, const struct drift_look *look, const char *health, const json_t *drift, int64_t next, struct err *err)
{
    CLEANUP(free_ptr) char *text = drift ? json_text(drift) : NULL;
    int64_t now = clock_now_us(), since = look->since ? look->since : now;

    if (store_exec(
            tx,
            "UPDATE resources SET check_owner = NULL, check_at = $2, checked_at = $3, check_failures = 0, check_error = NULL, health "
            "= $4, drifted_at = $5, drift = $6, error = CASE WHEN CAST($7 AS BIGINT) = 1 THEN NULL ELSE error END WHERE id = $1",
            STORE_ARGS(store_text(look->row->id), store_int(next), store_int(now), store_text(health),
                       drift ? store_int(since) : store_null(), store_text(text), store_int(!drift && look->since)),
            NULL, err) < 0)
        return -1;
    return move(tx, look, drift, err) < 0 ? -1 : announce(tx, look, drift, err);
}

int drift_note(struct store_tx *tx, const struct drift_look *look, const json_t *drift, struct err *err)
{
    CLEANUP(free_ptr) char *text = json_text(drift);

    return store_exec(tx, "UPDATE resources SET drift = $2 WHERE id = $1", STORE_ARGS(store_text(look->row->id), store_text(text)), NULL,
                      err);
}

/* ---- times ---- */

#define SCHEDULE_ROWS 500

struct wish {
    char id[ID_BYTES];
    int64_t at;
};

int drift_schedule(struct store_tx *tx, int64_t latest, int most, int64_t (*next)(void *ctx, const char *annotations), void *ctx,
                   bool *out_left, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct wish wishes[SCHEDULE_ROWS];
    int count = 0, more;

    most = most < SCHEDULE_ROWS ? most : SCHEDULE_ROWS;
    if (store_query(
            tx,
            "SELECT id, annotations FROM resources WHERE live = 1 AND applied_hash IS NOT NULL AND check_owner IS NULL AND (check_at "
            "IS NULL OR (check_at > $1 AND check_at < " NEVER_TEXT ")) ORDER BY id LIMIT $2",
            STORE_ARGS(store_int(latest), store_int(most)), &rows, err) < 0)
        return -1;
    while (count < most && (more = store_next(rows, err)) > 0) {
        snprintf(wishes[count].id, sizeof wishes[count].id, "%s", store_col_text(rows, 0));
        wishes[count++].at = next(ctx, store_col_text(rows, 1));
    }
    store_rows_close(&rows);
    if (count < most && more < 0)
        return -1;
    for (int i = 0; i < count; i++)
        if (store_exec(tx, "UPDATE resources SET check_at = $2 WHERE id = $1",
                       STORE_ARGS(store_text(wishes[i].id), store_int(wishes[i].at)), NULL, err) < 0)
            return -1;
    *out_left = count == most;
    return 0;
}
