/* The table library, metered: every function charges for the items it touches; sort and unpack have caps. Frozen tables can be read, not
 * changed. */
#include "base/limits.h"
#include "policy/sandbox_priv.h"

#define ITEM_BYTES 32 /* what touching one item costs, in bytes of sandbox_charge */

/* A table that may be changed: no frozen one. */
static void check_writable(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    if (!lua_getmetatable(L, arg))
        return;
    lua_rawgeti(L, -1, 1); /* frozen.c: a list's metatable has nothing there */
    if (!lua_isnil(L, -1))
        luaL_error(L, "this table is read-only");
    lua_pop(L, 2);
}

static lua_Integer length_of(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    return luaL_len(L, arg);
}

static int fn_concat(lua_State *L)
{
    lua_Integer last = length_of(L, 1), first;
    size_t gap_len, len, total = 0, cap = sandbox_text_cap(sandbox_of(L));
    const char *gap = luaL_optlstring(L, 2, "", &gap_len);
    luaL_Buffer out;

    first = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_buffinit(L, &out);
    for (lua_Integer i = first; i <= last; i++) {
        int type = lua_geti(L, 1, i);

        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            return luaL_error(L, "invalid value (a %s) at index %I in table for 'concat'", lua_typename(L, type), (LUAI_UACINT)i);
        lua_tolstring(L, -1, &len);
        sandbox_charge(L, ITEM_BYTES + len + gap_len);
        total += len + gap_len;
        if (total > cap)
            return luaL_error(L, "the text would be longer than %d KiB", (int)(cap / 1024));
        luaL_addvalue(&out);
        if (i == last)
            break; /* also when last is the largest integer */
        luaL_addlstring(&out, gap, gap_len);
    }
    luaL_pushresult(&out);
    return 1;
}

static int fn_insert(lua_State *L)
{
    lua_Integer end, at;
    int count = lua_gettop(L);

    check_writable(L, 1);
    end = (lua_Integer)lua_rawlen(L, 1) + 1;
    if (count != 2 && count != 3)
        return luaL_error(L, "wrong number of arguments to 'insert'");
    at = count == 2 ? end : luaL_checkinteger(L, 2);
    luaL_argcheck(L, at >= 1 && at <= end, 2, "position out of bounds");
    sandbox_charge(L, ITEM_BYTES);
    for (lua_Integer i = end; i > at; i--) {
        lua_rawgeti(L, 1, i - 1);
        lua_rawseti(L, 1, i);
        sandbox_charge(L, ITEM_BYTES);
    }
    lua_pushvalue(L, count);
    lua_rawseti(L, 1, at);
    return 0;
}

static int fn_remove(lua_State *L)
{
    lua_Integer size, at;

    check_writable(L, 1);
    size = (lua_Integer)lua_rawlen(L, 1);
    at = luaL_optinteger(L, 2, size);
    luaL_argcheck(L, (size == 0 && (at == 0 || at == 1)) || (at >= 1 && at <= size + 1), 2, "position out of bounds");
    lua_rawgeti(L, 1, at);
    for (; at < size; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
        sandbox_charge(L, ITEM_BYTES);
    }
    if (at <= size) {
        lua_pushnil(L);
        lua_rawseti(L, 1, at);
    }
    return 1;
}

/* ---- sort: a heap sort ends after n log n comparisons whatever the comparison answers ---- */

/* True when the value at a comes before the one at b (stack indexes). */
static bool before(lua_State *L, int a, int b)
{
    bool less;

    sandbox_charge(L, ITEM_BYTES / 2);
    if (lua_isnoneornil(L, 2))
        return lua_compare(L, a, b, LUA_OPLT);
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

/* Lets the item at `at` sink to its place in the heap of `size` items. */
static void sift(lua_State *L, lua_Integer at, lua_Integer size)
{
    lua_rawgeti(L, 1, at);
    for (lua_Integer child = 2 * at; child <= size; child = 2 * at) {
        lua_rawgeti(L, 1, child);
        if (child < size) {
            lua_rawgeti(L, 1, child + 1);
            if (before(L, -2, -1)) {
                child++;
                lua_remove(L, -2);
            } else
                lua_pop(L, 1);
        }
        if (!before(L, -2, -1)) {
            lua_pop(L, 1);
            break;
        }
        lua_rawseti(L, 1, at);
        at = child;
    }
    lua_rawseti(L, 1, at);
}

static int fn_sort(lua_State *L)
{
    lua_Integer size;

    check_writable(L, 1);
    size = (lua_Integer)lua_rawlen(L, 1);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (size > LIMIT_LUA_SORT_ITEMS)
        return luaL_error(L, "more than %d items to sort", LIMIT_LUA_SORT_ITEMS);
    for (lua_Integer i = size / 2; i >= 1; i--)
        sift(L, i, size);
    for (lua_Integer i = size; i > 1; i--) {
        lua_rawgeti(L, 1, i);
        lua_rawgeti(L, 1, 1);
        lua_rawseti(L, 1, i);
        lua_rawseti(L, 1, 1);
        sift(L, 1, i - 1);
    }
    return 0;
}

static int fn_pack(lua_State *L)
{
    int count = lua_gettop(L);

    sandbox_charge(L, (size_t)count * ITEM_BYTES);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

static int fn_unpack(lua_State *L)
{
    lua_Integer first = luaL_optinteger(L, 2, 1), last;

    last = lua_isnoneornil(L, 3) ? length_of(L, 1) : luaL_checkinteger(L, 3);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (first > last)
        return 0;
    if ((lua_Unsigned)last - (lua_Unsigned)first >= LIMIT_LUA_UNPACK_ITEMS)
        return luaL_error(L, "more than %d items to unpack", LIMIT_LUA_UNPACK_ITEMS);
    sandbox_charge(L, (size_t)(last - first + 1) * ITEM_BYTES);
    luaL_checkstack(L, (int)(last - first + 1), "table.unpack");
    for (lua_Integer i = first; i < last; i++)
        lua_geti(L, 1, i);
    lua_geti(L, 1, last); /* the last may be the largest integer */
    return (int)(last - first + 1);
}

const struct lib_function lib_table[] = {
    {"concat", fn_concat}, {"insert", fn_insert}, {"remove", fn_remove}, {"sort", fn_sort}, {"pack", fn_pack}, {"unpack", fn_unpack}, {0},
};
