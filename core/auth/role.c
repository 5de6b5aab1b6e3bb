/* Owns the tables of roles and permissions and what follows from them. Pure; called from every thread. */
#include "auth/role.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

static const char *const role_names[ROLES] = {"admin", "operator", "user", "viewer"};

enum { A = 1 << ROLE_ADMIN, O = 1 << ROLE_OPERATOR, U = 1 << ROLE_USER, V = 1 << ROLE_VIEWER };

static const struct {
    const char *name;
    unsigned roles;
} permissions[PERMISSIONS] = {
#define X(permission, text, mask) [permission] = {text, mask},
    AUTH_PERMISSIONS(X)
#undef X
};

const char *role_name(enum role role) { return role_names[role]; }
const char *permission_name(enum permission permission) { return permissions[permission].name; }

int role_parse(const char *text, enum role *out, struct err *err)
{
    for (int role = 0; role < ROLES; role++)
        if (str_eq(text, role_names[role])) {
            *out = (enum role)role;
            return 0;
        }
    return err_set(err, ERR_BAD_VALUE, "role \"%.64s\": use admin, operator, user or viewer", text ? text : "");
}

bool auth_may(const struct principal *p, enum permission permission)
{
    return p && p->role < ROLES && (permissions[permission].roles >> p->role & 1) != 0;
}

int auth_require(const struct principal *p, enum permission permission, struct err *err)
{
    char roles[64] = "";
    size_t len = 0;

    if (auth_may(p, permission))
        return 0;
    for (int role = 0; role < ROLES; role++)
        if (permissions[permission].roles >> role & 1)
            len += (size_t)snprintf(roles + len, sizeof roles - len, "%s%s", len ? " or " : "", role_names[role]);
    return err_set(err, ERR_FORBIDDEN, "%s may not do this: \"%s\" needs the role %s", p ? p->name : "nobody", permissions[permission].name,
                   roles);
}

/* ---- names and teams ---- */

static int check_name(const char *what, const char *name, const char *first, const char *rest, struct err *err)
{
    size_t len = name ? strnlen(name, LIMIT_NAME_CHARS + 1) : 0;

    if (len == 0 || len > LIMIT_NAME_CHARS || !strchr(first, name[0]) || strspn(name, rest) != len)
        return err_set(err, ERR_BAD_NAME, "%s \"%.64s\": use 1 to %d of \"%s\", beginning with a letter or digit", what,
                       name && str_is_utf8(name, strlen(name)) ? name : "", LIMIT_NAME_CHARS, rest);
    return 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

int auth_check_user_name(const char *name, struct err *err) { return check_name("user", name, LOWER UPPER, LOWER UPPER "._@+-", err); }
int auth_check_team_name(const char *team, struct err *err) { return check_name("team", team, LOWER, LOWER "-", err); }

int auth_team_scope(const struct principal *p, const char *requested, const char **out_team, struct err *err)
{
    if (!requested || !*requested || strcmp(requested, p->team) == 0) {
        *out_team = p->team;
        return 0;
    }
    if (auth_require(p, PERM_OTHER_TEAM, err) < 0)
        return err_wrap(err, "team \"%.64s\"", str_is_utf8(requested, strlen(requested)) ? requested : "");
    if (auth_check_team_name(requested, err) < 0)
        return -1;
    *out_team = requested;
    return 0;
}

int auth_team_filter(const struct principal *p, const char *requested, const char **out_team, struct err *err)
{
    if (!str_eq(requested, "*"))
        return auth_team_scope(p, requested, out_team, err);
    if (auth_require(p, PERM_OTHER_TEAM, err) < 0)
        return err_wrap(err, "every team");
    *out_team = NULL;
    return 0;
}

json_t *auth_principal_json(const struct principal *p)
{
    json_t *out = json_object(), *may = json_array();

    json_set_str(out, "id", p->user_id);
    json_set_str(out, "name", p->name);
    json_set_str(out, "role", role_name(p->role));
    json_set_str(out, "team", p->team);
    if (p->key_id[0])
        json_set_str(out, "key_id", p->key_id);
    json_set_time(out, "expires_at", p->expires_at);
    for (int i = 0; i < PERMISSIONS; i++)
        if (auth_may(p, (enum permission)i))
            json_append_str(may, permissions[i].name);
    json_set_new(out, "permissions", may);
    return out;
}
