/* admin-config.yaml: what it may say, what it means, and what it refuses with which place. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct arena arena;
    struct diag_list diags;
    struct admin_config *config;
    struct err err;
    int rc;
};

static void load(struct fixture *f, const char *text)
{
    *f = (struct fixture){0};
    f->diags = diag_list_make(&f->arena, "admin-config.yaml");
    f->rc = config_parse(text, strlen(text), "admin-config.yaml", "/etc/inno", &f->diags, &f->config, &f->err);
    if (f->rc < 0 && !f->diags.errors)
        fprintf(stderr, "%s\n", f->err.msg);
}

static void fini(struct fixture *f)
{
    config_free(f->config);
    arena_fini(&f->arena);
}

static void must_load(struct fixture *f, const char *text)
{
    load(f, text);
    if (f->rc < 0)
        fprintf(stderr, "%s", diag_render(&f->diags, text, false, &f->arena));
    CU_ASSERT_EQUAL_FATAL(f->rc, 0);
}

/* Each row: a file, the code, line and a part of the first problem. */
static const struct {
    const char *name, *text;
    enum err_code code;
    int line;
    const char *part, *suggestion;
} bad[] = {
    {"a typo at the top", "workflowPolices: {}\n", ERR_UNKNOWN_FIELD, 1, "workflowPolices", "workflowPolicies"},
    {"a typo below", "workflowPolicies:\n  maxStepPerWorkflow: 3\n", ERR_UNKNOWN_FIELD, 2, "maxStepPerWorkflow", "maxStepsPerWorkflow"},
    {"a typo in an entry", "provisioners:\n  - {name: local, plugin: local, lables: {a: b}}\n", ERR_UNKNOWN_FIELD, 2, "lables", "labels"},
    {"a duration without a unit", "workflowPolicies: {maxWorkflowDuration: 30}\n", ERR_WRONG_TYPE, 1, "duration", NULL},
    {"a word for a duration", "workflowPolicies: {maxWorkflowDuration: long}\n", ERR_DURATION, 1, "long", NULL},
    {"a wrong enumeration", "policies: {mode: strict}\n", ERR_BAD_VALUE, 1, "strict", NULL},
    {"an unknown severity", "policies: {overrides: {cost-guard: maybe}}\n", ERR_BAD_VALUE, 1, "maybe", NULL},
    {"a list where a map stands", "admin: [1]\n", ERR_WRONG_TYPE, 1, "", NULL},
    {"a bad memory size", "provisioners:\n  - {name: local, plugin: local, limits: {memory: lots}}\n", ERR_QUANTITY, 2, "lots", NULL},
    {"two environments of one name", "environments:\n  - {name: dev}\n  - {name: dev}\n", ERR_DUPLICATE_KEY, 3,
     "\"dev\" is listed already in line 2", NULL},
    {"a pattern without a type", "environments:\n  - {name: 'pr-*'}\n", ERR_MISSING_FIELD, 2, "needs a type", NULL},
    {"an environment without a name", "environments:\n  - {type: production}\n", ERR_MISSING_FIELD, 2, "name", NULL},
    {"a file without a hash", "productProvisioners:\n  - {name: pay, product: shop, type: pay, plugin: ./pay.so}\n", ERR_MISSING_FIELD, 2,
     "sha256", NULL},
    {"a short hash", "provisioners:\n  - {name: pay, plugin: ./pay.so, sha256: abc}\n", ERR_BAD_VALUE, 2, "no SHA-256", NULL},
    {"type and types", "provisioners:\n  - {name: local, plugin: local, type: dns, types: [dns]}\n", ERR_CONFLICTING_FIELDS, 2, "exclude",
     NULL},
    {"an inline entry with limits", "provisioners:\n  - {name: local, plugin: local, isolation: inline, limits: {timeout: 5m}}\n",
     ERR_CONFLICTING_FIELDS, 2, "inline", NULL},
    {"an unsigned file inline",
     "provisioners:\n  - {name: x, plugin: ./x.so, isolation: inline, sha256: "
     "0000000000000000000000000000000000000000000000000000000000000000}\n",
     ERR_CONFLICTING_FIELDS, 2, "may not run inline", NULL},
    {"two entries of one name", "provisioners:\n  - {name: local, plugin: local}\n  - {name: local, plugin: local}\n", ERR_DUPLICATE_KEY, 3,
     "line 2", NULL},
    {"a product's entry without a product", "productProvisioners:\n  - {name: x, plugin: local}\n", ERR_MISSING_FIELD, 2, "product", NULL},
    {"a platform entry with a product", "provisioners:\n  - {name: x, plugin: local, product: shop}\n", ERR_BAD_VALUE, 2, "every product",
     NULL},
    {"a definition of nothing", "resourceDefinitions: {postgres: locl}\n", ERR_UNKNOWN_REFERENCE, 1, "locl", "local"},
    {"a definition of another type", "provisioners:\n  - {name: a, plugin: local, types: [dns]}\nresourceDefinitions: {sqlite: a}\n",
     ERR_BAD_VALUE, 3, "sqlite", NULL},
    {"a key that is none", "trustedKeys: {acme: aGVsbG8=}\n", ERR_BAD_VALUE, 1, "Ed25519", NULL},
    {"a signature by an unknown key",
     "provisioners:\n  - {name: x, plugin: ./x.so, signature: {key: acme, file: ./x.so.sig}, sha256: "
     "0000000000000000000000000000000000000000000000000000000000000000}\n",
     ERR_UNKNOWN_REFERENCE, 2, "trustedKeys", NULL},
    {"a policy for signatures that is none", "signaturePolicy: requir\n", ERR_BAD_VALUE, 1, "requir", "require"},
    {"a revocation of no hash", "revokedHashes:\n  - abc\n", ERR_BAD_VALUE, 2, "no SHA-256", NULL},
    {"a signature of a bundled plugin",
     "trustedKeys: {ops: Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=}\nprovisioners:\n  - {name: x, plugin: local, signature: {key: "
     "ops}}\n",
     ERR_CONFLICTING_FIELDS, 3, "bundled", NULL},
    {"a product workflow without a product", "workflowPolicies:\n  allowedProductWorkflows:\n    - database-setup\n", ERR_BAD_VALUE, 3,
     "names no product", NULL},
    {"credentials in clear", "gitea: {url: 'http://h', credentials: hunter2}\n", ERR_BAD_VALUE, 1, "reference", NULL},
    {"an unknown backend key", "vault: {adress: 'http://h'}\n", ERR_UNKNOWN_FIELD, 1, "adress", NULL},
    {"no mapping at all", "- a\n- b\n", ERR_WRONG_TYPE, 1, "", NULL},
    {"broken YAML", "admin: {\n", ERR_SYNTAX, 0, "", NULL},
    {"a queue of no length", "queue: {capacity: 0}\n", ERR_BAD_VALUE, 1, "", NULL},
    {"looks without a pause", "drift: {interval: 1ms}\n", ERR_BAD_VALUE, 1, "less than 100ms", NULL},
    {"an interval that is none", "drift: {interval: often}\n", ERR_DURATION, 1, "no duration", NULL},
    {"more jitter than interval", "drift: {jitter: 1.5}\n", ERR_BAD_VALUE, 1, "", NULL},
};

