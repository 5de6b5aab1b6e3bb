/* Read-only tables. A frozen table is empty; its metatable reads through to a content table that scripts never get hold of, so that one
 * policy cannot change what the next one sees. Content comes from JSON when a table is first looked into: what no policy looks at costs
 * nothing.
 *
 * The metatable's [1] is the JSON value (light userdata), or false for library tables; [2] is the content once it is there.
 *
 * A table and its metatable without a value are a shell. A kept state has some of them made before its image is taken: they cost an
 * evaluation nothing but the two numbers that it writes into them. */
#include "policy/sandbox_priv.h"

#define FEW 64 /* members */

enum { META_VALUE = 1, META_CONTENT };

static int refuse_write(lua_State *L) { return luaL_error(L, "this table is read-only"); }

static void push_items(lua_State *L, const json_t *list)
{
    lua_createtable(L, (int)json_array_size(list), 0);
    for (size_t i = 0; i < json_array_size(list); i++) {
        frozen_push(L, json_array_get(list, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_members(lua_State *L, const json_t *object)
{
    const char *key;
    json_t *member;
    size_t len;

    lua_createtable(L, 0, (int)json_object_size(object));
    json_object_keylen_foreach((json_t *)(uintptr_t)object, key, len, member)
    {
        lua_pushlstring(L, key, len);
        sandbox_count_input(L, len + 4);
        frozen_push(L, member);
        lua_rawset(L, -3);
    }
}

/* Pushes the content that belongs to the metatable at `meta` (absolute index), made now if it was not. */
static void push_content(lua_State *L, int meta)
{
    const json_t *value;
    struct sandbox *sb = sandbox_of(L);

    if (lua_rawgeti(L, meta, META_CONTENT) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_rawgeti(L, meta, META_VALUE);
    value = lua_touserdata(L, -1);
    lua_pop(L, 1);
    sandbox_fill_begin(sb, json_array_size(value) + json_object_size(value) > FEW);
    if (json_is_array(value))
        push_items(L, value);
    else
        push_members(L, value);
    sandbox_fill_end(sb);
    lua_pushvalue(L, -1);
    lua_rawseti(L, meta, META_CONTENT);
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
    lua_createtable(L, META_CONTENT, 4);
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
}

static void push_shell(lua_State *L)
{
    lua_newtable(L);
    push_meta(L);
    lua_pushcfunction(L, first_look);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, length);
    lua_setfield(L, -2, "__len");
    for (int at = META_VALUE; at <= META_CONTENT; at++) { /* the room for them is made now */
        lua_pushboolean(L, 0);
        lua_rawseti(L, -2, at);
    }
    lua_setmetatable(L, -2);
}

void frozen_reserve(lua_State *L, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; i++) {
        push_shell(L);
        lua_rawseti(L, -2, i);
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_SHELLS);
    sandbox_of(L)->shells = count;
}

void frozen_push(lua_State *L, const json_t *value)
{
    struct sandbox *sb = sandbox_of(L);

    if (json_is_string(value)) { /* most of what there is */
        sandbox_count_input(L, json_string_length(value) + 3);
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        return;
    }
    if ((!json_is_object(value) && !json_is_array(value)) || json_secret_ref(value)) {
        value_push(L, value);
        return;
    }
    luaL_checkstack(L, 8, "input");
    sandbox_count_input(L, 2);
    if (sb->shells > 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, REG_SHELLS);
        lua_rawgeti(L, -1, sb->shells--);
        lua_replace(L, -2);
    } else {
        push_shell(L);
    }
    lua_getmetatable(L, -1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)value);
    lua_rawseti(L, -2, META_VALUE);
    lua_pop(L, 1);
}

const json_t *frozen_json(lua_State *L, int index)
{
    const json_t *value = NULL;

    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return NULL;
    if (lua_rawgeti(L, -1, META_VALUE) == LUA_TLIGHTUSERDATA)
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
    lua_rawseti(L, -2, META_VALUE);
    lua_rotate(L, -3, 2); /* frozen, meta, content */
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, META_CONTENT);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}
