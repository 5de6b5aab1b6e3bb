/* The provisioner against a gateway that plays a script: what is sent, and what becomes of every kind of answer. */
#include "harness.h"
#include <stdio.h>
#include <string.h>

#define OWNER    "default/shop/development/payment-gateway.default#shop.payments"
#define MERCHANT "{\"id\": \"x\", \"owner\": \"" OWNER "\", \"currency\": \"EUR\", \"api_key\": \"mk_1\"}"
#define TOKEN    "the-secret-token"

static void open_at(int port, const char *timeout)
{
    char config[200];

    snprintf(config, sizeof config, "{\"endpoint\": \"http://127.0.0.1:%d/\", \"token\": \"" TOKEN "\", \"timeout\": \"%s\"}", port,
             timeout);
    CHECK(plugin_open(config) == INNO_OK);
}

/* Plays the script for one slot. Returns what was sent. */
static const char *play(const char *const *answers, enum slot slot, const struct about *about, inno_rc wanted)
{
    const char *sent;
    inno_rc rc;

    open_at(gateway_start(answers), "2s");
    rc = run_slot(slot, about);
    sent = gateway_stop();
    if (rc != wanted)
        printf("# returned %d, wanted %d: %s\n", rc, wanted, call.failure);
    CHECK(rc == wanted);
    CHECK(!strstr(call.failure, TOKEN));
    return sent;
}

static void test_create(void)
{
    static const char *const answers[] = {JSON_ANSWER("404 Not Found", "{\"detail\": \"no\"}"), JSON_ANSWER("201 Created", MERCHANT), NULL};
    struct about about = {.params = "{\"currency\": \"EUR\", \"displayName\": \"The \\\"Shop\\\"\"}", .key = "key-of-the-call"};
    const char *sent = play(answers, PROVISION, &about, INNO_OK);

    CHECK_CONTAINS(sent, "PUT /merchants/shop-payments-development-");
    CHECK_CONTAINS(sent, "Idempotency-Key: key-of-the-call\r\n");
    CHECK_CONTAINS(sent, "Authorization: Bearer " TOKEN "\r\n");
    CHECK_CONTAINS(sent, "\"display_name\":\"The \\\"Shop\\\"\"");
    CHECK_CONTAINS(sent, "\"owner\":\"" OWNER "\"");
    CHECK_CONTAINS(call.outputs, "merchant_id=shop-payments-development-");
    CHECK_CONTAINS(call.outputs, "url=http://127.0.0.1:");
    CHECK_CONTAINS(call.secrets, "api_key=mk_1\n");
    CHECK(!strstr(call.outputs, "mk_1"));
    CHECK_CONTAINS(call.state, "{\"merchant_id\":\"shop-payments-development-");
    plugin_close();
}

static void test_state_keeps_id(void)
{
    static const char *const answers[] = {JSON_ANSWER("200 OK", MERCHANT), JSON_ANSWER("200 OK", MERCHANT), NULL};
    struct about about = {.state = "{\"merchant_id\": \"an-older-id\"}"};
    const char *sent = play(answers, PROVISION, &about, INNO_OK);

    CHECK_CONTAINS(sent, "PUT /merchants/an-older-id HTTP/1.1\r\n");
    plugin_close();
}

static void test_foreign_merchant(void)
{
    static const char *const theirs[] = {JSON_ANSWER("200 OK", "{\"owner\": \"default/other/development/x\", \"api_key\": \"mk_2\"}"),
                                         NULL};
    const char *sent = play(theirs, PROVISION, NULL, INNO_ALREADY_EXISTS);

    CHECK(!strstr(sent, "PUT"));
    CHECK(!call.secrets[0]);
    plugin_close();
    sent = play(theirs, DEPROVISION, NULL, INNO_OK);
    CHECK(!strstr(sent, "DELETE"));
    plugin_close();
}

static void test_different_ids(void)
{
    static const struct about abouts[] = {{.team = "shop"},
                                          {.team = "other"},
                                          {.uid = "payment-gateway.default#shop.Payments"},
                                          {.uid = "payment-gateway.other#shop.payments"}};
    char seen[4][200];

    CHECK(plugin_open("{\"endpoint\": \"http://127.0.0.1:9\", \"token\": \"" TOKEN "\"}") == INNO_OK);
    for (int i = 0; i < 4; i++) {
        CHECK(run_slot(HINTS, &abouts[i]) == INNO_OK);
        CHECK_CONTAINS(call.hints, "dashboard=http://127.0.0.1:9/merchants/shop-payments-development-");
        snprintf(seen[i], sizeof seen[i], "%.199s", call.hints);
        for (int k = 0; k < i; k++)
            CHECK(strcmp(seen[i], seen[k]) != 0);
    }
    plugin_close();
}

static void test_deprovision(void)
{
    static const char *const there[] = {JSON_ANSWER("200 OK", MERCHANT), "HTTP/1.1 204 No Content\r\n\r\n", NULL};
    static const char *const gone[] = {JSON_ANSWER("404 Not Found", "{}"), JSON_ANSWER("404 Not Found", "{}"), NULL};

    CHECK_CONTAINS(play(there, DEPROVISION, NULL, INNO_OK), "DELETE /merchants/");
    plugin_close();
    play(gone, DEPROVISION, NULL, INNO_OK);
    plugin_close();
}

