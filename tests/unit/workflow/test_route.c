/* Which provisioner entry serves what. */
#include "base/cleanup.h"
#include "plan_fixture.h"
#include "workflow/route.h"

/* Every entry below is an instance of the same plugin, so that only the configuration decides. */
static const char manifest[] =
    "{\"name\": \"any\", \"version\": \"1.0.0\", \"types\": [{\"name\": \"postgres\", \"stateful\": true}, {\"name\": \"dns\"}],"
    " \"step_types\": [{\"name\": \"terraform\", \"idempotent\": true}], \"slots\": [\"update\"]}";

struct routed {
    struct arena arena;
    struct diag_list diags;
    struct admin_config *config;
    json_t *provisioners;
};

static void set_up(struct routed *r, const char *text)
{
    struct err err;

    *r = (struct routed){0};
    r->diags = diag_list_make(&r->arena, "admin-config.yaml");
    ASSERT_OK(config_parse(text, strlen(text), "admin-config.yaml", "/etc", &r->diags, &r->config, &err), err);
    r->provisioners = json_object();
    for (size_t i = 0; r->config && i < r->config->provisioner_count; i++)
        if (strcmp(r->config->provisioners[i].name, "refused") != 0)
            json_object_set_new(r->provisioners, r->config->provisioners[i].name, json_loads(manifest, 0, NULL));
}

static void tear_down(struct routed *r)
{
    json_decref(r->provisioners);
    config_free(r->config);
    arena_fini(&r->arena);
}

#define ENTRY(name, more)        "  - {name: " name ", plugin: any" more "}\n"
#define OWN(name, product, more) "  - {name: " name ", plugin: any, product: " product more "}\n"

