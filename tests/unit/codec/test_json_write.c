/* Writing JSON: byte for byte what jansson writes, because hashes in databases are made of it; real numbers with fewer digits. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "codec/json.h"
#include "test.h"
#include <stdio.h>
#include <string.h>

static void same(const json_t *value)
{
    CLEANUP(free_ptr) char *plain = json_text(value);
    CLEANUP(free_ptr) char *sorted = json_canonical(value);
    CLEANUP(free_ptr) char *wanted = json_dump_text(value, JSON_COMPACT | JSON_ENCODE_ANY);
    CLEANUP(free_ptr) char *wanted_sorted = json_dump_text(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);

    ASSERT_TEXT(plain, wanted);
    CU_ASSERT(json_text_most(value) >= strlen(plain));
    ASSERT_TEXT(sorted, wanted_sorted);
}

static void test_characters(void)
{
    for (int c = 1; c < 256; c++) {
        char text[8];
        CLEANUP(json_put) json_t *value = NULL;
        CLEANUP(json_put) json_t *object = json_object();

        if (c < 0x80)
            snprintf(text, sizeof text, "a%cb", c);
        else
            snprintf(text, sizeof text, "%c%c", 0xc0 | (c >> 6), 0x80 | (c & 0x3f));
        value = json_string(text);
        same(value);
        json_object_set(object, text, value);
        same(object);
    }
}

static void test_numbers(void)
{
    static const json_int_t integers[] = {0, 1, -1, 9, 10, -10, 1234567890123, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    static const struct {
        double value;
        const char *text;
    } reals[] = {{0.0, "0.0"},
                 {-0.0, "-0.0"},
                 {1.0, "1.0"},
                 {0.1, "0.1"},
                 {0.6, "0.6"},
                 {123456.789, "123456.789"},
                 {1e300, "1e300"},
                 {-1e-300, "-1e-300"},
                 {1e17, "1e17"},
                 {999999999999999.0, "999999999999999.0"},
                 {1e15, "1e15"},
                 {-2.0, "-2.0"},
                 {2.5, "2.5"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1.0 / 3, "0.3333333333333333"}};

    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        CLEANUP(json_put) json_t *value = json_integer(integers[i]);

        same(value);
    }
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        CLEANUP(json_put) json_t *value = json_real(reals[i].value);
        CLEANUP(free_ptr) char *text = json_text(value);

        ASSERT_TEXT(text, reals[i].text);
    }
}

static uint32_t next(uint32_t *state) { return *state = *state * 1664525u + 1013904223u, *state >> 8; }

static json_t *tree(uint32_t *state, unsigned depth)
{
    unsigned kind = next(state) % (depth ? 8 : 6), count = next(state) % 40;
    json_t *value;
    char text[32];

    snprintf(text, sizeof text, "%.*s\"\\\n%u", (int)(next(state) % 5), "key\xc3\xbc", next(state) % 1000);
    if (kind < 6)
        return kind == 0   ? json_true()
               : kind == 1 ? json_null()
               : kind == 2 ? json_real((double)next(state) / 8)
               : kind == 3 ? json_integer(-(json_int_t)next(state))
                           : json_stringn(text, strcspn(text, "\xc3"));
    value = kind == 6 ? json_array() : json_object();
    for (unsigned i = 0; i < count; i++)
        if (kind == 6) {
            json_array_append_new(value, tree(state, depth - 1));
        } else {
            char key[16];

            snprintf(key, sizeof key, "%.*s%u", (int)(next(state) % 4), "aab", next(state) % 30);
            json_object_set_new(value, key, tree(state, depth - 1));
        }
    return value;
}

static void test_trees(void)
{
    uint32_t state = 42;

    for (int i = 0; i < 200; i++) {
        CLEANUP(json_put) json_t *value = tree(&state, 3);

        same(value);
    }
}

static void test_clones(void)
{
    uint32_t state = 7;

    for (int i = 0; i < 100; i++) {
        CLEANUP(json_put) json_t *value = tree(&state, 3);
        CLEANUP(json_put) json_t *copy = json_clone(value);
        CLEANUP(free_ptr) char *one = json_text(value);
        CLEANUP(free_ptr) char *other = json_text(copy);

        CU_ASSERT(json_equal(value, copy));
        ASSERT_TEXT(other, one); /* in the same order */
        CU_ASSERT((!json_is_object(value) && !json_is_array(value)) || copy != value);
    }
    CU_ASSERT_PTR_NULL(json_clone(NULL));
}

static void test_deep_and_long(void)
{
    CLEANUP(json_put) json_t *value = json_object();
    CLEANUP(free_ptr) char *text = mem_alloc(100001);

    memset(text, '"', 100000); /* every character grows */
    text[100000] = '\0';
    json_set_str(value, "long", text);
    for (int i = 0; i < 500; i++) {
        json_t *outer = i % 2 ? json_array() : json_object();

        if (i % 2)
            json_array_append_new(outer, value);
        else
            json_object_set_new(outer, "k", value);
        value = outer;
    }
    same(value);
}

const struct test_case tests[] = {
    {"every character is escaped as jansson does, in texts and keys", test_characters},
    {"numbers are read back as what they were, in the fewest digits", test_numbers},
    {"trees of all kinds are written as jansson does, sorted or not", test_trees},
    {"a clone is equal, in the same order, and shares nothing", test_clones},
    {"deep and long values are written whole", test_deep_and_long},
    {0},
};
