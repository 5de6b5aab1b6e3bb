/* Owns the comparison of two platforms for the answer of a reload. Pure; any thread. */
#include "workflow/platform_diff.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "policy/policy.h"
#include "workflow/catalog.h"

#define SETTING_DEPTH 8 /* what is nested deeper is compared as a whole */

/* Only read when the server starts. */
static const char *const at_start[] = {"queue.capacity", "queue.workers", "pluginUser", NULL};

/* {name: what it is} twice -> {added, removed, changed}. */
static json_t *diff_of(const json_t *before, const json_t *after)
{
    json_t *added = json_array(), *removed = json_array(), *changed = json_array(), *value;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)after, name, value)
    {
        const json_t *old = json_object_get(before, name);

        if (!old)
            json_append_str(added, name);
        else if (!json_equal(old, value))
            json_append_str(changed, name);
    }
    json_object_foreach((json_t *)(uintptr_t)before, name, value)
    {
        if (!json_object_get(after, name))
            json_append_str(removed, name);
    }
    return json_pack("{s:o,s:o,s:o}", "added", added, "removed", removed, "changed", changed);
}

/* What makes a policy what it is; not what its tests said. */
static json_t *policies_of(const struct platform *platform)
{
    static const char *const members[] = {"file", "sha256", "mode", "error"};
    CLEANUP(json_put) json_t *all = policy_set_describe(platform->policies);
    json_t *named = json_object(), *policy;
    size_t i;

    json_array_foreach(all, i, policy)
    {
        json_t *about = json_object();

        for (size_t j = 0; j < sizeof members / sizeof *members; j++)
            json_set_str(about, members[j], json_str(policy, members[j]));
        json_set_new(named, json_str(policy, "name") ? json_str(policy, "name") : "?", about);
    }
    return named;
}

static json_t *workflows_of(const struct platform *platform)
{
    json_t *named = json_object();
    const struct workflow_def *all;
    size_t count;

    all = catalog_workflows(platform->catalog, &count);
    for (size_t i = 0; i < count; i++)
        json_set_new(named, all[i].title, json_string(all[i].yaml ? all[i].yaml : ""));
    return named;
}

static json_t *provisioners_diff(const struct admin_config *before, const struct admin_config *after)
{
    json_t *added = json_array(), *removed = json_array(), *changed = json_array();

    for (size_t i = 0; i < after->provisioner_count; i++) {
        const struct config_provisioner *entry = &after->provisioners[i], *old = config_provisioner(before, entry->name);

        if (!old)
            json_append_str(added, entry->name);
        else if (!config_provisioner_same(old, entry))
            json_append_str(changed, entry->name);
    }
    for (size_t i = 0; i < before->provisioner_count; i++)
        if (!config_provisioner(after, before->provisioners[i].name))
            json_append_str(removed, before->provisioners[i].name);
    return json_pack("{s:o,s:o,s:o}", "added", added, "removed", removed, "changed", changed);
}

/* ---- settings ---- */

struct settings {
    json_t *changes, *restart;
};

static void note_setting(struct settings *s, const char *key, const json_t *from, const json_t *to)
{
    json_t *change = json_object();

    json_set_str(change, "key", key);
    json_set_new(change, "from", from ? json_deep_copy(from) : NULL);
    json_set_new(change, "to", to ? json_deep_copy(to) : NULL);
    json_array_append_new(s->changes, change);
    for (const char *const *name = at_start; *name; name++)
        if (str_eq(key, *name))
            json_append_str(s->restart, key);
}

static void compare(struct settings *s, const char *prefix, const json_t *before, const json_t *after, int depth);

static void compare_member(struct settings *s, const char *prefix, const char *key, const json_t *from, const json_t *to, int depth)
{
    CLEANUP(free_ptr) char *path = prefix[0] ? mem_printf("%s.%s", prefix, key) : mem_strdup(key);

    if (str_eq(path, "provisioners") || str_eq(path, "productProvisioners")) /* told by name */
        return;
    if (depth < SETTING_DEPTH && json_is_object(from) && json_is_object(to))
        compare(s, path, from, to, depth + 1);
    else if (!from || !to || !json_equal(from, to))
        note_setting(s, path, from, to);
}

static void compare(struct settings *s, const char *prefix, const json_t *before, const json_t *after, int depth)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)after, key, value) compare_member(s, prefix, key, json_object_get(before, key), value, depth);
    json_object_foreach((json_t *)(uintptr_t)before, key, value)
    {
        if (!json_object_get(after, key))
            compare_member(s, prefix, key, value, NULL, depth);
    }
}

static bool is_empty(const json_t *diff)
{
    return !json_array_size(json_object_get(diff, "added")) && !json_array_size(json_object_get(diff, "removed")) &&
           !json_array_size(json_object_get(diff, "changed"));
}

json_t *platform_diff(const struct platform *before, const struct platform *after)
{
    struct settings s = {json_array(), json_array()};
    CLEANUP(json_put) json_t *old_policies = policies_of(before), *new_policies = policies_of(after);
    CLEANUP(json_put) json_t *old_workflows = workflows_of(before), *new_workflows = workflows_of(after);
    json_t *provisioners = provisioners_diff(before->config, after->config), *policies = diff_of(old_policies, new_policies),
           *workflows = diff_of(old_workflows, new_workflows), *out = json_object();

    compare(&s, "", config_view(before->config), config_view(after->config), 0);
    json_set_str(out, "previous", before->config->revision);
    json_set_str(out, "file", after->config->file);
    json_set_str(out, "revision", after->config->revision);
    json_set_flag(out, "changed",
                  !str_eq(before->config->revision, after->config->revision) || !is_empty(provisioners) || !is_empty(policies) ||
                      !is_empty(workflows));
    json_set_new(out, "provisioners", provisioners);
    json_set_new(out, "policies", policies);
    json_set_new(out, "workflows", workflows);
    json_set_new(out, "settings", s.changes);
    json_set_new(out, "restart", s.restart);
    return out;
}
