/* The table-driven validator: every rule, with its code, place and suggestion. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/schema.h"
#include "test.h"
#include <string.h>

static const char *const protocols[] = {"TCP", "UDP", NULL};
static const struct schema_type protocol = {.kinds = SCHEMA_STRING, .values = protocols};
static const struct schema_type port = {.kinds = SCHEMA_INTEGRAL, .min = 1, .max = 65535};
static const struct schema_type label = {
    .kinds = SCHEMA_STRING, .matches = str_is_label, .code = ERR_BAD_NAME, .what = "a step name", .help = "use a-z, 0-9 and '-'"};
static const struct schema_type few = {.kinds = SCHEMA_LIST, .items = &schema_string, .min_items = 1, .max_items = 2};
static const struct schema_type short_text = {.kinds = SCHEMA_STRING, .min_chars = 2, .max_chars = 4};
static const struct schema_type tree;
static const struct schema_field tree_fields[] = {
    {"children", &(const struct schema_type){.kinds = SCHEMA_LIST, .items = &tree}}, {"n", &port}, {0}};
static const struct schema_type tree = {.kinds = SCHEMA_MAP, .fields = tree_fields};

static void check_even(struct schema_run *run, const struct node *value)
{
    if (value->integer % 2)
        schema_report(run, value, ERR_BAD_VALUE, schema_ctx(run), "%s at %s is odd", schema_name(run), schema_path(run));
}
static const struct schema_type even = {.kinds = SCHEMA_INT, .check = check_even};
static const struct schema_type by_name = {.kinds = SCHEMA_MAP, .each = &port, .key = &label, .min_items = 1};
static const struct schema_group groups[] = {{SCHEMA_ONE_OF, (const char *const[]){"http", "exec", NULL}},
                                             {SCHEMA_ANY_OF, (const char *const[]){"http", "even", "exec", NULL}},
                                             {SCHEMA_AT_MOST_ONE, (const char *const[]){"few", "short", NULL}},
                                             {0}};
static const struct schema_field fields[] = {
    {"port", &port, SCHEMA_REQUIRED, .help = "add port: 8080", .about = "the port"},
    {"protocol", &protocol},
    {"timeout", &schema_duration},
    {"wait", &schema_duration, SCHEMA_RENAMED, .instead = "timeout"},
    {"size", &schema_bytes},
    {"few", &few},
    {"short", &short_text},
    {"even", &even},
    {"names", &by_name},
    {"tree", &tree},
    {"http", &schema_free_map},
    {"exec", &schema_strings},
    {"old", &schema_anything, SCHEMA_DEPRECATED, .help = "leave it out"},
    {"extra", &schema_bool, SCHEMA_EXTENSION},
    {"either", &(const struct schema_type){.kinds = SCHEMA_STRING | SCHEMA_LIST}},
    {0},
};
static const struct schema_type root_type = {.kinds = SCHEMA_MAP, .fields = fields, .groups = groups};

static struct arena arena;
static struct diag_list diags;

static int validate(const char *text, bool strict)
{
    struct schema_options options = {.strict = strict, .ctx = (void *)(uintptr_t) "take an even one"};
    struct node *root;

    arena_fini(&arena);
    diags = diag_list_make(&arena, NULL);
    root = node_parse_yaml(text, strlen(text), &arena, &diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    return schema_validate(&root_type, root, &options, &diags);
}

/* Adds `text` to a fine document; exactly one problem comes, rendered as `wanted`. */
static void one(const char *text, const char *wanted)
{
    char document[1000];

    snprintf(document, sizeof document, "port: 80\nhttp: {}\n%s\n", text);
    validate(document, true);
    diag_sort(&diags);
    ASSERT_TEXT(diag_render(&diags, NULL, false, &arena), wanted);
}

static void test_fine(void)
{
    CU_ASSERT_EQUAL(validate("port: 80.0\nhttp: {any: [1]}\nprotocol: UDP\ntimeout: 5m\nsize: 64MiB\nfew: [a]\neven: 4\nnames: {ab: 1}\n"
                             "tree: {children: [{n: 1}, {children: []}]}\nextra: true\neither: x\n",
                             false),
                    0);
    CU_ASSERT_EQUAL(diags.count, 0);
}

