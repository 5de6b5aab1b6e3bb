/* Diagnostics: problems in a document, each with its place, all reported together and sorted by position (interfaces.md, Diagnostics). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "codec/json.h"

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_INFO };

struct diag {
    enum diag_severity severity;
    enum err_code code;
    const char *file;       /* as the user named it; NULL: the list's file */
    const char *path;       /* JSON pointer into the document ("/containers/web/image"), "" for the root */
    int line, column;       /* from 1; 0: unknown */
    int width;              /* characters to underline, at least 1 */
    const char *message;    /* a sentence: what is wrong, with the value */
    const char *suggestion; /* what to write instead ("did you mean \"containers\"?"), NULL if none */
};

struct diag_list {
    struct arena *arena; /* holds the texts; outlives the list */
    const char *file;
    struct diag *items; /* grown in the arena */
    size_t count, cap;
    size_t errors, warnings;
    bool truncated; /* LIMIT_DIAGS reached */
};

struct diag_list diag_list_make(struct arena *arena, const char *file);

/* Adds one; texts are copied. `suggestion` may be NULL. */
struct diag *diag_add(struct diag_list *list, enum diag_severity severity, enum err_code code, int line, int column, int width,
                      const char *path, const char *suggestion, const char *fmt, ...) __attribute__((format(printf, 9, 10)));

void diag_sort(struct diag_list *list); /* by line, column, then order of arrival */

/* Moves the errors' first into `err` (code, message with file:line:col). Returns -1. Only when list->errors > 0. */
int diag_to_err(const struct diag_list *list, struct err *err);

/* [{path, line, column, severity, code, message, suggestion}] as problem details carry them. New reference. */
json_t *diag_to_json(const struct diag_list *list);

/* file:line:col: error[ORC-1003]: message, the source line, a caret line with help (journeys.md). `source` may be NULL. Text in the arena.
 */
const char *diag_render(const struct diag_list *list, const char *source, bool colour, struct arena *arena);
