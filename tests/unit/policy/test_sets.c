/* Policy sets: loading, broken files, modes and overrides, isolation between policies, fail closed, tests and eval. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

/* One directory of policies and the set made of it. */
struct fixture {
    const char *dir;
    struct arena arena;
    struct diag_list diags;
    struct policy_set *set;
    struct policy_decision decision;
    json_t *overrides;
};

static struct fixture fixture(void)
{
    struct fixture f = {.dir = test_dir()};

    return f;
}

static void fixture_fini(struct fixture *f)
{
    policy_decision_fini(&f->decision);
    policy_set_unref(f->set);
    json_put(&f->overrides);
    arena_fini(&f->arena);
}

static void add_file(struct fixture *f, const char *name, const char *text)
{
    struct err err;

    ASSERT_OK(io_write_atomic(arena_printf(&f->arena, "%s/%s", f->dir, name), text, strlen(text), 0600, &err), err);
}

static void load(struct fixture *f, const char *mode)
{
    struct policy_set_options options = {.dir = f->dir, .mode = mode, .overrides = f->overrides};
    struct err err;

    f->diags = diag_list_make(&f->arena, NULL);
    policy_set_unref(f->set);
    f->set = NULL;
    ASSERT_OK(policy_set_load(&options, &f->diags, &f->set, &err), err);
}

static const struct policy_decision *ask(struct fixture *f, const char *point, const char *input_text)
{
    CLEANUP(json_put) json_t *input = NULL;
    struct err err;

    ASSERT_OK(json_parse(input_text, strlen(input_text), "input", 1u << 20, &input, &err), err);
    policy_decision_fini(&f->decision);
    policy_evaluate(f->set, point, input, &f->decision);
    return &f->decision;
}

static const char *violation(const struct policy_decision *d, size_t i, const char *key)
{
    return json_str(json_array_get(d->violations, i), key);
}

/* What a set says about one policy: passed, warned, denied, error; "" when it was not asked. */
static const char *decision_of(const struct policy_decision *d, const char *policy)
{
    const json_t *about;
    size_t i;

    json_array_foreach(d->policies, i, about) if (str_eq(json_str(about, "name"), policy)) return json_str(about, "decision");
    return "";
}

static void test_shapes(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;

    add_file(
        &f, "a.lua",
        "return {\n"
        "  { name = 'none', check = function() end },\n"
        "  { name = 'no', check = function() return false end },\n"
        "  { name = 'empty', check = function() return {} end },\n"
        "  { name = 'yes', description = 'said so', check = function() return true end },\n"
        "  { name = 'text', check = function() return 'a message' end },\n"
        "  { name = 'one', check = function() return { message = 'm', path = '/spec/x', fix = 'f', value = { 1 }, source = 's:1' } end },\n"
        "  { name = 'some', check = function() return { { message = 'x' }, true, 'y' } end },\n"
        "  { name = 'typo', description = 'd', check = function() return { mesage = 'x' } end },\n"
        "}\n");
    load(&f, NULL);
    CU_ASSERT_EQUAL(f.diags.count, 0);
    d = ask(&f, "deployment", "{\"spec\": {\"x\": 7}}");
    CU_ASSERT_TRUE(d->denied);
    CU_ASSERT_EQUAL(json_array_size(d->violations), 7);
    ASSERT_TEXT(decision_of(d, "none"), "passed");
    ASSERT_TEXT(decision_of(d, "no"), "passed");
    ASSERT_TEXT(decision_of(d, "empty"), "passed");
    ASSERT_TEXT(violation(d, 0, "message"), "said so");
    ASSERT_TEXT(violation(d, 0, "path"), "/");
    CU_ASSERT(strlen(violation(d, 0, "fix")) > 0);
    CU_ASSERT(str_ends(violation(d, 0, "source"), "/a.lua:5"));
    ASSERT_TEXT(violation(d, 1, "message"), "a message");
    ASSERT_TEXT(violation(d, 2, "path"), "/spec/x");
    ASSERT_TEXT(violation(d, 2, "source"), "s:1");
    CU_ASSERT(json_is_array(json_object_get(json_array_get(d->violations, 2), "value")));
    ASSERT_TEXT(violation(d, 3, "message"), "x");
    ASSERT_TEXT(violation(d, 6, "message"), "d");
}

