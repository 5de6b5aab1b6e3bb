/* Owns the output of a program: kept up to a limit, and cut into lines for the log or the plugin. Main thread. */
#include "plugin/host/output.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK      (32u << 10)
#define ROUND      (256u << 10) /* bytes before the others have their turn */
#define LINE_BYTES (1u << 20)   /* for on_line */
#define MOST_LINES 50000        /* of a call, in the log: more than a person reads, less than the server calls a flood */

void output_init(struct output *o, struct inno_call *call, const inno_exec *command, int32_t stream, size_t most)
{
    *o = (struct output){.call = call, .fd = -1, .stream = stream, .on_line = command->on_line, .ctx = command->ctx, .most = most};
    o->quiet = command->flags & (stream == 1 ? INNO_EXEC_QUIET_OUT : INNO_EXEC_QUIET_ERR);
}

/* Grows geometrically up to `most`, and wipes what it leaves: outputs may hold secrets. */
static void append(char **bytes, size_t *len, size_t *cap, size_t most, const char *from, size_t count)
{
    if (*len + count > *cap) {
        size_t wanted = *cap * 2 > *len + count ? *cap * 2 : *len + count;
        char *grown = mem_alloc(wanted > most ? most : wanted);

        if (*len)
            memcpy(grown, *bytes, *len);
        if (*bytes)
            secret_wipe(*bytes, *len);
        free(*bytes);
        *bytes = grown;
        *cap = wanted > most ? most : wanted;
    }
    memcpy(*bytes + *len, from, count);
    *len += count;
}

static void keep(struct output *o, const char *bytes, size_t count)
{
    size_t room = o->most - o->len;

    o->cut = o->cut || count > room;
    if (count > room)
        count = room;
    if (count > 0)
        append(&o->kept, &o->len, &o->cap, o->most, bytes, count);
}

static void log_line(struct output *o, char *text)
{
    if (++o->call->exec_lines > MOST_LINES + 1)
        return;
    for (char *at = text; *at; at++) /* escape sequences are for terminals */
        if ((unsigned char)*at < ' ' && *at != '\t')
            *at = ' ';
    if (o->call->exec_lines > MOST_LINES)
        host_table.log(o->call, INNO_LOG_WARN, "(more than %d lines of programs; the rest is not shown)", MOST_LINES);
    else
        host_table.log(o->call, o->stream == 1 ? INNO_LOG_INFO : INNO_LOG_WARN, "%s", text);
}

static void end_line(struct output *o)
{
    if (o->line_len > 0 && o->line[o->line_len - 1] == '\r')
        o->line_len--;
    append(&o->line, &o->line_len, &o->line_cap, LINE_BYTES + 1, "", 1); /* its NUL */
    o->line_len--;
    if (o->on_line)
        o->on_line(o->ctx, o->stream, o->line, o->line_len);
    else if (o->line_len > 0)
        log_line(o, o->line);
    o->line_len = 0;
}

static void add_to_line(struct output *o, const char *bytes, size_t count)
{
    size_t most = o->on_line ? LINE_BYTES : LIMIT_LOG_LINE_BYTES;

    while (count > 0) {
        size_t part = most - o->line_len < count ? most - o->line_len : count;

        append(&o->line, &o->line_len, &o->line_cap, LINE_BYTES + 1, bytes, part);
        bytes += part;
        count -= part;
        if (o->line_len == most)
            end_line(o);
    }
}

static void take(struct output *o, const char *bytes, size_t count)
{
    keep(o, bytes, count);
    if (o->quiet && !o->on_line)
        return;
    for (const char *end; count > 0 && (end = memchr(bytes, '\n', count));) {
        size_t len = (size_t)(end - bytes);

        add_to_line(o, bytes, len);
        end_line(o);
        bytes += len + 1;
        count -= len + 1;
    }
    add_to_line(o, bytes, count);
}

static void at_end(struct output *o)
{
    if (o->line_len > 0)
        end_line(o);
    close_fd(&o->fd);
}

void output_read(struct output *o)
{
    char chunk[CHUNK];

    for (size_t round = 0; round < ROUND;) {
        ssize_t got = read(o->fd, chunk, sizeof chunk);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0) {
            at_end(o);
            break;
        }
        take(o, chunk, (size_t)got);
        round += (size_t)got;
    }
    secret_wipe(chunk, sizeof chunk);
}

inno_span output_keep(const struct output *o)
{
    char *bytes = host_table.alloc(o->call, o->len + 1);

    if (!bytes)
        return (inno_span){"", 0};
    if (o->len)
        memcpy(bytes, o->kept, o->len);
    return (inno_span){bytes, o->len};
}

static void wipe_free(char *bytes, size_t len)
{
    if (bytes)
        secret_wipe(bytes, len);
    free(bytes);
}

void output_fini(struct output *o)
{
    wipe_free(o->kept, o->len);
    wipe_free(o->line, o->line_len);
    close_fd(&o->fd);
}
