/* A validator for documents, driven by static const tables: Score files, workflow files, admin-config.yaml. It reports every problem at
 * once, with place and suggestion, and never stops early. It reads nothing into structs: after it passed, node_get() and node_str() do.
 *
 * How to write one (types first, from the leaves up; a table of fields ends with {0}):
 *
 *   static const char *const protocols[] = {"TCP", "UDP", NULL};
 *   static const struct schema_type protocol = {.kinds = SCHEMA_STRING, .values = protocols};
 *   static const struct schema_type port = {.kinds = SCHEMA_INT, .min = 1, .max = 65535};
 *   static const struct schema_type duration = {.kinds = SCHEMA_STRING, .check = schema_check_duration};
 *   static const struct schema_type strings = {.kinds = SCHEMA_LIST, .items = &schema_string};
 *   static const struct schema_type free_form = {.kinds = SCHEMA_MAP};                            // any keys, any values
 *   static const struct schema_type label = {.kinds = SCHEMA_STRING, .matches = str_is_label, .code = ERR_BAD_NAME, .what = "a step name",
 *                                            .help = "use 2 to 63 of a-z, 0-9 and '-', not at the ends"};
 *   static const struct schema_field probe_fields[] = {
 *       {"port", &port, SCHEMA_REQUIRED, .help = "add port: 8080"},
 *       {"protocol", &protocol},
 *       {"timeout", &duration},
 *       {"wait", &duration, SCHEMA_RENAMED, .instead = "timeout"},                                // older word: a warning
 *       {0},
 *   };
 *   static const struct schema_group probe_groups[] = {{SCHEMA_ONE_OF, (const char *const[]){"http", "exec", NULL}}, {0}};
 *   static const struct schema_type probe = {.kinds = SCHEMA_MAP, .fields = probe_fields, .groups = probe_groups};
 *   static const struct schema_type probes = {.kinds = SCHEMA_MAP, .each = &probe, .key = &label}; // map of user-chosen names
 *   static const struct schema_type probe_or_name = {.kinds = SCHEMA_MAP | SCHEMA_STRING, .fields = probe_fields}; // several kinds
 *
 * A type that contains itself is declared first (`static const struct schema_type step;`) and defined after its fields.
 *
 *   struct diag_list diags = diag_list_make(&arena, "workflow.yaml");
 *   struct node *root = node_parse_yaml(text, len, &arena, &diags);
 *   if (!root || schema_validate(&workflow, root, NULL, &diags) < 0) { diag_sort(&diags); return diag_to_err(&diags, err); }
 *
 * A mistyped key whose field is missing ("conatiners") is one error: the value is checked as the field's, and the field is not called
 * missing. What a table cannot say (references between fields, cycles) goes into `.check`, or into code that runs after schema_validate and
 * reports with diag_add. Any thread; the tables are read-only. */
#pragma once
#include "codec/diag.h"
#include "codec/node.h"

/* Kinds of values; or them together. */
#define SCHEMA_STRING   (1u << NODE_STRING)
#define SCHEMA_INT      (1u << NODE_INT)
#define SCHEMA_NUMBER   ((1u << NODE_INT) | (1u << NODE_REAL))
#define SCHEMA_BOOL     (1u << NODE_BOOL)
#define SCHEMA_LIST     (1u << NODE_LIST)
#define SCHEMA_MAP      (1u << NODE_MAP)
#define SCHEMA_NULL     (1u << NODE_NULL)
#define SCHEMA_INTEGRAL (1u << 16) /* a whole number, also when written as 80.0, as JSON Schema's "integer" */
#define SCHEMA_SCALAR   (SCHEMA_STRING | SCHEMA_NUMBER | SCHEMA_BOOL)
#define SCHEMA_ANY      0u /* every kind, null too */

/* Flags of a field. */
#define SCHEMA_REQUIRED   (1u << 0)
#define SCHEMA_DEPRECATED (1u << 1) /* a warning, ERR_DEPRECATED; `help` says what to write */
#define SCHEMA_EXTENSION  (1u << 2) /* an error, ERR_EXTENSION, in strict mode */
#define SCHEMA_RENAMED    (1u << 3) /* an older word for the field `instead`: a warning; both at once are an error */