static void test_value_is_looked_up(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;

    add_file(&f, "a.lua",
             "return { name = 'a', check = function() return { { message = 'x', path = '/resources/db' }, { message = 'y', path = "
             "'/spec/list/1' },"
             " { message = 'z', path = '/nowhere/else' } } end }");
    load(&f, NULL);
    d = ask(&f, "deployment", "{\"spec\": {\"resources\": {\"db\": \"postgres\"}, \"list\": [1, 2]}}");
    ASSERT_TEXT(violation(d, 0, "value"), "postgres");
    CU_ASSERT_EQUAL(json_int(json_array_get(d->violations, 1), "value", 0), 2);
    CU_ASSERT_PTR_NULL(json_object_get(json_array_get(d->violations, 2), "value"));
}

static void test_wrong_answers(void)
{
    static const char *const answers[] = {"5",
                                          "{ message = 5 }",
                                          "{ message = 'x', path = {} }",
                                          "{ { { 'x' } } }",
                                          "{ 1, 2 }",
                                          "function() end",
                                          "{ message = 'x', value = pairs }",
                                          "{ message = 'x', value = 0/0 }",
                                          "nil + 1",
                                          "error({})",
                                          "{ ['$secret'] = 'x' }",
                                          NULL};

    for (const char *const *answer = answers; *answer; answer++) {
        CLEANUP(fixture_fini) struct fixture f = fixture();
        const struct policy_decision *d;

        add_file(&f, "a.lua", arena_printf(&f.arena, "return { name = 'a', check = function(input) return %s end }", *answer));
        load(&f, NULL);
        d = ask(&f, "deployment", "{}");
        CU_ASSERT_TRUE(d->denied);
        CU_ASSERT_EQUAL(d->code, ERR_POLICY_FAILED);
        if (d->code != ERR_POLICY_FAILED)
            fprintf(stderr, "%s\n", *answer);
        ASSERT_TEXT(decision_of(d, "a"), "error");
        ASSERT_CONTAINS(violation(d, 0, "message"), "the policy could not be evaluated");
    }
}

static void test_broken_files(void)
{
    static const struct {
        const char *text, *message;
    } broken[] = {
        {"return {", "unexpected symbol"},
        {"return 5", "returns a number"},
        {"", "returns a nil"},
        {"error('at load')", "at load"},
        {"while true do end", "over budget"},
        {"return { name = 'a' }", "no check function"},
        {"return { check = function() end }", "no name"},
        {"return { name = 'a', check = print }", "no check function"},
        {"return { name = 'a', check = tostring }", "no check function"},
        {"return { name = 'a', on = 'deploymnt', check = function() end }", "did you mean \"deployment\""},
        {"return { name = 'a', severity = 'denny', check = function() end }", "did you mean \"deny\""},
        {"return { name = 'a', chekc = function() end }", "did you mean \"check\""},
        {"return { name = {}, check = function() end }", "is a table, not a text"},
        {"return { name = 'a', applies_to = 'delete', check = function() end }", "is no list of kinds of deployment"},
        {"return { { name = 'a', check = function() end }, { name = 'a', check = function() end } }", "exists already"},
        {"return { name = 'max-steps-per-workflow', check = function() end }", "exists already, in policies/max-steps-per-workflow.lua"},
        {"\x1bLua", "binary chunk"},
        {"return { name = 'a', check = function() end }, setmetatable({}, {})", "setmetatable"},
    };

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        CLEANUP(fixture_fini) struct fixture f = fixture();
        const struct policy_decision *d;

        add_file(&f, "mine.lua", broken[i].text);
        load(&f, NULL);
        CU_ASSERT_EQUAL(f.diags.errors, 1);
        if (f.diags.count) {
            ASSERT_CONTAINS(f.diags.items[0].message, broken[i].message);
            CU_ASSERT(str_ends(f.diags.items[0].file, "/mine.lua"));
        }
        d = ask(&f, "step", "{}"); /* at every point */
        CU_ASSERT_TRUE(d->denied);
        CU_ASSERT_EQUAL(d->code, ERR_POLICY_FAILED);
        ASSERT_TEXT(violation(d, 0, "policy"), "mine");
        ASSERT_CONTAINS(violation(d, 0, "message"), "the file is broken");
    }
}

