/* Owns entity tags. Called by whoever holds the request. */
#include "api/etag.h"
#include "api/api_priv.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "crypto/hash.h"
#include <string.h>

#define HASHED_BYTES (64u << 10) /* larger answers have no tag unless their handler gives one */
#define TAG_CHARS    32          /* of the hash */

static const char *tag_of(struct api_request *r, const char *text, size_t len)
{
    char hash[CRYPTO_SHA256_HEX];

    crypto_sha256_hex(text, len, hash);
    return arena_printf(r->arena, "\"%.*s\"", TAG_CHARS, hash);
}

/* The texts of Score files stand beside their hashes: a megabyte need not be read again to know whether it has changed. */
static json_t *without_texts(const json_t *value)
{
    json_t *out = json_copy((json_t *)(uintptr_t)value), *specs = json_object_get(value, "specs"), *kept = json_array(), *item;
    size_t i;

    json_object_del(out, "spec");
    json_array_foreach(specs, i, item)
    {
        json_t *copy = json_copy(item);

        json_object_del(copy, "spec");
        json_array_append_new(kept, copy);
    }
    json_object_set_new(out, "specs", kept);
    return out;
}

static const char *tag_of_value(struct api_request *r, const json_t *value)
{
    CLEANUP(json_put) json_t *less = json_object_get(value, "specs") ? without_texts(value) : NULL;
    CLEANUP(free_ptr) char *text = json_text(less ? less : value);

    return tag_of(r, text, strlen(text));
}

void etag_set(struct api_request *r, const json_t *value)
{
    if (value)
        r->etag = tag_of_value(r, value);
}

/* Is the tag one of the list's? `weak`: W/"x" is as good as "x". */
static bool in_list(const char *list, const char *tag, bool weak)
{
    size_t len = strlen(tag);

    while (*list) {
        bool is_weak;

        list += strspn(list, ", \t");
        if (*list == '*')
            return true;
        is_weak = str_starts(list, "W/");
        list += is_weak ? 2 : 0;
        if ((weak || !is_weak) && strncmp(list, tag, len) == 0 && (!list[len] || strchr(", \t", list[len])))
            return true;
        list += *list == '"' ? 1 + strcspn(list + 1, "\"") : strcspn(list, ",");
        list += *list == '"';
    }
    return false;
}

static bool is_read(const struct api_request *r) { return str_eq(r->http.method, "GET") || str_eq(r->http.method, "HEAD"); }

/* Answers of probes change with every look; of requests that were suspended the headers may not be read any more. */
static bool has_tag(const struct api_request *r)
{
    return r->route && is_read(r) && !(r->route->flags & (ROUTE_OPEN | ROUTE_LOOPBACK)) && !r->http.suspended;
}

bool etag_matches(struct api_request *r, int status, const char *text, size_t len)
{
    const char *seen;

    if (status != 200 || !text || !has_tag(r) || (!r->etag && len > HASHED_BYTES))
        return false;
    if (!r->etag)
        r->etag = tag_of(r, text, len);
    http_reply_header(&r->http, "ETag", r->etag);
    seen = http_header(&r->http, "If-None-Match");
    return seen && in_list(seen, r->etag, true);
}

int etag_read_condition(struct api_request *r, struct err *err)
{
    const char *sent = http_header(&r->http, "If-Match");

    if (!sent || is_read(r))
        return 0;
    if (!(r->route->flags & ROUTE_MATCH)) /* to act without looking would be worse */
        return err_set(err, ERR_REQUEST, "%s %s knows no If-Match", r->route->method, r->route->pattern);
    r->if_match = arena_strdup(r->arena, sent);
    return 0;
}

int etag_check(struct api_request *r, const json_t *present, struct err *err)
{
    if (present && in_list(r->if_match, tag_of_value(r, present), false))
        return 0;
    return err_set(err, ERR_PRECONDITION, present ? "it is not any more what If-Match names" : "what If-Match names is not there");
}
