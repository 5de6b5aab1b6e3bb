/* The redactor: secrets are found in every form that tools give them. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "secret/redact.h"
#include "test.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void assert_redacts(struct redactor *r, const char *text, const char *wanted)
{
    char line[1024];

    snprintf(line, sizeof line, "%s", text);
    redactor_apply(r, line, sizeof line);
    ASSERT_TEXT(line, wanted);
}

static void redactor_put(struct redactor **r)
{
    redactor_free(*r);
    *r = NULL;
}

static void test_redact_clear(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();

    assert_redacts(r, "nothing to hide", "nothing to hide");
    redactor_add(r, "hunter2", 7);
    redactor_add(r, "hunter2", 7);
    redactor_add(r, "hunter2-long", 12);
    redactor_add(r, "abc", 3); /* too short to look for */
    assert_redacts(r, "hunter2", "***");
    assert_redacts(r, "a hunter2, hunter2-long and hunter2hunter2.", "a ***, *** and ******.");
    assert_redacts(r, "hunter hunte hunter1 abc", "hunter hunte hunter1 abc");
    assert_redacts(r, "", "");
    redactor_apply(NULL, NULL, 0);
    redactor_add(NULL, "hunter2", 7);
}

static void test_redact_base64(void)
{
    static const char *const around[][2] = {{"", ""},           {"u", "x"},     {"us", "xy"},
                                            {"user:", "@host"}, {"user1:", ""}, {"", "tail of a longer text"}};
    CLEANUP(redactor_put) struct redactor *r = redactor_new();
    const char *secret = "p4ss/w\xc3\xb6rd?>~";

    redactor_add(r, secret, strlen(secret));
    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        for (int form = 0; form < 2; form++) {
            CLEANUP(free_ptr) char *clear = mem_printf("%s%s%s", around[i][0], secret, around[i][1]);
            CLEANUP(free_ptr) char *encoded = base64_encode_form((enum base64_form)form, clear, strlen(clear));
            CLEANUP(free_ptr) char *line = mem_printf("Authorization: Basic %s end", encoded);

            redactor_apply(r, line, strlen(line) + 8);
            ASSERT_CONTAINS(line, "***");
            ASSERT_CONTAINS(line, "Authorization: Basic ");
            ASSERT_CONTAINS(line, " end");
            CU_ASSERT_TRUE(strlen(line) <= strlen("Authorization: Basic  end") + 3 + 2 * (strlen(around[i][0]) + strlen(around[i][1])));
        }
}

static void test_redact_url(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();

    redactor_add(r, "a b/c+d%e&\xc3\xbc", 12);
    assert_redacts(r, "?q=a%20b%2Fc%2Bd%25e%26%C3%BC;", "?q=***;");
    assert_redacts(r, "?q=a+b%2fc%2bd%25e%26%c3%bc;", "?q=***;");
    assert_redacts(r, "?q=a%20b/c%2Bd%25e&%C3%BC;", "?q=***;"); /* tools differ in what they encode */
    assert_redacts(r, "?q=%61%20%62%2F%63%2B%64%25%65%26%C3%BC;", "?q=***;");
    assert_redacts(r, "a b/c+d%e&\xc3\xbc", "***");
    assert_redacts(r, "?q=a%20b%2Fc%2", "?q=a%20b%2Fc%2");
}

static void test_redact_json(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();

    redactor_add(r, "q\"b\\s/n\n\xc3\xbc\xf0\x9f\x94\x91", 14);
    assert_redacts(r, "{\"p\":\"q\\\"b\\\\s/n\\n\xc3\xbc\xf0\x9f\x94\x91\"}", "{\"p\":\"***\"}");
    assert_redacts(r, "{\"p\":\"q\\\"b\\\\s\\/n\\u000a\\u00FC\\ud83d\\udd11\"}", "{\"p\":\"***\"}");
    assert_redacts(r, "{\"p\":\"\\u0071\\u0022b\\u005cs/n\\n\\u00fc\\uD83D\\uDD11\"}", "{\"p\":\"***\"}");
    assert_redacts(r, "\\", "\\");
    assert_redacts(r, "\\u", "\\u");
    assert_redacts(r, "q\\\"b\\\\s/n\\n\\ud83d", "q\\\"b\\\\s/n\\n\\ud83d");
}

static void test_redact_lines(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();
    const char *pem = "-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\r\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";

    redactor_add(r, pem, strlen(pem));
    assert_redacts(r, "tool: MIIEvQIBADANBgkq", "tool: ***");
    assert_redacts(r, "tool: hkiG9w0BAQEFAASC.", "tool: ***.");
    assert_redacts(r, pem, "***");
}

static void test_redact_cut(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();
    char line[16];

    redactor_add(r, "correct horse battery", 21);
    snprintf(line, sizeof line, "say correct hor");
    redactor_apply(r, line, sizeof line); /* full: the rest was cut off */
    ASSERT_TEXT(line, "say ***");
    snprintf(line, sizeof line, "say correct");
    redactor_apply(r, line, sizeof line);
    ASSERT_TEXT(line, "say correct");
}

static void *redact_many(void *ctx)
{
    char line[64];

    for (int i = 0; i < 500; i++) {
        char secret[16];

        snprintf(secret, sizeof secret, "secret-%d", i % 20);
        redactor_add(ctx, secret, strlen(secret));
        snprintf(line, sizeof line, "with %s.", secret);
        redactor_apply(ctx, line, sizeof line);
        if (strstr(line, "secret"))
            return ctx;
    }
    return NULL;
}

static void test_redact_threads(void)
{
    CLEANUP(redactor_put) struct redactor *r = redactor_new();
    pthread_t threads[4];
    void *failed;

    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, redact_many, r), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
}

const struct test_case tests[] = {{"the redactor finds secrets as they are, the longest first", test_redact_clear},
                                  {"the redactor finds secrets in base64, inside longer texts too", test_redact_base64},
                                  {"the redactor finds secrets URL-encoded", test_redact_url},
                                  {"the redactor finds secrets JSON-escaped", test_redact_json},
                                  {"the redactor finds the lines of a longer secret", test_redact_lines},
                                  {"the redactor hides the start of a secret where a line was cut", test_redact_cut},
                                  {"the redactor may be used by many threads", test_redact_threads},
                                  {0}};
