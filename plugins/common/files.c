/* Files of a plugin: made, summed up and removed without following links. Called from the thread of a slot. */
#include "files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH      200 /* of a walk, a descriptor each; what lies deeper is moved up before it is removed, and refused when summed up */
#define MAX_COPY_DEPTH 30

int files_mkdirs(const char *path)
{
    char part[FILES_PATH_BYTES];
    struct stat st;

    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return ENAMETOOLONG;
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return errno;
        if (!slash)
            break;
        *slash = '/';
    }
    /* The directories above the data directory may be out of sight; what counts is that the last one is there. */
    if (lstat(path, &st) != 0)
        return errno;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

struct walk {
    int top; /* of the tree */
    unsigned moved;
};

static int remove_below(struct walk *walk, int dir_fd, int depth);

static int move_to_top(struct walk *walk, int dir_fd, const char *name)
{
    char moved[40];

    for (;;) {
        snprintf(moved, sizeof moved, ".removing-%u", walk->moved++);
        if (renameat(dir_fd, name, walk->top, moved) == 0)
            return 0;
        if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
            return errno;
    }
}

/* Removes one entry of a directory; a directory that lies too deep is moved to the top, where a later round finds it. */
static int remove_entry(struct walk *walk, int dir_fd, const char *name, int depth)
{
    int fd, rc;

    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return errno;
    if (depth >= MAX_DEPTH)
        return move_to_top(walk, dir_fd, name);
    fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, 0) == 0)
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    rc = remove_below(walk, fd, depth + 1);
    if (rc == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        rc = errno;
    return rc;
}

/* Empties a directory; takes over `dir_fd`. At the top it goes round until nothing is left. */
static int remove_below(struct walk *walk, int dir_fd, int depth)
{
    DIR *dir = fdopendir(dir_fd);
    int rc = 0, removed;
    struct dirent *entry;

    if (!dir) {
        close(dir_fd);
        return errno;
    }
    do {
        removed = 0;
        rewinddir(dir);
        while (rc == 0 && (entry = readdir(dir)))
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                rc = remove_entry(walk, dirfd(dir), entry->d_name, depth);
                removed = 1;
            }
    } while (rc == 0 && removed);
    closedir(dir);
    return rc;
}

int files_remove_tree(const char *path)
{
    struct walk walk = {-1, 0};
    int rc, fd;

    walk.top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (walk.top < 0 && (errno == ENOTDIR || errno == ELOOP)) /* a link or a file in its place: that entry alone goes */
        return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
    if (walk.top < 0)
        return errno == ENOENT ? 0 : errno;
    fd = fcntl(walk.top, F_DUPFD_CLOEXEC, 3);
    rc = fd < 0 ? errno : remove_below(&walk, fd, 0);
    close(walk.top);
    if (rc == 0 && rmdir(path) != 0 && errno != ENOENT)
        rc = errno;
    return rc;
}

static int usage_below(const inno_host *host, inno_call *call, int dir_fd, int depth, int64_t *sum)
{
    DIR *dir = fdopendir(dir_fd);
    struct dirent *entry;
    struct stat st;
    int rc = 0;

    if (!dir) {
        close(dir_fd);
        return errno;
    }
    while (rc == 0 && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue; /* an entry that went away meanwhile */
        /* what several names share is counted once */
        *sum += (int64_t)st.st_blocks * 512 / (S_ISDIR(st.st_mode) || st.st_nlink == 0 ? 1 : (int64_t)st.st_nlink);
        if (host->canceled(call))
            rc = ECANCELED;
        else if (S_ISDIR(st.st_mode) && depth >= MAX_DEPTH)
            rc = ELOOP;
        else if (S_ISDIR(st.st_mode)) {
            int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

            if (fd >= 0)
                rc = usage_below(host, call, fd, depth + 1, sum);
            else if (errno != ENOENT)
                rc = errno;
        }
    }
    closedir(dir);
    return rc;
}

int files_usage(const inno_host *host, inno_call *call, const char *path, int64_t *out_bytes)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int64_t sum = 0;
    int rc;

    if (fd < 0)
        return errno;
    rc = usage_below(host, call, fd, 0, &sum);
    if (rc == 0)
        *out_bytes = sum;
    return rc;
}

/* Makes a rename or removal in the directory of `path` durable. */
static int sync_parent(const char *path)
{
    char parent[FILES_PATH_BYTES];
    CLEANUP(close_fd) int fd = -1;

    if (snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path), path) >= (int)sizeof parent)
        return ENAMETOOLONG;
    fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : errno;
}

