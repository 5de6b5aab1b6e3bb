/* The YAML that is written is read back as the same value. */
#include "base/cleanup.h"
#include "cli/yaml.h"
#include "codec/node.h"
#include "test.h"
#include <string.h>

static void assert_same(const json_t *value)
{
    struct arena arena = {0};
    struct buf text = BUF_INIT(1 << 20);
    struct diag_list diags = diag_list_make(&arena, "yaml");
    CLEANUP(json_put) json_t *back = NULL;
    struct node *root;

    yaml_emit(value, &text);
    root = node_parse_yaml(buf_text(&text), text.len, &arena, &diags);
    back = root ? node_to_json(root) : NULL;
    if (!back || !json_equal(back, (json_t *)(uintptr_t)value)) {
        fprintf(stderr, "written:\n%s\n%s", buf_text(&text), diags.count ? diags.items[0].message : "");
        CU_FAIL("another value came back");
    }
    buf_fini(&text);
    arena_fini(&arena);
}

static const char *const texts[] = {
    "",
    " ",
    "a",
    "plain text",
    "true",
    "True",
    "YES",
    "no",
    "off",
    "null",
    "~",
    "Null",
    "1",
    "1.5",
    "0x1f",
    "0o17",
    "1e3",
    "-1",
    ".5",
    ".inf",
    "-.INF",
    ".nan",
    "1_000",
    "2026-11-21",
    "12:30:00",
    "- a",
    "-",
    "--",
    "---",
    "...",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a:b",
    "a #b",
    "#a",
    "a#b",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    ">",
    "'a'",
    "\"a\"",
    "{a}",
    "[a]",
    "a, b",
    "%a",
    "@a",
    "`a",
    "a\\b",
    "a\nb",
    "a\nb\n",
    "a\n\nb\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "a\n b",
    "a\tb",
    "\ta",
    "a\t\nb",
    "a\r\nb",
    "\n",
    "\n\n",
    "k: v\n  - x\n",
    "# x\ny\n",
    "\xc3\xa9",
    "\xe2\x9c\x93 done",
    "\xe2\x80\xa8",
    "\xc2\x85",
    "\xef\xbb\xbf\x62om",
    "\x7f",
    "\x01",
    "http://127.0.0.1:8081/x?y=1#z",
    "/a/b",
    "_a",
    "${resources.db.url}",
    "=",
    "<<",
    "y",
    "n",
    "On",
    "trailing ",
    "colon: ",
    "a'b",
    "line\n...\nline",
    "x\n---\ny",
};
#define TEXTS (sizeof texts / sizeof *texts)

static void test_texts(void)
{
    for (size_t i = 0; i < TEXTS; i++) {
        CLEANUP(json_put) json_t *text = json_string(texts[i]);
        CLEANUP(json_put) json_t *in_map = json_pack("{s:O, s:{s:O}}", "k", text, "m", "k", text);
        CLEANUP(json_put) json_t *in_list = json_pack("[O, [O], {s:O}]", text, text, "k", text);
        CLEANUP(json_put) json_t *as_key = json_object();

        json_object_set_new(as_key, texts[i], json_integer(1));
        assert_same(text);
        assert_same(in_map);
        assert_same(in_list);
        assert_same(as_key);
    }
}

static void test_shapes(void)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-5",
        "9223372036854775807",
        "1.0",
        "0.1",
        "-1e300",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "[[[1]]]",
        "[1,[2,[3,{\"a\":[4]}]]]",
        "{\"a\":{\"b\":{\"c\":[{\"d\":1,\"e\":[1,2]},{\"f\":null}]}}}",
        "[{\"a\":{\"b\":1}},{\"c\":[{\"d\":{}}]}]",
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CLEANUP(json_put) json_t *value = json_loads(values[i], JSON_DECODE_ANY, NULL);

        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        assert_same(value);
    }
}

static void test_form(void)
{
    CLEANUP(json_put)
    json_t *value = json_pack("{s:s, s:[s, {s:i, s:s}], s:s, s:{}, s:s}", "name", "shop", "list", "a", "n", 1, "t", "true", "script",
                              "one\ntwo\n", "none", "last", "x: y");
    struct buf text = BUF_INIT(4096);

    yaml_emit(value, &text);
    ASSERT_TEXT(buf_text(&text),
                "name: shop\nlist:\n  - a\n  - \"n\": 1\n    t: \"true\"\nscript: |\n  one\n  two\nnone: {}\nlast: \"x: y\"\n");
    buf_fini(&text);
}

/* Texts made of the characters that mean something, in every order a small generator comes to. */
static void test_garbage(void)
{
    static const char *const parts[] = {"a", " ", ":", "#", "-", "\n", "'", "\"", "\\", "{",        "]", ",",
                                        "&", "*", "|", ">", "%", "@",  "1", ".",  "\t", "\xc3\xa9", "?", "!"};
    uint64_t state = 88172645463325252ULL;

    for (int round = 0; round < 3000; round++) {
        struct buf text = BUF_INIT(256);
        CLEANUP(json_put) json_t *value = NULL;

        for (int i = 0; i < 7; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            buf_add_text(&text, parts[state % (sizeof parts / sizeof *parts)]);
        }
        value = json_pack("{s:s, s:[s]}", "k", buf_text(&text), "l", buf_text(&text));
        assert_same(value);
        buf_fini(&text);
    }
}

const struct test_case tests[] = {
    {"every text comes back, wherever it stands", test_texts},
    {"every shape comes back", test_shapes},
    {"the form is what people write", test_form},
    {"texts of nothing but meaningful characters come back", test_garbage},
    {0},
};
