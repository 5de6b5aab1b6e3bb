/* Files, read whole and written atomically. Any thread; no state. */
#include "base/io.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int io_read_fd(int fd, const char *name, size_t max_bytes, char **out_text, size_t *out_len, struct err *err)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(max_bytes);
    char chunk[16384];
    ssize_t got;

    while ((got = read(fd, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_sys(err, ERR_IO, "%s", name);
        buf_add(&text, chunk, (size_t)got);
        if (text.overflow)
            return err_set(err, ERR_TOO_LARGE, "%s: more than %zu bytes", name, max_bytes);
    }
    if (out_len)
        *out_len = text.len;
    *out_text = buf_take(&text);
    return 0;
}

int io_read_file(const char *path, size_t max_bytes, char **out_text, size_t *out_len, struct err *err)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return err_set_sys(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "%s", path);
    if (fstat(fd, &st) < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s: %s", path, S_ISDIR(st.st_mode) ? "a directory, not a file" : "not a regular file");
    return io_read_fd(fd, path, max_bytes, out_text, out_len, err);
}

int io_open_beneath(int root_fd, const char *relative, int *out_fd, struct err *err)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, root_fd, relative, &how, sizeof how);

    if (fd < 0)
        return err_set_sys(err, ERR_FILE_REFERENCE, "%s", relative);
    *out_fd = (int)fd;
    return 0;
}

int io_write_all(int fd, const void *bytes, size_t len, struct err *err)
{
    const char *at = bytes;

    while (len) {
        ssize_t put = write(fd, at, len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_set_sys(err, ERR_IO, "write");
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

static int sync_parent(const char *path, struct err *err)
{
    CLEANUP(free_ptr) char *dir = mem_strdup(path);
    char *slash = strrchr(dir, '/');
    CLEANUP(close_fd) int fd = -1;

    if (slash)
        slash[slash == dir] = '\0';
    fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    return 0;
}

int io_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err)
{
    CLEANUP(free_ptr) char *temporary = mem_printf("%s.tmp.XXXXXX", path);
    CLEANUP(close_fd) int fd = mkostemp(temporary, O_CLOEXEC);

    if (fd < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    if (io_write_all(fd, bytes, len, err) == 0) {
        if (fchmod(fd, mode) == 0 && fsync(fd) == 0 && rename(temporary, path) == 0)
            return sync_parent(path, err);
        err_set_sys(err, ERR_IO, "%s", path);
    }
    unlink(temporary);
    return -1;
}

int io_mkdirs(const char *path, mode_t mode, struct err *err)
{
    CLEANUP(free_ptr) char *copy = mem_strdup(path);

    for (char *at = copy + 1; *copy; at++) {
        char was = *at;

        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return err_set_sys(err, ERR_IO, "%s", copy);
        if (!was)
            break;
        *at = was;
    }
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int io_remove_tree(const char *path, struct err *err)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
        return err_set_sys(err, ERR_IO, "%s", path);
    return 0;
}

bool io_exists(const char *path) { return access(path, F_OK) == 0; }
