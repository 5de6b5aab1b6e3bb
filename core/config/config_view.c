/* Owns the configuration as others may see it (policies, GET /admin/config): keys as in the file, defaults filled in, nothing secret; and
 * its revision. Called once a load, by one thread. */
#include "base/cleanup.h"
#include "codec/units.h"
#include "config/config_priv.h"
#include "crypto/hash.h"
#include <stdlib.h>
#include <string.h>

/* What may hold credentials or the names of secrets. */
static void redact_entries(json_t *list)
{
    json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry) json_object_del(entry, "config");
}

static json_t *member(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);

    if (!json_is_object(found)) {
        found = json_object();
        json_object_set_new(object, key, found);
    }
    return found;
}

/* Sets a default that the file does not say. Steals the reference. */
static void fill(json_t *object, const char *key, json_t *value)
{
    if (json_object_get(object, key))
        json_decref(value);
    else
        json_object_set_new(object, key, value);
}

static json_t *names(config_names list)
{
    json_t *array = json_array();

    for (; *list; list++)
        json_append_str(array, *list);
    return array;
}

static json_t *duration(int64_t ms)
{
    char text[32];

    return json_string(duration_format(ms, text));
}

static void fill_defaults(const struct admin_config *c, json_t *view)
{
    static const char *const on_failure[] = {"stop", "rollback", "continue"};
    json_t *w = member(view, "workflowPolicies"), *lua = member(w, "luaStep"), *policies = member(view, "policies"),
           *queue = member(view, "queue"), *rates = member(view, "rateLimits"), *user = member(rates, "user"),
           *address = member(rates, "address"), *drift = member(view, "drift");

    member(view, "admin");
    fill(w, "requiredPlatformWorkflows", names(c->required_workflows));
    fill(w, "applicationStepTypes", names(c->application_step_types));
    fill(w, "onFailure", json_string(on_failure[c->on_failure]));
    fill(member(w, "workflowOverrides"), "platform", json_boolean(c->override_platform));
    fill(member(w, "workflowOverrides"), "product", json_boolean(c->override_product));
    fill(member(w, "security"), "requireApproval", names(c->require_approval));
    fill(lua, "wallClock", duration(c->lua_wall_ms));
    fill(policies, "mode", json_string(c->policies_mode));
    fill(policies, "overrides", json_object());
    fill(drift, "enabled", json_boolean(c->drift_enabled));
    fill(drift, "interval", duration(c->drift_interval_ms));
    fill(drift, "jitter", json_real(c->drift_jitter));
    fill(queue, "capacity", json_integer(c->queue_capacity));
    fill(queue, "workers", json_integer(c->queue_workers));
    fill(user, "perSecond", json_integer(c->user_rate));
    fill(user, "burst", json_integer(c->user_burst));
    fill(address, "perSecond", json_integer(c->address_rate));
    fill(address, "burst", json_integer(c->address_burst));
    fill(member(view, "sessions"), "secureCookie", json_string(c->secure_cookie));
    fill(view, "signaturePolicy", json_string(c->signature_policy));
    fill(view, "revokedHashes", names(c->revoked_hashes));
    fill(view, "stepEnvironment", names(c->step_environment));
    fill(member(view, "network"), "allow", names(c->network_allow));
    fill(view, "productProvisioners", json_array());
    if (!json_object_get(view, "provisioners"))
        json_object_set_new(view, "provisioners",
                            json_pack("[{s:s,s:s,s:[s,s,s,s,s,s]}]", "name", "local", "plugin", "local", "types", "volume", "sqlite", "dns",
                                      "route", "secret", "workload"));
}

static void redact(json_t *view)
{
    static const char *const backends[] = {"gitea", "argocd", "vault", "kubernetes", "terraform"};

    redact_entries(json_object_get(view, "provisioners"));
    redact_entries(json_object_get(view, "productProvisioners"));
    json_object_del(json_object_get(view, "network"), "proxy"); /* may hold a password */
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
        json_t *backend = json_object_get(view, backends[i]);
        const char *url = json_str(backend, "url");

        json_object_del(backend, "credentials");
        if (url && strchr(url, '@'))
            json_object_del(backend, "url");
    }
}

/* Lines of the keys of `map`, and of those below. Depth is bounded by the parser. */
static void add_lines(const struct admin_config *c, const struct node *map, const char *prefix, struct arena *arena, json_t *lines)
{
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->map.count; i++) {
        const struct node_pair *pair = &map->map.pairs[i];
        const char *key = arena_printf(arena, "%s.%s", prefix, pair->key);

        json_object_set_new(lines, key, json_sprintf("%s:%d", c->name, pair->line));
        add_lines(c, pair->value, key, arena, lines);
    }
}

static json_t *make_lines(const struct config_owner *owner)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    json_t *lines = json_object();

    add_lines(&owner->config, node_get(owner->root, "workflowPolicies"), "workflowPolicies", &arena, lines);
    add_lines(&owner->config, node_get(owner->root, "policies"), "policies", &arena, lines);
    return lines;
}

int config_make_view(struct config_owner *owner, const char *dir, struct err *err)
{
    CLEANUP(json_put) json_t *all = owner->root->kind == NODE_MAP ? node_to_json(owner->root) : json_object();
    CLEANUP(free_ptr) char *text = NULL;
    char hex[CRYPTO_SHA256_HEX];

    fill_defaults(&owner->config, all);
    /* the directory too: relative paths mean another thing elsewhere */
    json_set_str(all, "", dir);
    text = json_canonical(all);
    if (!text)
        return err_set(err, ERR_INTERNAL, "the configuration has no canonical form");
    owner->config.revision = arena_strdup(&owner->arena, crypto_sha256_hex(text, strlen(text), hex));
    json_object_del(all, "");
    redact(all);
    owner->view = take_ptr(all);
    owner->lines = make_lines(owner);
    return 0;
}
