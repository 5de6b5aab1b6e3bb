/* The HTTP client against a server of a few lines on the loopback device: what it may reach, its limits, its failures. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "net/net.h"
#include "test.h"
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

/* ---- a server that gives every connection the same bytes ---- */

struct server {
    pthread_t thread;
    int fd, port;
    atomic_bool stop;
    const char *answer; /* NULL: says nothing */
    char request[4096];
};

static void *serve(void *ctx)
{
    struct server *s = ctx;
    int held[16], count = 0;

    while (!atomic_load(&s->stop)) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        int fd;

        if (poll(&p, 1, 20) != 1)
            continue;
        fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        if (s->answer) {
            ssize_t n = recv(fd, s->request, sizeof s->request - 1, 0);

            s->request[n > 0 ? n : 0] = '\0';
            send(fd, s->answer, strlen(s->answer), MSG_NOSIGNAL);
            close(fd);
        } else if (count < 16) {
            held[count++] = fd;
        } else {
            close(fd);
        }
    }
    while (count > 0)
        close(held[--count]);
    return NULL;
}

static void server_start(struct server *s, const char *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    *s = (struct server){.answer = answer};
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(s->fd, 16) < 0 ||
        getsockname(s->fd, (struct sockaddr *)&at, &len) < 0)
        abort();
    s->port = ntohs(at.sin_port);
    pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
    atomic_store(&s->stop, true);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

static struct net *client(const char *const *allow)
{
    struct net *net = NULL;
    struct err err;

    ASSERT_OK(net_new(&(struct net_options){.allow = allow}, &net, &err), err);
    return net;
}

static char *url_of(const struct server *s, const char *host) { return mem_printf("http://%s:%d/path?token=s3cret", host, s->port); }

/* ---- tests ---- */

static void test_exchange(void)
{
    struct server s;
    struct net *net;
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;

    server_start(&s, "HTTP/1.1 201 Created\r\nX-Thing: a b \r\nContent-Length: 5\r\n\r\nhello");
    net = client((const char *const[]){"127.0.0.1", NULL});
    url = url_of(&s, "127.0.0.1");
    ASSERT_OK(
        net_request_wait(net,
                         &(struct net_request){.method = "POST",
                                               .url = url,
                                               .body = "{}",
                                               .body_len = 2,
                                               .headers = (struct net_header[]){{"Content-Type", "application/json"}, {"X-Empty", ""}},
                                               .header_count = 2},
                         NULL, &answer, &err),
        err);
    CU_ASSERT_EQUAL(answer.status, 201);
    ASSERT_TEXT(answer.body, "hello");
    ASSERT_TEXT(net_header_value(&answer, "x-thing"), "a b");
    CU_ASSERT_PTR_NULL(net_header_value(&answer, "absent"));
    net_response_fini(&answer);
    net_free(net);
    server_stop(&s);
    ASSERT_CONTAINS(s.request, "POST /path?token=s3cret HTTP/1.1\r\n");
    ASSERT_CONTAINS(s.request, "Content-Type: application/json\r\n");
    ASSERT_CONTAINS(s.request, "X-Empty:\r\n");
    CU_ASSERT_PTR_NULL(strstr(s.request, "Expect"));
}

static void test_names(void)
{
    static const char *const allow[] = {"api.test:8443", "*.example.com", "10.1.0.0/16", "[::1]:9000", "exact.test", NULL};
    static const struct {
        const char *url;
        enum net_trust trust;
        enum err_code code;
    } cases[] = {
        {"https://api.test:8443/x", NET_LISTED, ERR_NONE},
        {"https://API.Test.:8443/x", NET_LISTED, ERR_NONE},
        {"https://api.test/x", NET_LISTED, ERR_HOST_NOT_ALLOWED},
        {"https://a.example.com", NET_LISTED, ERR_NONE},
        {"https://example.com", NET_LISTED, ERR_HOST_NOT_ALLOWED},
        {"https://a.example.com.evil.test", NET_LISTED, ERR_HOST_NOT_ALLOWED},
        {"https://other.test", NET_LISTED, ERR_HOST_NOT_ALLOWED},
        {"https://other.test", NET_PUBLIC, ERR_NONE},
        {"http://10.1.2.3:80", NET_LISTED, ERR_NONE},
        {"http://10.2.2.3:80", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://127.0.0.1", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://0x7f.1", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://2130706433", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://[::ffff:127.0.0.1]", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://169.254.169.254/latest", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://[fe80::1]", NET_PUBLIC, ERR_HOST_NOT_ALLOWED},
        {"http://[::1]:9000", NET_LISTED, ERR_NONE},
        {"http://[::1]:9001", NET_LISTED, ERR_HOST_NOT_ALLOWED},
        {"http://8.8.8.8", NET_PUBLIC, ERR_NONE},
        {"http://127.0.0.1", NET_TRUSTED, ERR_NONE},
        {"ftp://exact.test", NET_TRUSTED, ERR_BAD_VALUE},
        {"file:///etc/passwd", NET_TRUSTED, ERR_BAD_VALUE},
        {"http://user:pass@exact.test", NET_TRUSTED, ERR_BAD_VALUE},
        {"http://", NET_TRUSTED, ERR_BAD_VALUE},
        {"exact.test", NET_LISTED, ERR_BAD_VALUE},
        {"http://a b/", NET_TRUSTED, ERR_BAD_VALUE},
    };
    struct net *net = client(allow);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        int rc = net_check_url(net, cases[i].url, cases[i].trust, &err);

        if ((rc == 0) != (cases[i].code == ERR_NONE) || err.code != cases[i].code)
            fprintf(stderr, "%s: %d ORC-%d %s\n", cases[i].url, rc, err_orc(err.code), err.msg);
        CU_ASSERT_EQUAL(err.code, cases[i].code);
    }
    net_free(net);
}

