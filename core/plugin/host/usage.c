/* Owns what a host tells of itself when the server asks for it (`innominatus plugin check`): memory in use, descriptors, threads, children.
 * Main thread; between calls. */
#include "base/cleanup.h"
#include "plugin/host/host.h"
#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Of the sanitizers' own allocators, where the program has one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

struct usage {
    DIR *threads, *descriptors; /* opened before the sandbox, which hides /proc */
};

struct usage *usage_open(void)
{
    struct usage *u = calloc(1, sizeof *u);

    if (!u)
        return NULL;
    u->threads = opendir("/proc/self/task");
    u->descriptors = opendir("/proc/self/fd");
    return u;
}

static int count(DIR *dir)
{
    int entries = 0;

    if (!dir)
        return -1;
    rewinddir(dir);
    while (readdir(dir))
        entries++;
    return entries - 2; /* . and .. */
}

static bool has_children(void)
{
    siginfo_t info = {0};

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

json_t *usage_read(const struct usage *u, bool has_runner)
{
    size_t heap =
        __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks + mallinfo2().hblkhd;

    return json_pack("{s:I,s:i,s:i,s:b}", "heap", (json_int_t)heap, "descriptors", count(u->descriptors), "threads", count(u->threads),
                     "children", (int)(!has_runner && has_children())); /* the runner is one, and the filter allows no other */
}
