/* Files of bundled plugins, and the idioms of their code. Paths are below a directory of the plugin's own. Called from the thread of a
 * slot. What returns an int returns 0 or an errno value. */
#pragma once
#include <innominatus/helpers.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define FILES_PATH_BYTES 4096
#define FILES_JSON_BYTES (1024 * 1024) /* a file that files_read_json reads */

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void json_put(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

static inline void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void free_text(char **text)
{
    free(*text);
    *text = NULL;
}

/* Makes `path` and what is missing above it, with 0700. */
int files_mkdirs(const char *path);
/* Removes a tree without following links; 0 when it is gone already. */
int files_remove_tree(const char *path);
/* Sums the space that a tree takes; asks host->canceled on the way (ECANCELED). */
int files_usage(const inno_host *host, inno_call *call, const char *path, int64_t *out_bytes);
/* Writes a JSON file (mode 0600) so that a crash leaves the old or the new one. */
int files_write_json(const char *path, const json_t *value);
/* *out: new reference. ENOENT when there is none, EINVAL when it is not an object. */
int files_read_json(const char *path, json_t **out);
/* Removes one file; 0 when it is gone already. */
int files_remove_file(const char *path);

/* Maps an errno value to a code and says what was tried: TRANSIENT for a full disk or table, FAILED else. */
inno_rc files_fail(const inno_host *host, inno_call *call, int number, const char *what, const char *path);
