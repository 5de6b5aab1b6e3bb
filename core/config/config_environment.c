/* Owns who may deploy where: the choice of the environment, and the teams of environments, products and shared resources (engine.md: Who
 * and where). Any thread; reads the configuration only. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/config_priv.h"
#include <string.h>

#define LIST_BYTES 400 /* of names in a message */

/* An exact name before globs, those in the order of the file. */
static const struct config_environment *find(const struct admin_config *config, const char *name)
{
    for (size_t i = 0; i < config->environment_count; i++)
        if (strcmp(config->environments[i].name, name) == 0)
            return &config->environments[i];
    for (size_t i = 0; i < config->environment_count; i++)
        if (str_glob(config->environments[i].name, name))
            return &config->environments[i];
    return NULL;
}

static bool is_name(const char *text)
{
    size_t len = strlen(text);

    return len >= 1 && len <= LIMIT_NAME_CHARS && text[0] != '-' && text[len - 1] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool is_environment(const struct admin_config *config, const char *name)
{
    /* what `environment.type` meant in files written for older versions; none of these is taken for an environment's name by itself */
    static const char *const runtimes[] = {"kubernetes", "docker", "docker-compose", "compose", "nomad", "serverless", NULL};

    if (!is_name(name))
        return false;
    if (!config->any_environment)
        return find(config, name) != NULL;
    for (size_t i = 0; runtimes[i]; i++)
        if (strcmp(runtimes[i], name) == 0)
            return false;
    return true;
}

static const char *list_environments(const struct admin_config *config, struct buf *b)
{
    for (size_t i = 0; i < config->environment_count; i++)
        buf_printf(b, "%s%s", i ? ", " : "", config->environments[i].name);
    return b->len ? buf_text(b) : "(none: `environments:` is empty)";
}

static int unknown_environment(const struct admin_config *config, const char *name, struct err *err)
{
    struct buf b = BUF_INIT(LIST_BYTES);

    if (!is_name(name))
        err_set(err, ERR_ENVIRONMENT, "\"%.80s\" is no name of an environment: lower-case letters, digits and '-'", name);
    else
        err_set(err, ERR_ENVIRONMENT, "there is no environment \"%s\"; %s lists: %s", name, config->name, list_environments(config, &b));
    buf_fini(&b);
    return -1;
}

static void fill_target(const struct admin_config *config, const char *name, struct arena *arena, struct config_target *out)
{
    const struct config_environment *entry = find(config, name);

    *out = (struct config_target){.name = arena_strdup(arena, name), .type = arena_strdup(arena, entry ? entry->type : name)};
    if (entry) {
        out->ttl_ms = entry->ttl_ms;
        out->require_approval = entry->require_approval;
        out->protect = entry->protect;
    }
    if (config_names_match(config->require_approval, out->type))
        out->require_approval = true;
}

int config_select_environment(const struct admin_config *config, const struct config_wish *wish, struct arena *arena,
                              struct diag_list *diags, struct config_target *out, struct err *err)
{
    bool file_names_one = wish->file_type && is_environment(config, wish->file_type);
    const char *name = wish->requested ? wish->requested : file_names_one ? wish->file_type : "development";
    struct config_target target;

    if (!is_name(name) || (!config->any_environment && !find(config, name)))
        return unknown_environment(config, name, err);
    fill_target(config, name, arena, &target);
    if (file_names_one && wish->requested && strcmp(wish->file_type, target.name) != 0 && strcmp(wish->file_type, target.type) != 0)
        return err_set(err, ERR_ENVIRONMENT, "the Score file says environment.type \"%s\", the request says \"%s\": drop one of them",
                       wish->file_type, wish->requested);
    if (wish->file_type && !file_names_one && diags)
        diag_add(diags, DIAG_WARNING, ERR_ENVIRONMENT, wish->line, wish->column, (int)strnlen(wish->file_type, 64), "/environment/type",
                 "name an environment that `innominatus environments` lists, or remove it",
                 "environment.type \"%.80s\" names no environment and is ignored; the target is \"%s\"", wish->file_type, target.name);
    *out = target;
    return 0;
}

int config_check_team(const struct admin_config *config, const char *environment, const char *team, struct err *err)
{
    const struct config_environment *entry = find(config, environment);

    if (!entry || !entry->teams || config_names_match(entry->teams, team))
        return 0;
    return err_set(err, ERR_FORBIDDEN, "team \"%s\" may not deploy to \"%s\" (%s:%d lists the teams that may)", team, environment,
                   config->file, entry->line);
}

int config_check_product(const struct admin_config *config, const char *product, const char *team, struct err *err)
{
    for (size_t i = 0; i < config->product_count; i++) {
        const struct config_product *p = &config->products[i];

        if (strcmp(p->name, product) != 0)
            continue;
        if (!p->teams || config_names_match(p->teams, team))
            return 0;
        return err_set(err, ERR_FORBIDDEN, "team \"%s\" may not claim product \"%s\" in metadata.product (%s:%d lists the teams that may)",
                       team, product, config->file, p->line);
    }
    return 0;
}
