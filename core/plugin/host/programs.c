/* Owns the choice of the file that a command runs, and whether it is granted. Landlock refuses what is not; this says so in words, and
 * holds on kernels without it. Main thread. */
#include "base/str.h"
#include "plugin/grant.h"
#include "plugin/host/host.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool program_in_path(const char *name, char out[static 4096])
{
    const char *dir = PROGRAM_PATH, *end;

    for (; *dir; dir = *end ? end + 1 : end) {
        int len;

        end = dir + strcspn(dir, ":");
        len = snprintf(out, 4096, "%.*s/%s", (int)(end - dir), dir, name);
        if (len < 4096 && is_program(out))
            return true;
    }
    return false;
}

/* Is `path` the file `tree`, or below it? Both without links. */
static bool is_below(const char *path, const char *tree)
{
    size_t len = strlen(tree);

    return strncmp(path, tree, len) == 0 && (path[len] == '/' || path[len] == '\0' || str_eq(tree, "/"));
}

static bool is_below_link(const char *path, const char *tree)
{
    char real[PATH_MAX];

    return realpath(tree, real) && is_below(path, real);
}

/* Does one word of `grant` allow the file? */
static bool allows(const char *word, const char *real)
{
    static const char *const installed[] = {"/usr", "/bin", "/sbin", "/opt"};
    const char *subject = grant_subject(word, "exec");
    char path[4096];

    for (size_t i = 0; str_eq(word, "exec") && i < sizeof installed / sizeof installed[0]; i++)
        if (is_below_link(real, installed[i]))
            return true;
    if (!subject)
        return false;
    if (*subject != '/' && !program_in_path(subject, path))
        return false;
    return is_below_link(real, *subject == '/' ? subject : path);
}

static bool is_granted(const struct sandbox *box, const char *real)
{
    json_t *item;
    size_t i;

    json_array_foreach(box->grant, i, item)
    {
        if (allows(json_string_value(item), real))
            return true;
    }
    return is_below_link(real, box->data_dir) || is_below_link(real, box->work_root);
}

/* A granted file of that name: `exec:/opt/tools/terraform` is found as terraform. */
static bool among_granted(const struct sandbox *box, const char *name, char out[static 4096])
{
    json_t *item;
    size_t i;

    json_array_foreach(box->grant, i, item)
    {
        const char *subject = grant_subject(json_string_value(item), "exec"), *last = subject ? strrchr(subject, '/') : NULL;

        if (!last)
            continue;
        snprintf(out, 4096, "%s", subject);
        if (str_eq(last + 1, name) && is_program(out))
            return true;
        if (snprintf(out, 4096, "%s/%s", subject, name) < 4096 && is_program(out))
            return true;
    }
    return false;
}

inno_rc program_find(const struct sandbox *box, const char *name, char out[static 4096], char *why, size_t cap)
{
    char real[PATH_MAX];
    struct stat st;

    if (*name == '/' ? snprintf(out, 4096, "%s", name) >= 4096
                     : (strchr(name, '/') || (!among_granted(box, name, out) && !program_in_path(name, out)))) {
        if (strchr(name, '/'))
            snprintf(why, cap, "\"%.200s\" is no name of a program and no absolute path", name);
        else
            snprintf(why, cap, "there is no program \"%.200s\" in %s, nor among those that the entry grants (exec:/PATH)", name,
                     PROGRAM_PATH);
        return INNO_UNSUPPORTED;
    }
    if (!realpath(out, real) || stat(real, &st) < 0) {
        snprintf(why, cap, "there is no program \"%.300s\"", name);
        return INNO_UNSUPPORTED;
    }
    if (!S_ISREG(st.st_mode) || access(real, X_OK) < 0) {
        snprintf(why, cap, "\"%.300s\" is no file that may be run (mode %04o)", name, (unsigned)(st.st_mode & 07777));
        return INNO_UNAUTHORIZED;
    }
    if (!is_granted(box, real)) {
        snprintf(why, cap, "the program \"%.300s\" is not granted; the admin may add exec:%.300s to the entry's grant", name, real);
        return INNO_UNAUTHORIZED;
    }
    return INNO_OK;
}
