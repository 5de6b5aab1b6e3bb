/* Names that no other text can have: parts of paths and of backends' objects. Pure. */
#include "names.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>

static bool is_label(const char *text)
{
    size_t len = strlen(text);

    return len >= 1 && len <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && text[0] != '-';
}

size_t name_readable(const char *text, char out[41])
{
    size_t used = 0;

    for (; *text && used < 40; text++) {
        char c = *text;

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[used++] = c;
        else if (used && out[used - 1] != '-')
            out[used++] = '-';
    }
    while (used && out[used - 1] == '-')
        used--;
    out[used] = '\0';
    return used;
}

void name_part(const char *text, char out[81])
{
    struct sha256 sum;
    char hex[65];
    size_t used;

    if (is_label(text)) {
        snprintf(out, 81, "%s", text);
        return;
    }
    sha256_init(&sum);
    sha256_add(&sum, text, strlen(text));
    sha256_hex(&sum, hex);
    used = name_readable(text, out);
    /* a label has no "_", so no label can be taken for this */
    snprintf(out + used, 81 - used, "_%.32s", hex);
}

void name_unique(const char *const *identity, size_t count, const char *text, char out[64])
{
    char readable[41], hex[65];

    sha256_texts(identity, count, hex);
    if (!name_readable(text, readable))
        memcpy(readable, "x", 2);
    snprintf(out, 64, "%s_%.16s", readable, hex);
}

void name_mark(const struct name_scope *scope, const char *org, const char *identity, char out[NAME_MARK_BYTES])
{
    const char *parts[] = {org, scope->team, scope->environment, scope->application, identity};
    char hex[65];

    sha256_texts(parts, sizeof parts / sizeof *parts, hex);
    snprintf(out, NAME_MARK_BYTES, "inno-%.16s", hex);
}

bool name_is_host(const char *text, size_t most)
{
    size_t label = 0, len = strlen(text);

    for (size_t i = 0; i <= len; i++) {
        char c = text[i];

        if (c == '.' || c == '\0') {
            if (label == 0 || label > 63 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
    }
    return len <= most;
}

bool name_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *back = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            back = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool name_expand(const struct name_scope *scope, const char *form, char *out, size_t cap)
{
    const struct {
        const char *word, *value;
    } words[] = {{"{team}", scope->team}, {"{environment}", scope->environment}, {"{application}", scope->application}};
    size_t used = 0;

    while (*form) {
        size_t i = 0, len;
        char part[81];

        while (i < 3 && strncmp(form, words[i].word, strlen(words[i].word)) != 0)
            i++;
        if (i == 3) {
            if (used + 1 >= cap)
                return false;
            out[used++] = *form++;
            continue;
        }
        name_part(words[i].value, part); /* nothing in it is a star or a slash */
        len = strlen(part);
        if (used + len >= cap)
            return false;
        memcpy(out + used, part, len);
        used += len;
        form += strlen(words[i].word);
    }
    out[used] = '\0';
    return true;
}
