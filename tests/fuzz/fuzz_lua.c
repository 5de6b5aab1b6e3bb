/* The boundary between JSON and Lua: a JSON scope, a NUL byte, a script that works with it by the library and returns a table. What comes
 * back is JSON within its limits. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "fuzz.h"
#include "policy/policy.h"
#include <string.h>

static void on_line(void *ctx, const char *line)
{
    FUZZ_CHECK(strlen(line) <= LIMIT_LOG_LINE_BYTES);
    FUZZ_CHECK(*(const bool *)ctx || !strstr(line, "env:HIDDEN"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(json_put) json_t *scope = NULL, *out = NULL;
    const char *source;
    size_t source_len;
    CLEANUP(free_ptr) char *text = fuzz_split(data, size, &source, &source_len);
    bool knows = strstr(source, "HIDDEN") || strstr(source, "env:") || strstr(text, "HIDDEN"); /* then it may say so */
    struct lua_script script = {.source = source,
                                .name = "step fuzz",
                                .limits = {.wall_ms = 60000, .instructions = 50000, .bytes = 2 << 20},
                                .on_line = on_line,
                                .ctx = &knows};
    struct err err = {0};

    if (json_parse(text, strlen(text), "scope", LIMIT_LUA_INPUT_BYTES, &scope, &err) < 0 || !json_is_object(scope)) {
        json_decref(scope);
        scope = json_object();
    }
    json_set_new(scope, "secret", json_secret_new("env:HIDDEN"));
    script.scope = scope;
    err = (struct err){0};
    if (lua_script_run(&script, &out, &err) == 0) {
        CLEANUP(free_ptr) char *result = json_text(out);

        FUZZ_CHECK(json_is_object(out) && result);
    } else {
        FUZZ_CHECK(err.code && err.msg[0] && (knows || !strstr(err.msg, "env:HIDDEN")));
    }
    return 0;
}
