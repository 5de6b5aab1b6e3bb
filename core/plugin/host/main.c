/* Owns the life of the plugin-host process: what it was started with, its sandbox, its end (session.c does the work). */
#include "base/cleanup.h"
#include "plugin/host/host.h"
#include "plugin/host/session.h"
#include "plugin/protocol.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

/* Sanitizers: crashes must look like crashes to the server, and the leak checker needs ptrace, which the sandbox forbids. */
#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
__attribute__((visibility("default"), used)) const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=1:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:symbolize=0:"
           "allocator_may_return_null=1:quarantine_size_mb=4"; /* a large quarantine looks like a leak to the server's watch */
}

const char *__ubsan_default_options(void);
__attribute__((visibility("default"), used)) const char *__ubsan_default_options(void) { return "abort_on_error=1:symbolize=0"; }
#elif defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
__attribute__((visibility("default"), used)) const char *__tsan_default_options(void)
{
    return "abort_on_error=1:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:symbolize=0:report_thread_leaks="
           "0:allocator_may_return_null=1";
}
#endif

static int confine(const struct session *s, const struct sandbox *box, struct runner *out, struct err *err)
{
    CLEANUP(json_put) json_t *frame = json_pack("{s:s,s:[]}", "t", "sandbox", "weak");

    if (sandbox_enter(box, out, json_object_get(frame, "weak"), err) < 0)
        return -1;
    return protocol_send(s->sock, frame, err);
}

static int run(struct err *err)
{
    struct session session = {.sock = PROTOCOL_SOCKET_FD, .plugin = PROTOCOL_PLUGIN_FD, .cancel = PROTOCOL_CANCEL_FD, .confine = confine};
    void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, PROTOCOL_FLAG_FD, 0);

    if (page == MAP_FAILED)
        return err_set_sys(err, ERR_IO, "cancel flag");
    for (int fd = PROTOCOL_SOCKET_FD; fd <= PROTOCOL_FLAG_FD; fd++) /* not for programs that it may run */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN); /* a program need not read what it is given */
    session.flag = page;
    close(PROTOCOL_FLAG_FD);
    return session_run(&session, err);
}

int main(void)
{
    struct err err = {0};

    if (run(&err) < 0) {
        fprintf(stderr, "plugin-host: %s\n", err.msg); /* the server keeps the last lines */
        return 70;
    }
    return 0;
}
