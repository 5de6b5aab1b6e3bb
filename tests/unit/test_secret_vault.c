/* References vault:PATH#KEY against a real OpenBao: engines, logins, renewal, leases. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "pg.h"
#include "secret/secret_store.h"
#include "secret/vault.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

struct world {
    struct net *net;
    struct secret_vault *vault;
};

static const char *address(void) { return getenv("INNOMINATUS_TEST_VAULT_ADDR"); }

/* A request of the test's own; *status, and the answer's JSON (new reference, may be NULL). */
static json_t *ask(struct world *w, const char *method, const char *path, const char *body, int *status)
{
    CLEANUP(free_ptr) char *url = mem_printf("%s/v1/%s", address(), path);
    struct net_header headers[] = {{"X-Vault-Token", getenv("INNOMINATUS_TEST_VAULT_TOKEN")}};
    CLEANUP(net_response_fini) struct net_response answer = {0};
    json_t *json = NULL;
    struct err err;

    ASSERT_OK(net_request_wait(w->net,
                               &(struct net_request){.method = method,
                                                     .url = url,
                                                     .headers = headers,
                                                     .header_count = 1,
                                                     .body = body,
                                                     .body_len = body ? strlen(body) : 0,
                                                     .trust = NET_TRUSTED},
                               NULL, &answer, &err),
              err);
    *status = answer.status;
    if (answer.len)
        json_parse(answer.body, answer.len, "answer", 1 << 20, &json, &err);
    return json;
}

static void must(struct world *w, const char *method, const char *path, const char *body)
{
    CLEANUP(json_put) json_t *answer = NULL;
    int status = 0;

    answer = ask(w, method, path, body, &status);
    if (status >= 300)
        fprintf(stderr, "%s %s: %d\n", method, path, status);
    CU_ASSERT(status < 300);
}

