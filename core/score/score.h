/* Score files (score.dev/v1b1 and our extensions): reading them whole, every problem at once, and expanding their placeholders.
 * Any thread; one parse belongs to one thread, a parsed `struct score` is read-only. */
#pragma once
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"
#include "codec/node.h"

/* A file that came with the Score file. `path` is relative to it, with '/' ("conf/app.ini", "./conf/app.ini" too). */
struct score_file {
    const char *path;
    const char *bytes;
    size_t len;
};

struct score_files {
    const struct score_file *items;
    size_t count;
};

struct score_options {
    bool strict;          /* extensions are errors */
    const char *filename; /* for diagnostics; NULL keeps the list's */
    /* The files that came along: `source` becomes content, and one that is missing is an error. NULL: sources stay as they are. */
    const struct score_files *files;
};

struct score_container {
    const char *name, *image;
    int line, column; /* of the name; 0 without a text */
};

struct score_resource {
    const char *name, *type;
    const char *class;             /* "default" when the file says none */
    const char *id;                /* NULL: the workload's own */
    const char *uid;               /* type.class#workload.name, or type.class#id when shared */
    json_t *params;                /* object, never NULL; borrowed from the spec */
    json_t *annotations;           /* object, or NULL; borrowed */
    const char *const *depends_on; /* names of the resources that the params refer to, without doubles */
    size_t depends_count;
    int line, column; /* of the name */
};

/* A valid Score file. Texts and nodes live in the arena of the parse; `spec` is owned: score_free(). */
struct score {
    const struct node *root; /* as written, with places */
    json_t *spec;     /* normalised: files and volumes are maps, `params`, `readOnly`, sources replaced by content when files were given.
                       * It is itself a valid Score file: what policies see and what is stored. */
    const char *name; /* metadata.name */
    const char *application;                        /* metadata.application, the name without one */
    const char *product, *team, *cost_center;       /* of metadata; NULL if absent. A claim: nobody trusts `team` */
    const char *environment_type, *environment_ttl; /* extension; NULL if absent */
    const json_t *workflows;                        /* extension: object name -> {phase, triggers, steps}; NULL if absent. Borrowed */
    struct score_container *containers;             /* in the order of the file */
    size_t container_count;
    const char *const *start_order;   /* container names, `before` obeyed; container_count of them */
    struct score_resource *resources; /* in the order of the file */
    size_t resource_count;
    const struct score_resource *const *by_name; /* sorted by name, for score_find_resource */
};

/* Parses and checks. On success (0) `diags` may hold warnings; otherwise (-1) it holds every problem, sorted, and *out is untouched.
 * `text` need not be NUL-terminated. */
int score_parse(const char *text, size_t len, const struct score_options *options, struct arena *arena, struct diag_list *diags,
                struct score **out);

/* The same from a JSON object (a request body, or a stored spec), without line numbers. */
int score_parse_json(const json_t *spec, const struct score_options *options, struct arena *arena, struct diag_list *diags,
                     struct score **out);

void score_free(struct score *score);                                      /* NULL is fine; the arena's part stays until the arena goes */
static inline void score_put(struct score **score) { score_free(*score); } /* for CLEANUP */

const struct score_resource *score_find_resource(const struct score *score, const char *name); /* NULL if there is none */

/* ---- placeholders at run time ---- */

struct score_resolver {
    /* The output of a resource at `keys` (count >= 1): out is a new reference, may be a secret. ERR_PLACEHOLDER for an unknown key. */
    int (*output)(void *ctx, const struct score_resource *resource, const char *const *keys, size_t count, json_t **out, struct err *err);
    void *ctx;
};

/* With `resource` (a name): its params, expanded. With NULL: the spec with containers' variables, file contents (unless noExpand) and
 * volume sources expanded; such files then carry noExpand, because what they hold is final. Values that hold a secret become {"$secret":
 * ...} instead of a text. out: new reference. Errors: the resolver's, ERR_PLACEHOLDER, ERR_LIMIT, ERR_NOT_FOUND (no such resource); each
 * names the place. */
int score_resolve_placeholders(const struct score *score, const char *resource, const struct score_resolver *resolver, json_t **out,
                               struct err *err);

/* ---- files beside the Score file ---- */

/* A file or directory that the Score file names: files.*.source, resources.*.params.schema when it ends with .sql, params.migrations. */
struct score_wanted {
    const char *path; /* relative, without "." and ".." */
    bool directory;   /* all regular files directly in it */
    bool required;    /* false: when it does not exist, the value is simply no path */
    int line, column;
};

/* Lists what the CLI reads below the Score file's directory and sends along, without doubles. Works on any parsed document, valid or not;
 * paths that leave the directory are left out (score_parse reports them). */
size_t score_collect_files(const struct node *root, struct arena *arena, struct score_wanted **out);

/* Lists the same from a text; what cannot be parsed wants nothing. */
size_t score_collect_files_text(const char *text, size_t len, struct arena *arena, struct score_wanted **out);

/* The tables as a JSON Schema, for /schemas/. New reference. */
json_t *score_json_schema(void);
