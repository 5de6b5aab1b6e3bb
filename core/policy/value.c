/* JSON to Lua and back. What comes back from a script is input: bounded in depth and size, checked for cycles, encoding and forged secrets.
 */
#include "base/limits.h"
#include "base/str.h"
#include "policy/sandbox_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIST_HOLES 1000 /* nulls that a list from JSON may have */

/* ---- secrets ---- */

static int secret_text(lua_State *L)
{
    lua_pushliteral(L, "<secret>");
    return 1;
}

static int secret_refuse(lua_State *L) { return luaL_error(L, "a secret cannot be read here: it can only be passed on as it is"); }

static void push_secret_meta(lua_State *L)
{
    static const char *const refused[] = {"__index", "__newindex", "__concat", "__len", "__call", "__lt", "__le",
                                          "__add",   "__sub",      "__mul",    "__div", "__unm",  NULL};

    if (lua_rawgeti(L, LUA_REGISTRYINDEX, REG_SECRET_META) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    for (const char *const *name = refused; *name; name++) {
        lua_pushcfunction(L, secret_refuse);
        lua_setfield(L, -2, *name);
    }
    lua_pushcfunction(L, secret_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "secret");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_SECRET_META);
}

static void push_secret(lua_State *L, const char *reference)
{
    size_t bytes = strlen(reference) + 1;

    memcpy(lua_newuserdatauv(L, bytes, 0), reference, bytes);
    push_secret_meta(L);
    lua_setmetatable(L, -2);
}

/* The only userdata that scripts can hold are secrets and the boxes inside string buffers, which they never see. */
static const char *secret_reference(lua_State *L, int index)
{
    bool is_secret;

    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return NULL;
    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_SECRET_META);
    is_secret = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_secret ? lua_touserdata(L, index) : NULL;
}

/* ---- to Lua ---- */

static void push_list_meta(lua_State *L)
{
    if (lua_rawgeti(L, LUA_REGISTRYINDEX, REG_LIST_META) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_LIST_META);
}

static void push_nested(lua_State *L, const json_t *value, int depth);

static void push_list(lua_State *L, const json_t *list, int depth)
{
    lua_createtable(L, (int)json_array_size(list), 0);
    push_list_meta(L);
    lua_setmetatable(L, -2);
    for (size_t i = 0; i < json_array_size(list); i++) {
        push_nested(L, json_array_get(list, i), depth + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_object(lua_State *L, const json_t *object, int depth)
{
    const char *key, *reference = json_secret_ref(object);
    json_t *member;

    if (reference) {
        push_secret(L, reference);
        return;
    }
    lua_createtable(L, 0, (int)json_object_size(object));
    json_object_foreach((json_t *)object, key, member)
    {
        lua_pushstring(L, key);
        sandbox_count_input(L, lua_rawlen(L, -1) + 4);
        push_nested(L, member, depth + 1);
        lua_rawset(L, -3);
    }
}

static void push_nested(lua_State *L, const json_t *value, int depth)
{
    if (depth > LIMIT_LUA_DEPTH)
        luaL_error(L, "the input is nested deeper than %d", LIMIT_LUA_DEPTH);
    luaL_checkstack(L, 6, "input");
    sandbox_count_input(L, json_is_string(value) ? json_string_length(value) + 3 : 2);
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_OBJECT:
        push_object(L, value, depth);
        break;
    case JSON_ARRAY:
        push_list(L, value, depth);
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, (lua_Integer)json_integer_value(value));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(value));
        break;
    case JSON_NULL:
        lua_pushnil(L);
        break;
    }
}

void value_push(lua_State *L, const json_t *value) { push_nested(L, value, 0); }

void value_push_text(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        lua_tostring(L, -1);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TUSERDATA:
        lua_pushliteral(L, "<secret>");
        break;
    default: /* "table", not "table: 0x7f...": addresses help only an attacker */
        lua_pushstring(L, luaL_typename(L, index));
    }
}

/* ---- from Lua ---- */

static void read_nested(lua_State *L, int index, struct value_reader *reader, json_t *parent, const char *key, int depth);

static void account(lua_State *L, struct value_reader *reader, size_t bytes)
{
    sandbox_charge(L, bytes);
    reader->bytes += bytes;
    if (reader->bytes > reader->max)
        luaL_error(L, "the %s is larger than %d KiB", reader->what, (int)(reader->max / 1024));
}

/* Puts a fresh value (stolen) into its parent, which holds everything that was read so far. */
static json_t *attach(lua_State *L, json_t *parent, const char *key, json_t *value)
{
    int rc = !value ? -1 : key ? json_object_set_new(parent, key, value) : json_array_append_new(parent, value);

    if (rc != 0)
        luaL_error(L, "out of memory");
    return value;
}

static void check_text(lua_State *L, struct value_reader *reader, const char *text, size_t len)
{
    account(L, reader, len + 3);
    if (!str_is_utf8(text, len))
        luaL_error(L, "a text in the %s is not UTF-8", reader->what);
}

