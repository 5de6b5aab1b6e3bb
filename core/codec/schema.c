/* Owns the validation of nodes against tables. Any thread; one run is one call. Recursion follows the document, whose depth its parser
 * bounded (LIMIT_YAML_DEPTH, LIMIT_JSON_DEPTH). */
#include "codec/schema.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/units.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_PATH_BYTES   (64u << 10)
#define MAX_LISTED_NAMES 64 /* names shown in "fields here: ..." and looked through for did-you-mean */
#define SHOWN_CHARS      80 /* of a value in a message */

struct schema_run {
    struct diag_list *diags;
    const struct schema_options *options;
    struct buf path;
    const char *name; /* key of the present value */
};

/* Where a value stands: its own place, and its key's for problems with the value as a whole. */
struct place {
    int line, column, width;
};

static void fini_run(struct schema_run *run) { buf_fini(&run->path); }
static bool is_strict(const struct schema_run *run) { return run->options && run->options->strict; }
void *schema_ctx(const struct schema_run *run) { return run->options ? run->options->ctx : NULL; }
const char *schema_path(const struct schema_run *run) { return buf_text(&run->path); }
const char *schema_name(const struct schema_run *run) { return run->name; }

/* Appends a token to the path; returns the length to go back to. A path beyond its maximum stays short: it serves messages only. */
static size_t push(struct schema_run *run, const char *token)
{
    size_t before = run->path.len;

    buf_add_char(&run->path, '/');
    for (; *token; token++) {
        if (*token == '~' || *token == '/')
            buf_add_text(&run->path, *token == '~' ? "~0" : "~1");
        else
            buf_add_char(&run->path, *token);
    }
    return before;
}

static void pop(struct schema_run *run, size_t before)
{
    run->path.len = before;
    if (run->path.data)
        run->path.data[before] = '\0';
}

static int chars(const char *text)
{
    int count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static struct place key_place(const struct node_pair *pair) { return (struct place){pair->line, pair->column, chars(pair->key)}; }
static struct place node_own_place(const struct node *node) { return (struct place){node->line, node->column, node->width}; }

#define REPORT(run, at, severity, code, help, ...)                                                                                         \
    diag_add((run)->diags, severity, code, (at).line, (at).column, (at).width, schema_path(run), help, __VA_ARGS__)

__attribute__((format(printf, 6, 0))) static void report_text(struct schema_run *run, const struct node *value, enum diag_severity severity,
                                                              enum err_code code, const char *help, const char *fmt, va_list ap)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(4096);

    buf_vprintf(&text, fmt, ap);
    REPORT(run, node_own_place(value), severity, code, help, "%s", buf_text(&text));
}

void schema_report(struct schema_run *run, const struct node *value, enum err_code code, const char *help, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    report_text(run, value, DIAG_ERROR, code, help, fmt, ap);
    va_end(ap);
}

void schema_warn(struct schema_run *run, const struct node *value, enum err_code code, const char *help, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    report_text(run, value, DIAG_WARNING, code, help, fmt, ap);
    va_end(ap);
}

/* "port " before a value in a message, nothing where there is no name. */
static const char *lead(const struct schema_run *run) { return run->name; }
static const char *space(const struct schema_run *run) { return run->name[0] ? " " : ""; }

/* ---- kinds ---- */

static bool fits(unsigned kinds, const struct node *value)
{
    if (kinds == SCHEMA_ANY || (kinds & (1u << value->kind)))
        return true;
    if (!(kinds & SCHEMA_INTEGRAL))
        return false;
    return value->kind == NODE_INT ||
           (value->kind == NODE_REAL && value->real > -9e15 && value->real < 9e15 && (double)(int64_t)value->real == value->real);
}

static void describe_kinds(unsigned kinds, struct buf *out)
{
    static const enum node_kind order[] = {NODE_STRING, NODE_INT, NODE_REAL, NODE_BOOL, NODE_LIST, NODE_MAP, NODE_NULL};

    if (kinds & SCHEMA_INTEGRAL)
        kinds |= SCHEMA_INT;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (!(kinds & (1u << order[i])) || (order[i] == NODE_INT && (kinds & (1u << NODE_REAL))))
            continue;
        buf_printf(out, "%s%s", out->len ? " or " : "", node_kind_name(order[i]));
    }
}

