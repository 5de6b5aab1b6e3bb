/* What the admin has configured, loaded together and replaced together: configuration, workflow catalogue, policies, provisioners.
 * Immutable, reference-counted. */
#pragma once
#include "base/err.h"
#include "codec/json.h"

struct admin_config;
struct catalog;
struct policy_set;

struct platform {
    int refs; /* atomic */
    struct admin_config *config;
    struct catalog *catalog;
    struct policy_set *policies;
    json_t *provisioners; /* for plan_build: what each entry serves */
};

/* Takes over the references. */
struct platform *platform_new(struct admin_config *config, struct catalog *catalog, struct policy_set *policies, json_t *provisioners);
struct platform *platform_ref(struct platform *platform);
void platform_unref(struct platform *platform);
static inline void platform_put(struct platform **platform)
{
    platform_unref(*platform);
    *platform = NULL;
}
