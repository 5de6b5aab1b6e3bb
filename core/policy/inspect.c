/* What policies a file has: it is run once, without input, and what it returns is checked. Also what mode and overrides make of them. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/set_priv.h"
#include <stdlib.h>
#include <string.h>

static const char *const points[] = {"deployment", "workflow", "step", "resource", "plugin", NULL};

struct inspection {
    struct policy_set *set;
    struct policy *found; /* room for LIMIT_POLICIES_PER_FILE */
    size_t count, file;
};

/* ---- one policy ---- */

/* A text member of the policy on top of the stack, copied; `fallback` when it is missing. */
static const char *text_member(lua_State *L, struct inspection *in, const char *key, const char *fallback)
{
    const char *text = fallback;
    size_t len;

    lua_getfield(L, -1, key);
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = arena_strdup(&in->set->arena, lua_tolstring(L, -1, &len));
        if (!str_is_utf8(text, len) || len > 1000)
            luaL_error(L, "the policy's %s is not a text of at most 1000 bytes", key);
    } else if (!lua_isnil(L, -1))
        luaL_error(L, "the policy's %s is a %s, not a text", key, luaL_typename(L, -1));
    lua_pop(L, 1);
    if (!text)
        luaL_error(L, "the policy has no %s", key);
    return text;
}

static const char *one_of(lua_State *L, const char *what, const char *text, const char *const *list)
{
    const char *near = str_closest(text, list);

    for (const char *const *one = list; *one; one++)
        if (str_eq(*one, text))
            return *one;
    if (near)
        luaL_error(L, "the policy's %s \"%s\" is unknown: did you mean \"%s\"?", what, text, near);
    lua_pushfstring(L, "the policy's %s \"%s\" is unknown; there are: %s", what, text, *list);
    for (const char *const *one = list + 1; *one; one++)
        lua_pushfstring(L, "%s, %s", lua_tostring(L, -1), *one);
    lua_error(L);
    return NULL;
}

static enum policy_severity severity_member(lua_State *L, struct inspection *in)
{
    static const char *const names[] = {"deny", "warn", "info", NULL};
    const char *name = one_of(L, "severity", text_member(L, in, "severity", "deny"), names);

    return name == names[0] ? POLICY_DENY : name == names[1] ? POLICY_WARN : POLICY_INFO;
}

static const char *const *applies_to_member(lua_State *L, struct inspection *in)
{
    const char **kinds;
    lua_Integer count;

    lua_getfield(L, -1, "applies_to");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return NULL;
    }
    count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
    if (count < 1 || count > 16)
        luaL_error(L, "the policy's applies_to is no list of kinds of deployment (deploy, delete, rollback, resource, golden-path)");
    kinds = arena_array(&in->set->arena, (size_t)count + 1, sizeof *kinds);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            luaL_error(L, "the policy's applies_to is no list of kinds of deployment (deploy, delete, rollback, resource, golden-path)");
        kinds[i - 1] = arena_strdup(&in->set->arena, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return kinds;
}

static int check_line(lua_State *L)
{
    lua_Debug about;

    lua_getfield(L, -1, "check");
    if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1))
        luaL_error(L, "the policy has no check function");
    lua_getinfo(L, ">S", &about);
    return about.linedefined;
}

static void check_members(lua_State *L)
{
    static const char *const known[] = {"name", "on", "description", "severity", "check", "applies_to", NULL};

    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "a policy has a %s as key", luaL_typename(L, -2));
        one_of(L, "member", lua_tostring(L, -2), known);
    }
}

