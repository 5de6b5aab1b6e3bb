/* Inside the host: the functions behind host_table that serve.c uses too. */
#pragma once
#include "plugin/host/host.h"

/* Remembers the first reason why the call must fail whatever the slot returns (a limit, an encoding). */
void call_spoil(struct inno_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Queues a frame (stealing it); sends at once when `now` or much waits. */
void call_tell(struct inno_call *call, json_t *frame, bool now);

/* Frees what host->alloc gave. */
void call_free_memory(struct inno_call *call);

/* False when the caller may not call; `name` is then what the server is told. */
bool call_may(struct inno_call *call, const char *name);

/* host->exec (exec.c). */
inno_rc host_exec(inno_call *call, const inno_exec *command, inno_exec_result *out);