struct schema_run;

/* The rule for one value. Members that do not fit the value's kind are not looked at. */
struct schema_type {
    unsigned kinds;
    const char *what; /* what is wanted, in words, for messages ("a port", "a container name"); NULL: made from `kinds` */
    const char *help; /* how to write it right; NULL: made from `values`, `min` ... */

    /* strings */
    size_t min_chars, max_chars;       /* characters; a max of 0 is none */
    const char *const *values;         /* the allowed ones, NULL-terminated; did-you-mean comes by itself */
    bool (*matches)(const char *text); /* false: refused with `code`, `what` and `help` */
    enum err_code code;                /* ERR_BAD_VALUE when 0 */

    /* numbers; looked at when min < max */
    int64_t min, max;

    /* lists */
    const struct schema_type *items; /* of each item; NULL: anything */
    size_t min_items, max_items;     /* a max of 0 is none; for maps: pairs */

    /* maps: `fields` for known keys, `each` for names that the user chooses; neither: free-form */
    const struct schema_field *fields; /* ends with {0} */
    bool open;                         /* keys beyond `fields` are fine (and follow `each` when set) */
    const struct schema_type *each;
    const struct schema_type
        *key; /* for the keys under `each`: min_chars, max_chars, matches, values, what, help; code ERR_BAD_NAME when 0 */
    const struct schema_group *groups; /* ends with {0} */

    /* Called last, when all of the above held for this value itself (not for what is inside). Reports with schema_report(). */
    void (*check)(struct schema_run *run, const struct node *value);
};

struct schema_field {
    const char *name;
    const struct schema_type *type;
    unsigned flags;
    const char *help;    /* suggestion when it is missing or deprecated */
    const char *instead; /* SCHEMA_RENAMED: the present word */
    const char *about;   /* one line for documentation and JSON Schema */
};

enum schema_rule { SCHEMA_NO_RULE, SCHEMA_ONE_OF, SCHEMA_ANY_OF, SCHEMA_AT_MOST_ONE };

/* A rule over the presence of fields: exactly one, at least one, not two. */
struct schema_group {
    enum schema_rule rule;
    const char *const *names; /* NULL-terminated */
};

struct schema_options {
    bool strict; /* extensions are errors */
    bool mend;   /* a mistyped key, once reported, is renamed in the tree: checks that follow see what was meant */
    void *ctx;   /* for `check` functions: schema_ctx() */
};

/* Adds a diagnostic for each problem (not sorted). `options` may be NULL. Returns 0, or -1 when errors were added. */
int schema_validate(const struct schema_type *type, const struct node *root, const struct schema_options *options, struct diag_list *diags);

/* For `check` functions. */
void *schema_ctx(const struct schema_run *run);
const char *schema_path(const struct schema_run *run); /* JSON pointer of the present value; valid until the check returns */
const char *schema_name(const struct schema_run *run); /* its key ("memory"), "" for the root and in lists */
/* An error at the value's place. `help` may be NULL. */
void schema_report(struct schema_run *run, const struct node *value, enum err_code code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The same as a warning. */
void schema_warn(struct schema_run *run, const struct node *value, enum err_code code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Ready-made checks: durations ("5m"), byte sizes ("64MiB"), quantities ("500m"). For SCHEMA_STRING. */
void schema_check_duration(struct schema_run *run, const struct node *value);
void schema_check_bytes(struct schema_run *run, const struct node *value);

/* Ready-made types: any string, a string that is not empty, true or false, a list of strings, a map of strings, any map, anything. */
extern const struct schema_type schema_string, schema_text, schema_bool, schema_strings, schema_string_map, schema_free_map,
    schema_anything;
extern const struct schema_type schema_duration, schema_bytes, schema_label;

/* The table as a JSON Schema (draft 2020-12); types that contain themselves become references. `id` and `title` may be NULL. New reference.
 */
json_t *schema_to_json(const struct schema_type *type, const char *id, const char *title);
