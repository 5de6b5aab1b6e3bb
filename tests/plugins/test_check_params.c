/* Params that are made out of a schema. */
#include "base/cleanup.h"
#include "cli/check.h"
#include "codec/json_schema.h"
#include "test.h"
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err;

    ASSERT_OK(json_parse(text, strlen(text), "test", 1 << 20, &value, &err), err);
    return value;
}

static void test_valid(void)
{
    static const char *const schemas[] = {
        "{}",
        "{\"type\":\"object\"}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\",\"minLength\":40}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"^[0-9]+Gi$\"}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":7,\"maximum\":9}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"number\",\"exclusiveMinimum\":10}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"enum\":[\"x\",\"y\"]}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"boolean\"}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":"
        "\"integer\"}}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"object\",\"required\":[\"b\"],\"properties\":{\"b\":{"
        "\"const\":3}}}}}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"^zz[0-9]{4}$\",\"examples\":["
        "\"zz1234\"]}}}",
        "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"a\":{\"type\":\"integer\",\"default\":5},\"b\":{\"type\":"
        "\"string\"}}}",
    };

    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        CLEANUP(json_put) json_t *schema = parse(schemas[i]);
        CLEANUP(json_put) json_t *made = check_params_valid(schema);

        CU_ASSERT(made && json_schema_validate(schema, made, false, NULL, NULL) == 0);
        if (!made)
            fprintf(stderr, "nothing for %s\n", schemas[i]);
    }
}

static void test_unknown(void)
{
    CLEANUP(json_put)
    json_t *schema =
        parse("{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"^zz[0-9]{4}$\"}}}");
    CLEANUP(json_put) json_t *made = check_params_valid(schema), *none = check_params_valid(NULL);

    CU_ASSERT_PTR_NULL(made); /* better none than wrong ones */
    CU_ASSERT(json_is_object(none) && json_object_size(none) == 0);
}

static bool tells(const json_t *bad, const char *why)
{
    const json_t *one;
    size_t i;

    json_array_foreach(bad, i, one) if (strcmp(json_str(one, "why"), why) == 0) return true;
    fprintf(stderr, "no \"%s\"\n", why);
    return false;
}

static void test_bad(void)
{
    CLEANUP(json_put)
    json_t *schema =
        parse("{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\","
              "\"maxLength\":3},\"size\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9},\"kind\":{\"enum\":[\"x\"]},\"tags\":{\"type\":"
              "\"array\",\"maxItems\":1}}}");
    CLEANUP(json_put) json_t *valid = parse("{\"name\":\"abc\"}");
    CLEANUP(json_put) json_t *bad = check_params_bad(schema, valid);
    static const char *const wanted[] = {"name: 42",         "name: \"aaaa\"",
                                         "size: 0",          "size: 10",
                                         "size: \"wrong\"",  "no name",
                                         "kind: 42",         "tags: [\"a0\",\"a1\"]",
                                         "no-such-param: 1", "a list in place of an object"};
    const json_t *one;
    size_t i;

    for (i = 0; i < sizeof wanted / sizeof *wanted; i++)
        CU_ASSERT(tells(bad, wanted[i]));
    json_array_foreach(bad, i, one) CU_ASSERT(json_schema_validate(schema, json_object_get(one, "params"), false, NULL, NULL) > 0);
    CU_ASSERT(json_equal(valid, json_object_get(schema, "nothing")) == 0 && strcmp(json_str(valid, "name"), "abc") == 0);
}

static void test_open(void)
{
    CLEANUP(json_put) json_t *schema = parse("{\"type\":\"object\"}"), *valid = json_object();
    CLEANUP(json_put) json_t *bad = check_params_bad(schema, valid);

    CU_ASSERT_EQUAL(json_array_size(bad), 1); /* only that it is an object can be wrong */
}

const struct test_case tests[] = {
    {"params are found for schemas of every kind", test_valid},
    {"where nothing fits, none are given", test_unknown},
    {"bad params have one thing wrong, and the schema refuses each", test_bad},
    {"a schema that says nothing refuses nearly nothing", test_open},
    {0},
};
