/* `policy test` and `policy eval`: the tests beside a policy (name_test.lua), with line coverage, and one file against one input. Any
 * thread. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "policy/set_priv.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST_SUFFIX   "_test.lua"
#define UPVALUE_DEPTH 8 /* helpers of helpers that coverage follows */
#define CASES_MAX     1000

/* ---- coverage: which lines have code ---- */

static void mark_lines(lua_State *L, struct coverage *coverage, int depth)
{
    lua_Debug about;

    if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1) || depth > UPVALUE_DEPTH)
        return;
    luaL_checkstack(L, 10, "coverage");
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">SL", &about); /* pushes the table of active lines */
    if (strcmp(about.source, coverage->chunk) == 0)
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            lua_Integer line = lua_tointeger(L, -2);

            if (line > 0 && line < coverage->lines)
                coverage->active[line] = true;
        }
    lua_pop(L, 1);
    for (int i = 1; lua_getupvalue(L, -1, i); i++) {
        mark_lines(L, coverage, depth + 1);
        lua_pop(L, 1);
    }
}

struct marking {
    const struct policy_set *set;
    struct coverage *coverage;
};

/* Lines of the chunk, of each check function and of the helpers that they use. */
static int mark_file(lua_State *L)
{
    struct marking *marking = lua_touserdata(L, 1);
    const struct policy_file *file = &marking->set->files[0];

    sandbox_compile(L, file->text, file->len, file->chunk);
    mark_lines(L, marking->coverage, 0);
    lua_call(L, 0, 1);
    for (size_t i = 0; i < marking->set->policy_count; i++) {
        lua_pushvalue(L, -1);
        if (marking->set->policies[i].index)
            lua_rawgeti(L, -1, marking->set->policies[i].index);
        lua_getfield(L, -1, "check");
        mark_lines(L, marking->coverage, 0);
        lua_settop(L, 2);
    }
    return 0;
}

static void mark_active(struct policy_set *set)
{
    struct marking marking = {set, set->coverage};
    struct sandbox sb;
    struct err ignored = {0};

    if (set->files[0].broken || sandbox_open(&sb, NULL, &set->limits, SANDBOX_POLICY, &ignored) < 0)
        return;
    sandbox_start(&sb);
    sandbox_protect(&sb, mark_file, &marking, ERR_POLICY_FAILED, &ignored);
    sandbox_close(&sb);
}

static int percent(const struct coverage *coverage)
{
    int active = 0, hit = 0;

    for (int i = 0; i < coverage->lines; i++) {
        active += coverage->active[i] || coverage->hit[i];
        hit += coverage->hit[i];
    }
    return active ? 100 * hit / active : 100;
}

/* ---- cases ---- */

struct reading {
    const struct policy_file *file;
    const char *chunk;
    json_t *results;
};

static int read_cases(lua_State *L)
{
    struct reading *reading = lua_touserdata(L, 1);
    struct value_reader reader = {.root = reading->results, .what = "test file", .max = LIMIT_LUA_INPUT_BYTES};

    sandbox_compile(L, reading->file->tests, reading->file->tests_len, reading->chunk);
    lua_call(L, 0, 1);
    value_read(L, -1, &reader);
    return 0;
}

