/* Makes the plan of a deployment (plan.h) from plain inputs: no clock, no I/O, no store; only the ids of its executions are new each time.
 * `plan`, `--dry-run` and `deploy` all come through here. Any thread; one call is one thread's. */
#pragma once
#include "codec/diag.h"
#include "codec/json.h"
#include "config/admin_config.h"
#include "score/score.h"
#include "workflow/catalog.h"

/* What a deployment of kind `resource` does (deploy.h). */
struct plan_act {
    const json_t *row; /* the resource, as in state.resources */
    const char *operation, *reason;
    const json_t *arguments, *drift; /* NULL: none */
    const json_t *fields;            /* what changes, as in plan.changes; NULL: the drift's */
    bool once;                       /* when it was interrupted, it may not be repeated */
};

struct plan_request {
    const struct admin_config *config;
    const struct catalog *catalog;
    const json_t *provisioners;                   /* {entry: manifest} of the ready ones (route.h) */
    const char *kind;                             /* "deploy", "delete", "resource" */
    const char *org, *team;                       /* whose application */
    const char *application, *workload, *product; /* product NULL: none. For "deploy" NULL: taken from the Score file */
    struct config_target environment;             /* config_select_environment() */
    /* The Score file. For "delete" the one in force, or NULL when none is stored. */
    const struct score *score;
    /* What runs now: {revision, first (no completed deployment yet), resources: [{uid, name, type, class, application, workload, params,
     * applied_hash, state, state_version, stateful, protected, provisioner, depends_on, annotations, refs: [{application, workload,
     * name}]}]}: every live resource of the team in this environment that the application refers to or that has a uid of the Score file.
     * NULL: nothing, first. */
    const json_t *state;
    const json_t *parameters;                   /* {name: value}, values may be texts from a command line; NULL: none */
    const json_t *allow_remove, *allow_replace; /* lists of names, NULL: none */
    bool force, supersede, keep_application;
    bool reset;                 /* what actions have set does not hold any more */
    const struct plan_act *act; /* of kind "resource" */
};

/* diags: problems of the Score file by its own name, those of workflow files by theirs; warnings go into the plan too. arena: for texts;
 * the plan needs none of it. out: new reference. Returns -1 with the first problem in err when diags->errors grew. */
int plan_build(const struct plan_request *request, struct arena *arena, struct diag_list *diags, json_t **out, struct err *err);

/* Policies look at what a step of a dry run would do, too: the plan with the config of each step. New reference; its parts are shared with
 * the plan. */
json_t *plan_policy_view(const json_t *plan);

/* Which executions it has, {phases: [{workflows: [{id, name, tier, phase}]}]}, as text (free()). */
char *plan_outline(const json_t *plan);

/* Brings a stored plan up to date with what runs now (`state` as in plan_request): changes, summary, removals. Workflows stay as pinned.
 * Changes `plan` only when it succeeds as far as problems are concerned. Errors: ERR_ENVIRONMENT, and those of changes that may not be
 * (ERR_IMMUTABLE, ERR_PROTECTED, ERR_PARAMS_DISAGREE). */
int plan_refresh(const struct admin_config *config, const json_t *provisioners, json_t *plan, const json_t *state, struct err *err);
