/* Owns how an execution is shown: the plan says which steps there are, the rows say how far they are. In units that read. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "workflow/read_priv.h"
#include "workflow/states.h"
#include <stdio.h>
#include <string.h>

bool read_state_is_final(const char *state)
{
    enum run_state parsed = state ? run_state_parse(state) : RUN_STATES;

    return parsed != RUN_STATES && run_state_is_final(parsed);
}

int read_plan_text(const char *text, const char *id, json_t **out, struct err *err)
{
    struct err why = {0};

    if (text && json_parse(text, strlen(text), "plan", LIMIT_PLAN_BYTES, out, &why) == 0)
        return 0;
    return err_set(err, ERR_STORE_CORRUPT, "the plan of %s cannot be read: %.300s", id, why.msg);
}

const json_t *read_find_planned(const json_t *plan, const char *workflow_id)
{
    const json_t *phase, *workflow;
    size_t i, j;

    json_array_foreach(json_object_get(plan, "phases"), i, phase) json_array_foreach(
        json_object_get(phase, "workflows"), j, workflow) if (str_eq(json_str(workflow, "id"), workflow_id)) return workflow;
    return NULL;
}

/* ---- executions ---- */

static json_t *planned_execution(const json_t *workflow, bool final)
{
    json_t *item = json_object();

    json_set_str(item, "id", json_str(workflow, "id"));
    json_set_str(item, "name", json_str(workflow, "name"));
    json_set_str(item, "tier", json_str(workflow, "tier"));
    json_set_str(item, "phase", json_str(workflow, "phase"));
    json_set_str(item, "state", final ? "canceled" : "queued");
    return item;
}

