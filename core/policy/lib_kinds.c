/* Our own functions over structured texts: semver (semver.org 2.0.0 and npm-like ranges), cidr (RFC 4632), image (the container image
 * reference grammar). */
#include "base/semver.h"
#include "policy/sandbox_priv.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define KIND_BYTES 512 /* longest text these functions look at */

static const char *kind_text(lua_State *L, int arg)
{
    size_t len;
    const char *text;

    if (lua_isnoneornil(L, arg))
        return NULL;
    text = luaL_checklstring(L, arg, &len);
    sandbox_charge(L, len * 4 + 64);
    luaL_argcheck(L, len <= KIND_BYTES && strlen(text) == len, arg, "text longer than 512 bytes");
    return text;
}

/* ---- semver ---- */

/* The first version that no longer has the leading `keep` parts of `v`. */
static struct semver bump(const struct semver *v, int keep)
{
    struct semver next = {.parts = 3};

    for (int i = 0; i < keep; i++)
        next.part[i] = v->part[i];
    if (keep > 0)
        next.part[keep - 1]++;
    return next;
}

/* True when v lies in [low, the first version without its leading `keep` parts). */
static bool within(const struct semver *v, const struct semver *low, int keep)
{
    struct semver high = bump(low, keep);

    return semver_compare(v, low) >= 0 && (keep == 0 || semver_compare(v, &high) < 0);
}

static int caret_keep(const struct semver *v)
{
    for (int i = 0; i < v->parts; i++)
        if (v->part[i] != 0)
            return i + 1;
    return v->parts;
}

static bool satisfies(const struct semver *v, const char *op, size_t op_len, const struct semver *want)
{
    struct semver next = bump(want, want->parts);
    char first = op_len ? op[0] : '=';

    if (first == '^')
        return within(v, want, caret_keep(want));
    if (first == '~')
        return within(v, want, want->parts < 2 ? want->parts : 2);
    if (first == '=')
        return want->parts < 3 ? within(v, want, want->parts) : semver_compare(v, want) == 0;
    if (first == '!')
        return want->parts < 3 ? !within(v, want, want->parts) : semver_compare(v, want) != 0;
    if (first == '<')
        return op_len == 1       ? semver_compare(v, want) < 0
               : want->parts < 3 ? !want->parts || semver_compare(v, &next) < 0
                                 : semver_compare(v, want) <= 0;
    return op_len == 2       ? semver_compare(v, want) >= 0
           : want->parts < 3 ? want->parts && semver_compare(v, &next) >= 0
                             : semver_compare(v, want) > 0;
}

/* 1 satisfied, 0 not, -1 the range cannot be read. Comparators side by side must all hold, `||` separates alternatives. */
static int range_holds(const struct semver *v, const char *range)
{
    bool any = false, all = true, seen = false;

    for (;;) {
        size_t op_len;
        const char *op;
        struct semver want;

        range += strspn(range, " ,");
        if (!*range || strncmp(range, "||", 2) == 0) {
            any |= all && seen;
            if (!*range)
                return seen ? any : -1;
            all = true;
            seen = false;
            range += 2;
            continue;
        }
        op = range;
        op_len = strspn(range, "<>=!^~");
        if (op_len > 2 || (op_len == 2 && (op[1] != '=' || strchr("^~", op[0]))) || (op_len == 1 && op[0] == '!'))
            return -1;
        range += op_len;
        range += strspn(range, " ");
        if (!semver_read(&range, &want) || (*range && !strchr(" ,|", *range)))
            return -1;
        all &= satisfies(v, op, op_len, &want);
        seen = true;
    }
}

static void push_semver(lua_State *L, const struct semver *v)
{
    static const char *const names[] = {"major", "minor", "patch"};

    lua_createtable(L, 0, 5);
    for (int i = 0; i < 3; i++) {
        lua_pushinteger(L, v->part[i]);
        lua_setfield(L, -2, names[i]);
    }
    if (v->pre) {
        lua_pushlstring(L, v->pre, v->pre_len);
        lua_setfield(L, -2, "prerelease");
    }
    if (v->build) {
        lua_pushlstring(L, v->build, v->build_len);
        lua_setfield(L, -2, "build");
    }
}

/* semver(version) -> {major, minor, patch, prerelease, build} or nil; semver(version, range) -> boolean (false for what is no version). */
static int fn_semver(lua_State *L)
{
    const char *text = kind_text(L, 1), *range = kind_text(L, 2), *at = text;
    struct semver version;
    bool valid = text && semver_read(&at, &version) && !*at && version.parts > 0;
    int holds;

    if (!range) {
        if (valid)
            push_semver(L, &version);
        else
            lua_pushnil(L);
        return 1;
    }
    holds = range_holds(valid ? &version : &(struct semver){0}, range);
    if (holds < 0)
        return luaL_error(L, "\"%s\" is no version range: write for example \">=1.2.0 <2.0.0\", \"^1.2\" or \"~1.2.3\"", range);
    lua_pushboolean(L, valid && holds);
    return 1;
}

