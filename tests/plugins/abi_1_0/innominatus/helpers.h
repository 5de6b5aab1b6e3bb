// clang-format off
/* Small getters over the JSON that the host hands to a plugin, so that a simple plugin needs no JSON library. Header-only, C99 and C++,
 * libc only.
 *
 *   const char *size = inno_get_string(res, "db.size", "10Gi");            params of a resource, by dotted path
 *   int64_t replicas = inno_get_int(res, "replicas", 1);                   ("hosts.0.name"; `\.` is a literal dot)
 *   const char *url = inno_json_string(host, call, config, "url", "");     any other span: config, state, a step's config
 *
 * A getter gives `fallback` when the member is absent, null, or of another type; inno_get_has() tells those apart (absent is not null).
 * Declare a params schema in the manifest and the server refuses values of another type before the plugin sees them. Texts live as long as
 * the call: copy what `open` must keep. Nothing here allocates except by host->alloc, recurses, or reads past a span.
 */
// clang-format on
#ifndef INNOMINATUS_HELPERS_H
#define INNOMINATUS_HELPERS_H

#include <innominatus/provisioner.h>
#include <stdlib.h>
#include <string.h>

/* What inno_json_has and inno_get_has return: zero only when there is no such member. */
#define INNO_ABSENT  0
#define INNO_NULL    1
#define INNO_PRESENT 2

/* What inno_json_type returns. */
#define INNO_JSON_NONE   0
#define INNO_JSON_OBJECT '{'
#define INNO_JSON_ARRAY  '['
#define INNO_JSON_STRING '"'
#define INNO_JSON_NUMBER '0'
#define INNO_JSON_BOOL   't'
#define INNO_JSON_NULL   'n'

static inline inno_span inno_span_of(const char *text)
{
    inno_span span;

    span.bytes = text;
    span.len = (uint64_t)strlen(text);
    return span;
}

static inline inno_span inno_span_none_(void)
{
    inno_span span;

    span.bytes = "";
    span.len = 0;
    return span;
}

/* ---- scanning ---- */

static inline const char *inno_json_space_(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Past the string that starts at `at`; `end` when it is not closed. */
static inline const char *inno_json_string_end_(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return end;
}

/* Past the value that starts at `at`. Containers are skipped by counting, so depth costs nothing. */
static inline const char *inno_json_value_end_(const char *at, const char *end)
{
    uint64_t depth = 0;

    while (at < end) {
        char c = *at;

        if (c == '"') {
            at = inno_json_string_end_(at, end);
            if (depth == 0)
                return at;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth <= 1)
                return depth == 1 ? at + 1 : at;
            depth--;
        } else if (depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            return at;
        }
        at++;
    }
    return end;
}

