/* Owns the error table. Called from every thread; keeps no state. */
#include "base/err.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int orc;
    int http;
    bool retry;
    const char *class;
    const char *title;
    const char *remedy;
} table[] = {
#define X(name, orc, http, retry, class, title, remedy) [name] = {orc, http, retry, class, title, remedy},
    ERR_CODES(X)
#undef X
};

/* Appends as much of `text` as fits into `to`, a string in a buffer of `cap` bytes. */
static void append(char *to, size_t cap, const char *text)
{
    size_t used = strlen(to);
    size_t take = strnlen(text, cap - 1 - used);

    memcpy(to + used, text, take);
    to[used + take] = '\0';
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    char text[sizeof err->msg]; /* the arguments may point into err->msg */

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err->code = code;
    err->sys = 0;
    memcpy(err->msg, text, sizeof text);
    return -1;
}

int err_set_sys(struct err *err, enum err_code code, const char *fmt, ...)
{
    int sys = errno;
    va_list ap;
    char reason[128];

    *err = (struct err){.code = code, .sys = sys};
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    append(err->msg, sizeof err->msg, ": ");
    append(err->msg, sizeof err->msg, strerror_r(sys, reason, sizeof reason));
    return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    struct err cause = *err;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    append(err->msg, sizeof err->msg, ": ");
    append(err->msg, sizeof err->msg, cause.msg);
    return -1;
}

int err_orc(enum err_code code) { return table[code].orc; }
int err_http_status(enum err_code code) { return table[code].http; }
bool err_is_retryable(enum err_code code) { return table[code].retry; }
const char *err_class(enum err_code code) { return table[code].class; }
const char *err_title(enum err_code code) { return table[code].title; }
const char *err_remedy(enum err_code code) { return table[code].remedy; }

const char *err_name(enum err_code code, char out[static 16])
{
    snprintf(out, 16, "ORC-%04d", table[code].orc);
    return out;
}

enum err_code err_from_orc(int orc)
{
    for (int code = 1; code < ERR_CODE_COUNT; code++)
        if (table[code].orc == orc)
            return (enum err_code)code;
    return ERR_NONE;
}
