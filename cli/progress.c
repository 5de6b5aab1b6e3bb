/* Owns the line of progress. It stands on standard error, so that standard output stays data. */
#include "cli/progress.h"
#include "cli/output.h"
#include <stdio.h>
#include <unistd.h>

void progress_show(const struct cli *c, const char *text)
{
    struct arena scratch = {0};
    size_t width = out_width();

    if (!isatty(STDERR_FILENO))
        return;
    fflush(stdout);
    fprintf(stderr, "\r\033[K%s", out_cut(&scratch, out_clean(&scratch, text, false), width > 2 ? width - 1 : 79));
    fflush(stderr);
    arena_fini(&scratch);
    (void)c;
}

void progress_clear(const struct cli *c)
{
    (void)c;
    if (isatty(STDERR_FILENO)) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}
