/* What a plugin-host process does for its server from the first frame to the last. */
#pragma once
#include "base/err.h"
#include <stdatomic.h>

struct sandbox;
struct runner;

struct session {
    int sock, plugin, cancel; /* descriptors; `plugin` is the sealed file */
    const _Atomic int *flag;  /* 1 asks the call to stop */
    /* Confines this process and tells the server what the kernel lacks. */
    int (*confine)(const struct session *s, const struct sandbox *box, struct runner *out, struct err *err);
};

/* Setup, load, calls, close. 0 when the server said so; a refusal is told to the server. */
int session_run(const struct session *s, struct err *err);
