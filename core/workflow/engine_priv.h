/* What the files of the engine share; never leaves this directory. */
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "observe/event.h"
#include "plugin/plugin.h"
#include "secret/redact.h"
#include "store/store.h"
#include "workflow/engine.h"
#include "workflow/shape.h"
#include <pthread.h>
#include <stdatomic.h>

#define NEVER INT64_MAX /* run_at of a task that waits for something else than time */

/* A deployment that runs: its row's constant part and its plan, cached while it is active. Immutable; reference-counted. */
struct run {
    atomic_int refs;
    struct arena arena;
    char id[ID_BYTES];
    const char *org, *team, *application, *workload, *environment, *environment_type, *product, *kind, *created_by, *trace_id;
    json_t *plan;                  /* frozen: whatever refers to a part of it goes before the run */
    struct shape shape;
    struct run *next; /* in the engine's cache */
};

struct step_work;
typedef void (*step_handler)(struct step_work *work);

struct engine {
    struct engine_options options;
    struct store *store;
    char owner[ID_BYTES];          /* lease owner: this process */
    int workers;
    int64_t capacity;

    pthread_mutex_t lock;          /* everything below */
    pthread_cond_t wake_dispatcher, wake_worker, wake_idle;
    struct platform *platform;
    bool started, draining, woken, claiming;
    atomic_bool stopping;
    pthread_t dispatcher, *threads;
    int running_threads;
    struct step_work *queue, **queue_tail; /* claimed, not yet taken by a worker */
    int queued;
    struct step_work *active;      /* all that are claimed and not yet finished */
    int in_flight;
    struct run *runs;
    int64_t next_due_us;           /* when the next timer fires; NEVER: none */
    int64_t renewed_mono_us;       /* last successful lease renewal */
    atomic_llong queue_estimate, accepts;
    int lua_running;
    struct step_work *lua_waiting; /* scripts that wait for another one to end */
};

/* ---- runs (engine_run.c) ---- */
int run_load(struct engine *engine, const char *deployment_id, struct run **out, struct err *err);
/* Makes a run from a plan that is about to be stored. */
int run_make(const char *id, const json_t *plan, const char *created_by, const char *trace_id, struct run **out, struct err *err);
struct run *run_ref(struct run *run);
void run_unref(struct run *run);
static inline void run_put(struct run **run)
{
    run_unref(*run);
    *run = NULL;
}
void run_cache_add(struct engine *engine, struct run *run);
/* Asks everything of a deployment that runs in this process to stop. */
void engine_cancel_works(struct engine *engine, const char *deployment_id);
void run_cache_drop(struct engine *engine, const char *deployment_id);

/* Units: what follows from the present states of a run, carried out. Sets *out_ended when the deployment is over. */
int run_continue(struct store_tx *tx, struct run *run, bool *out_ended, struct err *err);
/* Moves a queued deployment to running and makes its first steps ready. */
int run_start(struct store_tx *tx, struct run *run, bool *out_ended, struct err *err);
/* Ends a deployment: state, error, the application's state, lock handed to the next one, specs. */
/* Hands the application's lock to the oldest deployment that waits for it, or frees it. */
int run_hand_over(struct store_tx *tx, const struct run *run, struct err *err);
int run_end(struct store_tx *tx, struct run *run, enum run_state state, bool degraded, const char *error_json, struct err *err);
int run_event(struct store_tx *tx, const struct run *run, const char *type, const struct shape_step *step, const char *step_id, const json_t *data, struct err *err);

/* ---- one claimed task (engine_step.c) ---- */
enum step_outcome { OUTCOME_NONE, OUTCOME_COMPLETED, OUTCOME_SKIPPED, OUTCOME_FAILED, OUTCOME_WAITING, OUTCOME_RELEASED };

struct log_entry {
    struct log_entry *next;
    int64_t at;
    const char *stream, *level;
    char text[];
};

struct step_work {
    struct engine *engine;
    struct run *run;
    struct step_work *next_queued;
    struct step_work *next_active, **link_active;
    struct arena arena;
    struct platform *platform;

    char task_id[ID_BYTES], step_id[ID_BYTES], deployment_id[ID_BYTES];
    bool is_deployment;            /* a deployment leaving the queue, not a step */
    int64_t fence;
    unsigned workflow_position, position;
    const struct shape_workflow *workflow;
    const struct shape_step *step;
    int attempt;
    bool interrupted;              /* an earlier process or lease was in the middle of it */
    bool was_canceling;
    int64_t started_at, deadline_at, workflow_started_at; /* us; 0: none */
    const char *checkpoint;        /* of an earlier part of the same attempt, NULL */

