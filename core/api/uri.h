/* The request target as sent, taken apart: path segments and query pairs, each percent-decoded once and checked (RFC 3986; UTF-8 without
 * NUL or control characters). Pure. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>

#define URI_SEGMENTS 16
#define URI_QUERY    48

struct uri_pair {
    const char *name, *value; /* value is "" for `?name` */
};

struct uri {
    const char *path; /* as sent, without the query; for messages and logs */
    const char *segments[URI_SEGMENTS];
    size_t segment_count;
    struct uri_pair query[URI_QUERY];
    size_t query_count;
};

/* `text` is "/path?query" or an absolute form. Texts in the arena. Errors: ERR_REQUEST, ERR_ENCODING. */
int uri_parse(const char *text, struct arena *arena, struct uri *out, struct err *err);

/* The first value of a query parameter, NULL if absent. */
const char *uri_query(const struct uri *uri, const char *name);

/* Percent-encodes all but unreserved characters. Text in the arena. */
const char *uri_escape(const char *text, struct arena *arena);
