/* admin-config.yaml, and the questions that are asked of a configuration. */
#include "base/cleanup.h"
#include "config/admin_config.h"
#include "fuzz.h"
#include <string.h>

static void ask(const struct admin_config *config, struct arena *arena)
{
    struct config_wish wish = {.file_type = "production"};
    struct config_target target;
    struct err err = {0};

    FUZZ_CHECK(config_view(config) && config_lines(config) && config->revision && strlen(config->revision) == 64);
    FUZZ_CHECK(config->required_workflows && config->network_allow && config->trusted_proxies);
    if (config_select_environment(config, &wish, arena, NULL, &target, &err) == 0)
        FUZZ_CHECK(target.name && target.type);
    for (size_t i = 0; i < config->environment_count; i++) {
        struct config_wish one = {.requested = config->environments[i].name};

        config_select_environment(config, &one, arena, NULL, &target, &err);
        config_check_team(config, config->environments[i].name, "shop", &err);
    }
    for (size_t i = 0; i < config->provisioner_count; i++)
        FUZZ_CHECK(config_provisioner(config, config->provisioners[i].name));
    config_check_product(config, "ecommerce", "shop", &err);
    config_names_match(config->network_allow, "a.example.com");
    config_line(config, "/workflowPolicies/requiredPlatformWorkflows/0");
    config_lookup(config->resource_definitions, "postgres");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "admin-config.yaml");
    CLEANUP(config_put) struct admin_config *config = NULL;
    CLEANUP(free_ptr) char *text = strndup((const char *)data, size);
    struct err err = {0};
    int rc = config_parse((const char *)data, size, "admin-config.yaml", "/etc/innominatus", &diags, &config, &err);

    FUZZ_CHECK((rc == 0) == (config != NULL) && (rc == 0 || err.code));
    diag_sort(&diags);
    diag_render(&diags, text, false, &arena);
    json_decref(diag_to_json(&diags));
    if (config)
        ask(config, &arena);
    return 0;
}