/* The policy on top of the stack. */
static void take_policy(lua_State *L, struct inspection *in, int index)
{
    struct policy *policy = &in->found[in->count];

    if (!lua_istable(L, -1))
        luaL_error(L, "the file returns a %s, not a policy or a list of them", luaL_typename(L, -1));
    check_members(L);
    policy->name = text_member(L, in, "name", NULL);
    if (!policy->name[0] || strlen(policy->name) > LIMIT_NAME_CHARS)
        luaL_error(L, "a policy's name has 1 to %d characters", LIMIT_NAME_CHARS);
    policy->on = one_of(L, "on", text_member(L, in, "on", "deployment"), points);
    policy->description = text_member(L, in, "description", policy->name);
    policy->severity = severity_member(L, in);
    policy->applies_to = applies_to_member(L, in);
    policy->line = check_line(L);
    policy->index = index;
    policy->file = in->file;
    in->count++;
}

static int inspect(lua_State *L)
{
    struct inspection *in = lua_touserdata(L, 1);
    const struct policy_file *file = &in->set->files[in->file];
    lua_Integer count;

    sandbox_compile(L, file->text, file->len, file->chunk);
    lua_call(L, 0, 1);
    if (!lua_istable(L, -1) || (count = (lua_Integer)lua_rawlen(L, -1)) == 0) {
        take_policy(L, in, 0);
        return 0;
    }
    if (count > LIMIT_POLICIES_PER_FILE)
        return luaL_error(L, "more than %d policies in one file", LIMIT_POLICIES_PER_FILE);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        take_policy(L, in, i);
        lua_pop(L, 1);
    }
    return 0;
}

/* ---- all files ---- */

/* The line in "policies/a.lua:12: message", 0 if there is none. */
static int line_in(const char *message, const char *file)
{
    size_t len = strlen(file);

    return strncmp(message, file, len) == 0 && message[len] == ':' ? atoi(message + len + 1) : 0;
}

static void report(struct diag_list *diags, const struct policy_file *file, const char *message)
{
    int line = line_in(message, file->name);
    const char *text = line ? strstr(message, ": ") : NULL;

    if (diags)
        diag_add(diags, DIAG_ERROR, ERR_POLICY_FILE, line, line ? 1 : 0, 1, "", NULL, "%s: until it is fixed, this file denies everything",
                 text ? text + 2 : message)
            ->file = arena_strdup(diags->arena, file->name);
}

/* A broken file is one policy at every point, named after the file. */
static void take_broken(struct inspection *in, const char *message)
{
    struct policy_file *file = &in->set->files[in->file];
    const char *slash = strrchr(file->name, '/'), *stem = slash ? slash + 1 : file->name;

    file->broken = arena_strdup(&in->set->arena, message);
    in->count = 1;
    in->found[0] = (struct policy){.name = arena_printf(&in->set->arena, "%.*s", (int)(strlen(stem) - 4), stem),
                                   .description = "cannot be used: the file is broken",
                                   .file = in->file};
}

static const struct policy *named(const struct policy_set *set, const char *name)
{
    for (size_t i = 0; i < set->policy_count; i++)
        if (str_eq(set->policies[i].name, name))
            return &set->policies[i];
    return NULL;
}

static int inspect_file(struct inspection *in, struct err *err)
{
    const struct policy_file *file = &in->set->files[in->file];
    struct sandbox sb;
    int rc;

    if (file->broken)
        return err_set(err, ERR_POLICY_FILE, "%s", file->broken);
    if (sandbox_open(&sb, NULL, &in->set->limits, SANDBOX_POLICY, err) < 0)
        return -1;
    sandbox_start(&sb);
    rc = sandbox_protect(&sb, inspect, in, ERR_POLICY_FILE, err);
    sandbox_close(&sb);
    for (size_t i = 0; rc == 0 && i < in->count; i++) {
        const struct policy *other = named(in->set, in->found[i].name);

        for (size_t j = 0; !other && j < i; j++)
            other = str_eq(in->found[j].name, in->found[i].name) ? &in->found[j] : NULL;
        if (other)
            rc = err_set(err, ERR_POLICY_FILE, "%s:%d: a policy named \"%s\" exists already, in %s", file->name, in->found[i].line,
                         in->found[i].name, in->set->files[other->file].name);
    }
    return rc;
}

