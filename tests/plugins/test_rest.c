/* The REST kit of the bundled plugins against a server that answers in every bad way. */
#include "fake_host.h"
#include "rest.h"
#include "rest_server.h"
#include "test.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

struct world {
    struct rest_server *server;
    struct rest *rest;
    struct fake_plugin p;
};

/* `more`: members of the config beside url. */
static inno_rc begin_at(struct world *w, const char *url, const char *more)
{
    char text[9000];
    json_t *config;
    struct rest_settings settings;
    inno_rc rc;

    signal(SIGPIPE, SIG_IGN);
    snprintf(text, sizeof text, "{\"url\":\"%s\"%s%s}", url, more[0] ? "," : "", more);
    config = json_loads(text, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    fake_begin(&w->p);
    rc = rest_take_settings(&fake_host, &w->p.call, "config", config, "Backend", &settings);
    if (rc == INNO_OK)
        rc = rest_new(&fake_host, &w->p.call, &settings, &w->rest);
    json_decref(config);
    return rc;
}

static void begin(struct world *w, const char *more)
{
    *w = (struct world){.server = rest_server_start(false, false)};
    CU_ASSERT_EQUAL_FATAL(begin_at(w, rest_server_url(w->server), more), INNO_OK);
}

static void end(struct world *w)
{
    rest_free(w->rest);
    if (w->server)
        rest_server_stop(w->server);
    fake_close(&w->p);
}

static int requests(const struct world *w) { return rest_server_requests(w->server); }

/* One call; its answer is dropped, its failure stays in w->p.call. */
static inno_rc ask_with(struct world *w, const struct rest_request *request, int64_t deadline_ms, int cancel_after)
{
    struct rest_answer answer = {0};
    inno_rc rc;

    fake_begin(&w->p);
    w->p.call.deadline_ms = deadline_ms;
    w->p.call.cancel_after = cancel_after;
    rc = rest_call(w->rest, &fake_host, &w->p.call, request, &answer);
    CU_ASSERT(rc == INNO_OK || w->p.call.failed == rc);
    rest_answer_fini(&answer);
    return rc;
}

static inno_rc ask(struct world *w, const char *method, const char *path)
{
    return ask_with(w, &(struct rest_request){.method = method, .path = path}, 60000, 0);
}

static void test_answer(void)
{
    static const struct rest_header headers[] = {{"X-Token", "s3cr3t-token"}, {0}};
    struct rest_request request = {.method = "PUT", .path = "/ok?list=true", .headers = headers};
    json_t *body = json_pack("{s:s}", "key", "value");
    struct rest_answer answer = {0};
    struct world w;

    begin(&w, "");
    request.json = body;
    CU_ASSERT_EQUAL(rest_call(w.rest, &fake_host, &w.p.call, &request, &answer), INNO_OK);
    CU_ASSERT_EQUAL(answer.status, 200);
    CU_ASSERT(json_is_true(json_object_get(answer.json, "fine")));
    ASSERT_CONTAINS(rest_server_last(w.server), "PUT /ok?list=true HTTP/1.1\r\n");
    ASSERT_CONTAINS(rest_server_last(w.server), "X-Token: s3cr3t-token\r\n");
    ASSERT_CONTAINS(rest_server_last(w.server), "traceparent: 00-0123456789abcdef0123456789abcdef-");
    ASSERT_CONTAINS(rest_server_last(w.server), "\r\n\r\n{\"key\":\"value\"}");
    rest_answer_fini(&answer);
    CU_ASSERT_EQUAL(ask(&w, "DELETE", "/empty"), INNO_OK);
    json_decref(body);
    end(&w);
}

static void test_codes(void)
{
    static const struct {
        const char *path;
        inno_rc code;
    } cases[] = {
        {"/status/400", INNO_INVALID_RESOURCE}, {"/status/401", INNO_UNAUTHORIZED},     {"/status/403", INNO_UNAUTHORIZED},
        {"/status/404", INNO_NOT_FOUND},        {"/status/409", INNO_ALREADY_EXISTS},   {"/status/422", INNO_INVALID_RESOURCE},
        {"/status/500", INNO_FAILED},           {"/status/413", INNO_INVALID_RESOURCE},
    };
    struct world w;

    begin(&w, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int before = requests(&w);

        CU_ASSERT_EQUAL(ask(&w, NULL, cases[i].path), cases[i].code);
        ASSERT_CONTAINS(w.p.call.failure, "Backend: GET http://127.0.0.1:");
        ASSERT_CONTAINS(w.p.call.failure, cases[i].path + 8);
        ASSERT_CONTAINS(w.p.call.failure, "said no to; token none");
        CU_ASSERT_EQUAL(requests(&w), before + 1); /* nothing of this is tried again */
    }
    CU_ASSERT_EQUAL(ask(&w, NULL, "/plain"), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "answered 500: something broke");
    end(&w);
}

/* Not even when the backend repeats what it was sent. */
static void test_secrets(void)
{
    static const struct rest_header headers[] = {{"X-Token", "s3cr3t-token"}, {"Authorization", "Bearer abcdef-bearer"}, {0}};
    json_t *body = json_pack("{s:{s:[s]}}", "data", "password", "hunter2-and-more");
    struct rest_request request = {.method = "PUT", .path = "/status/400?k=query-secret", .headers = headers, .secret_body = true};
    struct world w;

    begin(&w, "");
    request.json = body;
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "said no to");
    ASSERT_CONTAINS(w.p.call.failure, "token ***");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "s3cr3t"));
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "hunter2"));
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "query-secret"));
    json_decref(body);
    end(&w);
}

