/* Files of bundled plugins. Paths are below a directory of the plugin's own. Called from the thread of a
 * slot. What returns an int returns 0 or an errno value. */
#pragma once
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdbool.h>

#define FILES_PATH_BYTES 4096
#define FILES_JSON_BYTES (1024 * 1024) /* a file that files_read_json reads */

/* Makes `path` and what is missing above it, with 0700. */
int files_mkdirs(const char *path);
/* Removes a tree without following links; 0 when it is gone already. */
int files_remove_tree(const char *path);
/* Sums the space that a tree takes; asks host->canceled on the way (ECANCELED). */
int files_usage(const inno_host *host, inno_call *call, const char *path, int64_t *out_bytes);
/* Writes a file (mode 0600) so that a crash leaves the old or the new one. */
int files_write(const char *path, const char *text, size_t len);
/* Writes a JSON file (mode 0600) so that a crash leaves the old or the new one. */
int files_write_json(const char *path, const json_t *value);
/* *out: new reference. ENOENT when there is none, EINVAL when it is not an object. */
int files_read_json(const char *path, json_t **out);
/* Copies a regular file of at most `*budget` bytes, which it takes off; a link is ELOOP, EFBIG when the budget is used up. */
int files_copy(const char *from, const char *to, int64_t *budget);
/* Copies the regular files and directories below `from` into `to`, which it makes, but for those that `skip` (a name) says; links and other
 * things are left out. EFBIG beyond the budget. */
int files_copy_tree(const char *from, const char *to, bool (*skip)(const char *name), int64_t *budget);
/* Removes one file; 0 when it is gone already. */
int files_remove_file(const char *path);

/* Maps an errno value to a code and says what was tried: TRANSIENT for a full disk or table, FAILED else. */
inno_rc files_fail(const inno_host *host, inno_call *call, int number, const char *what, const char *path);
