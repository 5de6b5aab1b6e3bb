/* Owns the making of a plan from its inputs, part by part; each part reports its problems and goes on, so that all are found at once. Pure
 * but for the ids. Any thread; one plan is one thread's. */
#include "workflow/plan_build.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"
#include "workflow/plan_priv.h"
#include <string.h>

void plan_problem(struct plan_maker *m, enum diag_severity severity, enum err_code code, const struct score_resource *at,
                  const char *suggestion, const char *fmt, ...)
{
    const char *path = at ? arena_printf(m->arena, "/resources/%s", at->name) : "";
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(m->arena, fmt, ap);
    va_end(ap);
    diag_add(m->diags, severity, code, at ? at->line : 0, at ? at->column : 0, at ? (int)strlen(at->name) : 1, path, suggestion, "%s",
             text);
}

void plan_workflow_problem(struct plan_maker *m, enum err_code code, const struct workflow_def *def, int64_t line, const char *suggestion,
                           const char *fmt, ...)
{
    struct diag *d;
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(m->arena, fmt, ap);
    va_end(ap);
    d = diag_add(m->diags, DIAG_ERROR, code, (int)line, line ? 1 : 0, 1, "", suggestion, "%s%s%s", def ? def->title : "", def ? ": " : "",
                 text);
    if (def && def->file)
        d->file = arena_strdup(m->arena, def->file);
}

/* ---- the frame ---- */

static json_t *list_or_empty(const json_t *list) { return list ? json_clone(list) : json_array(); }

static json_t *flags_of(const struct plan_request *q)
{
    json_t *flags = json_object();

    json_set_flag(flags, "force", q->force);
    json_set_flag(flags, "supersede", q->supersede);
    json_set_flag(flags, "keep_application", q->keep_application);
    if (q->reset)
        json_set_flag(flags, "reset", true);
    json_set_new(flags, "allow_remove", list_or_empty(q->allow_remove));
    json_set_new(flags, "allow_replace", list_or_empty(q->allow_replace));
    return flags;
}

static json_t *admin_of(const struct admin_config *c)
{
    json_t *admin = json_object();

    json_set_str(admin, "defaultCostCenter", c->default_cost_center);
    json_set_str(admin, "defaultRuntime", c->default_runtime);
    if (c->default_budget >= 0)
        json_set_new(admin, "defaultBudget", json_real(c->default_budget));
    return admin;
}

static void add_frame(struct plan_maker *m)
{
    const struct plan_request *q = m->q;

    json_set_str(m->plan, "org", q->org);
    json_set_str(m->plan, "team", q->team);
    json_set_str(m->plan, "application", m->application);
    json_set_str(m->plan, "workload", m->workload);
    json_set_str(m->plan, "product", m->product);
    json_set_str(m->plan, "kind", q->kind);
    json_set_new(m->plan, "environment", json_pack("{s:s,s:s}", "name", q->environment.name, "type", q->environment.type));
    json_set_flag(m->plan, "first", m->first);
    json_set_int(m->plan, "revision", json_int(q->state, "revision", 0));
    json_set_str(m->plan, "config_revision", q->config->revision);
    json_set_new(m->plan, "spec", q->score ? json_clone(q->score->spec) : json_object());
    json_set_new(m->plan, "parameters", q->parameters ? json_clone(q->parameters) : json_object());
    json_set_new(m->plan, "admin", admin_of(q->config));
    json_set_new(m->plan, "flags", flags_of(q));
}

/* ---- phases ---- */

/* Takes the reference; NULL adds nothing. */
static void add_execution(struct plan_maker *m, enum workflow_phase phase, json_t *execution)
{
    if (execution)
        json_array_append_new(m->phases[phase], execution);
}

static void add_workflows(struct plan_maker *m, enum workflow_phase phase)
{
    for (size_t i = 0; i < m->workflow_count; i++)
        if (m->workflows[i].def->phase == phase)
            add_execution(m, phase, plan_execution(m, &m->workflows[i]));
}

static void make_phases(struct plan_maker *m)
{
    json_t *phases = json_array();

    for (size_t i = 0; i < WORKFLOW_PHASES; i++) {
        json_t *phase = json_object();

        m->phases[i] = json_array();
        json_set_str(phase, "phase", workflow_phase_name((enum workflow_phase)i));
        json_set_new(phase, "workflows", m->phases[i]);
        json_array_append_new(phases, phase);
    }
    json_set_new(m->plan, "phases", phases);
}

static void add_phases(struct plan_maker *m)
{
    make_phases(m);
    add_workflows(m, PHASE_PRE);
    add_execution(m, PHASE_DEPLOYMENT, m->deleting ? plan_deletion_workloads(m) : plan_resources_execution(m));
    add_workflows(m, PHASE_DEPLOYMENT);
    add_execution(m, PHASE_DEPLOYMENT, m->deleting ? plan_removals_execution(m) : plan_workload_execution(m));
    add_workflows(m, PHASE_POST);
    if (!m->deleting)
        add_execution(m, PHASE_POST, plan_removals_execution(m));
}

