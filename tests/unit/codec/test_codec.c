/* JSON, diagnostics and units. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codec/diag.h"
#include "codec/json.h"
#include "codec/units.h"
#include "test.h"
#include <string.h>

static int parse(const char *text, json_t **out, struct err *err) { return json_parse(text, strlen(text), "body", 1000, out, err); }

static void test_json_round_trip(void)
{
    CLEANUP(json_put) json_t *v = NULL;
    struct err err = {0};

    ASSERT_OK(parse("{\"b\":1,\"a\":[true,null,\"x\"]}", &v, &err), err);
    CLEANUP(free_ptr) char *sorted = json_canonical(v);
    CLEANUP(free_ptr) char *plain = json_text(v);
    ASSERT_TEXT(sorted, "{\"a\":[true,null,\"x\"],\"b\":1}");
    ASSERT_TEXT(plain, "{\"b\":1,\"a\":[true,null,\"x\"]}");
    CLEANUP(free_ptr) char *none = json_text(NULL);
    ASSERT_TEXT(none, "null");
}

static void test_json_refuses(void)
{
    json_t *v = NULL;
    struct err err = {0};
    char deep[400];

    ASSERT_FAILS(parse("{\"a\":1,\"a\":2}", &v, &err), err, ERR_DUPLICATE_KEY);
    ASSERT_FAILS(parse("{\"a\":\n}", &v, &err), err, ERR_SYNTAX);
    ASSERT_CONTAINS(err.msg, "body:2:1");
    ASSERT_FAILS(parse("{} {}", &v, &err), err, ERR_SYNTAX);
    ASSERT_FAILS(parse("", &v, &err), err, ERR_SYNTAX);
    ASSERT_FAILS(parse("\"\xff\"", &v, &err), err, ERR_ENCODING);
    ASSERT_FAILS(json_parse("\"\0\"", 3, "body", 10, &v, &err), err, ERR_ENCODING);
    ASSERT_FAILS(parse("\"\\u0000\"", &v, &err), err, ERR_SYNTAX);
    ASSERT_FAILS(json_parse("[1,2,3]", 7, "body", 6, &v, &err), err, ERR_LIMIT);
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    deep[130] = '\0';
    ASSERT_FAILS(parse(deep, &v, &err), err, ERR_LIMIT);
    CU_ASSERT_PTR_NULL(v);
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    deep[128] = '\0';
    ASSERT_OK(parse(deep, &v, &err), err);
    json_put(&v);
    ASSERT_OK(parse("\"[[[[[\\\"[[[\"", &v, &err), err);
    json_put(&v);
}

static void test_json_paths(void)
{
    CLEANUP(json_put) json_t *v = NULL;
    struct err err = {0};

    ASSERT_OK(parse("{\"a\":{\"x.y\":[10,{\"z\":\"deep\"}]},\"n\":5,\"t\":true}", &v, &err), err);
    ASSERT_TEXT(json_string_value(json_at(v, "a.x\\.y.1.z")), "deep");
    CU_ASSERT_EQUAL(json_integer_value(json_at(v, "a.x\\.y.0")), 10);
    CU_ASSERT_PTR_NULL(json_at(v, "a.x\\.y.2"));
    CU_ASSERT_PTR_NULL(json_at(v, "a.x\\.y.-1"));
    CU_ASSERT_PTR_NULL(json_at(v, "a.x.y"));
    CU_ASSERT_PTR_NULL(json_at(v, "n.more"));
    CU_ASSERT_PTR_NULL(json_at(NULL, "a"));
    CU_ASSERT_EQUAL(json_int(v, "n", 9), 5);
    CU_ASSERT_EQUAL(json_int(v, "a", 9), 9);
    CU_ASSERT_TRUE(json_flag(v, "t", false));
    CU_ASSERT_TRUE(json_flag(v, "missing", true));
}

static void test_json_secrets(void)
{
    CLEANUP(json_put) json_t *v = json_object();

    json_set_str(v, "none", NULL);
    json_set_new(v, "nothing", NULL);
    json_set_time(v, "never", 0);
    CU_ASSERT_EQUAL(json_object_size(v), 0);
    json_set_new(v, "list", json_pack("[s,o]", "x", json_secret_new("env:PASSWORD")));
    CU_ASSERT_TRUE(json_has_secret(v));
    ASSERT_TEXT(json_secret_ref(json_at(v, "list.1")), "env:PASSWORD");
    CU_ASSERT_PTR_NULL(json_secret_ref(v));
    CU_ASSERT_FALSE(json_has_secret(json_at(v, "list.0")));
    json_set_time(v, "at", 1);
    ASSERT_TEXT(json_str(v, "at"), "1970-01-01T00:00:00.000001Z");
}

static void test_diag_render(void)
{
    struct arena arena = {0};
    struct diag_list list = diag_list_make(&arena, "app.yaml");
    const char *source = "a: b\n\nconatiners:\n  memory: 128MB\n  x: ${resources.database.host}\n";
    struct err err = {0};

    diag_add(&list, DIAG_ERROR, ERR_UNKNOWN_RESOURCE, 5, 6, 26, "/x", "resources here: db, cache",
             "${resources.database.host}: no resource \"%s\"", "database");
    diag_add(&list, DIAG_ERROR, ERR_UNKNOWN_FIELD, 3, 1, 10, "/conatiners", "did you mean \"containers\"?", "unknown field \"conatiners\"");
    diag_add(&list, DIAG_WARNING, ERR_DEPRECATED, 4, 11, 5, "/memory", NULL, "evil \033[31m\ntext");
    diag_sort(&list);
    ASSERT_TEXT(diag_render(&list, source, false, &arena),
                "app.yaml:3:1: error[ORC-1003]: unknown field \"conatiners\"\n"
                "   3 | conatiners:\n"
                "     | ^^^^^^^^^^ help: did you mean \"containers\"?\n"
                "app.yaml:4:11: warning[ORC-1012]: evil ?[31m text\n"
                "   4 |   memory: 128MB\n"
                "     |           ^^^^^\n"
                "app.yaml:5:6: error[ORC-1020]: ${resources.database.host}: no resource \"database\"\n"
                "     | help: resources here: db, cache\n");
    CU_ASSERT_EQUAL(list.errors, 2);
    CU_ASSERT_EQUAL(list.warnings, 1);
    CU_ASSERT_EQUAL(diag_to_err(&list, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_UNKNOWN_FIELD);
    ASSERT_CONTAINS(err.msg, "app.yaml:3:1: unknown field");
    CLEANUP(json_put) json_t *json = diag_to_json(&list);
    ASSERT_TEXT(json_string_value(json_at(json, "0.code")), "ORC-1003");
    ASSERT_TEXT(json_string_value(json_at(json, "0.path")), "/conatiners");
    CU_ASSERT_EQUAL(json_integer_value(json_at(json, "0.line")), 3);
    CU_ASSERT_PTR_NULL(json_at(json, "1.suggestion"));
    CU_ASSERT_PTR_NOT_NULL(strstr(diag_render(&list, source, true, &arena), "\033[1;31m"));
    arena_fini(&arena);
}

static void test_diag_limit(void)
{
    struct arena arena = {0};
    struct diag_list list = diag_list_make(&arena, NULL);

    for (int i = 0; i < LIMIT_DIAGS + 50; i++)
        diag_add(&list, DIAG_ERROR, ERR_BAD_VALUE, 1000 - i, 1, 1, NULL, NULL, "number %d", i);
    CU_ASSERT_EQUAL(list.count, LIMIT_DIAGS);
    CU_ASSERT_EQUAL(list.errors, LIMIT_DIAGS + 50);
    CU_ASSERT_TRUE(list.truncated);
    diag_sort(&list);
    ASSERT_TEXT(list.items[LIMIT_DIAGS - 1].message, "number 0");
    ASSERT_CONTAINS(diag_render(&list, NULL, false, &arena), "only the first 200");
    arena_fini(&arena);
}

static void test_diag_odd_places(void)
{
    struct arena arena = {0};
    struct diag_list list = diag_list_make(&arena, "f");
    char *wide = mem_alloc(5001);

    memset(wide, 'x', 5000);
    wide[5000] = '\0';
    diag_add(&list, DIAG_ERROR, ERR_SYNTAX, 1, 4000, 9000, NULL, NULL, "far");
    diag_add(&list, DIAG_ERROR, ERR_SYNTAX, 99, 1, 1, NULL, NULL, "behind the end");
    diag_add(&list, DIAG_ERROR, ERR_SYNTAX, 1, 100000, 2, NULL, NULL, "behind the line");
    CU_ASSERT(strlen(diag_render(&list, wide, false, &arena)) < 1200);
    ASSERT_CONTAINS(diag_render(&list, "\xc3\xa4\xc3\xb6: x", false, &arena), "f:99:1");
    free(wide);
    arena_fini(&arena);
}

static void test_durations(void)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"30s", 30000}, {"5m", 300000},    {"1h30m", 5400000}, {"24h", 86400000},
                {"500ms", 500}, {"2d", 172800000}, {"0s", 0},          {"1d2h3m4s5ms", 93784005}};
    static const char *const bad[] = {
        "",      "30", "s",    "-5s", "5 m", "1.5h", "30m1h", "5s5s", "99999999999999999d", "9999999999999999999999s",
        "1hour", "5S", "1h30", "+5s", " 5s", "5s ",  NULL};
    char text[32];
    struct err err = {0};
    int64_t ms;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ASSERT_OK(duration_parse(good[i].text, &ms, &err), err);
        CU_ASSERT_EQUAL(ms, good[i].ms);
        ASSERT_OK(duration_parse(duration_format(ms, text), &ms, &err), err);
        CU_ASSERT_EQUAL(ms, good[i].ms);
    }
    for (size_t i = 0; bad[i]; i++)
        ASSERT_FAILS(duration_parse(bad[i], &ms, &err), err, ERR_DURATION);
    ASSERT_FAILS(duration_parse("30", &ms, &err), err, ERR_DURATION);
    ASSERT_CONTAINS(err.msg, "30s");
    ASSERT_TEXT(duration_format(5400000, text), "1h30m");
    ASSERT_TEXT(duration_format(250, text), "250ms");
    ASSERT_TEXT(duration_format(172800000, text), "2d");
    ASSERT_TEXT(duration_format(129600000, text), "36h");
    ASSERT_TEXT(duration_format(0, text), "0s");
    ASSERT_TEXT(duration_format(INT64_MAX, text), "2562047788015h12m55s807ms");
}

static void test_quantities(void)
{
    static const struct {
        const char *text;
        int64_t milli;
    } good[] = {{"2", 2000},     {"500m", 500}, {"0.5", 500}, {"1.5Gi", 1610612736000}, {"128Mi", 134217728000}, {"64MiB", 67108864000},
                {"1k", 1000000}, {"0.0001", 1}};
    static const char *const bad[] = {"", "Mi", "1.", ".5", "-1", "1e3", "128MB", "1 Mi", "12x", "9E", "99999999999999999999", NULL};
    struct err err = {0};
    int64_t value;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ASSERT_OK(quantity_parse(good[i].text, &value, &err), err);
        CU_ASSERT_EQUAL(value, good[i].milli);
    }
    for (size_t i = 0; bad[i]; i++)
        ASSERT_FAILS(quantity_parse(bad[i], &value, &err), err, ERR_QUANTITY);
    ASSERT_FAILS(quantity_parse("128MB", &value, &err), err, ERR_QUANTITY);
    ASSERT_CONTAINS(err.msg, "write 128M (megabytes) or 128Mi (mebibytes)");
    ASSERT_FAILS(quantity_parse("2 gb", &value, &err), err, ERR_QUANTITY);
    ASSERT_CONTAINS(err.msg, "write 2G (gigabytes) or 2Gi (gibibytes)");
    ASSERT_OK(bytes_parse("64MiB", &value, &err), err);
    CU_ASSERT_EQUAL(value, 64 << 20);
    ASSERT_OK(bytes_parse("7Ei", &value, &err), err);
    ASSERT_FAILS(bytes_parse("8Ei", &value, &err), err, ERR_QUANTITY);
    ASSERT_FAILS(bytes_parse("1.5", &value, &err), err, ERR_QUANTITY);
    ASSERT_FAILS(bytes_parse("500m", &value, &err), err, ERR_QUANTITY);
}

static void test_base64(void)
{
    static const char *const bad[] = {"A", "AA", "AAA", "A===", "AA=A", "AAA=AAAA", "AA==AA==", "A A=", "-_8=", "=AAA", NULL};
    const unsigned char all[] = {0, 255, 16, 7, 128, 200};
    struct err err = {0};
    char *out = NULL;
    size_t len = 0;

    for (size_t n = 0; n <= sizeof all; n++) {
        CLEANUP(free_ptr) char *text = base64_encode(all, n);

        ASSERT_OK(base64_decode(text, &out, &len, &err), err);
        CU_ASSERT(len == n && memcmp(out, all, n) == 0);
        free(out);
    }
    ASSERT_OK(base64_decode("aGVs\r\nbG8=\n", &out, &len, &err), err);
    ASSERT_TEXT(out, "hello");
    free(out);
    for (size_t i = 0; bad[i]; i++)
        ASSERT_FAILS(base64_decode(bad[i], &out, &len, &err), err, ERR_ENCODING);
}

static void test_freeze(void)
{
    CLEANUP(json_put) json_t *doc = json_loads("{\"a\": [1, {\"b\": \"x\"}], \"t\": true, \"n\": null}", 0, NULL);
    json_t *shared = json_array_get(json_object_get(doc, "a"), 1), *copy;

    json_object_set(doc, "again", shared); /* one node in two places */
    copy = json_freeze(doc);
    CU_ASSERT_EQUAL(json_array_get(json_object_get(copy, "a"), 0)->refcount, (size_t)-1);
    json_decref(json_incref(json_object_get(copy, "a"))); /* leaves no trace */
    CU_ASSERT_TRUE(json_equal(copy, doc));
    json_frozen_free(copy);
    json_freeze_in_place(doc);
    json_decref(shared);
    ASSERT_TEXT(json_str(json_object_get(doc, "again"), "b"), "x");
    json_frozen_free(doc); /* ASan sees a leak or a double free */
    doc = NULL;
    CU_ASSERT_PTR_NULL(json_freeze(NULL));
}

