/* Owns reading and writing of durations, quantities and byte sizes. Any thread; no state. */
#include "codec/units.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_DIGITS 18
__extension__ typedef __int128 wide; /* a product of two 64-bit values */

static const struct {
    const char *name;
    int64_t ms;
} duration_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
#define DURATION_UNITS (sizeof duration_units / sizeof duration_units[0])

/* Reads decimal digits at *s; false without any or beyond MAX_DIGITS. */
static bool digits(const char **s, int64_t *out)
{
    size_t count = strspn(*s, "0123456789");

    if (!count || count > MAX_DIGITS)
        return false;
    *out = 0;
    for (size_t i = 0; i < count; i++)
        *out = *out * 10 + ((*s)[i] - '0');
    *s += count;
    return true;
}

int duration_parse(const char *text, int64_t *out_ms, struct err *err)
{
    const char *at = text;
    size_t next = 0;
    int64_t total = 0, value, part;

    while (digits(&at, &value)) {
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz"), unit = next;

        if (!len)
            return err_set(err, ERR_DURATION, "\"%s\" has no unit: write %.20ss for seconds, or m, h, d, ms", text, text);
        while (unit < DURATION_UNITS && !(strlen(duration_units[unit].name) == len && strncmp(at, duration_units[unit].name, len) == 0))
            unit++;
        if (unit == DURATION_UNITS) /* unknown, or not in falling order */
            break;
        if (__builtin_mul_overflow(value, duration_units[unit].ms, &part) || __builtin_add_overflow(total, part, &total))
            return err_set(err, ERR_DURATION, "\"%.40s\" is too long a duration", text);
        at += len;
        next = unit + 1;
        if (!*at) {
            *out_ms = total;
            return 0;
        }
    }
    return err_set(err, ERR_DURATION, "\"%.40s\" is no duration: write 30s, 5m, 1h30m, 24h, 2d or 500ms", text);
}

const char *duration_format(int64_t ms, char out[static 32])
{
    size_t used = 0, first = ms % 86400000 < 3600000 ? 0 : 1; /* days only when no hours stand beside them: 36h, 2d */

    snprintf(out, 32, "0s");
    for (size_t i = first; i < DURATION_UNITS; i++) {
        int64_t count = ms / duration_units[i].ms;

        ms %= duration_units[i].ms;
        if (count && used < 32)
            used += (size_t)snprintf(out + used, 32 - used, "%lld%s", (long long)count, duration_units[i].name);
    }
    return out;
}

static const struct {
    const char *suffix;
    int power; /* of 1000 or 1024; -1: thousandths */
    bool binary;
} scales[] = {{"", 0, false},  {"m", -1, false}, {"k", 1, false},  {"K", 1, false},  {"M", 2, false},  {"G", 3, false},  {"T", 4, false},
              {"P", 5, false}, {"E", 6, false},  {"Ki", 1, true},  {"Mi", 2, true},  {"Gi", 3, true},  {"Ti", 4, true},  {"Pi", 5, true},
              {"Ei", 6, true}, {"KiB", 1, true}, {"MiB", 2, true}, {"GiB", 3, true}, {"TiB", 4, true}, {"PiB", 5, true}, {"EiB", 6, true}};

const char *quantity_hint(const char *text, char out[static 128])
{
    static const char *const decimal[] = {"kilobytes", "megabytes", "gigabytes", "terabytes", "petabytes", "exabytes"};
    static const char *const binary[] = {"kibibytes", "mebibytes", "gibibytes", "tebibytes", "pebibytes", "exbibytes"};
    size_t number = strspn(text, "0123456789."), rest = number + strspn(text + number, " ");
    const char *upper = "KMGTPE", *lower = "kmgtpe", *letter = text[rest] ? strchr(upper, text[rest]) : NULL;
    size_t which;
    char unit;

    if (!letter && text[rest])
        letter = strchr(lower, text[rest]) ? upper + (strchr(lower, text[rest]) - lower) : NULL;
    if (!number || number > 32 || !letter || strspn(text + rest + 1, "bBiI") != strlen(text + rest + 1))
        return NULL;
    which = (size_t)(letter - upper);
    unit = upper[which];
    snprintf(out, 128, "write %.*s%c (%s) or %.*s%ci (%s)", (int)number, text, unit, decimal[which], (int)number, text, unit,
             binary[which]);
    return out;
}

/* value * 1000^power or 1024^power; false beyond what 100 bits hold. */
static bool scale(wide *value, int power, bool binary)
{
    for (; power > 0; power--) {
        if (*value > ((wide)1 << 100))
            return false;
        *value *= binary ? 1024 : 1000;
    }
    return true;
}

/* Thousandths of the quantity, rounded up as Kubernetes does; false when it is none. */
static bool read_milli(const char *text, wide *out)
{
    const char *at = text;
    int64_t whole = 0, fraction = 0, divisor = 1;
    wide value;

    if (!digits(&at, &whole))
        return false;
    if (*at == '.') {
        const char *from = ++at;

        if (!digits(&at, &fraction))
            return false;
        for (; from < at; from++)
            divisor *= 10;
    }
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        wide part = fraction;

        if (strcmp(at, scales[i].suffix) != 0)
            continue;
        value = whole;
        if (!scale(&value, scales[i].power, scales[i].binary) || !scale(&part, scales[i].power, scales[i].binary))
            return false;
        if (scales[i].power >= 0) {
            value *= 1000;
            part *= 1000;
        }
        *out = value + (part + divisor - 1) / divisor;
        return true;
    }
    return false;
}

static int parse_milli(const char *text, wide *out, struct err *err)
{
    char hint[128];

    if (read_milli(text, out))
        return 0;
    if (quantity_hint(text, hint))
        return err_set(err, ERR_QUANTITY, "\"%.40s\" is no quantity: %s", text, hint);
    return err_set(err, ERR_QUANTITY, "\"%.40s\" is no quantity: write 128Mi, 1.5Gi, 500m or 2", text);
}

int quantity_parse(const char *text, int64_t *out_milli, struct err *err)
{
    wide milli;

    if (parse_milli(text, &milli, err) < 0)
        return -1;
    if (milli > INT64_MAX)
        return err_set(err, ERR_QUANTITY, "\"%.40s\" is too large", text);
    *out_milli = (int64_t)milli;
    return 0;
}

int bytes_parse(const char *text, int64_t *out_bytes, struct err *err)
{
    wide milli;

    if (parse_milli(text, &milli, err) < 0)
        return -1;
    if (milli / 1000 > INT64_MAX)
        return err_set(err, ERR_QUANTITY, "\"%.40s\" is too large", text);
    if (milli % 1000)
        return err_set(err, ERR_QUANTITY, "\"%.40s\" is no whole number of bytes: write 64Mi, 1.5Gi or 1000000", text);
    *out_bytes = (int64_t)(milli / 1000);
    return 0;
}
