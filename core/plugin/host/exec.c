/* Owns host->exec: checks what a plugin asks for, hands it to the runner, and stays with the program until nothing of it is left: output,
 * input, cancel, deadline. Main thread, within a call. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include "plugin/host/calls.h"
#include "plugin/host/output.h"
#include "plugin/protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GRACE_MS      5000
#define GRACE_MOST_MS 10000
#define MOST_WORDS    4096
#define OUTPUT_BYTES  (1u << 20)
#define OUTPUT_MOST   (64u << 20)
#define KNOWN_FLAGS   (INNO_EXEC_QUIET_OUT | INNO_EXEC_QUIET_ERR)

struct run {
    struct inno_call *call;
    inno_exec command;
    struct output out, err;
    int in, sock;
    size_t given; /* bytes of input */
    int64_t stop_us, kill_us;
    inno_rc stopped; /* INNO_CANCELED or INNO_TIMEOUT once it was asked to stop */
    bool ended;
    int exit_code, signal;
};

static inno_rc bad(struct inno_call *call, const char *what) { return host_table.fail(call, INNO_FAILED, 0, "host->exec: %s", what); }

/* ---- what is asked for ---- */

static bool good_words(const char *const *words, bool variables, size_t *out_count)
{
    size_t count = 0;

    for (; words && words[count]; count++)
        if (count == MOST_WORDS || (variables && (!strchr(words[count], '=') || words[count][0] == '=')))
            return false;
    *out_count = count;
    return true;
}

static inno_rc check(struct inno_call *call, const inno_exec *given, const inno_exec_result *out, inno_exec *c)
{
    size_t words, variables;

    if (!given || !out || given->struct_size < offsetof(inno_exec, env) || out->struct_size < offsetof(inno_exec_result, out))
        return bad(call, "the structs are NULL, or their struct_size is not set");
    *c = (inno_exec){0};
    memcpy(c, given, given->struct_size < sizeof *c ? given->struct_size : sizeof *c);
    if (call->executing)
        return bad(call, "called from on_line; one program runs at a time");
    if (c->flags & ~KNOWN_FLAGS)
        return bad(call, "unknown flags");
    if (!c->argv || !good_words(c->argv, false, &words) || words == 0 || !c->argv[0][0])
        return bad(call, "argv is empty, or has more than 4096 words");
    if (!good_words(c->env, true, &variables))
        return bad(call, "env has an item that is no NAME=value, or more than 4096");
    if (c->cwd && c->cwd[0] != '/')
        return bad(call, "cwd is no absolute path");
    if ((c->input.len && !c->input.bytes) || c->timeout_ms < 0 || c->grace_ms < 0 || c->max_output_bytes > OUTPUT_MOST)
        return bad(call, "input without bytes, a negative time, or more than 64 MiB of output");
    if (call->runner.sock < 0)
        return host_table.fail(call, INNO_UNAUTHORIZED, 0,
                               "this plugin may not run programs: its manifest must list the permission \"exec\", and its entry in "
                               "admin-config.yaml must grant it (grant: [exec], or [exec:PROGRAM])");
    return INNO_OK;
}

/* ---- the request ---- */

static void add_word(struct buf *text, const char *word) { buf_add(text, word, strlen(word) + 1); }

static bool gives(const inno_exec *c, const char *variable)
{
    size_t len = strcspn(variable, "=") + 1;

    for (size_t i = 0; c->env && c->env[i]; i++)
        if (strncmp(c->env[i], variable, len) == 0)
            return true;
    return false;
}

/* What a program finds in its environment: these, and what the plugin gives. Nothing of the server's. */
static int add_environment(struct buf *text, const inno_exec *c, const char *work_dir)
{
    CLEANUP(free_ptr) char *home = mem_printf("HOME=%s", work_dir);
    CLEANUP(free_ptr) char *scratch = mem_printf("TMPDIR=%s", work_dir);
    const char *own[] = {"PATH=" PROGRAM_PATH, "LANG=C.UTF-8", home, scratch};
    int count = 0;

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (!gives(c, own[i])) {
            add_word(text, own[i]);
            count++;
        }
    for (size_t i = 0; c->env && c->env[i]; i++, count++)
        add_word(text, c->env[i]);
    return count;
}

