/* What the plugin tests share: a manager over fresh directories, one call made and waited for, and what came of it. */
#pragma once
#include "plugin/plugin.h"
#include "test.h"
#include <pthread.h>
#include <string.h>

struct driver {
    struct plugin_manager *manager;
    const char *dir;
};

/* Whether driver_add makes `isolation: inline` of what says nothing: the same tests then run without processes. */
#ifndef DRIVER_INLINE
#define DRIVER_INLINE 0
#endif

/* Time for a call that listens to stop, on a machine that is busy with other things. What does not listen is killed after it. */
#define PATIENT_MS 120000

/* Starts a manager; hosts idle for idle_ms (0: default) are reaped, those that are asked to stop have grace_ms (0: default). */
void driver_start(struct driver *d, int64_t idle_ms, int64_t grace_ms);
/* The same with options of the manager; its directories are always the driver's, and host_path NULL is the real host. */
void driver_start_with(struct driver *d, const struct plugin_manager_options *more);
void driver_stop(struct driver *d);

/* Adds PLUGIN_DIR/<file>.so as instance `file` with its true hash. Fields of `more` that are set are taken over. NULL more: nothing
 * special. */
int driver_add(struct driver *d, const char *file, const struct plugin_entry *more, struct err *err);

/* The sha256 of a file as hex. */
void driver_hash(const char *path, char out[static 65]);

/* One call and everything that came of it; zero it, fill in the first part. */
struct trial {
    const char *instance;
    enum plugin_operation operation;
    const char *type;               /* NULL: that of the instance's first type; of a step: "say" */
    const char *params;             /* JSON, NULL: {} */
    const char *state;              /* JSON text, NULL: none */
    const char *change;             /* resource.operation, NULL: create */
    const char *step;               /* PLUGIN_STEP: its config */
    const char *action, *arguments; /* PLUGIN_ACTION: its name, and JSON, NULL: {} */
    int64_t deadline_ms;
    int checkpoint_answer; /* 0: durable, -1: not durable, 1: never */

    /* results */
    struct driver *driver;
    struct plugin_call *call;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    int dones, checkpoints, progress;
    int outcome;
    int64_t poll_after_ms;
    json_t *outputs, *secrets, *hints, *report;
    char status[32], state_given[4096], logs[65536];
    size_t log_lines;
    struct err err;
};

int trial_start(struct driver *d, struct trial *t, struct err *err);
void trial_wait(struct trial *t);
/* Waits until `text` stands in the log. */
void trial_wait_log(struct trial *t, const char *text);
void trial_fini(struct trial *t);
/* start, wait. Returns the outcome, -1 when it could not start. */
int trial_run(struct driver *d, struct trial *t);

/* The description of an instance (new reference). */
json_t *driver_describe(struct driver *d, const char *instance);
/* How many names a directory has, "." and ".." too; 0: there is none. */
int driver_entries(const char *path);
/* Descriptors that this process has open. */
int driver_descriptors(void);
/* Waits until so many are open again and no child is there: a call is answered a moment before what it used is closed. */
void driver_settle(int descriptors);
/* Children of this process that are there now, zombies included. */
int driver_children(void);
/* Bytes of memory that they hold resident. */
int64_t driver_children_resident(void);
/* Kills them, and returns how many they were. */
int driver_kill_children(void);
/* The path of a program that PATH has; free(). NULL when there is none. */
char *driver_program(const char *name);
