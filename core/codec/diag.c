/* Owns lists of diagnostics: adding, ordering and showing them. One thread at a time a list. */
#include "codec/diag.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define RENDER_BYTES (1u << 20)
#define LINE_CHARS   120 /* of a source line shown; longer ones are cut around the column */

struct diag_list diag_list_make(struct arena *arena, const char *file)
{
    return (struct diag_list){.arena = arena, .file = file ? arena_strdup(arena, file) : NULL};
}

/* Control characters (C0, DEL, C1) and bytes that are no UTF-8 (a cut character) become '?': a document must not drive the terminal that
 * shows its errors. */
static char *printable(char *text)
{
    size_t left = text ? strlen(text) : 0, len;

    for (unsigned char *s = (unsigned char *)text; left; s += len, left -= len) {
        for (len = 1; len < 4 && len < left && !str_is_utf8((char *)s, len); len++)
            ;
        if (!str_is_utf8((char *)s, len)) {
            len = 1;
            *s = '?';
        } else if (*s == '\n' || *s == '\t') {
            *s = ' ';
        } else if (*s < 0x20 || *s == 0x7f) {
            *s = '?';
        } else if (*s == 0xc2 && s[1] < 0xa0) {
            *s = s[1] = '?';
        }
    }
    return text;
}

/* The place for one more; past LIMIT_DIAGS a spare one behind the last, which is overwritten and never shown. */
static struct diag *next_item(struct diag_list *list)
{
    if (list->count >= LIMIT_DIAGS) {
        list->truncated = true;
        return &list->items[LIMIT_DIAGS];
    }
    if (list->count >= list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        struct diag *items = arena_array(list->arena, cap + 1, sizeof *items);

        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    return &list->items[list->count++];
}

struct diag *diag_add(struct diag_list *list, enum diag_severity severity, enum err_code code, int line, int column, int width,
                      const char *path, const char *suggestion, const char *fmt, ...)
{
    struct diag *d = next_item(list);
    bool kept = !list->truncated;
    va_list ap;

    if (severity == DIAG_ERROR)
        list->errors++;
    else if (severity == DIAG_WARNING)
        list->warnings++;
    *d = (struct diag){
        .severity = severity, .code = code, .line = line, .column = column, .width = width > 0 ? width : 1, .path = "", .message = ""};
    if (!kept) /* counted, not stored: the arena stays bounded */
        return d;
    va_start(ap, fmt);
    d->message = printable(arena_vprintf(list->arena, fmt, ap));
    va_end(ap);
    d->path = path ? arena_strdup(list->arena, path) : "";
    d->suggestion = printable(arena_strdup(list->arena, suggestion));
    return d;
}

static bool before(const struct diag *a, const struct diag *b) { return a->line != b->line ? a->line < b->line : a->column < b->column; }

/* Insertion sort: stable, and a list has at most LIMIT_DIAGS. */
void diag_sort(struct diag_list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        struct diag item = list->items[i];
        size_t at = i;

        for (; at > 0 && before(&item, &list->items[at - 1]); at--)
            list->items[at] = list->items[at - 1];
        list->items[at] = item;
    }
}

static const char *file_of(const struct diag_list *list, const struct diag *d) { return d->file ? d->file : list->file; }

int diag_to_err(const struct diag_list *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct diag *d = &list->items[i];
        const char *file = file_of(list, d);

        if (d->severity != DIAG_ERROR)
            continue;
        if (d->line > 0)
            return err_set(err, d->code, "%s:%d:%d: %s%s%s%s", file ? file : "document", d->line, d->column, d->message,
                           d->suggestion ? " (" : "", d->suggestion ? d->suggestion : "", d->suggestion ? ")" : "");
        return err_set(err, d->code, "%s%s%s: %s", file ? file : "document", d->path[0] ? " at " : "", d->path, d->message);
    }
    return err_set(err, ERR_INTERNAL, "a failed document has no error");
}

static const char *const severity_names[] = {[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_INFO] = "info"};

json_t *diag_to_json(const struct diag_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++) {
        const struct diag *d = &list->items[i];
        json_t *item = json_object();
        char code[16];

        json_set_str(item, "file", d->file);
        json_set_str(item, "path", d->path);
        if (d->line > 0) {
            json_set_int(item, "line", d->line);
            json_set_int(item, "column", d->column);
        }
        json_set_str(item, "severity", severity_names[d->severity]);
        json_set_str(item, "code", err_name(d->code, code));
        json_set_str(item, "message", d->message);
        json_set_str(item, "suggestion", d->suggestion);
        json_array_append_new(array, item);
    }
    return array;
}

