/* Owns a command from its words to its exit code: globals, help, the verb's handler. */
#include "cli/cli.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/complete.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    enum cli_output output;
    unsigned needs; /* OUT_...; 0: every verb */
} outputs[] = {
    {"table", OUTPUT_TABLE, 0},      {"wide", OUTPUT_WIDE, 0},           {"json", OUTPUT_JSON, OUT_JSON},
    {"yaml", OUTPUT_YAML, OUT_YAML}, {"junit", OUTPUT_JUNIT, OUT_JUNIT}, {"sarif", OUTPUT_SARIF, OUT_SARIF},
};

static int choose_output(struct cli *c, struct err *err)
{
    const char *wanted = args_text(&c->args, "output");

    if (!wanted || !wanted[0])
        wanted = args_text(&c->args, "format");
    for (size_t i = 0; wanted && i < sizeof outputs / sizeof *outputs; i++) {
        if (!str_eq(outputs[i].name, wanted))
            continue;
        if (outputs[i].needs && c->args.verb && !(c->args.verb->outputs & outputs[i].needs))
            return err_set(err, ERR_USAGE, "`%s%s%s` has no %s output; see `innominatus help %s`", c->args.verb->name,
                           c->args.verb->sub ? " " : "", c->args.verb->sub ? c->args.verb->sub : "", wanted, c->args.verb->name);
        c->output = outputs[i].output;
    }
    return 0;
}

/* NO_COLOR: any text but an empty one (no-color.org). */
static void choose_colours(struct cli *c)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    bool may = !args_flag(&c->args, "no-color") && (!no || !no[0]) && !str_eq(term, "dumb");

    c->colour_out = may && isatty(STDOUT_FILENO);
    c->colour_err = may && isatty(STDERR_FILENO);
}

static int run_verb(struct cli *c)
{
    const struct cli_verb *verb = c->args.verb;
    struct err err = {0};

    if (c->args.help || !verb)
        return help_of_args(c);
    if (verb->options & VERB_ABSENT) {
        cli_say(c, "innominatus %s%s%s: not available in this release. %s", verb->name, verb->sub ? " " : "", verb->sub ? verb->sub : "",
                verb->example ? verb->example : "");
        return EXIT_FAILED;
    }
    if (choose_output(c, &err) < 0)
        return cli_fail(c, &err);
    return verb->run(c);
}

/* A full disk behind `> file` must not look like success. */
static int close_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno != EPIPE)
        fprintf(stderr, "innominatus: standard output: %s\n", strerror(errno));
    return code ? code : EXIT_FAILED;
}

int cli_main(int argc, char **argv)
{
    struct cli c = {0};
    struct err err = {0};
    int code;

    log_init(LOG_TEXT, LOG_WARN);
    if (argc > 1 && str_eq(argv[1], "__complete")) {
        code = complete_main(&c, argc - 2, argv + 2);
    } else if (args_parse(argc, argv, cli_verbs, cli_globals, &c.arena, &c.args, &err) < 0) {
        choose_colours(&c);
        code = cli_fail(&c, &err);
    } else {
        choose_colours(&c);
        c.debug = args_flag(&c.args, "debug");
        c.server = args_text(&c.args, "server");
        c.team = args_text(&c.args, "team");
        code = run_verb(&c);
    }
    client_free(c.client);
    arena_fini(&c.arena);
    return close_output(code);
}
