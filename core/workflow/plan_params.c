/* Owns the parameters of workflows: what was given, defaults, and the rules that each declares. Pure; called by plan_build. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/units.h"
#include "workflow/plan_priv.h"
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct parameter {
    struct plan_maker *m;
    const struct workflow_def *def;
    const json_t *declared;
    const char *name, *type;
};

static void wrong(const struct parameter *p, const char *suggestion, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void wrong(const struct parameter *p, const char *suggestion, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(p->m->arena, fmt, ap);
    va_end(ap);
    plan_problem(p->m, DIAG_ERROR, ERR_BAD_VALUE, NULL, suggestion, "parameter \"%s\" of workflow %s: %s", p->name, p->def->title, text);
}

/* ---- kinds: a value that came as text becomes one of the kind; NULL when it is none ---- */

static json_t *as_string(const json_t *value)
{
    CLEANUP(free_ptr) char *text = json_is_string(value) ? NULL : json_text(value);

    return json_is_string(value)                           ? json_string(json_string_value(value))
           : json_is_object(value) || json_is_array(value) ? NULL
                                                           : json_string(text);
}

static json_t *as_int(const json_t *value)
{
    int64_t number;

    if (json_is_integer(value))
        return json_integer(json_integer_value(value));
    if (json_is_real(value)) {
        double real = json_real_value(value);

        return real > -9e15 && real < 9e15 && (double)(json_int_t)real == real ? json_integer((json_int_t)real) : NULL;
    }
    return json_is_string(value) && str_to_int(json_string_value(value), &number) ? json_integer(number) : NULL;
}

static json_t *as_bool(const json_t *value)
{
    if (json_is_boolean(value))
        return json_boolean(json_is_true(value));
    if (json_is_string(value) && str_eq(json_string_value(value), "true"))
        return json_true();
    return json_is_string(value) && str_eq(json_string_value(value), "false") ? json_false() : NULL;
}

static json_t *as_duration(const json_t *value)
{
    struct err ignored;
    int64_t ms;

    return json_is_string(value) && duration_parse(json_string_value(value), &ms, &ignored) == 0 ? json_string(json_string_value(value))
                                                                                                 : NULL;
}

static const struct {
    const char *name, *what;
    json_t *(*convert)(const json_t *value);
} kinds[] = {
    {"string", "a text", as_string},
    {"int", "a whole number", as_int},
    {"bool", "true or false", as_bool},
    {"duration", "a duration such as 30s or 5m", as_duration},
    {"enum", "one of its allowed_values", as_string},
};

/* ---- rules ---- */

/* A number to compare with min and max: the int, the length of a text, the milliseconds of a duration. */
static double measure(const struct parameter *p, const json_t *value)
{
    struct err ignored;
    int64_t ms = 0;

    if (str_eq(p->type, "duration") && json_is_string(value))
        return duration_parse(json_string_value(value), &ms, &ignored) == 0 ? (double)ms : 0;
    if (json_is_string(value) && (str_eq(p->type, "string") || str_eq(p->type, "enum")))
        return (double)json_string_length(value);
    return json_number_value(value);
}

static void check_range(const struct parameter *p, const json_t *value)
{
    const json_t *min = json_object_get(p->declared, "min"), *max = json_object_get(p->declared, "max");
    const char *unit = str_eq(p->type, "string") ? " characters" : "";
    CLEANUP(free_ptr) char *low = min ? json_text(min) : NULL;
    CLEANUP(free_ptr) char *high = max ? json_text(max) : NULL;
    double size = measure(p, value);
    bool text = str_eq(p->type, "string");

    if (min && size < (text ? json_number_value(min) : measure(p, min)))
        wrong(p, NULL, "at least %s%s", low, unit);
    if (max && size > (text ? json_number_value(max) : measure(p, max)))
        wrong(p, NULL, "at most %s%s", high, unit);
}

