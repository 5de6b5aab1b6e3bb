/* What the files of the engine share; never leaves this directory. */
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "net/net.h"
#include "observe/event.h"
#include "plugin/plugin.h"
#include "resource/drift.h"
#include "secret/redact.h"
#include "store/store.h"
#include "workflow/engine.h"
#include "workflow/shape.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define PRIORITIES    3         /* 0 high, 1 normal, 2 low */
#define NEVER         INT64_MAX /* run_at of a task that waits for something else than time */
#define IN_FLIGHT_MAX 512       /* claimed and not finished, plugin calls included */

/* A deployment that runs: its row's constant part and its plan, cached while it is active. Immutable; reference-counted. */
struct run {
    atomic_int refs;
    struct engine *engine; /* whose limits hold */
    struct arena arena;
    char id[ID_BYTES];
    const char *org, *team, *application, *workload, *environment, *environment_type, *product, *kind, *created_by, *trace_id;
    json_t *plan; /* frozen, in the arena: whatever refers to a part of it goes before the run */
    struct shape shape;
    struct run *next; /* in the engine's cache; */
    bool queued;      /* there although it has not started. Both under the engine's lock */
};

struct disposal {
    struct disposal *next;
    void (*free)(struct disposal *d);
};

/* Something that a worker does when it has time, beside the steps. `run` is called once, on a worker, or on any thread with `stopping`. */
struct engine_job {
    struct engine_job *next;
    void (*run)(struct engine_job *job, bool stopping);
};

struct step_work;
typedef void (*step_handler)(struct step_work *work);

#define RUN_CACHE_BUCKETS 256
#define KEPT_BUCKETS      256

struct engine {
    struct engine_options options;
    struct store *store;
    char owner[ID_BYTES]; /* lease owner: this process */
    int workers;
    int64_t capacity;
    int64_t lease_us, margin_us;
    atomic_llong max_running; /* deployments at once (maxConcurrentWorkflows); 0: no limit */

    struct kept *kept[KEPT_BUCKETS]; /* of the store's writer thread alone (engine_present.c) */
    unsigned kept_count;
    int64_t counted_us; /* of the same: when the queue was counted, monotonic (deploy_accept.c) */
    struct {
        int64_t limit, left, until_us;
    } room; /* of the same: so many may start under this limit before they are counted again (engine_admit.c) */

    pthread_mutex_t lock; /* everything below */
    pthread_cond_t wake_dispatcher, wake_worker, wake_idle;
    struct platform *platform;
    bool started, draining, woken, claiming;
    int64_t renew_not_before_us; /* monotonic: after a failed renewal */
    int64_t clock_ahead_us;      /* how far clock_steady_us was ahead of the monotonic clock at most */
    bool renewing, renew_now;    /* a renewal is on its way; one is wanted at once, because something of ours may have been canceled */
    atomic_bool stopping;
    pthread_t dispatcher, *threads;
    int running_threads, idle_workers;
    bool starved;                          /* the dispatcher would claim, but there is no free slot */
    struct step_work *queue, **queue_tail; /* claimed, not yet taken by a worker */
    int queued;
    struct step_work *active; /* all that are claimed and not yet finished */
    int in_flight;
    struct engine_write *again; /* writes that failed and are tried again */
    struct run *runs[RUN_CACHE_BUCKETS];
    int queued_runs;       /* of those, how many wait in the queue */
    int64_t next_due_us;   /* when the next timer fires (clock_steady_us); NEVER: none */
    int64_t lease_mono_us; /* since when everything in flight has a full lease, monotonic */
    int claim_failures;
    unsigned claims, retained_at; /* of the dispatcher alone */
    atomic_uint notices;          /* of new tasks, by this or another server */
    unsigned kicks;               /* how often the dispatcher was told to look again */
    atomic_llong queue_estimate, accepts;
    struct engine_job *jobs, **jobs_tail;
    struct drift_pace pace; /* how often resources are looked at */
    int64_t next_check_us;  /* when the next one is due (clock_steady_us); NEVER: none */
    bool claiming_checks;
    struct check *checks; /* looks that are claimed and not over */
    int checking;
    struct disposal *disposals; /* what workers free, so that the store's thread need not */
    int lua_running;
    struct step_work *lua_waiting, **lua_tail; /* scripts that wait for another one to end */
};

/* ---- runs (engine_cache.c, engine_run.c, engine_end.c) ---- */
int run_load(struct engine *engine, const char *deployment_id, struct run **out, struct err *err);
/* Makes a run from a copy of a plan that is about to be stored. */
int run_make(struct engine *engine, const char *id, const json_t *plan, const char *created_by, const char *trace_id, struct run **out,
             struct err *err);
