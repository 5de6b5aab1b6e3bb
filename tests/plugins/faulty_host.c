/* A plugin host that keeps the protocol up to a moment and then does something bad: the instance's name says both ("kill.request.4711").
 * Once the test has left a file as a mark, further processes of the name are good. */
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SOCKET    3
#define CANCEL_FD 5
#define MARK      "/tmp/innominatus-faulty-%s"

static char deed[32], moment[32];

/* ---- bytes ---- */

static void put(const void *bytes, size_t len)
{
    if (write(SOCKET, bytes, len) != (ssize_t)len)
        _exit(9);
}

static void frame(const char *text)
{
    uint32_t len = (uint32_t)strlen(text);

    put(&len, 4);
    put(text, len);
}

/* Reads one frame; false at the end of the connection. */
static int next(char *text, size_t cap)
{
    uint32_t len = 0;
    size_t have = 0;

    for (size_t n = 0; n < 4;) {
        ssize_t got = read(SOCKET, (char *)&len + n, 4 - n);

        if (got <= 0)
            return 0;
        n += (size_t)got;
    }
    if (len >= cap)
        _exit(9);
    while (have < len) {
        ssize_t got = read(SOCKET, text + have, len - have);

        if (got <= 0)
            return 0;
        have += (size_t)got;
    }
    text[len] = '\0';
    return 1;
}

/* ---- the bad deeds ---- */

static void half(void) { put("\x40\0\0\0{\"t\":\"lo", 11); }

static void sleep_for_ever(void)
{
    for (;;)
        pause();
}

static void do_kill(void) { raise(SIGKILL); }
static void do_stop(void) { raise(SIGSTOP); }
static void do_exit(void) { _exit(3); }
static void do_close(void) { close(SOCKET); }
static void do_half(void) { half(); }
static void do_cut(void)
{
    half();
    _exit(0);
}

/* A frame that is no JSON, and a length that is none; inside another frame it spoils that one. */
static void do_garbage(void)
{
    char bytes[300];

    memset(bytes, 0xff, sizeof bytes);
    memcpy(bytes, "\x05\0\0\0{nope", 9);
    put(bytes, sizeof bytes);
}

static const struct {
    const char *name;
    void (*run)(void);
} deeds[] = {
    {"kill", do_kill}, {"stop", do_stop}, {"exit", do_exit},       {"close", do_close},
    {"half", do_half}, {"cut", do_cut},   {"garbage", do_garbage},
};

static void at(const char *now)
{
    if (!*now || strcmp(now, moment) != 0)
        return;
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++)
        if (strcmp(deeds[i].name, deed) == 0)
            deeds[i].run();
    sleep_for_ever();
}

/* ---- the protocol ---- */

static void done(long long id, int is_open)
{
    char text[128];
    uint32_t len = (uint32_t)snprintf(text, sizeof text, "{\"t\":\"done\",\"id\":%lld,\"rc\":0}", id);

    put(&len, 4);
    put(text, 7);
    at(is_open ? "" : "reply");
    put(text + 7, len - 7);
    at(is_open ? "" : "done");
}

static void wait_for_cancel(void)
{
    struct pollfd fd = {CANCEL_FD, POLLIN, 0};

    while (poll(&fd, 1, -1) <= 0)
        continue;
    at("cancel");
}

static void serve_call(const char *text)
{
    static char answer[1 << 16];
    long long id = 0;
    const char *number = strstr(text, "\"id\":");

    if (number)
        id = strtoll(number + 5, NULL, 10);
    if (strstr(text, "\"op\":\"open\"")) {
        at("open");
        done(id, 1);
        return;
    }
    at("request");
    frame("{\"t\":\"log\",\"level\":\"info\",\"text\":\"at work\"}");
    at("log");
    frame("{\"t\":\"progress\",\"percent\":50,\"text\":\"half way\"}");
    at("progress");
    frame("{\"t\":\"state\",\"state\":{\"id\":1}}");
    at("checkpoint");
    if (!next(answer, sizeof answer))
        _exit(0);
    at("durable");
    if (strcmp(moment, "cancel") == 0)
        wait_for_cancel();
    done(id, 0);
}

static void take_orders(const char *name)
{
    char path[200];

    snprintf(path, sizeof path, MARK, name);
    if (access(path, F_OK) == 0)
        return;
    if (sscanf(name, "%31[a-z].%31[a-z]", deed, moment) != 2)
        _exit(9);
}

int main(int argc, char **argv)
{
    static char text[1 << 20];

    if (argc != 2)
        return 9;
    take_orders(argv[1]);
    at("start");
    if (!next(text, sizeof text))
        return 0;
    at("setup");
    frame("{\"t\":\"sandbox\",\"weak\":[]}");
    at("confined");
    frame("{\"t\":\"ready\"}");
    at("ready");
    while (next(text, sizeof text) && !strstr(text, "\"t\":\"close\""))
        serve_call(text);
    at("close");
    return 0;
}
