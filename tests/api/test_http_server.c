/* The HTTP server with handlers of a few lines: limits, deadlines, suspended and parked requests, stopping. */
#include "api/http_server.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "client.h"
#include "test.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

struct site {
    struct http_server *server;
    int port;
    atomic_int finished, parked_looks, waiting; /* waiting: parked or suspended so far */
    pthread_t thread;
    bool thread_used;
};

static void say(struct http_request *r, int status, const char *text)
{
    http_reply(r, status, "text/plain", mem_strdup(text), strlen(text));
}

static void on_begin(void *ctx, struct http_request *r)
{
    (void)ctx;
    if (r->too_large)
        say(r, 413, "too large");
    else if (http_stopping(r->server))
        say(r, 503, "stopping");
    else if (strcmp(r->uri, "/early") == 0)
        say(r, 401, "early");
}

static void *resume_later(void *ctx)
{
    struct http_request *r = ctx;

    poll(NULL, 0, 20); /* so that it most often is suspended already */
    say(r, 200, "resumed");
    http_resume(r);
    return NULL;
}

static void look_again(struct http_request *r)
{
    struct site *site = *(struct site **)(r + 1);

    if (atomic_fetch_add(&site->parked_looks, 1) >= 2 || http_stopping(r->server))
        say(r, 200, http_stopping(r->server) ? "stopped" : "looked");
    else
        http_park(r, 10, look_again);
}

static void on_handle(void *ctx, struct http_request *r)
{
    struct site *site = ctx;

    *(struct site **)(r + 1) = site;
    if (r->refused) {
        say(r, 503, "refused");
    } else if (r->too_large) {
        say(r, 413, "too large after all");
    } else if (strcmp(r->uri, "/later") == 0) {
        http_suspend(r);
        site->thread_used = true;
        pthread_create(&site->thread, NULL, resume_later, r);
        atomic_fetch_add(&site->waiting, 1);
    } else if (strcmp(r->uri, "/park") == 0) {
        look_again(r);
    } else if (strcmp(r->uri, "/forever") == 0) {
        http_park(r, 600000, look_again);
        atomic_fetch_add(&site->waiting, 1);
    } else {
        char *text = mem_printf("%s %s %zu", r->method, r->uri, r->body.len);

        http_reply_header(r, "X-Bad", "a\r\nX-Evil: 1");
        http_reply_header(r, "X-Good", "yes");
        http_reply(r, 200, "text/plain", text, strlen(text));
    }
}

static void on_finish(void *ctx, struct http_request *r)
{
    struct site *site = ctx;

    (void)r;
    atomic_fetch_add(&site->finished, 1);
}

static void start(struct site *site, struct http_server_options options)
{
    struct err err;

    *site = (struct site){0};
    options.begin = on_begin;
    options.handle = on_handle;
    options.finish = on_finish;
    options.ctx = site;
    options.request_bytes = sizeof(struct http_request) + sizeof(struct site *);
    ASSERT_OK(http_server_start(&options, &site->server, &site->port, &err), err);
}

static void stop(struct site *site)
{
    http_server_stop(site->server);
    if (site->thread_used)
        pthread_join(site->thread, NULL);
}