static void read_number(lua_State *L, int index, struct value_reader *reader, json_t *parent, const char *key)
{
    account(L, reader, 8);
    if (lua_isinteger(L, index)) {
        attach(L, parent, key, json_integer(lua_tointeger(L, index)));
        return;
    }
    if (!isfinite(lua_tonumber(L, index)))
        luaL_error(L, "a number in the %s is infinite or not a number", reader->what);
    attach(L, parent, key, json_real(lua_tonumber(L, index)));
}

/* Number of items when the keys are exactly 1..n, -1 when they are all texts; raises on a mixture. A list that came from JSON may have
 * holes, where nulls stood. */
static lua_Integer count_items(lua_State *L, int index, struct value_reader *reader, bool marked)
{
    lua_Integer integers = 0, texts = 0, highest = 0;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        sandbox_charge(L, 16);
        if (lua_type(L, -2) == LUA_TSTRING)
            texts++;
        else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) {
            integers++;
            if (lua_tointeger(L, -2) > highest)
                highest = lua_tointeger(L, -2);
        } else
            luaL_error(L, "a table in the %s has a %s as key", reader->what, luaL_typename(L, -2));
    }
    if (integers && (texts || highest > integers + (marked ? LIST_HOLES : 0)))
        luaL_error(L, "a table in the %s is neither a list (keys 1 to n) nor a map (keys are texts)", reader->what);
    return texts ? -1 : highest;
}

static bool is_marked_list(lua_State *L, int index)
{
    bool marked;

    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_LIST_META);
    marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* Members in the order of their names, so that equal results are equal texts. The names are borrowed from the table. */
static void read_members(lua_State *L, int index, struct value_reader *reader, json_t *object, int depth)
{
    size_t count = 0, at = 0;
    const char **names;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        count++;
    names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    for (lua_pushnil(L); lua_next(L, index) && at < count; lua_pop(L, 1)) {
        size_t len;

        names[at] = lua_tolstring(L, -2, &len);
        check_text(L, reader, names[at], len);
        if (strcmp(names[at++], "$secret") == 0)
            luaL_error(L, "the %s makes a secret reference: secrets can only be passed on", reader->what);
    }
    qsort(names, at, sizeof *names, by_name);
    for (size_t i = 0; i < at; i++) {
        lua_pushstring(L, names[i]);
        lua_rawget(L, index);
        read_nested(L, lua_gettop(L), reader, object, names[i], depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void read_table(lua_State *L, int index, struct value_reader *reader, json_t *parent, const char *key, int depth)
{
    const json_t *frozen = frozen_json(L, index);
    bool marked = (frozen && json_is_array(frozen)) || is_marked_list(L, index);
    lua_Integer items;

    if (depth > LIMIT_JSON_DEPTH)
        luaL_error(L, "the %s is nested deeper than %d (or contains itself)", reader->what, LIMIT_JSON_DEPTH);
    luaL_checkstack(L, 10, "result");
    account(L, reader, 2);
    if (frozen)
        frozen_push_content(L, index);
    else
        lua_pushvalue(L, index);
    items = count_items(L, lua_gettop(L), reader, marked);
    if (items > 0 || (items == 0 && marked)) {
        json_t *list = attach(L, parent, key, json_array());

        for (lua_Integer i = 1; i <= items; i++) {
            lua_rawgeti(L, -1, i);
            read_nested(L, lua_gettop(L), reader, list, NULL, depth + 1);
            lua_pop(L, 1);
        }
    } else
        read_members(L, lua_gettop(L), reader, attach(L, parent, key, json_object()), depth);
    lua_pop(L, 1);
}

static void read_secret(lua_State *L, int index, struct value_reader *reader, json_t *parent, const char *key)
{
    const char *reference = secret_reference(L, index);

    if (!reference)
        luaL_error(L, "the %s contains a userdata value", reader->what);
    account(L, reader, strlen(reference) + 16);
    attach(L, parent, key, reader->hide_secrets ? json_string("<secret>") : json_secret_new(reference));
}

static void read_nested(lua_State *L, int index, struct value_reader *reader, json_t *parent, const char *key, int depth)
{
    const char *text;
    size_t len;

    switch (lua_type(L, index)) {
    case LUA_TNIL:
        attach(L, parent, key, json_null());
        break;
    case LUA_TBOOLEAN:
        account(L, reader, 5);
        attach(L, parent, key, json_boolean(lua_toboolean(L, index)));
        break;
    case LUA_TNUMBER:
        read_number(L, index, reader, parent, key);
        break;
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        check_text(L, reader, text, len);
        attach(L, parent, key, json_stringn_nocheck(text, len));
        break;
    case LUA_TTABLE:
        read_table(L, index, reader, parent, key, depth);
        break;
    case LUA_TUSERDATA:
        read_secret(L, index, reader, parent, key);
        break;
    default:
        luaL_error(L, "the %s contains a %s", reader->what, luaL_typename(L, index));
    }
}

json_t *value_read(lua_State *L, int index, struct value_reader *reader)
{
    read_nested(L, lua_absindex(L, index), reader, reader->root, NULL, 0);
    return json_array_get(reader->root, json_array_size(reader->root) - 1);
}