/* ---- cidr ---- */

struct network {
    int family, bits, most;
    unsigned char address[16];
};

static bool network_read(const char *text, struct network *out)
{
    char address[64];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    *out = (struct network){.family = strchr(address, ':') ? AF_INET6 : AF_INET};
    if (inet_pton(out->family, address, out->address) != 1)
        return false;
    out->most = out->bits = out->family == AF_INET ? 32 : 128;
    if (!slash)
        return true;
    len = strspn(slash + 1, "0123456789");
    if (!len || len > 3 || slash[1 + len])
        return false;
    out->bits = atoi(slash + 1);
    return out->bits <= out->most;
}

static bool network_contains(const struct network *outer, const struct network *inner)
{
    int whole = outer->bits / 8, rest = outer->bits % 8;
    unsigned char mask = (unsigned char)(0xff00 >> rest);

    return outer->family == inner->family && inner->bits >= outer->bits && memcmp(outer->address, inner->address, (size_t)whole) == 0 &&
           (!rest || (outer->address[whole] & mask) == (inner->address[whole] & mask));
}

static bool network_is_private(const struct network *n)
{
    static const char *const ranges[] = {"10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
                                         "100.64.0.0/10", "::1/128",       "fc00::/7",       "fe80::/10",   NULL};
    struct network range;

    for (const char *const *text = ranges; *text; text++)
        if (network_read(*text, &range) && network_contains(&range, n))
            return true;
    return false;
}

/* cidr(range, address or range) -> boolean: the first contains the second. cidr(text) -> {family, address, prefix, private} or nil. */
static int fn_cidr(lua_State *L)
{
    const char *text = kind_text(L, 1), *inner = kind_text(L, 2);
    struct network range = {0}, other;
    bool valid = text && network_read(text, &range);

    if (lua_gettop(L) >= 2) {
        if (text && !valid)
            return luaL_error(L, "\"%s\" is no address range: write for example 10.0.0.0/8", text);
        lua_pushboolean(L, valid && inner && network_read(inner, &other) && network_contains(&range, &other));
        return 1;
    }
    if (!valid) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, range.family == AF_INET ? 4 : 6);
    lua_setfield(L, -2, "family");
    lua_pushlstring(L, text, strcspn(text, "/"));
    lua_setfield(L, -2, "address");
    lua_pushinteger(L, range.bits);
    lua_setfield(L, -2, "prefix");
    lua_pushboolean(L, network_is_private(&range));
    lua_setfield(L, -2, "private");
    return 1;
}

/* ---- image ---- */

static void set_part(lua_State *L, const char *name, const char *text, size_t len)
{
    if (!text)
        return;
    lua_pushlstring(L, text, len);
    lua_setfield(L, -2, name);
}

/* The first part names a registry when it looks like a host: it has a dot or a port, or is localhost. */
static bool is_registry(const char *text, size_t len)
{
    return memchr(text, '.', len) || memchr(text, ':', len) || (len == 9 && memcmp(text, "localhost", 9) == 0);
}

/* image("ghcr.io/acme/shop:1.2@sha256:...") -> {registry, repository, name, tag, digest, pinned} or nil. Without tag and digest the tag is
 * "latest", which is what a registry would answer with. */
static int fn_image(lua_State *L)
{
    const char *text = kind_text(L, 1), *at, *digest, *slash, *tag = NULL, *end;

    if (!text || !*text || strpbrk(text, " \t\n")) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 6);
    digest = strchr(text, '@');
    end = digest ? digest : text + strlen(text);
    slash = memchr(text, '/', (size_t)(end - text));
    at = slash && is_registry(text, (size_t)(slash - text)) ? slash + 1 : text;
    for (const char *c = at; c < end; c++)
        tag = *c == ':' ? c : *c == '/' ? NULL : tag;
    if (at > text)
        set_part(L, "registry", text, (size_t)(slash - text));
    else
        set_part(L, "registry", "docker.io", 9);
    set_part(L, "repository", at, (size_t)((tag ? tag : end) - at));
    slash = memrchr(at, '/', (size_t)((tag ? tag : end) - at));
    set_part(L, "name", slash ? slash + 1 : at, (size_t)((tag ? tag : end) - (slash ? slash + 1 : at)));
    if (tag)
        set_part(L, "tag", tag + 1, (size_t)(end - tag - 1));
    else if (!digest)
        set_part(L, "tag", "latest", 6);
    if (digest)
        set_part(L, "digest", digest + 1, strlen(digest + 1));
    lua_pushboolean(L, digest != NULL);
    lua_setfield(L, -2, "pinned");
    return 1;
}

const struct lib_function lib_kinds[] = {{"semver", fn_semver}, {"cidr", fn_cidr}, {"image", fn_image}, {0}};