static void expect(int port, const char *request, int status, const char *body)
{
    struct answer answer = client_exchange(port, request);

    if (answer.status != status)
        fprintf(stderr, "wanted %d, got %d: %.300s\n", status, answer.status, answer.text ? answer.text : "");
    CU_ASSERT_EQUAL(answer.status, status);
    if (body)
        ASSERT_TEXT(answer.body, body);
    answer_fini(&answer);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void test_plain(void)
{
    struct site site;
    struct answer answer;

    start(&site, (struct http_server_options){0});
    CU_ASSERT(site.port > 0);
    answer = client_exchange(site.port, GET("/a?b=%20c"));
    CU_ASSERT_EQUAL(answer.status, 200);
    ASSERT_TEXT(answer.body, "GET /a?b=%20c 0");
    ASSERT_TEXT(answer_header(&answer, "X-Good"), "yes");
    ASSERT_TEXT(answer_header(&answer, "X-Bad"), "");
    CU_ASSERT_PTR_NULL(strstr(answer.text, "X-Evil"));
    answer_fini(&answer);
    expect(site.port, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 200, "POST /x 5");
    expect(site.port, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, "POST /x 3");
    expect(site.port, "HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "");
    stop(&site);
    CU_ASSERT_EQUAL(atomic_load(&site.finished), 4);
}

static void test_keep_alive(void)
{
    struct site site;
    int fd;

    start(&site, (struct http_server_options){0});
    fd = client_connect(site.port);
    for (int i = 0; i < 50; i++) {
        struct answer answer;

        client_send(fd, GET("/k"), strlen(GET("/k")));
        answer = client_read(fd);
        CU_ASSERT_EQUAL(answer.status, 200);
        answer_fini(&answer);
    }
    /* An early answer to a request with a small body does not break the connection either. */
    for (int i = 0; i < 3; i++) {
        static const char early[] = "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
        struct answer answer;

        client_send(fd, early, strlen(early));
        answer = client_read(fd);
        CU_ASSERT_EQUAL(answer.status, 401);
        answer_fini(&answer);
    }
    close(fd);
    stop(&site);
}

static void test_large_declared(void)
{
    struct site site;
    int fd;
    struct answer answer;
    static const char head[] = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n";
    CLEANUP(free_ptr) char *body = mem_zalloc(10 << 20);

    start(&site, (struct http_server_options){.body_bytes = 1 << 20});
    /* The headers alone are enough for the answer. */
    expect(site.port, head, 413, "too large");
    /* And a client that sends all 10 MB before it reads still gets it: nothing resets its connection. */
    fd = client_connect(site.port);
    client_send(fd, head, strlen(head));
    client_send(fd, body, 10 << 20);
    answer = client_read(fd);
    CU_ASSERT_EQUAL(answer.status, 413);
    answer_fini(&answer);
    close(fd);
    expect(site.port, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413, NULL);
    expect(site.port, GET("/still-there"), 200, NULL);
    stop(&site);
}

static void test_large_chunked(void)
{
    struct site site;
    static const char head[] = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    char chunk[1024 + 16];
    int fd;
    struct answer answer;

    start(&site, (struct http_server_options){.body_bytes = 4096});
    memset(chunk, 'a', sizeof chunk);
    memcpy(chunk, "400\r\n", 5);
    memcpy(chunk + 5 + 1024, "\r\n", 2);
    fd = client_connect(site.port);
    client_send(fd, head, strlen(head));
    for (int i = 0; i < 8; i++)
        client_send(fd, chunk, 5 + 1024 + 2);
    client_send(fd, "0\r\n\r\n", 5);
    answer = client_read(fd);
    CU_ASSERT_EQUAL(answer.status, 413);
    answer_fini(&answer);
    close(fd);
    /* Without end it is cut off. */
    fd = client_connect(site.port);
    client_send(fd, head, strlen(head));
    for (int i = 0; i < 200; i++)
        client_send(fd, chunk, 5 + 1024 + 2);
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    stop(&site);
}

static void test_exact_limit(void)
{
    struct site site;

    start(&site, (struct http_server_options){.body_bytes = 5});
    expect(site.port, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 200, "POST /x 5");
    expect(site.port, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello!", 413, NULL);
    stop(&site);
}

static void test_headers(void)
{
    struct site site;
    CLEANUP(free_ptr) char *big = mem_zalloc(70000);

    start(&site, (struct http_server_options){0});
    memset(big, 'a', 60000);
    memcpy(big, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: ", 32);
    memcpy(big + 50000, "\r\n\r\n", 5);
    expect(site.port, big, 431, NULL);
    memset(big, 'a', 60000);
    memcpy(big, "GET /", 5);
    memcpy(big + 50000, " HTTP/1.1\r\nHost: x\r\n\r\n", 23);
    expect(site.port, big, 414, NULL);
    expect(site.port, "GET / HTTP/1.1\r\n\r\n", 400, NULL); /* no Host */
    expect(site.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, NULL);
    expect(site.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400, NULL);
    expect(site.port, GET("/"), 200, NULL);
    stop(&site);
}

static void test_slow_headers(void)
{
    struct site site;
    int fd;

    start(&site, (struct http_server_options){.headers_ms = 60});
    fd = client_connect(site.port);
    client_send(fd, "GET / HTTP/1.1\r\nHos", 19);
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    fd = client_connect(site.port); /* says nothing at all */
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    /* One byte now and then does not help: the deadline is absolute. */
    fd = client_connect(site.port);
    for (int i = 0; i < 400 && !client_closed_within(fd, 5); i++)
        client_send(fd, "G", 1);
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    stop(&site);
}

static void test_slow_body(void)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";
    struct site site;
    int fd;

    start(&site, (struct http_server_options){.body_ms = 60});
    fd = client_connect(site.port);
    client_send(fd, head, strlen(head));
    for (int i = 0; i < 90 && !client_closed_within(fd, 5); i++)
        client_send(fd, "a", 1);
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    stop(&site);
    CU_ASSERT_EQUAL(atomic_load(&site.finished), 1);
}

static void test_idle(void)
{
    struct site site;
    struct answer answer;
    int fd;

    start(&site, (struct http_server_options){.idle_ms = 50});
    fd = client_connect(site.port);
    client_send(fd, GET("/"), strlen(GET("/")));
    answer = client_read(fd);
    CU_ASSERT_EQUAL(answer.status, 200);
    answer_fini(&answer);
    CU_ASSERT(client_closed_within(fd, 120000));
    close(fd);
    stop(&site);
}

static void test_suspend(void)
{
    struct site site;

    start(&site, (struct http_server_options){0});
    expect(site.port, GET("/later"), 200, "resumed");
    stop(&site);
}

static void test_park(void)
{
    struct site site;

    start(&site, (struct http_server_options){0});
    expect(site.port, GET("/park"), 200, "looked");
    CU_ASSERT_EQUAL(atomic_load(&site.parked_looks), 3);
    stop(&site);
}

static void test_stop_while_waiting(void)
{
    struct site site;
    struct answer answer;
    int parked, later;

    start(&site, (struct http_server_options){0});
    parked = client_connect(site.port);
    client_send(parked, GET("/forever"), strlen(GET("/forever")));
    later = client_connect(site.port);
    client_send(later, GET("/later"), strlen(GET("/later")));
    while (atomic_load(&site.waiting) < 2) /* as long as the program may run */
        poll(NULL, 0, 5);
    http_server_drain(site.server);
    answer = client_read(parked);
    ASSERT_TEXT(answer.body, "stopped");
    answer_fini(&answer);
    expect(site.port, GET("/new"), 503, "stopping");
    stop(&site);
    answer = client_read(later);
    ASSERT_TEXT(answer.body, "resumed");
    answer_fini(&answer);
    close(parked);
    close(later);
}

static void test_per_address(void)
{
    struct site site;
    int fds[3];

    start(&site, (struct http_server_options){.per_address = 2, .threads = 1});
    for (int i = 0; i < 3; i++)
        fds[i] = client_connect(site.port);
    CU_ASSERT(client_closed_within(fds[2], 120000));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    stop(&site);
}

static void test_port_taken(void)
{
    struct site site, other;
    struct err err;

    start(&site, (struct http_server_options){0});
    other = (struct site){0};
    ASSERT_FAILS(http_server_start(&(struct http_server_options){.port = site.port,
                                                                 .begin = on_begin,
                                                                 .handle = on_handle,
                                                                 .finish = on_finish,
                                                                 .ctx = &other,
                                                                 .request_bytes = sizeof(struct http_request)},
                                   &other.server, &other.port, &err),
                 err, ERR_IO);
    ASSERT_FAILS(http_server_start(&(struct http_server_options){.address = "localhost", .request_bytes = sizeof(struct http_request)},
                                   &other.server, &other.port, &err),
                 err, ERR_BAD_VALUE);
    stop(&site);
}

static void *hammer(void *ctx)
{
    struct site *site = ctx;

    for (int i = 0; i < 40; i++) {
        struct answer answer =
            client_exchange(site->port, i % 2 ? GET("/p") : "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");

        CU_ASSERT_EQUAL(answer.status, 200);
        answer_fini(&answer);
    }
    return NULL;
}

static void test_many(void)
{
    struct site site;
    pthread_t threads[8];

    start(&site, (struct http_server_options){0});
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, hammer, &site);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    stop(&site);
    CU_ASSERT_EQUAL(atomic_load(&site.finished), 320);
}

const struct test_case tests[] = {
    {"a request is answered, with or without a body, HEAD without one", test_plain},
    {"one connection carries many requests, early answers included", test_keep_alive},
    {"a body declared too large is answered with 413 before and after it is sent", test_large_declared},
    {"a chunked body that grows too large is answered with 413, an endless one is cut off", test_large_chunked},
    {"a body of exactly the limit is fine, one byte more is not", test_exact_limit},
    {"headers that are too large or malformed are refused", test_headers},
    {"headers have an absolute deadline that dribbling does not extend", test_slow_headers},
    {"bodies have an absolute deadline that dribbling does not extend", test_slow_body},
    {"an idle connection is closed", test_idle},
    {"a suspended request is answered by whoever resumes it", test_suspend},
    {"a parked request looks again until it has something to say", test_park},
    {"stopping wakes the parked, waits for the suspended and refuses the new", test_stop_while_waiting},
    {"one address gets only so many connections", test_per_address},
    {"a port that is taken and an address that is a name are errors with a reason", test_port_taken},
    {"many clients at once get their answers", test_many},
    {0},
};
