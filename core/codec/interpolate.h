/* ${...} in texts and values, for Score files and workflow files alike (placeholders.md, interfaces.md: Interpolation).
 * What a name means is the caller's: it hands in a resolver. */
#pragma once
#include "codec/json.h"

enum interp_mode {
    INTERP_SCORE,    /* value stays text; ${} is an error; no default; roots are the resolver's business */
    INTERP_WORKFLOW, /* a value that is exactly one placeholder keeps its JSON type; ${a.b:-default} */
};

/* Looks up one reference. `parts` are the keys (`\.` already undone), `count` >= 1; `text` is the reference as written.
 * Returns 0 with a new reference in out; -1 with err set (ERR_UNKNOWN_REFERENCE lets a default apply). */
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

/* Interpolates every string inside a value (not the keys). out: new reference. */
int interp_value(const struct interp *in, const json_t *value, json_t **out, struct err *err);

/* Calls `visit` for each reference in `text`, without resolving (to find dependencies). Malformed placeholders are errors. */
typedef int (*interp_visit)(void *ctx, const char *const *parts, size_t count, const char *text, size_t offset, struct err *err);
int interp_scan(enum interp_mode mode, const char *text, interp_visit visit, void *ctx, struct err *err);
int interp_scan_value(enum interp_mode mode, const json_t *value, interp_visit visit, void *ctx, struct err *err);
