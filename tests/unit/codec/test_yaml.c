/* YAML into nodes: types, places, limits, hostile documents. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "codec/node.h"
#include "test.h"
#include <string.h>

static struct arena arena;
static struct diag_list diags;

static struct node *parse_bytes(const char *text, size_t len)
{
    arena_fini(&arena);
    diags = diag_list_make(&arena, "f");
    return node_parse_yaml(text, len, &arena, &diags);
}

static struct node *parse(const char *text) { return parse_bytes(text, strlen(text)); }

/* The document is refused with this code at this place, and nothing comes back. */
static void refused(const char *text, enum err_code code, int line, int column)
{
    struct node *root = parse(text);

    CU_ASSERT_PTR_NULL(root);
    CU_ASSERT(diags.count > 0);
    if (!diags.count || diags.items[0].code != code || diags.items[0].line != line || diags.items[0].column != column)
        fprintf(stderr, "%s\n-> %s", text, diag_render(&diags, NULL, false, &arena));
    CU_ASSERT(diags.count > 0 && diags.items[0].code == code);
    CU_ASSERT(diags.count > 0 && diags.items[0].line == line && diags.items[0].column == column);
}

static void test_types(void)
{
    static const struct {
        const char *text;
        enum node_kind kind;
    } cases[] = {
        {"yes", NODE_STRING},   {"no", NODE_STRING},         {"on", NODE_STRING},   {"off", NODE_STRING},      {"y", NODE_STRING},
        {"true", NODE_BOOL},    {"False", NODE_BOOL},        {"tRUE", NODE_STRING}, {"null", NODE_NULL},       {"~", NODE_NULL},
        {"", NODE_NULL},        {"0644", NODE_INT},          {"0o644", NODE_INT},   {"0x1F", NODE_INT},        {"-12", NODE_INT},
        {"+12", NODE_INT},      {"12_000", NODE_STRING},     {"1.5", NODE_REAL},    {".5", NODE_REAL},         {"1.", NODE_REAL},
        {"1e3", NODE_REAL},     {"1e", NODE_STRING},         {"-.5", NODE_REAL},    {".", NODE_STRING},        {"1.2.3", NODE_STRING},
        {"12:30", NODE_STRING}, {"2001-01-01", NODE_STRING}, {"'1'", NODE_STRING},  {"\"true\"", NODE_STRING}, {"!!str 1", NODE_STRING},
        {"!!int 1", NODE_INT},  {"!!float 1", NODE_REAL},    {"! 1", NODE_STRING},  {"0o8", NODE_STRING},      {"0b1", NODE_STRING},
        {"-", NODE_LIST},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct node *root = parse(cases[i].text);

        CU_ASSERT_PTR_NOT_NULL_FATAL(root);
        if (root->kind != cases[i].kind)
            fprintf(stderr, "%s is %s\n", cases[i].text, node_kind_name(root->kind));
        CU_ASSERT_EQUAL(root->kind, cases[i].kind);
    }
    CU_ASSERT_EQUAL(parse("0o644")->integer, 0644);
    CU_ASSERT_EQUAL(parse("0644")->integer, 644);
    CU_ASSERT_EQUAL(parse("0x1F")->integer, 31);
    CU_ASSERT_EQUAL(parse("-9223372036854775808")->integer, INT64_MIN);
}

static void test_places(void)
{
    struct node *root = parse("a:\n  - x: 'q'\n    yy: 12345\n  - &n {k: v}\n  - *n\n");
    const struct node *value = node_locate(root, "/a/0/yy");

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_EQUAL(value->line, 3);
    CU_ASSERT_EQUAL(value->column, 9);
    CU_ASSERT_EQUAL(value->width, 5);
    CU_ASSERT_EQUAL(node_pair(node_locate(root, "/a/0"), "yy")->column, 5);
    CU_ASSERT_TRUE(node_get(node_locate(root, "/a/0"), "x")->quoted);
    ASSERT_TEXT(node_str(node_locate(root, "/a/2"), "k"), "v");
    CU_ASSERT_PTR_EQUAL(node_locate(root, "/a/9/z"), node_get(root, "a"));
    CU_ASSERT_PTR_NULL(node_get(NULL, "x"));
    CU_ASSERT_PTR_NULL(node_str(node_locate(root, "/a/0"), "yy"));
    root = parse("'a/b': {'~': 1}\n");
    CU_ASSERT_EQUAL(node_locate(root, "/a~1b/~0")->integer, 1);
    CLEANUP(json_put) json_t *json = node_to_json(parse("{a: [1, 2.5, true, null, x], 5: y}"));
    CLEANUP(free_ptr) char *text = json_canonical(json);
    ASSERT_TEXT(text, "{\"5\":\"y\",\"a\":[1,2.5,true,null,\"x\"]}");
    root = node_from_json(json, &arena);
    CU_ASSERT_EQUAL(root->line, 0);
    CLEANUP(json_put) json_t *again = node_to_json(root);
    CU_ASSERT_TRUE(json_equal(json, again));
}

