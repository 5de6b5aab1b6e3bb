/* Owns the help texts; all of them come from the verb table. */
#include "cli/help.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

static const char *full_name(struct cli *c, const struct cli_verb *verb)
{
    return verb->sub ? arena_printf(&c->arena, "%s %s", verb->name, verb->sub) : verb->name;
}

static void print_line(struct cli *c, const char *left, const char *right, int width)
{
    int blank = width - (int)out_columns(left);

    cli_print(c, "  %s%*s  %s\n", left, blank > 0 ? blank : 0, "", right);
}

/* What stands left of what a verb is about. */
static const char *usage_of(struct cli *c, const struct cli_verb *verb, bool in_family)
{
    const char *name = in_family ? verb->sub : full_name(c, verb);

    return verb->args ? arena_printf(&c->arena, "%s %s", name, verb->args) : name;
}

/* How wide the left column is: of one family, or of all verbs that are listed (NULL). */
static int widest_usage(struct cli *c, const char *family)
{
    size_t widest = 0;

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        size_t width;

        if (verb->options & (family ? VERB_ABSENT : VERB_ABSENT | VERB_HIDDEN) || (family && (!str_eq(verb->name, family) || !verb->sub)))
            continue;
        width = out_columns(usage_of(c, verb, family != NULL));
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

static void print_flags(struct cli *c, const char *title, const struct cli_flag *flags)
{
    if (!flags || !flags->name)
        return;
    cli_print(c, "\n%s\n", out_paint(c, STYLE_BOLD, title));
    for (; flags->name; flags++) {
        const char *value = flags->value ? flags->value : flags->choices ? flags->choices : "VALUE";
        char letter = args_letter(flags->name);
        const char *before = letter ? arena_printf(&c->arena, "-%c, ", letter) : "";
        const char *left = flags->kind == FLAG_BOOL ? arena_printf(&c->arena, "%s--%s", before, flags->name)
                                                    : arena_printf(&c->arena, "%s--%s %s", before, flags->name, value);

        print_line(c, left, flags->help, 26);
    }
}

static void print_verb(struct cli *c, const struct cli_verb *verb)
{
    if (verb->options & VERB_ABSENT) {
        cli_print(c, "innominatus %s: %s. Not available in this release. %s\n", full_name(c, verb), verb->about,
                  verb->example ? verb->example : "");
        return;
    }
    cli_print(c, "%s\n\n%s\n  innominatus %s%s%s%s\n", verb->about, out_paint(c, STYLE_BOLD, "Usage"), full_name(c, verb),
              verb->args ? " " : "", verb->args ? verb->args : "", verb->flags ? " [flags]" : "");
    print_flags(c, "Flags", verb->flags);
    if (verb->run != verb_serve) /* it reads its own words */
        print_flags(c, "Global flags", cli_globals);
    if (verb->example)
        cli_print(c, "\n%s\n  %s\n", out_paint(c, STYLE_BOLD, "Example"), verb->example);
}

static bool print_family(struct cli *c, const char *name)
{
    int width = widest_usage(c, name);
    bool found = false;

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (!str_eq(verb->name, name) || !verb->sub || verb->options & VERB_ABSENT)
            continue;
        if (!found)
            cli_print(c, "%s\n", out_paint(c, STYLE_BOLD, arena_printf(&c->arena, "innominatus %s ...", name)));
        found = true;
        print_line(c, usage_of(c, verb, true), verb->about, width);
    }
    return found;
}

static void print_all(struct cli *c)
{
    const char *group = NULL;
    int width = widest_usage(c, NULL);

    cli_print(c,
              "innominatus: deploys Score files by the platform's workflows, policies and provisioners.\n\n%s\n  innominatus [flags] "
              "COMMAND ...\n",
              out_paint(c, STYLE_BOLD, "Usage"));
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (verb->options & (VERB_ABSENT | VERB_HIDDEN))
            continue;
        if (!str_eq(group, verb->group))
            cli_print(c, "\n%s\n", out_paint(c, STYLE_BOLD, verb->group));
        group = verb->group;
        print_line(c, usage_of(c, verb, false), verb->about, width);
    }
    print_flags(c, "Global flags", cli_globals);
    cli_print(c, "\nExit codes: 0 fine, 1 failed, 2 usage, 3 validation errors, 4 denied, 5 not found, 6 unreachable.\n"
                 "`innominatus help COMMAND` tells more about one of them.\n");
}