static void configure(struct world *w, const char *more)
{
    CLEANUP(free_ptr) char *text = mem_printf("{\"url\":\"%s/\",%s}", address(), more);
    CLEANUP(json_put) json_t *settings = json_loads(text, 0, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    secret_vault_configure(w->vault, settings);
}

static bool begin(struct world *w)
{
    const char *missing = getenv("INNOMINATUS_TEST_VAULT_MISSING");
    struct err err;

    if (!address()) {
        test_skip(missing ? missing : "INNOMINATUS_TEST_VAULT_ADDR and _TOKEN name no Vault");
        return false;
    }
    ASSERT_OK(net_new(&(struct net_options){0}, &w->net, &err), err);
    w->vault = secret_vault_new(w->net);
    configure(w, "\"credentials\":\"env:INNOMINATUS_TEST_VAULT_TOKEN\"");
    return true;
}

static void end(struct world *w)
{
    secret_vault_free(w->vault);
    net_free(w->net);
}

static void reads(struct world *w, const char *reference, const char *wanted)
{
    CLEANUP(secret_fini) struct secret got = {0};
    struct err err;

    ASSERT_OK(secret_vault_read(w->vault, reference, &got, &err), err);
    ASSERT_TEXT(got.bytes, wanted);
}

static void refuses(struct world *w, const char *reference, enum err_code code, const char *says)
{
    CLEANUP(secret_fini) struct secret got = {0};
    struct err err;

    ASSERT_FAILS(secret_vault_read(w->vault, reference, &got, &err), err, code);
    ASSERT_CONTAINS(err.msg, says);
    CU_ASSERT_EQUAL(got.len, 0);
}

/* ---- engines ---- */

static void test_engines(void)
{
    struct world w;

    if (!begin(&w))
        return;
    must(&w, "POST", "sys/mounts/old%20one", "{\"type\":\"kv\",\"options\":{\"version\":\"1\"}}");
    must(&w, "POST", "secret/data/shop/db", "{\"data\":{\"password\":\"of version 2\",\"port\":5432}}");
    must(&w, "POST", "secret/data/odd%20name", "{\"data\":{\"a#b\":\"x\",\"key\":\"odd\"}}");
    must(&w, "POST", "old%20one/shop/db", "{\"password\":\"of version 1\"}");
    reads(&w, "secret/shop/db#password", "of version 2");
    reads(&w, "secret/shop/db#port", "5432");
    reads(&w, "secret/odd name#key", "odd");
    reads(&w, "old one/shop/db#password", "of version 1");
    refuses(&w, "secret/shop/db#user", ERR_NOT_FOUND, "has no key \"user\"; it has: password, port");
    refuses(&w, "secret/shop/none#password", ERR_NOT_FOUND, "there is no such secret");
    refuses(&w, "nowhere/x#password", ERR_NOT_FOUND, "there is no such secret");
    refuses(&w, "secret/../sys/mounts#x", ERR_BAD_VALUE, "in the path");
    refuses(&w, "secret//x#x", ERR_BAD_VALUE, "in the path");
    refuses(&w, "secret/x#", ERR_BAD_VALUE, "not of the form");
    refuses(&w, "#x", ERR_BAD_VALUE, "not of the form");
    must(&w, "DELETE", "secret/data/shop/db", NULL);
    refuses(&w, "secret/shop/db#password", ERR_NOT_FOUND, "current version is deleted");
    must(&w, "DELETE", "sys/mounts/old%20one", NULL);
    end(&w);
}

/* ---- logins ---- */

static void test_approle(void)
{
    CLEANUP(json_put) json_t *role = NULL, *secret = NULL, *tokens = NULL, *after = NULL;
    CLEANUP(free_ptr) char *path = mem_printf("%s/secret-id", test_dir()), *settings = NULL;
    const char *id;
    struct world w;
    struct err err;
    int status;

    if (!begin(&w))
        return;
    must(&w, "POST", "sys/auth/server", "{\"type\":\"approle\"}");
    must(&w, "PUT", "sys/policies/acl/server", "{\"policy\":\"path \\\"secret/data/server\\\" { capabilities = [\\\"read\\\"] }\"}");
    must(&w, "POST", "auth/server/role/one", "{\"token_policies\":[\"server\"],\"token_ttl\":\"1h\"}");
    must(&w, "POST", "secret/data/server", "{\"data\":{\"key\":\"for the server\"}}");
    must(&w, "POST", "secret/data/other", "{\"data\":{\"key\":\"not for the server\"}}");
    role = ask(&w, "GET", "auth/server/role/one/role-id", NULL, &status);
    secret = ask(&w, "POST", "auth/server/role/one/secret-id", "{}", &status);
    id = json_str(json_object_get(secret, "data"), "secret_id");
    ASSERT_OK(io_write_atomic(path, id, strlen(id), 0600, &err), err);
    settings = mem_printf("\"auth\":{\"method\":\"approle\",\"mount\":\"server\",\"roleId\":\"%s\",\"secretId\":\"file:%s\"}",
                          json_str(json_object_get(role, "data"), "role_id"), path);
    configure(&w, settings);
    reads(&w, "secret/server#key", "for the server");
    refuses(&w, "secret/other#key", ERR_UNAUTHORIZED, "permission denied");
    /* every token of it is revoked: it logs in again */
    must(&w, "PUT", "sys/leases/revoke-prefix/auth/server", "{}");
    reads(&w, "secret/server#key", "for the server");
    tokens = ask(&w, "LIST", "auth/token/accessors", NULL, &status);
    secret_vault_free(w.vault); /* its own login goes with it */
    after = ask(&w, "LIST", "auth/token/accessors", NULL, &status);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(json_object_get(after, "data"), "keys")) + 1,
                    json_array_size(json_object_get(json_object_get(tokens, "data"), "keys")));
    w.vault = secret_vault_new(w.net);
    ASSERT_OK(io_write_atomic(path, "wrong", 5, 0600, &err), err);
    configure(&w, settings);
    refuses(&w, "secret/server#key", ERR_UNAUTHORIZED, "refuses the login by approle");
    must(&w, "DELETE", "sys/auth/server", NULL);
    end(&w);
}

