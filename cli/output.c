/* Owns what standard output looks like: cleaning, widths, colours, JSON and YAML. */
#include "cli/output.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/yaml.h"
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PRINT_BYTES (64u << 20)

bool out_data(const struct cli *c, const json_t *value)
{
    struct buf text = BUF_INIT(PRINT_BYTES);

    if (c->output == OUTPUT_JSON) {
        json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
        putchar('\n');
        return true;
    }
    if (c->output != OUTPUT_YAML)
        return false;
    yaml_emit(value, &text);
    fwrite(buf_text(&text), 1, text.len, stdout);
    buf_fini(&text);
    return true;
}

/* ---- colours ---- */

const char *out_paint(struct cli *c, enum style style, const char *text)
{
    static const char *const codes[] = {"", "1", "2", "31", "32", "33", "34"};

    if (!c->colour_out || style == STYLE_NONE || !text[0])
        return text;
    return arena_printf(&c->arena, "\033[%sm%s\033[0m", codes[style], text);
}

enum style out_state_style(const char *state)
{
    static const struct {
        const char *state;
        enum style style;
    } styles[] = {
        {"active", STYLE_GREEN},        {"completed", STYLE_GREEN},    {"ready", STYLE_GREEN},
        {"passed", STYLE_GREEN},        {"healthy", STYLE_GREEN},      {"failed", STYLE_RED},
        {"rejected", STYLE_RED},        {"expired", STYLE_RED},        {"refused", STYLE_RED},
        {"denied", STYLE_RED},          {"dead", STYLE_RED},           {"stuck", STYLE_RED},
        {"degraded", STYLE_RED},        {"open_circuit", STYLE_RED},   {"error", STYLE_RED},
        {"waiting", STYLE_YELLOW},      {"paused", STYLE_YELLOW},      {"queued", STYLE_YELLOW},
        {"compensating", STYLE_YELLOW}, {"rolled_back", STYLE_YELLOW}, {"running", STYLE_BLUE},
        {"deploying", STYLE_BLUE},      {"canceled", STYLE_DIM},       {"skipped", STYLE_DIM},
        {"pending", STYLE_DIM},         {"deleted", STYLE_DIM},        {"terminated", STYLE_DIM},
        {"superseded", STYLE_DIM},      {"orphaned", STYLE_YELLOW},
    };

    for (size_t i = 0; state && i < sizeof styles / sizeof *styles; i++)
        if (str_eq(styles[i].state, state))
            return styles[i].style;
    return STYLE_NONE;
}

/* ---- times ---- */