static void test_also(void)
{
    static const int also[] = {404, 503, 0};
    struct rest_request request = {.path = "/status/404", .also = also};
    struct rest_answer answer = {0};
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(rest_call(w.rest, &fake_host, &w.p.call, &request, &answer), INNO_OK);
    CU_ASSERT_EQUAL(answer.status, 404);
    CU_ASSERT(json_is_object(answer.json));
    CU_ASSERT_EQUAL(rest_fail(w.rest, &fake_host, &w.p.call, &request, &answer), INNO_NOT_FOUND);
    rest_answer_fini(&answer);
    request.path = "/status/503";
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_OK);
    CU_ASSERT_EQUAL(requests(&w), 2);
    end(&w);
}

/* ---- again ---- */

static void test_again(void)
{
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, "POST", "/fail/2"), INNO_OK); /* a 503 has done nothing */
    CU_ASSERT_EQUAL(requests(&w), 3);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 2);
    ASSERT_CONTAINS(json_string_value(json_array_get(w.p.call.logs, 0)), "answered 503; trying again in ");
    end(&w);

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, "PUT", "/fail502/1"), INNO_OK);
    CU_ASSERT_EQUAL(requests(&w), 2);
    end(&w);

    begin(&w, "\"attempts\":2");
    CU_ASSERT_EQUAL(ask(&w, NULL, "/fail/9"), INNO_TRANSIENT);
    CU_ASSERT_EQUAL(requests(&w), 2);
    ASSERT_CONTAINS(w.p.call.failure, "answered 503: sealed");
    end(&w);
}

/* A POST whose fate is unknown is not sent twice, unless its caller says that it may. */
static void test_unknown_fate(void)
{
    struct rest_request request = {.method = "POST", .path = "/reset/1"};
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "no answer: ");
    CU_ASSERT_EQUAL(requests(&w), 1);
    end(&w);

    begin(&w, "");
    request.repeatable = true;
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_OK);
    CU_ASSERT_EQUAL(requests(&w), 2);
    end(&w);

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, "POST", "/fail502/1"), INNO_TRANSIENT);
    CU_ASSERT_EQUAL(requests(&w), 1);
    end(&w);
}

/* A 500 that says "not now" in its own words. */
static void test_passing(void)
{
    static const char *const passing[] = {"no leader", "something", NULL};
    struct rest_request request = {.method = "POST", .path = "/plain", .passing = passing};
    struct world w;

    begin(&w, "\"attempts\":2");
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_TRANSIENT);
    CU_ASSERT_EQUAL(requests(&w), 2);
    request.passing = NULL;
    CU_ASSERT_EQUAL(ask_with(&w, &request, 60000, 0), INNO_FAILED);
    CU_ASSERT_EQUAL(requests(&w), 3);
    end(&w);
}

static void test_retry_after(void)
{
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, NULL, "/after/1"), INNO_OK);
    ASSERT_CONTAINS(json_string_value(json_array_get(w.p.call.logs, 0)), "answered 429; trying again in 1000 ms");
    end(&w);

    begin(&w, ""); /* longer than the call has time for: said at once */
    CU_ASSERT_EQUAL(ask(&w, NULL, "/after/1000"), INNO_TRANSIENT);
    CU_ASSERT_EQUAL(requests(&w), 1);
    end(&w);
}

