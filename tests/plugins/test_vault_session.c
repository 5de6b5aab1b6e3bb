/* How the provisioner `vault` comes to its token, keeps it, and what it says of a Vault that is sealed, gone or refuses: against a real
 * OpenBao. */
#include "world.h"
#include <stdio.h>

static const char *in(const json_t *value, const char *one, const char *two)
{
    const char *text = json_string_value(json_object_get(json_object_get(value, one), two));

    return text ? text : "";
}

/* An AppRole that may do everything with secrets; its ids as a config. */
static void make_login(struct world *w, const char *ttl, char *out, size_t cap)
{
    char body[200];
    json_t *role, *secret;

    CU_ASSERT_EQUAL(
        fake_step(&w->p, "vault-setup", "platform",
                  "{\"auth\":[{\"path\":\"robots\",\"type\":\"approle\"}],\"policies\":[{\"name\":\"robot\",\"policy\":\"path "
                  "\\\"secret/*\\\" { capabilities = [\\\"create\\\",\\\"read\\\",\\\"update\\\",\\\"delete\\\",\\\"list\\\"] }\"}]}"),
        INNO_OK);
    snprintf(body, sizeof body, "{\"token_policies\":[\"robot\"],\"token_ttl\":\"%s\"}", ttl);
    CU_ASSERT_EQUAL(world_do(w, "POST", "/v1/auth/robots/role/robot", body), 204);
    role = world_ask(w, "GET", "/v1/auth/robots/role/robot/role-id", NULL);
    secret = world_ask(w, "POST", "/v1/auth/robots/role/robot/secret-id", "{}");
    snprintf(out, cap, "\"auth\":{\"method\":\"approle\",\"mount\":\"robots\",\"roleId\":\"%s\",\"secretId\":\"%s\"}",
             in(role, "data", "role_id"), in(secret, "data", "secret_id"));
    json_decref(role);
    json_decref(secret);
}

/* How many tokens there are, and revokes all but root's. */
static size_t revoke_tokens(struct world *w)
{
    json_t *list = world_ask(w, "LIST", "/v1/auth/token/accessors", NULL), *item;
    size_t count = json_array_size(json_object_get(json_object_get(list, "data"), "keys")), i;
    char body[200];

    json_array_foreach(json_object_get(json_object_get(list, "data"), "keys"), i, item)
    {
        json_t *about;

        snprintf(body, sizeof body, "{\"accessor\":\"%s\"}", json_string_value(item));
        about = world_ask(w, "POST", "/v1/auth/token/lookup-accessor", body);
        if (strncmp(in(about, "data", "path"), "auth/robots", 11) == 0)
            world_do(w, "POST", "/v1/auth/token/revoke-accessor", body);
        json_decref(about);
    }
    json_decref(list);
    return count;
}

static void test_approle_login(void)
{
    struct world w;
    char login[400], wrong[] = "\"auth\":{\"method\":\"approle\",\"mount\":\"robots\",\"roleId\":\"x\",\"secretId\":\"wrong-secret\"}";
    size_t before;

    if (!world_begin(&w, &openbao, NULL))
        return;
    make_login(&w, "1h", login, sizeof login);
    CU_ASSERT_EQUAL(world_reopen(&w, login), INNO_OK);
    before = revoke_tokens(&w);
    world_well(&w, FAKE_PROVISION, "secret", "one", "{}");
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "secret", "two", "{}");
    CU_ASSERT_EQUAL(revoke_tokens(&w), before + 1); /* one login for both; now it is revoked, and the plugin logs in anew */
    world_forget(&w);
    world_well(&w, FAKE_DEPROVISION, "secret", "one", "{}");
    world_well(&w, FAKE_DEPROVISION, "secret", "two", "{}");
    CU_ASSERT_EQUAL(revoke_tokens(&w), before + 1);

    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-policy", "no", "{}"), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "answered 403: ");
    ASSERT_CONTAINS(w.p.call.failure, "permission denied");
    CU_ASSERT_EQUAL(world_reopen(&w, wrong), INNO_OK);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "secret", "one", "{}"), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "refuses the login by approle");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "wrong-secret"));
    revoke_tokens(&w);
    world_end(&w);
}