    json_t *scope;                 /* what expressions see */
    json_t *config, *env;          /* interpolated */

    atomic_bool cancel;            /* tested by Lua; set with `lock` held */
    pthread_mutex_t lock;
    struct plugin_call *call;      /* in flight; under lock */

    struct redactor *redactor;
    struct log_entry *logs, **logs_tail; /* not yet on their way; under lock */
    size_t log_bytes;              /* under lock */
    struct log_entry *flushing;    /* the batch on its way to the store; under lock */

    bool ended;                    /* the outcome below is final; under lock */
    enum step_outcome outcome;
    json_t *result;                /* COMPLETED: what the step type gave back */
    json_t *outputs;
    const char *skipped_reason;
    int condition_value;           /* -1: no condition */
    struct err err;                /* FAILED */
    json_t *report;                /* FAILED: {plugin, signal, last_logs} */
    int64_t wait_until;            /* WAITING: us */
    const char *new_checkpoint;    /* WAITING */
    const char *resource_id;       /* of a resource step */
    /* Statements of the step type for the finishing transaction; run only when the fence still holds. May be NULL. */
    int (*also)(struct step_work *work, struct store_tx *tx, struct err *err);
    void (*resume)(struct step_work *work); /* goes on on a worker after engine_resume() */
    void *state;                   /* of the handler, in the arena */
    void (*fini)(struct step_work *work);
};

/* Called by handlers, exactly one of them, once; the work is handed over. Any thread. */
void step_complete(struct step_work *work, json_t *result);   /* steals; NULL: {} */
void step_fail(struct step_work *work, const struct err *err, json_t *report); /* steals the report; may be NULL */
void step_skip(struct step_work *work, const char *reason);
void step_wait(struct step_work *work, int64_t ms, const char *checkpoint);

/* A line of the step's log; redacted, cut at LIMIT_LOG_LINE_BYTES, stored soon. stream: plugin, tool, core. Any thread. */
void step_log(struct step_work *work, const char *stream, const char *level, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Milliseconds this part of the step may still take, at most `most`; less than 1: the deadline has passed. */
int64_t step_remaining_ms(const struct step_work *work, int64_t most);
void step_execute(struct step_work *work);          /* on a worker */
void step_finish(struct step_work *work);           /* the outcome is set: stores it once no log batch is on its way (engine_log.c) */
void step_finish_now(struct step_work *work);       /* (engine_finish.c) */
int step_logs_store(struct store_tx *tx, const struct step_work *work, const struct log_entry *entries, struct err *err);
void work_free(struct step_work *work);
struct step_work *work_new(struct engine *engine);
json_t *step_error_json(const struct step_work *work);

/* ---- claiming (engine_queue.c) ---- */
int engine_claim(struct engine *engine, int count, struct err *err);
void engine_wake(struct engine *engine);
/* Gives a work that was waiting for a callback back to the workers, who call work->resume. Any thread. */
void engine_resume(struct step_work *work);
void engine_work_done(struct step_work *work);      /* the work is finished and freed */

/* ---- a deployment leaving the queue (engine_start.c) ---- */
void deployment_leave_queue(struct step_work *work);

/* ---- scope and interpolation (step_scope.c) ---- */
int step_scope_load(struct step_work *work, struct err *err);
/* ${metadata...} and ${resources...} as in a Score file. */
int step_expand(struct step_work *work, const json_t *value, json_t **out, struct err *err);
int step_interpolate(struct step_work *work, const json_t *value, const json_t *result, json_t **out, struct err *err);
/* Opens every secret in a value for the one process that uses it; adds them to the redactor. out: new reference. */
int step_open_secrets(struct step_work *work, const json_t *value, json_t **out, struct err *err);

/* ---- calls to provisioners (step_plugin.c) ---- */

/* Starts a call for the work; log and checkpoints are taken care of; `done` runs on the plugin loop: be short. -1: not started. */
int step_call_plugin(struct step_work *work, struct plugin_request *request, void (*done)(void *ctx, const struct plugin_result *result), struct err *err);

/* ---- step types ---- */
struct step_type {
    const char *name;
    step_handler run;
};
extern const struct step_type builtin_step_types[]; /* closed by a NULL name */
void step_run_resource(struct step_work *work);
void step_run_workload(struct step_work *work);
void step_run_plugin(struct step_work *work);       /* a step type that a plugin brings */
void step_run_http(struct step_work *work);
void step_run_monitoring(struct step_work *work);
void step_run_security(struct step_work *work);
void step_run_cost(struct step_work *work);
void step_run_tagging(struct step_work *work);
