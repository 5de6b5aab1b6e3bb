/* The repository of resources: rows, references, history. Runs inside units of work, on store threads and workers. */
#include "resource/resource.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "observe/event.h"
#include "resource/resource_priv.h"
#include "secret/secret_store.h"
#include <string.h>

struct resource_row *resource_row_read(struct store_rows *rows, struct arena *arena)
{
    struct resource_row *row = arena_alloc(arena, sizeof *row);
    const char **texts[] = {&row->org,  &row->team,  &row->environment, &row->uid,     &row->name,
                            &row->type, &row->class, &row->application, &row->workload};
    const char **more[] = {&row->params,       &row->target_hash, &row->prior_params,   &row->applied_hash, &row->outputs,
                           &row->plugin_state, &row->provisioner, &row->plugin_version, &row->deployment_id};

    snprintf(row->id, sizeof row->id, "%s", store_col_text(rows, 0));
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        *texts[i] = arena_strdup(arena, store_col_text(rows, i + 1));
    row->state = resource_state_parse(store_col_text(rows, 10));
    row->generation = store_col_int(rows, 11);
    for (int i = 0; i < (int)(sizeof more / sizeof *more); i++)
        *more[i] = arena_strdup(arena, store_col_text(rows, i + 12));
    row->stateful = store_col_int(rows, 21) != 0;
    row->is_protected = store_col_int(rows, 22) != 0;
    row->product = arena_strdup(arena, store_col_text(rows, 23));
    row->annotations = arena_strdup(arena, store_col_text(rows, 24));
    row->overrides = arena_strdup(arena, store_col_text(rows, 25));
    row->drifted = !store_col_null(rows, 26);
    return row;
}