/* Runs the test file, which is data made by Lua. out: new reference, a list. */
static int load_cases(const struct policy_file *file, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *results = json_array();
    CLEANUP(free_ptr) char *chunk = mem_printf("=%.*s" TEST_SUFFIX, (int)(strlen(file->name) - 4), file->name);
    struct reading reading = {file, chunk, results};
    struct sandbox sb;
    int rc;

    if (sandbox_open(&sb, NULL, NULL, SANDBOX_SCRIPT, err) < 0)
        return -1;
    sandbox_start(&sb);
    rc = sandbox_protect(&sb, read_cases, &reading, ERR_POLICY_FILE, err);
    sandbox_close(&sb);
    if (rc < 0)
        return -1;
    if (!json_is_array(json_array_get(results, 0)))
        return err_set(err, ERR_POLICY_FILE, "%s: the file returns no list of cases {name, policy, input, expect}", chunk + 1);
    if (json_array_size(json_array_get(results, 0)) > CASES_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d cases", chunk + 1, CASES_MAX);
    *out = json_incref(json_array_get(results, 0));
    return 0;
}

static void add_case(json_t *cases, const struct policy_file *file, const char *name, const char *policy, const char *problem)
{
    json_t *about = json_object();

    json_set_str(about, "file", file->name);
    json_set_str(about, "name", name);
    json_set_str(about, "policy", policy);
    json_set_flag(about, "passed", problem == NULL);
    json_set_str(about, "message", problem);
    json_array_append_new(cases, about);
}

static bool some_message_has(const struct policy_decision *d, const char *part)
{
    for (size_t i = 0; i < json_array_size(d->violations); i++)
        if (strstr(json_str(json_array_get(d->violations, i), "message"), part))
            return true;
    return false;
}

static bool is_warned(const struct policy_decision *d)
{
    for (size_t i = 0; i < json_array_size(d->violations); i++)
        if (str_eq(json_str(json_array_get(d->violations, i), "severity"), "warn"))
            return true;
    return false;
}

/* What is wrong with a decision, malloc'd; NULL when it is as expected. */
static char *compare(const json_t *expect, const struct policy_decision *d)
{
    const json_t *denied = json_object_get(expect, "denied"), *warned = json_object_get(expect, "warned");
    const json_t *messages = json_object_get(expect, "messages");
    CLEANUP(free_ptr) char *got = json_text(d->violations);

    if (!denied && !warned && !json_array_size(messages))
        return mem_strdup("the case expects nothing: write expect = {denied = true or false}");
    if (d->code == ERR_POLICY_FAILED || d->code == ERR_POLICY_BUDGET)
        return mem_printf("%.900s", json_str(json_array_get(d->violations, 0), "message"));
    if (denied && json_is_true(denied) != d->denied)
        return mem_printf("expected %s, got %.900s", json_is_true(denied) ? "a denial" : "no denial", got);
    if (warned && json_is_true(warned) != is_warned(d))
        return mem_printf("expected %s, got %.900s", json_is_true(warned) ? "a warning" : "no warning", got);
    for (size_t i = 0; i < json_array_size(messages); i++) {
        const char *part = json_string_value(json_array_get(messages, i));

        if (!part || !some_message_has(d, part))
            return mem_printf("no message contains \"%.200s\", got %.900s", part ? part : "(not a text)", got);
    }
    return NULL;
}

static bool has_policy(const struct policy_set *set, const char *name)
{
    for (size_t i = 0; i < set->policy_count; i++)
        if (str_eq(set->policies[i].name, name))
            return true;
    return false;
}

/* Runs one case; true when it passed. */
static bool run_case(struct policy_set *set, const json_t *test, json_t *cases)
{
    const char *name = json_str(test, "name"), *policy = json_str(test, "policy");
    struct evaluation which = {.policy = policy};
    struct policy_decision decision = {0};
    CLEANUP(free_ptr) char *problem = NULL;
    CLEANUP(json_put) json_t *input = json_deep_copy(json_object_get(test, "input"));

    if (!name)
        problem = mem_strdup("the case has no name");
    else if (policy && !has_policy(set, policy))
        problem = mem_printf("the file has no policy \"%.100s\"", policy);
    else if (!json_is_object(input))
        problem = mem_strdup("the case has no input");
    else {
        policy_evaluate_some(set, &which, input, &decision);
        problem = compare(json_object_get(test, "expect"), &decision);
    }
    add_case(cases, &set->files[0], name ? name : "?", policy ? policy : set->policies[0].name, problem);
    policy_decision_fini(&decision);
    return problem == NULL;
}

static int count_lines(const char *text)
{
    int lines = 2; /* lines count from 1, and the last may lack its newline */

    while ((text = strchr(text, '\n'))) {
        lines++;
        text++;
    }
    return lines;
}

/* A set of its own for one file, as the tests see it. */
static struct policy_set *set_of(const struct policy_file *file, const struct policy_limits *limits)
{
    struct policy_set *set = policy_set_new(limits);
    struct policy_file *own;

    policy_set_reserve(set, 1);
    own = policy_set_add_file(set, file->name, file->text, file->len);
    own->broken = file->broken ? arena_strdup(&set->arena, file->broken) : NULL;
    policy_set_inspect(set, NULL);
    policy_set_settle(set, NULL, NULL, NULL);
    return set;
}

static void start_coverage(struct policy_set *set)
{
    int lines = count_lines(set->files[0].text);

    set->coverage = arena_alloc(&set->arena, sizeof *set->coverage);
    *set->coverage = (struct coverage){.active = arena_array(&set->arena, (size_t)lines, sizeof(bool)),
                                       .hit = arena_array(&set->arena, (size_t)lines, sizeof(bool)),
                                       .lines = lines,
                                       .chunk = set->files[0].chunk};
    mark_active(set);
}

size_t policy_test_file(const struct policy_file *file, bool coverage, json_t *cases, int *out_coverage, size_t *out_failed)
{
    CLEANUP(policy_set_put) struct policy_set *set = set_of(file, NULL);
    CLEANUP(json_put) json_t *tests = NULL;
    struct err err = {0};
    size_t failed = 0, count;

    if (set->files[0].broken)
        err_set(&err, ERR_POLICY_FILE, "%s", set->files[0].broken);
    if (set->files[0].broken || load_cases(file, &tests, &err) < 0) {
        add_case(cases, file, "the file and its tests can be loaded", NULL, err.msg);
        *out_failed = 1;
        return 1;
    }
    if (coverage)
        start_coverage(set);
    count = json_array_size(tests);
    for (size_t i = 0; i < count; i++)
        failed += !run_case(set, json_array_get(tests, i), cases);
    if (coverage)
        *out_coverage = percent(set->coverage);
    *out_failed = failed;
    return count;
}

/* ---- a directory ---- */

struct test_run {
    const char *dir;
    bool coverage;
    json_t *cases, *covered;
    size_t passed, failed;
};

/* Reads name.lua and name_test.lua of the directory and runs them. */
static void test_pair(struct test_run *run, const char *tests_name)
{
    CLEANUP(free_ptr) char *name = mem_printf("%.*s.lua", (int)(strlen(tests_name) - strlen(TEST_SUFFIX)), tests_name);
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s", run->dir, name), *tests_path = mem_printf("%s/%s", run->dir, tests_name);
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *tests = NULL;
    struct policy_file file = {.name = name};
    struct err err = {0};
    size_t failed = 0, count;
    int coverage = -1;

    if (io_read_file(path, LIMIT_POLICY_FILE_BYTES, &text, &file.len, &err) < 0 ||
        io_read_file(tests_path, LIMIT_LUA_INPUT_BYTES, &tests, &file.tests_len, &err) < 0) {
        add_case(run->cases, &file, "the policy and its tests can be read", NULL, err.msg);
        run->failed++;
        return;
    }
    file.text = text;
    file.tests = tests;
    count = policy_test_file(&file, run->coverage, run->cases, &coverage, &failed);
    run->passed += count - failed;
    run->failed += failed;
    if (run->coverage && coverage >= 0) {
        CLEANUP(policy_set_put) struct policy_set *set = set_of(&file, NULL);

        for (size_t i = 0; i < set->policy_count; i++)
            json_set_int(run->covered, set->policies[i].name, coverage);
    }
}

/* A policy file without tests is 0 % covered. One that cannot be loaded fails: on a server it would deny everything. */
static void add_untested(struct test_run *run, const char *file_name)
{
    CLEANUP(free_ptr) char *tests = mem_printf("%s/%.*s" TEST_SUFFIX, run->dir, (int)(strlen(file_name) - 4), file_name);
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s", run->dir, file_name);
    CLEANUP(free_ptr) char *text = NULL;
    struct policy_file file = {.name = file_name};
    struct err err = {0};

    if (io_exists(tests))
        return;
    if (io_read_file(path, LIMIT_POLICY_FILE_BYTES, &text, &file.len, &err) < 0) {
        add_case(run->cases, &file, "the file can be read", NULL, err.msg);
        run->failed++;
        return;
    }
    file.text = text;
    CLEANUP(policy_set_put) struct policy_set *set = set_of(&file, NULL);
    if (set->files[0].broken) {
        add_case(run->cases, &file, "the file can be loaded", NULL, set->files[0].broken);
        run->failed++;
    }
    for (size_t i = 0; run->coverage && i < set->policy_count; i++)
        json_set_int(run->covered, set->policies[i].name, 0);
}

static int is_lua(const struct dirent *entry) { return entry->d_name[0] != '.' && str_ends(entry->d_name, ".lua"); }

int policy_test_dir(const char *dir, bool coverage, json_t **out, struct err *err)
{
    struct dirent **entries;
    struct test_run run = {.dir = dir, .coverage = coverage};
    int count = scandir(dir, &entries, is_lua, alphasort);

    if (count < 0)
        return err_set_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot read the directory %s", dir);
    run.cases = json_array();
    run.covered = json_object();
    for (int i = 0; i < count; i++) {
        if (str_ends(entries[i]->d_name, TEST_SUFFIX))
            test_pair(&run, entries[i]->d_name);
        else
            add_untested(&run, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *out = json_object();
    json_set_new(*out, "cases", run.cases);
    json_set_new(*out, "coverage", run.covered);
    json_set_int(*out, "passed", (int64_t)run.passed);
    json_set_int(*out, "failed", (int64_t)run.failed);
    return 0;
}

/* ---- one file ---- */

int policy_eval_file(const char *path, const json_t *input, const struct policy_limits *limits, struct policy_decision *out,
                     struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct policy_file file = {.name = path};
    struct evaluation every = {0};

    if (!str_ends(path, ".lua"))
        return err_set(err, ERR_POLICY_FILE, "%s: a policy is a .lua file", path);
    if (io_read_file(path, LIMIT_POLICY_FILE_BYTES, &text, &file.len, err) < 0)
        return -1;
    file.text = text;
    CLEANUP(policy_set_put) struct policy_set *set = set_of(&file, limits);
    if (set->files[0].broken)
        return err_set(err, ERR_POLICY_FILE, "%s", set->files[0].broken);
    for (size_t i = 0; i < set->policy_count; i++)
        if (str_eq(set->policies[i].on, "plugin"))
            return err_set(err, ERR_POLICY_FILE,
                           "%s: \"%s\" is asked about plugins, not about Score files; `innominatus policy test` tries it on inputs, and "
                           "`innominatus admin validate` on the entries of a configuration",
                           path, set->policies[i].name);
    policy_evaluate_some(set, &every, input, out);
    return 0;
}