/* Positions over all phases, ids, and what a plan may hold. */
static void number_executions(struct plan_maker *m)
{
    size_t position = 0, steps = 0, i;
    json_t *execution;
    char id[ID_BYTES];

    for (size_t phase = 0; phase < WORKFLOW_PHASES; phase++)
        json_array_foreach(m->phases[phase], i, execution)
        {
            json_set_int(execution, "position", (int64_t)position++);
            json_set_str(execution, "id", id_new("w", id));
            steps += json_array_size(json_object_get(execution, "steps"));
        }
    if (position > LIMIT_WORKFLOWS_PER_PLAN)
        plan_problem(m, DIAG_ERROR, ERR_LIMIT, NULL, NULL, "this deployment would run %zu workflows; the limit is %d", position,
                     LIMIT_WORKFLOWS_PER_PLAN);
    if (steps > LIMIT_STEPS_PER_PLAN)
        plan_problem(m, DIAG_ERROR, ERR_LIMIT, NULL, NULL, "this deployment would run %zu steps; the limit is %d", steps,
                     LIMIT_STEPS_PER_PLAN);
}

/* ---- the whole ---- */

/* An admin who asks for an approval gets it or no deployment: this release has no approval steps, so nothing may pass. */
static void check_approval(struct plan_maker *m)
{
    if (m->q->environment.require_approval)
        plan_problem(m, DIAG_ERROR, ERR_UNSUPPORTED, NULL,
                     "the admin takes requireApproval off this environment, or waits for a release with approval steps",
                     "environment %s requires an approval (%s), and approvals are not available in this release", m->q->environment.name,
                     m->q->config->name);
}

static json_t *warnings_of(const struct plan_maker *m)
{
    CLEANUP(json_put) json_t *all = diag_to_json(m->diags);
    json_t *list = json_array(), *item;
    size_t i;

    json_array_foreach(all, i, item) if (str_eq(json_str(item, "severity"), "warning")) json_array_append(list, item);
    return list;
}

/* What would make a plan that cannot be run is said before any work is put into it. */
static bool is_too_large(struct plan_maker *m)
{
    if (!m->q->score || m->q->score->resource_count <= LIMIT_STEPS_PER_WORKFLOW)
        return false;
    plan_problem(m, DIAG_ERROR, ERR_LIMIT, NULL, "split the application into several Score files", "%zu resources; the limit is %d",
                 m->q->score->resource_count, LIMIT_STEPS_PER_WORKFLOW);
    return true;
}

static void make_act(struct plan_maker *m)
{
    make_phases(m);
    plan_add_act(m);
    number_executions(m);
}

static void make_deployment(struct plan_maker *m)
{
    plan_resolve(m);
    plan_check_parameters(m);
    plan_add_resources(m);
    plan_add_overrides(m);
    plan_add_changes(m);
    add_phases(m);
    plan_place(m);
    plan_check_references(m);
    number_executions(m);
    plan_add_cost(m);
}

static void make(struct plan_maker *m)
{
    if (is_too_large(m))
        return;
    add_frame(m);
    check_approval(m);
    if (m->q->act)
        make_act(m);
    else
        make_deployment(m);
    json_set_new(m->plan, "policies", json_array());
}

static int check_size(const json_t *plan, struct err *err)
{
    if (json_text_most(plan) > LIMIT_PLAN_BYTES)
        return err_set(err, ERR_LIMIT, "the plan is larger than %u bytes: make the Score file or its workflows smaller", LIMIT_PLAN_BYTES);
    return 0;
}

int plan_build(const struct plan_request *request, struct arena *arena, struct diag_list *diags, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *hold = json_array();
    CLEANUP(json_put) json_t *plan = json_object();
    const struct score *score = request->score;
    struct plan_maker m = {.q = request, .arena = arena, .diags = diags, .hold = hold, .plan = plan};
    size_t before = diags->errors;

    m.deleting = str_eq(request->kind, "delete");
    if (!m.deleting && !score && !request->act)
        return err_set(err, ERR_INTERNAL, "a plan of kind %s needs a Score file", request->kind);
    m.application = request->application ? request->application : score ? score->application : NULL;
    m.workload = request->workload ? request->workload : score ? score->name : m.application;
    m.product = request->product ? request->product : score ? score->product : NULL;
    if (!m.application || !m.workload)
        return err_set(err, ERR_INTERNAL, "a plan needs the name of the application");
    m.first = json_flag(request->state, "first", request->state == NULL);
    m.rows = json_object_get(request->state, "resources");
    m.leaving = json_array();
    json_array_append_new(hold, m.leaving);
    make(&m);
    diag_sort(diags);
    if (diags->errors > before)
        return diag_to_err(diags, err);
    json_set_new(plan, "warnings", warnings_of(&m));
    if (check_size(plan, err) < 0)
        return -1;
    *out = take_ptr(plan);
    return 0;
}
