/* ${...} in texts and values, for Score files and workflow files alike (placeholders.md, interfaces.md: Interpolation).
 * What a name means is the caller's: it hands in a resolver. */
#pragma once
#include "codec/json.h"

enum interp_mode {
    INTERP_SCORE,    /* value stays text; ${} is an error; no default; roots are the resolver's business */
    INTERP_WORKFLOW, /* a value that is exactly one placeholder keeps its JSON type; ${a.b:-default} */
};

#define INTERP_MAX_PARTS 32 /* keys of one reference */

/* Looks up one reference. `parts` are the keys (`\.` already undone), `count` >= 1; `text` is what stands between the braces as written
 * (with a default, if there is one). Returns 0 with a new reference in out; -1 with err set. In workflow mode a default applies, as a
 * string, to ERR_UNKNOWN_REFERENCE and to null. */
typedef int (*interp_resolve)(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err);

struct interp {
    enum interp_mode mode;
    interp_resolve resolve;
    void *ctx;
    /* Called for each error instead of stopping at the first, with the offset of the placeholder in the text; may be NULL. */
    void (*on_error)(void *ctx, const char *text, size_t offset, size_t width, const struct err *err);
};

/* Interpolates one text. A placeholder that resolves to a secret inside a longer text makes the whole a secret with a template reference:
 * {"$secret": "template:postgres://u:${resource:r-01...#password}@h"} ($$ escapes), so a secret never becomes text here. out: new
 * reference. */
int interp_text(const struct interp *in, const char *text, json_t **out, struct err *err);

/* Interpolates every string inside a value (not the keys; secrets stay as they are). out: new reference. */
int interp_value(const struct interp *in, const json_t *value, json_t **out, struct err *err);

/* Calls `visit` for each reference in `text`, without resolving (to find dependencies). Malformed placeholders are errors. */
typedef int (*interp_visit)(void *ctx, const char *const *parts, size_t count, const char *text, size_t offset, struct err *err);
int interp_scan(enum interp_mode mode, const char *text, interp_visit visit, void *ctx, struct err *err);
int interp_scan_value(enum interp_mode mode, const json_t *value, interp_visit visit, void *ctx, struct err *err);

/* One piece of a text: literal bytes (count is 0) or a reference. */
struct interp_part {
    const char *literal; /* into the text */
    size_t len;
    const char *parts[INTERP_MAX_PARTS]; /* the keys; they live in `memory` */
    size_t count;
    const char *text;     /* between the braces, as written */
    const char *fallback; /* after ":-", NULL if there is none */
    size_t offset, width; /* of the piece in the text, in bytes */
    char *memory;
};

void interp_part_fini(struct interp_part *part);

/* Takes the piece of `text` that begins at *at and moves *at behind it. Returns 1 with a piece (interp_part_fini() it), 0 at the end, -1
 * for a malformed placeholder (ERR_PLACEHOLDER; out has its offset and width, *at is behind it, so that the caller may go on). */
int interp_next(enum interp_mode mode, const char *text, size_t *at, struct interp_part *out, struct err *err);
