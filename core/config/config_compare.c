/* Owns the question whether an entry has changed, for a reload. Pure; any thread. */
#include "base/str.h"
#include "config/admin_config.h"

static bool same_names(config_names a, config_names b)
{
    if (!a || !b)
        return a == b;
    while (*a && str_eq(*a, *b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

static bool same_texts(const struct config_provisioner *a, const struct config_provisioner *b)
{
    const char *const pairs[][2] = {
        {a->name, b->name},
        {a->plugin, b->plugin},
        {a->path, b->path},
        {a->version, b->version},
        {a->sha256, b->sha256},
        {a->product, b->product},
        {a->match_environment, b->match_environment},
        {a->match_type, b->match_type},
        {a->match_class, b->match_class},
        {a->match_team, b->match_team},
        {a->match_product, b->match_product},
        {a->signature_key, b->signature_key},
        {a->signature_file, b->signature_file},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!str_eq(pairs[i][0], pairs[i][1]))
            return false;
    return true;
}

bool config_provisioner_same(const struct config_provisioner *a, const struct config_provisioner *b)
{
    return same_texts(a, b) && same_names(a->types, b->types) && same_names(a->grant, b->grant) && json_equal(a->config, b->config) &&
           json_equal(a->labels, b->labels) && a->memory_bytes == b->memory_bytes && a->timeout_ms == b->timeout_ms &&
           a->max_hosts == b->max_hosts && a->processes == b->processes && a->cpu_percent == b->cpu_percent &&
           a->is_inline == b->is_inline && a->shared == b->shared && a->allow_downgrade == b->allow_downgrade;
}
