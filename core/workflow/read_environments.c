/* Owns the reading of environments: what the configuration says and what lives in them. Any thread. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/units.h"
#include "config/admin_config.h"
#include "observe/filter.h"
#include "workflow/read_applications.h"
#include <string.h>

struct reading {
    const struct read_scope *scope;
    const struct admin_config *config;
    json_t *items;
};

static json_t *environment_new(const char *name, const char *type, int64_t ttl_ms, bool require_approval, bool protect)
{
    json_t *item = json_object();
    char ttl[32];

    json_set_str(item, "name", name);
    json_set_str(item, "type", type);
    if (ttl_ms > 0)
        json_set_str(item, "ttl", duration_format(ttl_ms, ttl));
    json_set_new(item, "teams", json_array());
    json_set_flag(item, "require_approval", require_approval);
    json_set_flag(item, "protected", protect);
    json_set_new(item, "applications", json_array());
    return item;
}

static void set_teams(json_t *item, config_names teams)
{
    json_t *list = json_object_get(item, "teams");

    for (; teams && *teams; teams++)
        json_append_str(list, *teams);
    if (json_array_size(list) == 0)
        json_append_str(list, "*");
}

static void add_configured(struct reading *r)
{
    for (size_t i = 0; i < r->config->environment_count; i++) {
        const struct config_environment *e = &r->config->environments[i];
        json_t *item = environment_new(e->name, e->type, e->ttl_ms,
                                       e->require_approval || config_names_match(r->config->require_approval, e->type), e->protect);

        set_teams(item, e->teams);
        json_array_append_new(r->items, item);
    }
}

static json_t *item_named(const struct reading *r, const char *name)
{
    json_t *item;
    size_t i;

    json_array_foreach(r->items, i, item) if (str_eq(json_str(item, "name"), name)) return item;
    return NULL;
}

/* The teams of the first entry whose name or glob fits. */
static config_names teams_of(const struct admin_config *config, const char *name)
{
    for (size_t i = 0; i < config->environment_count; i++)
        if (str_glob(config->environments[i].name, name))
            return config->environments[i].teams;
    return NULL;
}

/* One that lives below a glob, or without any configuration. */
static json_t *add_living(struct reading *r, const char *name, const char *type, int64_t created_at)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct config_wish wish = {.requested = name};
    struct config_target target = {0};
    struct err ignored = {0};
    bool known = config_select_environment(r->config, &wish, &arena, NULL, &target, &ignored) == 0;
    json_t *item = environment_new(name, known ? target.type : type, known ? target.ttl_ms : 0, known && target.require_approval,
                                   known && target.protect);

    if (known && target.ttl_ms > 0 && created_at)
        json_set_time(item, "expires_at", created_at + target.ttl_ms * US_PER_MS);
    set_teams(item, teams_of(r->config, name));
    json_array_append_new(r->items, item);
    return item;
}

static int environments_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct filter f;
    int more;

    json_put(&r->items);
    r->items = json_array();
    add_configured(r);
    filter_init(&f, "SELECT environment, application, environment_type, created_at FROM application_environments");
    filter_text(&f, "org = ?", r->scope->org);
    filter_text(&f, "team = ?", r->scope->team);
    filter_plain(&f, "state <> 'deleted'");
    filter_tail(&f, "ORDER BY environment, application, team LIMIT ?", 10000);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        const char *name = store_col_text(rows, 0);
        json_t *item = item_named(r, name), *list;

        item = item ? item : add_living(r, name, store_col_text(rows, 2), store_col_int(rows, 3));
        list = json_object_get(item, "applications");
        if (!str_eq(json_string_value(json_array_get(list, json_array_size(list) - 1)), store_col_text(rows, 1)))
            json_append_str(list, store_col_text(rows, 1));
    }
    return more;
}

int read_environments(struct store *store, const struct read_scope *scope, const struct admin_config *config, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .config = config};

    if (store_read(store, environments_unit, &r, err) < 0) {
        json_put(&r.items);
        return -1;
    }
    *out = r.items;
    return 0;
}
