/* Read-only tables. A frozen table is empty; its metatable reads through to a content table that scripts never get hold of, so that one
 * policy cannot change what the next one sees. Content comes from JSON when a table is first looked into: what no policy looks at costs
 * nothing.
 *
 * The metatable's [1] is the JSON value (light userdata), or false for library tables. */
#include "policy/sandbox_priv.h"

#define FEW 64 /* members */

static int refuse_write(lua_State *L) { return luaL_error(L, "this table is read-only"); }

/* Pushes the content that belongs to the metatable at `meta` (absolute index), made now if it was not. */
static void push_content(lua_State *L, int meta)
{
    const json_t *value;
    struct sandbox *sb = sandbox_of(L);
    const char *key;
    json_t *member;

    lua_pushliteral(L, "__index");
    if (lua_rawget(L, meta) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_rawgeti(L, meta, 1);
    value = lua_touserdata(L, -1);
    lua_pop(L, 1);
    sandbox_fill_begin(sb, json_array_size(value) + json_object_size(value) > FEW);
    if (json_is_array(value)) {
        lua_createtable(L, (int)json_array_size(value), 0);
        for (size_t i = 0; i < json_array_size(value); i++) {
            frozen_push(L, json_array_get(value, i));
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
    } else {
        lua_createtable(L, 0, (int)json_object_size(value));
        json_object_foreach((json_t *)value, key, member)
        {
            lua_pushstring(L, key);
            sandbox_count_input(L, lua_rawlen(L, -1) + 4);
            frozen_push(L, member);
            lua_rawset(L, -3);
        }
    }
    sandbox_fill_end(sb);
    lua_pushliteral(L, "__index");
    lua_pushvalue(L, -2);
    lua_rawset(L, meta);
}

/* __index until the content is there: (frozen, key). */
static int first_look(lua_State *L)
{
    lua_getmetatable(L, 1);
    push_content(L, lua_gettop(L));
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

static int length(lua_State *L)
{
    const json_t *value = frozen_json(L, 1);

    lua_pushinteger(L, json_is_array(value) ? (lua_Integer)json_array_size(value) : 0);
    return 1;
}

static void push_meta(lua_State *L)
{
    lua_createtable(L, 1, 4);
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
}

void frozen_push(lua_State *L, const json_t *value)
{
    if ((!json_is_object(value) && !json_is_array(value)) || json_secret_ref(value)) {
        value_push(L, value);
        return;
    }
    luaL_checkstack(L, 8, "input");
    sandbox_count_input(L, 2);
    lua_newtable(L);
    push_meta(L);
    lua_pushlightuserdata(L, (void *)value);
    lua_rawseti(L, -2, 1);
    lua_pushcfunction(L, first_look);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, length);
    lua_setfield(L, -2, "__len");
    lua_setmetatable(L, -2);
}

const json_t *frozen_json(lua_State *L, int index)
{
    const json_t *value = NULL;

    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return NULL;
    if (lua_rawgeti(L, -1, 1) == LUA_TLIGHTUSERDATA)
        value = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return value;
}

void frozen_push_content(lua_State *L, int index)
{
    lua_getmetatable(L, index);
    push_content(L, lua_gettop(L));
    lua_remove(L, -2);
}

void frozen_seal(lua_State *L)
{
    lua_newtable(L);
    push_meta(L);
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, 1);
    lua_rotate(L, -3, 2); /* frozen, meta, content */
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}