static void test_problems(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fixture f;
        const struct diag *first;

        load(&f, bad[i].text);
        CU_ASSERT_EQUAL(f.rc, -1);
        first = f.diags.count ? &f.diags.items[0] : &(struct diag){.message = ""};
        if (f.rc != -1 || f.err.code != bad[i].code || (bad[i].line && first->line != bad[i].line) ||
            !strstr(first->message, bad[i].part) ||
            (bad[i].suggestion && (!first->suggestion || !strstr(first->suggestion, bad[i].suggestion)))) {
            fprintf(stderr, "%s: rc %d, code ORC-%d, line %d: %s (%s)\n", bad[i].name, f.rc, err_orc(f.err.code), first->line,
                    first->message, first->suggestion ? first->suggestion : "");
            CU_FAIL("not the problem that was expected");
        }
        CU_ASSERT_PTR_NULL(f.config);
        fini(&f);
    }
}

static void test_several(void)
{
    struct fixture f;

    load(&f, "wat: 1\nqueue: {workers: many}\npolicies:\n  mode: strict\nresourceDefinitions: {a: nowhere}\n");
    CU_ASSERT_EQUAL(f.rc, -1);
    CU_ASSERT_EQUAL(f.diags.errors, 4);
    CU_ASSERT_EQUAL(f.diags.items[0].line, 1);
    CU_ASSERT_EQUAL(f.diags.items[3].line, 5);
    ASSERT_CONTAINS(f.err.msg, "admin-config.yaml:1:1");
    fini(&f);
}

