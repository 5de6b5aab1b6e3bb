/* `lua` steps: a script in a fresh state, the scope's members as globals, its result as JSON. Called by workers. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "policy/sandbox_priv.h"
#include <stdlib.h>
#include <string.h>

struct run {
    const struct lua_script *script;
    char *chunk;
    struct value_reader reader;
    bool nothing; /* the script returned nothing */
};

static int run_script(lua_State *L)
{
    struct run *run = lua_touserdata(L, 1);

    sandbox_compile(L, run->script->source, strlen(run->script->source), run->chunk);
    lua_call(L, 0, 1);
    run->nothing = lua_isnil(L, -1);
    if (run->nothing)
        return 0;
    if (lua_type(L, -1) != LUA_TTABLE)
        return luaL_error(L, "the script returned a %s: return a table, or nothing", luaL_typename(L, -1));
    value_read(L, -1, &run->reader);
    return 0;
}

static void free_run(struct run *run)
{
    free(run->chunk);
    json_put(&run->reader.root);
}

int lua_script_run(const struct lua_script *script, json_t **out, struct err *err)
{
    struct sandbox sb;
    const char *name = script->name ? script->name : "script";
    CLEANUP(free_run)
    struct run run = {.script = script,
                      .chunk = mem_printf("=%s", name),
                      .reader = {.root = json_array(), .what = "result", .max = LIMIT_LUA_RESULT_BYTES}};
    json_t *result;
    int rc;

    if (strlen(script->source) > LIMIT_POLICY_FILE_BYTES)
        return err_set(err, ERR_LIMIT, "%s: the script is longer than %u KiB", name, LIMIT_POLICY_FILE_BYTES / 1024);
    if (sandbox_open(&sb, NULL, &script->limits, SANDBOX_SCRIPT, err) < 0)
        return -1;
    sb.scope = script->scope;
    sb.cancel = script->cancel;
    sb.on_line = script->on_line;
    sb.ctx = script->ctx;
    sandbox_start(&sb);
    rc = sandbox_protect(&sb, run_script, &run, ERR_LUA, err);
    sandbox_close(&sb);
    if (rc < 0)
        return str_starts(err->msg, name) ? -1 : err_wrap(err, "%s", name);
    result = json_array_get(run.reader.root, 0);
    if (json_is_array(result) && json_array_size(result) > 0)
        return err_set(err, ERR_LUA, "%s: the script returned a list: return a table with named members", name);
    *out = json_is_object(result) ? json_incref(result) : json_object();
    return 0;
}
