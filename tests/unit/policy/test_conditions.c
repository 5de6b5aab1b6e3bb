/* Conditions: Lua and the older forms, missing things, secrets, garbage. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

static const char scope_text[] =
    "{\"env\": {\"name\": \"eu\", \"type\": \"production\"}, \"environment\": {\"name\": \"eu\", \"type\": \"production\"}, \"product\": "
    "\"ecommerce\","
    " \"steps\": {\"scan\": {\"state\": \"completed\", \"outputs\": {\"critical\": 0, \"tags\": [\"a\", \"b\"]}},"
    "             \"security-scan\": {\"state\": \"failed\", \"outputs\": {}}, \"old\": {\"state\": \"skipped\"}},"
    " \"parameters\": {\"replicas\": 3, \"image\": \"ghcr.io/acme/web:1.2\", \"password\": {\"$secret\": \"vault:a#b\"}, \"nothing\": "
    "null},"
    " \"variables\": {\"MODE\": \"fast\"}, \"index\": 2, \"first\": true}";

static json_t *scope(void)
{
    json_t *value = NULL;
    struct err err;

    ASSERT_OK(json_parse(scope_text, strlen(scope_text), "scope", sizeof scope_text, &value, &err), err);
    return value;
}

struct expectation {
    const char *text;
    bool value;
};

static void check_all(const struct expectation *list)
{
    CLEANUP(json_put) json_t *data = scope();

    for (; list->text; list++) {
        struct err err = {0};
        bool value = !list->value;

        if (condition_evaluate(list->text, data, NULL, &value, &err) < 0 || value != list->value) {
            fprintf(stderr, "%s: %s\n", list->text, err.code ? err.msg : "the other value");
            CU_FAIL("condition");
        }
    }
}

static void test_lua(void)
{
    check_all((const struct expectation[]){
        {"env.type == \"production\" and steps.scan.outputs.critical == 0", true},
        {"env.type ~= 'production'", false},
        {"parameters.replicas > 2", true},
        {"#steps.scan.outputs.tags == 2", true},
        {"contains(steps.scan.outputs.tags, 'b')", true},
        {"glob(parameters.image, 'ghcr.io/*') and image(parameters.image).tag == '1.2'", true},
        {"first", true},
        {"nil", false},
        {"0", true},
        {"index == 1 or index == 2", true},
        {"string.len('abc') == 3 and ('x'):upper() == 'X'", true},
        {"(function() local n = 0 for _, t in ipairs(steps.scan.outputs.tags) do n = n + 1 end return n end)() == 2", true},
        {"  always  ", true},
        {0}});
}

static void test_missing(void)
{
    check_all((const struct expectation[]){{"steps.none.outputs.critical == 0", false},
                                           {"steps.none.outputs.critical == nil", true},
                                           {"nothing.at.all[1].of.it", false},
                                           {"not resources.db.host", true},
                                           {"parameters.nothing == nil", true},
                                           {"contains(steps.none.outputs.tags, 'x')", false},
                                           {0}});
}

static void test_older_forms(void)
{
    check_all((const struct expectation[]){{"env.type == production", true},
                                           {"env.type == staging", false},
                                           {"env.type != production", false},
                                           {"production == env.type", true},
                                           {"env.type == production && steps.scan.outputs.critical == 0", true},
                                           {"env.type == staging || product == ecommerce", true},
                                           {"!(env.type == staging)", true},
                                           {"scan.success", true},
                                           {"scan.failed", false},
                                           {"security-scan.failed && old.skipped", true},
                                           {"steps.security-scan.state == failed", true},
                                           {"steps.scan.success", true},
                                           {"$MODE == fast", true},
                                           {"${MODE} == fast", true},
                                           {"${env.type} == production", true},
                                           {"env.type contains prod", true},
                                           {"env.type startsWith prod && env.type endsWith tion", true},
                                           {"parameters.image contains \"acme\" and not (env.type contains dev)", true},
                                           {"env.name == pr-12", false},
                                           {"env.name != pr-abc", true},
                                           {0}});
}

static void test_translations(void)
{
    static const char *const pairs[][2] = {
        {"env.type == production && scan.success", "env.type == \"production\" and (steps[\"scan\"].state == \"completed\")"},
        {"a != b", "\"a\" ~= \"b\""},
        {"!first || $MODE == fast", "not first or variables.MODE == \"fast\""},
        {"env.name startsWith \"pr\"", "startswith(env.name, \"pr\")"},
        {"steps.security-scan.outputs.high == 0", "steps[\"security-scan\"].outputs.high == 0"},
        {"env.type == \"production\" and index - 1 == 1", NULL},
        {"contains(env.name, \"x\")", NULL},
        {"parameters.total-index == 1", NULL},
        {"on_failure", NULL},
        {"manual", NULL},
        {"always", NULL},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct arena arena = {0};
        const char *translated = "untouched";
        struct err err;

        ASSERT_OK(condition_check(pairs[i][0], &arena, &translated, &err), err);
        if (pairs[i][1])
            ASSERT_TEXT(translated, pairs[i][1]);
        else
            CU_ASSERT_PTR_NULL(translated);
        arena_fini(&arena);
    }
}

static void test_wrong(void)
{
    static const char *const wrong[] = {
        "1 +",    "",          "   ",    "while true do end", "return 1",      "env.type == ", "a b",      "x = 1",      "(((",
        "\"open", "&& true",   "$ == 1", "env.type contains", "== production", "\x01\x02",     "\xff\xfe", "-- comment", "]]",
        "${",     "a && && b", NULL};
    struct arena arena = {0};

    for (const char *const *text = wrong; *text; text++) {
        struct err err = {0};
        const char *translated = NULL;

        if (condition_check(*text, &arena, &translated, &err) == 0)
            fprintf(stderr, "\"%s\" is accepted as %s\n", *text, translated ? translated : "it is");
        CU_ASSERT_EQUAL(err.code, ERR_CONDITION);
    }
    arena_fini(&arena);
}

static void test_errors(void)
{
    CLEANUP(json_put) json_t *data = scope();
    struct err err;
    bool value = true;

    ASSERT_FAILS(condition_evaluate("parameters.missing < 3", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_CONTAINS(err.msg, "condition \"parameters.missing < 3\"");
    ASSERT_CONTAINS(err.msg, "attempt to compare nil with number");
    ASSERT_FAILS(condition_evaluate("nofunction()", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("on_failure", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("print('x')", data, NULL, &value, &err), err, ERR_CONDITION);
    CU_ASSERT_TRUE(value); /* untouched */
}

