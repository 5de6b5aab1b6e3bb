/* A Score file on this machine and the files that it names. */
#pragma once
#include "cli/command.h"
#include "score/score.h"

struct source_file {
    const char *path;
    char *bytes;
    size_t len;
};

struct source {
    const char *name; /* as the user named it; "standard input" for - */
    char *text;
    size_t len;
    struct source_file *files; /* what it names and what could be read */
    size_t file_count;
};

/* Reads FILE, or standard input for "-", and the files it refers to below its directory (below the working directory for "-"). A file that
 * is missing is left out: checking the Score file says so. out: source_fini. Errors: ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_IO, ERR_LIMIT. */
int source_read(struct cli *c, const char *file, struct source *out, struct err *err);
void source_fini(struct source *s);

/* The files as score_parse takes them. Arena. */
const struct score_files *source_score_files(struct cli *c, const struct source *s);
/* {path: base64}; NULL without files. New reference. */
json_t *source_json_files(const struct source *s);