static void test_status(void)
{
    static const char *const good[] = {JSON_ANSWER("200 OK", MERCHANT), NULL};
    static const char *const gone[] = {JSON_ANSWER("404 Not Found", "{}"), NULL};
    struct about dollars = {.params = "{\"currency\": \"USD\"}"};
    const char *sent = play(good, STATUS, NULL, INNO_OK);

    CHECK(strcmp(call.status, INNO_STATE_ACTIVE) == 0);
    CHECK(strncmp(sent, "GET ", 4) == 0);
    plugin_close();
    play(good, STATUS, &dollars, INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_DEGRADED) == 0);
    CHECK_CONTAINS(call.status_text, "its currency is EUR, wanted USD");
    plugin_close();
    play(gone, STATUS, NULL, INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_TERMINATED) == 0);
    plugin_close();
}

static void test_answers(void)
{
    static const struct {
        const char *answer;
        inno_rc wanted;
        const char *text;
    } cases[] = {
        {JSON_ANSWER("401 Unauthorized", "{\"detail\": \"bad\"}"), INNO_UNAUTHORIZED, "config.token"},
        {JSON_ANSWER("403 Forbidden", "{}"), INNO_UNAUTHORIZED, "config.token"},
        {JSON_ANSWER("429 Too Many Requests", "{}"), INNO_TRANSIENT, "429"},
        {JSON_ANSWER("503 Service Unavailable", "{\"detail\": \"restart\\u0007ing\"}"), INNO_TRANSIENT, "503: restart?ing"},
        {JSON_ANSWER("422 Unprocessable Entity", "{\"detail\": \"no such currency\"}"), INNO_INVALID_RESOURCE, "no such currency"},
        {JSON_ANSWER("409 Conflict", "{}"), INNO_FAILED, "409"},
        {JSON_ANSWER("302 Found", ""), INNO_FAILED, "302"},
        {JSON_ANSWER("200 OK", "[]"), INNO_ALREADY_EXISTS, "not this resource's"},
        {"", INNO_TRANSIENT, "without an answer"},
        {"SSH-2.0-OpenSSH_9.2\r\n", INNO_FAILED, "no HTTP"},
        {"HTTP/1.1 abc\r\n\r\n", INNO_FAILED, "no HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\"", INNO_TRANSIENT, "cut off"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", INNO_TRANSIENT, "cut off"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\n", INNO_TRANSIENT, "cut off"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n", INNO_TRANSIENT, "cut off"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", INNO_TRANSIENT, "cut off"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const answers[] = {cases[i].answer, NULL};

        play(answers, PROVISION, NULL, cases[i].wanted);
        CHECK_CONTAINS(call.failure, cases[i].text);
        CHECK(!call.outputs[0] && !call.secrets[0]);
        plugin_close();
    }
}

static void test_put_answers(void)
{
    static const char *const bodies[] = {JSON_ANSWER("200 OK", "{}"), JSON_ANSWER("200 OK", "not json"), JSON_ANSWER("404 Not Found", "{}"),
                                         JSON_ANSWER("200 OK", "{\"api_key\": 5}"), JSON_ANSWER("200 OK", "{\"api_key\": \"")};

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const char *const answers[] = {JSON_ANSWER("404 Not Found", "{}"), bodies[i], NULL};

        play(answers, PROVISION, NULL, INNO_FAILED);
        CHECK_CONTAINS(call.failure, "without an api_key");
        plugin_close();
    }
}

static void test_chunked(void)
{
    static const char *const answers[] = {
        JSON_ANSWER("404 Not Found", "{}"),
        "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"api_key\r\n8;ext=1\r\n\":\"mk_9\"\r\n1\r\n}\r\n0\r\n\r\n", NULL};

    play(answers, PROVISION, NULL, INNO_OK);
    CHECK_CONTAINS(call.secrets, "api_key=mk_9\n");
    plugin_close();
}

static void test_too_long(void)
{
    static char answer[400000];
    const char *const answers[] = {answer, NULL};

    memset(answer, 'x', sizeof answer - 1);
    memcpy(answer, "HTTP/1.1 200 OK\r\n\r\n", 19);
    play(answers, PROVISION, NULL, INNO_FAILED);
    CHECK_CONTAINS(call.failure, "exceeds");
    plugin_close();
}

static void test_unreachable(void)
{
    static const char *const none[] = {NULL};
    int port = gateway_start(none);
    char text[60];

    gateway_stop();
    open_at(port, "2s");
    CHECK(run_slot(PROVISION, NULL) == INNO_TRANSIENT);
    snprintf(text, sizeof text, "127.0.0.1:%d: Connection refused", port);
    CHECK_CONTAINS(call.failure, text);
    CHECK(run_slot(STATUS, NULL) == INNO_TRANSIENT);
    CHECK(run_slot(DEPROVISION, NULL) == INNO_TRANSIENT);
    CHECK(run_slot(HEALTH, NULL) == INNO_TRANSIENT);
    CHECK(run_slot(HINTS, NULL) == INNO_OK);
    plugin_close();
}

