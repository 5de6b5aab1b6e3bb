/* What a denial leaves behind: the violations, an event and an audit row. Statements; inside units of work. */
#pragma once
#include "codec/json.h"
#include "store/store.h"

struct denial_about {
    const char *org, *team, *actor, *application, *environment;
    const char *deployment_id, *workflow_id, *step_id, *step; /* NULL: none */
    const char *action, *object;                              /* of the audit row */
    const char *request_id, *source_ip;
};

/* Only the violations: what policies warn of without denying it. */
int violations_store(struct store_tx *tx, const struct denial_about *about, const json_t *violations, struct err *err);

/* violations: policy_decision.violations. */
int denial_store(struct store_tx *tx, const struct denial_about *about, const json_t *violations, struct err *err);

struct step_work;
/* The same for work->violations. */
int denial_store_step(struct store_tx *tx, const struct step_work *work, struct err *err);
