/* The plugin host: a process that confines itself, loads one vetted plugin and serves its calls over a socket, one at a time.
 * All of it runs on the main thread; a plugin may have threads of its own, which may not call back. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "codec/json.h"
#include "plugin/host/runner.h"
#include <innominatus/provisioner.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- sandbox.c, files.c, mounts.c, seccomp.c ---- */

struct sandbox {
    const char *data_dir, *work_root; /* readable and writable */
    const json_t *grant;              /* see plugin/grant.h */
    bool network, exec;               /* granted permissions */
    int64_t memory_bytes;
};

/* Confines this process for good. `weak` (an array) gets a text for each mechanism that the kernel lacks. With `exec`, *out is the runner;
 * it is made here, and its process does not return. -1 when a mechanism that exists fails. */
int sandbox_enter(const struct sandbox *box, struct runner *out, json_t *weak, struct err *err);
/* Landlock: which files may be read, written and run, and no TCP without `network`. */
int files_enter(const struct sandbox *box, json_t *weak, struct err *err);
/* Makes every file system read-only but for what may be written; says so in `weak` where that cannot be done. */
void mounts_enter(const struct sandbox *box, json_t *weak);
/* The system-call filter; `runner`: that of the process which runs programs, when they are granted. */
int seccomp_enter(const struct sandbox *box, bool runner, struct err *err);

/* ---- programs.c ---- */

#define PROGRAM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Finds a program by its name in PROGRAM_PATH. False when it is not there. */
bool program_in_path(const char *name, char out[static 4096]);
/* Where the program of a command is: `name` is a name or an absolute path. INNO_OK, or a code and in `why` what is missing. */
inno_rc program_find(const struct sandbox *box, const char *name, char out[static 4096], char *why, size_t cap);

/* ---- usage.c: only when the setup asks for it ---- */

struct usage;
/* Before the sandbox. NULL when out of memory. Lives as long as the process. */
struct usage *usage_open(void);
/* {heap: bytes, descriptors, threads, children: bool}; -1 for what cannot be seen. New reference. */
json_t *usage_read(const struct usage *u, bool has_runner);

/* ---- load.c ---- */

struct loaded {
    unsigned serial;        /* set before: with several in one process, another number for each */
    inno_provisioner table; /* cut or zero-filled to our size */
    void *library;
};
/* Loads the plugin from the sealed descriptor and compares its table with the manifest. Errors: ERR_PLUGIN_REFUSED with the reason. */
int load_plugin(int fd, const json_t *manifest, struct loaded *out, struct err *err);
/* Its table is gone then. */
void unload_plugin(struct loaded *l);

/* ---- actions.c: the only file that calls through libffi ---- */

/* The actions of the table must be those of the manifest: names, signatures, names of arguments, `changes`. Errors: ERR_PLUGIN_REFUSED. */
int actions_check(const inno_provisioner *plugin, const json_t *manifest, struct err *err);
/* Calls the action with `arguments`, a list in the order of its signature, which is checked once more. What the action returns, or a
 * failure of the call. Main thread, while a call runs. */
inno_rc action_call(struct inno_call *call, const inno_provisioner *plugin, void *self, const inno_resource *resource, const char *name,
                    const json_t *arguments);

/* ---- calls.c ---- */

/* Inside the server (plugin/inline.c) what a call says is not written to a socket. */
struct call_server {
    void (*take)(struct inno_call *call, json_t *frame); /* steals it */
    bool (*wait_durable)(struct inno_call *call);        /* for the word on the state that was just said */
};

struct inno_call {
    int fd, cancel_fd; /* the socket; readable at cancel */
    struct protocol_input *input;
    const struct call_server *server; /* NULL: at the other end of the socket */
    pthread_t thread;                 /* that serves; host functions are called from here only */
    const char *data_dir, *work_root;
    const struct sandbox *box;
    struct runner runner;         /* sock -1: programs are not granted, or it has ended */
    const _Atomic int *flag;      /* shared with the server: 1 asks the call to stop */
    _Atomic bool active;          /* a slot runs */
    _Atomic(const char *) breach; /* host function that was called from elsewhere */

    /* of the running call */
    int64_t id, deadline_us, poll_ms;
    char *work_dir;
    bool work_made;
    const char *trace_id;
    struct buf out; /* frames that may wait for the next flush */
    size_t log_bytes, output_bytes, hints;
    inno_rc fail_code;
    int fail_retry;
    char fail_text[1024];
    char bad[512];             /* what broke a limit or an encoding; the call fails with it */
    void *memory;              /* chain of host->alloc blocks */
    const struct usage *usage; /* NULL: nobody wants to know */
    const json_t *secrets;     /* {reference: text} of the running call; NULL: none may be opened */
    size_t exec_lines;         /* of programs, in the log */
    bool executing;
};

extern const inno_host host_table;

/* Serves one call frame and sends `done`; ends the process when the server is gone. `self` is the plugin's, set by the op "open". */
void call_serve(struct inno_call *call, const inno_provisioner *plugin, void **self, const json_t *frame);

/* Sends what waits. */
int call_flush(struct inno_call *call, struct err *err);
