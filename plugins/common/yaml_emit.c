/* Writes JSON values as YAML. Pure functions over jansson's values; any thread. */
#include "yaml_emit.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void emit_node(FILE *out, const json_t *value, int indent, bool *failed);

/* Words that YAML 1.1 readers take for booleans or null. */
static bool is_reserved_word(const char *text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", NULL};

    for (const char *const *word = words; *word; word++)
        if (strcasecmp(text, *word) == 0)
            return true;
    return false;
}

/* Plain scalars are kept to a shape that no reader can misread: a letter or slash first (so no number, date or sign), then a small
 * alphabet. */
static bool is_plain(const char *text, size_t len)
{
    static const char *const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-:";
    char first = len ? text[0] : '0';

    if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '/'))
        return false;
    if (strspn(text, alphabet) != len || text[len - 1] == ':')
        return false;
    return !is_reserved_word(text);
}

/* Decodes one code point of valid UTF-8 (jansson's strings are). Returns its length in bytes. */
static size_t code_point(const char *text, size_t left, unsigned *out)
{
    unsigned char lead = (unsigned char)text[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned code = len == 1 ? lead : lead & (0xFFu >> (len + 1));

    if (len > left)
        len = left;
    for (size_t i = 1; i < len; i++)
        code = (code << 6) | ((unsigned char)text[i] & 0x3Fu);
    *out = code;
    return len;
}

/* What the YAML specification calls printable, less the line breaks of YAML 1.1 and the byte order mark. */
static bool is_printable(unsigned code)
{
    return (code >= 0x20 && code <= 0x7E) || (code >= 0xA0 && code <= 0xD7FF && code != 0x2028 && code != 0x2029) ||
           (code >= 0xE000 && code <= 0xFFFD && code != 0xFEFF) || code >= 0x10000;
}

static void emit_quoted(FILE *out, const char *text, size_t len)
{
    static const struct {
        unsigned code;
        const char *escape;
    } named[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\t', "\\t"}, {'\r', "\\r"}, {0, "\\0"}};

    fputc('"', out);
    for (size_t at = 0, step; at < len; at += step) {
        unsigned code;
        size_t i;

        step = code_point(text + at, len - at, &code);
        for (i = 0; i < sizeof named / sizeof named[0] && named[i].code != code; i++)
            ;
        if (i < sizeof named / sizeof named[0])
            fputs(named[i].escape, out);
        else if (is_printable(code))
            fwrite(text + at, 1, step, out);
        else
            fprintf(out, code > 0xFFFF ? "\\U%08X" : "\\u%04X", code);
    }
    fputc('"', out);
}

/* Literal blocks are for texts of several printable lines; what a block cannot say exactly (leading blanks, control characters, trailing
 * blanks of a line, only line breaks) is quoted. */
static bool is_block(const char *text, size_t len)
{
    if (!memchr(text, '\n', len) || text[0] == ' ' || text[0] == '\n' || text[0] == '\t')
        return false;
    for (size_t at = 0, step; at < len; at += step) {
        unsigned code;

        step = code_point(text + at, len - at, &code);
        if (code != '\n' && code != '\t' && !is_printable(code))
            return false;
        if ((code == ' ' || code == '\t') && (at + 1 == len || text[at + 1] == '\n'))
            return false;
    }
    return true;
}

static void emit_block(FILE *out, const char *text, size_t len, int indent)
{
    size_t breaks = 0;

    while (breaks < len && text[len - 1 - breaks] == '\n')
        breaks++;
    fputs(breaks == 0 ? "|-" : breaks == 1 ? "|" : "|+", out);
    for (const char *at = text, *end = text + len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t line = (size_t)((stop ? stop : end) - at);

        fputc('\n', out);
        if (line)
            fprintf(out, "%*s%.*s", indent, "", (int)line, at);
        at = stop ? stop + 1 : end;
    }
}

static void emit_text(FILE *out, const char *text, size_t len, int indent)
{
    if (is_plain(text, len))
        fwrite(text, 1, len, out);
    else if (is_block(text, len))
        emit_block(out, text, len, indent);
    else
        emit_quoted(out, text, len);
}

static bool is_nested(const json_t *value)
{
    return (json_is_object(value) && json_object_size(value)) || (json_is_array(value) && json_array_size(value));
}

static void emit_scalar(FILE *out, const json_t *value, int indent)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        emit_text(out, json_string_value(value), json_string_length(value), indent);
        break;
    case JSON_INTEGER:
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        fprintf(out, "%.17g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        fputs(json_is_true(value) ? "true" : "false", out);
        break;
    case JSON_OBJECT:
        fputs("{}", out);
        break;
    case JSON_ARRAY:
        fputs("[]", out);
        break;
    case JSON_NULL:
        fputs("null", out);
        break;
    }
}

static void emit_object(FILE *out, const json_t *object, int indent, bool *failed)
{
    const char *key;
    json_t *value;
    bool first = true;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!first)
            fprintf(out, "\n%*s", indent, "");
        first = false;
        if (is_plain(key, strlen(key)))
            fputs(key, out);
        else
            emit_quoted(out, key, strlen(key));
        fputc(':', out);
        if (is_nested(value))
            fprintf(out, "\n%*s", json_is_array(value) ? indent : indent + 2, "");
        else
            fputc(' ', out);
        emit_node(out, value, json_is_array(value) ? indent : indent + 2, failed);
    }
}

static void emit_array(FILE *out, const json_t *array, int indent, bool *failed)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            fprintf(out, "\n%*s", indent, "");
        fputs("- ", out);
        emit_node(out, json_array_get(array, i), indent + 2, failed);
    }
}

/* Writes `value` where the cursor stands; further lines are indented by `indent`. */
static void emit_node(FILE *out, const json_t *value, int indent, bool *failed)
{
    if (indent > 2 * YAML_EMIT_DEPTH || *failed) {
        *failed = true;
        return;
    }
    if (!is_nested(value))
        emit_scalar(out, value, indent);
    else if (json_is_object(value))
        emit_object(out, value, indent, failed);
    else
        emit_array(out, value, indent, failed);
}

char *yaml_emit(const json_t *value)
{
    char *text = NULL;
    size_t len = 0;
    bool failed = false;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    emit_node(out, value, 0, &failed);
    fputc('\n', out);
    failed |= ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
