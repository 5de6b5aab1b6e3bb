/* What the read models of this directory share: executions made of a plan document and the rows that exist of it. */
#pragma once
#include "resource/read_page.h"

/* One row: the query must give `count` columns; out NULL when there is none. Text columns are taken by the caller's function. */
int read_plan_text(const char *text, const char *id, json_t **out, struct err *err);

/* [{id, name, tier, phase, state}] of every planned execution. `final`: the deployment has ended. New reference in out. */
int read_executions(struct store_tx *tx, const char *deployment_id, const json_t *plan, bool final, json_t **out, struct err *err);

/* The same of a deployment that was completed: all of them have rows, so its plan is not needed. */
int read_past_executions(struct store_tx *tx, const char *deployment_id, json_t **out, struct err *err);

/* The execution with all its steps. `planned` is its part of the plan. */
int read_execution(struct store_tx *tx, const char *deployment_id, const json_t *planned, bool final, json_t **out, struct err *err);

/* Finds a planned execution by id (borrowed from the plan), NULL if there is none. */
const json_t *read_find_planned(const json_t *plan, const char *workflow_id);
bool read_state_is_final(const char *state);
