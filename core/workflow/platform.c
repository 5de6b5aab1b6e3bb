/* The admin's configuration, loaded together. Any thread. */
#include "workflow/platform.h"
#include "base/mem.h"
#include "config/admin_config.h"
#include "policy/policy.h"
#include "workflow/catalog.h"
#include <stdlib.h>

struct platform *platform_new(struct admin_config *config, struct catalog *catalog, struct policy_set *policies, json_t *provisioners)
{
    struct platform *platform = mem_zalloc(sizeof *platform);

    platform->refs = 1;
    platform->config = config;
    platform->catalog = catalog;
    platform->policies = policies;
    platform->provisioners = json_freeze(provisioners);
    json_decref(provisioners);
    return platform;
}

struct platform *platform_ref(struct platform *platform)
{
    __atomic_fetch_add(&platform->refs, 1, __ATOMIC_RELAXED);
    return platform;
}

void platform_unref(struct platform *platform)
{
    if (!platform || __atomic_fetch_sub(&platform->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    config_free(platform->config);
    catalog_free(platform->catalog);
    policy_set_unref(platform->policies);
    json_frozen_free(platform->provisioners);
    free(platform);
}