/* A token whose half is over is renewed by the next call; one that cannot be is got anew. */
static void test_renewal(void)
{
    struct world w;
    char login[400];
    size_t renewed = 0;

    if (!world_begin(&w, &openbao, NULL))
        return;
    make_login(&w, "2s", login, sizeof login);
    CU_ASSERT_EQUAL(world_reopen(&w, login), INNO_OK);
    world_well(&w, FAKE_PROVISION, "secret", "one", "{}");
    for (int i = 0; i < 10000 && !renewed; i++) { /* calls until one of them finds the half of the token's life over */
        json_t *line;
        size_t k;

        world_well(&w, FAKE_STATUS, "secret", "one", "{}");
        json_array_foreach(w.p.call.logs, k, line) renewed += strcmp(json_string_value(line), "the token was renewed") == 0;
    }
    CU_ASSERT(renewed > 0);
    world_well(&w, FAKE_DEPROVISION, "secret", "one", "{}");
    revoke_tokens(&w);
    world_end(&w);
}

static void test_namespace(void)
{
    struct world w;
    char config[300];
    static const char setup[] = "{\"namespaces\":[\"shops\"]}", mount[] = "{\"mounts\":[{\"path\":\"kv\",\"type\":\"kv\",\"version\":2}]}";

    if (!world_begin(&w, &openbao, NULL))
        return;
    if (fake_step(&w.p, "vault-setup", "platform", setup) != INNO_OK && w.p.call.failed == INNO_NOT_FOUND) {
        test_skip("this Vault has no namespaces: HashiCorp's own has them in its Enterprise edition");
        world_end(&w);
        return;
    }
    CU_ASSERT_EQUAL(w.p.call.failed, INNO_OK);
    snprintf(config, sizeof config, "\"credentials\":\"%s\",\"namespace\":\"shops\",\"mount\":\"kv\"",
             getenv("INNOMINATUS_TEST_VAULT_TOKEN"));
    CU_ASSERT_EQUAL(world_reopen(&w, config), INNO_OK);
    CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", mount), INNO_OK);
    world_well(&w, FAKE_PROVISION, "secret", "in-namespace", "{}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", "/v1/shops/kv/data/innominatus/shop/development/shop/in-namespace", NULL), 200);
    world_well(&w, FAKE_DEPROVISION, "secret", "in-namespace", "{}");
    CU_ASSERT(world_do(&w, "DELETE", "/v1/sys/namespaces/shops", NULL) < 300);
    world_end(&w);
}

/* ---- steps ---- */

static void test_setup(void)
{
    static const char all[] =
        "{\"mounts\":[{\"path\":\"teams/kv\",\"type\":\"kv\",\"version\":2,\"description\":\"of teams\"}],"
        "\"auth\":[{\"path\":\"apps\",\"type\":\"approle\"}],"
        "\"policies\":[{\"name\":\"base\",\"policy\":\"path \\\"teams/kv/*\\\" { capabilities = [\\\"read\\\"] }\"}]}";
    static const struct {
        const char *config, *says;
        inno_rc code;
    } bad[] = {
        {"{\"mounts\":[{\"path\":\"teams/kv\",\"type\":\"transit\"}]}", "of type kv already, not transit", INNO_ALREADY_EXISTS},
        {"{\"mounts\":[{\"path\":\"teams/kv\",\"type\":\"kv\",\"version\":1}]}", "is version 2 of its engine, not 1", INNO_ALREADY_EXISTS},
        {"{\"mount\":[]}", "config.mount is unknown", INNO_INVALID_RESOURCE},
        {"{\"mounts\":{}}", "config.mounts must be a list", INNO_INVALID_RESOURCE},
        {"{\"mounts\":[{\"path\":\"x\"}]}", "every secret engine needs a type", INNO_INVALID_RESOURCE},
        {"{\"policies\":[{\"name\":\"x\",\"policy\":\"nonsense {\"}]}", "failed to parse policy", INNO_INVALID_RESOURCE},
    };
    struct world w;

    if (!world_begin(&w, &openbao, NULL))
        return;
    CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", all), INNO_OK);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "made")), 3);
    CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", all), INNO_OK);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "made")), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", bad[i].config), bad[i].code);
        ASSERT_CONTAINS(w.p.call.failure, bad[i].says);
    }
    CU_ASSERT_EQUAL(fake_step(&w.p, "other", "platform", "{}"), INNO_UNSUPPORTED);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/v1/sys/mounts/teams/kv", NULL), 204);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/v1/sys/auth/apps", NULL), 204);
    world_end(&w);
}