static const char *kind_help(const struct schema_type *type, const struct node *value, struct buf *out)
{
    bool scalar = value->kind == NODE_INT || value->kind == NODE_REAL || value->kind == NODE_BOOL;
    int64_t number;

    if (type->help)
        return type->help;
    if ((type->kinds & SCHEMA_STRING) && scalar)
        buf_printf(out, "put quotes around it: \"%.*s\"", SHOWN_CHARS, value->text);
    else if (value->kind == NODE_STRING && type->kinds == SCHEMA_BOOL)
        buf_add_text(out, "write true or false, without quotes");
    else if (value->kind == NODE_STRING && (type->kinds & (SCHEMA_NUMBER | SCHEMA_INTEGRAL)) && str_to_int(value->text, &number))
        buf_add_text(out, "write it without quotes");
    else if (value->kind == NODE_NULL && (type->kinds & SCHEMA_MAP))
        buf_add_text(out, "remove the key, or write {}");
    else if (value->kind == NODE_NULL)
        buf_add_text(out, "remove the key, or give it a value");
    else if (value->kind != NODE_LIST && (type->kinds & SCHEMA_LIST))
        buf_add_text(out, "write it as a list: [...]");
    return out->len ? buf_text(out) : NULL;
}

static void report_kind(struct schema_run *run, const struct schema_type *type, const struct node *value, struct place at)
{
    CLEANUP(buf_fini) struct buf wanted = BUF_INIT(512), help = BUF_INIT(512);
    bool scalar = value->kind != NODE_LIST && value->kind != NODE_MAP && value->kind != NODE_NULL;

    describe_kinds(type->kinds, &wanted);
    REPORT(run, scalar ? node_own_place(value) : at, DIAG_ERROR, ERR_WRONG_TYPE, kind_help(type, value, &help), "%s%s%s instead of %s",
           lead(run), run->name[0] ? " is " : "", node_kind_name(value->kind), type->what ? type->what : buf_text(&wanted));
}

/* ---- scalars ---- */

static void list_names(struct buf *out, const char *const *names)
{
    for (size_t i = 0; names[i] && i < MAX_LISTED_NAMES; i++)
        buf_printf(out, "%s%s", i ? ", " : "", names[i]);
}

static bool is_listed(const char *text, const char *const *values)
{
    for (; *values; values++)
        if (strcmp(text, *values) == 0)
            return true;
    return false;
}

/* The name that was probably meant: the same in other case, or the nearest. */
static const char *nearest(const char *text, const char *const *names)
{
    for (const char *const *name = names; *name; name++)
        if (strcasecmp(text, *name) == 0)
            return *name;
    return str_closest(text, names);
}

/* The rules for a text, a value's or a key's. False when it reported. */
static bool check_text(struct schema_run *run, const struct schema_type *type, const char *text, struct place at, enum err_code code,
                       const char *label)
{
    CLEANUP(buf_fini) struct buf help = BUF_INIT(4096);
    size_t count = (size_t)chars(text);

    if (type->values && !is_listed(text, type->values)) {
        const char *near = nearest(text, type->values);

        if (near)
            buf_printf(&help, "did you mean \"%s\"? ", near);
        buf_add_text(&help, "allowed: ");
        list_names(&help, type->values);
        REPORT(run, at, DIAG_ERROR, code, buf_text(&help), "%s%s\"%.*s\" is not allowed", label, *label ? " " : "", SHOWN_CHARS, text);
        return false;
    }
    if (count < type->min_chars || (type->max_chars && count > type->max_chars)) {
        if (type->max_chars)
            buf_printf(&help, "%zu to %zu characters", type->min_chars, type->max_chars);
        else
            buf_printf(&help, "at least %zu character%s", type->min_chars, type->min_chars == 1 ? "" : "s");
        if (count == 0)
            REPORT(run, at, DIAG_ERROR, code, type->help ? type->help : buf_text(&help), "%s%sis empty", label, *label ? " " : "");
        else
            REPORT(run, at, DIAG_ERROR, code, type->help ? type->help : buf_text(&help), "%s%s\"%.*s\" has %zu characters", label,
                   *label ? " " : "", SHOWN_CHARS, text, count);
        return false;
    }
    if (type->matches && !type->matches(text)) {
        REPORT(run, at, DIAG_ERROR, code, type->help, "%s%s\"%.*s\" is %s%s", label, *label ? " " : "", SHOWN_CHARS, text,
               type->what ? "not " : "not allowed", type->what ? type->what : "");
        return false;
    }
    return true;
}