/* The same of the plan itself, which is frozen: takes over `home`, the arena that all of it lives in. Nothing is taken after an error. */
int run_make_of(struct engine *engine, const char *id, json_t *plan, struct arena *home, const char *created_by, const char *trace_id,
                struct run **out, struct err *err);
struct run *run_ref(struct run *run);
void run_unref(struct run *run);
static inline void run_put(struct run **run)
{
    run_unref(*run);
    *run = NULL;
}
/* Of a deployment that has just started, or (queued) may start soon: only where no other server can start it with another plan. Takes the
 * place of an older one. */
void run_cache_add(struct engine *engine, struct run *run, bool queued);
void run_cache_drop(struct engine *engine, const char *deployment_id);
void run_cache_fini(struct engine *engine);

/* Steps that become ready in a unit and are this engine's at once, with a lease, instead of going through the queue: the transaction that
 * makes them ready is the one that claims them. Zero it; starts_begin() first in the unit (which may run again), starts_end() when its
 * outcome is known. */
#define START_MOST 16 /* in one unit; the others go through the queue */
struct starts {
    struct engine *engine;
    int room;
    int64_t mono, now;
    struct step_work *works, **tail;
    char task_id[ID_BYTES], step_id[ID_BYTES]; /* "": none. Of the first step that starts: its task is there already (run_hand_task) */
    unsigned clock_of; /* 1 + the workflow whose clock goes on from the step that ends to the one that starts; 0: none */
    int64_t clock_left_us;
};
/* leaving: how many works of this engine end with the unit, 0 or 1: so many may take their place in any case. */
void starts_begin(struct starts *starts, struct engine *engine, int leaving);
void starts_end(struct starts *starts, bool committed);
void starts_drop(struct starts *starts);

/* How far a run is. */
struct present {
    enum step_state *states; /* of every planned step, by shape_workflow.first + position */
    bool *started;           /* of every planned execution */
    enum run_state *ended;
    bool found, cancel;
    enum run_state state; /* of the deployment */
};
/* Reads it, or remembers it: on a database that only this process writes, what the last unit left need not be read again. Whoever changes
 * states of a deployment without run_advance() calls present_forget() in the same unit. */
int run_read(struct store_tx *tx, const struct run *run, struct arena *arena, struct present *out, struct err *err);
/* In a unit, when its rows are as `now` says. Nothing is remembered over a rollback (store_tx_epoch). */
void present_keep(struct store_tx *tx, const struct run *run, const struct present *now);
void present_forget(struct engine *engine, const char *deployment_id);
void present_fini(struct engine *engine);
/* What follows from it. */
struct advance_list run_decide(const struct run *run, const struct present *now, struct arena *arena);
/* That, carried out; `now` is what it was, and then what it is. */
int run_advance(struct store_tx *tx, struct run *run, struct present *now, const struct advance_list *list, struct starts *starts,
                bool *out_ended, struct err *err);
/* The first step that the list starts, NULL: none. */
const struct advance *run_first_start(const struct advance_list *list);
/* The task of a step that has ended becomes that of the first step which `list` starts: one row is written anew instead of two. Sets
 * *out_changed to 0 when the claim is not the work's any more; to -1, with nothing done, when no step starts. */
int run_hand_task(struct store_tx *tx, const struct step_work *work, const struct advance_list *list, struct starts *starts,
                  int64_t *out_changed, struct err *err);
/* All three. Sets *out_ended when the deployment is over. starts NULL: what becomes ready stays in the queue. */
int run_continue(struct store_tx *tx, struct run *run, struct starts *starts, bool *out_ended, struct err *err);
/* Moves a queued deployment to running and makes its first steps ready. */
int run_start(struct store_tx *tx, struct run *run, struct starts *starts, bool *out_ended, struct err *err);
/* Hands the application's lock to the oldest deployment that waits for it, or frees it; then fills free slots. */
int run_hand_over(struct store_tx *tx, const struct run *run, struct err *err);
/* The lock is free: it goes to the oldest deployment that waits for it, which may be this one. full: as admit_task(). */
int run_take_lock(struct store_tx *tx, const struct run *run, bool full, struct err *err);
/* Ends a deployment: state, error, the application's state, lock handed to the next one, specs. */
int run_end(struct store_tx *tx, struct run *run, enum run_state state, bool degraded, const char *error_json, struct err *err);
/* Of kind `resource`: it works on one resource, and leaves the application's state and Score file alone. */
static inline bool run_is_act(const struct run *run) { return strcmp(run->kind, "resource") == 0; }
/* What an application is while this deployment runs; NULL: what it was. */
static inline const char *run_busy_state(const struct run *run)
{
    return run_is_act(run) ? NULL : strcmp(run->kind, "delete") == 0 ? "deleting" : "deploying";
}
/* Whether an application is active or degraded, after one of its resources has become well or unwell by itself. */
int run_settle_application(struct store_tx *tx, const char *org, const char *team, const char *application, const char *environment,
                           struct err *err);