int read_executions(struct store_tx *tx, const char *deployment_id, const json_t *plan, bool final, json_t **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    const json_t *phase, *workflow;
    json_t *item;
    size_t i, j;
    int more;

    json_array_foreach(json_object_get(plan, "phases"), i, phase) json_array_foreach(json_object_get(phase, "workflows"), j, workflow)
        json_array_append_new(items, planned_execution(workflow, final));
    if (store_query(tx, "SELECT id, state, started_at, finished_at FROM workflow_runs WHERE deployment_id = $1",
                    STORE_ARGS(store_text(deployment_id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_array_foreach(items, i, item) if (str_eq(json_str(item, "id"), store_col_text(rows, 0)))
        {
            read_set_text(item, "state", rows, 1);
            read_set_time(item, "started_at", rows, 2);
            read_set_time(item, "finished_at", rows, 3);
        }
    if (more < 0)
        return -1;
    *out = take_ptr(items);
    return 0;
}

int read_past_executions(struct store_tx *tx, const char *deployment_id, json_t **out, struct err *err)
{
    static const char *const names[] = {"id", "name", "tier", "phase", "state"};
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    int more;

    if (store_query(tx,
                    "SELECT id, name, tier, phase, state, started_at, finished_at FROM workflow_runs WHERE deployment_id = $1 ORDER BY "
                    "position",
                    STORE_ARGS(store_text(deployment_id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item = json_object();

        for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
            read_set_text(item, names[i], rows, i);
        read_set_time(item, "started_at", rows, 5);
        read_set_time(item, "finished_at", rows, 6);
        json_array_append_new(items, item);
    }
    if (more < 0)
        return -1;
    *out = take_ptr(items);
    return 0;
}

/* ---- steps ---- */

static void set_condition(json_t *out, const json_t *planned)
{
    static const char *const keys[] = {"when", "if", "unless"};
    const json_t *condition = json_object_get(planned, "condition");
    char text[1024] = "";
    json_t *shown;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *one = json_str(condition, keys[i]);
        size_t used = strlen(text);

        if (one)
            snprintf(text + used, sizeof text - used, "%s%s%s%s", used ? "; " : "", i ? keys[i] : "", i ? " " : "", one);
    }
    if (!text[0])
        return;
    shown = json_object();
    json_set_str(shown, "text", text);
    json_set_new(out, "condition", shown);
}

static json_t *planned_step(const json_t *planned, const char *workflow_id, bool ended)
{
    json_t *step = json_object();
    json_t *depends = json_object_get(planned, "depends_on");
    json_t *attempts = json_object_get(json_object_get(planned, "retry"), "attempts");

    json_set_str(step, "workflow_id", workflow_id);
    json_set_str(step, "name", json_str(planned, "name"));
    json_set_str(step, "type", json_str(planned, "type"));
    json_set_str(step, "state", ended ? "canceled" : "pending");
    json_set_int(step, "attempt", 0);
    json_set_int(step, "max_attempts", json_is_integer(attempts) ? json_integer_value(attempts) : 1);
    json_set_new(step, "depends_on", json_is_array(depends) ? json_clone(depends) : json_array());
    set_condition(step, planned);
    json_set_flag(step, "idempotent", json_flag(planned, "idempotent", false));
    json_set_str(step, "provisioner", json_str(planned, "provisioner"));
    return step;
}

#define STEP_COLUMNS                                                                                                                       \
    "position, id, state, attempt, max_attempts, started_at, finished_at, retry_at, condition_value, skipped_reason, outputs, error, "     \
    "provisioner, "                                                                                                                        \
    "resource_id"

static int merge_row(struct store_rows *rows, json_t *step, struct err *err)
{
    json_t *condition = json_object_get(step, "condition");
    int64_t started = store_col_int(rows, 5), finished = store_col_int(rows, 6);

    read_set_text(step, "id", rows, 1);
    read_set_text(step, "state", rows, 2);
    read_set_int(step, "attempt", rows, 3);
    read_set_int(step, "max_attempts", rows, 4);
    json_set_time(step, "started_at", started);
    json_set_time(step, "finished_at", finished);
    if (started && finished)
        json_set_int(step, "duration_ms", finished > started ? (finished - started) / US_PER_MS : 0);
    read_set_time(step, "retry_at", rows, 7);
    if (condition && !store_col_null(rows, 8))
        json_set_flag(condition, "value", store_col_int(rows, 8) != 0);
    read_set_text(step, "skipped_reason", rows, 9);
    read_set_text(step, "provisioner", rows, 12);
    read_set_text(step, "resource_id", rows, 13);
    return read_set_json(step, "outputs", rows, 10, err) < 0 || read_set_json(step, "error", rows, 11, err) < 0 ? -1 : 0;
}

static int merge_rows(struct store_tx *tx, const char *workflow_id, json_t *steps, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT " STEP_COLUMNS " FROM steps WHERE workflow_id = $1 ORDER BY position", STORE_ARGS(store_text(workflow_id)),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *step = json_array_get(steps, (size_t)store_col_int(rows, 0));

        if (step && merge_row(rows, step, err) < 0)
            return -1;
    }
    return more;
}

static int merge_execution(struct store_tx *tx, const char *id, json_t *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT state, started_at, finished_at, error FROM workflow_runs WHERE id = $1", STORE_ARGS(store_text(id)), &rows,
                    err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    read_set_text(out, "state", rows, 0);
    read_set_time(out, "started_at", rows, 1);
    read_set_time(out, "finished_at", rows, 2);
    return read_set_json(out, "error", rows, 3, err);
}

int read_execution(struct store_tx *tx, const char *deployment_id, const json_t *planned, bool final, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *workflow = planned_execution(planned, final);
    const char *id = json_str(planned, "id");
    json_t *steps = json_array(), *source = json_object_get(planned, "source");
    const json_t *step;
    size_t i;

    json_set_new(workflow, "steps", steps);
    json_set_str(workflow, "deployment_id", deployment_id);
    json_set_str(workflow, "version", json_str(planned, "version"));
    json_set_str(workflow, "product", json_str(planned, "product"));
    json_set_str(workflow, "reason", json_str(planned, "reason"));
    if (source)
        json_object_set(workflow, "source", source);
    if (merge_execution(tx, id, workflow, err) < 0)
        return -1;
    json_array_foreach(json_object_get(planned, "steps"), i, step)
        json_array_append_new(steps, planned_step(step, id, read_state_is_final(json_str(workflow, "state"))));
    if (merge_rows(tx, id, steps, err) < 0)
        return -1;
    *out = take_ptr(workflow);
    return 0;
}