bool help_print(struct cli *c, const char *name, const char *sub)
{
    if (!name) {
        print_all(c);
        return true;
    }
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        if (str_eq(verb->name, name) && str_eq(verb->sub, sub)) {
            print_verb(c, verb);
            return true;
        }
    return !sub && print_family(c, name);
}

int help_of_args(struct cli *c)
{
    const struct cli_verb *verb = c->args.verb;
    const char *family = c->args.family;

    if (c->args.version && !verb)
        return verb_version(c);
    if (c->args.help) {
        help_print(c, verb ? verb->name : family, verb ? verb->sub : NULL);
        return EXIT_FINE;
    }
    if (family)
        return cli_usage(c, "`%s` needs one of its commands; see `innominatus help %s`", family, family);
    return cli_usage(c, "which command? `innominatus help` lists them; a first one is `innominatus validate FILE`");
}

/* The command that was meant, in full; NULL: nothing is near. */
static const char *closest(struct cli *c, const char *name, const char *sub)
{
    const char **names, *near;
    size_t count = 0, used = 0;
    bool family = false;

    while (cli_verbs[count].name)
        count++;
    names = arena_array(&c->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        family = family || (sub && cli_verbs[i].sub && str_eq(cli_verbs[i].name, name));
    for (size_t i = 0; i < count; i++)
        if (!family || (cli_verbs[i].sub && str_eq(cli_verbs[i].name, name)))
            names[used++] = family ? cli_verbs[i].sub : cli_verbs[i].name;
    near = str_closest(family ? sub : name, names);
    return near && family ? arena_printf(&c->arena, "%s %s", name, near) : near;
}

/* ---- the table itself, for programs ---- */

static json_t *flags_data(const struct cli_flag *flags)
{
    json_t *list = json_array();

    for (; flags && flags->name; flags++) {
        json_t *flag = json_object();

        json_set_str(flag, "name", flags->name);
        json_set_str(flag, "value", flags->kind == FLAG_BOOL ? NULL : flags->value ? flags->value : "VALUE");
        json_set_str(flag, "choices", flags->choices);
        json_set_flag(flag, "repeated", flags->kind == FLAG_LIST);
        json_set_str(flag, "about", flags->help);
        json_array_append_new(list, flag);
    }
    return list;
}

static json_t *outputs_data(unsigned outputs)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{OUT_JSON, "json"}, {OUT_YAML, "yaml"}, {OUT_JUNIT, "junit"}, {OUT_SARIF, "sarif"}};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (outputs & names[i].bit)
            json_append_str(list, names[i].name);
    return list;
}

static json_t *verb_data(struct cli *c, const struct cli_verb *verb)
{
    json_t *row = json_object();

    json_set_str(row, "command", full_name(c, verb));
    json_set_str(row, "words", verb->args);
    json_set_str(row, "about", verb->about);
    json_set_flag(row, "available", !(verb->options & VERB_ABSENT));
    json_set_flag(row, "hidden", (verb->options & VERB_HIDDEN) != 0);
    json_set_flag(row, "needs_server", (verb->options & VERB_SERVER) != 0);
    json_set_new(row, "flags", flags_data(verb->flags));
    json_set_new(row, "outputs", outputs_data(verb->outputs));
    json_set_str(row, verb->options & VERB_ABSENT ? "instead" : "example", verb->example);
    return row;
}

static int print_table(struct cli *c)
{
    json_t *table = json_object(), *rows = json_array();

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        json_array_append_new(rows, verb_data(c, verb));
    json_set_new(table, "global_flags", flags_data(cli_globals));
    json_set_new(table, "commands", rows);
    out_data(c, table);
    json_decref(table);
    return EXIT_FINE;
}

int verb_help(struct cli *c)
{
    const char *name = cli_word(c, 0), *sub = cli_word(c, 1), *near;

    if (!name && c->output > OUTPUT_WIDE)
        return print_table(c);

    if (help_print(c, name, sub))
        return EXIT_FINE;
    near = closest(c, name, sub);
    return cli_usage(c, "there is no command \"%s%s%s\"; %s%s%s", name, sub ? " " : "", sub ? sub : "",
                     near ? "did you mean `innominatus help " : "`innominatus help` lists them", near ? near : "", near ? "`?" : "");
}
