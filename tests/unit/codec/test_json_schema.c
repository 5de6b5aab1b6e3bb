/* JSON Schema as plugins write it: what a schema may say, and every keyword held against values that fit and values that do not. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "codec/json_schema.h"
#include "test.h"
#include <string.h>

static void note(void *ctx, enum err_code code, const char *pointer, const char *help, const char *message)
{
    buf_printf(ctx, "%s|%d|%s|%s\n", pointer, err_orc(code), message, help ? help : "");
}

static json_t *read_json(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    if (!value)
        fprintf(stderr, "no JSON: %s\n", text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static const struct {
    const char *schema, *value, *problems;
} cases[] = {
    {"{}", "{\"anything\": [1, null]}", ""},
    {"{\"type\":\"string\"}", "1", "|1004|is not a text|\n"},
    {"{\"type\":[\"string\",\"null\"]}", "null", ""},
    {"{\"type\":[\"string\",\"null\"]}", "true", "|1004|is not a text or null|\n"},
    {"{\"type\":\"integer\"}", "3.0", ""},
    {"{\"type\":\"integer\"}", "3.5", "|1004|is not a whole number|\n"},
    {"{\"type\":\"number\"}", "\"1\"", "|1004|is not a number|\n"},
    {"{\"enum\":[\"s\",\"m\",3]}", "3", ""},
    {"{\"enum\":[\"s\",\"m\",3]}", "\"l\"", "|1005|is none of s, m, 3|\n"},
    {"{\"const\":true}", "false", "|1005|is not true|\n"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1,\"b\":2}", "/a|1004|is not a text|\n"},
    {"{\"properties\":{\"size\":{}},\"additionalProperties\":false}", "{\"sise\":1}",
     "|1003|has no field \"sise\"|did you mean \"size\"?\n"},
    {"{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}", "{\"xxxxxx\":1}",
     "|1003|has no field \"xxxxxx\"|known: a, b\n"},
    {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"x/y~z\":\"no\"}", "/x~1y~0z|1004|is not a whole number|\n"},
    {"{\"required\":[\"name\"]}", "{}", "|1002|needs \"name\"|\n"},
    {"{\"minProperties\":1}", "{}", "|1005|has 0 fields, needs at least 1|\n"},
    {"{\"maxProperties\":1}", "{\"a\":1,\"b\":2}", "|1005|has 2 fields, may have at most 1|\n"},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",2,3]", "/1|1004|is not a text|\n/2|1004|is not a text|\n"},
    {"{\"minItems\":2,\"uniqueItems\":true}", "[1]", "|1005|has 1 item, needs at least 2|\n"},
    {"{\"uniqueItems\":true}", "[1,2,1]", "|1005|has the same item twice (0 and 2)|\n"},
    {"{\"maxItems\":0}", "[1]", "|1005|has 1 item, may have at most 0|\n"},
    {"{\"minLength\":3}", "\"\\u00e4\\u00f6\\u00fc\"", ""},
    {"{\"maxLength\":2}", "\"\\u00e4\\u00f6\\u00fc\"", "|1005|has 3 characters, may have at most 2|\n"},
    {"{\"pattern\":\"^[a-z]+$\"}", "\"abc\"", ""},
    {"{\"pattern\":\"^[a-z]+$\"}", "\"a1\"", "|1005|does not match ^[a-z]+$|\n"},
    {"{\"pattern\":\"^[a-z]+$\",\"examples\":[\"shop\"]}", "\"a1\"", "|1005|does not match ^[a-z]+$|such as shop\n"},
    {"{\"pattern\":\"^[a-z]+$\"}", "\"a\\u0000b\"", "|1005|is too long a text or has a NUL in it|\n"},
    {"{\"pattern\":\"^[a-z]+$\"}", "1", ""},
    {"{\"minimum\":1,\"maximum\":3}", "4", "|1005|is more than 3|\n"},
    {"{\"minimum\":1}", "0.5", "|1005|is less than 1|\n"},
    {"{\"exclusiveMinimum\":1}", "1", "|1005|is not more than 1|\n"},
    {"{\"exclusiveMaximum\":1}", "1", "|1005|is not less than 1|\n"},
    {"{\"multipleOf\":5}", "12", "|1005|is no multiple of 5|\n"},
    {"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "5", "|1005|is more than 3|\n"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":1}]}", "0", "|1005|fits none of the 2 forms that are allowed|\n"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":1}]}", "2", ""},
    {"{\"oneOf\":[{\"minimum\":1},{\"maximum\":3}]}", "2", "|1005|fits 2 of the 2 forms of which it must be exactly one|\n"},
    {"{\"not\":{\"type\":\"null\"}}", "null", "|1005|has a form that is not allowed|\n"},
    {"{\"type\":\"integer\"}", "{\"$secret\":\"env:X\"}", ""},
    {"{\"type\":\"integer\"}", "\"${resources.db.port}\"", ""},
    {"{\"title\":\"t\",\"default\":1,\"format\":\"uri\",\"$comment\":\"c\"}", "1", ""},
};

static void test_values(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(json_put) json_t *schema = read_json(cases[i].schema);
        CLEANUP(json_put) json_t *value = json_loads(cases[i].value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        CLEANUP(buf_fini) struct buf said = BUF_INIT(65536);
        struct err err;
        size_t count, lines = 0;

        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        ASSERT_OK(json_schema_check(schema, &err), err);
        count = json_schema_validate(schema, value, true, note, &said);
        CU_ASSERT_STRING_EQUAL(buf_text(&said), cases[i].problems);
        if (strcmp(buf_text(&said), cases[i].problems) != 0)
            fprintf(stderr, "%s against %s:\n%s", cases[i].value, cases[i].schema, buf_text(&said));
        for (const char *at = buf_text(&said); *at; at++)
            lines += *at == '\n';
        CU_ASSERT_EQUAL(count, lines);
    }
}

static void test_placeholders_are_texts_when_they_are_not_open(void)
{
    CLEANUP(json_put) json_t *schema = read_json("{\"type\":\"integer\"}");
    CLEANUP(json_put) json_t *value = read_json("\"${x}\"");

    CU_ASSERT_EQUAL(json_schema_validate(schema, value, true, NULL, NULL), 0);
    CU_ASSERT_EQUAL(json_schema_validate(schema, value, false, NULL, NULL), 1);
}

static void test_what_is_no_schema(void)
{
    static const struct {
        const char *schema, *why;
    } bad[] = {
        {"[]", "must be a map"},
        {"{\"$ref\":\"#/x\"}", "\"$ref\""},
        {"{\"type\":\"text\"}", "\"type\""},
        {"{\"type\":[]}", "\"type\""},
        {"{\"type\":[[\"string\"]]}", "\"type\""},
        {"{\"enum\":[]}", "\"enum\""},
        {"{\"required\":[1]}", "\"required\""},
        {"{\"minItems\":-1}", "\"minItems\""},
        {"{\"multipleOf\":0}", "\"multipleOf\""},
        {"{\"pattern\":\"(\"}", "\"pattern\""},
        {"{\"pattern\":\"\\\\d\"}", "\"pattern\""},
        {"{\"pattern\":\"(a)\\\\1\"}", "\"pattern\""},
        {"{\"items\":[{}]}", "\"items\""},
        {"{\"properties\":{\"a\":{\"allOf\":[{\"if\":{}}]}}}", "a: allOf 0: the schema's keyword \"if\""},
        {"{\"properties\":{\"a\":1}}", "must be a map"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CLEANUP(json_put) json_t *schema = read_json(bad[i].schema);
        struct err err;

        ASSERT_FAILS(json_schema_check(schema, &err), err, ERR_BAD_VALUE);
        if (!strstr(err.msg, bad[i].why))
            fprintf(stderr, "%s: %s\n", bad[i].schema, err.msg);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, bad[i].why));
    }
}

static void test_a_deep_schema(void)
{
    json_t *schema = json_object();
    struct err err;

    for (int i = 0; i < 100; i++) {
        json_t *outer = json_object();

        json_object_set_new(outer, "not", schema);
        schema = outer;
    }
    ASSERT_FAILS(json_schema_check(schema, &err), err, ERR_LIMIT);
    json_decref(schema);
}

const struct test_case tests[] = {
    {"every keyword is held against values", test_values},
    {"a placeholder fits only while it is open", test_placeholders_are_texts_when_they_are_not_open},
    {"what cannot be held is no schema", test_what_is_no_schema},
    {"a schema that is nested too deeply is refused", test_a_deep_schema},
    {0},
};