static const struct {
    const char *name, *config;
    const char *type, *class, *environment, *team, *product;
    const char *entry; /* NULL: an error */
    enum err_code code;
    const char *message;
} routes[] = {
    {"the only one", "provisioners:\n" ENTRY("one", ""), "postgres", "default", "development", "shop", NULL, "one"},
    {"a type that nobody serves", "provisioners:\n" ENTRY("one", ""), "redis", "default", "development", "shop", NULL, NULL,
     ERR_NO_PROVISIONER, "types here: postgres, dns"},
    {"`types` narrows", "provisioners:\n" ENTRY("one", ", types: [dns]") ENTRY("two", ", types: [postgres]"), "postgres", "default",
     "development", "shop", NULL, "two"},
    {"a match that fits beats none", "provisioners:\n" ENTRY("one", "") ENTRY("two", ", match: {environment: production}"), "postgres",
     "default", "production", "shop", NULL, "two"},
    {"a match that does not fit is out", "provisioners:\n" ENTRY("one", "") ENTRY("two", ", match: {environment: staging}"), "postgres",
     "default", "production", "shop", NULL, "one"},
    {"two keys beat one",
     "provisioners:\n" ENTRY("one", ", match: {environment: production}") ENTRY("two", ", match: {environment: production, class: large}"),
     "postgres", "large", "production", "shop", NULL, "two"},
    {"an exact value beats a pattern", "provisioners:\n" ENTRY("one", ", match: {team: 'sh*'}") ENTRY("two", ", match: {team: shop}"),
     "postgres", "default", "production", "shop", NULL, "two"},
    {"the environment's name beats its type",
     "provisioners:\n" ENTRY("one", ", match: {environment: production}") ENTRY("two", ", match: {environment: live}"), "postgres",
     "default", "live", "shop", NULL, "two"},
    {"the type of the environment matches too", "provisioners:\n" ENTRY("one", ", match: {environment: production}"), "postgres", "default",
     "live", "shop", NULL, "one"},
    {"class default is a class", "provisioners:\n" ENTRY("one", ", match: {class: large}"), "postgres", NULL, "live", "shop", NULL, NULL,
     ERR_NO_PROVISIONER, "class default, for team shop in environment live; elsewhere: one (class large)"},
    {"equally specific ones cannot be chosen from",
     "provisioners:\n" ENTRY("one", ", match: {team: shop}") ENTRY("two", ", match: {environment: live}"), "postgres", "default",
     "elsewhere", "shop", NULL, "one"},
    {"equally good ones are an error that names both",
     "provisioners:\n" ENTRY("one", ", match: {team: shop}") ENTRY("two", ", match: {class: default}"), "postgres", "default", "x", "shop",
     NULL, NULL, ERR_NO_PROVISIONER, "\"one\" and \"two\" equally well"},
    {"a product's entry serves its own", "provisioners: []\nproductProvisioners:\n" OWN("pay", "shop", ""), "postgres", "default", "live",
     "x", "shop", "pay"},
    {"before the platform's", "provisioners:\n" ENTRY("one", "") "productProvisioners:\n" OWN("pay", "shop", ""), "postgres", "default",
     "live", "x", "shop", "pay"},
    {"and nobody else's", "provisioners: []\nproductProvisioners:\n" OWN("pay", "shop", ""), "postgres", "default", "live", "x", "crm",
     NULL, ERR_NO_PROVISIONER, "product crm"},
    {"not even without a product", "provisioners: []\nproductProvisioners:\n" OWN("pay", "shop", ""), "postgres", "default", "live", "x",
     NULL, NULL, ERR_NO_PROVISIONER, "postgres"},
    {"unless it is shared", "provisioners: []\nproductProvisioners:\n" OWN("pay", "shop", ", shared: true"), "postgres", "default", "live",
     "x", "crm", "pay"},
    {"resourceDefinitions decide first",
     "provisioners:\n" ENTRY("one", ", match: {environment: live}")
         ENTRY("two", ", match: {environment: elsewhere}") "resourceDefinitions: {postgres: two}\n",
     "postgres", "default", "live", "x", NULL, "two"},
    {"but not over a product's border",
     "provisioners: []\nproductProvisioners:\n" OWN("pay", "shop", "") "resourceDefinitions: {postgres: pay}\n", "postgres", "default",
     "live", "x", "crm", NULL, ERR_NO_PROVISIONER, "belongs to product shop"},
    {"an entry that is not ready is not passed over in silence",
     "provisioners:\n" ENTRY("one", "") ENTRY("refused", ", types: [postgres], match: {environment: live}"), "postgres", "default", "live",
     "x", NULL, NULL, ERR_PLUGIN_REFUSED, "\"refused\", whose plugin is not ready"},
    {"where it would not serve, it does not matter",
     "provisioners:\n" ENTRY("one", "") ENTRY("refused", ", types: [postgres], match: {environment: live}"), "postgres", "default", "test",
     "x", NULL, "one"},
};

static void test_routes(void)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        struct routed r;
        const struct config_provisioner *entry = NULL;
        struct route_query q = {routes[i].type, routes[i].class, routes[i].environment, NULL, routes[i].team, routes[i].product};
        struct err err = {0};
        bool fine;

        set_up(&r, routes[i].config);
        q.environment_type = strcmp(q.environment, "live") == 0 ? "production" : q.environment;
        fine = route_resource(r.config, r.provisioners, &q, &entry, &err) == (routes[i].entry ? 0 : -1);
        if (routes[i].entry)
            fine = fine && entry && strcmp(entry->name, routes[i].entry) == 0;
        else
            fine = fine && err.code == routes[i].code && strstr(err.msg, routes[i].message);
        if (!fine)
            fprintf(stderr, "%s: %s, %s\n", routes[i].name, entry ? entry->name : "none", err.msg);
        CU_ASSERT(fine);
        tear_down(&r);
    }
}