static void test_defaults(void)
{
    struct admin_config *c = NULL;
    struct diag_list diags;
    struct arena arena = {0};
    struct err err = {0};

    diags = diag_list_make(&arena, NULL);
    ASSERT_OK(config_load("/nonexistent/admin-config.yaml", &diags, &c, &err), err);
    CU_ASSERT_EQUAL_FATAL(err.code, ERR_NONE);
    CU_ASSERT(c->any_environment);
    CU_ASSERT_EQUAL(c->provisioner_count, 1);
    ASSERT_TEXT(c->provisioners[0].plugin, "local");
    ASSERT_TEXT(c->provisioners[0].types[0], "volume"); /* not those that need a server */
    CU_ASSERT_PTR_NULL(c->provisioners[0].types[6]);
    CU_ASSERT_EQUAL(c->lua_wall_ms, 5000);
    CU_ASSERT_EQUAL(c->queue_capacity, 50000);
    CU_ASSERT_EQUAL(c->queue_workers, 8);
    CU_ASSERT(c->drift_enabled && c->drift_interval_ms == 3600000 && c->drift_jitter > 0.19 && c->drift_jitter < 0.21);
    CU_ASSERT_EQUAL(c->on_failure, CONFIG_STOP);
    CU_ASSERT_PTR_NULL(c->allowed_product_workflows);
    CU_ASSERT(config_names_match(c->application_step_types, "http"));
    CU_ASSERT_FALSE(config_names_match(c->application_step_types, "command"));
    CU_ASSERT_EQUAL(strlen(c->revision), 64);
    CU_ASSERT_EQUAL(config_line(c, "/workflowPolicies/requiredPlatformWorkflows/0"), 0);
    config_free(c);
    arena_fini(&arena);
}

static void test_paths(void)
{
    struct fixture f;

    must_load(&f, "goldenPathsRoot: /srv/paths\nworkflowPolicies: {workflowsRoot: ./wf}\npolicies: {path: policies}\n"
                  "productProvisioners:\n  - name: pay\n    product: shop\n    type: payment\n    plugin: ./plugins/pay.so\n"
                  "    sha256: ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEF0123\n");
    ASSERT_TEXT(f.config->golden_paths_root, "/srv/paths");
    ASSERT_TEXT(f.config->workflows_root, "/etc/inno/wf");
    ASSERT_TEXT(f.config->policies_path, "/etc/inno/policies");
    CU_ASSERT_EQUAL(f.config->provisioner_count, 2); /* local is a default where `provisioners` is absent */
    ASSERT_TEXT(f.config->provisioners[1].path, "/etc/inno/plugins/pay.so");
    ASSERT_TEXT(f.config->provisioners[1].sha256, "abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdef0123");
    CU_ASSERT_PTR_NULL(f.config->provisioners[1].plugin);
    ASSERT_TEXT(f.config->provisioners[1].types[0], "payment");
    CU_ASSERT_PTR_NULL(f.config->provisioners[1].types[1]);
    fini(&f);
}

