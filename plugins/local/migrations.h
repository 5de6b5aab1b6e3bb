/* Numbered SQL files (001_x.sql), in order, each with its checksum. */
#pragma once
#include "local.h"

struct migration {
    const char *name;
    const char *sql;
    int64_t number;
    char hash[65];
};

struct migrations {
    struct migration *list;
    size_t count;
};

/* Reads [{name, sql}], [{path, content}] (an uploaded directory) or {name: sql}; the texts stay borrowed from `given`. Fails
 * INVALID_RESOURCE, naming `where`. */
inno_rc migrations_take(const inno_host *host, inno_call *call, const json_t *given, const char *where, struct migrations *m);
void migrations_fini(struct migrations *m);
