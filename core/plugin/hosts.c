/* Owns the host processes as the server sees them: bytes in and out, calls handed over, end (host_start.c starts them). Loop thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define READ_ROUND      (512u << 10)    /* of one host before the others have their turn */
#define PROGRAMS_END_US (1000LL * 1000) /* at most, for what a host has run to be gone after its end */

/* ---- bytes ---- */

static void write_interest(struct plugin_manager *m, struct host *h, bool wanted)
{
    struct epoll_event event = {.events = EPOLLIN | (wanted ? (uint32_t)EPOLLOUT : 0), .data.ptr = &h->on_socket};

    if (h->wants_write != wanted && epoll_ctl(m->epoll, EPOLL_CTL_MOD, h->sock, &event) == 0)
        h->wants_write = wanted;
}

ssize_t host_send(int sock, const char *bytes, size_t len)
{
    if (failpoint_errno("plugin.send_full", EAGAIN) || failpoint_errno("plugin.send_gone", EPIPE))
        return -1;
    if (len > 1 && failpoint("plugin.send_part"))
        len = 1;
    return send(sock, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool host_is_gone(struct host *h)
{
    char byte;

    return h->closed || recv(h->sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

/* It ends, or is made to. */
static void bound_phase(const struct plugin_manager *m, struct host *h)
{
    int64_t until = clock_mono_us() + m->options.grace_ms * US_PER_MS;

    h->closed = true;
    if (h->phase_deadline_us == 0 || h->phase_deadline_us > until)
        h->phase_deadline_us = until;
}

static void connection_closed(struct plugin_manager *m, struct host *h)
{
    epoll_ctl(m->epoll, EPOLL_CTL_DEL, h->sock, NULL);
    handover_take_back(m, h);
    bound_phase(m, h);
}

void host_flush(struct plugin_manager *m, struct host *h)
{
    while (h->out_sent < h->out.len) {
        ssize_t sent = host_send(h->sock, h->out.data + h->out_sent, h->out.len - h->out_sent);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN) {
            write_interest(m, h, true);
            return;
        }
        if (sent < 0) { /* what it has said before is read first; then it ends, or is made to */
            bound_phase(m, h);
            break;
        }
        h->out_sent += (size_t)sent;
    }
    if (h->out.data)
        secret_wipe(h->out.data, h->out.len); /* params may hold opened secrets */
    buf_reset(&h->out);
    h->out_sent = 0;
    write_interest(m, h, false);
}

void host_queue_frame(struct plugin_manager *m, struct host *h, const json_t *frame)
{
    struct err err = {0};

    if (protocol_add(&h->out, frame, PROTOCOL_CALL_BYTES, &err) < 0)
        host_kill(h, &err, false);
    else
        host_flush(m, h);
}

static void protocol_broken(struct host *h, struct err *err)
{
    err_wrap(err, "%s", h->instance->name);
    err->code = ERR_PLUGIN_PROTOCOL;
    host_kill(h, err, true);
}

/* Handles all whole frames of h->in. */
static void take_frames(struct plugin_manager *m, struct host *h)
{
    size_t at = 0, used;
    struct err err = {0};

    while (h->phase != HOST_KILLED) {
        CLEANUP(json_put) json_t *frame = NULL;
        int rc = protocol_take(h->in.data + at, h->in.len - at, PROTOCOL_FRAME_BYTES, &frame, &used, &err);

        if (rc == 0)
            break;
        h->trailing = rc > 0 && at + used < h->in.len;
        if (rc < 0 || frames_handle(m, h, frame, &err) < 0) {
            handover_take_back(m, h);
            protocol_broken(h, &err);
            break;
        }
        at += used;
    }
    if (h->phase == HOST_IDLE && at < h->in.len && handover_take_back(m, h)) { /* the next call is not given to it */
        err_set(&err, ERR_PLUGIN_PROTOCOL, "the plugin's host sent more after its answer");
        protocol_broken(h, &err);
    }
    if (at > 0 && at < h->in.len)
        memmove(h->in.data, h->in.data + at, h->in.len - at);
    h->in.len -= at;
}

void host_read(struct plugin_manager *m, struct host *h)
{
    char chunk[READ_CHUNK];

    for (size_t round = 0; round < READ_ROUND && h->phase != HOST_KILLED;) {
        ssize_t got = recv(h->sock, chunk, sizeof chunk, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            connection_closed(m, h);
            return;
        }
        handover_adopt(m); /* the bytes may answer a call that was given a moment ago */
        buf_add(&h->in, chunk, (size_t)got);
        round += (size_t)got;
        take_frames(m, h);
        if ((size_t)got < sizeof chunk) /* that was all; what comes meanwhile wakes the loop again */
            return;
    }
}

void host_read_output(struct plugin_manager *m, struct host *h)
{
    char chunk[4096];
    ssize_t got;

    for (int round = 0; round < 16; round++) {
        size_t keep, cut;

        got = read(h->output, chunk, sizeof chunk);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (got <= 0) {
            epoll_ctl(m->epoll, EPOLL_CTL_DEL, h->output, NULL);
            return;
        }
        keep = (size_t)got > OUTPUT_KEEP ? OUTPUT_KEEP : (size_t)got;
        cut = h->output_len + keep > OUTPUT_KEEP ? h->output_len + keep - OUTPUT_KEEP : 0;
        memmove(h->last_output, h->last_output + cut, h->output_len - cut);
        memcpy(h->last_output + h->output_len - cut, chunk + (size_t)got - keep, keep);
        h->output_len = h->output_len - cut + keep;
    }
}

/* ---- calls ---- */

static void clear_stop(struct host *h)
{
    eventfd_t ignored;

    if (!h->asked)
        return;
    atomic_store(h->flag, 0);
    eventfd_read(h->cancel_fd, &ignored);
    h->asked = false;
}

void host_ask_stop(struct host *h)
{
    h->asked = true;
    atomic_store(h->flag, 1);
    eventfd_write(h->cancel_fd, 1);
}

void host_give_call(struct plugin_manager *m, struct host *h, struct plugin_call *call)
{
    h->call = call;
    h->phase_deadline_us = 0;
    if (!call) {
        clear_stop(h);
        host_read_output(m, h); /* what one call printed is not told to the next, which may be another team's */
        secret_wipe(h->last_output, h->output_len);
        h->output_len = 0;
        h->phase = HOST_IDLE;
        h->answered = false;
        h->idle_since_us = clock_mono_us();
        handover_offer(m, h);
        return;
    }
    host_adopt_call(m, h, call);
}

void host_adopt_call(struct plugin_manager *m, struct host *h, struct plugin_call *call)
{
    size_t left = call->frame.len - call->frame_sent;

    h->call = call;
    call->host = h;
    h->phase = HOST_BUSY;
    if (!h->closed)
        h->phase_deadline_us = 0;
    if (left > 0)
        buf_add(&h->out, call->frame.data + call->frame_sent, left);
    secret_wipe(call->frame.data, call->frame.len);
    buf_fini(&call->frame);
    host_flush(m, h);
}

void host_close(struct plugin_manager *m, struct host *h)
{
    CLEANUP(json_put) json_t *frame = json_pack("{s:s}", "t", "close");

    h->phase = HOST_CLOSING;
    h->phase_deadline_us = clock_mono_us() + m->options.grace_ms * US_PER_MS;
    host_queue_frame(m, h, frame);
}

void host_kill(struct host *h, const struct err *why, bool counts_as_crash)
{
    if (h->phase == HOST_KILLED)
        return;
    h->verdict = *why;
    h->counts_as_crash = counts_as_crash;
    h->phase = HOST_KILLED;
    kill(-h->pid, SIGKILL);
    syscall(SYS_pidfd_send_signal, h->pidfd, SIGKILL, NULL, 0); /* the group does not exist before the child called setsid */
}

/* ---- end ---- */

void host_free(struct host *h)
{
    close_fd(&h->pidfd);
    close_fd(&h->sock);
    close_fd(&h->output);
    close_fd(&h->cancel_fd);
    if (h->flag)
        munmap((void *)h->flag, (size_t)sysconf(_SC_PAGESIZE));
    buf_fini(&h->in);
    if (h->out.data)
        secret_wipe(h->out.data, h->out.len);
    buf_fini(&h->out);
    free(h->work_root);
    free(h);
}

static void crash_text(const struct host *h, const siginfo_t *info, char *out, size_t cap)
{
    static const char *const when[] = {[HOST_STARTING] = "while it was loaded", [HOST_OPENING] = "in open", [HOST_IDLE] = "between calls"};
    const char *place = h->phase == HOST_BUSY && h->call ? call_operation_name(h->call->operation) : NULL;
    char how[64];

    if (info->si_code == CLD_EXITED)
        snprintf(how, sizeof how, "ended its process by exit(%d)", info->si_status);
    else
        snprintf(how, sizeof how, "crashed with SIG%s", sigabbrev_np(info->si_status) ? sigabbrev_np(info->si_status) : "?");
    snprintf(out, cap, "%s: %s %s%s", h->instance->name, how, place ? "in " : "",
             place                   ? place
             : h->phase <= HOST_IDLE ? when[h->phase]
                                     : "");
}

void host_count_crash(struct plugin_manager *m, struct instance *i, int64_t id, const char *text)
{
    int64_t wait;

    metric_count(METRIC_PLUGIN_CRASHES, i->name, NULL, NULL);
    pthread_mutex_lock(&m->lock);
    wait = BACKOFF_US << (i->circuit.crashes < 5 ? i->circuit.crashes : 5);
    i->start_after_us = clock_mono_us() + (wait > BACKOFF_MOST_US ? BACKOFF_MOST_US : wait);
    i->crashes++;
    i->last_crash_us = clock_now_us();
    snprintf(i->last_crash, sizeof i->last_crash, "%.190s", text);
    pthread_mutex_unlock(&m->lock);
    circuit_tell(m, i, id, BREAKER_CRASH, text);
}

static void unlist(struct plugin_manager *m, struct host *h)
{
    for (struct host **at = &h->instance->hosts; *at; at = &(*at)->next)
        if (*at == h) {
            *at = h->next;
            break;
        }
    pthread_mutex_lock(&m->lock);
    h->instance->host_count--;
    pthread_mutex_unlock(&m->lock);
    h->next = m->dead;
    m->dead = h;
}

/* What runs programs for a host outlives it by the moment that it takes to kill them, and holds its output until nothing is left of them.
 */
static void await_programs(struct plugin_manager *m, struct host *h)
{
    int64_t until = clock_mono_us() + PROGRAMS_END_US, now;
    struct pollfd fd = {.fd = h->output, .events = POLLIN};

    while (host_is_granted(h->instance, "exec") && (now = clock_mono_us()) < until &&
           poll(&fd, 1, (int)((until - now) / US_PER_MS) + 1) > 0 && (fd.revents & POLLIN))
        host_read_output(m, h);
}

void host_ended(struct plugin_manager *m, struct host *h)
{
    siginfo_t info = {0};
    struct err err = {0};
    const char *signal = NULL;
    bool crashed;

    if (waitid(P_PIDFD, (id_t)h->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
        return;
    handover_take_back(m, h);
    handover_adopt(m);
    h->ended = true;
    if (h->group[0])
        cgroup_kill(h->group);
    kill(-h->pid, SIGKILL); /* what it started goes with it; its number is ours until it is waited for */
    await_programs(m, h);
    host_read_output(m, h);
    while (h->phase != HOST_KILLED && h->phase != HOST_CLOSING && recv(h->sock, &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
        host_read(m, h); /* its last words */
    crashed = h->verdict.code ? h->counts_as_crash : h->phase != HOST_CLOSING;
    if (h->verdict.code) {
        err = h->verdict;
    } else {
        char text[300];

        crash_text(h, &info, text, sizeof text);
        if (h->group[0] && cgroup_ran_out(h->group))
            snprintf(text, sizeof text, "%s: used more than its limit of %lld MiB of memory and was killed", h->instance->name,
                     (long long)(h->instance->memory_bytes >> 20));
        err_set(&err, ERR_PLUGIN_CRASHED, "%s", text);
    }
    if (info.si_code != CLD_EXITED && sigabbrev_np(info.si_status) && !h->verdict.code) {
        snprintf(h->signal_name, sizeof h->signal_name, "SIG%s", sigabbrev_np(info.si_status));
        signal = h->signal_name;
    }
    waitid(P_PIDFD, (id_t)h->pidfd, &(siginfo_t){0}, WEXITED | WNOHANG);
    epoll_ctl(m->epoll, EPOLL_CTL_DEL, h->pidfd, NULL);
    epoll_ctl(m->epoll, EPOLL_CTL_DEL, h->sock, NULL);
    epoll_ctl(m->epoll, EPOLL_CTL_DEL, h->output, NULL);
    if (m->keeps_orphans && host_is_granted(h->instance, "exec"))
        m->orphans_at_us = 1; /* now */
    if (crashed)
        host_count_crash(m, h->instance, h->call ? h->call->id : 0, err.msg);
    unlist(m, h);
    manager_discard(m, h->work_root, false);
    if (h->group[0])
        manager_discard(m, h->group, true);
    if (h->call)
        call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, &err, signal);
    loop_dispatch(m, h->instance);
}