void policy_set_inspect(struct policy_set *set, struct diag_list *diags)
{
    struct policy found[LIMIT_POLICIES_PER_FILE];
    size_t cap = 0;

    for (size_t i = 0; i < set->file_count; i++) {
        struct inspection in = {.set = set, .found = found, .file = i};
        struct err err = {0};

        memset(found, 0, sizeof found);
        if (inspect_file(&in, &err) < 0) {
            report(diags, &set->files[i], err.msg);
            take_broken(&in, err.msg);
        }
        if (set->policy_count + in.count > cap) {
            struct policy *more = arena_array(&set->arena, cap = 2 * (cap + in.count), sizeof *more);

            if (set->policy_count)
                memcpy(more, set->policies, set->policy_count * sizeof *more);
            set->policies = more;
        }
        memcpy(set->policies + set->policy_count, found, in.count * sizeof *found);
        set->policy_count += in.count;
    }
}

/* ---- mode and overrides ---- */

const char *policy_action_name(enum policy_action action)
{
    static const char *const names[] = {"enforce", "warn", "info", "off"};

    return names[action];
}

/* ACTION_* of "deny", "enforce", "warn", "off"; -1 for another word. */
static int action_of(const char *word)
{
    if (str_eq(word, "deny") || str_eq(word, "enforce"))
        return ACTION_DENY;
    return str_eq(word, "warn") ? ACTION_WARN : str_eq(word, "off") ? ACTION_OFF : -1;
}

/* Modes are the admin's own policies'; the shipped ones obey overrides alone, so that "warn" for new rules does not open the limits. */
static enum policy_action default_action(const struct policy_set *set, const struct policy *policy, int mode)
{
    enum policy_action own = policy->severity == POLICY_DENY ? ACTION_DENY : policy->severity == POLICY_WARN ? ACTION_WARN : ACTION_INFO;

    if (set->files[policy->file].shipped || mode == ACTION_DENY)
        return own;
    return mode == ACTION_OFF ? ACTION_OFF : own == ACTION_DENY ? ACTION_WARN : own;
}

static void check_overrides(const struct policy_set *set, const json_t *overrides, struct diag_list *diags)
{
    const char *name, *names[1024];
    size_t count = set->policy_count < 1023 ? set->policy_count : 1023;
    json_t *value;

    for (size_t i = 0; i < count; i++)
        names[i] = set->policies[i].name;
    names[count] = NULL;
    json_object_foreach((json_t *)overrides, name, value)
    {
        if (!named(set, name))
            diag_add(diags, DIAG_WARNING, ERR_BAD_VALUE, 0, 0, 1, "/policies/overrides", str_closest(name, names),
                     "policies.overrides names \"%s\", and no policy has that name", name);
        else if (!json_is_string(value) || action_of(json_string_value(value)) < 0)
            diag_add(diags, DIAG_ERROR, ERR_BAD_VALUE, 0, 0, 1, "/policies/overrides", NULL,
                     "policies.overrides.%s is neither deny nor warn nor off: it stays as it is", name);
    }
}

void policy_set_settle(struct policy_set *set, const char *mode, const json_t *overrides, struct diag_list *diags)
{
    int chosen = mode ? action_of(mode) : ACTION_DENY;

    if (chosen < 0 && diags)
        diag_add(diags, DIAG_ERROR, ERR_BAD_VALUE, 0, 0, 1, "/policies/mode", NULL,
                 "policies.mode \"%s\" is neither enforce nor warn nor off: enforced", mode);
    if (overrides && diags)
        check_overrides(set, overrides, diags);
    for (size_t i = 0; i < set->policy_count; i++) {
        struct policy *policy = &set->policies[i];
        const char *own = overrides ? json_str(overrides, policy->name) : NULL;
        int action = own ? action_of(own) : -1;

        policy->action = action >= 0 ? (enum policy_action)action : default_action(set, policy, chosen < 0 ? ACTION_DENY : chosen);
    }
}
