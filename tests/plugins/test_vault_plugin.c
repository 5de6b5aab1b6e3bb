/* The provisioner `vault` against a real OpenBao: every type is made, made again, changed by hand, noticed, repaired and removed. */
#include "pg.h"
#include "world.h"
#include <stdio.h>

#define FOLDER "innominatus/shop/development/shop"
#define DATA   "/v1/secret/data/" FOLDER "/"
#define META   "/v1/secret/metadata/" FOLDER "/"

/* ---- secrets ---- */

static const char *text_in(const json_t *value, const char *one, const char *two, const char *three)
{
    const char *text = json_string_value(json_object_get(json_object_get(json_object_get(value, one), two), three));

    return text ? text : "";
}

static void test_secret(void)
{
    static const char params[] = "{\"keys\":[\"password\",\"api\"],\"length\":20}";
    struct world w;
    char first[64], body[200];
    json_t *there;

    if (!world_begin(&w, &openbao, NULL))
        return;
    world_status(&w, "secret", "db", params, "terminated", "not there");
    world_well(&w, FAKE_PROVISION, "secret", "db", params);
    snprintf(first, sizeof first, "%s", fake_secret(&w.p, "password"));
    CU_ASSERT_EQUAL(strlen(first), 20);
    CU_ASSERT_EQUAL(json_object_size(w.p.call.outputs), 0);
    there = world_ask(&w, "GET", DATA "db", NULL);
    ASSERT_TEXT(text_in(there, "data", "data", "password"), first);
    json_decref(there);

    world_well(&w, FAKE_PROVISION, "secret", "db", params); /* again, with and without what it remembers */
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "secret", "db", params);
    ASSERT_TEXT(fake_secret(&w.p, "password"), first);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "secret", "db", params, "active", "");

    snprintf(body, sizeof body, "{\"data\":{\"password\":\"by hand\",\"api\":\"%s\"}}", fake_secret(&w.p, "api"));
    CU_ASSERT_EQUAL(world_do(&w, "POST", DATA "db", body), 200);
    world_status(&w, "secret", "db", params, "degraded", "changed by hand: version 2 is there, 1 was ours");
    world_well(&w, FAKE_PROVISION, "secret", "db", params);
    ASSERT_TEXT(fake_secret(&w.p, "password"), first); /* the one that applications have, not a new one */
    world_status(&w, "secret", "db", params, "active", "");

    CU_ASSERT_EQUAL(world_do(&w, "DELETE", DATA "db", NULL), 204);
    world_status(&w, "secret", "db", params, "degraded", "deleted by hand");
    world_well(&w, FAKE_PROVISION, "secret", "db", params);
    world_status(&w, "secret", "db", params, "active", "");

    world_well(&w, FAKE_HINTS, "secret", "db", params);
    ASSERT_TEXT(fake_hint(&w.p, "command"), "vault kv get -mount=secret " FOLDER "/db");
    world_well(&w, FAKE_DEPROVISION, "secret", "db", params);
    world_well(&w, FAKE_DEPROVISION, "secret", "db", params);
    CU_ASSERT_EQUAL(world_do(&w, "GET", META "db", NULL), 404);
    world_status(&w, "secret", "db", params, "terminated", "not there");
    world_end(&w);
}