/* ---- plan ---- */

static void test_plan(void)
{
    static const char params[] = "{\"data\":{\"user\":\"mail\"},\"keys\":[\"token\"]}";
    struct world w;
    char *text;

    if (!world_begin(&w, &openbao, NULL))
        return;
    world_well(&w, FAKE_PLAN, "vault-secret", "planned", params);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 2);
    text = json_dumps(w.p.call.outputs, 0);
    CU_ASSERT_PTR_NULL(strstr(text, "mail")); /* values never show */
    free(text);
    world_status(&w, "vault-secret", "planned", params, "terminated", ""); /* nothing was made */
    world_well(&w, FAKE_PROVISION, "vault-secret", "planned", params);
    world_well(&w, FAKE_PLAN, "vault-secret", "planned", params);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 0);
    world_well(&w, FAKE_PLAN, "vault-secret", "planned", "{\"keys\":[\"token\"]}");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1);
    world_well(&w, FAKE_DEPROVISION, "vault-secret", "planned", params);
    world_forget(&w);
    world_well(&w, FAKE_PLAN, "vault-policy", "planned", "{}");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1);
    world_end(&w);
}

/* ---- health ---- */

static void test_health(void)
{
    struct world w;

    if (!world_begin(&w, &openbao, NULL))
        return;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(world_reopen(&w, "\"credentials\":\"hvs.wrong\""), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "hvs.wrong"));
    world_end(&w);
}

/* Last: it seals the server for a while. */
static void test_sealed(void)
{
    struct world w;
    const char *key = getenv("INNOMINATUS_TEST_VAULT_KEY");
    char body[200];

    if (!key) {
        test_skip("no INNOMINATUS_TEST_VAULT_KEY to unseal it again");
        return;
    }
    if (!world_begin(&w, &openbao, "\"attempts\":2"))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "PUT", "/v1/sys/seal", "{}"), 204);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "is sealed");
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "secret", "sealed", "{}"), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "answered 503: Vault is sealed");
    ASSERT_CONTAINS(w.p.call.failure, getenv("INNOMINATUS_TEST_VAULT_ADDR"));
    snprintf(body, sizeof body, "{\"key\":\"%s\"}", key);
    CU_ASSERT_EQUAL(world_do(&w, "PUT", "/v1/sys/unseal", body), 200);
    world_well(&w, FAKE_PROVISION, "secret", "sealed", "{}");
    world_well(&w, FAKE_DEPROVISION, "secret", "sealed", "{}");
    world_end(&w);
}

static void test_config(void)
{
    static const struct {
        const char *config, *says;
    } bad[] = {
        {"{\"url\":\"http://h\"}", "neither config.credentials"},
        {"{\"url\":\"http://h\",\"credentials\":\"a b\"}", "neither config.credentials"},
        {"{\"credentials\":\"x\"}", "config.url"},
        {"{\"url\":\"http://h\",\"credentials\":\"x\",\"tokne\":1}", "config.tokne is unknown"},
        {"{\"url\":\"http://h\",\"auth\":{\"method\":\"ldap\"}}", "config.auth.method"},
        {"{\"url\":\"http://h\",\"auth\":{\"method\":\"approle\",\"roleId\":\"x\"}}", "config.auth.secretId is missing"},
        {"{\"url\":\"http://h\",\"credentials\":\"x\",\"prefix\":\"a/b\"}", "config.prefix"},
        {"{\"url\":\"http://h\",\"credentials\":\"x\",\"policies\":\"root\"}", "config.policies must be a list"},
        {"[]", "config must be an object"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fake_plugin p;

        CU_ASSERT_EQUAL(fake_open(&p, "vault", test_dir(), bad[i].config), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(p.call.failure, bad[i].says);
        fake_close(&p);
    }
}

const struct test_case tests[] = {{"a wrong config is told", test_config},
                                  {"the plugin logs in by AppRole, and again when its token was revoked", test_approle_login},
                                  {"a token is renewed before it ends", test_renewal},
                                  {"a namespace has its own secrets", test_namespace},
                                  {"a vault-setup step makes what is missing, once, and replaces nothing", test_setup},
                                  {"a plan says what would change, without values, and changes nothing", test_plan},
                                  {"health looks at the server and at the token", test_health},
                                  {"a sealed server is transient, and goes on when it is unsealed", test_sealed},
                                  {0}};
