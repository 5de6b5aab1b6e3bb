/* Inside the making of plans (plan_*.c, resolve.c): the plan on its way. */
#pragma once
#include "workflow/plan.h"
#include "workflow/plan_build.h"

/* A workflow that will run, and why. */
struct resolved {
    const struct workflow_def *def;
    const char *reason; /* "required by admin-config.yaml:9" */
    bool required, allowed;
    const char *denied; /* why it is not allowed, NULL */
};

struct plan_maker {
    const struct plan_request *q;
    struct arena *arena;
    struct diag_list *diags;
    json_t *hold; /* keeps what borrowed texts live in */
    json_t *plan;
    json_t *resources;               /* plan.resources; borrowed */
    json_t *phases[WORKFLOW_PHASES]; /* lists of executions, in order; borrowed */
    const json_t *rows;              /* state.resources; borrowed, may be NULL */
    const char *application, *workload, *product;
    bool first, deleting;
    struct resolved *workflows; /* in the order of tier, priority, name */
    size_t workflow_count;
    json_t *leaving; /* list of {uid, name, operation, depends_on}: what `removals` or a deletion does; owned by hold */
};

/* A problem of the Score file, at a resource (NULL: the file as a whole). */
void plan_problem(struct plan_maker *m, enum diag_severity severity, enum err_code code, const struct score_resource *at,
                  const char *suggestion, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* A problem of a workflow at a line of its file (the Score file for an application's). */
void plan_workflow_problem(struct plan_maker *m, enum err_code code, const struct workflow_def *def, int64_t line, const char *suggestion,
                           const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* resolve.c: fills m->workflows. */
void plan_resolve(struct plan_maker *m);

/* plan_params.c: the parameters of one workflow (new reference), and those of the request that nobody declares. */
json_t *plan_parameters(struct plan_maker *m, const struct workflow_def *def);
void plan_check_parameters(struct plan_maker *m);

/* plan_workflow.c: one execution (new reference). */
json_t *plan_execution(struct plan_maker *m, const struct resolved *workflow);
/* An execution that the core adds itself: "resources", "workload", "removals". New reference. */
json_t *plan_core_execution(struct plan_maker *m, const char *name, enum workflow_phase phase, const char *reason, json_t *steps);
/* A step of such an execution; steals depends_on and config. */
json_t *plan_core_step(const char *name, const char *type, json_t *depends_on, json_t *config);
/* "product/ecommerce/database-setup" of an execution in the plan; arena. */
const char *plan_execution_title(struct plan_maker *m, const json_t *execution);
bool plan_execution_is(const json_t *execution, const char *title);

/* plan_resources.c: plan.resources and plan.workload_resource, and the executions for them. */
void plan_add_resources(struct plan_maker *m);
json_t *plan_resources_execution(struct plan_maker *m); /* NULL when there is none */
json_t *plan_workload_execution(struct plan_maker *m);
json_t *plan_removals_execution(struct plan_maker *m);
json_t *plan_deletion_workloads(struct plan_maker *m);

/* plan_act.c: all of a plan of kind `resource` but its frame. */
void plan_add_act(struct plan_maker *m);

/* plan_actions.c: a step of type action; says whether it may be repeated. */
void plan_check_action(struct plan_maker *m, const struct workflow_def *def, json_t *step);

/* plan_place.c: expands steps of type resource over the whole plan, says who places what. */
void plan_place(struct plan_maker *m);

/* plan_refs.c: every ${...} of the planned steps whose meaning is known now. */
void plan_check_references(struct plan_maker *m);

/* plan_overrides.c: `overrides` of plan.resources and plan.workload_resource, and plan.overrides, out of what runs now. */
void plan_add_overrides(struct plan_maker *m);
/* The params with the resource's overrides in them; what the workload is made from, as the file says it. New references. */
json_t *plan_wanted_params(const json_t *resource, const json_t *params);
json_t *plan_workload_params(const json_t *spec);
/* The row of state.resources with that uid, NULL. */
const json_t *plan_row_of(const struct plan_maker *m, const char *uid);

/* plan_changes.c: plan.changes, plan.summary, m->leaving. plan_diff.c: the differences of params. */
void plan_add_changes(struct plan_maker *m);
/* Appends {path, from, to} for each difference; texts with placeholders equal anything. New reference. */
json_t *plan_diff(const json_t *before, const json_t *after, const char *prefix);
bool plan_name_listed(const json_t *names, const char *name);

/* plan_cost.c: plan.cost and plan.costs. */
void plan_add_cost(struct plan_maker *m);
void plan_sum_cost(struct plan_maker *m); /* again, by the prices that stand in the plan */