static const struct {
    const char *name, *config;
    const char *message; /* NULL: no problem */
    int line;
} checks[] = {
    {"one alone", "provisioners:\n" ENTRY("one", ""), NULL, 0},
    {"the same twice", "provisioners:\n" ENTRY("one", "") ENTRY("two", ""), "\"one\" and \"two\" both serve type \"postgres\"", 3},
    {"other types", "provisioners:\n" ENTRY("one", ", types: [dns]") ENTRY("two", ", types: [postgres]"), NULL, 0},
    {"other environments", "provisioners:\n" ENTRY("one", ", match: {environment: a}") ENTRY("two", ", match: {environment: b}"), NULL, 0},
    {"a pattern and an exact value differ",
     "provisioners:\n" ENTRY("one", ", match: {environment: 'a*'}") ENTRY("two", ", match: {environment: ab}"), NULL, 0},
    {"two keys that may both fit", "provisioners:\n" ENTRY("one", ", match: {environment: a}") ENTRY("two", ", match: {team: b}"),
     "equally specific", 3},
    {"a product and the platform differ", "provisioners:\n" ENTRY("one", "") "productProvisioners:\n" OWN("two", "shop", ""), NULL, 0},
    {"two products differ", "provisioners: []\nproductProvisioners:\n" OWN("one", "crm", "") OWN("two", "shop", ""), NULL, 0},
    {"twice in a product", "provisioners: []\nproductProvisioners:\n" OWN("one", "shop", "") OWN("two", "shop", ""), "equally specific", 4},
    {"shared with the platform's", "provisioners:\n" ENTRY("one", "") "productProvisioners:\n" OWN("two", "shop", ", shared: true"),
     "equally specific", 4},
    {"the admin has decided",
     "provisioners:\n" ENTRY("one", ", types: [postgres]") ENTRY("two", "") "resourceDefinitions: {postgres: two}\n", NULL, 0},
    {"match.type keeps them apart", "provisioners:\n" ENTRY("one", ", match: {type: dns}") ENTRY("two", ", match: {type: postgres}"), NULL,
     0},
};

static void test_checks(void)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct routed r;
        bool fine;

        set_up(&r, checks[i].config);
        route_check(r.config, r.provisioners, &r.diags);
        fine = checks[i].message
                   ? r.diags.errors >= 1 && strstr(r.diags.items[0].message, checks[i].message) && r.diags.items[0].line == checks[i].line
                   : r.diags.errors == 0;
        if (!fine)
            fprintf(stderr, "%s: %s", checks[i].name, diag_render(&r.diags, NULL, false, &r.arena));
        CU_ASSERT(fine);
        tear_down(&r);
    }
}

static void test_steps(void)
{
    struct routed r;
    const struct config_provisioner *entry = NULL;
    struct route_query q = {"terraform", NULL, "live", "production", "shop", NULL};
    struct err err;

    set_up(&r,
           "provisioners:\n" ENTRY("one", ", match: {environment: live}") ENTRY("two", "") "productProvisioners:\n" OWN("pay", "shop", ""));
    ASSERT_OK(route_step(r.config, r.provisioners, &q, NULL, &entry, &err), err);
    ASSERT_TEXT(entry->name, "one");
    ASSERT_OK(route_step(r.config, r.provisioners, &q, "two", &entry, &err), err);
    ASSERT_TEXT(entry->name, "two");
    ASSERT_FAILS(route_step(r.config, r.provisioners, &q, "three", &entry, &err), err, ERR_UNKNOWN_REFERENCE);
    ASSERT_FAILS(route_step(r.config, r.provisioners, &q, "pay", &entry, &err), err, ERR_UNKNOWN_REFERENCE);
    q.type = "helm";
    ASSERT_FAILS(route_step(r.config, r.provisioners, &q, NULL, &entry, &err), err, ERR_NO_PROVISIONER);
    ASSERT_CONTAINS(err.msg, "terraform");
    ASSERT_FAILS(route_step(r.config, r.provisioners, &q, "two", &entry, &err), err, ERR_NO_PROVISIONER);
    CU_ASSERT(route_has_slot(json_object_get(r.provisioners, "one"), "update"));
    CU_ASSERT_FALSE(route_has_slot(json_object_get(r.provisioners, "one"), "plan"));
    tear_down(&r);
}

const struct test_case tests[] = {
    {"the most specific entry that fits serves a resource", test_routes},
    {"equally specific entries are found when the configuration is loaded", test_checks},
    {"a plugin's step runs by match or by name", test_steps},
    {0},
};
