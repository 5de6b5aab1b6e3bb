/* One look at one resource, on its way through the engine; shared by engine_check.c and engine_drift.c. */
#pragma once
#include "resource/drift.h"
#include "workflow/deploy.h"
#include "workflow/engine_priv.h"

/* What one claim has found, until the last of it has been looked at. */
struct check_batch {
    atomic_int refs;
    struct arena arena;
};

struct check {
    struct engine_job job; /* first */
    struct engine *engine;
    struct check *next, **link; /* in engine->checks, under its lock */
    struct check_batch *batch;  /* the look lives in it */
    struct drift_look *look;
    struct drift_pace pace;
    struct platform *platform;
    struct redactor *redactor;
    pthread_mutex_t lock;
    struct plugin_call *call; /* in flight; under lock */
    bool cancel;              /* under lock */
    enum plugin_operation operation;
    struct err err; /* of the last call; ERR_NONE: it had an answer */
    char *status, *text;
    json_t *outputs, *changes;

    json_t *drift;                   /* what differs, NULL: nothing */
    int repairs;                     /* in a row, the one that is about to begin included */
    struct deployment_draft *draft;  /* of a repair that was denied */
    struct policy_decision decision; /* of the policies at point `resource` */
    const json_t *violations;        /* of whoever denied it; borrowed */
    bool held;                       /* by the unit: the claim was still good */
    char *error;                     /* JSON text, of a look without an answer */
    int64_t next_at;
};

uint32_t check_chance(void);
/* Each hands the check over. On workers. */
void check_store(struct check *check);
void check_store_failure(struct check *check);
void check_release(struct check *check, int64_t next_at);
/* The look is over; frees it. Any thread. */
void check_end(struct check *check);
