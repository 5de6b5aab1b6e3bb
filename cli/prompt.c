/* Owns questions on the terminal. A secret is never echoed and is wiped where it passed through. */
#include "cli/prompt.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Reads up to a line end, byte by byte, so that nothing of what follows is taken. Returns the length, -1 with errno, or -2 when it is too
 * long. */
static ssize_t read_line(int fd, char *line, size_t cap)
{
    size_t len = 0;

    for (;;) {
        char ch;
        ssize_t got = read(fd, &ch, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0 || ch == '\n')
            break;
        if (len + 1 >= cap)
            return -2;
        line[len++] = ch;
    }
    if (len && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return (ssize_t)len;
}

/* What the terminal was before it was made quiet: a signal handler has nothing else to reach it by. */
static struct termios before;

static void on_signal(int number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    raise(number); /* SA_RESETHAND: this one ends the process, once the handler has returned */
}

/* Ctrl-C at the question must not leave a terminal behind that shows nothing of what is typed. */
static void handle_signals(void (*handler)(int))
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    struct sigaction now, action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

static ssize_t read_hidden(const char *label, char *line, size_t cap)
{
    struct termios quiet;
    ssize_t len;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return -1;
    /* Quiet before the question: who answers fast must not be echoed. */
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ECHONL;
    handle_signals(on_signal);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    fprintf(stderr, "%s: ", label);
    fflush(stderr);
    len = read_line(STDIN_FILENO, line, cap);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    handle_signals(SIG_DFL);
    return len;
}

static int check(ssize_t len, const char *label, struct err *err)
{
    if (len == -1)
        return err_set_sys(err, ERR_IO, "reading the %s", label);
    if (len == -2)
        return err_set(err, ERR_USAGE, "the %s has more than %u bytes", label, LIMIT_PASSWORD_BYTES);
    return len == 0 ? err_set(err, ERR_USAGE, "the %s is empty; type it, or give it on standard input", label) : 0;
}

int prompt_secret(const struct cli *c, const char *label, bool again, struct secret *out, struct err *err)
{
    char first[LIMIT_PASSWORD_BYTES + 2], second[LIMIT_PASSWORD_BYTES + 2];
    bool terminal = isatty(STDIN_FILENO);
    ssize_t len = terminal ? read_hidden(label, first, sizeof first) : read_line(STDIN_FILENO, first, sizeof first);
    int rc = check(len, label, err);

    (void)c;
    if (rc == 0 && terminal && again) {
        rc = check(read_hidden("once more", second, sizeof second), label, err);
        if (rc == 0 && strcmp(first, second) != 0)
            rc = err_set(err, ERR_USAGE, "the two were not the same");
        secret_wipe(second, sizeof second);
    }
    if (rc == 0)
        secret_set(out, first, (size_t)len);
    secret_wipe(first, sizeof first);
    return rc;
}

const char *prompt_line(struct cli *c, const char *label)
{
    char line[256];

    if (!isatty(STDIN_FILENO))
        return NULL;
    fprintf(stderr, "%s: ", label);
    fflush(stderr);
    return read_line(STDIN_FILENO, line, sizeof line) > 0 ? arena_strdup(&c->arena, line) : NULL;
}
