/* Owns the reading of /proc/self. Any thread. */
#include "base/process.h"
#include "base/cleanup.h"
#include "base/io.h"
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROC_BYTES (256u << 10) /* /proc/stat has a line for each processor */

static int read_stat(struct process_usage *out, int64_t *start_ticks, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    const char *at;
    unsigned long user, system;
    long ticks = sysconf(_SC_CLK_TCK);

    if (io_read_file("/proc/self/stat", PROC_BYTES, &text, NULL, err) < 0)
        return -1;
    at = strrchr(text, ')'); /* the name before it may hold anything */
    if (!at ||
        sscanf(at + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %" SCNd64 " %*d %" SCNd64 " %" SCNd64 " %" SCNd64,
               &user, &system, &out->threads, start_ticks, &out->virtual_bytes, &out->resident_bytes) != 6)
        return err_set(err, ERR_IO, "/proc/self/stat cannot be understood");
    out->cpu_seconds = (double)(user + system) / (double)ticks;
    out->resident_bytes *= sysconf(_SC_PAGESIZE);
    return 0;
}

static int read_boot(int64_t *out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    const char *at;

    if (io_read_file("/proc/stat", PROC_BYTES, &text, NULL, err) < 0)
        return -1;
    at = strstr(text, "\nbtime ");
    return at && sscanf(at, " btime %" SCNd64, out) == 1 ? 0 : err_set(err, ERR_IO, "/proc/stat has no btime");
}

static int count_fds(int64_t *out, struct err *err)
{
    DIR *dir = opendir("/proc/self/fd");
    int64_t count = 0;

    if (!dir)
        return err_set_sys(err, ERR_IO, "/proc/self/fd");
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    *out = count - 1; /* without the one that reads */
    return 0;
}

int process_usage_read(struct process_usage *out, struct err *err)
{
    struct process_usage usage = {0};
    struct rlimit limit = {0};
    int64_t boot = 0, start_ticks = 0;

    if (read_stat(&usage, &start_ticks, err) < 0 || read_boot(&boot, err) < 0 || count_fds(&usage.open_fds, err) < 0)
        return -1;
    usage.started = (double)boot + (double)start_ticks / (double)sysconf(_SC_CLK_TCK);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        usage.max_fds = limit.rlim_cur == RLIM_INFINITY ? INT64_MAX : (int64_t)limit.rlim_cur;
    *out = usage;
    return 0;
}
