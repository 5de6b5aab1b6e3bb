/* Owns the reading of request targets. Pure; any thread. */
#include "api/uri.h"
#include "base/str.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes `len` characters. NULL with err when they are malformed. */
static char *decode(const char *text, size_t len, bool plus_is_space, struct arena *arena, struct err *err)
{
    char *out = arena_alloc(arena, len + 1), *to = out;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < len ? digit(text[i + 1]) : -1;
            int low = i + 2 < len ? digit(text[i + 2]) : -1;

            if (high < 0 || low < 0) {
                err_set(err, ERR_REQUEST, "the request target has a %% that two hexadecimal digits do not follow");
                return NULL;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        *to++ = c;
    }
    if (!str_is_utf8(out, (size_t)(to - out))) {
        err_set(err, ERR_ENCODING, "the request target is not UTF-8 without NUL");
        return NULL;
    }
    for (const char *c = out; c < to; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            err_set(err, ERR_ENCODING, "the request target has a control character");
            return NULL;
        }
    return out;
}

static const char *skip_authority(const char *text)
{
    const char *at = strncasecmp(text, "http://", 7) == 0 ? text + 7 : strncasecmp(text, "https://", 8) == 0 ? text + 8 : NULL;

    if (!at)
        return text;
    at += strcspn(at, "/?");
    return *at == '/' ? at : "/";
}

static int parse_path(const char *path, size_t len, struct arena *arena, struct uri *out, struct err *err)
{
    const char *end = path + len;

    for (const char *at = path + 1; at <= end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t part = (size_t)((slash ? slash : end) - at);

        if (out->segment_count == URI_SEGMENTS)
            return err_set(err, ERR_REQUEST, "the path has more than %d segments", URI_SEGMENTS);
        out->segments[out->segment_count] = decode(at, part, false, arena, err);
        if (!out->segments[out->segment_count])
            return -1;
        out->segment_count++;
        at += part + 1;
    }
    return 0;
}

static int parse_query(const char *query, struct arena *arena, struct uri *out, struct err *err)
{
    while (*query) {
        size_t len = strcspn(query, "&");
        const char *equals = memchr(query, '=', len);
        size_t name_len = equals ? (size_t)(equals - query) : len;

        if (len) {
            struct uri_pair *pair = &out->query[out->query_count];

            if (out->query_count == URI_QUERY)
                return err_set(err, ERR_REQUEST, "the query has more than %d parameters", URI_QUERY);
            pair->name = decode(query, name_len, true, arena, err);
            pair->value = pair->name ? equals ? decode(equals + 1, len - name_len - 1, true, arena, err) : "" : NULL;
            if (!pair->value)
                return -1;
            out->query_count++;
        }
        query += len + (query[len] == '&');
    }
    return 0;
}

int uri_parse(const char *text, struct arena *arena, struct uri *out, struct err *err)
{
    const char *path = skip_authority(text);
    size_t len = strcspn(path, "?");
    struct uri uri = {.path = arena_strndup(arena, path, len)};

    if (path[0] != '/')
        return err_set(err, ERR_REQUEST, "the request target does not start with /");
    if (memchr(path, '#', strlen(path)))
        return err_set(err, ERR_REQUEST, "the request target has a fragment");
    if (parse_path(path, len, arena, &uri, err) < 0 || (path[len] == '?' && parse_query(path + len + 1, arena, &uri, err) < 0))
        return -1;
    *out = uri;
    return 0;
}

const char *uri_query(const struct uri *uri, const char *name)
{
    for (size_t i = 0; i < uri->query_count; i++)
        if (str_eq(uri->query[i].name, name))
            return uri->query[i].value;
    return NULL;
}

const char *uri_escape(const char *text, struct arena *arena)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, strlen(text) * 3 + 1), *to = out;

    for (const char *c = text; *c; c++) {
        unsigned char byte = (unsigned char)*c;

        if (isalnum(byte) || strchr("-._~", *c)) {
            *to++ = *c;
        } else {
            *to++ = '%';
            *to++ = hex[byte >> 4];
            *to++ = hex[byte & 15];
        }
    }
    return out;
}