static void test_silence(void)
{
    static const char *const answers[] = {"hang", NULL};

    open_at(gateway_start(answers), "100ms");
    CHECK(run_slot(PROVISION, NULL) == INNO_TIMEOUT);
    CHECK_CONTAINS(call.failure, "no answer in time");
    gateway_stop();
    plugin_close();
    /* the call's own deadline comes first when it is nearer */
    open_at(gateway_start(answers), "10m");
    next_call(0, 50, INNO_OK);
    CHECK(run_slot(PROVISION, NULL) == INNO_TIMEOUT);
    gateway_stop();
    plugin_close();
}

static void test_cancel(void)
{
    CHECK(plugin_open("{\"endpoint\": \"http://127.0.0.1:9\", \"token\": \"" TOKEN "\"}") == INNO_OK);
    next_call(1, 60000, INNO_OK);
    CHECK(run_slot(PROVISION, NULL) == INNO_CANCELED);
    plugin_close();
}

static void test_state_not_stored(void)
{
    static const char *const answers[] = {JSON_ANSWER("404 Not Found", "{}"), JSON_ANSWER("201 Created", MERCHANT), NULL};
    inno_rc rc;

    open_at(gateway_start(answers), "2s");
    next_call(0, 60000, INNO_TRANSIENT);
    rc = run_slot(PROVISION, NULL);
    gateway_stop();
    CHECK(rc == INNO_TRANSIENT);
    CHECK(!call.secrets[0]);
    plugin_close();
}

static void test_params(void)
{
    static const char *const bad[] = {"{\"currency\": \"euro\"}", "{\"currency\": 978}", "{\"displayName\": {}}",
                                      "{\"callbackUrl\": null}"};

    CHECK(plugin_open("{\"endpoint\": \"http://127.0.0.1:9\", \"token\": \"" TOKEN "\"}") == INNO_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct about about = {.params = bad[i]};

        CHECK(run_slot(PROVISION, &about) == INNO_INVALID_RESOURCE);
        CHECK_CONTAINS(call.failure, "params.");
    }
    plugin_close();
}

static void test_config(void)
{
    static const struct {
        const char *config, *text;
    } cases[] = {
        {"{}", "config.endpoint"},
        {"{\"endpoint\": \"https://x\", \"token\": \"t\"}", "TLS proxy"},
        {"{\"endpoint\": \"http://\", \"token\": \"t\"}", "config.endpoint"},
        {"{\"endpoint\": \"http://user@host\", \"token\": \"t\"}", "config.endpoint"},
        {"{\"endpoint\": \"http://host:99999\", \"token\": \"t\"}", "port"},
        {"{\"endpoint\": \"http://host:0\", \"token\": \"t\"}", "port"},
        {"{\"endpoint\": \"http://host:9x\", \"token\": \"t\"}", "port"},
        {"{\"endpoint\": \"http://host/a?b\", \"token\": \"t\"}", "config.endpoint"},
        {"{\"endpoint\": \"http://host/a\\r\\nX: y\", \"token\": \"t\"}", "config.endpoint"},
        {"{\"endpoint\": \"http://host\"}", "config.token"},
        {"{\"endpoint\": \"http://host\", \"token\": \"a\\nb\"}", "config.token"},
        {"{\"endpoint\": \"http://host\", \"token\": \"t\", \"timeout\": \"soon\"}", "config.timeout"},
        {"{\"endpoint\": \"http://host\", \"token\": \"t\", \"timeout\": 5}", "config.timeout"},
        {"{\"endpoint\": \"http://host\", \"token\": \"t\", \"timeout\": \"1h\"}", "config.timeout"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(plugin_open(cases[i].config) == INNO_INVALID_CONFIG);
        CHECK_CONTAINS(call.failure, cases[i].text);
        plugin_close();
    }
    CHECK(plugin_open("{\"endpoint\": \"http://[::1]:80/base/\", \"token\": \"t\"}") == INNO_OK);
    plugin_close();
}

int main(void)
{
    run_test("a merchant is made with the call's idempotency key", test_create);
    run_test("the id of an earlier run is kept", test_state_keeps_id);
    run_test("another owner's merchant is neither changed nor removed", test_foreign_merchant);
    run_test("different resources have different merchants", test_different_ids);
    run_test("removing what is gone is fine", test_deprovision);
    run_test("status tells active, changed and gone", test_status);
    run_test("every kind of answer has its code", test_answers);
    run_test("a success without an API key is a failure", test_put_answers);
    run_test("a chunked answer is joined", test_chunked);
    run_test("an endless answer is refused", test_too_long);
    run_test("an unreachable gateway is named and worth a retry", test_unreachable);
    run_test("a silent gateway ends at the timeout or the deadline", test_silence);
    run_test("cancel stops before anything is sent", test_cancel);
    run_test("a state that was not stored fails the call", test_state_not_stored);
    run_test("wrong params are refused without a request", test_params);
    run_test("a wrong config is refused at open", test_config);
    return failures ? 1 : 0;
}
