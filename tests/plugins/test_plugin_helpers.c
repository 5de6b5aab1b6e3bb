/* The SDK's getters over JSON: every type, every wrong type, escapes, and texts that are cut or nonsense. */
#include "test.h"
#include <innominatus/helpers.h>
#include <stdlib.h>
#include <string.h>

static void *blocks[4096];
static size_t block_count;

static void *alloc(inno_call *call, uint64_t bytes)
{
    (void)call;
    if (block_count == sizeof blocks / sizeof blocks[0])
        return NULL;
    return blocks[block_count++] = calloc(1, bytes);
}

static void free_blocks(void)
{
    while (block_count > 0)
        free(blocks[--block_count]);
}

static const inno_host host = {.struct_size = sizeof(inno_host), .alloc = alloc};

static inno_resource with(const char *params) { return (inno_resource){.params = {params, strlen(params)}, .host = &host}; }

static void test_getters(void)
{
    inno_resource res =
        with("{\"db\":{\"size\":\"20Gi\",\"replicas\":3,\"on\":true,\"off\":false,\"keep\":\"1h30m\",\"ratio\":-2.5e-1,\"none\":null},"
             "\"list\":[10,[20,{\"x\":\"deep\"}]], \"a.b\": \"dotted\", \"\":\"empty\"}");

    ASSERT_TEXT(inno_get_string(&res, "db.size", "10Gi"), "20Gi");
    CU_ASSERT_EQUAL(inno_get_int(&res, "db.replicas", 1), 3);
    CU_ASSERT_EQUAL(inno_get_bool(&res, "db.on", 0), 1);
    CU_ASSERT_EQUAL(inno_get_bool(&res, "db.off", 1), 0);
    CU_ASSERT_EQUAL(inno_get_duration(&res, "db.keep", 0), 5400000);
    CU_ASSERT_DOUBLE_EQUAL(inno_get_double(&res, "db.ratio", 0), -0.25, 0);
    CU_ASSERT_EQUAL(inno_get_int(&res, "list.0", 0), 10);
    ASSERT_TEXT(inno_get_string(&res, "list.1.1.x", ""), "deep");
    ASSERT_TEXT(inno_get_string(&res, "a\\.b", ""), "dotted");
    free_blocks();
}

static void test_absent_is_not_null(void)
{
    inno_resource res = with("{\"none\":null,\"zero\":0}");

    CU_ASSERT_EQUAL(inno_get_has(&res, "none"), INNO_NULL);
    CU_ASSERT_EQUAL(inno_get_has(&res, "zero"), INNO_PRESENT);
    CU_ASSERT_EQUAL(inno_get_has(&res, "gone"), INNO_ABSENT);
    CU_ASSERT_EQUAL(inno_get_has(&res, "zero.deeper"), INNO_ABSENT);
    ASSERT_TEXT(inno_get_string(&res, "none", "fallback"), "fallback");
}

static void test_wrong_types(void)
{
    inno_resource res = with(
        "{\"s\":\"5\",\"n\":5,\"f\":5.5,\"big\":9223372036854775808,\"most\":9223372036854775807,\"least\":-9223372036854775807,\"o\":{},"
        "\"bad\":\"5 minutes\",\"list\":[1]}");

    CU_ASSERT_EQUAL(inno_get_int(&res, "s", 7), 7);
    ASSERT_TEXT(inno_get_string(&res, "n", "seven"), "seven");
    CU_ASSERT_EQUAL(inno_get_int(&res, "f", 7), 7);
    CU_ASSERT_EQUAL(inno_get_int(&res, "big", 7), 7);
    CU_ASSERT_EQUAL(inno_get_int(&res, "most", 7), INT64_MAX);
    CU_ASSERT_EQUAL(inno_get_int(&res, "least", 7), -INT64_MAX);
    CU_ASSERT_EQUAL(inno_get_bool(&res, "o", 1), 1);
    CU_ASSERT_EQUAL(inno_get_duration(&res, "bad", 9), 9);
    CU_ASSERT_EQUAL(inno_get_duration(&res, "n", 9), 9);
    CU_ASSERT_EQUAL(inno_get_has(&res, "list.1"), INNO_ABSENT);
    CU_ASSERT_EQUAL(inno_get_has(&res, "list.x"), INNO_ABSENT);
}