static void check_allowed(const struct parameter *p, const json_t *value)
{
    const json_t *allowed = json_object_get(p->declared, "allowed_values"), *one;
    CLEANUP(free_ptr) char *list = allowed ? json_text(allowed) : NULL, *shown = json_text(value);
    size_t i;

    if (!allowed) {
        if (str_eq(p->type, "enum"))
            wrong(p, NULL, "an enum needs allowed_values");
        return;
    }
    json_array_foreach(allowed, i, one)
    {
        CLEANUP(json_put) json_t *same = json_is_string(value) ? as_string(one) : json_incref((json_t *)(uintptr_t)one);

        if (json_equal(same, value))
            return;
    }
    wrong(p, NULL, "%.80s is not among %s", shown, list);
}

/* Patterns come from platform and product teams; one of an application is refused, because a regular expression can be made to run for
 * ever. */
static void check_pattern(const struct parameter *p, const json_t *value)
{
    const char *pattern = json_str(p->declared, "pattern");
    regex_t compiled;

    if (!pattern || !json_is_string(value))
        return;
    if (p->def->tier == TIER_APPLICATION) {
        wrong(p, "use allowed_values", "`pattern` is for platform and product workflows");
        return;
    }
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        wrong(p, NULL, "pattern \"%.80s\" is no POSIX extended regular expression", pattern);
        return;
    }
    if (regexec(&compiled, json_string_value(value), 0, NULL, 0) != 0)
        wrong(p, NULL, "\"%.80s\" does not match %.80s", json_string_value(value), pattern);
    regfree(&compiled);
}

/* The value in its kind, checked. NULL after a report. */
static json_t *take(const struct parameter *p, const json_t *given)
{
    CLEANUP(free_ptr) char *shown = json_text(given);
    json_t *value = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, p->type) != 0)
            continue;
        value = kinds[i].convert(given);
        if (!value)
            wrong(p, NULL, "%.80s is not %s", shown, kinds[i].what);
    }
    if (!value)
        return NULL;
    check_allowed(p, value);
    check_range(p, value);
    check_pattern(p, value);
    return value;
}

json_t *plan_parameters(struct plan_maker *m, const struct workflow_def *def)
{
    json_t *made = json_object();
    const json_t *declared;
    size_t i;

    json_array_foreach(def->parameters, i, declared)
    {
        const char *type = json_str(declared, "type");
        struct parameter p = {m, def, declared, json_str(declared, "name"), type ? type : "string"};
        const json_t *given = json_object_get(m->q->parameters, p.name);

        if (!given)
            given = json_object_get(declared, "default");
        if (given)
            json_set_new(made, p.name, take(&p, given));
        else if (json_flag(declared, "required", false))
            plan_problem(m, DIAG_ERROR, ERR_MISSING_FIELD, NULL, arena_printf(m->arena, "--param %s=VALUE", p.name),
                         "workflow %s needs the parameter \"%s\"%s%s", def->title, p.name, json_str(declared, "description") ? ": " : "",
                         json_str(declared, "description") ? json_str(declared, "description") : "");
    }
    return made;
}

void plan_check_parameters(struct plan_maker *m)
{
    const char *names[257] = {0}, *name;
    const json_t *value, *declared;
    size_t count = 0, k;

    for (size_t i = 0; i < m->workflow_count; i++)
        json_array_foreach(m->workflows[i].def->parameters, k, declared) if (count < 256) names[count++] = json_str(declared, "name");
    json_object_foreach((json_t *)(uintptr_t)m->q->parameters, name, value)
    {
        const char *near = str_closest(name, names);
        bool known = false;

        for (size_t i = 0; i < count; i++)
            known |= strcmp(names[i], name) == 0;
        if (!known)
            plan_problem(m, DIAG_ERROR, ERR_UNKNOWN_FIELD, NULL, near ? arena_printf(m->arena, "did you mean \"%s\"?", near) : NULL,
                         "no workflow of this deployment has a parameter \"%.80s\"", name);
    }
}