static bool check_number(struct schema_run *run, const struct schema_type *type, const struct node *value)
{
    double number = value->kind == NODE_INT ? (double)value->integer : value->real;
    char help[80];

    if (type->min >= type->max || (number >= (double)type->min && number <= (double)type->max))
        return true;
    snprintf(help, sizeof help, "%lld to %lld", (long long)type->min, (long long)type->max);
    REPORT(run, node_own_place(value), DIAG_ERROR, type->code ? type->code : ERR_BAD_VALUE, type->help ? type->help : help,
           "%s%s%.*s is out of range", lead(run), space(run), SHOWN_CHARS, value->text);
    return false;
}

/* ---- collections ---- */

static void validate(struct schema_run *run, const struct schema_type *type, const struct node *value, struct place at);

static bool check_count(struct schema_run *run, const struct schema_type *type, size_t count, struct place at, const char *things)
{
    if (!count && type->min_items) {
        REPORT(run, at, DIAG_ERROR, ERR_BAD_VALUE, type->help, "%s%sis empty", lead(run), space(run));
        return false;
    }
    if (count < type->min_items) {
        REPORT(run, at, DIAG_ERROR, ERR_BAD_VALUE, type->help, "%s%sneeds at least %zu %s", lead(run), space(run), type->min_items, things);
        return false;
    }
    if (type->max_items && count > type->max_items) {
        REPORT(run, at, DIAG_ERROR, ERR_LIMIT, type->help, "%s%shas %zu %s, the limit is %zu", lead(run), space(run), count, things,
               type->max_items);
        return false;
    }
    return true;
}

static bool validate_list(struct schema_run *run, const struct schema_type *type, const struct node *value, struct place at)
{
    bool fine = check_count(run, type, value->list.count, at, "items");
    const char *name = run->name;
    char index[32];

    for (size_t i = 0; type->items && i < value->list.count; i++) {
        const struct node *item = value->list.items[i];
        size_t before;

        snprintf(index, sizeof index, "%zu", i);
        before = push(run, index);
        run->name = "";
        validate(run, type->items, item, node_own_place(item));
        pop(run, before);
    }
    run->name = name;
    return fine;
}

static const struct schema_field *field_of(const struct schema_type *type, const char *key)
{
    for (const struct schema_field *f = type->fields; f && f->name; f++)
        if (strcmp(f->name, key) == 0)
            return f;
    return NULL;
}

/* The names of a map's present fields, older words left out. */
static size_t field_names(const struct schema_type *type, const char *names[static MAX_LISTED_NAMES + 1])
{
    size_t count = 0;

    for (const struct schema_field *f = type->fields; f && f->name && count < MAX_LISTED_NAMES; f++)
        if (!(f->flags & (SCHEMA_RENAMED | SCHEMA_DEPRECATED)))
            names[count++] = f->name;
    names[count] = NULL;
    return count;
}

/* The field that a mistyped key means: near to it, and not in the map itself. */
static const struct schema_field *meant_field(const struct schema_type *type, const struct node *map, const char *key,
                                              const char **out_near)
{
    const char *names[MAX_LISTED_NAMES + 1];

    field_names(type, names);
    *out_near = nearest(key, names);
    return *out_near && !node_pair(map, *out_near) ? field_of(type, *out_near) : NULL;
}

