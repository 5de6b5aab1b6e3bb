/* What a host does for its server from the first frame to the last: in the plugin-host process, or on a thread of the server for an entry
 * with `isolation: inline`. */
#pragma once
#include "base/err.h"
#include <stdatomic.h>
#include <stdbool.h>

struct sandbox;
struct runner;

struct session {
    int sock, plugin, cancel; /* descriptors; `plugin` is the sealed file */
    const _Atomic int *flag;  /* 1 asks the call to stop */
    bool is_inline;           /* on a thread of the server: nothing is confined, and the end of the server's side ends no process */
    unsigned serial;          /* inline: another number for each */
    /* Confines this process and tells the server what the kernel lacks. NULL: nothing is confined, and that is what is told. */
    int (*confine)(const struct session *s, const struct sandbox *box, struct runner *out, struct err *err);
};

/* Setup, load, calls, close. 0 when the server said so; a refusal is told to the server. */
int session_run(const struct session *s, struct err *err);