static void test_down(void)
{
    struct world w = {0};
    char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%d", rest_dead_port());
    CU_ASSERT_EQUAL_FATAL(begin_at(&w, url, "\"attempts\":2"), INNO_OK);
    CU_ASSERT_EQUAL(ask(&w, "POST", "/ok"), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, url);
    ASSERT_CONTAINS(w.p.call.failure, "Connection refused");
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 1);
    end(&w);
}

/* ---- time, size, shape ---- */

static void test_slow(void)
{
    static const char *const paths[] = {"/hang", "/drip"};
    struct world w;

    for (size_t i = 0; i < 2; i++) {
        begin(&w, "\"timeout\":\"300ms\",\"attempts\":2");
        CU_ASSERT_EQUAL(ask(&w, NULL, paths[i]), INNO_TIMEOUT);
        ASSERT_CONTAINS(w.p.call.failure, "no whole answer within 300 ms");
        CU_ASSERT_EQUAL(requests(&w), 2);
        end(&w);

        begin(&w, "");
        CU_ASSERT_EQUAL(ask_with(&w, &(struct rest_request){.path = paths[i]}, 300, 0), INNO_TIMEOUT);
        end(&w);

        begin(&w, "");
        CU_ASSERT_EQUAL(ask_with(&w, &(struct rest_request){.path = paths[i]}, 600000, 3), INNO_CANCELED);
        end(&w);
    }
    begin(&w, "");
    CU_ASSERT_EQUAL(ask_with(&w, &(struct rest_request){.path = "/ok"}, 0, 0), INNO_TIMEOUT);
    CU_ASSERT_EQUAL(requests(&w), 0);
    end(&w);
}

/* The pause between two attempts listens to the cancel too. */
static void test_canceled_pause(void)
{
    struct world w;

    begin(&w, "\"attempts\":20");
    CU_ASSERT_EQUAL(ask_with(&w, &(struct rest_request){.path = "/after/600"}, 6000000, 6), INNO_CANCELED);
    CU_ASSERT_EQUAL(requests(&w), 1);
    end(&w);
}

static void test_shapes(void)
{
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, NULL, "/large"), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "has more than 8388608 bytes");
    CU_ASSERT_EQUAL(ask(&w, NULL, "/garbage"), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "answered 200 with what is no JSON (line 1)");
    CU_ASSERT_EQUAL(ask_with(&w, &(struct rest_request){.path = "/garbage", .raw = true}, 60000, 0), INNO_OK);
    end(&w);
}

