/* What the host and its runner say to each other, over a socket pair. The runner is a process that the host makes before it gives up the
 * means to: it starts programs, passes signals on to them and kills all that they leave. It ends with the host, and everything below it
 * with it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUNNER_TEXT_BYTES (1u << 20) /* path, directory, arguments and environment of one program */

enum runner_kind {
    RUNNER_START = 1, /* host: a = arguments, b = variables, c = bytes of text that follow; three descriptors come with it */
    RUNNER_SIGNAL,    /* host: a = number, for the program's group */
    RUNNER_STARTED,   /* runner: a = 0, or errno */
    RUNNER_ENDED,     /* runner: a = exit code or -1, b = signal; nothing of it is left */
};

struct runner_message {
    int32_t kind, a, b, c;
};

struct runner {
    int sock;         /* -1: none */
    bool has_own_ids; /* a process namespace of its own: nothing below it can outlive it, whatever it does */
};

/* Forks the runner. In the runner: returns 0 with *in_runner true, and the caller confines it and calls runner_serve. Otherwise 0 or -1
 * with errno. Before the process has a second thread. */
int runner_fork(struct runner *out, bool *in_runner);

/* The runner's life. */
_Noreturn void runner_serve(int sock, bool has_own_ids);
