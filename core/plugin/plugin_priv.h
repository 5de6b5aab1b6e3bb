/* Inside core/plugin: the manager's objects. Who may touch what:
 * - fields marked [lock] are read and written under manager.lock by any thread;
 * - everything else of hosts and calls belongs to the plugin loop (loop.c), once a call was handed over by the inbox. */
#pragma once
#include "base/buf.h"
#include "crypto/hash.h"
#include "plugin/cgroup.h"
#include "plugin/circuit.h"
#include "plugin/plugin.h"
#include "plugin/spin.h"
#include "plugin/vet.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#define BACKOFF_US      (100LL * 1000) /* before a restart, doubled for each crash in a row */
#define BACKOFF_MOST_US (3LL * 1000000)
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define START_US (120LL * 1000000) /* their hosts start slowly, and their machines are busy */
#else
#define START_US (20LL * 1000000) /* for a host to load its plugin */
#endif
#define GRACE_MS        2000           /* between asking a call to stop and killing it */
#define EXEC_GRACE_MS   12000          /* the same with `exec`: programs may need their time, at most 10 s, to stop in good order */
#define SAMPLE_US       (100LL * 1000) /* of memory, only while calls run */
#define TIMER_OFF       INT64_MAX
#define LAST_LOGS       20
#define DURATIONS       256
#define READ_CHUNK      (64u << 10) /* of what a host says, at once */
#define OUTPUT_KEEP     2048        /* last bytes of a host's standard output and error */
#define MAX_CALL_FRAMES 262144

struct plugin_call {
    struct plugin_call *next;     /* in the instance's queue */
    struct plugin_call *all_next; /* [lock] in manager.calls */
    struct instance *instance;
    struct plugin_call_events events;
    void *ctx;
    enum plugin_operation operation;
    int64_t id, deadline_us, started_us, grace_us; /* grace_us: when the host is killed; 0: not asked to stop */
    struct buf frame;                              /* what is sent to the host; wiped then */
    size_t frame_sent;                             /* bytes of it that are on their way */
    struct host *host;                             /* NULL: queued, or inline */
    struct inline_thread *thread;                  /* [lock] of an inline instance; NULL: queued, or given up */
    struct arena *arena;                           /* inline: the frame as values; taken by the thread */
    json_t *values;
    bool cancel_wanted, cancel_told;        /* wanted: [lock] */
    int checkpoint;                         /* [lock] 0 none, 1 durable, -1 not */
    bool waits_checkpoint, timed_out, sent; /* timed_out: [lock] of an inline one */
    bool probe;                             /* it decides about an open circuit */
    bool full_time; /* it had all the time that the entry allows, or plenty: running out of it is no choice of a step's author */

    /* the result, as it comes in */
    json_t *outputs, *secrets, *hints, *usage;
    char *state, *status, *status_text;
    size_t log_bytes, output_bytes, frames;
    bool log_cut;
    char *last_logs[LAST_LOGS];
    size_t log_count;
};

struct instance {
    struct instance *next; /* [lock] in manager.instances */
    /* constant after plugin_add */
    char *name, *product, *path, *version;
    char fingerprint[CRYPTO_SHA256_HEX]; /* of the whole entry */
    struct vetted vetted;
    json_t *config;
    bool bundled, is_inline;
    int64_t memory_bytes, timeout_ms;
    int max_hosts, processes, cpu_percent;
    /* [lock] */
    enum plugin_state state;
    char reason[600];
    bool removed;
    struct plugin_manager *beside; /* in its list `beside`: prepared, with processes of its own already. NULL: not */
    bool drains;                   /* no entry names it any more, resources do */
    int64_t calls, crashes, recycled, last_crash_us;
    struct breaker circuit;
    struct health health;
    char last_crash[200];
    int host_count, pending; /* processes; calls that are not done */
    struct host *idle;       /* hosts that any thread may give a call to (handover.c) */
    bool weak_known;
    json_t *weak; /* texts of host's sandbox frame */
    int64_t durations_us[DURATIONS];
    size_t duration_count;
    /* the loop's */
    struct host *hosts;
    struct plugin_call *queue, **queue_end;
    int64_t start_after_us; /* [lock] of an inline one */
    char *data_dir;
    /* is_inline, instead of hosts and queue */
    struct inline_thread *threads;
    struct inline_thread *resting;              /* [lock] those that may be given a call */
    struct plugin_call *waiting, **waiting_end; /* [lock] */
};