static void test_line_of_broken_file(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();

    add_file(&f, "mine.lua", "-- one\n-- two\nreturn return\n");
    load(&f, NULL);
    CU_ASSERT_EQUAL(f.diags.items[0].line, 3);
    CU_ASSERT_EQUAL(f.diags.items[0].code, ERR_POLICY_FILE);
}

static void test_unreadable(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    struct policy_set_options options = {.dir = "/nonexistent/policies"};
    CLEANUP(free_ptr) char *large = malloc(300000);
    struct err err;

    ASSERT_FAILS(policy_set_load(&options, NULL, &f.set, &err), err, ERR_NOT_FOUND);
    memset(large, ' ', 299999);
    large[299999] = '\0';
    add_file(&f, "large.lua", large);
    load(&f, NULL);
    CU_ASSERT_EQUAL(f.diags.errors, 1);
    CU_ASSERT_TRUE(ask(&f, "deployment", "{}")->denied);
}

static void test_isolation(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;

    add_file(&f, "a.lua",
             "local n = 0\ncount = (count or 0) + 1\n"
             "return { name = 'a-writes', severity = 'warn', check = function(input)\n"
             "  n = n + 1 count = count + 1\n"
             "  local tried = 0\n"
             "  for _, f in ipairs({\n"
             "    function() input.spec = {} end, function() input.spec.x = 2 end, function() input.list[1] = 9 end, function() "
             "table.insert(input.list, 9) end,\n"
             "    function() table.remove(input.list) end, function() table.sort(input.list) end, function() string.len = 1 end,\n"
             "    function() for k, v in pairs(input.deep) do v.b = 1 end end, function() input.list[#input.list + 1] = 1 end,\n"
             "  }) do if not pcall(f) then tried = tried + 1 end end\n"
             "  return 'refused ' .. tried .. ' n ' .. n .. ' count ' .. count end }\n");
    add_file(&f, "b.lua",
             "return { name = 'b-reads', check = function(input)\n"
             "  if count ~= nil or input.spec.x ~= 1 or #input.list ~= 3 or input.list[1] ~= 3 or input.deep.a.b ~= nil or string.len('x') "
             "~= 1 then return 'changed' end end }\n");
    load(&f, NULL);
    for (int i = 0; i < 3; i++) {
        d = ask(&f, "deployment", "{\"spec\": {\"x\": 1}, \"list\": [3, 2, 1], \"deep\": {\"a\": {\"c\": 1}}}");
        CU_ASSERT_FALSE(d->denied);
        CU_ASSERT_EQUAL(json_array_size(d->violations), 1);
        ASSERT_TEXT(violation(d, 0, "message"), "refused 9 n 1 count 2");
        ASSERT_TEXT(decision_of(d, "b-reads"), "passed");
    }
}

static void test_frozen_input_reads_like_tables(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;

    add_file(&f, "a.lua",
             "return { name = 'a', check = function(input)\n"
             "  local keys = {}\n"
             "  for k, v in pairs(input.object) do keys[#keys + 1] = k .. '=' .. tostring(v) end\n"
             "  assert(table.concat(keys, ' ') == 'z=1 a=true m=table', table.concat(keys, ' '))\n"
             "  local sum = 0\n"
             "  for i, v in ipairs(input.list) do sum = sum + i * v end\n"
             "  for _, v in pairs(input.list) do sum = sum + v end\n"
             "  assert(sum == 20, sum)\n"
             "  assert(#input.list == 3 and #input.empty == 0 and #input.object == 0)\n"
             "  assert(next(input.empty) == nil and next(input.object) ~= nil and input.null == nil)\n"
             "  assert(type(input.list) == 'table' and type(input.secret) == 'secret' and tostring(input.secret) == '<secret>')\n"
             "  assert(table.concat(input.list, ',') == '1,2,3' and select('#', table.unpack(input.list)) == 3)\n"
             "  assert(contains(input.list, 2) and not contains(input.list, 9) and contains(input.object, 'z'))\n"
             "  assert(json.encode(input.object) == '{\"a\":true,\"m\":{\"x\":[]},\"z\":1}', json.encode(input.object))\n"
             "  assert(input.object == input.object and input.object.m.x)\n"
             "  return { message = 'm', value = { input.list, input.secret, input.empty, input.object.m } } end }");
    load(&f, NULL);
    d = ask(&f, "deployment",
            "{\"object\": {\"z\": 1, \"n\": null, \"a\": true, \"m\": {\"x\": []}}, \"list\": [1, 2, 3], \"empty\": [], \"null\": null, "
            "\"secret\": {\"$secret\": \"vault:x\"}}");
    CU_ASSERT_EQUAL(d->code, ERR_DENIED);
    CLEANUP(free_ptr) char *value = json_canonical(json_object_get(json_array_get(d->violations, 0), "value"));
    ASSERT_TEXT(value, "[[1,2,3],{\"$secret\":\"vault:x\"},[],{\"x\":[]}]");
    if (d->code != ERR_DENIED)
        fprintf(stderr, "%s\n", violation(d, 0, "message"));
}

