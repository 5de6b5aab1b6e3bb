/* Lua's basic functions, written anew where the original would give a script more than it may have: pcall that lets no stop pass, tostring
 * without addresses, pairs that reads frozen tables. Run by whichever thread runs the sandbox. */
#include "base/limits.h"
#include "policy/sandbox_priv.h"
#include <string.h>

static int fn_assert(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    lua_remove(L, 1);
    if (lua_gettop(L) == 0)
        return luaL_error(L, "assertion failed!");
    lua_settop(L, 1);
    return lua_error(L);
}

static int fn_error(lua_State *L)
{
    int level = (int)luaL_optinteger(L, 2, 1);

    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level <= LIMIT_LUA_DEPTH) {
        luaL_where(L, level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int fn_pcall(lua_State *L)
{
    struct sandbox *sb = sandbox_of(L);
    int status;

    luaL_checkany(L, 1);
    status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    sb->filling = false;   /* an error may have come out of the middle of an input */
    sandbox_stop_check(L); /* a stop is nobody's to catch */
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static int fn_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (frozen_json(L, 1)) {
        frozen_push_content(L, 1);
        lua_replace(L, 1);
    }
    sandbox_charge(L, 0);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

/* The members of a frozen object in the order of the document: (ignored, last key), upvalues: content, object, place. */
static int next_member(lua_State *L)
{
    json_t *object = lua_touserdata(L, lua_upvalueindex(2));
    void *place = lua_touserdata(L, lua_upvalueindex(3));

    for (; place; place = json_object_iter_next(object, place))
        if (!json_is_null(json_object_iter_value(place)))
            break;
    if (!place)
        return 0;
    lua_pushlightuserdata(L, json_object_iter_next(object, place));
    lua_replace(L, lua_upvalueindex(3));
    lua_pushstring(L, json_object_iter_key(place));
    lua_pushvalue(L, -1);
    lua_rawget(L, lua_upvalueindex(1));
    return 2;
}

static int next_item(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2);

    i = (lua_Integer)((lua_Unsigned)i + 1);
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int fn_ipairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushcfunction(L, next_item);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int fn_pairs(lua_State *L)
{
    const json_t *value;

    luaL_checktype(L, 1, LUA_TTABLE);
    value = frozen_json(L, 1);
    if (json_is_object(value)) {
        frozen_push_content(L, 1);
        lua_pushlightuserdata(L, (void *)value);
        lua_pushlightuserdata(L, json_object_iter((json_t *)value));
        lua_pushcclosure(L, next_member, 3);
        return 1;
    }
    lua_pushcfunction(L, fn_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int fn_select(lua_State *L)
{
    int count = lua_gettop(L) - 1;
    lua_Integer from;

    if (lua_type(L, 1) == LUA_TSTRING && strcmp(lua_tostring(L, 1), "#") == 0) {
        lua_pushinteger(L, count);
        return 1;
    }
    from = luaL_checkinteger(L, 1);
    if (from < 0)
        from = count + from + 1;
    luaL_argcheck(L, from >= 1, 1, "index out of range");
    return from > count ? 0 : count - (int)from + 1;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

static int number_in_base(lua_State *L, const char *text, int base)
{
    lua_Unsigned value = 0;
    bool negative;
    const char *at = text + strspn(text, " \t\n"), *first;

    negative = *at == '-';
    at += negative;
    for (first = at; digit_of(*at) < base; at++)
        value = value * (lua_Unsigned)base + (lua_Unsigned)digit_of(*at);
    if (at == first || at[strspn(at, " \t\n")])
        return 0;
    lua_pushinteger(L, (lua_Integer)(negative ? 0u - value : value));
    return 1;
}

static int fn_tonumber(lua_State *L)
{
    size_t len;
    const char *text;

    luaL_checkany(L, 1);
    if (lua_isnoneornil(L, 2) && lua_type(L, 1) == LUA_TNUMBER) {
        lua_settop(L, 1);
        return 1;
    }
    if (lua_type(L, 1) != LUA_TSTRING) {
        lua_pushnil(L);
        return 1;
    }
    text = lua_tolstring(L, 1, &len);
    sandbox_charge(L, len * 4);
    if (lua_isnoneornil(L, 2)) {
        if (lua_stringtonumber(L, text) != len + 1)
            lua_pushnil(L);
        return 1;
    }
    luaL_argcheck(L, luaL_checkinteger(L, 2) >= 2 && luaL_checkinteger(L, 2) <= 36, 2, "base out of range");
    if (strlen(text) != len || !number_in_base(L, text, (int)luaL_checkinteger(L, 2)))
        lua_pushnil(L);
    return 1;
}

static int fn_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    value_push_text(L, 1);
    return 1;
}

static int fn_type(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, lua_type(L, 1) == LUA_TUSERDATA ? "secret" : luaL_typename(L, 1));
    return 1;
}

const struct lib_function lib_base[] = {
    {"assert", fn_assert},
    {"error", fn_error},
    {"ipairs", fn_ipairs},
    {"next", fn_next},
    {"pairs", fn_pairs},
    {"pcall", fn_pcall},
    {"select", fn_select},
    {"tonumber", fn_tonumber},
    {"tostring", fn_tostring},
    {"type", fn_type},
    {0},
};

/* print(...): one line of the step's log. */
int lib_print(lua_State *L)
{
    struct sandbox *sb = sandbox_of(L);
    luaL_Buffer line;
    int count = lua_gettop(L);
    const char *text;
    size_t len;

    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        value_push_text(L, i);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    text = lua_tolstring(L, -1, &len);
    sandbox_charge(L, len + 64);
    sb->line_bytes += (int64_t)len + 1;
    if (len > LIMIT_LOG_LINE_BYTES)
        return luaL_error(L, "a printed line is longer than %d KiB", (int)(LIMIT_LOG_LINE_BYTES / 1024));
    if (sb->line_bytes > (int64_t)LIMIT_STEP_LOG_BYTES)
        return luaL_error(L, "more than %d MiB printed", (int)(LIMIT_STEP_LOG_BYTES >> 20));
    if (sb->on_line)
        sb->on_line(sb->ctx, text);
    return 0;
}