/* A token that lies in a file may be replaced there. */
static void test_token_file(void)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/token", test_dir()), *settings = mem_printf("\"credentials\":\"file:%s\"", path);
    const char *good = getenv("INNOMINATUS_TEST_VAULT_TOKEN");
    struct world w;
    struct err err;

    if (!begin(&w))
        return;
    must(&w, "POST", "secret/data/file", "{\"data\":{\"key\":\"value\"}}");
    ASSERT_OK(io_write_atomic(path, "hvs.old-token", 13, 0600, &err), err);
    configure(&w, settings);
    refuses(&w, "secret/file#key", ERR_UNAUTHORIZED, "permission denied");
    ASSERT_OK(io_write_atomic(path, good, strlen(good), 0600, &err), err);
    reads(&w, "secret/file#key", "value");
    end(&w);
}

static void test_settings(void)
{
    static const struct {
        const char *more, *says;
    } bad[] = {
        {"\"namespace\":\"\"", "Vault has no credentials"},
        {"\"credentials\":\"vault:secret/x#y\"", "cannot lie in Vault"},
        {"\"credentials\":\"env:INNO_TEST_NONE\"", "vault.credentials"},
        {"\"auth\":{\"method\":\"ldap\"}", "vault.auth.method"},
        {"\"auth\":{\"method\":\"approle\"}", "vault.auth.roleId is missing"},
    };
    struct world w;
    struct err err = {0};
    struct secret got = {0};

    if (!begin(&w))
        return;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        configure(&w, bad[i].more);
        err = (struct err){0};
        CU_ASSERT_EQUAL(secret_vault_read(w.vault, "secret/x#y", &got, &err), -1);
        ASSERT_CONTAINS(err.msg, bad[i].says);
    }
    secret_vault_configure(w.vault, NULL); /* the environment */
    unsetenv("VAULT_ADDR");
    refuses(&w, "secret/x#y", ERR_CONFIG, "no Vault is configured");
    must(&w, "POST", "secret/data/environment", "{\"data\":{\"key\":\"value\"}}");
    setenv("VAULT_ADDR", address(), 1);
    setenv("VAULT_TOKEN", getenv("INNOMINATUS_TEST_VAULT_TOKEN"), 1);
    reads(&w, "secret/environment#key", "value");
    unsetenv("VAULT_ADDR");
    unsetenv("VAULT_TOKEN");
    end(&w);
}

/* ---- time ---- */

static void test_renewal(void)
{
    CLEANUP(json_put) json_t *made = NULL;
    struct world w;
    int64_t until = clock_mono_us() + 240 * US_PER_SEC; /* a limit for what hangs */
    const char *token;
    bool renewed = false;
    int status;

    if (!begin(&w))
        return;
    must(&w, "POST", "secret/data/renewed", "{\"data\":{\"key\":\"value\"}}");
    made = ask(&w, "POST", "auth/token/create", "{\"ttl\":\"3s\",\"policies\":[\"root\"]}", &status);
    token = json_str(json_object_get(made, "auth"), "client_token");
    setenv("INNO_TEST_SHORT_TOKEN", token, 1);
    configure(&w, "\"credentials\":\"env:INNO_TEST_SHORT_TOKEN\"");
    reads(&w, "secret/renewed#key", "value");
    while (!renewed && clock_mono_us() < until) {
        CLEANUP(free_ptr) char *body = mem_printf("{\"token\":\"%s\"}", token);
        CLEANUP(json_put) json_t *about = ask(&w, "POST", "auth/token/lookup", body, &status);

        renewed = json_int(json_object_get(about, "data"), "last_renewal_time", 0) > 0;
        if (status != 200) /* the machine stood still for three seconds; there is nothing left to be renewed */
            break;
    }
    CU_ASSERT(renewed || status != 200);
    end(&w);
}