/* The steps of deployments that have ended are counted once, for whoever asks for totals: 1 when one ends, -1 before it goes on again. */
int run_add_totals(struct store_tx *tx, const struct run *run, int sign, struct err *err);
int run_event(struct store_tx *tx, const struct run *run, const char *type, const struct shape_step *step, const char *step_id,
              const json_t *data, struct err *err);

/* ---- one claimed task (engine_step.c) ---- */
enum step_outcome { OUTCOME_NONE, OUTCOME_COMPLETED, OUTCOME_SKIPPED, OUTCOME_FAILED, OUTCOME_WAITING, OUTCOME_RELEASED };

struct log_entry {
    struct log_entry *next;
    int64_t at;
    const char *stream, *level;
    char text[];
};

struct step_work {
    struct disposal disposal; /* first */
    struct engine *engine;
    struct run *run;
    struct step_work *next_queued;
    struct step_work *next_active, **link_active;
    struct arena arena;
    struct platform *platform;

    char task_id[ID_BYTES], step_id[ID_BYTES], deployment_id[ID_BYTES];
    const char *org, *team, *application, *environment; /* of the task */
    bool is_deployment;                                 /* a deployment leaving the queue, not a step */
    int64_t fence;
    int64_t run_at; /* since when it was due, where it was claimed from the queue */
    unsigned workflow_position, position;
    const struct shape_workflow *workflow;
    const struct shape_step *step;
    int attempt;
    enum step_state claimed_from; /* ready, waiting; running and canceling: left behind by an earlier process or lease */
    bool interrupted;             /* it may not be repeated, and its effect may have begun */
    bool begun;                   /* the handler has started: from here on there may be effects */
    int64_t started_at;           /* us */
    int64_t deadline_at;          /* of this attempt (clock_steady_us); 0: none */
    int64_t workflow_left_us;     /* what its workflow may still run; NEVER: no timeout */
    int64_t workflow_deadline_at; /* 0: none */
    const char *checkpoint;       /* of an earlier part of the same attempt, NULL */

    json_t *scope;        /* what expressions see */
    json_t *config, *env; /* interpolated */

    atomic_bool cancel; /* tested by Lua; set with `lock` held */
    bool stale;         /* the lease is lost: nothing of it is stored any more */
    pthread_mutex_t lock;
    const char *instance;          /* of the provisioner that was called last, NULL */
    struct plugin_call *call;      /* in flight; under lock */
    atomic_int_least64_t heard_us; /* when its plugin said something last (clock_mono_us) */
    uint64_t request;              /* HTTP in flight, 0: none; under lock */

    struct redactor *redactor;
    struct log_entry *logs, **logs_tail; /* not yet on their way; under lock */
    size_t log_bytes;                    /* under lock */
    atomic_int server_lines;             /* warnings and errors of its plugin that stand in the server's log too */
    struct log_entry *flushing;          /* the batch on its way to the store; under lock */

    bool ended; /* the outcome below is final; under lock */
    enum step_outcome outcome;
    json_t *result; /* COMPLETED: what the step type gave back */
    json_t *outputs;
    const char *skipped_reason;
    int condition_value;        /* -1: no condition */
    struct err err;             /* FAILED; WAITING: why, when it is no wish of the step's */
    json_t *report;             /* FAILED: {plugin, signal, last_logs} */
    json_t *violations;         /* FAILED: of the policies that denied it, NULL */
    int64_t wait_until;         /* WAITING, RELEASED: not before (clock_steady_us) */
    bool keeps_checkpoint;      /* a plugin's step: what host->state kept is there when it is tried again */
    const char *new_checkpoint; /* WAITING */
    const char *resource_id;    /* of a resource step */
    /* Statements of the step type for the finishing transaction; run only when the fence still holds. May be NULL. */
    int (*also)(struct step_work *work, struct store_tx *tx, struct err *err);
    void (*resume)(struct step_work *work); /* goes on on a worker after engine_resume() */
    void *state;                            /* of the handler, in the arena */
    void (*fini)(struct step_work *work);
};