static void test_entries(void)
{
    struct fixture f;
    const struct config_provisioner *p;

    must_load(&f,
              "vault: {url: 'http://vault:8200', credentials: 'env:VAULT_TOKEN'}\n"
              "provisioners:\n"
              "  - {name: secrets, plugin: vault, match: {environment: 'prod*', class: strong}, config: {url: 'http://other', path: kv},\n"
              "     limits: {memory: 64MiB, timeout: 2m, maxHosts: 2}, grant: [network], labels: {zone: a}, version: 1.0.0}\n");
    p = config_provisioner(f.config, "secrets");
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    ASSERT_TEXT(json_str(p->config, "url"), "http://other");
    ASSERT_TEXT(json_str(p->config, "credentials"), "env:VAULT_TOKEN");
    ASSERT_TEXT(p->match_environment, "prod*");
    ASSERT_TEXT(p->match_class, "strong");
    CU_ASSERT_PTR_NULL(p->match_team);
    CU_ASSERT_EQUAL(p->memory_bytes, 64 << 20);
    CU_ASSERT_EQUAL(p->timeout_ms, 120000);
    CU_ASSERT_EQUAL(p->max_hosts, 2);
    ASSERT_TEXT(p->grant[0], "network");
    CU_ASSERT_EQUAL(f.config->provisioner_count, 1);
    CU_ASSERT_PTR_NULL(config_provisioner(f.config, "local"));
    fini(&f);
}

static void test_view(void)
{
    struct fixture f;
    CLEANUP(free_ptr) char *text = NULL;

    must_load(&f, "admin: {defaultBudget: 100}\nnetwork: {allow: [h], proxy: 'http://u:proxypass@p'}\nvault: {url: 'http://v', "
                  "credentials: 'env:VT'}\n"
                  "workflowPolicies: {maxStepsPerWorkflow: 50}\n"
                  "provisioners:\n  - {name: local, plugin: local, config: {token: 'env:SECRET_TOKEN'}}\n");
    text = json_canonical(config_view(f.config));
    CU_ASSERT_EQUAL(json_integer_value(json_at(config_view(f.config), "workflowPolicies.maxStepsPerWorkflow")), 50);
    CU_ASSERT_EQUAL(json_integer_value(json_at(config_view(f.config), "admin.defaultBudget")), 100);
    ASSERT_TEXT(json_string_value(json_at(config_view(f.config), "workflowPolicies.onFailure")), "stop");
    ASSERT_TEXT(json_string_value(json_at(config_view(f.config), "provisioners.0.name")), "local");
    CU_ASSERT_PTR_NULL(strstr(text, "SECRET_TOKEN"));
    CU_ASSERT_PTR_NULL(strstr(text, "proxypass"));
    CU_ASSERT_PTR_NULL(strstr(text, "env:VT"));
    CU_ASSERT(f.config->default_budget == 100.0);
    fini(&f);
}

static void test_revision(void)
{
    struct fixture a, b, c;

    must_load(&a, "queue: {workers: 4}\nadmin: {defaultBudget: 1}\n");
    must_load(&b, "# another order, the same content\nadmin:\n  defaultBudget: 1\nqueue:\n  workers: 4\n");
    must_load(&c, "queue: {workers: 4}\nadmin: {defaultBudget: 2}\n");
    ASSERT_TEXT(a.config->revision, b.config->revision);
    CU_ASSERT_STRING_NOT_EQUAL(a.config->revision, c.config->revision);
    fini(&a);
    fini(&b);
    fini(&c);
}

static void test_lines(void)
{
    struct fixture f;

    must_load(&f, "workflowPolicies:\n  requiredPlatformWorkflows:\n    - security-scan\n    - cost-monitoring\n");
    CU_ASSERT_EQUAL(config_line(f.config, "/workflowPolicies/requiredPlatformWorkflows/1"), 4);
    CU_ASSERT_EQUAL(config_line(f.config, "/workflowPolicies/requiredPlatformWorkflows/2"), 0);
    CU_ASSERT_EQUAL(config_line(f.config, "/workflowPolicies/maxStepsPerWorkflow"), 0);
    ASSERT_TEXT(json_str(config_lines(f.config), "workflowPolicies.requiredPlatformWorkflows"), "admin-config.yaml:2");
    fini(&f);
}

