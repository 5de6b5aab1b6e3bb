/* `lua` steps: values in and out, secrets, print, cancel, budgets. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err;

    ASSERT_OK(json_parse(text, strlen(text), "test", 1u << 20, &value, &err), err);
    return value;
}

/* Runs a script and returns its result as canonical text, malloc'd; NULL after an error. */
static char *run(const char *source, const char *scope_text, struct err *err)
{
    CLEANUP(json_put) json_t *scope = parse(scope_text), *result = NULL;
    struct lua_script script = {.source = source, .name = "step migrate", .scope = scope};

    *err = (struct err){0};
    return lua_script_run(&script, &result, err) < 0 ? NULL : json_canonical(result);
}

static void expect(const char *source, const char *scope, const char *wanted)
{
    struct err err;
    CLEANUP(free_ptr) char *got = run(source, scope, &err);

    if (!got)
        fprintf(stderr, "%s\n", err.msg);
    ASSERT_TEXT(got, wanted);
}

static void test_round_trip(void)
{
    static const char scope[] = "{\"config\": {\"list\": [], \"object\": {}, \"n\": 1, \"r\": 1.5, \"t\": \"\\u00e4\", \"f\": false, "
                                "\"l\": [1, null, 3], \"deep\": {\"a\": [{\"b\": [[]]}]}}}";

    expect("return config", scope,
           "{\"deep\":{\"a\":[{\"b\":[[]]}]},\"f\":false,\"l\":[1,null,3],\"list\":[],\"n\":1,\"object\":{},\"r\":1.5,\"t\":\"\xc3\xa4\"}");
    expect("return { a = {}, b = { 1, 2 }, c = { x = 1 }, d = math.maxinteger }", "{}",
           "{\"a\":{},\"b\":[1,2],\"c\":{\"x\":1},\"d\":9223372036854775807}");
    expect("config.n = config.n + 1 config.list[1] = 'x' return config", "{\"config\": {\"n\": 1, \"list\": []}}",
           "{\"list\":[\"x\"],\"n\":2}");
    expect("", "{}", "{}");
    expect("return nil", "{}", "{}");
    expect("return {}", "{}", "{}");
}

static void test_secrets_pass(void)
{
    static const char scope[] = "{\"config\": {\"password\": {\"$secret\": \"vault:db#pw\"}}}";

    expect("return { dsn = config.password, copy = { config.password } }", scope,
           "{\"copy\":[{\"$secret\":\"vault:db#pw\"}],\"dsn\":{\"$secret\":\"vault:db#pw\"}}");
    expect("return { t = tostring(config.password), j = json.encode(config) }", scope,
           "{\"j\":\"{\\\"password\\\":\\\"<secret>\\\"}\",\"t\":\"<secret>\"}");
}

static void test_secrets_refused(void)
{
    static const char *const sources[] = {
        "return { a = config.password .. '' }",
        "return { a = #config.password }",
        "return { a = config.password.x }",
        "config.password.x = 1",
        "return { a = config.password() }",
        "return { a = config.password + 1 }",
        "return { a = ('x'):rep(1, config.password) }",
        "return { [config.password] = 1 }",
        "return { a = tonumber(config.password) + 1 }",
        "for k in pairs(config.password) do end",
        "return { ['$secret'] = 'vault:root#token' }",
        "return { a = { ['$secret'] = 'x' } }",
        "return { a = { ['$' .. 'secret'] = 'vault:x' } }",
        "error(config.password)",
        NULL,
    };

    for (const char *const *source = sources; *source; source++) {
        struct err err;
        CLEANUP(free_ptr) char *got = run(*source, "{\"config\": {\"password\": {\"$secret\": \"vault:db#pw\"}}}", &err);

        if (got)
            fprintf(stderr, "%s gives %s\n", *source, got);
        CU_ASSERT_PTR_NULL(got);
        CU_ASSERT_EQUAL(err.code, ERR_LUA);
        CU_ASSERT_PTR_NULL(strstr(err.msg, "vault:db"));
    }
}

