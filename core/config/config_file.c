/* Owns the checks of a configuration that need the file system. Called while a configuration is loaded, by one thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "config/config_priv.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_NEIGHBOURS 256

/* Comments and blanks only. An empty file is a mistake (a disk that was full, a wrong path): defaults would allow what nobody has said. */
static bool says_nothing(const char *text)
{
    for (bool comment = false; *text; text++) {
        comment = *text == '\n' ? false : comment || *text == '#';
        if (!comment && !strchr(" \t\r\n", *text) && !str_starts(text, "---"))
            return false;
        if (!comment && *text == '-')
            text += 2;
    }
    return true;
}

/* The directory beside a missing one whose name is nearest; arena. */
static const char *neighbour(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    char *parent = arena_strndup(arena, path, slash && slash != path ? (size_t)(slash - path) : 1);
    const char *names[MOST_NEIGHBOURS + 1] = {NULL};
    DIR *dir = slash ? opendir(parent) : NULL;
    size_t count = 0;

    if (!dir)
        return NULL;
    for (const struct dirent *entry; count < MOST_NEIGHBOURS && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK))
            names[count++] = arena_strdup(arena, entry->d_name);
    closedir(dir);
    return str_closest(slash + 1, names);
}

/* A directory that the file itself names; what is only a default may be missing. */
static size_t check_directory(const struct admin_config *config, const char *pointer, const char *path, enum diag_severity severity,
                              struct diag_list *diags)
{
    int line = config_line(config, pointer);
    struct stat st;

    if (!line || !path || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    diag_add(diags, severity, ERR_BAD_VALUE, line, 1, 1, pointer, neighbour(path, diags->arena), "%s: there is no directory %s",
             strrchr(pointer, '/') + 1, path);
    return severity == DIAG_ERROR;
}

size_t config_check_file(const struct admin_config *config, const char *text, struct diag_list *diags)
{
    if (says_nothing(text)) {
        diag_add(diags, DIAG_ERROR, ERR_CONFIG, 1, 1, 1, "", NULL,
                 "the file says nothing; write {} when the defaults are meant (any environment, the bundled local provisioner)");
        return 1;
    }
    return check_directory(config, "/workflowPolicies/workflowsRoot", config->workflows_root, DIAG_ERROR, diags) +
           check_directory(config, "/goldenPathsRoot", config->golden_paths_root, DIAG_WARNING, diags); /* nothing is required of it */
}
