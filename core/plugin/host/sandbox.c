/* Owns what the host gives up before the plugin's first instruction: memory beyond its limit, files, network, capabilities, system calls;
 * and makes the runner on the way, which keeps the means to start programs. Main thread, before any other thread exists. */
#include "plugin/host/host.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Root without capabilities is an ordinary user that owns root's files, which Landlock keeps away. */
static int drop_capabilities(struct err *err)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};

    for (int cap = 0; cap < 64; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL)
            break;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) < 0)
        return err_set_sys(err, ERR_IO, "dropping capabilities");
    return 0;
}

/* A backstop above the limit that the server's watch enforces with a clear message: what is taken between two of its looks.
 * RLIMIT_DATA, because RLIMIT_AS kills Go programs and sanitizers, whose shadow memory does not fit either limit. */
static int limit_memory(const struct sandbox *box, struct err *err)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, &limit) < 0)
        return err_set_sys(err, ERR_IO, "limiting memory");
    limit.rlim_cur = (rlim_t)(box->memory_bytes + box->memory_bytes / 4);
    if (!box->exec) /* tools set themselves free of it; the server watches what the whole tree holds */
        limit.rlim_max = limit.rlim_cur;
    if (box->memory_bytes > 0 && setrlimit(RLIMIT_DATA, &limit) < 0)
        return err_set_sys(err, ERR_IO, "limiting memory");
#else
    (void)box;
    (void)err;
#endif
    return 0;
}

/* The runner is confined by all that its host is, but for the filter, which lets it make processes. */
static int make_runner(const struct sandbox *box, struct runner *out, json_t *weak, struct err *err)
{
    bool in_runner = false;

    if (runner_fork(out, &in_runner) < 0)
        return err_set_sys(err, ERR_IO, "the process that runs programs");
    if (in_runner) {
        if (drop_capabilities(err) < 0 || seccomp_enter(box, true, err) < 0)
            _exit(72);
        runner_serve(out->sock, out->has_own_ids);
    }
    if (!out->has_own_ids)
        json_append_str(weak, "process namespace: not to be had; what a program leaves is found by /proc and killed, but not in one go");
    return 0;
}

int sandbox_enter(const struct sandbox *box, struct runner *out, json_t *weak, struct err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set_sys(err, ERR_IO, "no_new_privs");
    mounts_enter(box, weak); /* before the next line, which takes the files of a user namespace away */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return err_set_sys(err, ERR_IO, "PR_SET_DUMPABLE");
    if (limit_memory(box, err) < 0 || files_enter(box, weak, err) < 0 || (box->exec && make_runner(box, out, weak, err) < 0) ||
        drop_capabilities(err) < 0)
        return -1;
    return seccomp_enter(box, false, err);
}
