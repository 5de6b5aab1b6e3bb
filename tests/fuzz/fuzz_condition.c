/* `when` conditions: a JSON scope, a NUL byte, an expression. Its check, its translation from older forms, its value; what is fine to
 * compile is not a syntax error when it is evaluated. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "fuzz.h"
#include "policy/policy.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct policy_limits limits = {.wall_ms = 60000, .instructions = 50000, .bytes = 2 << 20};
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *scope = NULL;
    const char *expression, *translated = NULL;
    size_t expression_len;
    CLEANUP(free_ptr) char *text = fuzz_split(data, size, &expression, &expression_len);
    struct err err = {0};
    bool value = false;

    if (json_parse(text, strlen(text), "scope", LIMIT_LUA_INPUT_BYTES, &scope, &err) < 0 || !json_is_object(scope)) {
        json_decref(scope);
        scope = json_object();
    }
    err = (struct err){0};
    if (condition_check(expression, &arena, &translated, &err) < 0)
        FUZZ_CHECK(err.code && err.msg[0]);
    err = (struct err){0};
    if (condition_evaluate(expression, scope, &limits, &value, &err) < 0)
        FUZZ_CHECK(err.code && err.msg[0]);
    return 0;
}