static void test_secrets(void)
{
    CLEANUP(json_put) json_t *data = scope();
    struct err err;
    bool value;

    check_all((const struct expectation[]){{"parameters.password == 'vault:a#b'", false},
                                           {"parameters.password ~= nil", true},
                                           {"tostring(parameters.password) == '<secret>'", true},
                                           {"type(parameters.password) == 'secret'", true},
                                           {"json.encode(parameters.password) == '\"<secret>\"'", true},
                                           {"string.format('%s', parameters.password) == '<secret>'", true},
                                           {"not contains(json.encode(parameters), 'vault')", true},
                                           {0}});
    ASSERT_FAILS(condition_evaluate("parameters.password .. 'x' == 'x'", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("#parameters.password == 9", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("parameters.password < 'z'", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("contains(parameters.password, 'v')", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("string.sub(parameters.password, 1, 1) == 'v'", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("table.concat({parameters.password}) == 'v'", data, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_FAILS(condition_evaluate("parameters.password['$secret'] == 'v'", data, NULL, &value, &err), err, ERR_CONDITION);
}

static void test_garbage(void)
{
    static const char alphabet[] = "ab.()[]{}\"'!=&|$<>-+ \\~#%01,;:nilnotandorcontains\n";
    CLEANUP(json_put) json_t *data = scope();
    unsigned seed = 7;

    for (int round = 0; round < 3000; round++) {
        char text[64];
        struct err err = {0};
        struct arena arena = {0};
        const char *translated = NULL;
        bool value;
        size_t len = 1 + (size_t)rand_r(&seed) % 60;

        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        text[len] = '\0';
        if (condition_check(text, &arena, &translated, &err) < 0)
            CU_ASSERT_EQUAL(err.code, ERR_CONDITION);
        err = (struct err){0};
        if (condition_evaluate(text, data, NULL, &value, &err) < 0)
            CU_ASSERT(err.code == ERR_CONDITION || err.code == ERR_POLICY_BUDGET);
        arena_fini(&arena);
    }
}

static void test_limits(void)
{
    CLEANUP(json_put) json_t *deep = json_object();
    CLEANUP(free_ptr) char *long_text = malloc(LIMIT_CONDITION_BYTES + 2);
    struct err err;
    json_t *at = deep;
    bool value;

    memset(long_text, '1', LIMIT_CONDITION_BYTES + 1);
    long_text[LIMIT_CONDITION_BYTES + 1] = '\0';
    ASSERT_FAILS(condition_evaluate(long_text, deep, NULL, &value, &err), err, ERR_CONDITION);
    for (int i = 0; i < 1000; i++) {
        json_t *next = json_object();

        json_object_set_new(at, "item", next);
        at = next;
    }
    ASSERT_FAILS(condition_evaluate("item.item == nil", deep, NULL, &value, &err), err, ERR_CONDITION);
    ASSERT_CONTAINS(err.msg, "nested deeper");
}

static void test_large_scope(void)
{
    CLEANUP(json_put) json_t *data = json_object();
    json_t *list = json_array();
    struct err err;
    bool value;

    json_object_set_new(data, "parameters", list);
    for (int i = 0; i < 100000; i++)
        json_array_append_new(list, json_string("some text of an input"));
    ASSERT_OK(condition_evaluate("#parameters == 100000", data, NULL, &value, &err), err);
    CU_ASSERT_TRUE(value);
    for (int i = 0; i < 200000; i++)
        json_array_append_new(list, json_string("some text of an input"));
    ASSERT_FAILS(condition_evaluate("#parameters == 300000", data, NULL, &value, &err), err, ERR_LIMIT);
    ASSERT_OK(condition_evaluate("true", data, NULL, &value, &err), err); /* what is not looked at costs nothing */
}

const struct test_case tests[] = {
    {"Lua expressions see the scope and the library", test_lua},
    {"missing things are nil, however deep", test_missing},
    {"older forms mean what they meant", test_older_forms},
    {"a translation is Lua, and Lua is left alone", test_translations},
    {"what cannot be read is an error of the condition", test_wrong},
    {"errors name the condition and leave the value", test_errors},
    {"secrets cannot be read or compared", test_secrets},
    {"random characters are evaluated or refused", test_garbage},
    {"long conditions and deep scopes are refused", test_limits},
    {"a large scope is no budget of the condition, up to the input's limit", test_large_scope},
    {0},
};