static inline int inno_hex_(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four hex digits at `at`, -1 when they are none. */
static inline int32_t inno_json_unit_(const char *at, const char *end)
{
    int32_t unit = 0;
    int i;

    if (end - at < 4)
        return -1;
    for (i = 0; i < 4; i++) {
        int digit = inno_hex_(at[i]);

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static inline size_t inno_utf8_(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Decodes the escape after a backslash at *at (which stands on the letter) and moves past it. Returns the bytes written to `out`. */
static inline size_t inno_json_escape_(const char **at, const char *end, char out[4])
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char c = *(*at)++;
    const char *hit;
    int32_t high, low;

    if (c != 'u') {
        hit = c != '\0' ? strchr(letters, c) : NULL;
        out[0] = hit ? meant[hit - letters] : c;
        return 1;
    }
    high = inno_json_unit_(*at, end);
    if (high < 0) {
        out[0] = '?';
        return 1;
    }
    *at += 4;
    if (high >= 0xD800 && high < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        low = inno_json_unit_(*at + 2, end);
        if (low >= 0xDC00 && low < 0xE000) {
            *at += 6;
            return inno_utf8_(0x10000u + (((uint32_t)high - 0xD800u) << 10) + ((uint32_t)low - 0xDC00u), out);
        }
    }
    return inno_utf8_((uint32_t)high, out);
}

/* Decodes the JSON string `value` (quotes included) into `out`, which has room for value.len bytes. Returns the length without the NUL it
 * adds. */
static inline size_t inno_json_decode_(inno_span value, char *out)
{
    const char *at = value.bytes + 1, *end = value.bytes + value.len;
    size_t used = 0;
    char bytes[4];

    while (at < end && *at != '"') {
        if (*at == '\\' && at + 1 < end) {
            size_t n;

            at++;
            n = inno_json_escape_(&at, end, bytes);
            memcpy(out + used, bytes, n);
            used += n;
        } else {
            out[used++] = *at++;
        }
    }
    out[used] = '\0';
    return used;
}

/* True when the JSON string `key` (quotes included) says the path part of `len` bytes, in which a backslash keeps the next character. */
static inline int inno_json_key_is_(inno_span key, const char *part, size_t len)
{
    const char *at = key.bytes + 1, *end = key.bytes + key.len, *part_end = part + len;
    char bytes[4];
    size_t n, i;

    while (at < end && *at != '"') {
        if (*at == '\\' && at + 1 < end) {
            at++;
            n = inno_json_escape_(&at, end, bytes);
        } else {
            bytes[0] = *at++;
            n = 1;
        }
        for (i = 0; i < n; i++) {
            if (part < part_end && *part == '\\' && part + 1 < part_end)
                part++;
            if (part >= part_end || *part++ != bytes[i])
                return 0;
        }
    }
    return part == part_end;
}

/* ---- any span ---- */

/* Kind of the value: INNO_JSON_x. */
static inline int inno_json_type(inno_span json)
{
    const char *end = json.bytes + json.len, *at = inno_json_space_(json.bytes, end);

    if (at >= end)
        return INNO_JSON_NONE;
    switch (*at) {
    case '{':
    case '[':
    case '"':
    case 'n':
        return *at;
    case 't':
    case 'f':
        return INNO_JSON_BOOL;
    default:
        return *at == '-' || (*at >= '0' && *at <= '9') ? INNO_JSON_NUMBER : INNO_JSON_NONE;
    }
}

/* Walks the members of an object or the items of an array: start with *cursor = 0; returns 1 with the next one, 0 at the end.
 * `key` (may be NULL) is the raw JSON string with its quotes, an empty span for items of an array. */
static inline int inno_json_next(inno_span container, uint64_t *cursor, inno_span *key, inno_span *value)
{
    const char *end = container.bytes + container.len, *at = container.bytes + *cursor, *stop;
    int type = inno_json_type(container);

    if (type != INNO_JSON_OBJECT && type != INNO_JSON_ARRAY)
        return 0;
    if (*cursor == 0)
        at = inno_json_space_(at, end) + 1;
    at = inno_json_space_(at, end);
    if (at < end && *at == ',')
        at = inno_json_space_(at + 1, end);
    if (at >= end || *at == '}' || *at == ']')
        return 0;
    if (key)
        *key = inno_span_none_();
    if (type == INNO_JSON_OBJECT) {
        if (*at != '"')
            return 0;
        stop = inno_json_string_end_(at, end);
        if (key) {
            key->bytes = at;
            key->len = (uint64_t)(stop - at);
        }
        at = inno_json_space_(stop, end);
        if (at >= end || *at != ':')
            return 0;
        at = inno_json_space_(at + 1, end);
    }
    stop = inno_json_value_end_(at, end);
    if (stop == at)
        return 0;
    value->bytes = at;
    value->len = (uint64_t)(stop - at);
    *cursor = (uint64_t)(stop - container.bytes);
    return 1;
}

/* One step down: member `part` of an object, item number `part` of an array. */
static inline int inno_json_child_(inno_span container, const char *part, size_t len, inno_span *out)
{
    uint64_t cursor = 0, index = 0, wanted = 0;
    int array = inno_json_type(container) == INNO_JSON_ARRAY;
    inno_span key, value;
    size_t i;

    for (i = 0; array && i < len; i++) {
        if (part[i] < '0' || part[i] > '9' || len > 9)
            return 0;
        wanted = wanted * 10 + (uint64_t)(part[i] - '0');
    }
    while (inno_json_next(container, &cursor, &key, &value)) {
        if (array ? index == wanted : inno_json_key_is_(key, part, len)) {
            *out = value;
            return 1;
        }
        index++;
    }
    return 0;
}

/* Finds the value at a dotted path; "" is the whole. Returns 1 and sets *out, or 0. */
static inline int inno_json_find(inno_span json, const char *path, inno_span *out)
{
    while (*path != '\0') {
        size_t len = 0;

        while (path[len] != '\0' && path[len] != '.')
            len += path[len] == '\\' && path[len + 1] != '\0' ? 2 : 1;
        if (!inno_json_child_(json, path, len, &json))
            return 0;
        path += len;
        if (*path == '.')
            path++;
    }
    *out = json;
    return inno_json_type(json) != INNO_JSON_NONE;
}

/* INNO_ABSENT, INNO_NULL or INNO_PRESENT. */
static inline int inno_json_has(inno_span json, const char *path)
{
    inno_span value;

    if (!inno_json_find(json, path, &value))
        return INNO_ABSENT;
    return inno_json_type(value) == INNO_JSON_NULL ? INNO_NULL : INNO_PRESENT;
}

/* The text at `path`, decoded into the call's memory; `fallback` (returned as it is) when there is no text. */
static inline const char *inno_json_string(const inno_host *host, inno_call *call, inno_span json, const char *path, const char *fallback)
{
    inno_span value;
    const char *end;
    char *text;

    if (!inno_json_find(json, path, &value) || inno_json_type(value) != INNO_JSON_STRING)
        return fallback;
    end = value.bytes + value.len;
    value.bytes = inno_json_space_(value.bytes, end);
    value.len = (uint64_t)(end - value.bytes);
    text = (char *)host->alloc(call, value.len + 1);
    if (!text)
        return fallback;
    inno_json_decode_(value, text);
    return text;
}

/* Copies a number's characters, NUL-terminated. Returns 0 when there is no number or it is longer than 63 characters. */
static inline int inno_json_number_(inno_span json, const char *path, char text[64])
{
    inno_span value;
    const char *at, *end;
    size_t len;

    if (!inno_json_find(json, path, &value) || inno_json_type(value) != INNO_JSON_NUMBER)
        return 0;
    end = value.bytes + value.len;
    at = inno_json_space_(value.bytes, end);
    len = (size_t)(end - at);
    if (len > 63)
        return 0;
    memcpy(text, at, len);
    text[len] = '\0';
    return 1;
}

/* Reads decimal digits from *at; returns 0 when there is none or the value leaves int64. */
static inline int inno_digits_(const char **at, int64_t *out)
{
    int64_t value = 0;
    const char *from = *at;

    for (; **at >= '0' && **at <= '9'; (*at)++) {
        int digit = **at - '0';

        if (value > (INT64_MAX - digit) / 10)
            return 0;
        value = value * 10 + digit;
    }
    *out = value;
    return *at != from;
}

/* The whole number at `path`; `fallback` when there is none, it has a fraction or exponent, or it leaves int64. */
static inline int64_t inno_json_int(inno_span json, const char *path, int64_t fallback)
{
    char text[64];
    const char *at = text;
    int64_t value;

    if (!inno_json_number_(json, path, text))
        return fallback;
    if (*at == '-')
        at++;
    if (!inno_digits_(&at, &value) || *at != '\0')
        return fallback;
    return text[0] == '-' ? -value : value;
}

static inline double inno_json_double(inno_span json, const char *path, double fallback)
{
    char text[64];

    return inno_json_number_(json, path, text) ? strtod(text, NULL) : fallback;
}

/* 1 or 0. */
static inline int32_t inno_json_bool(inno_span json, const char *path, int32_t fallback)
{
    inno_span value;
    const char *end;

    if (!inno_json_find(json, path, &value) || inno_json_type(value) != INNO_JSON_BOOL)
        return fallback;
    end = value.bytes + value.len;
    return *inno_json_space_(value.bytes, end) == 't';
}

/* Milliseconds of "1h30m", "500ms", "30s", "2d". Returns 0 when the text is no duration, 1 otherwise. */
static inline int inno_duration_ms(const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        size_t len;
        int64_t ms;
    } units[] = {{"ms", 2, 1}, {"s", 1, 1000}, {"m", 1, 60000}, {"h", 1, 3600000}, {"d", 1, 86400000}};
    int64_t total = 0, value;
    size_t i;

    if (*text == '\0')
        return 0;
    while (*text != '\0') {
        if (!inno_digits_(&text, &value))
            return 0;
        for (i = 0; i < sizeof units / sizeof units[0]; i++)
            if (strncmp(text, units[i].unit, units[i].len) == 0)
                break;
        if (i == sizeof units / sizeof units[0] || value > (INT64_MAX - total) / units[i].ms)
            return 0;
        total += value * units[i].ms;
        text += units[i].len;
    }
    *out_ms = total;
    return 1;
}

/* Milliseconds of the duration text at `path`; `fallback_ms` when there is none. */
static inline int64_t inno_json_duration(inno_span json, const char *path, int64_t fallback_ms)
{
    inno_span value;
    const char *end;
    char text[64];
    int64_t ms;

    if (!inno_json_find(json, path, &value) || inno_json_type(value) != INNO_JSON_STRING || value.len >= sizeof text)
        return fallback_ms;
    end = value.bytes + value.len;
    value.bytes = inno_json_space_(value.bytes, end);
    value.len = (uint64_t)(end - value.bytes);
    inno_json_decode_(value, text);
    return inno_duration_ms(text, &ms) ? ms : fallback_ms;
}

/* ---- params of a resource ---- */

static inline int inno_get_has(const inno_resource *res, const char *path) { return inno_json_has(res->params, path); }

static inline const char *inno_get_string(const inno_resource *res, const char *path, const char *fallback)
{
    return inno_json_string(res->host, res->call, res->params, path, fallback);
}

static inline int64_t inno_get_int(const inno_resource *res, const char *path, int64_t fallback)
{
    return inno_json_int(res->params, path, fallback);
}

static inline double inno_get_double(const inno_resource *res, const char *path, double fallback)
{
    return inno_json_double(res->params, path, fallback);
}

static inline int32_t inno_get_bool(const inno_resource *res, const char *path, int32_t fallback)
{
    return inno_json_bool(res->params, path, fallback);
}

/* In milliseconds. */
static inline int64_t inno_get_duration(const inno_resource *res, const char *path, int64_t fallback_ms)
{
    return inno_json_duration(res->params, path, fallback_ms);
}

/* ---- writing ---- */

/* `text` as a JSON string with its quotes, in the call's memory, for building a state; NULL when out of memory. */
static inline const char *inno_json_quote(const inno_host *host, inno_call *call, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(text), used = 0;
    char *out = len < SIZE_MAX / 6 - 1 ? (char *)host->alloc(call, (uint64_t)len * 6 + 3) : NULL;

    if (!out)
        return NULL;
    out[used++] = '"';
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            out[used++] = '\\';
            out[used++] = (char)c;
        } else if (c < 0x20) {
            memcpy(out + used, "\\u00", 4);
            out[used + 4] = digits[c >> 4];
            out[used + 5] = digits[c & 15];
            used += 6;
        } else {
            out[used++] = (char)c;
        }
    }
    out[used++] = '"';
    out[used] = '\0';
    return out;
}

#endif
