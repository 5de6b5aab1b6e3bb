/* Starts children that leave its session and its group and never end, then returns, hangs or crashes. Wants the permission `exec`. */
#include "common.h"
#include <signal.h>
#include <sys/wait.h>

/* A grandchild in a session of its own, which nobody waits for; it holds the output of the host. */
static void leave_one(void)
{
    pid_t child = fork();

    if (child == 0) {
        setsid();
        if (fork() == 0) {
            char *argv[] = {(char *)"sleep", (char *)"100000", NULL}, *env[] = {NULL};

            setsid();
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            execve("/bin/sleep", argv, env);
            for (;;)
                pause();
        }
        _exit(0);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

SLOT(deed)
{
    const char *mode = inno_get_string(res, "mode", "returns");

    (void)self;
    for (int n = 0; n < 3; n++)
        leave_one();
    host->log(call, INNO_LOG_INFO, "left");
    if (strcmp(mode, "crashes") == 0)
        abort();
    while (strcmp(mode, "hangs") == 0)
        pause();
    return INNO_OK;
}

static const inno_provisioner plugin = BAD_TABLE("leaves-children", deed);
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"leaves-children\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"bad\"}],\"permissions\":[\"exec\"]}")
