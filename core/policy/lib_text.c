/* Our own functions over texts and lists: glob, contains, startswith, endswith, duration, quantity, json.encode. Missing things are nil and
 * give false or nil, so that a rule can ask about what is not there. */
#include "base/limits.h"
#include "codec/units.h"
#include "policy/sandbox_priv.h"
#include <string.h>

#define GLOB_BYTES 1024 /* of a pattern; with the text it bounds the work */

/* `*` any run, `?` one character, anything else itself; one place to go back to, and each step back is charged. */
static bool glob_match(lua_State *L, const char *text, size_t len, const char *pattern, size_t pattern_len)
{
    size_t at = 0, in = 0, star = (size_t)-1, resume = 0;

    while (at < len) {
        if (in < pattern_len && pattern[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern_len && (pattern[in] == '?' || pattern[in] == text[at])) {
            in++;
            at++;
        } else if (star != (size_t)-1) {
            sandbox_charge(L, at - resume);
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern_len && pattern[in] == '*')
        in++;
    return in == pattern_len;
}

/* Missing or no text: false. */
static const char *text_or_none(lua_State *L, int arg, size_t *out_len)
{
    if (lua_type(L, arg) == LUA_TSTRING || lua_type(L, arg) == LUA_TNUMBER)
        return lua_tolstring(L, arg, out_len);
    if (lua_isnoneornil(L, arg))
        return NULL;
    luaL_typeerror(L, arg, "string");
    return NULL;
}

static int fn_glob(lua_State *L)
{
    size_t len = 0, pattern_len;
    const char *text = text_or_none(L, 1, &len), *pattern = luaL_checklstring(L, 2, &pattern_len);

    luaL_argcheck(L, pattern_len <= GLOB_BYTES, 2, "pattern longer than 1024 bytes");
    sandbox_charge(L, len + pattern_len);
    lua_pushboolean(L, text && glob_match(L, text, len, pattern, pattern_len));
    return 1;
}

/* A list has an item, or a map a key. */
static bool table_contains(lua_State *L)
{
    lua_Integer count;

    if (lua_isnoneornil(L, 2))
        return false;
    count = luaL_len(L, 1);
    for (lua_Integer i = 1; i <= count; i++) {
        sandbox_charge(L, 32);
        lua_geti(L, 1, i);
        if (lua_compare(L, -1, 2, LUA_OPEQ))
            return true;
        lua_pop(L, 1);
    }
    if (count)
        return false;
    lua_pushvalue(L, 2);
    return lua_gettable(L, 1) != LUA_TNIL;
}

static int fn_contains(lua_State *L)
{
    size_t len = 0, part_len = 0;
    const char *text, *part;

    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_pushboolean(L, table_contains(L));
        return 1;
    }
    text = text_or_none(L, 1, &len);
    part = text_or_none(L, 2, &part_len);
    sandbox_charge(L, len + part_len);
    lua_pushboolean(L, text && part && (part_len == 0 || memmem(text, len, part, part_len)));
    return 1;
}

static int compare_end(lua_State *L, bool at_start)
{
    size_t len = 0, part_len = 0;
    const char *text = text_or_none(L, 1, &len), *part = text_or_none(L, 2, &part_len);

    sandbox_charge(L, part_len);
    lua_pushboolean(L, text && part && part_len <= len && memcmp(at_start ? text : text + len - part_len, part, part_len) == 0);
    return 1;
}

static int fn_startswith(lua_State *L) { return compare_end(L, true); }
static int fn_endswith(lua_State *L) { return compare_end(L, false); }

/* nil, message */
static int refuse(lua_State *L, const struct err *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->msg);
    return 2;
}

/* duration("1h30m"): milliseconds. */
static int fn_duration(lua_State *L)
{
    struct err err = {0};
    size_t len = 0;
    const char *text = text_or_none(L, 1, &len);
    int64_t ms;

    if (!text) {
        lua_pushnil(L);
        return 1;
    }
    sandbox_charge(L, len);
    if (duration_parse(text, &ms, &err) < 0)
        return refuse(L, &err);
    lua_pushinteger(L, ms);
    return 1;
}

/* quantity("1.5Gi"): the number, an integer when it is whole. */
static int fn_quantity(lua_State *L)
{
    struct err err = {0};
    size_t len = 0;
    const char *text = text_or_none(L, 1, &len);
    int64_t milli;

    if (!text) {
        lua_pushnil(L);
        return 1;
    }
    sandbox_charge(L, len);
    if (quantity_parse(text, &milli, &err) < 0)
        return refuse(L, &err);
    if (milli % 1000 == 0)
        lua_pushinteger(L, milli / 1000);
    else
        lua_pushnumber(L, (double)milli / 1000.0);
    return 1;
}

const struct lib_function lib_text[] = {
    {"glob", fn_glob},
    {"contains", fn_contains},
    {"startswith", fn_startswith},
    {"endswith", fn_endswith},
    {"duration", fn_duration},
    {"quantity", fn_quantity},
    {0},
};

/* ---- json.encode ---- */

/* The value and the text are the sandbox's while Lua may raise: no object of a state has a finalizer. */
int lib_json_encode(lua_State *L)
{
    struct sandbox *sb = sandbox_of(L);
    struct value_reader reader = {.what = "value", .max = LIMIT_LUA_RESULT_BYTES, .hide_secrets = true};
    size_t len;

    luaL_checkany(L, 1);
    sandbox_drop_encoding(sb);
    sb->encoding = reader.root = json_array();
    sb->encoded = json_canonical(value_read(L, 1, &reader));
    len = sb->encoded ? strlen(sb->encoded) : 0;
    if (!sb->encoded || len > sandbox_text_cap(sb))
        return luaL_error(L, "the value is too large");
    sandbox_charge(L, len);
    lua_pushlstring(L, sb->encoded, len);
    sandbox_drop_encoding(sb);
    return 1;
}