enum host_phase { HOST_STARTING, HOST_OPENING, HOST_IDLE, HOST_BUSY, HOST_CLOSING, HOST_KILLED };
enum watch_kind { WATCH_WAKE, WATCH_TIMER, WATCH_SOCKET, WATCH_OUTPUT, WATCH_EXIT };

struct watch {
    enum watch_kind kind;
    struct host *host;
};

struct host {
    struct host *next; /* in the instance's list; after its end in manager.dead */
    struct instance *instance;
    enum host_phase phase;
    pid_t pid;
    int pidfd, sock, output, cancel_fd;
    _Atomic int *flag; /* shared page */
    struct watch on_socket, on_output, on_exit;
    struct buf in, out;
    size_t out_sent;
    bool wants_write, counts_as_crash, ended;
    bool closed;              /* the host has closed its connection: it ends, or is made to */
    bool asked;               /* to stop: its flag and descriptor are up */
    bool answered;            /* its call is over: it is given back before `done` runs */
    bool trailing;            /* more bytes follow the frame that is being handled */
    struct err verdict;       /* why this side killed it; what its call then fails with. code 0: it was not killed */
    char signal_name[16];     /* "SIGSEGV" for the report */
    struct plugin_call *call; /* being served, from the start of the process on */
    /* [lock] of the short way (handover.c) */
    struct host *idle_next, *claimed_next;
    struct plugin_call *claimed; /* given by its caller; the loop has not seen it yet */
    bool listed;                 /* in instance.idle */
    int64_t phase_deadline_us, idle_since_us;
    char *work_root;
    char group[CGROUP_PATH_BYTES]; /* its control group; "": none */
    char last_output[OUTPUT_KEEP];
    size_t output_len;
};

struct plugin_manager {
    struct plugin_manager_options options;
    char *host_path, *bundled_dir, *data_dir, *run_dir;
    struct breaker_limits limits;
    struct cgroups cgroups;
    int64_t exec_grace_ms; /* options.grace_ms for instances with `exec` */
    pthread_mutex_t lock;
    pthread_t loop;
    int epoll, wake_fd, timer_fd;
    struct watch on_wake, on_timer;
    /* [lock] */
    bool stopping, attention;             /* attention: a call has cancel_wanted or checkpoint set */
    struct instance *instances, *retired; /* retired: removed, still with calls or hosts */
    struct instance *beside;              /* prepared and started, not yet in force */
    struct plugin_call *inbox, **inbox_end;
    struct plugin_call *calls; /* all that are not done */
    struct host *claimed;      /* hosts with `claimed` set */
    int64_t armed_us;          /* when the timer fires; TIMER_OFF: it is not armed */
    int64_t next_call_id;
    /* the loop's */
    struct spin spin;
    struct host *dead; /* ended in this round of events; freed at its end */
    int64_t next_sample_us;
    int64_t stop_until_us; /* stopping: threads that hang are waited for until then */
    int64_t orphans_at_us; /* when children are looked at that are no hosts; 0: not at all */
    bool keeps_orphans;    /* what hosts leave behind becomes a child of this process */
    unsigned next_host;
    /* directories to wipe, by the janitor thread */
    pthread_t janitor;
    pthread_cond_t has_rubbish; /* with lock */
    struct rubbish *rubbish;
    bool janitor_ends, has_janitor, has_loop; /* ends: with lock */
};

struct rubbish {
    struct rubbish *next;
    bool is_group;
    char path[];
};

