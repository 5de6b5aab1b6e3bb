/* The string library without patterns: every function is linear in its texts, charges for them and caps what it makes. */
#include "base/limits.h"
#include "policy/sandbox_priv.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A place in a text as Lua counts: from 1, negative from the end. */
static size_t place_from(lua_Integer at, size_t len)
{
    if (at > 0)
        return (size_t)at;
    if (at == 0 || at < -(lua_Integer)len)
        return 1;
    return len + (size_t)(at + 1);
}

static size_t place_to(lua_Integer at, size_t len)
{
    if (at > (lua_Integer)len)
        return len;
    if (at >= 0)
        return (size_t)at;
    return at < -(lua_Integer)len ? 0 : len + (size_t)(at + 1);
}

static int fn_byte(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    size_t from = place_from(first, len), to = place_to(luaL_optinteger(L, 3, (lua_Integer)from), len);

    if (from > to)
        return 0;
    if (to - from >= LIMIT_LUA_UNPACK_ITEMS)
        return luaL_error(L, "more than %d bytes at once", LIMIT_LUA_UNPACK_ITEMS);
    luaL_checkstack(L, (int)(to - from + 1), "string.byte");
    for (size_t i = from; i <= to; i++)
        lua_pushinteger(L, (unsigned char)text[i - 1]);
    return (int)(to - from + 1);
}

static int fn_char(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer out;
    char *at = luaL_buffinitsize(L, &out, (size_t)count);

    for (int i = 1; i <= count; i++) {
        lua_Integer value = luaL_checkinteger(L, i);

        luaL_argcheck(L, value >= 0 && value <= 255, i, "value out of range");
        at[i - 1] = (char)(unsigned char)value;
    }
    luaL_pushresultsize(&out, (size_t)count);
    return 1;
}

/* A pattern that would silently find nothing as plain text could let something forbidden pass, so it is an error. */
static bool looks_like_pattern(const char *text, size_t len)
{
    if (len && (text[0] == '^' || text[len - 1] == '$'))
        return true;
    for (size_t i = 0; i + 1 < len; i++)
        if ((text[i] == '%' && (isalnum((unsigned char)text[i + 1]) || ispunct((unsigned char)text[i + 1]))) ||
            ((text[i] == '.' || text[i] == ']') && strchr("*+-?", text[i + 1]) && text[i + 1]))
            return true;
    return false;
}

static int fn_find(lua_State *L)
{
    size_t len, part_len;
    const char *text = luaL_checklstring(L, 1, &len), *part = luaL_checklstring(L, 2, &part_len), *found;
    size_t from = place_from(luaL_optinteger(L, 3, 1), len);

    if (!lua_toboolean(L, 4) && looks_like_pattern(part, part_len))
        return luaL_error(L, "find has no patterns here: use find(text, part, 1, true), glob, startswith or endswith");
    sandbox_charge(L, len + part_len);
    if (from > len + 1) {
        lua_pushnil(L);
        return 1;
    }
    found = part_len ? memmem(text + from - 1, len - (from - 1), part, part_len) : text + from - 1;
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, found - text + 1);
    lua_pushinteger(L, found - text + (lua_Integer)part_len);
    return 2;
}

static int fn_len(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    lua_pushinteger(L, (lua_Integer)len);
    return 1;
}

static int map_bytes(lua_State *L, int (*map)(int))
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_Buffer out;
    char *at;

    sandbox_charge(L, len);
    at = luaL_buffinitsize(L, &out, len);
    for (size_t i = 0; i < len; i++)
        at[i] = (char)(unsigned char)map((unsigned char)text[i]);
    luaL_pushresultsize(&out, len);
    return 1;
}

static int fn_lower(lua_State *L) { return map_bytes(L, tolower); }
static int fn_upper(lua_State *L) { return map_bytes(L, toupper); }

static int fn_reverse(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_Buffer out;
    char *at;

    sandbox_charge(L, len);
    at = luaL_buffinitsize(L, &out, len);
    for (size_t i = 0; i < len; i++)
        at[i] = text[len - 1 - i];
    luaL_pushresultsize(&out, len);
    return 1;
}

