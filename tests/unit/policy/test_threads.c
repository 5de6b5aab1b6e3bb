/* Many threads evaluate one set, with policies that pass, deny, fail and run over budget, while others load and release it. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8
#define ROUNDS  40

static const char files[] =
    "seen = (seen or 0) + 1\n"
    "local calls = 0\n"
    "return {\n"
    "  { name = 'state', check = function(input)\n"
    "      calls = calls + 1\n"
    "      return (seen ~= 1 or calls ~= 1) and 'something stayed' or nil end },\n"
    "  { name = 'mine', check = function(input) if input.number % 2 == 1 then return { message = 'odd ' .. input.number, path = '/number' "
    "} end end },\n"
    "  { name = 'broken-for-some', severity = 'warn', check = function(input) if input.number % 5 == 0 then error('five') end end },\n"
    "  { name = 'slow-for-some', severity = 'warn', check = function(input) while input.number % 7 == 0 do end end },\n"
    "}\n";

static struct policy_set *set;
static atomic_int wrong;

static void check_decision(const struct policy_decision *d, int64_t number)
{
    size_t expected = (size_t)(number % 2 == 1) + (number % 5 == 0) + (number % 7 == 0);

    if (d->denied != (number % 2 == 1) || json_array_size(d->violations) != expected)
        atomic_fetch_add(&wrong, 1);
    if (d->denied && !str_eq(json_str(json_array_get(d->violations, 0), "policy"), "mine"))
        atomic_fetch_add(&wrong, 1);
}

static void *work(void *arg)
{
    int64_t first = (int64_t)(intptr_t)arg * 1000;
    struct policy_set *own = policy_set_ref(set);

    for (int64_t i = 0; i < ROUNDS; i++) {
        CLEANUP(json_put) json_t *input = json_pack("{s:I}", "number", (json_int_t)(first + i));
        struct policy_decision decision = {0};

        policy_evaluate(own, "deployment", input, &decision);
        check_decision(&decision, first + i);
        policy_decision_fini(&decision);
        if (i == ROUNDS / 2) {
            CLEANUP(json_put) json_t *about = policy_set_describe(own);

            if (!json_array_size(about))
                atomic_fetch_add(&wrong, 1);
        }
    }
    policy_set_unref(own);
    return NULL;
}

static void test_threads(void)
{
    const char *dir = test_dir();
    struct arena arena = {0};
    struct policy_set_options options = {.dir = dir, .limits = {.wall_ms = 60000, .instructions = 100000}};
    pthread_t threads[THREADS];
    struct err err;

    ASSERT_OK(io_write_atomic(arena_printf(&arena, "%s/a.lua", dir), files, strlen(files), 0600, &err), err);
    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    for (size_t i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    policy_set_unref(set);
    CU_ASSERT_EQUAL(atomic_load(&wrong), 0);
    arena_fini(&arena);
}

static void *conditions(void *arg)
{
    for (int i = 0; i < 200; i++) {
        CLEANUP(json_put) json_t *scope = json_pack("{s:i}", "index", i);
        struct err err = {0};
        bool value = false;

        if (condition_evaluate("index % 2 == 0 && true", scope, &(struct policy_limits){.wall_ms = 60000}, &value, &err) < 0 ||
            value != (i % 2 == 0))
            atomic_fetch_add((atomic_int *)arg, 1);
    }
    return NULL;
}

static void test_conditions(void)
{
    pthread_t threads[THREADS];
    atomic_int failures = 0;

    for (size_t i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(pthread_create(&threads[i], NULL, conditions, &failures), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&failures), 0);
}

const struct test_case tests[] = {
    {"eight threads evaluate one set, and nothing stays between evaluations", test_threads},
    {"eight threads evaluate conditions", test_conditions},
    {0},
};
