/* Owns the manual page: innominatus.1 from the verb table. The build writes it with the hidden verb `manual`. */
#include "base/buf.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

#define PAGE_BYTES (1u << 20)
#define LINE_CHARS 64 /* before what has a meaning to roff is escaped */

/* Text for roff: a backslash, a minus that is typed, and a full stop or quote that opens a line have a meaning there. */
static const char *roff(struct cli *c, const char *text)
{
    struct buf out = BUF_INIT(PAGE_BYTES);
    const char *kept;

    if (text && (text[0] == '.' || text[0] == '\''))
        buf_add_text(&out, "\\&");
    for (const char *at = text ? text : ""; *at; at++) {
        if (*at == '\\')
            buf_add_text(&out, "\\e");
        else if (*at == '-')
            buf_add_text(&out, "\\-");
        else if (*at == '`' || *at == '\'')
            buf_add_text(&out, *at == '`' ? "\\(ga" : "\\(aq");
        else
            buf_add_char(&out, *at);
    }
    kept = arena_strdup(&c->arena, buf_text(&out));
    buf_fini(&out);
    return kept;
}

/* Prose, in input lines that are not longer than a terminal is wide. */
static void print_text(struct cli *c, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, " "), more;

        while (text[len] && (more = strcspn(text + len + 1, " ")) + len + 1 < LINE_CHARS)
            len += more + 1;
        cli_print(c, "%s\n", roff(c, arena_strndup(&c->arena, text, len)));
        text += len + (text[len] == ' ');
    }
}

static void print_flags(struct cli *c, const struct cli_flag *flags)
{
    for (; flags && flags->name; flags++) {
        const char *value = flags->value ? flags->value : flags->choices ? flags->choices : "VALUE";

        cli_print(c, ".TP\n");
        if (args_letter(flags->name))
            cli_print(c, "\\fB\\-%c\\fR, ", args_letter(flags->name));
        cli_print(c, "\\fB\\-\\-%s\\fR", roff(c, flags->name));
        if (flags->kind != FLAG_BOOL)
            cli_print(c, " \\fI%s\\fR", roff(c, value));
        cli_print(c, "\n");
        print_text(c, flags->help);
    }
}

static void print_verb(struct cli *c, const struct cli_verb *verb)
{
    cli_print(c, ".SS \"%s%s%s%s%s\"\n", roff(c, verb->name), verb->sub ? " " : "", verb->sub ? roff(c, verb->sub) : "",
              verb->args ? " " : "", verb->args ? roff(c, verb->args) : "");
    print_text(c, arena_printf(&c->arena, "%s.", verb->about));
    print_flags(c, verb->flags);
    if (verb->example)
        cli_print(c, ".PP\nExample:\n.PP\n.nf\n.RS 4\n%s\n.RE\n.fi\n", roff(c, verb->example));
}

static const char *upper(struct cli *c, const char *text)
{
    char *out = arena_strdup(&c->arena, text);

    for (char *at = out; *at; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    return out;
}

static void print_verbs(struct cli *c)
{
    const char *group = NULL;

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (verb->options & (VERB_ABSENT | VERB_HIDDEN))
            continue;
        if (!str_eq(group, verb->group))
            cli_print(c, ".SH \"%s\"\n", upper(c, verb->group));
        group = verb->group;
        print_verb(c, verb);
    }
}

static void print_exits(struct cli *c)
{
    static const struct {
        enum cli_exit code;
        const char *means;
    } exits[] = {
        {EXIT_FINE, "fine"},
        {EXIT_FAILED, "failed: a deployment did not end well, a check found something, the server could not do it"},
        {EXIT_USAGE, "wrong usage; nothing was done"},
        {EXIT_INVALID, "validation errors: what was handed in is wrong"},
        {EXIT_DENIED, "denied by a policy or a permission; a wrong key too"},
        {EXIT_MISSING, "not found"},
        {EXIT_UNREACHABLE, "the server does not answer"},
    };

    cli_print(c, ".SH \"EXIT STATUS\"\n");
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
        cli_print(c, ".TP\n\\fB%d\\fR\n", (int)exits[i].code);
        print_text(c, arena_printf(&c->arena, "%s.", exits[i].means));
    }
}

static void print_surroundings(struct cli *c)
{
    static const struct {
        const char *name, *means;
    } variables[] = {
        {"INNOMINATUS_SERVER", "the server's address, for example http://127.0.0.1:8081"},
        {"INNOMINATUS_API_KEY", "the key; goes before that of the credentials file"},
        {"INNOMINATUS_CA_FILE", "certificates (PEM) that the server's is checked against, in place of the system's"},
        {"INNOMINATUS_ADMIN_CONFIG", "the configuration that commands without a server look at"},
        {"INNOMINATUS_RECONNECT_SECONDS", "how long a server that does not answer is waited for while something is followed; 120"},
        {"INNOMINATUS_HINTS", "off: no line that says which command could be next"},
        {"NO_COLOR", "no colours"},
        {"COLUMNS", "the width of tables"},
        {"XDG_CONFIG_HOME, XDG_STATE_HOME", "where the two files below are"},
    };

    cli_print(c, ".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        cli_print(c, ".TP\n\\fB%s\\fR\n", roff(c, variables[i].name));
        print_text(c, arena_printf(&c->arena, "%s.", variables[i].means));
    }
    cli_print(c, ".SH FILES\n.TP\n\\fI~/.config/innominatus/credentials.json\\fR\nservers that were signed in to (mode 0600).\n"
                 ".TP\n\\fI~/.local/state/innominatus/server.json\\fR\nthe server of this user that runs here.\n");
}

int verb_manual(struct cli *c)
{
    cli_print(c, ".\\\" Written by `innominatus manual`.\n.TH INNOMINATUS 1 \"%s\" \"innominatus %s\" \"innominatus\"\n", INNOMINATUS_DATE,
              INNOMINATUS_VERSION);
    cli_print(c, ".SH NAME\ninnominatus \\- deploys Score files by the platform\\(aqs workflows and policies\n");
    cli_print(c, ".SH SYNOPSIS\n\\fBinnominatus\\fR [\\fIflags\\fR] \\fIcommand\\fR [\\fIwords\\fR]\n.SH DESCRIPTION\n");
    print_text(c, "The server (`innominatus serve`) plans and runs deployments; the other commands talk to it, or work alone. Data goes to "
                  "standard output, messages go to standard error.");
    cli_print(c, ".SH \"GLOBAL FLAGS\"\nThey stand before or after the command.\n");
    print_flags(c, cli_globals);
    print_verbs(c);
    print_exits(c);
    print_surroundings(c);
    cli_print(c, ".SH \"SEE ALSO\"\n\\fBinnominatus help\\fR \\fIcommand\\fR, \\fBinnominatus explain\\fR \\fIcode\\fR\n");
    return EXIT_FINE;
}
