/* Owns reading and comparing of versions. Pure; any thread. */
#include "base/semver.h"
#include <stdlib.h>
#include <string.h>

#define IDENTIFIERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-."

bool semver_read(const char **at, struct semver *out)
{
    const char *text = *at;

    *out = (struct semver){0};
    text += *text == 'v' || *text == 'V';
    while (out->parts < 3) {
        size_t digits = strspn(text, "0123456789");

        if (*text == 'x' || *text == 'X' || *text == '*') {
            text++;
            break;
        }
        if (!digits || digits > 15)
            return false;
        out->part[out->parts++] = strtoll(text, NULL, 10);
        text += digits;
        if (out->parts == 3 || *text != '.')
            break;
        text++;
    }
    if (out->parts == 3 && *text == '-') {
        out->pre = ++text;
        text += out->pre_len = strspn(text, IDENTIFIERS);
    }
    if (out->parts == 3 && *text == '+') {
        out->build = ++text;
        text += out->build_len = strspn(text, IDENTIFIERS);
    }
    *at = text;
    return true;
}

static int sign_of(long long a, long long b) { return a < b ? -1 : a > b; }

/* One dot-separated identifier: numbers before texts, numbers by value. */
static int compare_identifier(const char *a, size_t a_len, const char *b, size_t b_len)
{
    bool a_number = strspn(a, "0123456789") >= a_len, b_number = strspn(b, "0123456789") >= b_len;
    int order;

    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a_len != b_len)
        return a_len < b_len ? -1 : 1;
    order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : sign_of((long long)a_len, (long long)b_len);
}

static int compare_pre(const struct semver *a, const struct semver *b)
{
    const char *x = a->pre, *y = b->pre, *x_end = x + a->pre_len, *y_end = y + b->pre_len;

    while (x < x_end && y < y_end) {
        size_t x_len = strcspn(x, "."), y_len = strcspn(y, ".");
        int order;

        x_len = x_len > (size_t)(x_end - x) ? (size_t)(x_end - x) : x_len;
        y_len = y_len > (size_t)(y_end - y) ? (size_t)(y_end - y) : y_len;
        order = compare_identifier(x, x_len, y, y_len);
        if (order)
            return order;
        x += x_len + 1;
        y += y_len + 1;
    }
    return sign_of(x < x_end, y < y_end);
}

int semver_compare(const struct semver *a, const struct semver *b)
{
    for (int i = 0; i < 3; i++)
        if (a->part[i] != b->part[i])
            return sign_of(a->part[i], b->part[i]);
    if (!a->pre || !b->pre)
        return a->pre ? -1 : b->pre ? 1 : 0;
    return compare_pre(a, b);
}

bool semver_is_newer(const char *a, const char *b)
{
    struct semver x, y;

    return a && b && semver_read(&a, &x) && semver_read(&b, &y) && !*a && !*b && semver_compare(&x, &y) > 0;
}