static void test_ranges(void)
{
    CU_ASSERT(net_in_range("10.1.2.3", "10.0.0.0/8"));
    CU_ASSERT(net_in_range("10.1.2.3", "10.1.2.3"));
    CU_ASSERT(net_in_range("::ffff:10.1.2.3", "10.0.0.0/8"));
    CU_ASSERT(net_in_range("fd00::1", "fd00::/8"));
    CU_ASSERT(!net_in_range("11.1.2.3", "10.0.0.0/8"));
    CU_ASSERT(!net_in_range("10.1.2.3", "10.0.0.0/99"));
    CU_ASSERT(!net_in_range("10.1.2.3", "10.0.0.0/x"));
    CU_ASSERT(!net_in_range("10.1.2.3", "*"));
    CU_ASSERT(!net_in_range("host", "host"));
    CU_ASSERT(!net_in_range("", ""));
}

/* "localhost" stands on the list through a glob only, and resolves to the loopback device: the address decides. */
static void test_rebinding(void)
{
    struct server s;
    struct net *net;
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;

    server_start(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    url = url_of(&s, "localhost");
    net = client((const char *const[]){"local*", NULL});
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err, ERR_HOST_NOT_ALLOWED);
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url, .trust = NET_PUBLIC}, NULL, &answer, &err), err,
                 ERR_HOST_NOT_ALLOWED);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "s3cret"));
    net_configure(net, &(struct net_options){.allow = (const char *const[]){"localhost", NULL}});
    ASSERT_OK(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err);
    net_response_fini(&answer);
    net_free(net);
    server_stop(&s);
}

static void test_limits(void)
{
    struct server s, silent;
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;
    CLEANUP(free_ptr) char *quiet = NULL;

    server_start(&s, "HTTP/1.1 200 OK\r\n\r\n0123456789");
    server_start(&silent, NULL);
    url = url_of(&s, "127.0.0.1");
    quiet = url_of(&silent, "127.0.0.1");
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url, .max_bytes = 9}, NULL, &answer, &err), err, ERR_TOO_LARGE);
    ASSERT_OK(net_request_wait(net, &(struct net_request){.url = url, .max_bytes = 10}, NULL, &answer, &err), err);
    net_response_fini(&answer);
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = quiet, .timeout_ms = 50}, NULL, &answer, &err), err, ERR_TIMEOUT);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "s3cret"));
    net_free(net);
    server_stop(&s);
    server_stop(&silent);
}

static void test_down(void)
{
    struct server s;
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;

    server_start(&s, "not HTTP at all\r\n\r\n");
    url = url_of(&s, "127.0.0.1");
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err, ERR_BACKEND_DOWN);
    server_stop(&s);
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err, ERR_BACKEND_DOWN);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "s3cret"));
    net_free(net);
}

static void test_injection(void)
{
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct net_response answer = {0};
    struct net_header evil = {"X-A", "b\r\nX-Evil: 1"};
    struct net_header name = {"X A", "b"};
    struct err err;

    ASSERT_FAILS(
        net_request_wait(net, &(struct net_request){.url = "http://127.0.0.1:1", .headers = &evil, .header_count = 1}, NULL, &answer, &err),
        err, ERR_BAD_VALUE);
    ASSERT_FAILS(
        net_request_wait(net, &(struct net_request){.url = "http://127.0.0.1:1", .headers = &name, .header_count = 1}, NULL, &answer, &err),
        err, ERR_BAD_VALUE);
    ASSERT_FAILS(
        net_request_wait(net, &(struct net_request){.url = "http://127.0.0.1:1", .method = "GET / HTTP/1.1\r\n"}, NULL, &answer, &err), err,
        ERR_BAD_VALUE);
    net_free(net);
}