const char *out_duration(struct arena *arena, int64_t ms)
{
    if (ms < 1000)
        return arena_printf(arena, "%lld ms", (long long)(ms < 0 ? 0 : ms));
    if (ms < 60000)
        return arena_printf(arena, "%lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
    if (ms < 3600000)
        return arena_printf(arena, "%lld m %02lld s", (long long)(ms / 60000), (long long)(ms % 60000 / 1000));
    return arena_printf(arena, "%lld h %02lld m", (long long)(ms / 3600000), (long long)(ms % 3600000 / 60000));
}

const char *out_ago(struct arena *arena, const char *rfc3339, int64_t now_us)
{
    struct err ignored = {0};
    int64_t then, seconds;

    if (!rfc3339 || clock_parse(rfc3339, &then, &ignored) < 0)
        return "-";
    seconds = (now_us - then) / US_PER_SEC;
    if (seconds < 0)
        return "now";
    if (seconds < 60)
        return arena_printf(arena, "%lld s", (long long)seconds);
    if (seconds < 3600)
        return arena_printf(arena, "%lld m", (long long)(seconds / 60));
    if (seconds < 2 * 86400)
        return arena_printf(arena, "%lld h", (long long)(seconds / 3600));
    return arena_printf(arena, "%lld d", (long long)(seconds / 86400));
}

/* ---- characters ---- */

/* Reads one character; returns its bytes, 0 for an invalid one. */
static size_t next_char(const char *text, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    uint32_t value = len == 1 ? p[0] : len ? p[0] & (0xffu >> (len + 1)) : 0;

    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    *out = value;
    return len && !(len == 3 && (value < 0x800 || (value >= 0xd800 && value < 0xe000))) &&
                   !(len == 4 && (value < 0x10000 || value > 0x10ffff))
               ? len
               : 0;
}

/* Columns of one character: enough of Unicode's tables for names and messages. */
static size_t char_columns(uint32_t ch)
{
    if ((ch >= 0x300 && ch <= 0x36f) || (ch >= 0x200b && ch <= 0x200f) || (ch >= 0xfe00 && ch <= 0xfe0f) || (ch >= 0x20d0 && ch <= 0x20ff))
        return 0;
    if ((ch >= 0x1100 && ch <= 0x115f) || (ch >= 0x2e80 && ch <= 0xa4cf) || (ch >= 0xac00 && ch <= 0xd7a3) ||
        (ch >= 0xf900 && ch <= 0xfaff) || (ch >= 0xfe30 && ch <= 0xfe6f) || (ch >= 0xff00 && ch <= 0xff60) ||
        (ch >= 0x1f300 && ch <= 0x1faff) || (ch >= 0x20000 && ch <= 0x3fffd))
        return 2;
    return 1;
}

size_t out_columns(const char *text)
{
    size_t columns = 0, len;
    uint32_t ch = 0;

    for (; *text; text += len ? len : 1) {
        len = next_char(text, &ch);
        columns += len ? char_columns(ch) : 1;
    }
    return columns;
}

const char *out_cut(struct arena *arena, const char *text, size_t most)
{
    const char *at = text;
    size_t used = 0, len, wide;
    uint32_t ch = 0;

    if (out_columns(text) <= most)
        return text;
    for (; *at; at += len ? len : 1, used += wide) {
        len = next_char(at, &ch);
        wide = len ? char_columns(ch) : 1;
        if (used + wide + 1 > most)
            break;
    }
    return arena_printf(arena, "%.*s%s", (int)(at - text), text, most ? "…" : "");
}

/* What could move a terminal's cursor or reorder its line: C0, DEL, C1, and the bidirectional controls. */
static bool is_control(uint32_t ch)
{
    return ch < 0x20 || (ch >= 0x7f && ch < 0xa0) || (ch >= 0x202a && ch <= 0x202e) || (ch >= 0x2066 && ch <= 0x2069);
}

const char *out_clean(struct arena *arena, const char *text, bool lines)
{
    struct buf clean = BUF_INIT(PRINT_BYTES);
    const char *kept;
    uint32_t ch = 0;
    size_t len;

    for (; *text; text += len ? len : 1) {
        len = next_char(text, &ch);
        if (len && (!is_control(ch) || (lines && (ch == '\n' || ch == '\t'))))
            buf_add(&clean, text, len);
        else if (ch == '\n' || ch == '\t')
            buf_add_char(&clean, ' ');
        else if (len > 1)
            buf_printf(&clean, "\\u%04x", ch);
        else
            buf_printf(&clean, "\\x%02x", (unsigned char)*text);
    }
    kept = arena_strdup(arena, buf_text(&clean));
    buf_fini(&clean);
    return kept;
}

const char *out_word(struct arena *arena, const json_t *value)
{
    const char *joined = "";
    json_t *item;
    size_t i;
    char *text;

    if (!value || json_is_null(value))
        return "-";
    if (json_is_string(value))
        return json_string_value(value)[0] ? json_string_value(value) : "-";
    if (json_secret_ref(value))
        return "(secret)";
    if (json_is_array(value)) {
        json_array_foreach(value, i, item) joined =
            arena_printf(arena, "%s%s%s", joined, i ? "," : "", json_str(item, "name") ? json_str(item, "name") : out_word(arena, item));
        return joined[0] ? joined : "-";
    }
    text = json_dump_text(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
    joined = arena_strdup(arena, text ? text : "-");
    free(text);
    return joined;
}

size_t out_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    int64_t number;

    if (columns && str_to_int(columns, &number) && number > 0 && number < 10000)
        return (size_t)number;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return 0;
}