static void test_escapes(void)
{
    inno_resource res = with("{\"t\":\"a\\\"b\\\\c\\/d\\n\\u00fc\\ud83d\\ude00\",\"k\\u0065y\":1,\"lone\":\"\\ud83d!\"}");
    const char *quoted;

    ASSERT_TEXT(inno_get_string(&res, "t", ""), "a\"b\\c/d\n\xc3\xbc\xf0\x9f\x98\x80");
    CU_ASSERT_EQUAL(inno_get_int(&res, "key", 0), 1);
    CU_ASSERT_EQUAL(strlen(inno_get_string(&res, "lone", "")), 4);
    quoted = inno_json_quote(&host, NULL, "a\"b\\\n\x01z");
    ASSERT_TEXT(quoted, "\"a\\\"b\\\\\\u000a\\u0001z\"");
    ASSERT_TEXT(inno_json_string(&host, NULL, inno_span_of(quoted), "", ""), "a\"b\\\n\x01z");
    free_blocks();
}

static void test_walk(void)
{
    inno_span json = inno_span_of(" { \"a\" : 1 , \"b\" : [ 2 , 3 ] , \"c\" : { } } "), key, value, list;
    uint64_t cursor = 0, inner = 0;
    int members = 0, items = 0;

    while (inno_json_next(json, &cursor, &key, &value))
        members += key.len == 3;
    CU_ASSERT_EQUAL(members, 3);
    CU_ASSERT(inno_json_find(json, "b", &list));
    while (inno_json_next(list, &inner, &key, &value))
        items += key.len == 0 && value.len == 1;
    CU_ASSERT_EQUAL(items, 2);
    inner = 0;
    CU_ASSERT(inno_json_find(json, "c", &list));
    CU_ASSERT(!inno_json_next(list, &inner, &key, &value));
}

static void test_durations(void)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
    } cases[] = {{"0s", 0},
                 {"500ms", 500},
                 {"30s", 30000},
                 {"2d", 172800000},
                 {"1h1m1s1ms", 3661001},
                 {"", -1},
                 {"5", -1},
                 {"s", -1},
                 {"1x", -1},
                 {"1h ", -1},
                 {"-1s", -1},
                 {"99999999999999999999s", -1},
                 {"9223372036854775807d", -1}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;

        CU_ASSERT_EQUAL(inno_duration_ms(cases[i].text, &ms), cases[i].ms >= 0);
        CU_ASSERT_EQUAL(ms, cases[i].ms);
    }
}

/* Every prefix of a text, each in a block of exactly its size, so that a read past it is seen; and random bytes. */
static void test_cut_texts(void)
{
    static const char whole[] = "{\"a\":{\"b\":[1,{\"c\":\"\\u00fc\\ud83d\\ude00\\\"\"},\"1h\"]},\"d\":-1.5e3,\"e\":true,\"f\":null}";
    static const char letters[] = "{}[]\",:\\u0123abc.-truefalsn \x80";
    static const char *const paths[] = {"", "a", "a.b.1.c", "a.b.2", "d", "e", "f", "x.y"};
    unsigned seed = 1;

    for (size_t len = 0; len < 4000; len++) {
        size_t bytes = len < sizeof whole ? len : (size_t)rand_r(&seed) % 60;
        char *text = malloc(bytes ? bytes : 1);
        inno_resource res = {.params = {text, bytes}, .host = &host};

        for (size_t i = 0; i < bytes; i++)
            text[i] = len < sizeof whole ? whole[i] : letters[(size_t)rand_r(&seed) % (sizeof letters - 1)];
        for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
            inno_get_has(&res, paths[p]);
            inno_get_string(&res, paths[p], "");
            inno_get_int(&res, paths[p], 0);
            inno_get_double(&res, paths[p], 0);
            inno_get_bool(&res, paths[p], 0);
            inno_get_duration(&res, paths[p], 0);
        }
        free_blocks();
        free(text);
    }
    CU_PASS("nothing was read past a text");
}

const struct test_case tests[] = {
    {"each getter finds its type by path", test_getters},
    {"absent is not null", test_absent_is_not_null},
    {"another type, an overflow or a fraction gives the fallback", test_wrong_types},
    {"escapes are decoded in texts and keys, and written", test_escapes},
    {"objects and lists can be walked", test_walk},
    {"durations are read strictly", test_durations},
    {"cut and random texts never lead past their end", test_cut_texts},
    {0},
};