static int write_whole(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return fsync(fd) == 0 ? 0 : errno;
}

int files_write(const char *path, const char *text, size_t len)
{
    char temporary[FILES_PATH_BYTES + 32];
    CLEANUP(close_fd) int fd = -1;
    int rc;

    snprintf(temporary, sizeof temporary, "%s.%d.new", path, (int)getpid());
    unlink(temporary);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    rc = fd < 0 ? errno : write_whole(fd, text, len);
    if (rc == 0 && rename(temporary, path) != 0)
        rc = errno;
    if (rc != 0) {
        unlink(temporary);
        return rc;
    }
    return sync_parent(path);
}

int files_write_json(const char *path, const json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(1) | JSON_SORT_KEYS);
    int rc;

    if (!text)
        return ENOMEM;
    rc = files_write(path, text, strlen(text));
    explicit_bzero(text, strlen(text));
    free(text);
    return rc;
}

/* ---- copies ---- */

int files_copy(const char *from, const char *to, int64_t *budget)
{
    CLEANUP(close_fd) int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    CLEANUP(close_fd) int out = -1;
    char chunk[32768];
    struct stat st;
    ssize_t got = 0;

    if (in < 0 || fstat(in, &st) != 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return EINVAL;
    if (st.st_size > *budget)
        return EFBIG;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, st.st_mode & S_IXUSR ? 0700 : 0600);
    if (out < 0)
        return errno;
    while ((got = read(in, chunk, sizeof chunk)) > 0) {
        *budget -= got;
        if (*budget < 0)
            return EFBIG;
        for (ssize_t at = 0, n; at < got; at += n)
            if ((n = write(out, chunk + at, (size_t)(got - at))) < 0)
                return errno;
    }
    return got < 0 ? errno : 0;
}

static int copy_below(const char *from, const char *to, bool (*skip)(const char *), int64_t *budget, int depth);

static int copy_entry(const char *from, const char *to, const char *name, bool (*skip)(const char *), int64_t *budget, int depth)
{
    char source[FILES_PATH_BYTES], target[FILES_PATH_BYTES];
    struct stat st;

    if (snprintf(source, sizeof source, "%s/%s", from, name) >= (int)sizeof source ||
        snprintf(target, sizeof target, "%s/%s", to, name) >= (int)sizeof target)
        return ENAMETOOLONG;
    if (lstat(source, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return copy_below(source, target, skip, budget, depth + 1);
    return S_ISREG(st.st_mode) ? files_copy(source, target, budget) : 0;
}

static int copy_below(const char *from, const char *to, bool (*skip)(const char *), int64_t *budget, int depth)
{
    DIR *dir = depth > MAX_COPY_DEPTH ? NULL : opendir(from);
    struct dirent *entry;
    int rc;

    if (!dir)
        return depth > MAX_COPY_DEPTH ? ELOOP : errno;
    rc = mkdir(to, 0700) != 0 && errno != EEXIST ? errno : 0;
    while (rc == 0 && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !skip(entry->d_name)) {
            *budget -= 512; /* empty files count too */
            rc = *budget < 0 ? EFBIG : copy_entry(from, to, entry->d_name, skip, budget, depth);
        }
    closedir(dir);
    return rc;
}

int files_copy_tree(const char *from, const char *to, bool (*skip)(const char *name), int64_t *budget)
{
    return copy_below(from, to, skip, budget, 0);
}

int files_read_json(const char *path, json_t **out)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    json_t *value;
    char *text;
    ssize_t n;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILES_JSON_BYTES)
        return EINVAL;
    text = malloc((size_t)st.st_size + 1);
    if (!text)
        return ENOMEM;
    n = read(fd, text, (size_t)st.st_size);
    value = n >= 0 ? json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    explicit_bzero(text, (size_t)st.st_size);
    free(text);
    if (!json_is_object(value)) {
        json_decref(value);
        return EINVAL;
    }
    *out = value;
    return 0;
}

int files_remove_file(const char *path)
{
    if (unlink(path) == 0)
        return sync_parent(path);
    return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
}

inno_rc files_fail(const inno_host *host, inno_call *call, int number, const char *what, const char *path)
{
    static const int passing[] = {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN, EBUSY, EIO};

    if (number == ECANCELED)
        return host->fail(call, INNO_CANCELED, -1, "stopped while %s %s", what, path);
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (number == passing[i])
            return host->fail(call, INNO_TRANSIENT, -1, "%s %s: %s", what, path, strerror(number));
    return host->fail(call, INNO_FAILED, -1, "%s %s: %s; check owner and mode of the entry's data directory", what, path, strerror(number));
}
