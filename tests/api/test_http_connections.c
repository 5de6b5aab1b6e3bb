/* Connections of the HTTP server: how they are spread over its threads, and what happens when there are as many as there may be. */
#include "api/http_server.h"
#include "base/mem.h"
#include "client.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct site {
    struct http_server *server;
    int port;
};

#define GET "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

static void on_begin(void *ctx, struct http_request *r) { (void)ctx, (void)r; }
static void on_finish(void *ctx, struct http_request *r) { (void)ctx, (void)r; }

/* Answers which thread it is on. */
static void on_handle(void *ctx, struct http_request *r)
{
    char *text = mem_printf("%d", (int)gettid());

    (void)ctx;
    http_reply(r, 200, "text/plain", text, strlen(text));
}

static void start(struct site *site, struct http_server_options options)
{
    struct err err;

    *site = (struct site){0};
    options.begin = on_begin;
    options.handle = on_handle;
    options.finish = on_finish;
    options.request_bytes = sizeof(struct http_request);
    ASSERT_OK(http_server_start(&options, &site->server, &site->port, &err), err);
}

static int ask(int fd)
{
    struct answer answer;
    int status;

    client_send(fd, GET, strlen(GET));
    answer = client_read(fd);
    status = answer.status == 200 ? atoi(answer.body) : -answer.status;
    answer_fini(&answer);
    return status;
}

static void test_spread(void)
{
    struct site site;
    int fds[12], threads[12], same = 0;

    start(&site, (struct http_server_options){.threads = 3});
    for (int i = 0; i < 12; i++)
        fds[i] = client_connect(site.port);
    for (int i = 0; i < 12; i++)
        threads[i] = ask(fds[i]);
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 12; j++)
            same += threads[i] == threads[j];
    CU_ASSERT_EQUAL(same, 3 * 4 * 4); /* four on each of three threads */
    for (int i = 0; i < 12; i++)
        close(fds[i]);
    http_server_stop(site.server);
}

static void test_full_evicts_idle(void)
{
    struct site site;
    int fds[3];

    start(&site, (struct http_server_options){.threads = 1, .connections = 2});
    for (int i = 0; i < 2; i++) {
        fds[i] = client_connect(site.port);
        CU_ASSERT(ask(fds[i]) > 0);
    }
    fds[2] = client_connect(site.port); /* waits in the backlog */
    CU_ASSERT(ask(fds[2]) > 0);
    CU_ASSERT(client_closed_within(fds[0], 20000)); /* it had waited longest */
    CU_ASSERT(ask(fds[1]) > 0);
    CU_ASSERT(ask(fds[2]) > 0);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    http_server_stop(site.server);
}

static void test_full_of_busy(void)
{
    struct site site;
    struct answer answer;
    int fds[3];

    start(&site, (struct http_server_options){.threads = 1, .connections = 2});
    for (int i = 0; i < 2; i++) {
        fds[i] = client_connect(site.port);
        client_send(fds[i], GET, 10); /* in the middle of a request: nobody takes its place */
    }
    fds[2] = client_connect(site.port);
    client_send(fds[2], GET, strlen(GET));
    CU_ASSERT(!client_closed_within(fds[2], 150)); /* no answer either: it waits */
    client_send(fds[0], &GET[10], strlen(GET) - 10);
    answer = client_read(fds[2]);
    CU_ASSERT_EQUAL(answer.status, 200);
    answer_fini(&answer);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    http_server_stop(site.server);
}

static void test_per_address(void)
{
    struct site site;
    struct answer answer;
    int fds[3];

    start(&site, (struct http_server_options){.per_address = 2, .threads = 2});
    for (int i = 0; i < 3; i++)
        fds[i] = client_connect(site.port);
    answer = client_read(fds[2]);
    CU_ASSERT_EQUAL(answer.status, 429);
    ASSERT_TEXT(answer_header(&answer, "Content-Type"), "application/problem+json");
    ASSERT_TEXT(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
    CU_ASSERT(answer.body && strstr(answer.body, "ORC-2007"));
    answer_fini(&answer);
    CU_ASSERT(client_closed_within(fds[2], 20000));
    for (int i = 0; i < 2; i++)
        CU_ASSERT(ask(fds[i]) > 0);
    close(fds[0]);
    do { /* the place is free again as soon as the server has seen the end */
        close(fds[2]);
        fds[2] = client_connect(site.port);
    } while (ask(fds[2]) < 0);
    close(fds[1]);
    close(fds[2]);
    http_server_stop(site.server);
}

static void refused(int port, const char *request, int status, const char *says)
{
    struct answer answer = client_exchange(port, request);

    CU_ASSERT_EQUAL(answer.status, status);
    ASSERT_TEXT(answer_header(&answer, "Content-Type"), "application/problem+json");
    ASSERT_TEXT(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
    ASSERT_TEXT(answer_header(&answer, "X-Frame-Options"), "DENY");
    ASSERT_CONTAINS(answer.body, "urn:innominatus:error:ORC-1030");
    ASSERT_CONTAINS(answer.body, says);
    CU_ASSERT(!strchr(answer.body, '<'));
    answer_fini(&answer);
}

static void test_unread_requests(void)
{
    struct site site;
    char *big = mem_alloc(60001);

    start(&site, (struct http_server_options){.threads = 1});
    memset(big, 'a', 60000);
    memcpy(big, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: ", 32);
    memcpy(big + 50000, "\r\n\r\n", 5);
    refused(site.port, big, 431, "too big");
    memset(big, 'a', 50000);
    memcpy(big, "GET /", 5);
    memcpy(big + 50000, " HTTP/1.1\r\nHost: x\r\n\r\n", 23);
    refused(site.port, big, 414, "too big");
    refused(site.port, "GET / HTTP/1.1\r\n\r\n", 400, "Host");
    refused(site.port, "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400, "syntactically");
    refused(site.port, "GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "version");
    refused(site.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400, "Content-Length");
    refused(site.port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "chunked");
    free(big);
    http_server_stop(site.server);
}

const struct test_case tests[] = {
    {"connections are spread evenly over the threads", test_spread},
    {"a full server closes the connection that has waited longest for its next request", test_full_evicts_idle},
    {"a full server without an idle connection lets new ones wait until there is room", test_full_of_busy},
    {"an address that has enough connections gets 429, and one again when one has ended", test_per_address},
    {"requests that never come as far as a handler are answered with a problem and the safe headers", test_unread_requests},
    {0},
};
