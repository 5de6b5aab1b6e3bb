/* What runs now, read for the resolver in one snapshot. Any thread but the store's. */
#pragma once
#include "base/arena.h"
#include "codec/json.h"
#include "score/score.h"
#include "store/store.h"

/* {revision, first, resources} (plan_build.h) for a Score file in an environment. out: new reference. */
int current_of_score(struct store *store, const char *org, const char *team, const char *environment, const struct score *score,
                     json_t **out, struct err *err);

struct current_application {
    const char *environment, *workload, *product, *spec; /* arena; workload and spec NULL when no Score file is in force */
    bool gone;                                           /* it was deprovisioned there */
};

/* The same for a deletion. `environment` NULL: the only one in which the application lives.
 * Errors: ERR_NOT_FOUND (no such application here), ERR_ENVIRONMENT (it lives in several: their names). */
int current_application(struct store *store, const char *org, const char *team, const char *application, const char *environment,
                        struct arena *arena, struct current_application *out, json_t **out_state, struct err *err);
/* {revision, first, resources: [the one]} of one live resource of a team. Errors: ERR_NOT_FOUND. */
int current_resource(struct store *store, const char *org, const char *team, const char *id, json_t **out, struct err *err);
/* {revision, first, resources} again, for a plan that was made on older facts. */
int current_of_plan(struct store *store, const json_t *plan, json_t **out, struct err *err);
