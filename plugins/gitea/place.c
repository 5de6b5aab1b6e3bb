/* Owns names: which owners a team may use, and how repositories and organisations are called. Pure but for host->fail. */
#include "gitea.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>

static const char *const default_owners[] = {"{team}", "{team}-*", NULL};

static bool fits(const struct gitea_work *work, const char *form, const char *owner)
{
    char pattern[300];

    return form && name_expand(&work->scope, form, pattern, sizeof pattern) && name_matches(pattern, owner);
}

static bool is_listed(const struct gitea_work *work, const char *owner)
{
    const json_t *owners = json_object_get(work->self->config, "owners"), *item;
    size_t i;

    json_array_foreach(owners, i, item) if (fits(work, json_string_value(item), owner)) return true;
    for (const char *const *form = default_owners; !owners && *form; form++)
        if (fits(work, *form, owner))
            return true;
    return fits(work, field_text(work->self->config, "owner", NULL), owner);
}

inno_rc place_allowed(struct gitea_work *work, const char *owner)
{
    if (work->is_trusted || is_listed(work, owner))
        return INNO_OK;
    return GITEA_FAIL(work, INNO_INVALID_RESOURCE,
                      "the owner \"%.40s\" is none that team %.60s may use; the admin lists them as `owners` in the entry's config", owner,
                      work->scope.team);
}

/* At most `cap` - 1 bytes; a longer or strange text keeps its beginning, and gets a hash. */
static void fit_name(const char *text, char *out, size_t cap)
{
    struct sha256 sum;
    char hex[65], part[81];

    name_part(text, part);
    if (strlen(part) < cap) {
        memcpy(out, part, strlen(part) + 1);
        return;
    }
    sha256_init(&sum);
    sha256_add(&sum, text, strlen(text));
    sha256_hex(&sum, hex);
    snprintf(out, cap, "%.*s_%.12s", (int)(cap - 14), part, hex);
}

static inno_rc default_owner(struct gitea_work *work, char out[GITEA_OWNER_BYTES])
{
    char text[300];

    if (!name_expand(&work->scope, field_text(work->self->config, "owner", "{team}"), text, sizeof text))
        return GITEA_FAIL(work, INNO_INVALID_CONFIG, "config.owner becomes too long");
    fit_name(text, out, GITEA_OWNER_BYTES);
    return INNO_OK;
}

static bool is_name(const char *text, size_t cap)
{
    size_t len = strlen(text);

    return len >= 1 && len < cap && strspn(text, GITEA_LETTERS) == len && text[0] != '.' && strcmp(text, "-") != 0;
}

static inno_rc set(struct gitea_work *work, const char *owner, const char *name, struct gitea_repo *out)
{
    if (!is_name(owner, GITEA_OWNER_BYTES) || !is_name(name, GITEA_NAME_BYTES))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "\"%.60s/%.120s\" is no name of a repository: letters, digits, '-', '_' and '.'",
                          owner, name);
    snprintf(out->owner, sizeof out->owner, "%s", owner);
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->full, sizeof out->full, "%s/%s", owner, name);
    return place_allowed(work, owner);
}

inno_rc place_repository(struct gitea_work *work, const char *key, struct gitea_repo *out)
{
    const char *text = field_text(work->params, key, ""), *slash = strchr(text, '/');
    char owner[GITEA_OWNER_BYTES];
    inno_rc rc;

    if (!text[0])
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.%s is missing: NAME or OWNER/NAME of a repository", work->where, key);
    if (slash && (size_t)(slash - text) >= sizeof owner)
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.%s: the owner's name is longer than %d characters", work->where, key,
                          GITEA_OWNER_BYTES - 1);
    if (slash)
        snprintf(owner, sizeof owner, "%.*s", (int)(slash - text), text);
    else if ((rc = default_owner(work, owner)) != INNO_OK)
        return rc;
    return set(work, owner, slash ? slash + 1 : text, out);
}

inno_rc place_new(struct gitea_work *work, struct gitea_repo *out)
{
    const char *given = field_text(work->params, "owner", NULL), *name = field_text(work->params, "name", NULL);
    char owner[GITEA_OWNER_BYTES], text[400], made[GITEA_NAME_BYTES];
    inno_rc rc = given ? INNO_OK : default_owner(work, owner);

    if (rc != INNO_OK)
        return rc;
    snprintf(text, sizeof text, "%.120s-%.120s-%.120s", work->scope.application, work->scope.environment, work->name);
    fit_name(text, made, sizeof made);
    return set(work, given ? given : owner, name ? name : made, out);
}

inno_rc place_org(struct gitea_work *work, char out[GITEA_OWNER_BYTES])
{
    const char *given = field_text(work->params, "name", NULL);
    char text[500];

    snprintf(text, sizeof text, "%.120s-%.120s-%.120s-%.120s", work->scope.team, work->scope.application, work->scope.environment,
             work->name);
    fit_name(text, out, GITEA_OWNER_BYTES);
    if (given && !is_name(given, GITEA_OWNER_BYTES))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "params.name \"%.60s\" is no name of an organisation", given);
    if (!given)
        return INNO_OK;
    memcpy(out, given, strlen(given) + 1);
    return place_allowed(work, given);
}

bool place_is_file(const char *path)
{
    size_t len = strlen(path);

    if (len < 1 || len > 400 || path[0] == '/' || path[len - 1] == '/' || strstr(path, "//"))
        return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        size_t size;

        part += *part == '/';
        size = strcspn(part, "/");
        if ((size == 1 && part[0] == '.') || (size == 2 && strncmp(part, "..", 2) == 0) || (size == 4 && strncasecmp(part, ".git", 4) == 0))
            return false;
    }
    for (; *path; path++)
        if ((unsigned char)*path < 0x20 || *path == 0x7f || *path == '\\')
            return false;
    return true;
}

bool place_is_branch(const char *name)
{
    size_t len = strlen(name);

    return place_is_file(name) && len < 200 && strspn(name, GITEA_PATH_LETTERS) == len && name[0] != '-' && !strstr(name, "..") &&
           (len < 5 || strcmp(name + len - 5, ".lock") != 0);
}