static int find_one(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, struct arena *arena,
                    struct resource_row **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct resource_row *row;
    int more;

    if (store_query(tx, sql, args, count, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    row = more ? resource_row_read(rows, arena) : NULL;
    if (row && row->state == RESOURCE_STATES)
        return err_set(err, ERR_STORE_CORRUPT, "resource %s has an unknown state", row->id);
    *out = row;
    return 0;
}

int resource_find(struct store_tx *tx, const struct resource_key *key, struct arena *arena, struct resource_row **out, struct err *err)
{
    return find_one(
        tx, "SELECT " RESOURCE_COLUMNS " FROM resources WHERE org = $1 AND team = $2 AND environment = $3 AND uid = $4 AND live = 1",
        STORE_ARGS(store_text(key->org), store_text(key->team), store_text(key->environment), store_text(key->uid)), arena, out, err);
}

int resource_find_id(struct store_tx *tx, const char *org, const char *team, const char *id, struct arena *arena, struct resource_row **out,
                     struct err *err)
{
    return find_one(tx, "SELECT " RESOURCE_COLUMNS " FROM resources WHERE id = $1 AND org = $2 AND team = $3 AND live = 1",
                    STORE_ARGS(store_text(id), store_text(org), store_text(team)), arena, out, err);
}

int resource_event_write(struct store_tx *tx, const struct resource_row *row, const char *word, const char *deployment_id,
                         const json_t *data, struct err *err)
{
    CLEANUP(json_put) json_t *all = data ? json_copy((json_t *)(uintptr_t)data) : json_object();
    char type[64];

    snprintf(type, sizeof type, "resource.%s", word);
    json_set_str(all, "resource", row->name);
    json_set_str(all, "type", row->type);
    return event_write(tx,
                       &(struct event){.type = type,
                                       .org = row->org,
                                       .team = row->team,
                                       .deployment_id = deployment_id,
                                       .resource_id = row->id,
                                       .application = row->application,
                                       .environment = row->environment,
                                       .data = all},
                       err);
}

static int write_history(struct store_tx *tx, const struct resource_row *row, const char *from, const char *to, const char *deployment_id,
                         const char *reason, struct err *err)
{
    if (store_exec(
            tx,
            "INSERT INTO resource_history (resource_id, at, from_state, to_state, deployment_id, reason) VALUES ($1, $2, $3, $4, $5, $6)",
            STORE_ARGS(store_text(row->id), store_int(clock_now_us()), store_text(from), store_text(to), store_text(deployment_id),
                       store_text(reason)),
            NULL, err) < 0)
        return -1;
    return resource_event_write(tx, row, to, deployment_id, NULL, err);
}

#define MOVE "UPDATE resources SET state = $2, deployment_id = COALESCE($3, deployment_id), updated_at = $4 WHERE id = $1"
#define MOVE_ARGS(row, to, deployment_id)                                                                                                  \
    STORE_ARGS(store_text((row)->id), store_text(resource_state_name(to)), store_text(deployment_id), store_int(clock_now_us()))

static int move_row(struct store_tx *tx, const struct resource_row *row, enum resource_event event, const char *deployment_id,
                    const char *reason, struct err *err)
{
    enum resource_state to = resource_next(row->state, event);

    if (to == row->state)
        return 0;
    if (store_exec(tx, MOVE, MOVE_ARGS(row, to, deployment_id), NULL, err) < 0)
        return -1;
    return write_history(tx, row, resource_state_name(row->state), resource_state_name(to), deployment_id, reason, err);
}

/* The same; *in_out becomes the row as it is then. */
static int move_and_reload(struct store_tx *tx, struct resource_row **in_out, enum resource_event event, const char *deployment_id,
                           struct arena *arena, struct err *err)
{
    const struct resource_row *row = *in_out;
    enum resource_state to = resource_next(row->state, event);

    if (to == row->state)
        return find_one(tx, "SELECT " RESOURCE_COLUMNS " FROM resources WHERE id = $1", STORE_ARGS(store_text(row->id)), arena, in_out,
                        err);
    if (find_one(tx, MOVE " RETURNING " RESOURCE_COLUMNS, MOVE_ARGS(row, to, deployment_id), arena, in_out, err) < 0)
        return -1;
    return write_history(tx, row, resource_state_name(row->state), resource_state_name(to), deployment_id, NULL, err);
}

/* Loads by id; a missing row is ERR_NOT_FOUND. */
static int load(struct store_tx *tx, const char *id, struct arena *arena, struct resource_row **out, struct err *err)
{
    if (find_one(tx, "SELECT " RESOURCE_COLUMNS " FROM resources WHERE id = $1", STORE_ARGS(store_text(id)), arena, out, err) < 0)
        return -1;
    return *out ? 0 : err_set(err, ERR_NOT_FOUND, "resource %s is gone", id);
}

int resource_move(struct store_tx *tx, const char *id, enum resource_event event, const char *deployment_id, const char *reason,
                  struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct resource_row *row = NULL;

    if (load(tx, id, &arena, &row, err) < 0)
        return -1;
    return move_row(tx, row, event, deployment_id, reason, err);
}

static int add_ref(struct store_tx *tx, const char *id, const struct resource_target *target, struct err *err)
{
    return store_exec(
        tx, "INSERT INTO resource_refs (resource_id, application, workload, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        STORE_ARGS(store_text(id), store_text(target->application), store_text(target->workload), store_text(target->name)), NULL, err);
}

/* Another application that refers to the row, NULL if there is none. */
static int other_referrer(struct store_tx *tx, const char *id, const char *application, struct arena *arena, const char **out,
                          struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT application FROM resource_refs WHERE resource_id = $1 AND application <> $2 LIMIT 1",
                    STORE_ARGS(store_text(id), store_text(application)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out = more ? arena_strdup(arena, store_col_text(rows, 0)) : NULL;
    return 0;
}

static bool is_moving(enum resource_state state)
{
    return state == RESOURCE_REQUESTED || state == RESOURCE_PROVISIONING || state == RESOURCE_UPDATING || state == RESOURCE_SCALING ||
           state == RESOURCE_TERMINATING;
}

int resource_is_busy(struct store_tx *tx, const struct resource_row *row, const char *deployment_id, bool *out, struct err *err)
{
    int64_t count = 0;

    *out = false;
    if (!is_moving(row->state) || !row->deployment_id || str_eq(row->deployment_id, deployment_id))
        return 0;
    if (store_query_int(tx, "SELECT count(*) FROM deployments WHERE id = $1 AND finished_at IS NULL",
                        STORE_ARGS(store_text(row->deployment_id)), 0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}

static int insert_row(struct store_tx *tx, const struct resource_target *t, struct arena *arena, struct resource_row **out, struct err *err)
{
    char id[ID_BYTES];
    int64_t now = clock_now_us();

    id_new("r", id);
    if (find_one(
            tx,
            "INSERT INTO resources (id, org, team, environment, uid, name, type, class, application, workload, product, state, "
            "params, target_hash, "
            "state_version, provisioner, plugin_version, plugin_sha256, stateful, generation, annotations, protected, depends_on, "
            "deployment_id, "
            "created_at, updated_at, plugin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'requested', $12, $13, $14, $15, $16, "
            "$17, $18, 1, $19, $20, $21, "
            "$22, $23, $23, $24) RETURNING " RESOURCE_COLUMNS,
            STORE_ARGS(store_text(id), store_text(t->key.org), store_text(t->key.team), store_text(t->key.environment),
                       store_text(t->key.uid), store_text(t->name), store_text(t->type), store_text(t->class), store_text(t->application),
                       store_text(t->workload), store_text(t->product), store_text(t->params), store_text(t->target_hash),
                       store_int(t->state_version), store_text(t->provisioner), store_text(t->plugin_version), store_text(t->plugin_sha256),
                       store_int(t->stateful), store_text(t->annotations), store_int(t->is_protected), store_text(t->depends_on),
                       store_text(t->deployment_id), store_int(now), store_text(t->plugin)),
            arena, out, err) < 0)
        return -1;
    return write_history(tx, *out, NULL, "requested", t->deployment_id, NULL, err);
}

static int update_target(struct store_tx *tx, const struct resource_row *row, const struct resource_target *t, struct err *err)
{
    int64_t next = row->generation + !str_eq(row->target_hash, t->target_hash);

    return store_exec(
        tx,
        "UPDATE resources SET params = $2, target_hash = $3, generation = $4, state_version = $5, provisioner = $6, plugin_version = $7, "
        "plugin_sha256 = $8, stateful = $9, annotations = $10, protected = $11, depends_on = $12, deployment_id = $13, updated_at = $14, "
        "name = $15, error = NULL, application = $16, workload = $17, plugin = $18, overrides = $19 WHERE id = $1",
        STORE_ARGS(store_text(row->id), store_text(t->params), store_text(t->target_hash), store_int(next), store_int(t->state_version),
                   store_text(t->provisioner), store_text(t->plugin_version), store_text(t->plugin_sha256), store_int(t->stateful),
                   store_text(t->annotations), store_int(t->is_protected), store_text(t->depends_on), store_text(t->deployment_id),
                   store_int(clock_now_us()), store_text(t->name), store_text(t->application), store_text(t->workload),
                   store_text(t->plugin), store_text(t->overrides)),
        NULL, err);
}

int resource_begin(struct store_tx *tx, const struct resource_target *target, struct arena *arena, struct resource_row **in_out,
                   struct err *err)
{
    struct resource_row *row = *in_out;
    const char *other = NULL;

    if (!row) {
        if (insert_row(tx, target, arena, &row, err) < 0)
            return -1;
    } else {
        if (other_referrer(tx, row->id, target->application, arena, &other, err) < 0)
            return -1;
        if (other && !str_eq(row->target_hash, target->target_hash))
            return err_set(err, ERR_PARAMS_DISAGREE, "%s is shared with application %s, which gives it other params", target->key.uid,
                           other);
        if (update_target(tx, row, target, err) < 0)
            return -1;
    }
    if (move_and_reload(tx, &row, resource_state_exists(row->state) ? RESOURCE_EV_UPDATE : RESOURCE_EV_PROVISION, target->deployment_id,
                        arena, err) < 0 ||
        add_ref(tx, row->id, target, err) < 0)
        return -1;
    *in_out = row;
    return 0;
}

int resource_begin_again(struct store_tx *tx, const char *deployment_id, bool begun, struct arena *arena, struct resource_row **in_out,
                         struct err *err)
{
    const struct resource_row *row = *in_out;

    if (!(begun && str_eq(row->deployment_id, deployment_id)) &&
        store_exec(tx, "UPDATE resources SET generation = generation + 1, deployment_id = $2, error = NULL WHERE id = $1",
                   STORE_ARGS(store_text(row->id), store_text(deployment_id)), NULL, err) < 0)
        return -1;
    return move_and_reload(tx, in_out, RESOURCE_EV_UPDATE, deployment_id, arena, err);
}

const char *resource_row_applied(const struct resource_row *row) { return row->prior_params ? row->prior_params : row->params; }

int resource_begin_params(struct store_tx *tx, struct resource_row *row, const char *params, const char *target_hash, struct arena *arena,
                          struct err *err)
{
    if (store_exec(tx, "UPDATE resources SET params = $2, target_hash = $3 WHERE id = $1",
                   STORE_ARGS(store_text(row->id), store_text(params), store_text(target_hash)), NULL, err) < 0)
        return -1;
    row->params = arena_strdup(arena, params);
    row->target_hash = arena_strdup(arena, target_hash);
    return 0;
}

int resource_take_back(struct store_tx *tx, const char *id, bool well, const char *deployment_id, struct err *err)
{
    if (store_exec(
            tx,
            "UPDATE resources SET params = COALESCE(prior_params, params), target_hash = COALESCE(applied_hash, target_hash) WHERE id = $1",
            STORE_ARGS(store_text(id)), NULL, err) < 0)
        return -1;
    return resource_move(tx, id, well ? RESOURCE_EV_APPLIED : RESOURCE_EV_FAILED, deployment_id, NULL, err);
}

int resource_keep(struct store_tx *tx, const char *id, const struct resource_target *target, struct err *err)
{
    /* the next look stays where it is, unless the annotation has switched looking off or on again; while nobody looks there is none */
    if (store_exec(
            tx,
            "UPDATE resources SET deployment_id = $2, annotations = $3, protected = $4, depends_on = $5, check_at = CASE WHEN CAST($6 AS "
            "BIGINT) = 9223372036854775807 OR check_at IS NULL OR check_at = 9223372036854775807 THEN CAST($6 AS BIGINT) ELSE "
            "check_at END, overrides = $7 WHERE id = $1",
            STORE_ARGS(store_text(id), store_text(target->deployment_id), store_text(target->annotations), store_int(target->is_protected),
                       store_text(target->depends_on), target->check_at ? store_int(target->check_at) : store_null(),
                       store_text(target->overrides)),
            NULL, err) < 0)
        return -1;
    return add_ref(tx, id, target, err);
}

int resource_applied(struct store_tx *tx, const char *id, const struct resource_result *result, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct resource_row *row = NULL;
    enum resource_state to;
    bool drifted;

    if (load(tx, id, &arena, &row, err) < 0)
        return -1;
    drifted = result->keeps_drift && row->drifted;
    to = resource_next(row->state, drifted ? RESOURCE_EV_DEGRADED : RESOURCE_EV_APPLIED);
    if (store_exec(
            tx,
            "UPDATE resources SET applied_hash = target_hash, prior_params = params, outputs = COALESCE($2, outputs), hints = "
            "COALESCE($3, hints), plugin_state = COALESCE($4, plugin_state), health = $5, error = NULL, state = $6, deployment_id = "
            "COALESCE($7, deployment_id), updated_at = COALESCE($8, updated_at), check_at = COALESCE($9, NULLIF(check_at, "
            "9223372036854775807)), check_owner = "
            "NULL, check_failures = 0, check_error = NULL, drifted_at = CASE WHEN CAST($11 AS BIGINT) = 1 THEN drifted_at END, drift = "
            "CASE WHEN CAST($11 AS BIGINT) = 1 THEN drift END, overrides = COALESCE($10, overrides) WHERE id = $1",
            STORE_ARGS(store_text(id), store_text(result->outputs), store_text(result->hints), store_text(result->state),
                       store_text(result->health), store_text(resource_state_name(to)),
                       store_text(to == row->state ? NULL : result->deployment_id),
                       to == row->state ? store_null() : store_int(clock_now_us()),
                       result->check_at ? store_int(result->check_at) : store_null(), store_text(result->overrides), store_int(drifted)),
            NULL, err) < 0)
        return -1;
    if (row->drifted && !drifted && resource_event_write(tx, row, "drift_cleared", result->deployment_id, NULL, err) < 0)
        return -1;
    return to == row->state ? 0
                            : write_history(tx, row, resource_state_name(row->state), resource_state_name(to), result->deployment_id,
                                            result->reason, err);
}

int resource_failed(struct store_tx *tx, const char *id, const char *error_json, const char *deployment_id, struct err *err)
{
    if (store_exec(tx, "UPDATE resources SET error = $2 WHERE id = $1", STORE_ARGS(store_text(id), store_text(error_json)), NULL, err) < 0)
        return -1;
    return resource_move(tx, id, RESOURCE_EV_FAILED, deployment_id, NULL, err);
}

int resource_abandon(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct resource_row *row = NULL;

    if (load(tx, id, &arena, &row, err) < 0)
        return -1;
    if (!is_moving(row->state) || !str_eq(row->deployment_id, deployment_id))
        return 0;
    return move_row(tx, row, RESOURCE_EV_FAILED, deployment_id, "its step was stopped in the middle of the change", err);
}

int resource_set_plugin_state(struct store_tx *tx, const char *id, const char *state, struct err *err)
{
    return store_exec(tx, "UPDATE resources SET plugin_state = $2 WHERE id = $1", STORE_ARGS(store_text(id), store_text(state)), NULL, err);
}

/* Whoever is left is whose it is now. */
static int pass_on(struct store_tx *tx, const char *id, struct err *err)
{
    return store_exec(tx,
                      "UPDATE resources SET application = f.application, workload = f.workload, name = f.name FROM (SELECT application, "
                      "workload, name FROM resource_refs WHERE "
                      "resource_id = $1 ORDER BY application, workload, name LIMIT 1) AS f WHERE resources.id = $1 AND NOT EXISTS (SELECT "
                      "1 FROM resource_refs r WHERE "
                      "r.resource_id = $1 AND r.application = resources.application AND r.workload = resources.workload)",
                      STORE_ARGS(store_text(id)), NULL, err);
}

int resource_unref(struct store_tx *tx, const char *id, const char *application, const char *workload, bool *out_last, struct err *err)
{
    int64_t left = 0;

    if (store_exec(tx,
                   "DELETE FROM resource_refs WHERE resource_id = $1 AND application = $2 AND (workload = $3 OR CAST($3 AS TEXT) IS NULL)",
                   STORE_ARGS(store_text(id), store_text(application), store_text(workload)), NULL, err) < 0 ||
        store_query_int(tx, "SELECT count(*) FROM resource_refs WHERE resource_id = $1", STORE_ARGS(store_text(id)), 0, &left, err) < 0 ||
        (left && pass_on(tx, id, err) < 0))
        return -1;
    *out_last = left == 0;
    return 0;
}

int resource_begin_removal(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err)
{
    return resource_move(tx, id, RESOURCE_EV_REMOVE, deployment_id, NULL, err);
}

int resource_removed(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err)
{
    char owner[ID_BYTES + 16];

    snprintf(owner, sizeof owner, "resource:%s", id);
    if (resource_move(tx, id, RESOURCE_EV_REMOVED, deployment_id, NULL, err) < 0 ||
        store_exec(tx,
                   "UPDATE resources SET live = 0, outputs = NULL, hints = NULL, plugin_state = NULL, applied_hash = NULL WHERE id = $1",
                   STORE_ARGS(store_text(id)), NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM resource_refs WHERE resource_id = $1", STORE_ARGS(store_text(id)), NULL, err) < 0)
        return -1;
    return secret_drop(tx, owner, err);
}

int resource_orphan(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err)
{
    return resource_move(tx, id, RESOURCE_EV_ORPHAN, deployment_id, "left the Score file; kept because it is stateful", err);
}
