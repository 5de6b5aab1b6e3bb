/* Owns how a plan is shown: what changes first, then why each workflow is there, then what policies say. */
#include "cli/plan.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/problem.h"
#include <stdio.h>
#include <string.h>

#define LINE_BYTES     (1u << 20)
#define VALUE_COLUMNS  60
#define MOST_PREVIEWED 20 /* lines of one resource */

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

/* ---- the first line ---- */

static void add_count(struct buf *to, int64_t count, const char *what)
{
    if (count > 0)
        buf_printf(to, "%s%lld to %s", to->len ? ", " : "", (long long)count, what);
}

static void add_policies(struct buf *to, const json_t *policies)
{
    int64_t passed = 0, warned = 0, denied = 0;
    json_t *policy;
    size_t i;

    json_array_foreach(policies, i, policy)
    {
        const char *decision = json_str(policy, "decision");

        passed += str_eq(decision, "passed");
        warned += str_eq(decision, "warned");
        denied += str_eq(decision, "denied") || str_eq(decision, "error");
    }
    buf_printf(to, " · policies: %lld passed", (long long)passed);
    if (warned)
        buf_printf(to, ", %lld warning%s", (long long)warned, warned == 1 ? "" : "s");
    if (denied)
        buf_printf(to, ", %lld denied", (long long)denied);
}

static void add_cost(struct cli *c, struct buf *to, const json_t *cost)
{
    double before = json_number_value(json_object_get(cost, "before")), after = json_number_value(json_object_get(cost, "after"));
    const char *currency = json_str(cost, "currency");

    if (after - before > 0.004 || before - after > 0.004)
        buf_printf(to, " · about %+.2f%s%s a month", after - before, currency ? " " : "", clean(c, currency));
}

static int64_t count_changes(const json_t *plan, const char *kind)
{
    const json_t *change;
    int64_t count = 0;
    size_t i;

    json_array_foreach(json_object_get(plan, "changes"), i, change) count += str_eq(json_str(change, "change"), kind);
    return count;
}

static void print_summary(struct cli *c, const json_t *plan)
{
    static const char *const kinds[] = {"create", "update", "replace", "remove"};
    const json_t *summary = json_object_get(plan, "summary"), *phase, *workflow;
    int64_t orphans = count_changes(plan, "orphan"); /* the summary counts them among what is removed */
    size_t workflows = 0, steps = 0, i, j;
    struct buf line = BUF_INIT(LINE_BYTES);

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        add_count(&line, json_int(summary, kinds[i], 0) - (str_eq(kinds[i], "remove") ? orphans : 0), kinds[i]);
    add_count(&line, orphans, "keep as orphaned");
    if (!line.len)
        buf_add_text(&line, "nothing to change");
    json_array_foreach(json_object_get(plan, "phases"), i, phase) json_array_foreach(json_object_get(phase, "workflows"), j, workflow)
    {
        workflows++;
        steps += json_array_size(json_object_get(workflow, "steps"));
    }
    buf_printf(&line, " · %zu workflow%s, %zu step%s", workflows, workflows == 1 ? "" : "s", steps, steps == 1 ? "" : "s");
    add_policies(&line, json_object_get(plan, "policies"));
    add_cost(c, &line, json_object_get(plan, "cost"));
    cli_print(c, "%s %s %s\n", out_paint(c, STYLE_BOLD, clean(c, json_str(plan, "application"))), "in",
              out_paint(c, STYLE_BOLD, clean(c, json_str(json_object_get(plan, "environment"), "name"))));
    cli_print(c, "%s\n\n", buf_text(&line));
    buf_fini(&line);
}

/* ---- changes ---- */

static const struct {
    const char *change, *mark;
    enum style style;
} marks[] = {{"create", "+", STYLE_GREEN},
             {"update", "~", STYLE_YELLOW},
             {"replace", "±", STYLE_YELLOW},
             {"remove", "-", STYLE_RED},
             {"orphan", "o", STYLE_YELLOW}};

/* "/params/size" is "size". */
static const char *field_name(struct cli *c, const char *path)
{
    return clean(c, path && str_starts(path, "/params/") ? path + strlen("/params/") : path);
}

/* A value on one line. A whole document in it says less than its beginning. */
static const char *short_word(struct cli *c, const json_t *value)
{
    return out_cut(&c->arena, clean(c, out_word(&c->arena, value)), VALUE_COLUMNS);
}

