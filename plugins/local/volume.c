/* volume {size, mode} -> path, source: a directory. The size is a promise that status watches, not a quota of the file system. */
#include "local.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_SIZE "1Gi"
#define DEFAULT_MODE "0755"

struct volume {
    int64_t size;
    mode_t mode;
    const char *size_text;
};

/* The text at a member, `fallback` when it is absent, NULL when it is something else. */
static const char *text_of(const json_t *params, const char *key, const char *fallback)
{
    const json_t *value = json_object_get(params, key);

    return value ? json_string_value(value) : fallback;
}

static bool parse(const json_t *params, struct volume *out)
{
    const char *mode = text_of(params, "mode", DEFAULT_MODE);

    out->size_text = text_of(params, "size", DEFAULT_SIZE);
    if (!out->size_text || !mode || strlen(mode) < 3 || strlen(mode) > 4 || strspn(mode, "01234567") != strlen(mode) ||
        (mode[3] && mode[0] != '0'))
        return false;
    out->size = local_quantity(out->size_text);
    out->mode = (mode_t)strtol(mode, NULL, 8);
    return out->size > 0;
}

static inno_rc take_params(struct local_work *work, struct volume *out)
{
    static const char *const known[] = {"size", "mode", NULL};
    inno_rc rc = local_check_params(work, known);

    if (rc != INNO_OK)
        return rc;
    if (!parse(work->params, out))
        return work->host->fail(
            work->call, INNO_INVALID_RESOURCE, -1,
            "params.size must be a quantity such as \"10Gi\" and params.mode three octal digits such as \"0755\", both as texts");
    return INNO_OK;
}

/* A volume never gets smaller than what is in it. */
static inno_rc check_shrink(struct local_work *work, const struct volume *wanted)
{
    CLEANUP(json_put) json_t *prior = json_loadb(work->res->prior_params.bytes, work->res->prior_params.len, 0, NULL);
    struct volume was;
    int64_t used = 0;

    if (work->res->operation != INNO_OP_UPDATE || !json_is_object(prior) || !parse(prior, &was) || wanted->size >= was.size ||
        files_usage(work->host, work->call, work->path, &used) != 0 || used <= wanted->size)
        return INNO_OK;
    return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1,
                            "the volume holds %lld bytes, more than the new size %s; remove files first or ask for more", (long long)used,
                            wanted->size_text);
}

/* Says what is wrong with the directory in `text`; empty when nothing is. Returns an errno value when it cannot be looked at. */
static int inspect(struct local_work *work, const struct volume *wanted, char *text, size_t size)
{
    struct stat st;
    int64_t used = 0;
    int rc;

    text[0] = '\0';
    if (lstat(work->path, &st) != 0)
        return errno;
    if (!S_ISDIR(st.st_mode))
        return ENOTDIR;
    if ((st.st_mode & 07777) != wanted->mode) {
        snprintf(text, size, "its mode is %04o, wanted %04o", st.st_mode & 07777, wanted->mode);
        return 0;
    }
    rc = files_usage(work->host, work->call, work->path, &used);
    if (rc == ELOOP) {
        snprintf(text, size, "its directories are nested too deeply to be summed up");
        return 0;
    }
    if (rc == 0 && used > wanted->size)
        snprintf(text, size, "it holds %lld bytes, more than its size %s", (long long)used, wanted->size_text);
    return rc;
}

static inno_rc provision(struct local_work *work)
{
    struct volume wanted = {0};
    char wrong[200];
    CLEANUP(close_fd) int fd = -1;
    inno_rc rc = take_params(work, &wanted);
    int number;

    if (rc != INNO_OK || (rc = check_shrink(work, &wanted)) != INNO_OK)
        return rc;
    number = files_mkdirs(work->path);
    if (number != 0)
        return files_fail(work->host, work->call, number, "making", work->path);
    fd = open(work->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, wanted.mode) != 0)
        return files_fail(work->host, work->call, errno, "setting the mode of", work->path);
    number = inspect(work, &wanted, wrong, sizeof wrong);
    if (number != 0)
        return files_fail(work->host, work->call, number, "looking at", work->path);
    if (wrong[0])
        work->host->log(work->call, INNO_LOG_WARN, "volume %s: %s", work->res->name, wrong);
    work->host->status(work->call, wrong[0] ? INNO_STATE_DEGRADED : INNO_STATE_ACTIVE, wrong[0] ? wrong : NULL);
    work->host->output(work->call, "path", work->path);
    work->host->output(work->call, "source", work->path);
    return INNO_OK;
}

static inno_rc deprovision(struct local_work *work)
{
    int number = files_remove_tree(work->path);

    return number == 0 ? INNO_OK : files_fail(work->host, work->call, number, "removing", work->path);
}

static inno_rc status(struct local_work *work)
{
    struct volume wanted = {0};
    char wrong[200];
    inno_rc rc = take_params(work, &wanted);
    int number;

    if (rc != INNO_OK)
        return rc;
    number = inspect(work, &wanted, wrong, sizeof wrong);
    if (number == ENOENT)
        work->host->status(work->call, INNO_STATE_TERMINATED, "the directory is not there");
    else if (number == ENOTDIR)
        work->host->status(work->call, INNO_STATE_FAILED, "something else stands in the directory's place");
    else if (number != 0)
        return files_fail(work->host, work->call, number, "looking at", work->path);
    else
        work->host->status(work->call, wrong[0] ? INNO_STATE_DEGRADED : INNO_STATE_ACTIVE, wrong[0] ? wrong : NULL);
    return INNO_OK;
}

static inno_rc plan(struct local_work *work)
{
    CLEANUP(json_put) json_t *shall = NULL, *is = NULL;
    struct volume wanted = {0};
    char mode[8];
    struct stat st;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = check_shrink(work, &wanted);
    if (rc != INNO_OK)
        return rc;
    snprintf(mode, sizeof mode, "%04o", (unsigned)wanted.mode);
    shall = json_pack("{s:s}", "mode", mode);
    if (lstat(work->path, &st) == 0) {
        snprintf(mode, sizeof mode, "%04o", (unsigned)st.st_mode & 07777);
        is = json_pack("{s:s}", "mode", mode);
    } else if (errno != ENOENT && errno != ENOTDIR) {
        return files_fail(work->host, work->call, errno, "looking at", work->path);
    }
    return tell_changes(work->host, work->call, tell_diff(shall, is));
}

static inno_rc hints(struct local_work *work)
{
    char command[LOCAL_PATH_BYTES + 16];

    snprintf(command, sizeof command, "ls -l %s", work->path);
    work->host->hint(work->call, INNO_HINT_CONNECTION_STRING, "path", work->path);
    work->host->hint(work->call, INNO_HINT_COMMAND, "look inside", command);
    return INNO_OK;
}

const struct local_type local_volume = {"volume", "volumes", provision, deprovision, status, hints, plan};