static void test_data(void)
{
    struct world w;
    char made[64];
    json_t *there;

    if (!world_begin(&w, &openbao, NULL))
        return;
    world_well(&w, FAKE_PROVISION, "vault-secret", "smtp", "{\"data\":{\"user\":\"mail\",\"port\":25},\"keys\":[\"token\"]}");
    snprintf(made, sizeof made, "%s", fake_secret(&w.p, "token"));
    ASSERT_TEXT(fake_secret(&w.p, "port"), "25");
    ASSERT_TEXT(fake_output(&w.p, "reference"), "vault:secret/" FOLDER "/smtp");
    /* an update keeps what was made, and takes what is gone from the params away */
    world_well(&w, FAKE_PROVISION, "vault-secret", "smtp", "{\"data\":{\"user\":\"post\"},\"keys\":[\"token\"]}");
    ASSERT_TEXT(fake_secret(&w.p, "token"), made);
    there = world_ask(&w, "GET", DATA "smtp", NULL);
    ASSERT_TEXT(text_in(there, "data", "data", "user"), "post");
    CU_ASSERT_PTR_NULL(json_object_get(json_object_get(json_object_get(there, "data"), "data"), "port"));
    json_decref(there);
    world_status(&w, "vault-secret", "smtp", "{\"data\":{\"user\":\"other\"},\"keys\":[\"token\"]}", "degraded",
                 "the key user was changed");
    world_well(&w, FAKE_DEPROVISION, "vault-secret", "smtp", "{}");
    world_end(&w);
}

/* What somebody else put there is neither taken nor removed. */
static void test_foreign(void)
{
    struct world w;

    if (!world_begin(&w, &openbao, NULL))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", DATA "theirs", "{\"data\":{\"password\":\"theirs\"}}"), 200);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "secret", "theirs", "{}"), INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, "belongs to somebody else");
    world_well(&w, FAKE_DEPROVISION, "secret", "theirs", "{}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", DATA "theirs", NULL), 200);
    world_status(&w, "secret", "theirs", "{}", "degraded", "belongs to somebody else");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", META "theirs", NULL), 204);
    world_end(&w);
}

/* ---- policies and roles ---- */

static void test_policy(void)
{
    static const char name[] = "/v1/sys/policies/acl/innominatus.shop.development.shop.reader",
                      params[] = "{\"secrets\":[\"db\"],\"rules\":[{\"path\":\"shared/data/shop\",\"capabilities\":[\"read\"]}]}";
    static const struct {
        const char *params, *says;
    } bad[] = {
        {"{\"secrets\":[\"../../payroll/*\"]}", "must be one below the application's secrets"},
        {"{\"secrets\":[\"x\\\" { capabilities = [\\\"sudo\\\"] } path \\\"y\"]}", "must be one below"},
        {"{\"rules\":[{\"path\":\"sys/mounts\",\"capabilities\":[\"read\"]}]}", "is not listed as `policyPaths`"},
        {"{\"rules\":[{\"path\":\"shared/data/*\",\"capabilities\":[\"read\"]}]}", "is not listed as `policyGlobs`"},
        {"{\"rules\":[{\"path\":\"shared/data/other\",\"capabilities\":[\"read\"]}]}", "is not listed"},
        {"{\"secrets\":[{\"path\":\"db\",\"capabilities\":[\"sudo\"]}]}", "capability \"sudo\" is none of"},
        {"{\"secrets\":\"db\"}", "params.secrets must be a list"},
    };
    struct world w;
    json_t *there;

    if (!world_begin(&w, &openbao, "\"policyPaths\":[\"shared/data/{team}\"]"))
        return;
    world_well(&w, FAKE_PROVISION, "vault-policy", "reader", params);
    ASSERT_TEXT(fake_output(&w.p, "name"), "innominatus.shop.development.shop.reader");
    there = world_ask(&w, "GET", name, NULL);
    ASSERT_CONTAINS(json_string_value(json_object_get(json_object_get(there, "data"), "policy")),
                    "path \"secret/data/" FOLDER "/db\" {\n  capabilities = [\"read\", \"list\"]\n}");
    json_decref(there);
    world_status(&w, "vault-policy", "reader", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "PUT", name, "{\"policy\":\"path \\\"*\\\" { capabilities = [\\\"sudo\\\"] }\"}"), 204);
    world_status(&w, "vault-policy", "reader", params, "degraded", "changed by hand");
    world_well(&w, FAKE_PROVISION, "vault-policy", "reader", params);
    world_status(&w, "vault-policy", "reader", params, "active", "");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-policy", "bad", bad[i].params), INNO_INVALID_RESOURCE);
        ASSERT_CONTAINS(w.p.call.failure, bad[i].says);
    }
    world_well(&w, FAKE_DEPROVISION, "vault-policy", "reader", params);
    world_well(&w, FAKE_DEPROVISION, "vault-policy", "reader", params);
    CU_ASSERT_EQUAL(world_do(&w, "GET", name, NULL), 404);
    world_end(&w);
}