static void test_place_in_scalar(void)
{
    const char *source = "a: \"x ${p} ${p}\"\nb: |\n  one\n  \xc3\xa4 ${q}\n";
    struct node *root = parse(source);
    int line = 0, column = 0;

    node_place(node_get(root, "a"), source, 7, 4, &line, &column);
    CU_ASSERT_EQUAL(line, 1);
    CU_ASSERT_EQUAL(column, 12);
    node_place(node_get(root, "b"), source, 7, 4, &line, &column);
    CU_ASSERT_EQUAL(line, 4);
    CU_ASSERT_EQUAL(column, 5);
    node_place(node_get(root, "b"), NULL, 7, 4, &line, &column);
    CU_ASSERT_EQUAL(line, 2);
}

static void test_refused(void)
{
    refused("a: 1\nb: 2\na: 3\n", ERR_DUPLICATE_KEY, 3, 1);
    refused("a: {x: 1, 'x': 2}\n", ERR_DUPLICATE_KEY, 1, 11);
    refused("base: &b {x: 1}\nc:\n  <<: *b\n", ERR_SYNTAX, 3, 3);
    refused("a: 1\n---\nb: 2\n", ERR_SYNTAX, 2, 1);
    refused("a: !!binary aGk=\n", ERR_SYNTAX, 1, 4);
    refused("a: !mine x\n", ERR_SYNTAX, 1, 4);
    refused("a: !!set {x}\n", ERR_SYNTAX, 1, 4);
    refused("a: !!int x\n", ERR_SYNTAX, 1, 4);
    refused("a: *nobody\n", ERR_SYNTAX, 1, 4);
    refused("a: &x [*x]\n", ERR_SYNTAX, 1, 8);
    refused("? [a, b]\n: c\n", ERR_SYNTAX, 1, 8);
    refused("a: \"x\\0y\"\n", ERR_ENCODING, 1, 4);
    refused("a: .inf\n", ERR_BAD_VALUE, 1, 4);
    refused("a: 99999999999999999999\n", ERR_BAD_VALUE, 1, 4);
    refused("a: 1e999\n", ERR_BAD_VALUE, 1, 4);
    refused("a: b: c\n", ERR_SYNTAX, 1, 5);
    refused("a:\n\t- b\n", ERR_SYNTAX, 2, 1);
    refused("a: [1, 2\n", ERR_SYNTAX, 2, 1);
    refused("a: b\n\xc3\xa4: \xff\n", ERR_ENCODING, 2, 4);
    CU_ASSERT_PTR_NULL(parse_bytes("a\0b", 3));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_ENCODING);
    CU_ASSERT_EQUAL(diags.items[0].column, 2);
    CU_ASSERT_PTR_NULL(parse("a: \x01\n"));
}

static void test_accepted(void)
{
    CU_ASSERT_EQUAL(parse("")->kind, NODE_NULL);
    CU_ASSERT_EQUAL(parse("# only a comment\n")->kind, NODE_NULL);
    CU_ASSERT_EQUAL(parse("--- \na: 1\n...\n")->kind, NODE_MAP);
    CU_ASSERT_EQUAL(parse("\xef\xbb\xbf"
                          "a: 1\n")
                        ->map.pairs[0]
                        .column,
                    1);
    CU_ASSERT_EQUAL(parse("{\"a\": [1, \"\\u00e4\"]}")->kind, NODE_MAP);
    ASSERT_TEXT(parse("1: x\n")->map.pairs[0].key, "1");
    ASSERT_TEXT(parse("\"<<\": x\n")->map.pairs[0].key, "<<");
    CU_ASSERT_EQUAL(parse("%YAML 1.2\n---\na: no\n")->map.pairs[0].value->kind, NODE_STRING);
}

