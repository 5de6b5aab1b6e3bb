/* What a script sees: a fresh _ENV that falls back to one shared, read-only base. Base entries are made when they are first looked up,
 * which keeps a fresh state cheap: a condition pays for the names it uses. */
#include "policy/sandbox_priv.h"
#include <lualib.h>
#include <string.h>

/* ---- library tables ---- */

static void push_functions(lua_State *L, const struct lib_function *list)
{
    lua_newtable(L);
    for (; list->name; list++) {
        lua_pushcfunction(L, list->function);
        lua_setfield(L, -2, list->name);
    }
}

static void remove_field(lua_State *L, const char *name)
{
    lua_pushnil(L);
    lua_setfield(L, -2, name);
}

static void open_string(lua_State *L) { push_functions(L, lib_string); }
static void open_table(lua_State *L) { push_functions(L, lib_table); }

static void open_math(lua_State *L)
{
    luaopen_math(L); /* each of its functions takes constant time */
    remove_field(L, "random");
    remove_field(L, "randomseed");
}

/* Lua's own utf8 function behind a charge for the length of its text. */
static int charged_utf8(lua_State *L)
{
    size_t len = 0;

    luaL_checklstring(L, 1, &len);
    sandbox_charge(L, len);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void open_utf8(lua_State *L)
{
    static const char *const charged[] = {"len", "codepoint", "offset", "codes", NULL};

    luaopen_utf8(L);
    remove_field(L, "charpattern");
    for (const char *const *name = charged; *name; name++) {
        lua_getfield(L, -1, *name);
        lua_pushcclosure(L, charged_utf8, 1);
        lua_setfield(L, -2, *name);
    }
}

static void open_json(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, lib_json_encode);
    lua_setfield(L, -2, "encode");
}

static const struct {
    const char *name;
    void (*open)(lua_State *L);
} tables[] = {{"string", open_string}, {"table", open_table}, {"math", open_math}, {"utf8", open_utf8}, {"json", open_json}};

/* ---- lookup ---- */

static const struct lib_function *const globals[] = {lib_base, lib_text, lib_kinds};

static const struct lib_function *find_function(const char *name)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        for (const struct lib_function *f = globals[i]; f->name; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    return NULL;
}

/* Pushes what the library has under `name`; false when it has nothing. */
static bool push_library(lua_State *L, const char *name)
{
    const struct lib_function *function = find_function(name);

    if (function) {
        lua_pushcfunction(L, function->function);
        return true;
    }
    if (strcmp(name, "print") == 0 && sandbox_of(L)->profile == SANDBOX_SCRIPT) {
        lua_pushcfunction(L, lib_print);
        return true;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].name, name) == 0) {
            tables[i].open(L);
            frozen_seal(L);
            return true;
        }
    return false;
}

static bool push_scope(lua_State *L, const char *name)
{
    struct sandbox *sb = sandbox_of(L);
    const json_t *value = sb->scope ? json_object_get(sb->scope, name) : NULL;

    if (!value)
        return false;
    sandbox_fill_begin(sb, true);
    value_push(L, value);
    sandbox_fill_end(sb);
    return true;
}

/* __index of the base: (base, key). What is found stays in the base. */
static int base_lookup(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;

    if (!name || (!push_library(L, name) && !push_scope(L, name)))
        return 0;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

/* __index of texts, until one is used as an object: (text, key). */
static int text_lookup(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    open_string(L); /* a table of its own, so that nobody can reach and change it */
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__index");
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

/* ---- installation ---- */

static void install_base(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, base_lookup);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_ENV_META);
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_BASE);
}

void env_install(lua_State *L)
{
    install_base(L);
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, text_lookup);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    if (sandbox_of(L)->profile == SANDBOX_CONDITION) { /* missing is nil, however deep */
        lua_pushnil(L);
        lua_createtable(L, 0, 1);
        lua_newtable(L);
        lua_setfield(L, -2, "__index");
        lua_setmetatable(L, -2);
        lua_pop(L, 1);
    }
}

void env_push(lua_State *L)
{
    lua_newtable(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_ENV_META);
    lua_setmetatable(L, -2);
}

void env_preload(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_BASE);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        lua_getfield(L, -1, tables[i].name);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        for (const struct lib_function *f = globals[i]; f->name; f++) {
            lua_getfield(L, -1, f->name);
            lua_pop(L, 1);
        }
    lua_pop(L, 1);
}

bool env_knows(const char *name)
{
    static const char *const roots[] = {"env",    "environment", "metadata",   "product", "team",  "application", "parameters", "variables",
                                        "steps",  "resources",   "deployment", "item",    "index", "workflow",    "workflows",  "config",
                                        "result", "admin",       "input",      "print",   "_ENV",  NULL};

    for (const char *const *root = roots; *root; root++)
        if (strcmp(*root, name) == 0)
            return true;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].name, name) == 0)
            return true;
    return find_function(name) != NULL;
}