static const char *const environments =
    "environments:\n"
    "  - {name: development}\n"
    "  - {name: production, type: production, teams: [shop, 'core-*'], requireApproval: true, protect: true}\n"
    "  - {name: 'pr-*', type: development, ttl: 24h}\n"
    "  - {name: pr-main, type: staging}\n"
    "products: {ecommerce: {teams: [shop]}, open: {}}\n";

/* requested, what the file says, the target or the error, warnings */
static const struct {
    const char *requested, *file, *name, *type;
    size_t warnings;
} choices[] = {
    {NULL, NULL, "development", "development", 0},
    {"production", NULL, "production", "production", 0},
    {"pr-12", NULL, "pr-12", "development", 0},
    {"pr-main", NULL, "pr-main", "staging", 0}, /* the exact name wins over the pattern */
    {NULL, "production", "production", "production", 0},
    {NULL, "kubernetes", "development", "development", 1}, /* an older file */
    {"production", "kubernetes", "production", "production", 1},
    {"pr-12", "development", "pr-12", "development", 0}, /* the file names the type of the target */
    {"pr-12", "production", NULL, NULL, 0},
    {"moon", NULL, NULL, NULL, 0},
    {"../etc", NULL, NULL, NULL, 0},
    {"", NULL, NULL, NULL, 0},
};

static void test_choices(void)
{
    struct fixture f;

    must_load(&f, environments);
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        struct diag_list diags = diag_list_make(&f.arena, "score.yaml");
        struct config_wish wish = {choices[i].requested, choices[i].file, 3, 9};
        struct config_target target = {0};
        struct err err = {0};
        int rc = config_select_environment(f.config, &wish, &f.arena, &diags, &target, &err);

        CU_ASSERT_EQUAL(rc, choices[i].name ? 0 : -1);
        CU_ASSERT_EQUAL(diags.warnings, choices[i].warnings);
        if (rc < 0) {
            CU_ASSERT_EQUAL(err.code, ERR_ENVIRONMENT);
            continue;
        }
        ASSERT_TEXT(target.name, choices[i].name);
        ASSERT_TEXT(target.type, choices[i].type);
    }
    fini(&f);
}

static void test_unknown_environment_lists(void)
{
    struct fixture f;
    struct config_target target;
    struct err err;

    must_load(&f, environments);
    ASSERT_FAILS(config_select_environment(f.config, &(struct config_wish){.requested = "moon"}, &f.arena, NULL, &target, &err), err,
                 ERR_ENVIRONMENT);
    ASSERT_CONTAINS(err.msg, "development, production, pr-*, pr-main");
    fini(&f);
}

static void test_any_environment(void)
{
    struct fixture f;
    struct config_target target = {0};
    struct err err;

    must_load(&f, "{}\n");
    ASSERT_OK(config_select_environment(f.config, &(struct config_wish){.requested = "moon"}, &f.arena, NULL, &target, &err), err);
    ASSERT_TEXT(target.type, "moon");
    ASSERT_OK(config_select_environment(f.config, &(struct config_wish){.file_type = "staging"}, &f.arena, NULL, &target, &err), err);
    ASSERT_TEXT(target.name, "staging");
    ASSERT_OK(config_select_environment(f.config, &(struct config_wish){.file_type = "kubernetes"}, &f.arena, NULL, &target, &err), err);
    ASSERT_TEXT(target.name, "development");
    fini(&f);
}

static void test_teams(void)
{
    struct fixture f;
    struct err err;

    must_load(&f, environments);
    ASSERT_OK(config_check_team(f.config, "production", "shop", &err), err);
    ASSERT_OK(config_check_team(f.config, "production", "core-db", &err), err);
    ASSERT_OK(config_check_team(f.config, "development", "anybody", &err), err);
    ASSERT_FAILS(config_check_team(f.config, "production", "intern", &err), err, ERR_FORBIDDEN);
    ASSERT_OK(config_check_product(f.config, "ecommerce", "shop", &err), err);
    ASSERT_FAILS(config_check_product(f.config, "ecommerce", "intern", &err), err, ERR_FORBIDDEN);
    ASSERT_OK(config_check_product(f.config, "open", "intern", &err), err);
    ASSERT_OK(config_check_product(f.config, "unlisted", "intern", &err), err);
    fini(&f);
}