static void test_presence(void)
{
    CU_ASSERT_EQUAL(validate("{}", false), -1);
    ASSERT_TEXT(diag_render(&diags, NULL, false, &arena),
                "document:1:1: error[ORC-1002]: missing field \"port\"\n     | help: add port: 8080\n"
                "document:1:1: error[ORC-1002]: one of http, exec is needed\n"
                "document:1:1: error[ORC-1002]: one of http, even, exec is needed\n");
    one("exec: []", "document:3:1: error[ORC-1010]: \"http\" and \"exec\" exclude each other\n     | help: keep one of them\n");
    one("few: [a]\nshort: ab", "document:4:1: error[ORC-1010]: \"few\" and \"short\" exclude each other\n     | help: keep one of them\n");
    one("prot: TCP", "document:3:1: error[ORC-1003]: unknown field \"prot\"\n     | help: did you mean \"port\"?\n");
    one("tree: {zzzzzzzz: 1}", "document:3:8: error[ORC-1003]: unknown field \"zzzzzzzz\"\n     | help: fields here: children, n\n");
    one("wait: 5m", "document:3:1: warning[ORC-1012]: \"wait\" is an older word for \"timeout\"\n     | help: write \"timeout\"\n");
    one("wait: 5m\ntimeout: 5m", "document:3:1: error[ORC-1010]: \"wait\" is an older word for \"timeout\": keep one of the two\n"
                                 "     | help: write \"timeout\"\n");
    one("old: x", "document:3:1: warning[ORC-1012]: \"old\" is deprecated\n     | help: leave it out\n");
    one("extra: true", "document:3:1: error[ORC-1013]: \"extra\" is an extension, not part of the specification\n"
                       "     | help: remove it, or validate without --strict\n");
}

static void test_values(void)
{
    one("protocol: UPD",
        "document:3:11: error[ORC-1005]: protocol \"UPD\" is not allowed\n     | help: did you mean \"UDP\"? allowed: TCP, UDP\n");
    one("protocol: 5",
        "document:3:11: error[ORC-1004]: protocol is a whole number instead of a string\n     | help: put quotes around it: \"5\"\n");
    one("tree: {n: '80'}",
        "document:3:11: error[ORC-1004]: n is a string instead of a whole number\n     | help: write it without quotes\n");
    one("tree: {n: 80.5}", "document:3:11: error[ORC-1004]: n is a number instead of a whole number\n");
    one("tree: {n: 65536}", "document:3:11: error[ORC-1005]: n 65536 is out of range\n     | help: 1 to 65535\n");
    one("tree:", "document:3:1: error[ORC-1004]: tree is nothing instead of a map\n     | help: remove the key, or write {}\n");
    one("tree: [1]", "document:3:1: error[ORC-1004]: tree is a list instead of a map\n");
    one("either: 5", "document:3:9: error[ORC-1004]: either is a whole number instead of a string or a list\n     | help: put quotes "
                     "around it: \"5\"\n");
    one("few: []", "document:3:1: error[ORC-1005]: few is empty\n");
    one("few: [a, b, c]", "document:3:1: error[ORC-1008]: few has 3 items, the limit is 2\n");
    one("few: [a, 5]", "document:3:10: error[ORC-1004]: a whole number instead of a string\n     | help: put quotes around it: \"5\"\n");
    one("short: abcde", "document:3:8: error[ORC-1005]: short \"abcde\" has 5 characters\n     | help: 2 to 4 characters\n");
    one("short: ''", "document:3:8: error[ORC-1005]: short is empty\n     | help: 2 to 4 characters\n");
    one("even: 3", "document:3:7: error[ORC-1005]: even at /even is odd\n     | help: take an even one\n");
    one("timeout: 30",
        "document:3:10: error[ORC-1004]: timeout is a whole number instead of a duration\n     | help: write 30s, 5m, 1h30m or 24h\n");
    one("timeout: 5x", "document:3:10: error[ORC-1014]: timeout \"5x\" is no duration\n     | help: write 30s, 5m, 1h30m or 24h\n");
    one("size: 64MB", "document:3:7: error[ORC-1011]: size \"64MB\" is no size\n     | help: write 64M (megabytes) or 64Mi (mebibytes)\n");
    one("names: {Ab: 1}", "document:3:9: error[ORC-1006]: \"Ab\" is not a step name\n     | help: use a-z, 0-9 and '-'\n");
    one("names: {}", "document:3:1: error[ORC-1005]: names is empty\n");
}

