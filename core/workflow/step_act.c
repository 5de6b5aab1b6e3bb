/* Steps of type resource that act on what is there, as a deployment of kind `resource` asks (deploy.h): repair. Its first half; then it
 * goes the way of every other resource step. On workers; the units on store threads. */
#include "base/cleanup.h"
#include "base/str.h"
#include "workflow/step_resource.h"

/* An orphan is nobody's, and what is on its way out is not held up. */
bool resource_step_is_there(const struct resource_row *row)
{
    return row && resource_state_exists(row->state) && row->state != RESOURCE_ORPHANED;
}

static int read_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;
    struct resource_key key = {work->run->org, work->run->team, work->run->environment, rs->uid};

    return resource_find(tx, &key, &work->arena, &rs->row, err);
}

int resource_step_read(struct step_work *work, struct err *err) { return store_read(work->engine->store, read_unit, work, err); }

/* What was applied last, as the policies shall see it. */
static void take_params(struct resource_step *rs)
{
    json_decref(rs->params);
    rs->params = json_loads(rs->row->params, 0, NULL);
    rs->is_workload = str_eq(rs->row->type, "workload");
}

static void nothing_to_do(struct step_work *work, const char *why)
{
    const struct resource_step *rs = work->state;

    step_log(work, "core", "info", "%s: %s", rs->uid, why);
    step_complete(work, rs->row && rs->row->outputs ? json_loads(rs->row->outputs, 0, NULL) : NULL);
}

void resource_step_repair(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (resource_step_read(work, &err) < 0) {
        step_fail(work, &err, NULL);
    } else if (!resource_step_is_there(rs->row)) {
        nothing_to_do(work, "it is not there any more");
    } else {
        take_params(rs);
        resource_step_begin(work);
    }
}

/* The step's row says since its first unit which resource it works on. */
int resource_step_begin_again(struct store_tx *tx, struct step_work *work, struct err *err)
{
    struct resource_step *rs = work->state;
    int64_t begun = 0;

    if (store_query_int(tx, "SELECT count(*) FROM steps WHERE id = $1 AND resource_id = $2",
                        STORE_ARGS(store_text(work->step_id), store_text(rs->row->id)), 0, &begun, err) < 0)
        return -1;
    return resource_begin_again(tx, work->run->id, begun > 0, &work->arena, &rs->row, err);
}

int resource_step_begin_repair(struct store_tx *tx, struct step_work *work, struct err *err)
{
    struct resource_step *rs = work->state;

    rs->gone = !resource_step_is_there(rs->row);
    rs->unchanged = !rs->gone && !rs->row->drifted && !json_flag(work->config, "force", false);
    return rs->gone || rs->unchanged ? 0 : resource_step_begin_again(tx, work, err);
}

void resource_step_repair_begun(struct step_work *work)
{
    struct resource_step *rs = work->state;

    if (rs->gone || rs->unchanged) {
        nothing_to_do(work, rs->gone ? "it is not there any more" : "it does not differ any more, nothing to repair");
        return;
    }
    take_params(rs); /* a deployment may have come before this unit */
    rs->operation_name = "repair";
    rs->check_at = engine_check_at(work->engine, rs->row->annotations);
    resource_step_call(work, PLUGIN_PROVISION);
}