/* "image nginx:1 -> nginx:2", "+ schema x", "- schema x". */
static const char *field_text(struct cli *c, const json_t *field)
{
    const json_t *from = json_object_get(field, "from"), *to = json_object_get(field, "to");
    const char *name = field_name(c, json_str(field, "path"));

    if (!from || json_is_null(from) || !to || json_is_null(to))
        return arena_printf(&c->arena, "%s %s %s", !from || json_is_null(from) ? "+" : "-", name,
                            short_word(c, !from || json_is_null(from) ? to : from));
    return arena_printf(&c->arena, "%s %s -> %s", name, short_word(c, from), short_word(c, to));
}

/* Several fields have lines of their own, below the resource. */
static void print_fields(struct cli *c, const json_t *item)
{
    const json_t *fields = json_object_get(item, "fields"), *field;
    size_t i;

    if (json_array_size(fields) < 2)
        return;
    json_array_foreach(fields, i, field)
    {
        const char *text = field_text(c, field);

        cli_print(c, "      %s%s\n", text[0] == '+' || text[0] == '-' ? "" : "~ ", text);
    }
}

/* "path from -> to", "create aws_x.y", or whatever else a provisioner says. */
static const char *preview_text(struct cli *c, const json_t *item)
{
    const json_t *actions = json_object_get(item, "actions"), *action;
    const char *text = "", *address = json_str(item, "address");
    size_t i;

    if (json_str(item, "path"))
        return field_text(c, item);
    if (!address)
        return short_word(c, item);
    json_array_foreach(actions, i, action) text =
        arena_printf(&c->arena, "%s%s%s", text, i ? ", " : "", clean(c, json_string_value(action)));
    return arena_printf(&c->arena, "%s %s", text, clean(c, address));
}

/* What its provisioner says that it would do (a dry run). */
static void print_preview(struct cli *c, const json_t *preview)
{
    const json_t *changes = json_object_get(preview, "changes"), *item;
    size_t i;

    if (json_str(preview, "note"))
        cli_print(c, "      %s\n", out_paint(c, STYLE_DIM, clean(c, json_str(preview, "note"))));
    if (changes && !json_array_size(changes))
        cli_print(c, "      %s\n", out_paint(c, STYLE_DIM, "its provisioner would change nothing"));
    json_array_foreach(changes, i, item)
    {
        if (i == MOST_PREVIEWED) {
            cli_print(c, "      %s\n", out_paint(c, STYLE_DIM, arena_printf(&c->arena, "and %zu more", json_array_size(changes) - i)));
            break;
        }
        cli_print(c, "      provisioner: %s\n", preview_text(c, item));
    }
}

static const char *change_text(struct cli *c, const json_t *item)
{
    const char *change = json_str(item, "change"), *name = clean(c, json_str(item, "resource"));
    const json_t *fields = json_object_get(item, "fields");
    const char *text = json_array_size(fields) == 1 ? field_text(c, json_array_get(fields, 0)) : clean(c, json_str(item, "because"));

    if (str_eq(change, "update"))
        return arena_printf(&c->arena, "%s%s(in place)", text, text[0] ? "  " : "");
    if (str_eq(change, "orphan"))
        return arena_printf(&c->arena, "stateful: kept as orphaned; --allow-remove %s removes it", name);
    if (json_flag(item, "protected", false) && str_eq(change, "remove"))
        return arena_printf(&c->arena, "protected: needs --allow-remove %s", name);
    return text;
}

static size_t widest(struct cli *c, const json_t *changes, const char *member)
{
    size_t width = 0, i;
    json_t *item;

    json_array_foreach(changes, i, item)
    {
        size_t columns = out_columns(clean(c, json_str(item, member)));

        width = columns > width ? columns : width;
    }
    return width;
}

static void print_changes(struct cli *c, const json_t *changes)
{
    size_t name_width = widest(c, changes, "resource"), type_width = widest(c, changes, "type"), i;
    bool any = false;
    json_t *item;

    json_array_foreach(changes, i, item)
    {
        const char *name = clean(c, json_str(item, "resource")), *type = clean(c, json_str(item, "type")), *text = change_text(c, item);

        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
            if (!str_eq(marks[k].change, json_str(item, "change")))
                continue;
            any = true;
            cli_print(c, "  %s %s%*s  %s", out_paint(c, marks[k].style, marks[k].mark), name, (int)(name_width - out_columns(name)), "",
                      type);
            cli_print(c, text[0] ? "%*s  %s\n" : "\n", (int)(type_width - out_columns(type)), "", text);
            print_fields(c, item);
            print_preview(c, json_object_get(item, "preview"));
        }
    }
    if (any)
        cli_print(c, "\n");
}