/* A token by the role's ids; "" when the login is refused. Free it. */
static char *log_in(struct world *w, const char *role_id, const char *secret_id)
{
    char body[300];
    json_t *answer;
    char *token;

    snprintf(body, sizeof body, "{\"role_id\":\"%s\",\"secret_id\":\"%s\"}", role_id, secret_id);
    answer = world_ask(w, "POST", "/v1/auth/approle/login", body);
    token = strdup(json_string_value(json_object_get(json_object_get(answer, "auth"), "client_token")) ?: "");
    json_decref(answer);
    return token;
}

static void test_approle(void)
{
    static const char params[] = "{\"policies\":[\"innominatus.shop.development.shop.reader\"],\"tokenTtl\":\"10m\"}",
                      role[] = "/v1/auth/approle/role/innominatus.shop.development.shop.app";
    struct world w;
    char role_id[100], secret_id[100], body[200], *token;

    if (!world_begin(&w, &openbao, NULL))
        return;
    CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", "{\"auth\":[{\"type\":\"approle\"}]}"), INNO_OK);
    world_well(&w, FAKE_PROVISION, "secret", "db", "{}");
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "vault-policy", "reader", "{\"secrets\":[\"db\"]}");
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "vault-approle", "app", params);
    snprintf(role_id, sizeof role_id, "%s", fake_output(&w.p, "role_id"));
    snprintf(secret_id, sizeof secret_id, "%s", fake_secret(&w.p, "secret_id"));
    world_well(&w, FAKE_PROVISION, "vault-approle", "app", params);
    ASSERT_TEXT(fake_output(&w.p, "role_id"), role_id);
    ASSERT_TEXT(fake_secret(&w.p, "secret_id"), secret_id);
    world_status(&w, "vault-approle", "app", params, "active", "");

    token = log_in(&w, role_id, secret_id);
    json_decref(world_ask_as(&w, token, "GET", DATA "db", NULL));
    CU_ASSERT_EQUAL(w.status, 200);
    json_decref(world_ask_as(&w, token, "GET", "/v1/secret/data/innominatus/.approle/innominatus.shop.development.shop.app", NULL));
    CU_ASSERT_EQUAL(w.status, 403);
    free(token);

    CU_ASSERT_EQUAL(world_do(&w, "POST", role, "{\"token_policies\":[\"root-like\"]}"), 204);
    world_status(&w, "vault-approle", "app", params, "degraded", "token_policies is [\"root-like\"]");
    snprintf(body, sizeof body, "{\"secret_id\":\"%s\"}", secret_id);
    world_well(&w, FAKE_PROVISION, "vault-approle", "app", params);
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/v1/auth/approle/role/innominatus.shop.development.shop.app/secret-id/destroy", body), 204);
    world_status(&w, "vault-approle", "app", params, "degraded", "its secret id is gone");
    world_well(&w, FAKE_PROVISION, "vault-approle", "app", params);
    CU_ASSERT_STRING_NOT_EQUAL(fake_secret(&w.p, "secret_id"), secret_id);
    token = log_in(&w, role_id, fake_secret(&w.p, "secret_id"));
    CU_ASSERT(token[0] != '\0');
    free(token);

    /* what params no longer say is taken back, and so is what somebody has added */
    world_well(&w, FAKE_PROVISION, "vault-approle", "app",
               "{\"policies\":[\"innominatus.shop.development.shop.reader\"],\"tokenTtl\":\"10m\",\"cidrs\":[\"10.0.0.0/8\"]}");
    world_status(&w, "vault-approle", "app", params, "degraded", "token_bound_cidrs is [\"10.0.0.0/8\"]");
    world_well(&w, FAKE_PROVISION, "vault-approle", "app", params);
    token = log_in(&w, role_id, fake_secret(&w.p, "secret_id"));
    CU_ASSERT(token[0] != '\0');
    free(token);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-approle", "evil", "{\"policies\":[\"root\"]}"), INNO_INVALID_RESOURCE);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-approle", "evil", "{\"policies\":[\"innominatus.payroll.x.y\"]}"),
                    INNO_INVALID_RESOURCE);
    world_well(&w, FAKE_DEPROVISION, "vault-approle", "app", params);
    world_well(&w, FAKE_DEPROVISION, "vault-approle", "app", params);
    CU_ASSERT_EQUAL(world_do(&w, "GET", role, NULL), 404);
    CU_ASSERT_EQUAL(world_do(&w, "LIST", "/v1/secret/metadata/innominatus/.approle", NULL), 404);
    world_forget(&w);
    world_well(&w, FAKE_DEPROVISION, "vault-policy", "reader", "{}");
    world_well(&w, FAKE_DEPROVISION, "secret", "db", "{}");
    world_end(&w);
}

