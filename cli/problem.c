/* Owns how problems of a server are shown. */
#include "cli/problem.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/output.h"
#include "codec/diag.h"
#include <stdio.h>
#include <string.h>

#define PROBLEM_BYTES (4u << 20)

static int64_t orc_of(const char *code)
{
    int64_t number = 0;

    return code && str_starts(code, "ORC-") && str_to_int(code + 4, &number) ? number : 0;
}

int problem_exit(int status, const json_t *problem)
{
    if (status == 422 || status == 413 || (status == 400 && json_array_size(json_object_get(problem, "errors"))))
        return EXIT_INVALID;
    if (status == 400 && str_eq(json_str(problem, "code"), "ORC-1030")) /* a flag's value that only the server knows to be wrong */
        return EXIT_USAGE;
    if (status == 401 || status == 403)
        return EXIT_DENIED;
    return status == 404 ? EXIT_MISSING : EXIT_FAILED;
}

/* ---- errors with places ---- */

static bool is_continued(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

static int characters(const char *text, size_t len)
{
    int count = 0;

    for (size_t i = 0; i < len; i++)
        count += !is_continued(text[i]);
    return count;
}

/* Characters to underline: the quoted word of the message when it stands there, else up to the next blank. */
static int width_at(const char *source, int line, int column, const char *message)
{
    const char *open = strchr(message, '"'), *close = open ? strchr(open + 1, '"') : NULL, *at = source;
    size_t len;

    for (int i = 1; at && i < line; i++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    for (int i = 1; at && i < column && *at && *at != '\n'; i++) /* columns are characters */
        for (at++; is_continued(*at); at++)
            ;
    if (!at || column < 1 || !*at || *at == '\n')
        return 1;
    if (close && close > open + 1 && strncmp(at, open + 1, (size_t)(close - open - 1)) == 0)
        return characters(at, (size_t)(close - open - 1));
    len = strcspn(at, " \t\r\n,]}");
    if (len > 1 && at[len - 1] == ':')
        len--;
    return len ? characters(at, len) : 1;
}

static void add_diag(struct diag_list *list, const json_t *error, const char *source)
{
    const char *severity = json_str(error, "severity"), *message = json_str(error, "message"), *file = json_str(error, "file");
    int line = (int)json_int(error, "line", 0), column = (int)json_int(error, "column", 0);
    struct diag *d;

    message = message ? message : "";
    d = diag_add(list,
                 str_eq(severity, "warning") ? DIAG_WARNING
                 : str_eq(severity, "info")  ? DIAG_INFO
                                             : DIAG_ERROR,
                 err_from_orc((int)orc_of(json_str(error, "code"))), line, column,
                 source && !file ? width_at(source, line, column, message) : 1, json_str(error, "path"), json_str(error, "suggestion"),
                 "%s", message);
    d->file = file ? arena_strdup(list->arena, file) : NULL;
}

void problem_print_errors(struct cli *c, const json_t *errors, const char *source, const char *source_name)
{
    struct diag_list list = diag_list_make(&c->arena, source_name);
    json_t *error;
    size_t i;

    json_array_foreach(errors, i, error) add_diag(&list, error, source);
    fflush(stdout);
    fputs(diag_render(&list, source, c->colour_err, &c->arena), stderr);
}

/* ---- violations ---- */

static size_t widest(struct cli *c, const json_t *violations, const char *member)
{
    size_t width = 0, i;
    json_t *item;

    json_array_foreach(violations, i, item)
    {
        const char *text = json_str(item, member);
        size_t columns = text ? out_columns(out_clean(&c->arena, text, false)) : 0;

        width = columns > width ? columns : width;
    }
    return width > 40 ? 40 : width;
}

static void add_violation(struct cli *c, const json_t *item, size_t policy_width, size_t path_width, struct buf *to)
{
    const char *policy = json_str(item, "policy"), *path = json_str(item, "path"), *message = json_str(item, "message");
    const char *fix = json_str(item, "fix"), *source = json_str(item, "source");
    json_t *value = json_object_get(item, "value");

    policy = out_clean(&c->arena, policy ? policy : "policy", false);
    path = out_clean(&c->arena, path ? path : "", false);
    buf_printf(to, "  %s%*s  ", policy, (int)policy_width > (int)out_columns(policy) ? (int)(policy_width - out_columns(policy)) : 0, "");
    if (path_width)
        buf_printf(to, "%s%*s  ", path, (int)path_width > (int)out_columns(path) ? (int)(path_width - out_columns(path)) : 0, "");
    buf_printf(to, "%s\n", out_clean(&c->arena, message ? message : "", false));
    if (value && !json_is_null(value))
        buf_printf(to, "      value: %s\n", out_clean(&c->arena, out_word(&c->arena, value), false));
    if (fix)
        buf_printf(to, "      fix: %s%s%s\n", out_clean(&c->arena, fix, false), source ? "     " : "",
                   source ? out_clean(&c->arena, source, false) : "");
    else if (source)
        buf_printf(to, "      %s\n", out_clean(&c->arena, source, false));
}

const char *problem_violations(struct cli *c, const json_t *violations)
{
    size_t policy_width = widest(c, violations, "policy"), path_width = widest(c, violations, "path"), i;
    struct buf text = BUF_INIT(PROBLEM_BYTES);
    const char *kept;
    json_t *item;

    json_array_foreach(violations, i, item) add_violation(c, item, policy_width, path_width, &text);
    kept = arena_strdup(&c->arena, buf_text(&text));
    buf_fini(&text);
    return kept;
}

static size_t count_policies(const json_t *violations)
{
    size_t count = 0, i, j;
    json_t *item;

    json_array_foreach(violations, i, item)
    {
        for (j = 0; j < i; j++)
            if (str_eq(json_str(json_array_get(violations, j), "policy"), json_str(item, "policy")))
                break;
        count += j == i;
    }
    return count;
}

static json_t *denying(const json_t *violations)
{
    json_t *found = json_array(), *item;
    size_t i;

    json_array_foreach(violations, i, item)
    {
        const char *severity = json_str(item, "severity");

        if (!severity || str_eq(severity, "deny"))
            json_array_append(found, item);
    }
    return found;
}

void problem_print_denial(struct cli *c, const json_t *violations)
{
    json_t *denials = denying(violations);
    size_t count = count_policies(denials);

    fflush(stdout);
    fprintf(stderr, "%sdenied by %zu polic%s%s; nothing was changed\n%s", c->colour_err ? "\033[31m" : "", count, count == 1 ? "y" : "ies",
            c->colour_err ? "\033[0m" : "", problem_violations(c, denials));
    json_decref(denials);
}

/* ---- the whole ---- */

static void print_one(struct cli *c, int status, const json_t *problem)
{
    const char *code = json_str(problem, "code"), *detail = json_str(problem, "detail"), *remedy = json_str(problem, "remedy"),
               *trace = json_str(problem, "trace_id");

    if (status == 404 && remedy && cli_list_hint(detail))
        remedy = cli_list_hint(detail);
    if (!detail)
        detail = json_str(problem, "title");
    fprintf(stderr, "%serror[%s]%s: %s\n", c->colour_err ? "\033[31m" : "",
            code ? out_clean(&c->arena, code, false) : arena_printf(&c->arena, "HTTP %d", status), c->colour_err ? "\033[0m" : "",
            out_clean(&c->arena, detail ? detail : "no detail was given", true));
    if (remedy && remedy[0])
        fprintf(stderr, "  help: %s\n", out_clean(&c->arena, remedy, false));
    if (status >= 500 && trace)
        fprintf(stderr, "  trace: %s\n", out_clean(&c->arena, trace, false));
}

static bool all_errors(const json_t *errors)
{
    const json_t *error;
    size_t i;

    json_array_foreach(errors, i, error) if (json_str(error, "severity") && !str_eq(json_str(error, "severity"), "error")) return false;
    return true;
}

/* A warning may stand before it. */
static const json_t *first_error(const json_t *errors)
{
    const json_t *error;
    size_t i;

    json_array_foreach(errors, i, error) if (str_eq(json_str(error, "severity"), "error")) return error;
    return json_array_get(errors, 0);
}

int problem_print(struct cli *c, int status, const json_t *problem, const char *source, const char *source_name)
{
    const json_t *errors = json_object_get(problem, "errors"), *violations = json_object_get(problem, "violations");
    const json_t *first = first_error(errors);

    fflush(stdout);
    if (out_data(c, problem))
        return problem_exit(status, problem);
    if (json_array_size(violations)) {
        problem_print_denial(c, violations);
    } else if (json_array_size(errors)) {
        problem_print_errors(c, errors, source, source_name);
        if (json_str(first, "code"))
            fprintf(stderr, "%zu %s%s. `innominatus explain %s` tells more.\n", json_array_size(errors),
                    all_errors(errors) ? "error" : "problem", json_array_size(errors) == 1 ? "" : "s",
                    out_clean(&c->arena, json_str(first, "code"), false));
    } else {
        print_one(c, status, problem);
    }
    return problem_exit(status, problem);
}