/* What actions have set and what therefore stays, whatever the file says. */
static void print_overrides(struct cli *c, const json_t *overrides)
{
    const json_t *item;
    size_t i;

    json_array_foreach(overrides, i, item)
    {
        const json_t *file = json_object_get(item, "file");
        const char *by = json_str(item, "by");

        cli_print(c, "  %s %s  %s = %s  kept: set by %s%s%s%s%s; --reset drops it\n", out_paint(c, STYLE_BLUE, "="),
                  clean(c, json_str(item, "resource")), clean(c, json_str(item, "path")), short_word(c, json_object_get(item, "value")),
                  clean(c, json_str(item, "action")), by ? " of " : "", clean(c, by), file ? ", the file says " : "",
                  file ? short_word(c, file) : "");
    }
    if (json_array_size(overrides))
        cli_print(c, "\n");
}

/* ---- workflows ---- */

static const char *workflow_text(struct cli *c, const json_t *workflow)
{
    const char *tier = json_str(workflow, "tier"), *product = json_str(workflow, "product"), *reason = json_str(workflow, "reason");
    const char *name = clean(c, json_str(workflow, "name"));

    if (product && !strchr(name, '/'))
        name = arena_printf(&c->arena, "%s/%s", clean(c, product), name);
    return arena_printf(&c->arena, "%s %s%s%s%s", str_eq(tier, "application") ? "app" : clean(c, tier), name, reason ? " (" : "",
                        clean(c, reason), reason ? ")" : "");
}

static const char *step_names(struct cli *c, const json_t *workflow)
{
    const char *names = "";
    json_t *step;
    size_t i;

    json_array_foreach(json_object_get(workflow, "steps"), i, step)
    {
        const char *condition = json_str(step, "condition");

        names = arena_printf(&c->arena, "%s%s%s%s%s", names, i ? ", " : "", clean(c, json_str(step, "name")), condition ? " if " : "",
                             clean(c, condition));
    }
    return names;
}

static void print_phases(struct cli *c, const json_t *phases)
{
    const json_t *phase, *workflow;
    size_t i, j;

    json_array_foreach(phases, i, phase)
    {
        const json_t *workflows = json_object_get(phase, "workflows");

        json_array_foreach(workflows, j, workflow)
        {
            cli_print(c, "  %-16s %s\n", j ? "" : clean(c, json_str(phase, "phase")), workflow_text(c, workflow));
            cli_print(c, "  %-16s   %s\n", "", out_paint(c, STYLE_DIM, step_names(c, workflow)));
        }
    }
}

/* ---- what policies say ---- */

static void print_warnings(struct cli *c, const json_t *violations)
{
    json_t *item;
    size_t i;

    json_array_foreach(violations, i, item)
    {
        const char *severity = json_str(item, "severity"), *fix = json_str(item, "fix");

        if (!severity || str_eq(severity, "deny"))
            continue;
        cli_print(c, "  ! %s %s: %s%s%s\n", out_paint(c, STYLE_YELLOW, clean(c, severity)), clean(c, json_str(item, "policy")),
                  clean(c, json_str(item, "message")), fix ? "; fix: " : "", clean(c, fix));
    }
}

int plan_print(struct cli *c, const json_t *plan, const char *source, const char *source_name)
{
    const json_t *violations = json_object_get(plan, "violations"), *warnings = json_object_get(plan, "warnings");
    bool denied = json_flag(plan, "denied", false);

    if (out_data(c, plan))
        return denied ? EXIT_DENIED : EXIT_FINE;
    if (json_array_size(warnings))
        problem_print_errors(c, warnings, source, source_name);
    print_summary(c, plan);
    print_changes(c, json_object_get(plan, "changes"));
    print_overrides(c, json_object_get(plan, "overrides"));
    print_phases(c, json_object_get(plan, "phases"));
    print_warnings(c, violations);
    if (denied)
        problem_print_denial(c, violations);
    return denied ? EXIT_DENIED : EXIT_FINE;
}