static void test_redirects(void)
{
    struct world w;

    begin(&w, "");
    CU_ASSERT_EQUAL(ask(&w, "POST", "/moved"), INNO_OK);
    ASSERT_CONTAINS(rest_server_last(w.server), "POST /ok ");
    CU_ASSERT_EQUAL(ask(&w, NULL, "/away"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "another address (http://localhost:");
    CU_ASSERT_EQUAL(requests(&w), 3);
    CU_ASSERT_EQUAL(ask(&w, NULL, "/loop"), INNO_FAILED);
    CU_ASSERT_EQUAL(requests(&w), 7);
    end(&w);
}

/* ---- TLS ---- */

static void test_tls(void)
{
    struct world w = {.server = rest_server_start(true, false)}, other = {.server = rest_server_start(true, false)};
    CLEANUP(json_put) json_t *ca = json_pack("{s:s}", "ca", rest_server_authority(w.server));
    char *more = json_dumps(ca, JSON_COMPACT);

    more[strlen(more) - 1] = '\0';
    CU_ASSERT_EQUAL_FATAL(begin_at(&w, rest_server_url(w.server), more + 1), INNO_OK);
    CU_ASSERT_EQUAL(ask(&w, NULL, "/ok"), INNO_OK);
    /* another authority's certificate, and the system's authorities alone */
    CU_ASSERT_EQUAL_FATAL(begin_at(&other, rest_server_url(other.server), more + 1), INNO_OK);
    CU_ASSERT_EQUAL(ask(&other, NULL, "/ok"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(other.p.call.failure, "its certificate is not trusted");
    rest_free(other.rest);
    CU_ASSERT_EQUAL_FATAL(begin_at(&other, rest_server_url(other.server), ""), INNO_OK);
    CU_ASSERT_EQUAL(ask(&other, NULL, "/ok"), INNO_INVALID_CONFIG);
    CU_ASSERT_EQUAL(requests(&other), 0);
    free(more);
    end(&w);
    end(&other);
}

static void test_client_certificate(void)
{
    struct world w = {.server = rest_server_start(true, true)}, bare = {0};
    CLEANUP(json_put)
    json_t *all = json_pack("{s:s,s:s,s:s}", "ca", rest_server_authority(w.server), "clientCertificate", rest_server_client(w.server),
                            "clientKey", rest_server_client_key(w.server)),
           *ca = json_pack("{s:s,s:i}", "ca", rest_server_authority(w.server), "attempts", 1);
    char *with = json_dumps(all, JSON_COMPACT), *without = json_dumps(ca, JSON_COMPACT);

    with[strlen(with) - 1] = without[strlen(without) - 1] = '\0';
    CU_ASSERT_EQUAL_FATAL(begin_at(&w, rest_server_url(w.server), with + 1), INNO_OK);
    CU_ASSERT_EQUAL(ask(&w, NULL, "/ok"), INNO_OK);
    CU_ASSERT_EQUAL_FATAL(begin_at(&bare, rest_server_url(w.server), without + 1), INNO_OK);
    CU_ASSERT(ask(&bare, NULL, "/ok") < 0);
    CU_ASSERT_EQUAL(requests(&w), 1);
    free(with);
    free(without);
    end(&bare);
    end(&w);
}

/* ---- config and paths ---- */

static void test_settings(void)
{
    static const struct {
        const char *url, *more, *says;
    } cases[] = {
        {"ftp://host", "", "config.url must be"},
        {"http://user:pw@host", "", "config.url must be"},
        {"http://host?x=1", "", "config.url must be"},
        {"", "", "config.url must be"},
        {"http://h", "\"ca\":\"/etc/ca.pem\"", "config.ca must be PEM text"},
        {"http://h", "\"clientKey\":\"-----BEGIN X\"", "belong together"},
        {"http://h", "\"timeout\":\"soon\"", "config.timeout"},
        {"http://h", "\"timeout\":30", "config.timeout"},
        {"http://h", "\"attempts\":0", "config.attempts"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};

        CU_ASSERT_EQUAL(begin_at(&w, cases[i].url, cases[i].more), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, cases[i].says);
        end(&w);
    }
}

static void test_paths(void)
{
    static const struct {
        const char *form, *text, *path;
    } cases[] = {
        {"/v1/{}/data", "a b/c?d#e%", "/v1/a%20b%2Fc%3Fd%23e%25/data"},
        {"/v1/{+}", "a/b c/d", "/v1/a/b%20c/d"},
        {"/v1/{+}", "a/../b", NULL},
        {"/v1/{}", "..", NULL},
        {"/v1/{}", "", NULL},
        {"/v1/{+}", "a//b", NULL},
        {"/v1/{+}", "a/", NULL},
        {"/v1/{}", "\xc3\xa4", "/v1/%C3%A4"},
        {"/v1/{}", "...", "/v1/..."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = rest_path(cases[i].form, cases[i].text);

        if (cases[i].path)
            ASSERT_TEXT(path, cases[i].path);
        else
            CU_ASSERT_PTR_NULL(path);
        free(path);
    }
}

const struct test_case tests[] = {{"a request has its headers and body, an answer its JSON", test_answer},
                                  {"a status becomes the SDK's code, with the backend's words", test_codes},
                                  {"no secret shows in a failure, even when the backend repeats it", test_secrets},
                                  {"a status that was expected is an answer", test_also},
                                  {"what is transient is tried again", test_again},
                                  {"a POST of unknown fate is not sent twice", test_unknown_fate},
                                  {"a 500 that means 503 is told by its words", test_passing},
                                  {"Retry-After is kept, or too long", test_retry_after},
                                  {"a backend that is down is transient, with address and reason", test_down},
                                  {"a slow or dripping answer ends with the timeout, the deadline or the cancel", test_slow},
                                  {"a pause ends with the cancel", test_canceled_pause},
                                  {"answers that are too large or no JSON are failures", test_shapes},
                                  {"redirects are followed on the same host only", test_redirects},
                                  {"TLS is verified, by an authority of one's own if need be", test_tls},
                                  {"a client certificate is shown", test_client_certificate},
                                  {"a wrong config is told", test_settings},
                                  {"paths are escaped, and do not climb", test_paths},
                                  {0}};
