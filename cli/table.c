/* Owns tables: as wide as their content, narrowed to the terminal by cutting the widest columns. */
#include "base/clock.h"
#include "base/str.h"
#include "cli/output.h"
#include <stdio.h>
#include <string.h>

#define TABLE_BYTES   (64u << 20)
#define COLUMN_GAP    2
#define COLUMN_LEAST  6 /* narrower columns say nothing */
#define TABLE_COLUMNS 24

struct table {
    const struct out_column *columns[TABLE_COLUMNS];
    size_t widths[TABLE_COLUMNS];
    size_t count, rows;
    const char **cells; /* rows x count; row 0 is the titles */
    const json_t *items;
};

static const char *cell_text(const struct out_column *column, const json_t *item, int64_t now, struct arena *arena)
{
    const json_t *value = json_at(item, column->path);

    if (column->kind == COLUMN_AGO)
        return out_ago(arena, json_string_value(value), now);
    return out_clean(arena, out_word(arena, value), false);
}

static void fill(struct table *t, const struct out_column *columns, bool wide, struct arena *arena)
{
    int64_t now = clock_now_us();

    for (; columns->title && t->count < TABLE_COLUMNS; columns++)
        if (wide || !columns->wide)
            t->columns[t->count++] = columns;
    t->rows = json_array_size(t->items) + 1;
    t->cells = arena_array(arena, t->rows * t->count, sizeof *t->cells);
    for (size_t row = 0; row < t->rows; row++)
        for (size_t i = 0; i < t->count; i++) {
            const char *text = row ? cell_text(t->columns[i], json_array_get(t->items, row - 1), now, arena) : t->columns[i]->title;
            size_t width = out_columns(text);

            t->cells[row * t->count + i] = text;
            t->widths[i] = width > t->widths[i] ? width : t->widths[i];
        }
}

/* Takes a character from the widest column until all fit; what is copied stays whole. Where even that is too wide, nothing is cut: the
 * terminal breaks the lines anyway, and then they had better be whole. */
static void narrow(struct table *t, size_t width)
{
    size_t total = 0, least = 0, widest;
    bool may[TABLE_COLUMNS];

    for (size_t i = 0; i < t->count; i++) {
        total += t->widths[i] + (i ? COLUMN_GAP : 0);
        may[i] = t->columns[i]->kind != COLUMN_COPY;
        least += (may[i] && t->widths[i] > COLUMN_LEAST ? COLUMN_LEAST : t->widths[i]) + (i ? COLUMN_GAP : 0);
    }
    if (least > width)
        return;
    for (; width && total > width; total--) {
        widest = t->count;
        for (size_t i = 0; i < t->count; i++)
            if (may[i] && t->widths[i] > COLUMN_LEAST && (widest == t->count || t->widths[i] >= t->widths[widest]))
                widest = i;
        if (widest == t->count)
            return;
        t->widths[widest]--;
    }
}

static void put_cell(const struct cli *c, const struct table *t, size_t row, size_t column, struct arena *arena, struct buf *to)
{
    const char *whole = t->cells[row * t->count + column], *text = out_cut(arena, whole, t->widths[column]);
    size_t blank = t->widths[column] - out_columns(text);
    bool last = column + 1 == t->count, right = t->columns[column]->kind == COLUMN_RIGHT;
    enum style style = row == 0 ? STYLE_BOLD : t->columns[column]->kind == COLUMN_STATE ? out_state_style(whole) : STYLE_NONE;
    struct cli painter = {.colour_out = c->colour_out};

    for (size_t i = 0; right && i < blank; i++)
        buf_add_char(to, ' ');
    buf_add_text(to, out_paint(&painter, style, text));
    for (size_t i = 0; !right && !last && i < blank; i++)
        buf_add_char(to, ' ');
    buf_add_text(to, last ? "\n" : "  ");
    arena_fini(&painter.arena);
}

void out_table_text(const struct cli *c, const struct out_column *columns, const json_t *items, size_t width, struct arena *arena,
                    struct buf *to)
{
    struct table t = {.items = items};

    fill(&t, columns, c->output == OUTPUT_WIDE, arena);
    narrow(&t, c->output == OUTPUT_WIDE ? 0 : width);
    for (size_t row = 0; row < t.rows; row++)
        for (size_t i = 0; i < t.count; i++)
            put_cell(c, &t, row, i, arena, to);
}

void out_table(struct cli *c, const struct out_column *columns, const json_t *items, const char *empty)
{
    struct buf text = BUF_INIT(TABLE_BYTES);

    if (json_array_size(items) == 0) {
        cli_say(c, "%s", empty);
        return;
    }
    out_table_text(c, columns, items, out_width(), &c->arena, &text);
    fwrite(buf_text(&text), 1, text.len, stdout);
    buf_fini(&text);
}