static void test_protection(void)
{
    struct fixture f;
    struct config_target target = {0};
    struct err err;

    must_load(&f, "environments:\n  - {name: live, type: production, protect: true}\n  - {name: dev, type: development}\n"
                  "workflowPolicies: {security: {requireApproval: [production]}}\n");
    ASSERT_OK(config_select_environment(f.config, &(struct config_wish){.requested = "live"}, &f.arena, NULL, &target, &err), err);
    CU_ASSERT(target.protect);
    CU_ASSERT(target.require_approval);
    ASSERT_OK(config_select_environment(f.config, &(struct config_wish){.requested = "dev"}, &f.arena, NULL, &target, &err), err);
    CU_ASSERT_FALSE(target.protect);
    CU_ASSERT_FALSE(target.require_approval);
    fini(&f);
}

static void test_schema(void)
{
    CLEANUP(json_put) json_t *schema = config_schema();

    CU_ASSERT_PTR_NOT_NULL(json_at(schema, "properties.workflowPolicies"));
    CU_ASSERT(json_is_false(json_object_get(schema, "additionalProperties")));
}

static void test_file(void)
{
    struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "admin-config.yaml");
    struct admin_config *c = NULL;
    struct err err = {0};
    const char *dir = test_dir();
    char *path = arena_printf(&arena, "%s/admin-config.yaml", dir), *real = realpath(dir, NULL);

    ASSERT_OK(io_write_atomic(path, "policies: {path: ./p}\n", 22, 0600, &err), err);
    ASSERT_OK(config_load(path, &diags, &c, &err), err);
    ASSERT_TEXT(c->policies_path, arena_printf(&arena, "%s/p", real));
    ASSERT_TEXT(c->workflows_root, arena_printf(&arena, "%s/workflows", real));
    config_free(c);
    ASSERT_FAILS(config_load(dir, &diags, &c, &err), err, ERR_IO);
    free(real);
    arena_fini(&arena);
}

/* Loads a file; gives the first problem. */
static const struct diag *problem_of(const char *dir, const char *text, struct arena *arena)
{
    struct diag_list diags = diag_list_make(arena, "admin-config.yaml");
    const char *path = arena_printf(arena, "%s/checked.yaml", dir);
    struct admin_config *c = NULL;
    struct err err = {0};

    ASSERT_OK(io_write_atomic(path, text, strlen(text), 0600, &err), err);
    if (config_load(path, &diags, &c, &err) < 0)
        CU_ASSERT_EQUAL(err.code, diags.count ? diags.items[0].code : ERR_NONE);
    config_free(c);
    return diags.count ? &diags.items[0] : NULL;
}

static void test_empty_file(void)
{
    static const char *const empty[] = {"", "\n \n", "# nothing\n", "---\n# still\n"};
    CLEANUP(arena_fini) struct arena arena = {0};
    const char *dir = test_dir();

    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        const struct diag *d = problem_of(dir, empty[i], &arena);

        CU_ASSERT_PTR_NOT_NULL_FATAL(d);
        CU_ASSERT_EQUAL(d->code, ERR_CONFIG);
    }
    CU_ASSERT_PTR_NULL(problem_of(dir, "{}\n", &arena));
    CU_ASSERT_PTR_NULL(problem_of(dir, "# a comment\nmetrics: {auth: key}\n", &arena));
}

static void test_less_than_asked(void)
{
    static const char *const texts[] = {
        "sharedResources:\n  - {type: postgres, id: main, teams: [shop]}\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct fixture f;

        must_load(&f, texts[i]);
        CU_ASSERT_EQUAL(f.diags.warnings, 1);
        CU_ASSERT_EQUAL(f.diags.items[0].code, ERR_UNSUPPORTED);
        fini(&f);
    }
}

