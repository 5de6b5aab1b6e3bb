/* Policy files: a JSON input, a NUL byte, the file. It is loaded, described, and evaluated at each point within a small budget. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "fuzz.h"
#include "policy/set_priv.h"
#include <string.h>

static void check(const struct policy_decision *d)
{
    struct err err = {0};

    FUZZ_CHECK(json_is_array(d->violations) && json_is_array(d->policies));
    FUZZ_CHECK(d->denied == (d->code != ERR_NONE));
    if (d->denied)
        FUZZ_CHECK(policy_decision_to_err(d, &err) == -1 && err.msg[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const points[] = {"deployment", "workflow", "step", "resource", "plugin", NULL};
    /* Instructions and bytes decide, never the clock, so that the same input ends the same way. */
    static const struct policy_limits limits = {.wall_ms = 60000, .instructions = 50000, .bytes = 2 << 20};
    CLEANUP(arena_fini) struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "policies");
    CLEANUP(policy_set_put) struct policy_set *set = NULL;
    CLEANUP(json_put) json_t *input = NULL;
    const char *lua;
    size_t lua_len;
    CLEANUP(free_ptr) char *text = fuzz_split(data, size, &lua, &lua_len);
    struct err err = {0};

    if (lua_len > LIMIT_POLICY_FILE_BYTES)
        return 0;
    if (json_parse(text, strlen(text), "input", LIMIT_LUA_INPUT_BYTES, &input, &err) < 0)
        input = json_object();
    json_freeze_in_place(input);
    set = policy_set_new(&limits);
    policy_set_reserve(set, 1);
    policy_set_add_file(set, "policies/fuzz.lua", lua, lua_len);
    policy_set_inspect(set, &diags);
    policy_set_settle(set, "enforce", NULL, &diags);
    diag_render(&diags, lua, false, &arena);
    for (size_t i = 0; points[i]; i++) {
        CLEANUP(policy_decision_fini) struct policy_decision decision = {0};

        if (!policy_set_has(set, points[i]))
            continue;
        policy_evaluate(set, points[i], input, &decision);
        check(&decision);
    }
    json_decref(policy_set_describe(set));
    json_frozen_free(take_ptr(input));
    return 0;
}
