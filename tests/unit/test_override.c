/* What actions have set: laid over params, added to, dropped when the file agrees. */
#include "base/cleanup.h"
#include "base/str.h"
#include "resource/override.h"
#include "test.h"
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err = {0};

    ASSERT_OK(json_parse(text, strlen(text), "test", 1 << 20, &value, &err), err);
    return value;
}

static void applied(const char *params, const char *overrides, const char *expected)
{
    CLEANUP(json_put) json_t *value = parse(params);
    CLEANUP(json_put) json_t *over = overrides ? parse(overrides) : NULL;
    CLEANUP(free_ptr) char *text = NULL;

    override_apply(value, over);
    text = json_canonical(value);
    ASSERT_TEXT(text, expected);
}

static void test_apply(void)
{
    applied("{\"a\":1}", NULL, "{\"a\":1}");
    applied("{\"a\":1}", "{}", "{\"a\":1}");
    applied("{\"a\":1}", "{\"a\":{\"value\":2}}", "{\"a\":2}");
    applied("{}", "{\"a.b.c\":{\"value\":true}}", "{\"a\":{\"b\":{\"c\":true}}}");
    applied("{\"a\":{\"b\":1,\"x\":2}}", "{\"a.b\":{\"value\":[1]}}", "{\"a\":{\"b\":[1],\"x\":2}}");
    applied("{\"a\":7}", "{\"a.b\":{\"value\":1}}", "{\"a\":{\"b\":1}}"); /* what stands in the way gives way */
    applied("{\"a\":1}", "{\"a\":{}}", "{\"a\":1}");
    applied("{\"a\":1}", "{\"\":{\"value\":2},\"..\":{\"value\":3}}", "{\"a\":1}");
    applied("{}", "{\"a\":{\"value\":null}}", "{\"a\":null}");
}

static void test_add(void)
{
    CLEANUP(json_put) json_t *sets = parse("{\"replicas\":5}");
    CLEANUP(json_put) json_t *more = parse("{\"replicas\":6,\"level\":1}");
    CLEANUP(json_put) json_t *one = override_add(NULL, sets, "scale", "ada", 1000000);
    CLEANUP(json_put) json_t *two = override_add(one, more, "grow", "bob", 2000000);

    CU_ASSERT_EQUAL(json_int(json_object_get(one, "replicas"), "value", 0), 5);
    ASSERT_TEXT(json_str(json_object_get(one, "replicas"), "action"), "scale");
    ASSERT_TEXT(json_str(json_object_get(one, "replicas"), "at"), "1970-01-01T00:00:01.000000Z");
    CU_ASSERT_EQUAL(json_object_size(one), 1); /* it is not changed */
    CU_ASSERT_EQUAL(json_int(json_object_get(two, "replicas"), "value", 0), 6);
    ASSERT_TEXT(json_str(json_object_get(two, "level"), "by"), "bob");
}

static void test_left(void)
{
    CLEANUP(json_put) json_t *overrides = parse("{\"a.b\":{\"value\":1},\"c\":{\"value\":2}}");
    CLEANUP(json_put) json_t *both = parse("{\"a\":{\"b\":1},\"c\":2}");
    CLEANUP(json_put) json_t *one = parse("{\"a\":{\"b\":1},\"c\":3}");
    CLEANUP(json_put) json_t *none = parse("{\"a\":{\"b\":1.0}}");
    CLEANUP(json_put) json_t *left_one = override_left(overrides, one);
    CLEANUP(json_put) json_t *left_all = override_left(overrides, none);

    CU_ASSERT_PTR_NULL(override_left(overrides, both));
    CU_ASSERT_PTR_NULL(override_left(NULL, both));
    CU_ASSERT_EQUAL(json_object_size(left_one), 1);
    CU_ASSERT_PTR_NOT_NULL(json_object_get(left_one, "c"));
    CU_ASSERT_EQUAL(json_object_size(left_all), 2);
}

static void test_list(void)
{
    CLEANUP(json_put) json_t *overrides = parse("{\"a.b\":{\"value\":1,\"action\":\"set\",\"by\":\"ada\"},\"c\":{\"value\":2}}");
    CLEANUP(json_put) json_t *params = parse("{\"a\":{\"b\":9}}");
    CLEANUP(json_put) json_t *list = json_array();
    CLEANUP(free_ptr) char *text = NULL;

    override_list(list, "thing", "actor", overrides, params);
    text = json_canonical(list);
    ASSERT_TEXT(text,
                "[{\"action\":\"set\",\"by\":\"ada\",\"file\":9,\"path\":\"a.b\",\"resource\":\"thing\",\"type\":\"actor\",\"value\":1},"
                "{\"path\":\"c\",\"resource\":\"thing\",\"type\":\"actor\",\"value\":2}]");
}

const struct test_case tests[] = {
    {"values are laid over params by their paths", test_apply},
    {"what is set later takes the place of what was set", test_add},
    {"what the file says itself is no override any more", test_left},
    {"the list says what the file says", test_list},
    {0},
};
