/* Owns the YAML form of JSON values: block style, texts quoted whenever another reader could take them for something else. Pure. */
#include "cli/yaml.h"
#include "base/str.h"
#include <ctype.h>
#include <string.h>

static void emit(const json_t *value, int depth, struct buf *to);

static void indent(struct buf *to, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_add_text(to, "  ");
}

/* Words that YAML 1.1 or 1.2 readers take for a boolean or null, in any case. */
static bool is_reserved(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", ".inf", ".nan", "<<", "="};
    char lower[8] = "";
    size_t len = strlen(text);

    if (len == 0 || len >= sizeof lower)
        return len == 0;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(lower, words[i]))
            return true;
    return false;
}

/* Plain only when it begins with a letter, '/', '_' or '.', holds nothing with a meaning and is no reserved word; all else is quoted. */
static bool is_plain(const char *text, size_t len)
{
    if (len == 0 || strlen(text) != len || is_reserved(text) || !(isalpha((unsigned char)text[0]) || strchr("/_", text[0])) ||
        text[len - 1] == ' ' || text[len - 1] == ':')
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)text[i];

        if (ch < 0x20 || ch >= 0x7f || strchr("\"'\\{}[],&*!|>%@`", ch))
            return false;
        if ((ch == ':' && (text[i + 1] == ' ' || !text[i + 1])) || (ch == '#' && i > 0 && text[i - 1] == ' '))
            return false;
    }
    return true;
}

/* Appends what a double-quoted text may hold: control characters, line separators and marks that YAML does not print are escaped. */
static size_t emit_char(const unsigned char *at, struct buf *to)
{
    bool c1 = at[0] == 0xc2 && at[1] < 0xa0, separator = at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9);
    bool mark = at[0] == 0xef && (at[1] == 0xbb || at[1] == 0xbf) && at[2] >= 0xbe; /* U+FEFF, U+FFFE, U+FFFF */

    if (at[0] == '"' || at[0] == '\\')
        buf_printf(to, "\\%c", at[0]);
    else if (at[0] < 0x20 || at[0] == 0x7f)
        buf_printf(to, at[0] == '\n' ? "\\n" : at[0] == '\t' ? "\\t" : "\\x%02x", at[0]);
    else if (c1)
        buf_printf(to, "\\x%02x", at[1]);
    else if (separator || mark)
        buf_printf(to, "\\u%04x", (unsigned)((at[0] & 0xf) << 12 | (at[1] & 0x3f) << 6 | (at[2] & 0x3f)));
    else
        buf_add_char(to, (char)at[0]);
    return separator || mark ? 3 : c1 ? 2 : 1;
}

/* The bytes are UTF-8 without NUL, as every text of a JSON value, and followed by a NUL. */
static void emit_quoted(const char *text, size_t len, struct buf *to)
{
    buf_add_char(to, '"');
    for (size_t at = 0; at < len;)
        at += emit_char((const unsigned char *)text + at, to);
    buf_add_char(to, '"');
}

/* A text of several lines reads best as a literal block; leading spaces, tabs at line ends and control characters need quotes. */
static bool is_block(const char *text, size_t len)
{
    if (!memchr(text, '\n', len) || strlen(text) != len || text[0] == ' ' || text[0] == '\n' || text[0] == '\t')
        return false;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f || (unsigned char)text[i] == 0xc2 ||
            (unsigned char)text[i] == 0xe2 || (unsigned char)text[i] == 0xef || (text[i] == ' ' && (text[i + 1] == '\n' || !text[i + 1])))
            return false;
    return true;
}

static void emit_block(const char *text, size_t len, int depth, struct buf *to)
{
    bool keep = len >= 2 && text[len - 1] == '\n' && text[len - 2] == '\n';

    buf_add_text(to, keep ? "|+" : text[len - 1] == '\n' ? "|" : "|-");
    buf_add_char(to, '\n');
    while (*text) {
        size_t line = strcspn(text, "\n");

        if (line)
            indent(to, depth);
        buf_add(to, text, line);
        buf_add_char(to, '\n');
        text += line + (text[line] == '\n');
    }
}

static void emit_string(const json_t *value, int depth, struct buf *to)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);

    if (is_block(text, len)) {
        emit_block(text, len, depth ? depth : 1, to);
        return;
    }
    if (is_plain(text, len))
        buf_add_text(to, text);
    else
        emit_quoted(text, len, to);
    buf_add_char(to, '\n');
}

static void emit_key(const char *key, struct buf *to)
{
    if (is_plain(key, strlen(key)))
        buf_add_text(to, key);
    else
        emit_quoted(key, strlen(key), to);
    buf_add_char(to, ':');
}

/* A value behind "key:" or "-". */
static void emit_member(const json_t *value, int depth, struct buf *to)
{
    bool list = json_is_array(value) && json_array_size(value), map = json_is_object(value) && json_object_size(value);

    if (list || map) {
        buf_add_char(to, '\n');
        emit(value, depth, to);
        return;
    }
    buf_add_char(to, ' ');
    emit(value, depth, to);
}

static void emit_map(const json_t *value, int depth, bool first_inline, struct buf *to)
{
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (!first_inline)
            indent(to, depth);
        first_inline = false;
        emit_key(key, to);
        emit_member(member, depth + 1, to);
    }
}

static void emit_list(const json_t *value, int depth, struct buf *to)
{
    json_t *item;
    size_t i;

    json_array_foreach(value, i, item)
    {
        indent(to, depth);
        buf_add_char(to, '-');
        if (json_is_object(item) && json_object_size(item)) {
            buf_add_char(to, ' ');
            emit_map(item, depth + 1, true, to);
        } else {
            emit_member(item, depth + 1, to);
        }
    }
}

static void emit_scalar(const json_t *value, struct buf *to)
{
    char *number;

    if (json_is_array(value))
        buf_add_text(to, "[]");
    else if (json_is_object(value))
        buf_add_text(to, "{}");
    else if (json_is_null(value) || !value)
        buf_add_text(to, "null");
    else if ((number = json_dump_text(value, JSON_ENCODE_ANY))) {
        buf_add_text(to, number);
        free(number);
    }
    buf_add_char(to, '\n');
}

static void emit(const json_t *value, int depth, struct buf *to)
{
    if (json_is_object(value) && json_object_size(value))
        emit_map(value, depth, false, to);
    else if (json_is_array(value) && json_array_size(value))
        emit_list(value, depth, to);
    else if (json_is_string(value))
        emit_string(value, depth, to);
    else
        emit_scalar(value, to);
}

void yaml_emit(const json_t *value, struct buf *to) { emit(value, 0, to); }
