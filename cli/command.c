/* Owns how a command speaks to people and ends: errors, messages, questions. */
#include "cli/command.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/output.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cli_exit_of(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return EXIT_FINE;
    case ERR_USAGE:
        return EXIT_USAGE;
    case ERR_NO_SERVER:
    case ERR_BACKEND_DOWN:
        return EXIT_UNREACHABLE;
    case ERR_SYNTAX:
    case ERR_ENCODING:
    case ERR_TOO_LARGE:
        return EXIT_INVALID;
    default:
        break;
    }
    switch (err_http_status(code)) {
    case 422:
        return EXIT_INVALID;
    case 401:
    case 403:
        return EXIT_DENIED;
    case 404:
        return EXIT_MISSING;
    default:
        return EXIT_FAILED;
    }
}

__attribute__((format(printf, 4, 0))) static void write_clean(const struct cli *c, FILE *to, bool newline, const char *fmt, va_list ap)
{
    struct arena scratch = {0};
    const char *text = arena_vprintf(&scratch, fmt, ap);

    (void)c;
    fputs(out_clean(&scratch, text, true), to);
    if (newline)
        fputc('\n', to);
    arena_fini(&scratch);
}

const char *cli_list_hint(const char *message)
{
#define SHOWN_BY(list) "`innominatus " list "` shows what there is"
    static const struct {
        const char *noun, *hint;
    } hints[] = {
        {"application ", SHOWN_BY("list")},        {"deployment ", SHOWN_BY("deployments")},  {"environment ", SHOWN_BY("environments")},
        {"resource ", SHOWN_BY("list-resources")}, {"workflow ", SHOWN_BY("list-workflows")}, {"product ", SHOWN_BY("list-products")},
        {"task ", SHOWN_BY("queue list")},         {"policy ", SHOWN_BY("policy list")},      {"user ", SHOWN_BY("admin list-users")},
        {"provisioner ", SHOWN_BY("plugin list")},
    };
#undef SHOWN_BY
    const char *noun = message && str_starts(message, "there is no ") ? message + strlen("there is no ") : "";

    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (str_starts(noun, hints[i].noun))
            return hints[i].hint;
    return NULL;
}

int cli_fail(const struct cli *c, const struct err *err)
{
    const char *red = c->colour_err ? "\033[31m" : "", *plain = c->colour_err ? "\033[0m" : "";
    struct arena scratch = {0};
    char code[16];

    fflush(stdout);
    fprintf(stderr, "%serror[%s]%s: %s\n", red, err_name(err->code, code), plain, out_clean(&scratch, err->msg, true));
    /* What a system call says about a file needs no advice on servers. */
    if (err->code != ERR_USAGE && !err->sys && err_remedy(err->code)[0] && !strstr(err->msg, err_remedy(err->code)))
        fprintf(stderr, "  help: %s\n", cli_list_hint(err->msg) ? cli_list_hint(err->msg) : err_remedy(err->code));
    arena_fini(&scratch);
    return cli_exit_of(err->code);
}

__attribute__((format(printf, 3, 0))) static void write_error(const struct cli *c, enum err_code code, const char *fmt, va_list ap)
{
    int kept = errno; /* for %m */
    char name[16];

    fflush(stdout);
    fprintf(stderr, "%serror[%s]%s: ", c->colour_err ? "\033[31m" : "", err_name(code, name), c->colour_err ? "\033[0m" : "");
    errno = kept;
    write_clean(c, stderr, true, fmt, ap);
}

int cli_usage(const struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    write_error(c, ERR_USAGE, fmt, ap);
    va_end(ap);
    return EXIT_USAGE;
}

int cli_missing(const struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    write_error(c, ERR_NOT_FOUND, fmt, ap);
    va_end(ap);
    return EXIT_MISSING;
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    va_start(ap, fmt);
    write_clean(c, stderr, true, fmt, ap);
    va_end(ap);
}

/* Colours of out_paint are ours; what comes from elsewhere is cleaned where it is put in. */
void cli_print(const struct cli *c, const char *fmt, ...)
{
    va_list ap;

    (void)c;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

static bool is_yes(void)
{
    char answer[16] = "";

    if (!fgets(answer, sizeof answer, stdin))
        return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    return str_eq(answer, "y") || str_eq(answer, "Y") || str_eq(answer, "yes");
}

int cli_confirm(const struct cli *c, const char *fmt, ...)
{
    va_list ap;

    if (args_flag(&c->args, "force"))
        return EXIT_FINE;
    va_start(ap, fmt);
    write_clean(c, stderr, false, fmt, ap);
    va_end(ap);
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        fputs("\ninnominatus: there is no terminal to ask on; nothing was changed. Repeat with --force.\n", stderr);
        return EXIT_USAGE;
    }
    fputs(" [y/N] ", stderr);
    if (is_yes())
        return EXIT_FINE;
    fputs("nothing was changed\n", stderr);
    return EXIT_FAILED;
}