static void test_budget_denies(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;
    struct err err;

    add_file(&f, "a.lua", "return { name = 'slow', check = function() while true do end end }");
    add_file(&f, "b.lua", "return { name = 'fine', check = function() end }");
    load(&f, NULL);
    d = ask(&f, "deployment", "{}");
    CU_ASSERT_TRUE(d->denied);
    CU_ASSERT_EQUAL(d->code, ERR_POLICY_BUDGET);
    ASSERT_TEXT(decision_of(d, "slow"), "error");
    ASSERT_TEXT(decision_of(d, "fine"), "passed"); /* those after it are asked all the same */
    CU_ASSERT_EQUAL(policy_decision_to_err(d, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_POLICY_BUDGET);
    f.overrides = json_pack("{s:s}", "slow", "warn");
    load(&f, NULL);
    d = ask(&f, "deployment", "{}");
    CU_ASSERT_FALSE(d->denied);
    ASSERT_TEXT(violation(d, 0, "severity"), "warn");
}

static void test_modes(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    static const char input[] = "{\"admin\": {\"workflowPolicies\": {\"requiredPlatformWorkflows\": [\"scan\"]}}}";
    const struct policy_decision *d;

    add_file(&f, "a.lua",
             "return { { name = 'mine', check = function() return true end }, { name = 'soft', severity = 'info', check = function() "
             "return true end } }");
    load(&f, "enforce");
    d = ask(&f, "deployment", input);
    ASSERT_TEXT(decision_of(d, "mine"), "denied");
    ASSERT_TEXT(decision_of(d, "soft"), "passed");
    ASSERT_TEXT(decision_of(d, "required-platform-workflows"), "denied");
    load(&f, "warn"); /* the admin's own rules only: the limits stay */
    d = ask(&f, "deployment", input);
    ASSERT_TEXT(decision_of(d, "mine"), "warned");
    ASSERT_TEXT(decision_of(d, "required-platform-workflows"), "denied");
    load(&f, "off");
    d = ask(&f, "deployment", input);
    ASSERT_TEXT(decision_of(d, "mine"), "");
    CU_ASSERT_TRUE(d->denied);
    f.overrides = json_pack("{s:s, s:s, s:s, s:s}", "required-platform-workflows", "warn", "mine", "deny", "mein", "off", "soft", "loud");
    load(&f, "off");
    d = ask(&f, "deployment", input);
    ASSERT_TEXT(decision_of(d, "mine"), "denied");
    ASSERT_TEXT(decision_of(d, "required-platform-workflows"), "warned");
    CU_ASSERT_EQUAL(f.diags.warnings, 1); /* "mein" */
    ASSERT_TEXT(f.diags.items[0].suggestion ? f.diags.items[0].suggestion : f.diags.items[1].suggestion, "mine");
    CU_ASSERT_EQUAL(f.diags.errors, 1); /* "loud" */
    load(&f, "sometimes");
    CU_ASSERT(f.diags.errors >= 1);
    CU_ASSERT_TRUE(ask(&f, "deployment", input)->denied);
}

static void test_points(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();

    add_file(&f, "a.lua",
             "return { { name = 's', on = 'step', check = function() return true end }, { name = 'r', on = 'resource', check = function() "
             "return true end },\n"
             "{ name = 'd', on = 'deployment', applies_to = { 'delete' }, check = function() return true end } }");
    load(&f, NULL);
    CU_ASSERT_FALSE(ask(&f, "deployment", "{}")->denied);
    CU_ASSERT_FALSE(ask(&f, "deployment", "{\"deployment\": {\"kind\": \"deploy\"}}")->denied);
    CU_ASSERT_TRUE(ask(&f, "deployment", "{\"deployment\": {\"kind\": \"delete\"}}")->denied);
    CU_ASSERT_TRUE(ask(&f, "step", "{}")->denied);
    ASSERT_TEXT(decision_of(&f.decision, "r"), "");
    CU_ASSERT_FALSE(ask(&f, "plugin", "{}")->denied);
}

static void test_many_violations(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    const struct policy_decision *d;

    add_file(&f, "a.lua",
             "return { name = 'a', check = function() local t = {} for i = 1, 500 do t[i] = 'number ' .. i end return t end }");
    load(&f, NULL);
    d = ask(&f, "deployment", "{}");
    CU_ASSERT_EQUAL(json_array_size(d->violations), 100);
    CU_ASSERT_EQUAL(json_int(json_array_get(d->policies, json_array_size(d->policies) - 1), "violations", 0), 500);
}

#ifdef __SANITIZE_THREAD__
#define LARGE 5000 /* handing it in is some thirty times slower */
#else
#define LARGE 150000
#endif

static void test_large_input(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    CLEANUP(json_put) json_t *input = json_object();
    json_t *list = json_array();

    json_object_set_new(input, "list", list);
    for (int i = 0; i < LARGE; i++)
        json_array_append_new(list, json_pack("{s:i}", "n", i));
    add_file(&f, "a.lua",
             arena_printf(
                 &f.arena,
                 "return { name = 'a', check = function(input) if #input.list ~= %d or input.list[%d].n ~= %d then return true end end }",
                 LARGE, LARGE, LARGE - 1));
    add_file(&f, "b.lua", "return { name = 'b', check = function(input) if next(input) == nil then return true end end }");
    load(&f, NULL);
    policy_evaluate(f.set, "deployment", input, &f.decision);
    CU_ASSERT_FALSE(f.decision.denied);
    if (f.decision.denied)
        fprintf(stderr, "%s\n", violation(&f.decision, 0, "message"));
}

static void test_describe(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    CLEANUP(json_put) json_t *list = NULL;
    const json_t *mine = NULL, *about;
    size_t i;

    add_file(&f, "a.lua",
             "return { name = 'mine', on = 'step', severity = 'warn', description = 'd',\n  check = function(input)\n    if input.x then\n "
             "     return true\n    end\n  end }");
    add_file(&f, "a_test.lua", "return { { name = 'fine', input = {}, expect = { denied = false, warned = false } } }");
    load(&f, NULL);
    list = policy_set_describe(f.set);
    json_array_foreach(list, i, about)
    {
        CU_ASSERT_EQUAL(strlen(json_str(about, "sha256")), 64);
        CU_ASSERT(json_int(about, "tests", -1) > 0);
        if (json_flag(about, "shipped", false))
            CU_ASSERT_EQUAL(json_int(about, "coverage", -1), 100);
        if (str_eq(json_str(about, "name"), "mine"))
            mine = about;
    }
    CU_ASSERT_EQUAL(json_array_size(list), 10);
    ASSERT_TEXT(json_str(mine, "on"), "step");
    ASSERT_TEXT(json_str(mine, "severity"), "warn");
    ASSERT_TEXT(json_str(mine, "mode"), "warn");
    CU_ASSERT_EQUAL(json_int(mine, "tests", -1), 1);
    CU_ASSERT(json_int(mine, "coverage", -1) > 0 && json_int(mine, "coverage", -1) < 100);
}

static void test_policy_tests(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    CLEANUP(json_put) json_t *report = NULL;
    struct err err;
    const json_t *test;
    size_t i;

    add_file(&f, "a.lua", "return { name = 'a', check = function(input) if input.x then return 'x is set' end end }");
    add_file(&f, "a_test.lua",
             "return {\n"
             "  { name = 'p1', input = { x = 1 }, expect = { denied = true, messages = { 'x is set' } } },\n"
             "  { name = 'p2', policy = 'a', input = {}, expect = { denied = false } },\n"
             "  { name = 'f1', input = {}, expect = { denied = true } },\n"
             "  { name = 'f2', input = { x = 1 }, expect = { messages = { 'another text' } } },\n"
             "  { name = 'f3', policy = 'nobody', input = {}, expect = { denied = false } },\n"
             "  { name = 'f4', input = {} },\n"
             "  { name = 'f5', expect = { denied = false } },\n"
             "  { input = {}, expect = { denied = false } },\n"
             "}\n");
    add_file(&f, "lonely_test.lua", "return {}");
    add_file(&f, "syntax.lua", "return {");
    add_file(&f, "syntax_test.lua", "return {}");
    add_file(&f, "untested.lua", "return { name = 'untested', check = function() end }");
    ASSERT_OK(policy_test_dir(f.dir, true, &report, &err), err);
    CU_ASSERT_EQUAL(json_int(report, "passed", -1), 2);
    CU_ASSERT_EQUAL(json_int(report, "failed", -1), 8);
    CU_ASSERT_EQUAL(json_int(json_object_get(report, "coverage"), "a", -1), 100);
    CU_ASSERT_EQUAL(json_int(json_object_get(report, "coverage"), "untested", -1), 0);
    json_array_foreach(json_object_get(report, "cases"), i, test) CU_ASSERT_EQUAL(
        json_flag(test, "passed", false), str_starts(json_str(test, "name"), "p1") || str_starts(json_str(test, "name"), "p2"));
    ASSERT_FAILS(policy_test_dir("/proc/nonexistent", true, &report, &err), err, ERR_NOT_FOUND);
}

static void test_eval_file(void)
{
    CLEANUP(fixture_fini) struct fixture f = fixture();
    CLEANUP(json_put) json_t *input = json_object();
    struct err err;

    add_file(&f, "a.lua",
             "return { { name = 'a', on = 'step', check = function() return true end }, { name = 'b', check = function() end } }");
    add_file(&f, "broken.lua", "return");
    ASSERT_OK(policy_eval_file(arena_printf(&f.arena, "%s/a.lua", f.dir), input, NULL, &f.decision, &err), err);
    CU_ASSERT_TRUE(f.decision.denied);
    CU_ASSERT_EQUAL(json_array_size(f.decision.policies), 2);
    policy_decision_fini(&f.decision);
    ASSERT_FAILS(policy_eval_file(arena_printf(&f.arena, "%s/broken.lua", f.dir), input, NULL, &f.decision, &err), err, ERR_POLICY_FILE);
    ASSERT_FAILS(policy_eval_file("/nonexistent.lua", input, NULL, &f.decision, &err), err, ERR_NOT_FOUND);
    ASSERT_FAILS(policy_eval_file("/etc/passwd", input, NULL, &f.decision, &err), err, ERR_POLICY_FILE);
}

const struct test_case tests[] = {
    {"every shape of answer becomes violations with all their members", test_shapes},
    {"a missing value is looked up by the path", test_value_is_looked_up},
    {"an answer that is no answer denies", test_wrong_answers},
    {"a broken file is reported and denies at every point", test_broken_files},
    {"a broken file is reported with its line", test_line_of_broken_file},
    {"an unreadable directory is an error, an unreadable file denies", test_unreadable},
    {"no policy can change what the next one sees", test_isolation},
    {"the read-only input reads like tables", test_frozen_input_reads_like_tables},
    {"a policy over budget denies with its own code, unless it only warns", test_budget_denies},
    {"mode is for the admin's own policies, overrides are for all", test_modes},
    {"policies are asked at their point and for their kinds of deployment", test_points},
    {"a policy with very many violations shows some and counts all", test_many_violations},
    {"a large input is no budget of a policy that looks at little of it", test_large_input},
    {"a description has tests and coverage", test_describe},
    {"policy tests pass and fail as they should", test_policy_tests},
    {"one file is evaluated at all its points", test_eval_file},
    {0},
};
