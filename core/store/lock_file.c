/* Owns the lock file beside a SQLite database: one server for each. Called by store_open, on the opening thread.
 * The lock is flock(2), which the kernel gives back however the process ends; the pid inside is only for the message. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "store/store_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

static int report_holder(int fd, const char *path, struct err *err)
{
    char pid[24] = "";
    ssize_t len = pread(fd, pid, sizeof pid - 1, 0);

    pid[len > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    return err_set(err, ERR_STORE_LOCKED,
                   "the database %s is in use by another server (pid %s); stop that one, or give this one its own --state-dir", path,
                   pid[0] ? pid : "unknown");
}

int lock_file_take(const char *path, int *out_fd, struct err *err)
{
    CLEANUP(free_ptr) char *lock_path = mem_printf("%s.lock", path);
    CLEANUP(close_fd) int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    char pid[24];

    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_STORE, "the directory of the database %s does not exist; create it, or give another --state-dir", path);
    if (fd < 0)
        return err_set_sys(err, errno == ENOSPC ? ERR_STORE_FULL : ERR_STORE, "cannot open %s", lock_path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return report_holder(fd, path, err);
        return err_set_sys(err, ERR_STORE, "cannot lock %s", lock_path);
    }
    snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, strlen(pid), 0) < 0)
        return err_set_sys(err, errno == ENOSPC ? ERR_STORE_FULL : ERR_STORE, "cannot write %s", lock_path);
    *out_fd = take_fd(&fd);
    return 0;
}