/* The first part of the message carries the descriptors. */
static int send_start(int sock, const struct runner_message *m, const int fds[static 3])
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec part = {(void *)(uintptr_t)m, sizeof *m};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    ssize_t sent;

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(3 * sizeof(int));
    memcpy(CMSG_DATA(c), fds, 3 * sizeof(int));
    do {
        sent = sendmsg(sock, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *m ? 0 : -1;
}

static bool hear(struct run *r, struct runner_message *m)
{
    ssize_t got;

    do {
        got = recv(r->sock, m, sizeof *m, MSG_WAITALL);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *m;
}

static inno_rc runner_gone(struct run *r)
{
    close_fd(&r->call->runner.sock);
    return host_table.fail(r->call, INNO_FAILED, 0, "host->exec: the process that runs programs has ended; nothing more can be run here");
}

static inno_rc not_started(struct run *r, const char *path, int number)
{
    const char *hint = number == EACCES || number == EPERM ? "; its file, or the interpreter that it names, is not granted (exec:/PATH)"
                       : number == ENOENT                  ? "; the interpreter or loader that it names is missing, or cwd is"
                                                           : "";

    return host_table.fail(r->call, number == EACCES || number == EPERM ? INNO_UNAUTHORIZED : INNO_FAILED,
                           number == EAGAIN || number == ENOMEM, "%s cannot be run: %s%s", path, strerror(number), hint);
}

static inno_rc start(struct run *r, const char *path, const int fds[static 3])
{
    const inno_exec *c = &r->command;
    struct buf text = BUF_INIT(RUNNER_TEXT_BYTES);
    struct runner_message m = {.kind = RUNNER_START};
    const char *work_dir = host_table.work_dir(r->call);
    struct err err = {0};
    bool sent;

    add_word(&text, path);
    add_word(&text, c->cwd ? c->cwd : work_dir);
    for (; c->argv[m.a]; m.a++)
        add_word(&text, c->argv[m.a]);
    m.b = add_environment(&text, c, work_dir);
    m.c = (int32_t)text.len;
    if (text.overflow) {
        buf_fini(&text);
        return bad(r->call, "arguments and variables have more than 1 MiB");
    }
    sent = send_start(r->sock, &m, fds) == 0 && io_write_all(r->sock, text.data, text.len, &err) == 0;
    secret_wipe(text.data, text.len);
    buf_fini(&text);
    if (!sent || !hear(r, &m) || m.kind != RUNNER_STARTED)
        return runner_gone(r);
    return m.a == 0 ? INNO_OK : not_started(r, path, m.a);
}

/* ---- while it runs ---- */

static void send_signal(struct run *r, int number)
{
    struct runner_message m = {.kind = RUNNER_SIGNAL, .a = number};

    while (send(r->sock, &m, sizeof m, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* Looks at cancel and time. Returns milliseconds until the next such moment. */
static int look_at_time(struct run *r)
{
    int64_t now = clock_mono_us(), next;

    if (!r->stopped && (now >= r->stop_us || atomic_load(r->call->flag))) {
        r->stopped = now >= r->stop_us ? INNO_TIMEOUT : INNO_CANCELED;
        r->kill_us = now + r->command.grace_ms * US_PER_MS;
        send_signal(r, SIGINT);
    }
    if (r->stopped && now >= r->kill_us) {
        send_signal(r, SIGKILL);
        r->kill_us = INT64_MAX;
    }
    next = r->stopped ? r->kill_us : r->stop_us;
    return next == INT64_MAX ? -1 : (int)((next - now) / US_PER_MS) + 1;
}

static void give_input(struct run *r)
{
    ssize_t sent = write(r->in, r->command.input.bytes + r->given, r->command.input.len - r->given);

    if (sent < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    r->given += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || r->given == r->command.input.len)
        close_fd(&r->in);
}

static bool take_end(struct run *r)
{
    struct runner_message m;

    if (!hear(r, &m))
        return false;
    if (m.kind == RUNNER_ENDED) {
        r->ended = true;
        r->exit_code = m.a;
        r->signal = m.b;
        close_fd(&r->in);
    }
    return true;
}

static inno_rc stay(struct run *r)
{
    while (!r->ended || r->out.fd >= 0 || r->err.fd >= 0) {
        int wait_ms = r->ended ? -1 : look_at_time(r);
        struct pollfd fds[] = {
            {.fd = r->ended ? -1 : r->sock, .events = POLLIN},
            {.fd = r->out.fd, .events = POLLIN},
            {.fd = r->err.fd, .events = POLLIN},
            {.fd = r->in, .events = POLLOUT},
            {.fd = r->stopped || r->ended ? -1 : r->call->cancel_fd, .events = POLLIN},
        };

        if (poll(fds, sizeof fds / sizeof fds[0], wait_ms) < 0)
            continue;
        if (fds[1].revents)
            output_read(&r->out);
        if (fds[2].revents)
            output_read(&r->err);
        if (fds[3].revents)
            give_input(r);
        if (fds[0].revents && !take_end(r))
            return runner_gone(r);
    }
    return INNO_OK;
}

/* ---- around it ---- */

static void close_three(int (*fds)[3])
{
    for (int i = 0; i < 3; i++)
        close_fd(&(*fds)[i]);
}

/* A pipe: the program's end into *theirs, ours (which never blocks) into *ours. */
static int make_pipe(int *theirs, int *ours, bool program_reads)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *theirs = ends[!program_reads];
    *ours = ends[program_reads];
    return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int make_ends(struct run *r, int theirs[static 3])
{
    if (r->command.input.len)
        return make_pipe(&theirs[0], &r->in, true) < 0 || make_pipe(&theirs[1], &r->out.fd, false) < 0 ||
                       make_pipe(&theirs[2], &r->err.fd, false) < 0
                   ? -1
                   : 0;
    theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return theirs[0] < 0 || make_pipe(&theirs[1], &r->out.fd, false) < 0 || make_pipe(&theirs[2], &r->err.fd, false) < 0 ? -1 : 0;
}

static void run_fini(struct run *r)
{
    close_fd(&r->in);
    output_fini(&r->out);
    output_fini(&r->err);
    r->call->executing = false;
}

static void give_result(struct run *r, inno_exec_result *out)
{
    inno_exec_result result = {.struct_size = out->struct_size,
                               .exit_code = r->exit_code,
                               .signal = r->signal,
                               .truncated = r->out.cut || r->err.cut,
                               .out = output_keep(&r->out),
                               .err = output_keep(&r->err)};

    memcpy(out, &result, out->struct_size < sizeof result ? out->struct_size : sizeof result);
}

static inno_rc run_it(struct run *r, inno_exec_result *out)
{
    CLEANUP(close_three) int theirs[3] = {-1, -1, -1};
    char path[4096], why[1024];
    inno_rc rc = program_find(r->call->box, r->command.argv[0], path, why, sizeof why);

    if (rc != INNO_OK)
        return host_table.fail(r->call, rc, 0, "%s", why);
    if (atomic_load(r->call->flag))
        return host_table.fail(r->call, INNO_CANCELED, 0, "canceled before %s was started", path);
    if (make_ends(r, theirs) < 0)
        return host_table.fail(r->call, INNO_TRANSIENT, -1, "%s cannot be run: %s", path, strerror(errno));
    rc = start(r, path, theirs);
    close_three(&theirs);
    if (rc == INNO_OK)
        rc = stay(r);
    if (rc != INNO_OK)
        return rc;
    give_result(r, out);
    if (r->stopped)
        return host_table.fail(r->call, r->stopped, -1, "%s was stopped: %s", path,
                               r->stopped == INNO_CANCELED ? "the call is canceled" : "its time is over");
    return INNO_OK;
}

inno_rc host_exec(inno_call *call, const inno_exec *command, inno_exec_result *out)
{
    CLEANUP(run_fini) struct run r = {.call = call, .in = -1, .out.fd = -1, .err.fd = -1};
    inno_exec *c = &r.command;
    int64_t now = clock_mono_us();
    inno_rc rc;

    if (!call_may(call, "exec"))
        return INNO_FAILED;
    rc = check(call, command, out, c);
    if (rc != INNO_OK)
        return rc;
    r.sock = call->runner.sock;
    r.stop_us = call->deadline_us;
    if (c->timeout_ms > 0 && c->timeout_ms < LIMIT_STEP_TIMEOUT_MS && now + c->timeout_ms * US_PER_MS < r.stop_us)
        r.stop_us = now + c->timeout_ms * US_PER_MS;
    c->grace_ms = c->grace_ms == 0 ? GRACE_MS : c->grace_ms > GRACE_MOST_MS ? GRACE_MOST_MS : c->grace_ms;
    output_init(&r.out, call, c, 1, c->max_output_bytes ? (size_t)c->max_output_bytes : OUTPUT_BYTES);
    output_init(&r.err, call, c, 2, c->max_output_bytes ? (size_t)c->max_output_bytes : OUTPUT_BYTES);
    call->executing = true;
    return run_it(&r, out);
}