/* The `line`-th line of the source (from 1); its length in bytes without the line end. NULL when there is none. */
static const char *source_line(const char *source, int line, size_t *len)
{
    for (int at = 1; source && at < line; at++) {
        source = strchr(source, '\n');
        if (source)
            source++;
    }
    if (!source)
        return NULL;
    *len = strcspn(source, "\r\n");
    return source;
}

/* Bytes of the first `chars` characters of a line, at most `len`. */
static size_t bytes_of(const char *text, size_t len, size_t chars)
{
    size_t at = 0;

    for (; at < len && chars; chars--)
        for (at++; at < len && ((unsigned char)text[at] & 0xc0) == 0x80;)
            at++;
    return at;
}

static size_t chars_of(const char *text, size_t len)
{
    size_t chars = 0;

    for (size_t i = 0; i < len; i++)
        chars += ((unsigned char)text[i] & 0xc0) != 0x80;
    return chars;
}

/* The source line and the start of the caret line. */
static void render_source(struct buf *b, const struct diag *d, const char *text, size_t len, bool colour)
{
    size_t column = (size_t)(d->column > 0 ? d->column - 1 : 0), width = (size_t)d->width, from = 0, chars;
    char *clean;

    if (column > LINE_CHARS - 40) { /* far to the right: show the part around it */
        from = column - 40;
        text += bytes_of(text, len, from);
        len = strcspn(text, "\r\n");
        column -= from;
    }
    len = bytes_of(text, len, LINE_CHARS);
    chars = chars_of(text, len);
    clean = printable(mem_strndup(text, len));
    buf_printf(b, "%4d | %s\n     | ", d->line, clean);
    free(clean);
    if (column > chars)
        column = chars;
    if (width > chars - column)
        width = chars > column ? chars - column : 1;
    for (size_t i = 0; i < column; i++)
        buf_add_char(b, ' ');
    buf_add_text(b, colour ? "\033[1;31m" : "");
    for (size_t i = 0; i < width; i++)
        buf_add_char(b, '^');
    buf_add_text(b, colour ? "\033[0m" : "");
}

/* True when the message begins with the very text that would be underlined: then the source line would only repeat it. */
static bool message_quotes(const struct diag *d, const char *text, size_t len)
{
    size_t from = bytes_of(text, len, (size_t)(d->column > 0 ? d->column - 1 : 0));
    size_t bytes = bytes_of(text + from, len - from, (size_t)d->width);

    return d->width > 2 && bytes > 2 && strncmp(d->message, text + from, bytes) == 0;
}

static void render_one(struct buf *b, const struct diag_list *list, const struct diag *d, const char *source, bool colour)
{
    static const char *const colours[] = {[DIAG_ERROR] = "\033[1;31m", [DIAG_WARNING] = "\033[1;33m", [DIAG_INFO] = "\033[1;36m"};
    const char *file = file_of(list, d), *text;
    char code[16];
    size_t len;

    buf_add_text(b, file ? file : "document");
    if (d->line > 0)
        buf_printf(b, ":%d:%d", d->line, d->column > 0 ? d->column : 1);
    else if (d->path[0])
        buf_printf(b, ": %s", d->path);
    buf_printf(b, ": %s%s[%s]%s: %s\n", colour ? colours[d->severity] : "", severity_names[d->severity], err_name(d->code, code),
               colour ? "\033[0m" : "", d->message);
    text = d->line > 0 && !d->file ? source_line(source, d->line, &len) : NULL;
    if (text && len && !message_quotes(d, text, len)) {
        render_source(b, d, text, len, colour);
        buf_printf(b, "%s%s\n", d->suggestion ? " help: " : "", d->suggestion ? d->suggestion : "");
    } else if (d->suggestion) {
        buf_printf(b, "     | help: %s\n", d->suggestion);
    }
}

const char *diag_render(const struct diag_list *list, const char *source, bool colour, struct arena *arena)
{
    struct buf b = BUF_INIT(RENDER_BYTES);
    const char *text;

    for (size_t i = 0; i < list->count; i++)
        render_one(&b, list, &list->items[i], source, colour);
    if (list->truncated)
        buf_printf(&b, "... and more: only the first %d problems are shown\n", LIMIT_DIAGS);
    text = arena_strdup(arena, buf_text(&b));
    buf_fini(&b);
    return text;
}