static int take_some(void *ctx, const char *bytes, size_t len)
{
    char *to = ctx;

    strncat(to, bytes, len);
    return strlen(to) >= 8 ? 1 : 0;
}

static void test_stream(void)
{
    struct server s, refusing;
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct net_response answer = {0};
    struct err err;
    char seen[64] = "";
    CLEANUP(free_ptr) char *url = NULL;
    CLEANUP(free_ptr) char *refused = NULL;

    server_start(&s, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n4\r\nefgh\r\n4\r\nijkl\r\n");
    server_start(&refusing, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
    url = url_of(&s, "127.0.0.1");
    refused = url_of(&refusing, "127.0.0.1");
    ASSERT_FAILS(net_request_wait(net, &(struct net_request){.url = url, .on_chunk = take_some, .timeout_ms = -1}, seen, &answer, &err),
                 err, ERR_CANCELED);
    CU_ASSERT(strncmp(seen, "abcdefgh", 8) == 0);
    seen[0] = '\0';
    ASSERT_OK(net_request_wait(net, &(struct net_request){.url = refused, .on_chunk = take_some}, seen, &answer, &err), err);
    ASSERT_TEXT(answer.body, "gone");
    ASSERT_TEXT(seen, "");
    net_response_fini(&answer);
    net_free(net);
    server_stop(&s);
    server_stop(&refusing);
}

struct ended {
    atomic_int count;
    atomic_int code;
};

static void note_end(void *ctx, struct net_response *response, const struct err *err)
{
    struct ended *ended = ctx;

    CU_ASSERT_PTR_NULL(response);
    atomic_store(&ended->code, (int)err->code);
    atomic_fetch_add(&ended->count, 1);
}

static void test_cancel_and_stop(void)
{
    struct server silent;
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct ended canceled = {0}, stopped = {0};
    struct err err;
    uint64_t id = 0;
    CLEANUP(free_ptr) char *url = NULL;

    server_start(&silent, NULL);
    url = url_of(&silent, "127.0.0.1");
    ASSERT_OK(net_request_start(net, &(struct net_request){.url = url, .timeout_ms = -1}, note_end, &canceled, &id, &err), err);
    for (int i = 0; i < 7; i++)
        ASSERT_OK(net_request_start(net, &(struct net_request){.url = url, .timeout_ms = -1}, note_end, &stopped, NULL, &err), err);
    net_cancel(net, id);
    while (atomic_load(&canceled.count) == 0)
        poll(NULL, 0, 5);
    CU_ASSERT_EQUAL(atomic_load(&canceled.code), ERR_CANCELED);
    net_cancel(net, id);
    net_cancel(net, 4711);
    net_free(net);
    CU_ASSERT_EQUAL(atomic_load(&stopped.count), 7);
    CU_ASSERT_EQUAL(atomic_load(&stopped.code), ERR_SHUTDOWN);
    CU_ASSERT_EQUAL(atomic_load(&canceled.count), 1);
    server_stop(&silent);
}

static void test_environment_proxy(void)
{
    struct server s;
    struct net *net;
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    server_start(&s, "HTTP/1.1 204 No Content\r\n\r\n");
    url = url_of(&s, "127.0.0.1");
    net = client((const char *const[]){"127.0.0.1", NULL});
    ASSERT_OK(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err);
    CU_ASSERT_EQUAL(answer.status, 204);
    net_response_fini(&answer);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    net_free(net);
    server_stop(&s);
}

static void test_redirect(void)
{
    struct server s;
    struct net *net = client((const char *const[]){"127.0.0.1", NULL});
    struct net_response answer = {0};
    struct err err;
    CLEANUP(free_ptr) char *url = NULL;

    server_start(&s, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    url = url_of(&s, "127.0.0.1");
    ASSERT_OK(net_request_wait(net, &(struct net_request){.url = url}, NULL, &answer, &err), err);
    CU_ASSERT_EQUAL(answer.status, 302);
    net_response_fini(&answer);
    net_free(net);
    server_stop(&s);
}

const struct test_case tests[] = {
    {"a request carries method, headers and body, and the answer comes back whole", test_exchange},
    {"host names are held to the allow-list, however an address is written", test_names},
    {"an address is in a range or not, whatever the texts are", test_ranges},
    {"a name that resolves to the loopback device is refused when connecting", test_rebinding},
    {"answers that are too large or too slow end with their own errors", test_limits},
    {"a server that is down or speaks no HTTP is a backend that cannot be reached", test_down},
    {"a header or method cannot smuggle another line in", test_injection},
    {"a stream hands over chunks until it is told to stop, errors are collected", test_stream},
    {"canceling and stopping end every request exactly once", test_cancel_and_stop},
    {"proxy variables of the environment are not read", test_environment_proxy},
    {"redirects are not followed", test_redirect},
    {0},
};
