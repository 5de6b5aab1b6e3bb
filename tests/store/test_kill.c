/* A process that writes is killed in the middle; what it was told is durable must be there. */
#include "db.h"
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts tests/store/store_writer on the database; its standard output is *out. */
static pid_t start_writer(const char *url, FILE **out)
{
    char *argv[] = {(char *)(uintptr_t)STORE_WRITER, (char *)(uintptr_t)url, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t pid = -1;

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    CU_ASSERT_EQUAL_FATAL(posix_spawn(&pid, STORE_WRITER, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out = fdopen(ends[0], "r");
    return pid;
}

/* Lets the writer acknowledge some rows, kills it, and reads what else it had acknowledged. Returns the number of the last whole line. */
static int64_t write_and_kill(const char *url, int lines)
{
    CLEANUP(close_file) FILE *out = NULL;
    pid_t pid = start_writer(url, &out);
    char line[64];
    long long acknowledged = -1;
    int status;

    for (int i = 0; i < lines && fgets(line, sizeof line, out); i++)
        ;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    do
        if (strchr(line, '\n'))
            sscanf(line, "%lld", &acknowledged);
    while (fgets(line, sizeof line, out));
    return acknowledged;
}

void test_killed_writer(void)
{
    FRESH(url, s);

    for (int round = 0; round < 3; round++) {
        char sql[128];
        int64_t acknowledged, stored;

        db_must(s, "DELETE FROM login_attempts");
        db_close(&s);
        acknowledged = write_and_kill(url, 40 + 30 * round);
        CU_ASSERT(acknowledged >= 40);
        s = db_open(url);
        snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM login_attempts WHERE at <= %lld", (long long)acknowledged);
        stored = db_int(s, sql);
        CU_ASSERT_EQUAL(stored, 2 * acknowledged); /* each unit writes two rows with its number, from 1 */
        CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM login_attempts WHERE who = 'first'"),
                        db_int(s, "SELECT COUNT(*) FROM login_attempts WHERE who = 'second'"));
    }
}
