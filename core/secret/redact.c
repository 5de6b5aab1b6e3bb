/* Owns the search for secrets in text. Called from workers and from the threads that read tools' output; one lock a redactor, held for one
 * text. */
#include "secret/redact.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BASE64_LEAST 6 /* characters of an encoded core that are looked for */
#define LINE_LEAST   8 /* bytes of a line of a longer secret */
#define MOST         (LIMIT_SECRETS_PER_VALUE * 16)

enum form {
    FORM_CLEAR,  /* as it is, URL-encoded, JSON-escaped */
    FORM_BASE64, /* exactly these characters, and the rest of the groups around them */
};

struct pattern {
    enum form form;
    char *bytes;
    size_t len;
};

struct redactor {
    pthread_mutex_t lock;
    struct pattern *patterns;
    size_t count, cap;
    bool starts[256]; /* bytes that a match can start with */
};

struct redactor *redactor_new(void)
{
    struct redactor *r = mem_zalloc(sizeof *r);

    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void redactor_free(struct redactor *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++) {
        secret_wipe(r->patterns[i].bytes, r->patterns[i].len);
        free(r->patterns[i].bytes);
    }
    free(r->patterns);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* ---- adding ---- */

static void add_pattern(struct redactor *r, enum form form, const char *bytes, size_t len)
{
    if (len < REDACT_LEAST || r->count >= MOST)
        return;
    for (size_t i = 0; i < r->count; i++)
        if (r->patterns[i].form == form && r->patterns[i].len == len && memcmp(r->patterns[i].bytes, bytes, len) == 0)
            return;
    if (r->count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        r->patterns = mem_realloc(r->patterns, r->cap * sizeof *r->patterns);
    }
    r->patterns[r->count] = (struct pattern){.form = form, .bytes = mem_alloc(len), .len = len};
    memcpy(r->patterns[r->count++].bytes, bytes, len);
    r->starts[(unsigned char)bytes[0]] = true;
    if (form == FORM_CLEAR)
        r->starts['%'] = r->starts['\\'] = r->starts[bytes[0] == ' ' ? '+' : (unsigned char)bytes[0]] = true;
}

/* The characters that the secret alone decides when `shift` unknown bytes stand before it in the encoded text. */
static void add_base64(struct redactor *r, enum base64_form form, const char *bytes, size_t len, size_t shift)
{
    char *shifted = mem_zalloc(shift + len + 1), *text;
    size_t from = shift == 0 ? 0 : shift + 1, to = (shift + len) * 8 / 6;

    memcpy(shifted + shift, bytes, len);
    text = base64_encode_form(form, shifted, shift + len);
    if (to >= from + BASE64_LEAST)
        add_pattern(r, FORM_BASE64, text + from, to - from);
    secret_wipe(text, strlen(text));
    secret_wipe(shifted, shift + len);
    free(text);
    free(shifted);
}

static void add_forms(struct redactor *r, const char *bytes, size_t len)
{
    add_pattern(r, FORM_CLEAR, bytes, len);
    for (size_t shift = 0; shift < 3 && len >= REDACT_LEAST; shift++) {
        add_base64(r, BASE64_STANDARD, bytes, len, shift);
        add_base64(r, BASE64_URL, bytes, len, shift);
    }
}

void redactor_add(struct redactor *r, const void *secret, size_t len)
{
    const char *bytes = secret, *line = bytes, *newline;

    if (!r || len < REDACT_LEAST)
        return;
    pthread_mutex_lock(&r->lock);
    add_forms(r, bytes, len);
    if (memchr(bytes, '\n', len)) /* a key in PEM reaches a log line by line */
        for (; line < bytes + len; line = newline + 1) {
            newline = memchr(line, '\n', (size_t)(bytes + len - line));
            if (!newline)
                newline = bytes + len;
            if (newline - line >= LINE_LEAST)
                add_forms(r, line, (size_t)(newline - line) - (newline[-1] == '\r'));
        }
    pthread_mutex_unlock(&r->lock);
}

/* ---- matching ---- */

enum reading { READ_PLAIN, READ_URL, READ_JSON, READINGS };

static int hex_of(const char *text, size_t left, size_t digits)
{
    int value = 0;

    if (left < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* One unit of text: how many characters it takes, and the 1..4 bytes that it stands for. */
struct unit {
    size_t width, len;
    char bytes[4];
};

static struct unit plain_unit(char c) { return (struct unit){.width = 1, .len = 1, .bytes = {c}}; }

static struct unit url_unit(const char *text, size_t left)
{
    int byte = *text == '%' ? hex_of(text + 1, left - 1, 2) : -1;

    if (byte >= 0)
        return (struct unit){.width = 3, .len = 1, .bytes = {(char)byte}};
    return plain_unit(*text == '+' ? ' ' : *text);
}

static struct unit utf8_unit(size_t width, int code)
{
    struct unit u = {.width = width};

    if (code < 0x80)
        u.bytes[u.len++] = (char)code;
    else if (code < 0x800)
        u.bytes[u.len++] = (char)(0xc0 | code >> 6);
    else if (code < 0x10000)
        u.bytes[u.len++] = (char)(0xe0 | code >> 12);
    else
        u.bytes[u.len++] = (char)(0xf0 | code >> 18);
    if (code >= 0x10000)
        u.bytes[u.len++] = (char)(0x80 | (code >> 12 & 63));
    if (code >= 0x800)
        u.bytes[u.len++] = (char)(0x80 | (code >> 6 & 63));
    if (code >= 0x80)
        u.bytes[u.len++] = (char)(0x80 | (code & 63));
    return u;
}

static struct unit json_unit(const char *text, size_t left)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    int code, low;

    if (*text != '\\' || left < 2)
        return plain_unit(*text);
    letter = text[1] ? strchr(letters, text[1]) : NULL;
    if (letter)
        return (struct unit){.width = 2, .len = 1, .bytes = {values[letter - letters]}};
    code = text[1] == 'u' ? hex_of(text + 2, left - 2, 4) : -1;
    if (code < 0)
        return plain_unit(*text);
    low = code >= 0xd800 && code < 0xdc00 && left > 8 && text[6] == '\\' && text[7] == 'u' ? hex_of(text + 8, left - 8, 4) : -1;
    if (low >= 0xdc00 && low < 0xe000)
        return utf8_unit(12, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
    return utf8_unit(6, code);
}

static struct unit next_unit(enum reading reading, const char *text, size_t left)
{
    return reading == READ_URL ? url_unit(text, left) : reading == READ_JSON ? json_unit(text, left) : plain_unit(*text);
}

/* Characters of `text` that read as the pattern, 0 when it does not stand here. When the text ends in the middle of the pattern and `cut`
 * is set, the rest of the text counts as a match. */
static size_t match_clear(const struct pattern *p, enum reading reading, const char *text, size_t left, bool cut)
{
    size_t at = 0, seen = 0;

    while (seen < p->len && at < left) {
        struct unit u = next_unit(reading, text + at, left - at);

        if (u.len > p->len - seen || memcmp(u.bytes, p->bytes + seen, u.len) != 0)
            return 0;
        seen += u.len;
        at += u.width;
    }
    return seen == p->len || (cut && seen >= REDACT_LEAST) ? at : 0;
}

static size_t match_base64(const struct pattern *p, const char *text, size_t left, bool cut)
{
    size_t len = p->len < left ? p->len : left;

    return (len == p->len || (cut && len >= BASE64_LEAST)) && memcmp(text, p->bytes, len) == 0 ? len : 0;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' || c == '_' ||
           c == '=';
}

/* The longest match at `text`. */
static size_t match(const struct redactor *r, const char *text, size_t left, bool cut, bool *out_base64)
{
    size_t best = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct pattern *p = &r->patterns[i];
        int readings = p->form == FORM_CLEAR ? READINGS : 1;

        for (int reading = 0; reading < readings; reading++) {
            size_t len = p->form == FORM_CLEAR ? match_clear(p, (enum reading)reading, text, left, cut) : match_base64(p, text, left, cut);

            if (len > best) {
                best = len;
                *out_base64 = p->form == FORM_BASE64;
            }
        }
    }
    return best;
}

void redactor_apply(struct redactor *r, char *text, size_t cap)
{
    size_t len = r ? strnlen(text, cap) : 0, at = 0, to = 0;
    bool cut = len + 1 >= cap;

    if (len == 0)
        return;
    pthread_mutex_lock(&r->lock);
    while (r->count && at < len) {
        bool base64 = false;
        size_t width = r->starts[(unsigned char)text[at]] ? match(r, text + at, len - at, cut, &base64) : 0;

        if (!width) {
            text[to++] = text[at++];
            continue;
        }
        at += width;
        /* The characters beside the core hold some of the secret's bits, too: up to two on the left, up to four with padding on the right.
         */
        for (int i = 0; base64 && i < 2 && to > 0 && is_base64(text[to - 1]); i++)
            to--;
        for (int i = 0; base64 && i < 4 && at < len && is_base64(text[at]); i++)
            at++;
        memcpy(text + to, REDACT_TEXT, strlen(REDACT_TEXT));
        to += strlen(REDACT_TEXT);
    }
    if (r->count)
        text[to] = '\0';
    pthread_mutex_unlock(&r->lock);
}
