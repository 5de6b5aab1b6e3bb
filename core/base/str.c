/* Small text helpers. Any thread; no state. */
#include "base/str.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DISTANCE_CHARS 64

bool str_eq(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

bool str_starts(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

bool str_ends(const char *text, const char *suffix)
{
    size_t len = strlen(text), tail = strlen(suffix);

    return len >= tail && strcmp(text + len - tail, suffix) == 0;
}

/* Bytes of the well-formed sequence at `s`, 0 if there is none (RFC 3629, table 3-7 of Unicode). */
static size_t sequence(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t more;

    if (s[0] && s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        more = 1;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        more = 2;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        more = 3;
    else
        return 0;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (left <= more || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i <= more; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return more + 1;
}

bool str_is_utf8(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t step = sequence((const unsigned char *)bytes + at, len - at);

        if (!step)
            return false;
        at += step;
    }
    return true;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

unsigned str_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    unsigned row[3][MAX_DISTANCE_CHARS + 1];

    if (la > MAX_DISTANCE_CHARS || lb > MAX_DISTANCE_CHARS)
        return 1000;
    for (size_t j = 0; j <= lb; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= la; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < now[j])
                now[j] = earlier[j - 2] + 1;
        }
    }
    return row[la % 3][lb];
}

/* "vars" is short for "variables". */
static const char *str_abbreviated(const char *text, const char *const *candidates)
{
    size_t len = strlen(text);

    len -= len > 3 && text[len - 1] == 's';
    for (; *candidates; candidates++)
        if (strncmp(text, *candidates, len) == 0)
            return *candidates;
    return NULL;
}

const char *str_closest(const char *text, const char *const *candidates)
{
    size_t len = strlen(text);
    unsigned most = len < 6 ? (len < 3 ? 1 : 2) : (unsigned)(len / 3), best = most + 1;
    const char *found = NULL, *longer;
    const char *const *first = candidates;

    for (; *candidates; candidates++) {
        unsigned distance = str_distance(text, *candidates);

        if (distance < best) {
            best = distance;
            found = *candidates;
        }
    }
    if (best > 1 && len > 2 && (longer = str_abbreviated(text, first)))
        return longer;
    return found;
}

bool str_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool str_is_label(const char *text)
{
    size_t len = strlen(text);

    return len >= 2 && len <= 63 && text[0] != '-' && text[len - 1] != '-' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool str_to_int(const char *text, int64_t *out)
{
    char *end;
    long long value;

    if (!(text[0] >= '0' && text[0] <= '9') && !(text[0] == '-' && text[1] >= '0' && text[1] <= '9'))
        return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || *end)
        return false;
    *out = value;
    return true;
}
