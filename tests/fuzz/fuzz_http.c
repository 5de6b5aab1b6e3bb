/* HTTP requests: the bytes of one connection, given to the whole API in this process over a loopback socket. In them, @admin, @ops, @dev,
 * @eve and @viv stand for those users' keys, so that requests get past the door. The store keeps what requests have made, within one run
 * of the program; nothing that is accepted can call a plugin. No answer is a 5xx but 503 and, for a
 * version of HTTP that nobody speaks, 505. */
#include "../api/fixture.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "fuzz.h"
#include "test.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES (1u << 20)
#define WAIT_MS      30 /* for an answer: half a request gets none, and one that waits for events gets it later */

static struct site site;
static char dir[64];
static char answer[ANSWER_BYTES];

/* ---- what the fixture wants of the test program ---- */

void test_skip(const char *reason) { fprintf(stderr, "%s\n", reason); }

const char *test_dir(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%.40s/inno-fuzz-XXXXXX", base ? base : "/tmp");
    FUZZ_CHECK(mkdtemp(dir));
    return dir;
}

static void stop(void)
{
    struct err err = {0};

    site_stop(&site);
    io_remove_tree(dir, &err);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    site_start(&site, "network: {allow: []}\nrateLimits: {user: {perSecond: 0}, address: {perSecond: 0}}\n",
               &(struct api_options){.threads = 1});
    atexit(stop);
    return 0;
}

/* ---- one connection ---- */

/* The input with users' names replaced by their keys. */
static char *with_keys(const uint8_t *data, size_t size, size_t *out_len)
{
    static const struct {
        const char *name;
        const char *key;
    } users[] = {{"@admin", site.admin}, {"@ops", site.ops}, {"@dev", site.dev}, {"@eve", site.eve}, {"@viv", site.viv}};
    struct buf out = BUF_INIT(4u << 20);

    for (size_t at = 0; at < size;) {
        size_t i = 0, count = sizeof users / sizeof users[0], len = 1;

        for (; i < count; i++)
            if (size - at >= (len = strlen(users[i].name)) && memcmp(data + at, users[i].name, len) == 0)
                break;
        buf_add(&out, i < count ? users[i].key : (const char *)data + at, i < count ? strlen(users[i].key) : 1);
        at += i < count ? len : 1;
    }
    *out_len = out.len;
    return buf_take(&out);
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

        if (sent <= 0) /* the server has answered and closed: fine */
            return;
        bytes += sent;
        len -= (size_t)sent;
    }
}

/* True when the first answer is whole. */
static bool is_whole(size_t len)
{
    const char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\nContent-Length: ");

    return end && (!length || length > end || len >= (size_t)(end - answer) + 4 + strtoul(length + 18, NULL, 10));
}

/* The first answer, and what has come behind it. */
static size_t read_all(int fd)
{
    size_t len = 0;

    answer[0] = '\0';
    while (len < sizeof answer - 1) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        ssize_t got = poll(&wait, 1, is_whole(len) ? 0 : WAIT_MS) == 1 ? recv(fd, answer + len, sizeof answer - 1 - len, 0) : 0;

        if (got <= 0)
            break;
        len += (size_t)got;
        answer[len] = '\0';
    }
    answer[len] = '\0';
    return len;
}

static void check(size_t len)
{
    int status = 0;

    if (len == 0)
        return;
    FUZZ_CHECK(len > 12 && sscanf(answer, "HTTP/1.%*1d %3d", &status) == 1);
    if (status >= 500 && status != 503 && status != 505)
        fprintf(stderr, "%.2000s\n", answer);
    FUZZ_CHECK(status >= 100 && (status < 500 || status == 503 || status == 505));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    CLEANUP(free_ptr) char *bytes = with_keys(data, size, &len);
    CLEANUP(close_fd) int fd = client_connect(site.port);
    struct linger at_once = {.l_onoff = 1};

    FUZZ_CHECK(fd >= 0);
    send_all(fd, bytes ? bytes : "", len);
    shutdown(fd, SHUT_WR);
    check(read_all(fd));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once); /* ports are few */
    return 0;
}