/* Reports an unknown key. Returns the field that was probably meant, so that its value is checked all the same; NULL if there is none. */
static const struct schema_field *report_unknown(struct schema_run *run, const struct schema_type *type, const struct node *map,
                                                 const struct node_pair *pair)
{
    CLEANUP(buf_fini) struct buf help = BUF_INIT(4096);
    const char *names[MAX_LISTED_NAMES + 1], *near = NULL;
    const struct schema_field *meant = NULL;
    size_t before = push(run, pair->key);

    if (run->diags->count < LIMIT_DIAGS) /* past that nobody reads it, and distances cost */
        meant = meant_field(type, map, pair->key, &near);
    if (near) {
        buf_printf(&help, "did you mean \"%s\"?", near);
    } else if (field_names(type, names)) {
        buf_add_text(&help, "fields here: ");
        list_names(&help, names);
    }
    REPORT(run, key_place(pair), DIAG_ERROR, ERR_UNKNOWN_FIELD, help.len ? buf_text(&help) : NULL, "unknown field \"%.*s\"", SHOWN_CHARS,
           pair->key);
    pop(run, before);
    return meant;
}

/* Extension, renamed and deprecated fields say so. */
static void check_flags(struct schema_run *run, const struct schema_field *field, const struct node *map, const struct node_pair *pair)
{
    char instead[160];
    const char *help = field->help;

    if (field->flags & SCHEMA_RENAMED) {
        snprintf(instead, sizeof instead, "write \"%s\"", field->instead);
        help = help ? help : instead;
    }
    if ((field->flags & SCHEMA_EXTENSION) && is_strict(run))
        REPORT(run, key_place(pair), DIAG_ERROR, ERR_EXTENSION,
               field->flags & SCHEMA_RENAMED ? help : "remove it, or validate without --strict",
               "\"%s\" is an extension, not part of the specification", field->name);
    else if ((field->flags & SCHEMA_RENAMED) && node_pair(map, field->instead))
        REPORT(run, key_place(pair), DIAG_ERROR, ERR_CONFLICTING_FIELDS, help, "\"%s\" is an older word for \"%s\": keep one of the two",
               field->name, field->instead);
    else if (field->flags & SCHEMA_RENAMED)
        REPORT(run, key_place(pair), DIAG_WARNING, ERR_DEPRECATED, help, "\"%s\" is an older word for \"%s\"", field->name, field->instead);
    else if (field->flags & SCHEMA_DEPRECATED)
        REPORT(run, key_place(pair), DIAG_WARNING, ERR_DEPRECATED, help, "\"%s\" is deprecated", field->name);
}

static void check_key(struct schema_run *run, const struct schema_type *key, const struct node_pair *pair)
{
    check_text(run, key, pair->key, key_place(pair), key->code ? key->code : ERR_BAD_NAME, key->what && !key->matches ? key->what : "");
}

static void validate_pair(struct schema_run *run, const struct schema_type *type, const struct node *map, struct node_pair *pair)
{
    const struct schema_field *field = field_of(type, pair->key);
    bool known = field || !type->fields || type->open;
    const struct schema_type *rule;
    size_t before;

    if (!known)
        field = report_unknown(run, type, map, pair);
    if (!known && !field)
        return;
    rule = field ? field->type : type->each;
    before = push(run, pair->key);
    run->name = field ? field->name : pair->key;
    if (!known && run->options && run->options->mend)
        pair->key = field->name;
    if (known && field)
        check_flags(run, field, map, pair);
    else if (known && type->key)
        check_key(run, type->key, pair);
    if (rule)
        validate(run, rule, pair->value, key_place(pair));
    pop(run, before);
}

static bool has_field(const struct schema_type *type, const struct node *map, const char *name)
{
    if (node_pair(map, name))
        return true;
    for (const struct schema_field *f = type->fields; f && f->name; f++)
        if ((f->flags & SCHEMA_RENAMED) && strcmp(f->instead, name) == 0 && node_pair(map, f->name))
            return true;
    return false;
}

