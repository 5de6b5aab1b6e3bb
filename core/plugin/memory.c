/* Owns the watch on what a host and all processes below it hold in memory. Loop thread, only while calls run. */
#include "base/cleanup.h"
#include "plugin/plugin_priv.h"
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#define MAX_PROCESSES 256 /* of one host; more are not counted */

static int64_t resident_bytes(pid_t pid)
{
    char path[64];
    CLEANUP(close_file) FILE *file = NULL;
    long long total, resident;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    file = fopen(path, "re");
    if (!file || fscanf(file, "%lld %lld", &total, &resident) != 2)
        return 0;
    return resident * sysconf(_SC_PAGESIZE);
}

/* Appends the children of one thread to the list. */
static size_t add_children(const char *path, pid_t *list, size_t count)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    int child;

    while (file && count < MAX_PROCESSES && fscanf(file, "%d", &child) == 1)
        list[count++] = child;
    return count;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

int64_t host_tree_bytes(pid_t pid)
{
    pid_t list[MAX_PROCESSES] = {pid};
    size_t count = 1;
    int64_t bytes = 0;

    for (size_t at = 0; at < count; at++) {
        char path[64 + 256];
        CLEANUP(close_dir) DIR *threads = NULL;
        struct dirent *thread;

        bytes += resident_bytes(list[at]);
        snprintf(path, sizeof path, "/proc/%d/task", (int)list[at]);
        threads = opendir(path);
        while (threads && (thread = readdir(threads))) {
            snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)list[at], thread->d_name);
            if (thread->d_name[0] != '.')
                count = add_children(path, list, count);
        }
    }
    return bytes;
}