/* ---- manager.c ---- */
/* The instance in force of that name, NULL: none. Lock held. */
struct instance *manager_find(struct plugin_manager *m, const char *name);
void manager_wake(struct plugin_manager *m);
void manager_free_instance(struct instance *i);
void manager_discard(struct plugin_manager *m, const char *path, bool is_group); /* wipes a directory soon, on the janitor thread */

/* ---- admit.c ---- */
/* plugin_call_start(); id not 0: a call that was numbered before, which an open circuit does not stop. */
int manager_start_call(struct plugin_manager *m, const struct plugin_request *request, int64_t id, struct plugin_call **out,
                       struct err *err);

/* Lock held: the call is known from here on, and goes to whoever serves its instance, which may end it at once on another thread. */
void manager_hand_over(struct plugin_manager *m, struct plugin_call *c);

/* ---- circuit.c ---- */
void circuit_limits(const struct plugin_breaker_options *options, struct breaker_limits *out);

/* ---- loop.c ---- */
void *loop_run(void *manager);
/* Starts queued calls of an instance on idle or new hosts. */
void loop_dispatch(struct plugin_manager *m, struct instance *i);
/* False: calls of the instance may start. True: *code and `why` say what they fail with. */
bool loop_is_broken(struct plugin_manager *m, const struct instance *i, enum err_code *code, char *why, size_t cap);
void loop_fail_call(struct plugin_manager *m, struct plugin_call *c, enum err_code code, const char *text);
int loop_host_limit(struct plugin_manager *m, const struct instance *i);

/* ---- handover.c: the short way of a call to an idle host ---- */
/* Any thread, lock held: gives the call to an idle host of its instance, if there is one, without waking the loop. */
bool handover_give(struct plugin_manager *m, struct plugin_call *c);
/* Loop thread: makes the calls that were given this way the loop's. _locked: with the lock held. */
void handover_adopt(struct plugin_manager *m);
void handover_adopt_locked(struct plugin_manager *m);
/* Loop thread: an idle host that nobody waits for is offered to callers; taking it back fails when one was faster. */
void handover_offer(struct plugin_manager *m, struct host *h);
bool handover_take_back(struct plugin_manager *m, struct host *h);
/* Lock held: the timer fires at `at_us` or earlier. */
void handover_arm(struct plugin_manager *m, int64_t at_us);

/* ---- host_start.c, hosts.c: processes (loop thread) ---- */
bool host_is_granted(const struct instance *i, const char *permission);
int host_start(struct plugin_manager *m, struct instance *i, struct plugin_call *call, struct err *err);
void host_give_call(struct plugin_manager *m, struct host *h, struct plugin_call *call);
/* send() without blocking or signal. Any thread. */
ssize_t host_send(int sock, const char *bytes, size_t len);
/* True when the host has closed its connection, or said something while nobody asked: it gets no call. */
bool host_is_gone(struct host *h);
/* Makes a call the host's and sends what of its frame was not sent yet. */
void host_adopt_call(struct plugin_manager *m, struct host *h, struct plugin_call *call);
void host_queue_frame(struct plugin_manager *m, struct host *h, const json_t *frame);
void host_flush(struct plugin_manager *m, struct host *h);
void host_read(struct plugin_manager *m, struct host *h);
void host_read_output(struct plugin_manager *m, struct host *h);
/* Asks the running call to stop: sets the shared flag and the descriptor. */
void host_ask_stop(struct host *h);
/* Kills the process group; the exit watch notices the end, and the call then fails with `why`. */
void host_kill(struct host *h, const struct err *why, bool counts_as_crash);
/* Ends it in good order: the plugin's close runs. Killed when that takes longer than the grace. */
void host_close(struct plugin_manager *m, struct host *h);
/* The process has ended: reads what it still said, finishes its call, frees its descriptors, moves it to manager.dead. */
void host_ended(struct plugin_manager *m, struct host *h);
void host_free(struct host *h);
/* Any thread: counts a crash, and keeps the plugin from being started again in a tight circle. `id`: of the call that ran, 0: none. */
void host_count_crash(struct plugin_manager *m, struct instance *i, int64_t id, const char *text);
/* Bytes of resident memory of the process and all below it. */
int64_t host_tree_bytes(pid_t pid);