static void test_lease(void)
{
    CLEANUP(json_put) json_t *leases = NULL, *after = NULL;
    CLEANUP(secret_fini) struct secret user = {0}, again = {0}, password = {0};
    CLEANUP(free_ptr) char *body = NULL;
    struct pg_cluster *cluster = NULL;
    char url[300];
    struct world w;
    struct err err;
    int status;

    if (pg_missing()) {
        test_skip(pg_missing());
        return;
    }
    if (!begin(&w))
        return;
    ASSERT_OK(pg_cluster_start(&cluster, &err), err);
    ASSERT_OK(pg_cluster_database(cluster, "leases", url, sizeof url, &err), err);
    must(&w, "POST", "sys/mounts/db", "{\"type\":\"database\"}");
    body = mem_printf(
        "{\"plugin_name\":\"postgresql-database-plugin\",\"allowed_roles\":\"*\",\"connection_url\":\"%s\",\"username\":\"postgres\","
        "\"password\":\"x\"}",
        url);
    must(&w, "POST", "db/config/pg", body);
    must(&w, "POST", "db/roles/r",
         "{\"db_name\":\"pg\",\"default_ttl\":\"1h\",\"creation_statements\":[\"CREATE ROLE \\\"{{name}}\\\" LOGIN PASSWORD "
         "'{{password}}'\"]}");
    ASSERT_OK(secret_vault_read(w.vault, "db/creds/r#username", &user, &err), err);
    ASSERT_OK(secret_vault_read(w.vault, "db/creds/r#password", &password, &err), err);
    ASSERT_OK(secret_vault_read(w.vault, "db/creds/r#username", &again, &err), err);
    CU_ASSERT(user.len > 5 && password.len > 10);
    ASSERT_TEXT(again.bytes, user.bytes);
    refuses(&w, "db/creds/r#nothing", ERR_NOT_FOUND, "it has: ");
    leases = ask(&w, "LIST", "sys/leases/lookup/db/creds/r", NULL, &status);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(json_object_get(leases, "data"), "keys")), 1); /* all keys of one lease */
    secret_vault_free(w.vault);
    w.vault = NULL;
    after = ask(&w, "LIST", "sys/leases/lookup/db/creds/r", NULL, &status);
    CU_ASSERT_EQUAL(status, 404); /* revoked */
    must(&w, "DELETE", "sys/mounts/db", NULL);
    pg_cluster_stop(cluster);
    end(&w);
}

/* ---- down ---- */

static void test_down(void)
{
    struct world w;

    if (!begin(&w))
        return;
    secret_vault_configure(w.vault, NULL);
    setenv("VAULT_ADDR", "http://127.0.0.1:1", 1);
    setenv("VAULT_TOKEN", "s3cr3t-token", 1);
    refuses(&w, "secret/x#y", ERR_BACKEND_DOWN, "127.0.0.1:1");
    unsetenv("VAULT_ADDR");
    unsetenv("VAULT_TOKEN");
    end(&w);
}

static void test_sealed(void)
{
    CLEANUP(free_ptr) char *body = NULL;
    struct world w;

    if (!getenv("INNOMINATUS_TEST_VAULT_KEY")) {
        test_skip("no INNOMINATUS_TEST_VAULT_KEY to unseal it again");
        return;
    }
    if (!begin(&w))
        return;
    must(&w, "POST", "secret/data/sealed", "{\"data\":{\"key\":\"value\"}}");
    must(&w, "PUT", "sys/seal", "{}");
    refuses(&w, "secret/sealed#key", ERR_BACKEND_DOWN, "Vault is sealed");
    body = mem_printf("{\"key\":\"%s\"}", getenv("INNOMINATUS_TEST_VAULT_KEY"));
    must(&w, "PUT", "sys/unseal", body);
    reads(&w, "secret/sealed#key", "value");
    end(&w);
}

const struct test_case tests[] = {{"key-value engines of both versions are read", test_engines},
                                  {"a login by AppRole is made, made again, and revoked at the end", test_approle},
                                  {"a token is read again from its file when it is refused", test_token_file},
                                  {"wrong settings are told, and the environment stands in for them", test_settings},
                                  {"a token is renewed before it ends", test_renewal},
                                  {"all keys of a lease come from one answer, and it is revoked at the end", test_lease},
                                  {"a Vault that is down is said, with its address", test_down},
                                  {"a sealed Vault is said, and read when it is unsealed", test_sealed},
                                  {0}};
