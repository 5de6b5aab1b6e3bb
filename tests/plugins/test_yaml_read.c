/* YAML as plugins read it: kubeconfigs and manifests. */
#include "base64.h"
#include "codec/json.h"
#include "test.h"
#include "yaml_read.h"
#include <stdlib.h>
#include <string.h>

static void same(const char *yaml, const char *json)
{
    char why[300] = "";
    json_t *documents = yaml_read(yaml, strlen(yaml), why, sizeof why);
    char *text = documents ? json_dumps(documents, JSON_COMPACT) : NULL;

    if (!documents)
        fprintf(stderr, "%s: %s\n", yaml, why);
    ASSERT_TEXT(text, json);
    free(text);
    json_decref(documents);
}

static void refused(const char *yaml, size_t len, const char *says)
{
    char why[300] = "";
    json_t *documents = yaml_read(yaml, len, why, sizeof why);

    CU_ASSERT_PTR_NULL(documents);
    ASSERT_CONTAINS(why, says);
    json_decref(documents);
}

static void test_values(void)
{
    same("", "[]");
    same("---\n---\n# nothing\n", "[]");
    same("a: 1\n---\nb: [x, 'y', \"z\\n\"]\n", "[{\"a\":1},{\"b\":[\"x\",\"y\",\"z\\n\"]}]");
    same("[true, False, ~, null, '', yes, no, on]", "[[true,false,null,null,\"\",\"yes\",\"no\",\"on\"]]");
    same("[0644, 0o644, 0x1F, -12, +3, 1.5, 1e3, .5, 1.2.3, 10Gi, 0899, 12:30]",
         "[[420,420,31,-12,3,1.5,1000.0,0.5,\"1.2.3\",\"10Gi\",899,\"12:30\"]]");
    same("text: |\n  one\n  two\nfolded: >\n  a\n  b\n", "[{\"text\":\"one\\ntwo\\n\",\"folded\":\"a b\\n\"}]");
    same("a: &x {k: [1]}\nb: *x\nc: *x\n", "[{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]},\"c\":{\"k\":[1]}}]");
    same("port: !!str 80\n", "[{\"port\":\"80\"}]");
    same("{\"json\": {\"is\": [\"yaml\", 99999999999999999999]}}", "[{\"json\":{\"is\":[\"yaml\",\"99999999999999999999\"]}}]");
}

static void test_refused(void)
{
    char deep[400];

    refused("a: [", 4, "line ");
    refused("a: 1\na: 2\n", 10, "line 2: this key stands twice: a");
    refused("? [a]\n: b\n", 10, "a key must be a text");
    refused("<<: {a: 1}\n", 11, "merge keys");
    refused("a: *b\n", 6, "without an anchor");
    refused("a: &b [*b]\n", 11, "without an anchor");
    refused("a: !secret x\n", 13, "unknown tag");
    refused("a: \"\\0\"\n", 8, "NUL");
    refused("a: \xff\n", 5, "no YAML");
    memset(deep, '[', 300);
    refused(deep, 300, "nested too deeply");
}

static void test_bomb(void)
{
    char yaml[2000] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", line[200];

    for (int i = 1; i < 12; i++) {
        snprintf(line, sizeof line, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        strncat(yaml, line, sizeof yaml - strlen(yaml) - 1);
    }
    refused(yaml, strlen(yaml), "too many values");
}

/* A long text by many names takes no more memory than a text that says it so often may. */
static void test_long_aliases(void)
{
    size_t long_text = 1000000, used = 0, cap = long_text + 1000;
    char *text = malloc(cap), why[300] = "";
    json_t *documents;

    used += (size_t)snprintf(text, cap, "a: &x ");
    memset(text + used, 'y', long_text);
    used += long_text;
    used += (size_t)snprintf(text + used, cap - used, "\nb: [*x");
    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, cap - used, ", *x");
    used += (size_t)snprintf(text + used, cap - used, "]\n");
    documents = yaml_read(text, used, why, sizeof why);
    CU_ASSERT_PTR_NULL(documents);
    ASSERT_CONTAINS(why, "line 2: the aliases stand for more than");
    json_decref(documents);
    free(text);
}

static void test_base64(void)
{
    static const struct {
        const char *in, *out;
    } cases[] = {{"", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj\n", "abc"}, {"YW Jj\r\nZA", "abcd"}};
    static const char *const bad[] = {"Y", "YQ=x", "Y!Q=", "AA==", "YQ==YQ=="};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = base64_decode(cases[i].in);

        ASSERT_TEXT(text, cases[i].out);
        free(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = base64_decode(bad[i]);

        CU_ASSERT_PTR_NULL(text);
        free(text);
    }
}

const struct test_case tests[] = {
    {"documents, scalars, collections and aliases become JSON", test_values},
    {"what is wrong is told with its line", test_refused},
    {"aliases of aliases end at a limit", test_bomb},
    {"aliases of long texts end at a limit", test_long_aliases},
    {"base64 of texts", test_base64},
    {0},
};
