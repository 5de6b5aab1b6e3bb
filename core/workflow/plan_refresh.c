/* Owns bringing a stored plan up to date when its deployment leaves the queue: workflows and configuration stay as pinned, but what changes
 * and what leaves is worked out again, because deployments before it have changed what runs. Pure but for the ids. On workers. */
#include "base/cleanup.h"
#include "base/id.h"
#include "base/str.h"
#include "workflow/plan_priv.h"
#include <string.h>

/* The execution of the core's with that name, NULL if the plan has none; and how many executions there are. */
static json_t *find_execution(const json_t *plan, const char *name, size_t *out_count)
{
    const json_t *phase;
    json_t *execution, *found = NULL;
    size_t i, k;

    *out_count = 0;
    json_array_foreach(json_object_get(plan, "phases"), i, phase) json_array_foreach(json_object_get(phase, "workflows"), k, execution)
    {
        ++*out_count;
        if (str_eq(json_str(execution, "name"), name) && str_eq(json_str(execution, "tier"), "application") &&
            !json_object_get(execution, "source"))
            found = execution;
    }
    return found;
}

/* What leaves, as an execution; one that is there keeps its id and place. */
static void put_removals(struct plan_maker *m)
{
    CLEANUP(json_put) json_t *fresh = plan_removals_execution(m);
    size_t count;
    json_t *old = find_execution(m->plan, m->deleting ? "resources" : "removals", &count);
    json_t *phases = json_object_get(m->plan, "phases");
    char id[ID_BYTES];

    if (old) {
        json_set_new(old, "steps", fresh ? json_incref(json_object_get(fresh, "steps")) : json_array());
    } else if (fresh) {
        json_set_int(fresh, "position", (int64_t)count);
        json_set_str(fresh, "id", id_new("w", id));
        json_array_append(json_object_get(json_array_get(phases, json_array_size(phases) - 1), "workflows"), fresh);
    }
}

int plan_refresh(const struct admin_config *config, const json_t *provisioners, json_t *plan, const json_t *state, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *hold = json_array();
    CLEANUP(score_put) struct score *score = NULL;
    struct diag_list diags = diag_list_make(&arena, "score.yaml");
    struct score_options options = {0};
    const json_t *flags = json_object_get(plan, "flags");
    struct config_wish wish = {.requested = json_str(json_object_get(plan, "environment"), "name")};
    struct plan_request q = {.config = config,
                             .provisioners = provisioners,
                             .kind = json_str(plan, "kind"),
                             .org = json_str(plan, "org"),
                             .team = json_str(plan, "team"),
                             .state = state,
                             .allow_remove = json_object_get(flags, "allow_remove"),
                             .allow_replace = json_object_get(flags, "allow_replace"),
                             .force = json_flag(flags, "force", false),
                             .reset = json_flag(flags, "reset", false)};
    struct plan_maker m = {
        .q = &q, .arena = &arena, .diags = &diags, .hold = hold, .plan = plan, .resources = json_object_get(plan, "resources")};

    m.application = json_str(plan, "application");
    m.workload = json_str(plan, "workload");
    m.product = json_str(plan, "product");
    m.deleting = str_eq(q.kind, "delete");
    m.first = json_flag(state, "first", false);
    m.rows = json_object_get(state, "resources");
    m.leaving = json_array();
    json_array_append_new(hold, m.leaving);
    if (config_select_environment(config, &wish, &arena, &diags, &q.environment, err) < 0)
        return -1;
    if (str_eq(q.kind, "resource")) { /* what it acts on is looked at when its step runs */
        json_set_int(plan, "revision", json_int(state, "revision", 0));
        return 0;
    }
    if (!m.deleting && score_parse_json(json_object_get(plan, "spec"), &options, &arena, &diags, &score) < 0)
        return diag_to_err(&diags, err);
    q.score = score;
    plan_add_overrides(&m);
    plan_add_changes(&m);
    if (diags.errors)
        return diag_to_err(&diags, err);
    put_removals(&m);
    plan_sum_cost(&m); /* by the prices it was accepted with */
    json_set_flag(plan, "first", m.first);
    json_set_int(plan, "revision", json_int(state, "revision", 0));
    return 0;
}
