/* What the tests of users, keys and sessions share: a store with its first admin, and short forms of the acts. Included by one file of a
 * test program. */
#pragma once
#include "auth/auth.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "test.h"
#include "test_store.h"
#include <string.h>

struct world {
    struct store *store;
    struct auth *auth;
    struct principal admin;
    char admin_key[AUTH_KEY_BYTES];
};

static inline void world_close(struct world *w)
{
    test_store_close(w->store);
    auth_free(w->auth);
}

static inline struct world world_open(void)
{
    struct world w = {.store = test_store()};
    bool created = false;
    struct err err;

    w.auth = auth_new(w.store);
    ASSERT_OK(auth_bootstrap(w.auth, test_dir(), w.admin_key, &created, &err), err);
    CU_ASSERT_TRUE_FATAL(created);
    ASSERT_OK(auth_check_bearer(w.auth, w.admin_key, &w.admin, &err), err);
    return w;
}
#define WORLD(w) CLEANUP(world_close) struct world w = world_open()

static const struct auth_origin system_origin = {.request_id = "req-1", .source_ip = "10.0.0.1"};

static inline void add_user(struct world *w, const char *name, const char *role, const char *team, const char *password)
{
    struct auth_user_add x;
    struct err err;

    ASSERT_OK(auth_user_add_init(&x, w->auth, &system_origin, name, role, team, password, password ? strlen(password) : 0, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
}

static inline struct auth_key_add add_key(struct world *w, const char *user, int64_t expires_at)
{
    struct auth_key_add x;
    struct err err;

    ASSERT_OK(auth_key_add_init(&x, w->auth, &system_origin, user, "laptop", expires_at, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    return x;
}

static inline struct principal principal_of(struct world *w, const char *key)
{
    struct principal p = {0};
    struct err err;

    ASSERT_OK(auth_check_bearer(w->auth, key, &p, &err), err);
    return p;
}

static inline void assert_refused(struct world *w, const char *key)
{
    struct principal p = {.name = "untouched"};
    struct err err;

    ASSERT_FAILS(auth_check_bearer(w->auth, key, &p, &err), err, ERR_UNAUTHENTICATED);
    ASSERT_TEXT(p.name, "untouched");
    CU_ASSERT_TRUE(!key || strlen(key) < 8 || !strstr(err.msg, key));
}

static inline int try_login(struct world *w, struct auth_login *x, const char *name, const char *password, const char *ip, struct err *err)
{
    struct auth_origin origin = {.request_id = "req-2", .source_ip = ip};

    auth_login_init(x, w->auth, &origin, name, password, password ? strlen(password) : 0);
    return auth_login(x, err);
}

static inline int sql_unit(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

static inline void run_sql(struct world *w, const char *sql)
{
    struct err err;

    ASSERT_OK(store_write_wait(w->store, sql_unit, (void *)(uintptr_t)sql, &err), err);
}

struct int_query {
    const char *sql;
    int64_t value;
};

static inline int int_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct int_query *q = ctx;

    return store_query_int(tx, q->sql, STORE_NO_ARGS, -1, &q->value, err);
}

static inline int64_t query(struct world *w, const char *sql)
{
    struct int_query q = {.sql = sql};
    struct err err;

    ASSERT_OK(store_read(w->store, int_unit, &q, &err), err);
    return q.value;
}

static inline int64_t audit_count(struct world *w, const char *action, const char *result)
{
    CLEANUP(free_ptr) char *sql = mem_printf("SELECT count(*) FROM audit WHERE action = '%s' AND result = '%s'", action, result);

    return query(w, sql);
}
