/* Owns the last words of a command that is interrupted. The text is a static one: a signal handler has nothing else to reach it by. */
#include "cli/interrupt.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define WORDS_BYTES 512

static char words[WORDS_BYTES];
static volatile sig_atomic_t words_len;

static void on_signal(int number)
{
    ssize_t ignored = write(STDERR_FILENO, words, (size_t)words_len);

    (void)ignored;
    raise(number); /* SA_RESETHAND: this one ends the process, once the handler has returned */
}

void interrupt_says(const char *text)
{
    struct sigaction before, action = {.sa_handler = text ? on_signal : SIG_DFL, .sa_flags = (int)SA_RESETHAND};
    size_t len = text ? strnlen(text, sizeof words) : 0;

    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler == SIG_IGN) /* as `nohup` and `&` in scripts want it */
        return;
    words_len = 0;
    if (text)
        memcpy(words, text, len);
    words_len = (sig_atomic_t)len;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}