static void test_depth(void)
{
    struct buf b = BUF_INIT(1 << 20);

    for (int i = 0; i < LIMIT_YAML_DEPTH; i++)
        buf_add_char(&b, '[');
    for (int i = 0; i < LIMIT_YAML_DEPTH; i++)
        buf_add_char(&b, ']');
    CU_ASSERT_PTR_NOT_NULL(parse(buf_text(&b)));
    buf_reset(&b);
    for (int i = 0; i < 100000; i++)
        buf_add_char(&b, '[');
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_reset(&b);
    for (int i = 0; i < 5000; i++)
        buf_add_text(&b, "- ");
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_fini(&b);
    CU_ASSERT_PTR_NULL(parse("a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
                             "b: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
}

static void test_alias_bombs(void)
{
    struct buf b = BUF_INIT(4 << 20);

    buf_add_text(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_printf(&b, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            buf_printf(&b, "%s*a%d", j ? ", " : "", i - 1);
        buf_add_text(&b, "]\n");
    }
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_reset(&b);
    buf_add_text(&b, "a: &a x\nl:\n");
    for (int i = 0; i < LIMIT_YAML_ALIASES; i++)
        buf_add_text(&b, "- *a\n");
    CU_ASSERT_PTR_NOT_NULL(parse(buf_text(&b)));
    buf_add_text(&b, "- *a\n");
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_reset(&b);
    buf_add_text(&b, "a: &a ");
    for (int i = 0; i < 1 << 20; i++)
        buf_add_char(&b, 'x');
    buf_add_text(&b, "\nl: [*a, *a, *a, *a, *a, *a, *a, *a]\n");
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_fini(&b);
}

static void test_sizes(void)
{
    struct buf b = BUF_INIT(8 << 20);

    for (int i = 0; i < 40000; i++)
        buf_printf(&b, "k%d: v\n", i);
    CU_ASSERT_PTR_NOT_NULL(parse(buf_text(&b)));
    for (int i = 40000; i < 60000; i++)
        buf_printf(&b, "k%d: v\n", i);
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_reset(&b);
    for (unsigned i = 0; i <= LIMIT_YAML_BYTES; i++)
        buf_add_char(&b, 'x');
    CU_ASSERT_PTR_NULL(parse(buf_text(&b)));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
    buf_fini(&b);
}

/* Pieces of a good document, cut and mixed by a fixed generator: never a crash, always a tree or a diagnostic. */
static void test_garbage(void)
{
    static const char good[] = "a: &x [1, 'two', {b: \"c\\n\"}]\n? k\n: |\n  t\n- !!str *x\n%TAG ! tag:x\n--- >-\n<<: *x\n";
    unsigned seed = 12345;
    char text[120];

    for (int round = 0; round < 20000; round++) {
        size_t len = 0;

        while (len < sizeof text - 20) {
            seed = seed * 1103515245u + 12345u;
            if ((seed >> 16) % 17 == 0) {
                text[len++] = (char)(seed >> 20);
                continue;
            }
            size_t from = (seed >> 16) % (sizeof good - 1), many = 1 + (seed >> 8) % 12;

            for (size_t i = from; i < sizeof good - 1 && many; i++, many--)
                text[len++] = good[i];
        }
        struct node *root = parse_bytes(text, len);
        CU_ASSERT((root != NULL) == (diags.errors == 0));
        if (root) {
            CLEANUP(json_put) json_t *json = node_to_json(root);
            CU_ASSERT_PTR_NOT_NULL(json);
        }
    }
    arena_fini(&arena);
}

const struct test_case tests[] = {
    {"scalars have the types of YAML 1.2's core schema", test_types},
    {"every node knows its place, and a pointer finds it", test_places},
    {"a part of a scalar has a place of its own", test_place_in_scalar},
    {"duplicate keys, merge keys, tags, second documents and bad bytes are refused with their place", test_refused},
    {"empty documents, marks, JSON and odd keys are accepted", test_accepted},
    {"nesting stops at its limit, aliases included", test_depth},
    {"alias bombs are refused by count, by nodes and by bytes", test_alias_bombs},
    {"too many values and too many bytes are refused", test_sizes},
    {"garbage gives a tree or a diagnostic", test_garbage},
    {0},
};