/* Called by handlers, exactly one of them, once; the work is handed over. Any thread. */
void step_complete(struct step_work *work, json_t *result);                    /* steals; NULL: {} */
void step_fail(struct step_work *work, const struct err *err, json_t *report); /* steals the report; may be NULL */
void step_skip(struct step_work *work, const char *reason);
void step_wait(struct step_work *work, int64_t ms, const char *checkpoint);

/* A line of the step's log; redacted, cut at LIMIT_LOG_LINE_BYTES, stored soon. stream: plugin, tool, core. Any thread. */
void step_log(struct step_work *work, const char *stream, const char *level, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Puts the work back into the queue as if it had not been claimed, not before `ms` from now. `why` is for the log. */
void step_release(struct step_work *work, int64_t ms, const struct err *why);
/* The lease is lost before anything happened: the work is dropped. */
void step_abandon(struct step_work *work);
/* What was stored before a call came to `result`: goes on with `resume` on a worker, fails, or is dropped when its lease was lost. */
void step_go_on(struct step_work *work, const struct err *result, void (*resume)(struct step_work *work));
/* Milliseconds this part of the step may still take, at most `most`; less than 1: the deadline has passed. */
int64_t step_remaining_ms(const struct step_work *work, int64_t most);
bool step_has_deadline(const struct step_work *work);
void step_execute(struct step_work *work);    /* on a worker */
void step_finish(struct step_work *work);     /* the outcome is set: stores it once no log batch is on its way (engine_log.c) */
void step_finish_now(struct step_work *work); /* (engine_finish.c) */
int step_logs_store(struct store_tx *tx, const struct step_work *work, const struct log_entry *entries, struct err *err);
void work_free(struct step_work *work);
struct step_work *work_new(struct engine *engine);
json_t *step_error_json(const struct step_work *work);

/* ---- threads (engine.c) ---- */
/* Something that is in nobody's hands any more is freed by a worker: large documents take their time, and the store's thread is waited for
 * by everybody. `d` is the first part of it. */
void engine_dispose(struct engine *engine, struct disposal *d, void (*free_it)(struct disposal *d));
void engine_wake(struct engine *engine);
/* The dispatcher looks again. Lock held. */
void engine_kick(struct engine *engine);
/* Gives a work that was waiting for a callback back to the workers, who call work->resume. Any thread. */
void engine_resume(struct step_work *work);
void engine_work_done(struct step_work *work); /* the work is finished and freed */
/* Puts what a committed unit has claimed, at `mono_us` of the monotonic clock, into the hands of the workers. Lock held. */
void engine_take_works(struct engine *engine, struct step_work *works, int64_t mono_us);

/* ---- claiming (engine_claim.c) ---- */
/* How many more may be claimed. Lock held. */
int engine_free_slots(const struct engine *engine);
void engine_claim(struct engine *engine, int count);
/* A step of a workflow that has a timeout starts: from here on time counts against it. out_left: what there is of it. */
int workflow_clock_start(struct store_tx *tx, const struct shape_workflow *workflow, int64_t *out_left, struct err *err);
/* Is the task still this engine's, under this very claim? In a unit: whatever has side effects asks just before. */
int work_is_ours(struct store_tx *tx, const struct step_work *work, bool *out, struct err *err);

/* ---- leases, cancels (engine_lease.c) ---- */
void engine_renew(struct engine *engine);
/* Takes back what an owner that is gone has left behind. */
int engine_reclaim(struct engine *engine, bool at_start, struct err *err);
/* Asks everything of a deployment that runs in this process to stop. */
void engine_cancel_works(struct engine *engine, const char *deployment_id);
/* Asks everything to stop. Lock held. */
void engine_stop_all(struct engine *engine);
/* Of a drain that began at since_us: asks the calls of provisioners to stop that have said nothing for DRAIN_QUIET_MS and may be repeated.
 * Returns when to look again (clock_mono_us). Engine lock held. */
int64_t engine_stop_quiet(struct engine *engine, int64_t since_us);

/* Removes what was kept for long enough, if anything was written since the last time. On the dispatcher. (engine_retention.c) */
void engine_retain(struct engine *engine);

/* ---- looking at resources (engine_check.c, engine_drift.c) ---- */
struct admin_config;
struct drift_pace engine_pace_of(const struct admin_config *config);
/* When a resource with these annotations that is applied now is looked at next; 0: nobody says, because nobody looks. */
int64_t engine_check_at(struct engine *engine, const char *annotations);
/* A look is due then, or will be when the unit that says so is committed; told too often does no harm. Any thread. */
void engine_check_due(struct engine *engine, int64_t at);
/* At the start, before the threads: resources without a time get one. */
int engine_check_start(struct engine *engine, struct err *err);
/* After a reload. */
void engine_check_set_pace(struct engine *engine, const struct admin_config *config);
/* Starts a claim when something is due. Returns when to come back (monotonic). Lock held; let go meanwhile. */
int64_t engine_check_dispatch(struct engine *engine);
/* Asks every look to stop. Lock held. */
void engine_check_stop(struct engine *engine);
/* Gives a job to the workers. Any thread. */
void engine_post(struct engine *engine, struct engine_job *job, void (*run)(struct engine_job *job, bool stopping));

/* ---- writes that must come through (engine_write.c) ---- */
/* As store_write(), but a storage failure is not the end: the unit is tried again, until it is durable or the engine stops. `done` gets
 * another error at once, and a storage failure when it fails again and again while other writes succeed. */
void engine_write(struct engine *engine, store_unit unit, void *ctx, store_done done);
/* Starts what is due again. Returns when to come back (monotonic, NEVER: nothing waits). Lock held; it is let go meanwhile. */
int64_t engine_write_again(struct engine *engine);
void engine_write_fini(struct engine *engine);

/* ---- how many deployments at once (engine_admit.c) ---- */
/* May another deployment start now? Units. */
int admit_is_full(struct store_tx *tx, struct engine *engine, bool *out, struct err *err);
/* A deployment that waited runs again. Units. */
void admit_place_taken(struct engine *engine);
/* Gives free slots to deployments that wait for one: fair between teams, then the oldest. */
int admit_waiting(struct store_tx *tx, struct engine *engine, struct err *err);
/* A task whose application's lock has come to it: due, or waiting for a slot. full: no slot is free, or the caller looks itself. */
int admit_task(struct store_tx *tx, struct engine *engine, const char *task_id, bool full, struct err *err);
/* A deployment starts: its team has had its turn. */
int admit_note_turn(struct store_tx *tx, const struct run *run, struct err *err);
/* At the start; and after the limit has changed, without waiting (any thread). */
int engine_admit(struct engine *engine, struct err *err);
void engine_admit_later(struct engine *engine);

/* ---- a deployment leaving the queue (engine_start.c) ---- */
void deployment_leave_queue(struct step_work *work);

/* ---- scope and interpolation (step_scope.c) ---- */
int step_scope_load(struct step_work *work, struct err *err);
/* ${metadata...} and ${resources...} as in a Score file. */
int step_expand(struct step_work *work, const json_t *value, json_t **out, struct err *err);
int step_interpolate(struct step_work *work, const json_t *value, const json_t *result, json_t **out, struct err *err);
/* Opens every secret in a value for the one process that uses it; adds them to the redactor. out: new reference. */
int step_open_secrets(struct step_work *work, const json_t *value, json_t **out, struct err *err);
/* Takes the secrets that the step knows out of every text inside a value of its own (json_change_texts). */
void step_redact(struct step_work *work, json_t *value);
/* Looks at what a provisioner answered, before it is stored: outputs may bring no references to secrets, secrets must be such that they can
 * be kept (under `owner`, "resource:ID" or "step:ID"), and an output that holds a secret becomes one. Both may be NULL; *secrets is made
 * when needed. */
int step_check_answer(struct step_work *work, const char *provisioner, const char *owner, json_t *outputs, json_t **secrets,
                      struct err *err);

/* ---- calls to provisioners (step_plugin.c) ---- */

/* Starts a call for the work; log and checkpoints are taken care of; `done` runs on the plugin loop: be short. -1: not started. */
int step_call_plugin(struct step_work *work, struct plugin_request *request, void (*done)(void *ctx, const struct plugin_result *result),
                     struct err *err);

/* ---- step types ---- */
struct step_type {
    const char *name;
    step_handler run;
};
extern const struct step_type builtin_step_types[]; /* closed by a NULL name */
void step_run_resource(struct step_work *work);
void step_run_workload(struct step_work *work);
void step_run_action(struct step_work *work);
void step_run_plugin(struct step_work *work); /* a step type that a plugin brings */
void step_run_http(struct step_work *work);
void step_run_monitoring(struct step_work *work);
void step_run_security(struct step_work *work);
void step_run_cost(struct step_work *work);
void step_run_tagging(struct step_work *work);
