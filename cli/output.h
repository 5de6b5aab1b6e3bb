/* What goes to standard output: tables that fit the terminal, JSON, YAML, colours. */
#pragma once
#include "base/buf.h"
#include "cli/command.h"

enum style { STYLE_NONE, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_GREEN, STYLE_YELLOW, STYLE_BLUE };

/* Prints `value` when JSON or YAML was asked for. False: nothing was printed. */
bool out_data(const struct cli *c, const json_t *value);

/* The text in a style (arena), or as it is without colours. */
const char *out_paint(struct cli *c, enum style style, const char *text);
/* The style of a state: active and completed are green, failed red, waiting yellow. */
enum style out_state_style(const char *state);

enum column_kind {
    COLUMN_TEXT,  /* a text, number or flag; a list is joined with commas */
    COLUMN_AGO,   /* a time: "4 m" */
    COLUMN_STATE, /* in its colour */
    COLUMN_RIGHT, /* a number, to the right */
    COLUMN_COPY,  /* an id or a name that is typed again: never cut, the line is rather wrapped by the terminal */
};

struct out_column {
    const char *title, *path; /* dotted path in the item; a NULL title closes a list */
    enum column_kind kind;
    bool wide; /* only with --output wide */
};

/* Prints a table of the items (array of objects). Without items it says `empty` on standard error. */
void out_table(struct cli *c, const struct out_column *columns, const json_t *items, const char *empty);

/* The same as text, for a width (0: as wide as it gets). Any thread. */
void out_table_text(const struct cli *c, const struct out_column *columns, const json_t *items, size_t width, struct arena *arena,
                    struct buf *to);

/* "4 m", "2 h", "3 d": from `us` to now. Arena text. */
const char *out_ago(struct arena *arena, const char *rfc3339, int64_t now_us);
/* "12 ms", "1.4 s", "2 m 03 s". Arena text. */
const char *out_duration(struct arena *arena, int64_t ms);

/* Columns of the terminal on standard output; 0 when it is none and COLUMNS does not say. */
size_t out_width(void);
/* Characters of UTF-8 text as a terminal shows them (combining marks 0, wide ones 2). */
size_t out_columns(const char *text);
/* At most `most` columns of the text, ending with an ellipsis when cut. Arena text. */
const char *out_cut(struct arena *arena, const char *text, size_t most);
/* Control characters and invalid bytes as \xNN; line ends and tabs stay when `lines`. Arena text. */
const char *out_clean(struct arena *arena, const char *text, bool lines);

/* A JSON value as one word for people: texts unquoted, null as "-", lists joined. Arena text. */
const char *out_word(struct arena *arena, const json_t *value);