static void test_all_at_once(void)
{
    CU_ASSERT_EQUAL(validate("protocol: X\nnope: 1\ntree: {n: 0, children: [5, {n: x}]}\n", false), -1);
    CU_ASSERT_EQUAL(diags.errors, 8);
    diag_sort(&diags);
    ASSERT_TEXT(diags.items[diags.count - 1].path, "/tree/children/1/n");
}

static void test_mistyped(void)
{
    struct node *root;

    CU_ASSERT_EQUAL(validate("prot: 70000\nhttp: {}\n", false), -1);
    diag_sort(&diags);
    ASSERT_TEXT(diag_render(&diags, NULL, false, &arena),
                "document:1:1: error[ORC-1003]: unknown field \"prot\"\n     | help: did you mean \"port\"?\n"
                "document:1:7: error[ORC-1005]: port 70000 is out of range\n     | help: 1 to 65535\n");
    diags = diag_list_make(&arena, NULL);
    root = node_parse_yaml("prot: 80\nhttp: {}\n", 18, &arena, &diags);
    CU_ASSERT_EQUAL(schema_validate(&root_type, root, &(struct schema_options){.mend = true}, &diags), -1);
    CU_ASSERT_PTR_NOT_NULL(node_get(root, "port"));
}

static void test_hostile(void)
{
    char text[20000] = "port: 80\nhttp: {}\ntree: {", *at = text + strlen(text);

    for (int i = 0; i < 1000; i++)
        at += snprintf(at, 16, "bad%d: 1, ", i);
    memcpy(at, "}\n", 3);
    validate(text, false);
    CU_ASSERT_EQUAL(diags.errors, 1000);
    CU_ASSERT_EQUAL(diags.count, LIMIT_DIAGS);
    CU_ASSERT_EQUAL(validate("[]", false), -1);
    CU_ASSERT_EQUAL(validate("", false), -1);
    CU_ASSERT_EQUAL(validate("x", false), -1);
}

static void test_json_schema(void)
{
    CLEANUP(json_put) json_t *schema = schema_to_json(&root_type, "https://example.com/s", "S");

    ASSERT_TEXT(json_str(schema, "title"), "S");
    ASSERT_TEXT(json_string_value(json_at(schema, "properties.protocol.enum.1")), "UDP");
    ASSERT_TEXT(json_string_value(json_at(schema, "properties.port.type")), "integer");
    ASSERT_TEXT(json_string_value(json_at(schema, "required.0")), "port");
    ASSERT_TEXT(json_string_value(json_at(schema, "properties.tree.$ref")), "#/$defs/type1");
    ASSERT_TEXT(json_string_value(json_at(schema, "$defs.type1.properties.children.items.$ref")), "#/$defs/type1");
    CU_ASSERT_TRUE(json_is_false(json_object_get(schema, "additionalProperties")));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(schema, "allOf")), 3);
    arena_fini(&arena);
}

const struct test_case tests[] = {
    {"a fine document passes without a word", test_fine},
    {"missing, unknown, renamed, deprecated, exclusive and extension fields are told apart", test_presence},
    {"wrong types and values are reported with what to write instead", test_values},
    {"all problems come at once, each with its path", test_all_at_once},
    {"a mistyped field is one error, and its value is checked all the same", test_mistyped},
    {"a thousand problems are counted, two hundred are kept", test_hostile},
    {"a table becomes a JSON Schema, recursion a reference", test_json_schema},
    {0},
};