static void test_kubernetes_role(void)
{
    static const char params[] =
        "{\"serviceAccounts\":[\"shop\"],\"namespaces\":[\"shop-development\"],\"policies\":[\"base\"],\"tokenTtl\":\"1h\"}";
    struct world w;

    if (!world_begin(&w, &openbao, "\"policies\":[\"base\"]"))
        return;
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-kubernetes-role", "pods", params), INNO_NOT_FOUND);
    ASSERT_CONTAINS(w.p.call.failure, "vault-setup");
    CU_ASSERT_EQUAL(fake_step(&w.p, "vault-setup", "platform", "{\"auth\":[{\"type\":\"kubernetes\"}]}"), INNO_OK);
    world_well(&w, FAKE_PROVISION, "vault-kubernetes-role", "pods", params);
    world_status(&w, "vault-kubernetes-role", "pods", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/v1/auth/kubernetes/role/innominatus.shop.development.shop.pods",
                             "{\"bound_service_account_namespaces\":[\"payroll\"],\"bound_service_account_names\":[\"shop\"]}"),
                    204);
    world_status(&w, "vault-kubernetes-role", "pods", params, "degraded", "bound_service_account_namespaces");
    world_well(&w, FAKE_PROVISION, "vault-kubernetes-role", "pods", params);
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/v1/auth/kubernetes/role/innominatus.shop.development.shop.pods",
                             "{\"bound_service_account_names\":[\"shop\"],\"bound_service_account_namespaces\":[\"shop-development\"],"
                             "\"audience\":\"elsewhere\"}"),
                    204);
    world_status(&w, "vault-kubernetes-role", "pods", params, "degraded", "audience is \"elsewhere\"");
    world_well(&w, FAKE_PROVISION, "vault-kubernetes-role", "pods", params);
    world_status(&w, "vault-kubernetes-role", "pods", params, "active", "");
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-kubernetes-role", "all",
                              "{\"serviceAccounts\":[\"*\"],\"namespaces\":[\"x\"],\"policies\":[\"base\"]}"),
                    INNO_INVALID_RESOURCE);
    world_well(&w, FAKE_DEPROVISION, "vault-kubernetes-role", "pods", params);
    world_status(&w, "vault-kubernetes-role", "pods", params, "terminated", "not there");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/v1/sys/auth/kubernetes", NULL), 204);
    world_end(&w);
}

/* ---- database credentials ---- */