static void test_arena_values(void)
{
    CLEANUP(arena_fini) struct arena arena = {0}, other = {0};
    CLEANUP(json_put) json_t *heap = json_pack("{s:s}", "kept", "on the heap");
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};
    json_t *value, *part;

    CU_ASSERT_PTR_NULL(json_use_arena(&arena));
    ASSERT_OK(json_parse("{\"a\": [1, 2.5, \"x\"], \"b\": {}}", 29, "t", 100, &value, &err), err);
    text = json_dump_text(value, JSON_COMPACT); /* free() takes it */
    CU_ASSERT_PTR_EQUAL(json_use_arena(&other), &arena);
    part = json_object();
    for (int i = 0; i < 1000; i++) /* the table of a value of one arena grows in another, which lives as long */
        json_set_int(value, arena_printf(&arena, "k%d", i), i);
    CU_ASSERT_PTR_EQUAL(json_use_arena(NULL), &other);
    json_object_set(heap, "part", part);
    json_object_del(heap, "part");
    json_decref(part);
    json_object_set_new(heap, "later", json_clone(value)); /* the copy is the heap's: it outlives both */
    json_object_del(value, "a");
    json_decref(value);
    arena_join(&arena, &other);
    CU_ASSERT_PTR_NULL(other.head);
    arena_fini(&arena);
    ASSERT_TEXT(text, "{\"a\":[1,2.5,\"x\"],\"b\":{}}");
    CU_ASSERT_EQUAL(json_object_size(json_object_get(heap, "later")), 1002);
    CU_ASSERT_EQUAL(json_int(json_object_get(heap, "later"), "k999", 0), 999);
}

const struct test_case tests[] = {
    {"a frozen document is not counted and freed once", test_freeze},
    {"values of an arena go with it, and mix with those of the heap", test_arena_values},
    {"JSON keeps its order, its canonical text is sorted", test_json_round_trip},
    {"JSON with duplicate keys, NUL, bad UTF-8, excess depth or size is refused", test_json_refuses},
    {"a dotted path finds a value and never a wrong one", test_json_paths},
    {"a secret is found wherever it stands, absent members stay absent", test_json_secrets},
    {"diagnostics are rendered with caret and help, without control characters", test_diag_render},
    {"diagnostics stop at their limit and go on counting", test_diag_limit},
    {"diagnostics at odd places render in bounded space", test_diag_odd_places},
    {"durations are read strictly and written back", test_durations},
    {"quantities are exact, and a slip gets a suggestion", test_quantities},
    {"base64 is standard, padded and strict", test_base64},
    {0},
};