static void test_trust(void)
{
    static const char text[] =
        "signaturePolicy: require\ntrustedKeys: {ops: Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=}\nrevokedHashes:\n"
        "  - ABCDEF0000000000000000000000000000000000000000000000000000000000\n"
        "  - '1234567890123456789012345678901234567890123456789012345678901234'\nprovisioners:\n"
        "  - {name: x, plugin: ./x.so, signature: {key: ops, file: ./sigs/x.sig}, sha256: "
        "0000000000000000000000000000000000000000000000000000000000000000}\n  - {name: local, plugin: local}\n";
    struct fixture f;
    const struct config_provisioner *p;

    must_load(&f, text);
    CU_ASSERT_EQUAL(f.diags.count, 0);
    p = config_provisioner(f.config, "x");
    ASSERT_TEXT(f.config->signature_policy, "require");
    ASSERT_TEXT(f.config->revoked_hashes[0], "abcdef0000000000000000000000000000000000000000000000000000000000");
    ASSERT_TEXT(f.config->revoked_hashes[1], "1234567890123456789012345678901234567890123456789012345678901234");
    CU_ASSERT_PTR_NULL(f.config->revoked_hashes[2]);
    ASSERT_TEXT(p->signature_key, "ops");
    CU_ASSERT(str_ends(p->signature_file, "/sigs/x.sig"));
    CU_ASSERT_PTR_NULL(p->grant);
    ASSERT_TEXT(json_str(config_view(f.config), "signaturePolicy"), "require");
    fini(&f);
    must_load(&f, "{}");
    ASSERT_TEXT(f.config->signature_policy, "off");
    CU_ASSERT_PTR_NULL(f.config->revoked_hashes[0]);
    fini(&f);
}

static void test_missing_directory(void)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    const char *dir = test_dir();
    const struct diag *d;
    struct err err = {0};

    ASSERT_OK(io_mkdirs(arena_printf(&arena, "%s/workflows", dir), 0700, &err), err);
    d = problem_of(dir, "admin: {}\nworkflowPolicies:\n  workflowsRoot: ./wrokflows\n", &arena);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL(d->code, ERR_BAD_VALUE);
    CU_ASSERT_EQUAL(d->line, 3);
    ASSERT_TEXT(d->suggestion, "workflows");
    ASSERT_CONTAINS(d->message, "workflowsRoot: there is no directory ");
    d = problem_of(dir, "goldenPathsRoot: /nonexistent/paths\n", &arena);
    CU_ASSERT(d && d->severity == DIAG_WARNING); /* nothing is required of golden paths */
    CU_ASSERT_PTR_NULL(problem_of(dir, "workflowPolicies: {workflowsRoot: ./workflows}\n", &arena));
    CU_ASSERT_PTR_NULL(problem_of(dir, "metrics: {auth: none}\n", &arena)); /* the default's directory may be missing */
}

const struct test_case tests[] = {
    {"a file that says nothing is a mistake, {} is not", test_empty_file},
    {"a directory that the file names must be there; a near one is suggested", test_missing_directory},
    {"what does less than it asks for is a warning", test_less_than_asked},
    {"keys, the policy for signatures and revoked hashes are read", test_trust},
    {"each mistake is found with its code, line and suggestion", test_problems},
    {"several mistakes are reported at once, by position", test_several},
    {"a missing file gives the documented defaults and the bundled local", test_defaults},
    {"relative paths are relative to the file", test_paths},
    {"an entry's match, limits and backend defaults are read", test_entries},
    {"the view has the defaults and no secret", test_view},
    {"the revision is the hash of the content, not of its form", test_revision},
    {"values know their line in the file", test_lines},
    {"the target environment follows the rules", test_choices},
    {"an unknown environment lists those that exist", test_unknown_environment_lists},
    {"without a list any name is an environment of its own type", test_any_environment},
    {"teams of environments and products are held to their lists", test_teams},
    {"protection and approval follow entry and type", test_protection},
    {"the form of the file is a JSON Schema", test_schema},
    {"a file's own directory is the base of its paths", test_file},
    {0},
};