static void setup_database(struct world *w, const char *url)
{
    char step[2000];

    snprintf(
        step, sizeof step,
        "{\"mounts\":[{\"path\":\"database\",\"type\":\"database\"}],\"databases\":[{\"name\":\"pg\",\"config\":{\"plugin_name\":"
        "\"postgresql-database-plugin\",\"allowed_roles\":\"*\",\"connection_url\":\"%s\",\"username\":\"postgres\",\"password\":\"x\"}}]}",
        url);
    CU_ASSERT_EQUAL(fake_step(&w->p, "vault-setup", "platform", step), INNO_OK);
    if (w->p.call.failed)
        fprintf(stderr, "%s\n", w->p.call.failure);
}

static void test_database(void)
{
    static const char config[] = "\"databases\":{\"shop\":{\"connection\":\"pg\",\"creation\":[\"CREATE ROLE \\\"{{name}}\\\" LOGIN "
                                 "PASSWORD '{{password}}' VALID UNTIL "
                                 "'{{expiration}}'\"],\"revocation\":[\"DROP ROLE IF EXISTS \\\"{{name}}\\\"\"]}}",
                      params[] = "{\"database\":\"shop\",\"ttl\":\"1h\",\"maxTtl\":\"2h\",\"credentials\":true}";
    struct world w;
    struct pg_cluster *cluster = NULL;
    char url[300], user[100], password[100];
    struct err err;

    if (pg_missing()) {
        test_skip(pg_missing());
        return;
    }
    if (!world_begin(&w, &openbao, config))
        return;
    ASSERT_OK(pg_cluster_start(&cluster, &err), err);
    ASSERT_OK(pg_cluster_database(cluster, "shop", url, sizeof url, &err), err);
    setup_database(&w, url);
    world_well(&w, FAKE_PROVISION, "vault-database-role", "creds", params);
    ASSERT_TEXT(fake_output(&w.p, "path"), "database/creds/innominatus.shop.development.shop.creds");
    snprintf(user, sizeof user, "%s", fake_output(&w.p, "username"));
    snprintf(password, sizeof password, "%s", fake_secret(&w.p, "password"));
    CU_ASSERT(strlen(user) > 5 && strlen(password) > 10);
    world_well(&w, FAKE_PROVISION, "vault-database-role", "creds", params);
    ASSERT_TEXT(fake_output(&w.p, "username"), user);
    ASSERT_TEXT(fake_secret(&w.p, "password"), password);
    world_status(&w, "vault-database-role", "creds", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "PUT", "/v1/sys/leases/revoke-prefix/database/creds", "{}"), 204);
    world_status(&w, "vault-database-role", "creds", params, "degraded", "the lease of its credentials is over");
    world_well(&w, FAKE_PROVISION, "vault-database-role", "creds", params);
    CU_ASSERT_STRING_NOT_EQUAL(fake_output(&w.p, "username"), user);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "vault-database-role", "other", "{\"database\":\"payroll\"}"), INNO_INVALID_RESOURCE);
    world_well(&w, FAKE_DEPROVISION, "vault-database-role", "creds", params);
    world_well(&w, FAKE_DEPROVISION, "vault-database-role", "creds", params);
    CU_ASSERT_EQUAL(world_do(&w, "LIST", "/v1/database/roles", NULL), 404);
    CU_ASSERT_EQUAL(world_do(&w, "LIST", "/v1/sys/leases/lookup/database/creds", NULL), 404); /* no lease is left */
    CU_ASSERT_EQUAL(world_do(&w, "LIST", "/v1/secret/metadata/innominatus/.database", NULL), 404);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/v1/sys/mounts/database", NULL), 204);
    pg_cluster_stop(cluster);
    world_end(&w);
}

const struct test_case tests[] = {{"a secret is made once, put back when it was changed by hand, and removed", test_secret},
                                  {"given data and made keys live together", test_data},
                                  {"what belongs to somebody else is left alone", test_foreign},
                                  {"a policy reaches the application's own secrets and what the admin lists", test_policy},
                                  {"an AppRole logs in and is kept as it was asked for", test_approle},
                                  {"a Kubernetes role is kept as it was asked for", test_kubernetes_role},
                                  {"database credentials live with their lease", test_database},
                                  {0}};