static int fn_rep(lua_State *L)
{
    size_t len, gap_len, cap = sandbox_text_cap(sandbox_of(L)), total;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *gap = luaL_optlstring(L, 3, "", &gap_len);
    luaL_Buffer out;
    char *at;

    if (times <= 0 || len + gap_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((size_t)times > cap / (len + gap_len))
        return luaL_error(L, "the text would be longer than %d KiB", (int)(cap / 1024));
    total = (size_t)times * len + ((size_t)times - 1) * gap_len;
    sandbox_charge(L, total);
    at = luaL_buffinitsize(L, &out, total);
    for (lua_Integer i = 0; i < times; i++) {
        memcpy(at, text, len);
        at += len;
        if (i + 1 < times && gap_len) {
            memcpy(at, gap, gap_len);
            at += gap_len;
        }
    }
    luaL_pushresultsize(&out, total);
    return 1;
}

static int fn_sub(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    size_t from = place_from(luaL_checkinteger(L, 2), len), to = place_to(luaL_optinteger(L, 3, -1), len);

    if (from > to) {
        lua_pushliteral(L, "");
        return 1;
    }
    sandbox_charge(L, to - from + 1);
    lua_pushlstring(L, text + from - 1, to - from + 1);
    return 1;
}

/* ---- format ---- */

#define SPEC_BYTES 32

/* Reads flags, width and precision after '%' into `spec` (with the '%'); returns the place of the conversion. */
static const char *read_spec(lua_State *L, const char *at, char spec[SPEC_BYTES])
{
    size_t flags = strspn(at, "-+ #0"), len;
    const char *end = at + flags;

    for (int digits = 0; isdigit((unsigned char)*end) && digits < 2; digits++)
        end++;
    if (*end == '.') {
        end++;
        for (int digits = 0; isdigit((unsigned char)*end) && digits < 2; digits++)
            end++;
    }
    len = (size_t)(end - at);
    if (flags > 5 || isdigit((unsigned char)*end) || len > SPEC_BYTES - 6)
        luaL_error(L, "invalid conversion '%%%s' to 'format'", at);
    spec[0] = '%';
    memcpy(spec + 1, at, len);
    spec[len + 1] = '\0';
    return end;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* spec is made of checked flags, two digits and a length that fits the argument */

static void add_integer(lua_State *L, luaL_Buffer *out, char *spec, char conversion, int arg)
{
    char text[160], *end = spec + strlen(spec);
    long long value = (long long)luaL_checkinteger(L, arg);

    snprintf(end, 4, "ll%c", conversion);
    snprintf(text, sizeof text, spec, value);
    luaL_addstring(out, text);
}

static void add_real(lua_State *L, luaL_Buffer *out, char *spec, char conversion, int arg)
{
    char text[520], *end = spec + strlen(spec); /* %99.99f of the largest number has 409 characters */
    double value = luaL_checknumber(L, arg);

    snprintf(end, 2, "%c", conversion);
    snprintf(text, sizeof text, spec, value);
    luaL_addstring(out, text);
}

static void add_text(lua_State *L, luaL_Buffer *out, char *spec, int arg)
{
    char text[128], *end = spec + strlen(spec);
    size_t len;

    luaL_checkany(L, arg);
    value_push_text(L, arg);
    lua_tolstring(L, -1, &len);
    sandbox_charge(L, len);
    if (!spec[1] || (len >= 100 && !strchr(spec, '.'))) {
        luaL_addvalue(out);
        return;
    }
    snprintf(end, 2, "s");
    snprintf(text, sizeof text, spec, lua_tostring(L, -1)); /* width and precision have two digits: 99 characters at most */
    lua_pop(L, 1);
    luaL_addstring(out, text);
}

#pragma GCC diagnostic pop

static void add_quoted(lua_State *L, luaL_Buffer *out, int arg)
{
    size_t len;
    const char *text = luaL_checklstring(L, arg, &len);

    sandbox_charge(L, len);
    luaL_addchar(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            luaL_addchar(out, '\\');
        if (text[i] == '\n')
            luaL_addstring(out, "\\n");
        else if (text[i] == '\0')
            luaL_addstring(out, "\\0");
        else
            luaL_addchar(out, text[i]);
    }
    luaL_addchar(out, '"');
}

static const char *add_conversion(lua_State *L, luaL_Buffer *out, const char *at, int arg)
{
    char spec[SPEC_BYTES];

    at = read_spec(L, at, spec);
    if (*at && strchr("dioxX", *at))
        add_integer(L, out, spec, *at == 'i' ? 'd' : *at, arg);
    else if (*at && strchr("eEfFgG", *at))
        add_real(L, out, spec, *at, arg);
    else if (*at == 's')
        add_text(L, out, spec, arg);
    else if (*at == 'q')
        add_quoted(L, out, arg);
    else if (*at == 'c')
        luaL_addchar(out, (char)(unsigned char)luaL_checkinteger(L, arg));
    else
        luaL_error(L, "invalid conversion '%%%s' to 'format'", at);
    return at + 1;
}

static int fn_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len), *end = format + len;
    luaL_Buffer out;
    int arg = 1, top = lua_gettop(L);

    sandbox_charge(L, len);
    luaL_buffinit(L, &out);
    for (const char *at = format; at < end;) {
        if (*at != '%') {
            luaL_addchar(&out, *at++);
        } else if (at[1] == '%') {
            luaL_addchar(&out, '%');
            at += 2;
        } else {
            luaL_argcheck(L, ++arg <= top, arg, "no value");
            at = add_conversion(L, &out, at + 1, arg);
            sandbox_charge(L, 64);
        }
    }
    luaL_pushresult(&out);
    return 1;
}

const struct lib_function lib_string[] = {
    {"byte", fn_byte},
    {"char", fn_char},
    {"find", fn_find},
    {"format", fn_format},
    {"len", fn_len},
    {"lower", fn_lower},
    {"rep", fn_rep},
    {"reverse", fn_reverse},
    {"sub", fn_sub},
    {"upper", fn_upper},
    {0},
};
