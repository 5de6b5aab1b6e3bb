/* The dead-letter list: steps whose retries are exhausted. Requeue tries one more attempt of such a step and lets its deployment go on from
 * there (states.c: failed -> ready, failed -> running); discard takes it off the list. Both are audited. They wait for the commit: not on
 * HTTP or store threads. */
#pragma once
#include "auth/auth.h"
#include "codec/json.h"

struct engine;

struct dead_letter {
    const struct principal *who;
    const char *deployment_id, *step_id, *task_id; /* of the task, whose team the caller has checked */
    const char *request_id, *source_ip;
};

/* out: {id, state: pending, deployment_id, step_id, attempt}: the attempt that comes. The policies of `deployment` are asked again, those
 * of `step` and `resource` when it starts. Errors: ERR_CONFLICT (not in the list any more; its deployment still runs; a later one was
 * accepted; the application or every slot is taken), ERR_DENIED... of the policies. */
int dead_letter_requeue(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err);
/* out: {id, state: failed, deployment_id, step_id}. Errors: ERR_CONFLICT. */
int dead_letter_discard(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err);
