/* Owns the way of an entry from the configuration to the plugin manager. Called by whoever loads or checks a configuration. */
#include "workflow/provisioner_entry.h"
#include "base/clock.h"
#include "base/str.h"
#include "resource/resource_version.h"
#include <string.h>

static json_t *names_json(config_names names)
{
    json_t *list = names ? json_array() : NULL;

    for (; names && *names; names++)
        json_append_str(list, *names);
    return list;
}

static enum plugin_signature_policy policy_of(const char *word)
{
    return str_eq(word, "require") ? PLUGIN_SIGNATURE_REQUIRE : str_eq(word, "warn") ? PLUGIN_SIGNATURE_WARN : PLUGIN_SIGNATURE_OFF;
}

void provisioner_entry_make(const struct admin_config *config, const struct config_provisioner *entry, json_t *opened,
                            struct provisioner_entry *out)
{
    *out = (struct provisioner_entry){.config = opened,
                                      .types = names_json(entry->types),
                                      .grant = names_json(entry->grant),
                                      .revoked = names_json(config->revoked_hashes)};
    out->plugin = (struct plugin_entry){
        .name = entry->name,
        .path = entry->path,
        .plugin = entry->plugin,
        .version = entry->version,
        .sha256 = entry->sha256,
        .product = entry->product,
        .types = out->types,
        .config = opened,
        .grant = out->grant,
        .memory_bytes = entry->memory_bytes,
        .timeout_ms = entry->timeout_ms,
        .max_hosts = entry->max_hosts,
        .processes = entry->processes,
        .cpu_percent = entry->cpu_percent,
        .isolation = entry->is_inline ? "inline" : "process",
        .signature_policy = policy_of(config->signature_policy),
        .signature_key = entry->signature_key,
        .signature_public = entry->signature_key ? config_lookup(config->trusted_keys, entry->signature_key) : NULL,
        .signature_file = entry->signature_file,
        .revoked = out->revoked,
    };
}

void provisioner_entry_fini(struct provisioner_entry *entry)
{
    json_put(&entry->config);
    json_put(&entry->types);
    json_put(&entry->grant);
    json_put(&entry->revoked);
}

/* ---- policies ---- */

static void add_environment(json_t *list, const char *name, const char *type)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "type", type));
}

/* Two globs that may mean the same environment: when in doubt they do, for a policy rather sees one too many. */
static bool may_meet(const char *a, const char *b) { return str_glob(a, b) || str_glob(b, a) || (strpbrk(a, "*?") && strpbrk(b, "*?")); }

json_t *provisioner_environments(const struct admin_config *config, const struct config_provisioner *entry)
{
    const char *wanted = entry->match_environment ? entry->match_environment : "*";
    json_t *list = json_array();

    for (size_t i = 0; i < config->environment_count; i++) {
        const struct config_environment *e = &config->environments[i];

        if (may_meet(wanted, e->name) || str_glob(wanted, e->type))
            add_environment(list, e->name, e->type);
    }
    if (config->any_environment)
        add_environment(list, wanted, wanted);
    return list;
}

static void complete(const struct admin_config *config, json_t *input)
{
    const struct config_provisioner *entry = config_provisioner(config, json_str(json_object_get(input, "plugin"), "name"));

    if (entry)
        json_object_set_new(input, "environments", provisioner_environments(config, entry));
    json_object_set(input, "admin", (json_t *)config_view(config));
    json_object_set(input, "admin_lines", (json_t *)config_lines(config));
    json_set_time(input, "now", clock_now_us());
}

static void take_warnings(const struct policy_decision *decision, json_t *warnings)
{
    const json_t *item;
    size_t i;

    json_array_foreach(decision->violations, i, item)
        json_array_append_new(warnings, json_sprintf("policy %s: %s", json_str(item, "policy"), json_str(item, "message")));
}

/* ---- versions ---- */

#define SHOWN_RESOURCES 5

struct newer {
    const char *entry, *plugin, *version;
    json_t *found;
    size_t count;
};

static int newer_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct newer *n = ctx;

    json_put(&n->found);
    return resource_made_by_newer(tx, n->entry, n->plugin, n->version, SHOWN_RESOURCES, &n->found, &n->count, err);
}

static void list_resources(const struct newer *n, char *out, size_t cap)
{
    const json_t *one;
    size_t i, used = 0;

    out[0] = '\0';
    json_array_foreach(n->found, i, one)
    {
        if (used < cap)
            used += (size_t)snprintf(out + used, cap - used, "%s%s of %s in %s (%s)", i ? ", " : "", json_str(one, "name"),
                                     json_str(one, "application"), json_str(one, "environment"), json_str(one, "version"));
    }
    if (n->count > SHOWN_RESOURCES && used < cap)
        snprintf(out + used, cap - used, " and %zu more", n->count - SHOWN_RESOURCES);
}

/* What a newer version made may be beyond an older one. */
static int check_version(const struct provisioner_vetting *vetting, const json_t *plugin, struct err *err)
{
    struct newer n = {json_str(plugin, "name"), json_str(plugin, "plugin"), json_str(plugin, "version"), NULL, 0};
    const struct config_provisioner *entry = config_provisioner(vetting->config, n.entry);
    char list[400];
    int rc;

    if (!vetting->store || !entry || entry->allow_downgrade)
        return 0;
    rc = store_read(vetting->store, newer_unit, &n, err);
    if (rc == 0 && n.count) {
        list_resources(&n, list, sizeof list);
        rc = err_set(err, ERR_PLUGIN_REFUSED,
                     "%s %s is older than the version that made %s; deploy with the newer one, or set allowDowngrade: true in the entry",
                     n.plugin, n.version, list);
    }
    json_put(&n.found);
    return rc;
}

int provisioner_vet(void *ctx, json_t *input, json_t *warnings, struct err *err)
{
    const struct provisioner_vetting *vetting = ctx;
    struct policy_decision decision = {0};
    int rc = 0;

    if (vetting->config && check_version(vetting, json_object_get(input, "plugin"), err) < 0)
        return -1;
    if (!vetting->policies || !policy_set_has(vetting->policies, "plugin"))
        return 0;
    complete(vetting->config, input);
    policy_evaluate(vetting->policies, "plugin", input, &decision);
    if (decision.denied)
        rc = policy_decision_to_err(&decision, err);
    else
        take_warnings(&decision, warnings);
    policy_decision_fini(&decision);
    return rc;
}
