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

static void print_flags(struct cli *c, const char *title, const struct cli_flag *flags)
{
    if (!flags || !flags->name)
        return;
    cli_print(c, "\n%s\n", out_paint(c, STYLE_BOLD, title));
    for (; flags->name; flags++) {
        const char *value = flags->value ? flags->value : flags->choices ? flags->choices : "VALUE";
        const char *left = flags->kind == FLAG_BOOL ? arena_printf(&c->arena, "--%s", flags->name)
                                                    : arena_printf(&c->arena, "--%s %s", flags->name, value);

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
    bool found = false;

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (!str_eq(verb->name, name) || !verb->sub || verb->options & VERB_ABSENT)
            continue;
        if (!found)
            cli_print(c, "%s\n", out_paint(c, STYLE_BOLD, arena_printf(&c->arena, "innominatus %s ...", name)));
        found = true;
        print_line(c, verb->args ? arena_printf(&c->arena, "%s %s", verb->sub, verb->args) : verb->sub, verb->about, 30);
    }
    return found;
}

static void print_absent(struct cli *c)
{
    const char *line = "";

    cli_print(c, "\n%s\n", out_paint(c, STYLE_BOLD, "Not in this release"));
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (!(verb->options & VERB_ABSENT))
            continue;
        if (out_columns(line) > 90) {
            cli_print(c, "  %s\n", line);
            line = "";
        }
        line = arena_printf(&c->arena, "%s%s%s", line, line[0] ? ", " : "", full_name(c, verb));
    }
    cli_print(c, "  %s\n", line);
}

static void print_all(struct cli *c)
{
    const char *group = NULL;

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
        print_line(c, verb->args ? arena_printf(&c->arena, "%s %s", full_name(c, verb), verb->args) : full_name(c, verb), verb->about, 38);
    }
    print_absent(c);
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

int verb_help(struct cli *c)
{
    const char *name = cli_word(c, 0), *sub = cli_word(c, 1), *near;

    if (help_print(c, name, sub))
        return EXIT_FINE;
    near = closest(c, name, sub);
    return cli_usage(c, "there is no command \"%s%s%s\"; %s%s%s", name, sub ? " " : "", sub ? sub : "",
                     near ? "did you mean `innominatus help " : "`innominatus help` lists them", near ? near : "", near ? "`?" : "");
}
