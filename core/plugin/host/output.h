/* One output of a program that runs: what is kept of it, and its lines as they come. */
#pragma once
#include "plugin/host/host.h"

struct output {
    struct inno_call *call;
    int fd; /* -1: at its end */
    int32_t stream;
    bool quiet, cut;
    void (*on_line)(void *ctx, int32_t stream, const char *text, uint64_t len);
    void *ctx;
    char *kept; /* at most `most` bytes */
    size_t len, cap, most;
    char *line; /* the one that has not ended */
    size_t line_len, line_cap;
};

void output_init(struct output *o, struct inno_call *call, const inno_exec *command, int32_t stream, size_t most);
/* Reads what is there now; closes `fd` at the end, which is also the end of the last line. */
void output_read(struct output *o);
/* What was kept, as memory of the call, followed by a NUL. */
inno_span output_keep(const struct output *o);
void output_fini(struct output *o);
