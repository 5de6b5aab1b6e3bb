/* What the kernel knows about this process, for the metrics. */
#pragma once
#include "base/err.h"
#include <stdint.h>

struct process_usage {
    double started, cpu_seconds; /* started: seconds since the epoch */
    int64_t resident_bytes, virtual_bytes, open_fds, max_fds, threads;
};

/* Reads /proc. Any thread. Errors: ERR_IO. */
int process_usage_read(struct process_usage *out, struct err *err);