/* True when a missing field stands there under a mistyped name, which is reported by itself. */
static bool is_mistyped(const struct schema_type *type, const struct node *map, const char *name)
{
    const char *near;

    for (size_t i = 0; i < map->map.count && i < MAX_LISTED_NAMES; i++) {
        const char *key = map->map.pairs[i].key;
        const struct schema_field *meant = type->open || field_of(type, key) ? NULL : meant_field(type, map, key, &near);

        if (meant && strcmp(meant->name, name) == 0)
            return true;
    }
    return false;
}

static void check_required(struct schema_run *run, const struct schema_type *type, const struct node *map, struct place at)
{
    for (const struct schema_field *f = type->fields; f && f->name; f++)
        if ((f->flags & SCHEMA_REQUIRED) && !has_field(type, map, f->name) && !is_mistyped(type, map, f->name))
            REPORT(run, at, DIAG_ERROR, ERR_MISSING_FIELD, f->help, "%s%smissing field \"%s\"", lead(run), run->name[0] ? ": " : "",
                   f->name);
}

static bool check_group(struct schema_run *run, const struct schema_type *type, const struct schema_group *group, const struct node *map,
                        struct place at)
{
    CLEANUP(buf_fini) struct buf names = BUF_INIT(4096), present = BUF_INIT(4096);
    const struct node_pair *last = NULL;
    size_t count = 0;

    list_names(&names, group->names);
    for (const char *const *name = group->names; *name; name++) {
        const struct node_pair *pair = node_pair(map, *name);

        if (!has_field(type, map, *name))
            continue;
        buf_printf(&present, "%s\"%s\"", count++ ? " and " : "", *name);
        last = pair && (!last || pair > last) ? pair : last;
    }
    if (count == 0 && group->rule != SCHEMA_AT_MOST_ONE) {
        REPORT(run, at, DIAG_ERROR, ERR_MISSING_FIELD, NULL, "%s%sone of %s is needed", lead(run), run->name[0] ? ": " : "",
               buf_text(&names));
        return false;
    }
    if (count > 1 && group->rule != SCHEMA_ANY_OF) {
        REPORT(run, last ? key_place(last) : at, DIAG_ERROR, ERR_CONFLICTING_FIELDS, "keep one of them", "%s%s%s exclude each other",
               lead(run), run->name[0] ? ": " : "", buf_text(&present));
        return false;
    }
    return true;
}

static bool validate_map(struct schema_run *run, const struct schema_type *type, const struct node *value, struct place at)
{
    bool fine = check_count(run, type, value->map.count, at, "entries");
    const char *name = run->name;

    check_required(run, type, value, at);
    for (const struct schema_group *g = type->groups; g && g->rule != SCHEMA_NO_RULE; g++)
        fine = check_group(run, type, g, value, at) && fine;
    for (size_t i = 0; i < value->map.count; i++)
        validate_pair(run, type, value, &value->map.pairs[i]);
    run->name = name;
    return fine;
}

static void validate(struct schema_run *run, const struct schema_type *type, const struct node *value, struct place at)
{
    bool fine = true;

    if (!fits(type->kinds, value)) {
        report_kind(run, type, value, at);
        return;
    }
    if (value->kind == NODE_STRING)
        fine = check_text(run, type, value->text, node_own_place(value), type->code ? type->code : ERR_BAD_VALUE, run->name);
    else if (value->kind == NODE_INT || value->kind == NODE_REAL)
        fine = check_number(run, type, value);
    else if (value->kind == NODE_LIST)
        fine = validate_list(run, type, value, at);
    else if (value->kind == NODE_MAP)
        fine = validate_map(run, type, value, at);
    if (fine && type->check)
        type->check(run, value);
}

int schema_validate(const struct schema_type *type, const struct node *root, const struct schema_options *options, struct diag_list *diags)
{
    CLEANUP(fini_run) struct schema_run run = {.diags = diags, .options = options, .path = BUF_INIT(MAX_PATH_BYTES), .name = ""};
    size_t before = diags->errors;

    validate(&run, type, root, node_own_place(root));
    return diags->errors > before ? -1 : 0;
}
