/* The process's log. Any thread; a line is one write(2), so lines never mix. */
#include "base/log.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_LINE (32u << 10)

static _Atomic int the_format = LOG_TEXT;
static _Atomic int the_least = LOG_INFO;
static _Thread_local char request[64];

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_init(enum log_format format, enum log_level least)
{
    the_format = format;
    the_least = least;
}

void log_set_request(const char *request_id)
{
    size_t len = request_id ? strnlen(request_id, sizeof request - 1) : 0;

    if (len)
        memcpy(request, request_id, len);
    request[len] = '\0';
}

/* Appends `text` with control characters, quotes and backslashes escaped as in JSON. */
static void add_escaped(struct buf *line, const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;

        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(line, "\\u%04x", c);
        else
            buf_add_char(line, (char)c);
    }
}

static void add_json_field(struct buf *line, const char *key, const char *value)
{
    buf_printf(line, "%s\"", line->len > 1 ? "," : "");
    add_escaped(line, key);
    buf_add_text(line, "\":\"");
    add_escaped(line, value ? value : "");
    buf_add_char(line, '"');
}

static void format_json(struct buf *line, const char *at, const char *level, const char *module, const char *text,
                        const struct log_field *fields)
{
    buf_add_char(line, '{');
    add_json_field(line, "at", at);
    add_json_field(line, "level", level);
    add_json_field(line, "module", module);
    add_json_field(line, "message", text);
    if (request[0])
        add_json_field(line, "request_id", request);
    for (; fields && fields->key; fields++)
        add_json_field(line, fields->key, fields->value);
    buf_add_text(line, "}\n");
}

static void format_text(struct buf *line, const char *at, const char *level, const char *module, const char *text,
                        const struct log_field *fields)
{
    buf_printf(line, "%s %-5s %s: ", at, level, module);
    add_escaped(line, text);
    if (request[0])
        buf_printf(line, " request_id=%s", request);
    for (; fields && fields->key; fields++) {
        buf_printf(line, " %s=\"", fields->key);
        add_escaped(line, fields->value ? fields->value : "");
        buf_add_char(line, '"');
    }
    buf_add_char(line, '\n');
}

void log_write(enum log_level level, const char *module, const struct log_field *fields, const char *fmt, ...)
{
    CLEANUP(buf_fini) struct buf line = BUF_INIT(MAX_LINE);
    CLEANUP(buf_fini) struct buf text = BUF_INIT(MAX_LINE / 4);
    char at[CLOCK_TEXT_BYTES];
    va_list ap;

    if ((int)level < the_least)
        return;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    (the_format == LOG_JSON ? format_json : format_text)(&line, clock_format(clock_now_us(), at), level_names[level], module,
                                                         buf_text(&text), fields);
    if (write(STDERR_FILENO, buf_text(&line), line.len) < 0)
        return; /* nowhere left to say it */
}
