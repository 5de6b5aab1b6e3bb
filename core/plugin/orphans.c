/* Owns what a plugin with the permission `exec` has started and left: processes that went into a session of their own outlive the kill of
 * their host's group. A hardened server is their next parent (plugin_harden_server), and has no other children than hosts. Loop thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "plugin/plugin_priv.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SWEEP_US (20LL * 1000) /* between two looks: a killed process takes its time, and its children come up then */

bool orphans_come_here(void)
{
    int subreaper = 0;

    return prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0) == 0 && subreaper;
}

static bool is_host(const struct instance *i, pid_t pid)
{
    for (; i; i = i->next)
        for (const struct host *h = i->hosts; h; h = h->next)
            if (h->pid == pid)
                return true;
    return false;
}

static bool is_ours(struct plugin_manager *m, pid_t pid)
{
    bool ours;

    pthread_mutex_lock(&m->lock);
    ours = is_host(m->instances, pid) || is_host(m->retired, pid);
    pthread_mutex_unlock(&m->lock);
    return ours;
}

static bool sweep_thread(struct plugin_manager *m, const char *thread)
{
    char path[300];
    CLEANUP(close_file) FILE *file = NULL;
    bool found = false;
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%s/children", thread);
    file = fopen(path, "re");
    while (file && fscanf(file, "%d", &pid) == 1) {
        if (is_ours(m, pid))
            continue;
        kill(pid, SIGKILL);
        found = waitpid(pid, NULL, WNOHANG) != pid || found;
    }
    return found;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

int64_t orphans_sweep(struct plugin_manager *m, int64_t now)
{
    CLEANUP(close_dir) DIR *threads = NULL;
    struct dirent *thread;
    bool found = false;

    if (!m->orphans_at_us || now < m->orphans_at_us)
        return m->orphans_at_us ? m->orphans_at_us : TIMER_OFF;
    threads = opendir("/proc/self/task");
    while (threads && (thread = readdir(threads)))
        found = (thread->d_name[0] != '.' && sweep_thread(m, thread->d_name)) || found;
    m->orphans_at_us = found ? now + SWEEP_US : 0;
    return found ? m->orphans_at_us : TIMER_OFF;
}
