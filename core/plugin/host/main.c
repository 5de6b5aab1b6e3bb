/* Owns the life of the plugin host: setup, sandbox, load, calls, end. The server starts it; see protocol.h for what it says and hears. */
#include "base/cleanup.h"
#include "plugin/grant.h"
#include "plugin/host/host.h"
#include "plugin/protocol.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

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

static int say(const char *kind, const char *key, const char *value, struct err *err)
{
    CLEANUP(json_put) json_t *frame = json_pack("{s:s}", "t", kind);

    if (key)
        json_set_str(frame, key, value);
    return protocol_send(PROTOCOL_SOCKET_FD, frame, err);
}

static int confine(const struct sandbox *box, struct runner *out, struct err *err)
{
    CLEANUP(json_put) json_t *frame = json_pack("{s:s,s:[]}", "t", "sandbox", "weak");

    if (sandbox_enter(box, out, json_object_get(frame, "weak"), err) < 0)
        return -1;
    return protocol_send(PROTOCOL_SOCKET_FD, frame, err);
}

static int serve(struct inno_call *call, const inno_provisioner *plugin, struct err *err)
{
    void *self = NULL;

    for (;;) {
        CLEANUP(json_put) json_t *frame = NULL;
        const char *kind;

        if (protocol_receive(call->input, &frame, err) < 0)
            return -1;
        kind = frame ? json_str(frame, "t") : "close";
        if (strcmp(kind, "close") == 0)
            break;
        if (strcmp(kind, "call") == 0)
            call_serve(call, plugin, &self, frame);
    }
    if (plugin->close)
        plugin->close(self);
    return 0;
}

static int run(struct err *err)
{
    CLEANUP(json_put) json_t *setup = NULL;
    inno_provisioner plugin;
    struct protocol_input input = {.fd = PROTOCOL_SOCKET_FD};
    struct inno_call call = {.fd = PROTOCOL_SOCKET_FD, .input = &input, .thread = pthread_self(), .runner = {.sock = -1}};
    struct sandbox box;
    struct err why = {0};
    void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, PROTOCOL_FLAG_FD, 0);

    if (page == MAP_FAILED)
        return err_set_sys(err, ERR_IO, "cancel flag");
    for (int fd = PROTOCOL_SOCKET_FD; fd <= PROTOCOL_FLAG_FD; fd++) /* not for programs that it may run */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN); /* a program need not read what it is given */
    call.flag = page;
    close(PROTOCOL_FLAG_FD);
    if (protocol_receive(&input, &setup, err) < 0)
        return -1;
    if (!setup)
        return 0;
    box = (struct sandbox){.data_dir = json_str(setup, "data_dir"),
                           .work_root = json_str(setup, "work_root"),
                           .grant = json_object_get(setup, "grant"),
                           .memory_bytes = json_int(setup, "memory", 0)};
    box.network = grant_has(box.grant, "network");
    box.exec = grant_has(box.grant, "exec");
    call.box = &box;
    call.data_dir = box.data_dir;
    call.work_root = box.work_root;
    if (!call.data_dir || !call.work_root)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "setup without directories");
    if (json_flag(setup, "usage", false))
        call.usage = usage_open();
    if (confine(&box, &call.runner, err) < 0)
        return -1;
    if (load_plugin(PROTOCOL_PLUGIN_FD, json_object_get(setup, "manifest"), &plugin, &why) < 0)
        return say("refused", "reason", why.msg, err);
    close(PROTOCOL_PLUGIN_FD);
    if (say("ready", NULL, NULL, err) < 0)
        return -1;
    return serve(&call, &plugin, err);
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
