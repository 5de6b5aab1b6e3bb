/* Files: whole reads with a limit, atomic writes, paths confined below a root. Every descriptor is close-on-exec. Any thread. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads a regular file into a fresh NUL-terminated buffer (free()). out_len may be NULL. Errors: ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_IO. */
int io_read_file(const char *path, size_t max_bytes, char **out_text, size_t *out_len, struct err *err);

/* Like io_read_file, from a descriptor that stays open; `name` is for messages. A pipe is read to its end. */
int io_read_fd(int fd, const char *name, size_t max_bytes, char **out_text, size_t *out_len, struct err *err);

/* Opens `relative` below directory `root_fd` for reading, never leaving it (openat2 RESOLVE_BENEATH; no magic links).
 * Errors: ERR_FILE_REFERENCE. */
int io_open_beneath(int root_fd, const char *relative, int *out_fd, struct err *err);

/* Writes a file by way of a temporary one in the same directory, fsync and rename: readers see the old or the new content. */
int io_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err);

int io_write_all(int fd, const void *bytes, size_t len, struct err *err);

/* mkdir -p with `mode` for what it makes. */
int io_mkdirs(const char *path, mode_t mode, struct err *err);

/* Removes a directory and all below it, without following links; a missing one is fine. */
int io_remove_tree(const char *path, struct err *err);

bool io_exists(const char *path);