static void collect(void *ctx, const char *line) { json_append_str(ctx, line); }

static void test_print(void)
{
    CLEANUP(json_put) json_t *lines = json_array(), *result = NULL, *scope = parse("{\"s\": {\"$secret\": \"vault:x\"}}");
    struct lua_script script = {.source = "print('a', 1, nil, true, s, {}) print() return { x = 1 }",
                                .name = "s",
                                .scope = scope,
                                .on_line = collect,
                                .ctx = lines};
    struct err err;

    ASSERT_OK(lua_script_run(&script, &result, &err), err);
    CU_ASSERT_EQUAL(json_array_size(lines), 2);
    ASSERT_TEXT(json_string_value(json_array_get(lines, 0)), "a\t1\tnil\ttrue\t<secret>\ttable");
    ASSERT_TEXT(json_string_value(json_array_get(lines, 1)), "");
}

static void *cancel_later(void *flag)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    atomic_store((atomic_bool *)flag, true);
    return NULL;
}

static void test_cancel(void)
{
    atomic_bool cancel = false;
    struct lua_script script = {.source = "while true do pcall(function() while true do end end) end",
                                .name = "s",
                                .cancel = &cancel,
                                .limits = {.wall_ms = 600000, .instructions = INT64_MAX / 2}};
    json_t *result = NULL;
    pthread_t thread;
    struct err err;

    CU_ASSERT_EQUAL(pthread_create(&thread, NULL, cancel_later, &cancel), 0);
    ASSERT_FAILS(lua_script_run(&script, &result, &err), err, ERR_CANCELED);
    pthread_join(thread, NULL);
    CU_ASSERT_PTR_NULL(result);
}

static void test_messages(void)
{
    struct err err;
    CLEANUP(free_ptr) char *a = run("local x = 1\nlocal y = x.z.w", "{}", &err);

    CU_ASSERT_EQUAL(err.code, ERR_LUA);
    ASSERT_CONTAINS(err.msg, "step migrate:2: attempt to index");
    CLEANUP(free_ptr) char *b = run("return 5", "{}", &err);
    ASSERT_CONTAINS(err.msg, "step migrate: the script returned a number: return a table, or nothing");
    CLEANUP(free_ptr) char *c = run("return { 1 }", "{}", &err);
    ASSERT_CONTAINS(err.msg, "returned a list");
    CLEANUP(free_ptr) char *d = run("while true do", "{}", &err);
    ASSERT_CONTAINS(err.msg, "step migrate:1:");
    CLEANUP(free_ptr) char *e = run("while true do end", "{}", &err);
    CU_ASSERT_EQUAL(err.code, ERR_POLICY_BUDGET);
    ASSERT_CONTAINS(err.msg, "step migrate: over budget");
    CU_ASSERT(!a && !b && !c && !d && !e);
}

static void test_scope_is_fresh(void)
{
    expect("config.x = 1 y = 2 return {}", "{\"config\": {}}", "{}");
    expect("return { x = config.x == nil, y = y == nil }", "{\"config\": {}}", "{\"x\":true,\"y\":true}");
}

static void test_step_budget_is_larger(void)
{
    /* 3 million additions: more than a policy may, within a step's budget. */
    expect("local n = 0 for i = 1, 3000000 do n = n + 1 end return { n = n }", "{}", "{\"n\":3000000}");
}

const struct test_case tests[] = {
    {"values go in and come back as they were", test_round_trip},
    {"a secret can be passed on", test_secrets_pass},
    {"a secret cannot be read, and none can be made", test_secrets_refused},
    {"print writes lines without secrets and addresses", test_print},
    {"a canceled script stops though it catches errors", test_cancel},
    {"messages name the step and the line", test_messages},
    {"nothing stays from one script to the next", test_scope_is_fresh},
    {"a step has a larger budget than a policy", test_step_budget_is_larger},
    {0},
};