/* ---- inline.c: `isolation: inline`, calls on threads of the server ---- */
/* Any thread, lock held: gives the call to a thread of its instance that waits for one, or lets it wait; wakes whom it must. */
void inline_give(struct plugin_manager *m, struct plugin_call *c);
/* Any thread, lock held: the call has cancel_wanted set. */
void inline_cancel(struct plugin_manager *m, struct plugin_call *c);
/* Any thread, lock held: c->checkpoint is set. */
void inline_checkpointed(struct plugin_call *c);
/* The thread serves others again: before `done` of the call runs. On that thread. */
void inline_rest(struct plugin_manager *m, struct plugin_call *c);
/* Loop thread: starts threads, ends them, looks at everything that time can change. */
void inline_time(struct plugin_manager *m, struct instance *i, int64_t now, int64_t *next);
/* Loop thread: the manager stops; what runs is asked to. */
void inline_stop(struct plugin_manager *m, struct instance *i);

/* ---- spawn.c: between fork and exec ---- */
struct spawn {
    const char *path, *instance;
    int sock, plugin, cancel, flag, output, null; /* all close-on-exec */
    bool measure;                                 /* what it uses is told after each call */
};
/* Forks; in the child: own session, dies with this thread, empty environment (but for what `measure` needs), no descriptor but those.
 * Returns the pid or -1 with errno. */
pid_t spawn_host(const struct spawn *s);

/* ---- orphans.c: what hosts leave behind (loop thread) ---- */
bool orphans_come_here(void); /* any thread */
/* Kills and reaps what was left, when its time has come. Returns when to call it again, TIMER_OFF: not before a host ends. */
int64_t orphans_sweep(struct plugin_manager *m, int64_t now);

/* ---- answers.c: what a plugin says during a call (the loop, or the thread that runs the call inside the server) ---- */
enum answers_turn { ANSWERS_NONE, ANSWERS_OPEN, ANSWERS_CALL };
/* 0: taken, 1: it is no word of a call, -1 with ERR_PLUGIN_PROTOCOL: the contract is broken. c NULL: nobody wants to know. */
int answers_take(struct plugin_manager *m, struct plugin_call *c, enum answers_turn turn, json_t *frame, struct err *err);
/* A `done` that tells of host functions called from elsewhere: -1 with ERR_PLUGIN_PROTOCOL. */
int answers_breach(const json_t *done, struct err *err);
/* What open has returned becomes the instance's state, and is told to the circuit. False: it failed, with err. */
bool answers_opened(struct plugin_manager *m, struct instance *i, const struct plugin_call *c, int64_t rc, const json_t *fail,
                    struct err *err);
/* The plugin was refused when it was loaded; `why` gets the error. */
void answers_refused(struct plugin_manager *m, struct instance *i, const char *reason, struct err *why);
/* Ends the call by what its slot has returned. */
void answers_verdict(struct plugin_manager *m, struct plugin_call *c, int64_t rc, const json_t *done);

/* ---- frames.c: what a host says (loop thread) ---- */
/* Returns -1 with ERR_PLUGIN_PROTOCOL when the host broke the protocol; the caller kills it. */
int frames_handle(struct plugin_manager *m, struct host *h, json_t *frame, struct err *err);

/* ---- calls.c: building and finishing calls ---- */
struct plugin_call *call_make(struct instance *i, const struct plugin_request *request, int64_t id, struct err *err);
void call_free(struct plugin_call *c);
void call_keep_log(struct plugin_call *c, const char *text);
/* Ends a call: takes it off the lists, counts, calls `done`, frees it. err NULL: outcome as given. signal: name or NULL. */
void call_finish(struct plugin_manager *m, struct plugin_call *c, enum plugin_outcome outcome, int64_t poll_ms, const struct err *err,
                 const char *signal);
/* The manifest lists the slot. */
bool call_has_slot(const struct instance *i, const char *slot);
const char *call_operation_name(enum plugin_operation operation);
