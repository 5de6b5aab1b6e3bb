/* Starts PostgreSQL for tests (pg.h): initdb, postgres, pg_isready and createdb by fork and exec, without a shell. */
#include "pg.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_ARGS 48

struct pg_cluster {
    char dir[64];
    pid_t server; /* 0: halted */
};

static const char *bin_dir(void)
{
    const char *named = getenv("INNO_TEST_PG_BIN");

    return named ? named : "/usr/lib/postgresql/15/bin";
}

const char *pg_missing(void)
{
    static char reason[200];
    char path[256];

    snprintf(path, sizeof path, "%s/postgres", bin_dir());
    if (access(path, X_OK) < 0) {
        snprintf(reason, sizeof reason, "no PostgreSQL server in %.150s", bin_dir());
        return reason;
    }
    return geteuid() == 0 && !getpwnam("postgres") ? "no user postgres, and initdb refuses root" : NULL;
}

/* Starts `tool` with `args` (ends with NULL), as the user postgres when we are root, its output going to DIR/log. A server ends with us. */
static pid_t start(const struct pg_cluster *c, const char *tool, const char *const *args, bool server)
{
    char path[256], log_path[96];
    const char *argv[MAX_ARGS] = {NULL};
    size_t n = 0;
    pid_t pid;

    snprintf(path, sizeof path, "%s/%s", bin_dir(), tool);
    snprintf(log_path, sizeof log_path, "%s/log", c->dir);
    if (geteuid() == 0) {
        const char *const as[] = {
            "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", server ? "INT" : "keep", "--"};

        for (size_t i = 0; i < sizeof as / sizeof *as; i++)
            argv[n++] = as[i];
    }
    argv[n++] = path;
    while (*args && n < MAX_ARGS - 1)
        argv[n++] = *args++;
    pid = fork();
    if (pid == 0) {
        int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        dup2(null_fd, STDIN_FILENO);
        dup2(log_fd, STDOUT_FILENO);
        dup2(log_fd, STDERR_FILENO);
        if (chdir("/") == 0)
            execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

/* Runs a tool to its end; 0 when it succeeded. */
static int run(const struct pg_cluster *c, const char *tool, const char *const *args, struct err *err)
{
    pid_t pid = start(c, tool, args, false);
    CLEANUP(free_ptr) char *text = NULL;
    char log_path[96];
    size_t len = 0;
    struct err ignored;
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return err_set_sys(err, ERR_IO, "cannot run %s", tool);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    snprintf(log_path, sizeof log_path, "%s/log", c->dir);
    io_read_file(log_path, 1 << 20, &text, &len, &ignored);
    return err_set(err, ERR_IO, "%s failed (status %d): %s", tool, status, text ? text + (len > 400 ? len - 400 : 0) : "no log");
}

static int wait_ready(struct pg_cluster *c, struct err *err)
{
    const char *const args[] = {"-q", "-h", c->dir, "-U", "postgres", NULL};

    for (int i = 0; i < 4000; i++) {
        if (run(c, "pg_isready", args, err) == 0)
            return 0;
        if (waitpid(c->server, NULL, WNOHANG) != 0) {
            c->server = 0;
            return err_wrap(err, "the server ended");
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return err_wrap(err, "the server does not get ready");
}

int pg_cluster_resume(struct pg_cluster *c, struct err *err)
{
    char data[96];
    /* Durability against power loss is not what these tests look at; group commit is left on. */
    const char *const args[] = {"-D", data,
                                "-k", c->dir,
                                "-c", "listen_addresses=",
                                "-c", "fsync=off",
                                "-c", "max_connections=200",
                                "-c", "shared_buffers=32MB",
                                "-c", "deadlock_timeout=100ms",
                                "-c", "log_min_messages=fatal",
                                NULL};

    snprintf(data, sizeof data, "%s/data", c->dir);
    c->server = start(c, "postgres", args, true);
    if (c->server < 0) {
        c->server = 0;
        return err_set_sys(err, ERR_IO, "cannot start postgres");
    }
    return wait_ready(c, err);
}

int pg_cluster_halt(struct pg_cluster *c, struct err *err)
{
    if (!c->server)
        return 0;
    if (kill(c->server, SIGINT) < 0 || waitpid(c->server, NULL, 0) < 0)
        return err_set_sys(err, ERR_IO, "cannot stop postgres");
    c->server = 0;
    return 0;
}

static int make_dir(struct pg_cluster *c, struct err *err)
{
    const char *base = getenv("TMPDIR");
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

    /* The path of a unix socket has 107 characters at most. */
    snprintf(c->dir, sizeof c->dir, "%s/inno-pg-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
    if (!mkdtemp(c->dir) || (user && chown(c->dir, user->pw_uid, user->pw_gid) < 0))
        return err_set_sys(err, ERR_IO, "cannot make a directory for PostgreSQL");
    return 0;
}

int pg_cluster_start(struct pg_cluster **out, struct err *err)
{
    struct pg_cluster *c = mem_zalloc(sizeof *c);
    char data[96];
    const char *const args[] = {"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", NULL};

    if (make_dir(c, err) < 0) {
        free(c);
        return -1;
    }
    snprintf(data, sizeof data, "%s/data", c->dir);
    if (run(c, "initdb", args, err) < 0 || pg_cluster_resume(c, err) < 0) {
        pg_cluster_stop(c);
        return -1;
    }
    *out = c;
    return 0;
}

void pg_cluster_stop(struct pg_cluster *c)
{
    struct err ignored;

    if (!c)
        return;
    pg_cluster_halt(c, &ignored);
    io_remove_tree(c->dir, &ignored);
    free(c);
}

int pg_cluster_database(struct pg_cluster *c, const char *name, char *out_url, size_t cap, struct err *err)
{
    const char *const args[] = {"-h", c->dir, "-U", "postgres", name, NULL};

    if (run(c, "createdb", args, err) < 0)
        return -1;
    snprintf(out_url, cap, "postgres://postgres@/%s?host=%s", name, c->dir);
    return 0;
}
