/* Users, keys, sessions: who gets in, who does not, for how long, and what is remembered about it. */
#include "audit/audit.h"
#include "audit/chain.h"
#include "auth/auth.h"
#include "auth/cache.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "test.h"
#include "test_store.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

/* ---- helpers ---- */

struct world {
    struct store *store;
    struct auth *auth;
    struct principal admin;
    char admin_key[AUTH_KEY_BYTES];
};

static void world_close(struct world *w)
{
    test_store_close(w->store);
    auth_free(w->auth);
}

static struct world world_open(void)
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

static void add_user(struct world *w, const char *name, const char *role, const char *team, const char *password)
{
    struct auth_user_add x;
    struct err err;

    ASSERT_OK(auth_user_add_init(&x, w->auth, &system_origin, name, role, team, password, password ? strlen(password) : 0, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
}

static struct auth_key_add add_key(struct world *w, const char *user, int64_t expires_at)
{
    struct auth_key_add x;
    struct err err;

    ASSERT_OK(auth_key_add_init(&x, w->auth, &system_origin, user, "laptop", expires_at, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    return x;
}

static struct principal principal_of(struct world *w, const char *key)
{
    struct principal p = {0};
    struct err err;

    ASSERT_OK(auth_check_bearer(w->auth, key, &p, &err), err);
    return p;
}

static void assert_refused(struct world *w, const char *key)
{
    struct principal p = {.name = "untouched"};
    struct err err;

    ASSERT_FAILS(auth_check_bearer(w->auth, key, &p, &err), err, ERR_UNAUTHENTICATED);
    ASSERT_TEXT(p.name, "untouched");
    CU_ASSERT_TRUE(!key || strlen(key) < 8 || !strstr(err.msg, key));
}

static int try_login(struct world *w, struct auth_login *x, const char *name, const char *password, const char *ip, struct err *err)
{
    struct auth_origin origin = {.request_id = "req-2", .source_ip = ip};

    auth_login_init(x, w->auth, &origin, name, password, password ? strlen(password) : 0);
    return auth_login(x, err);
}

static int sql_unit(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

static void run_sql(struct world *w, const char *sql)
{
    struct err err;

    ASSERT_OK(store_write_wait(w->store, sql_unit, (void *)(uintptr_t)sql, &err), err);
}

struct int_query {
    const char *sql;
    int64_t value;
};

static int int_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct int_query *q = ctx;

    return store_query_int(tx, q->sql, STORE_NO_ARGS, -1, &q->value, err);
}

static int64_t query(struct world *w, const char *sql)
{
    struct int_query q = {.sql = sql};
    struct err err;

    ASSERT_OK(store_read(w->store, int_unit, &q, &err), err);
    return q.value;
}

static int64_t audit_count(struct world *w, const char *action, const char *result)
{
    CLEANUP(free_ptr) char *sql = mem_printf("SELECT count(*) FROM audit WHERE action = '%s' AND result = '%s'", action, result);

    return query(w, sql);
}

/* ---- roles, permissions, teams ---- */

static void test_roles(void)
{
    static const struct {
        enum permission permission;
        const char *may; /* first letters */
    } table[] = {{PERM_READ, "aouv"}, {PERM_DEPLOY, "aou"},    {PERM_REVEAL, "ao"},     {PERM_USERS, "a"},    {PERM_AUDIT, "ao"},
                 {PERM_ADMIN, "a"},   {PERM_OTHER_TEAM, "ao"}, {PERM_OWN_KEYS, "aouv"}, {PERM_CONTROL, "aou"}};
    struct err err;

    for (int role = 0; role < ROLES; role++) {
        struct principal p = {.role = (enum role)role, .name = "x"};
        enum role parsed = ROLES;

        ASSERT_OK(role_parse(role_name((enum role)role), &parsed, &err), err);
        CU_ASSERT_EQUAL(parsed, (enum role)role);
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            CU_ASSERT_EQUAL(auth_may(&p, table[i].permission), strchr(table[i].may, role_name((enum role)role)[0]) != NULL);
    }
    CU_ASSERT_FALSE(auth_may(NULL, PERM_READ));
    CU_ASSERT_FALSE(auth_may(&(struct principal){.role = ROLES}, PERM_READ));
    ASSERT_FAILS(auth_require(&(struct principal){.role = ROLE_VIEWER, .name = "eve"}, PERM_DEPLOY, &err), err, ERR_FORBIDDEN);
    ASSERT_CONTAINS(err.msg, "admin or operator or user");
    ASSERT_FAILS(role_parse("root", &(enum role){ROLES}, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(role_parse(NULL, &(enum role){ROLES}, &err), err, ERR_BAD_VALUE);
}

static void test_teams(void)
{
    struct principal user = {.role = ROLE_USER, .name = "ada", .team = "shop"}, operator= {.role = ROLE_OPERATOR,
                                                                                           .name = "op",
                                                                                           .team = "platform"};
    struct principal viewer = {.role = ROLE_VIEWER, .name = "vic", .team = "shop"};
    const char *team = "untouched";
    struct err err;

    ASSERT_FAILS(auth_team_scope(&user, "pay", &team, &err), err, ERR_FORBIDDEN);
    ASSERT_FAILS(auth_team_scope(&viewer, "pay", &team, &err), err, ERR_FORBIDDEN);
    ASSERT_FAILS(auth_team_filter(&user, "*", &team, &err), err, ERR_FORBIDDEN);
    ASSERT_FAILS(auth_team_scope(&operator, "Pay'; --", &team, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_team_scope(&operator, "*", &team, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_team_scope(&user, "\xff", &team, &err), err, ERR_FORBIDDEN);
    ASSERT_TEXT(team, "untouched");
    ASSERT_OK(auth_team_scope(&user, NULL, &team, &err), err);
    ASSERT_TEXT(team, "shop");
    ASSERT_OK(auth_team_scope(&user, "shop", &team, &err), err);
    ASSERT_TEXT(team, "shop");
    ASSERT_OK(auth_team_scope(&operator, "pay", &team, &err), err);
    ASSERT_TEXT(team, "pay");
    ASSERT_OK(auth_team_filter(&operator, "", &team, &err), err);
    ASSERT_TEXT(team, "platform");
    ASSERT_OK(auth_team_filter(&operator, "*", &team, &err), err);
    CU_ASSERT_PTR_NULL(team);
}

static void test_names(void)
{
    static const char *const good[] = {"a", "ada", "Ada.L_1@example.com", "x+y-z"};
    static const char *const bad[] = {"",         ".a",   "-a",  "a b", "a\n",
                                      "\xc3\xa9", "\xff", "a/b", "a'b", "0123456789012345678901234567890123456789012345678901234567890123"};
    struct err err;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ASSERT_OK(auth_check_user_name(good[i], &err), err);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(auth_check_user_name(bad[i], &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_check_user_name(NULL, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_check_team_name("Shop", &err), err, ERR_BAD_NAME);
    ASSERT_OK(auth_check_team_name("shop-2", &err), err);
}

/* ---- first start ---- */

static void test_bootstrap(void)
{
    struct store *s = test_store();
    struct auth *auth = auth_new(s);
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *path = mem_printf("%s/admin.key", dir), *text = NULL;
    char key[AUTH_KEY_BYTES], again[AUTH_KEY_BYTES] = "untouched";
    struct principal p;
    struct stat st;
    bool created = false;
    struct err err;

    ASSERT_OK(auth_bootstrap(auth, dir, key, &created, &err), err);
    CU_ASSERT_TRUE(created);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    ASSERT_OK(io_read_file(path, 1000, &text, NULL, &err), err);
    CU_ASSERT_EQUAL(strncmp(text, key, AUTH_KEY_BYTES - 1), 0);
    ASSERT_OK(auth_check_bearer(auth, key, &p, &err), err);
    ASSERT_TEXT(p.name, "admin");
    ASSERT_TEXT(p.team, "platform");
    CU_ASSERT_EQUAL(p.role, ROLE_ADMIN);
    ASSERT_OK(auth_bootstrap(auth, dir, again, &created, &err), err);
    CU_ASSERT_FALSE(created);
    ASSERT_TEXT(again, "untouched");
    test_store_close(s);
    auth_free(auth);
}

static void test_bootstrap_failures(void)
{
    struct store *s = test_store();
    struct auth *auth = auth_new(s);
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *path = mem_printf("%s/admin.key", dir);
    char key[AUTH_KEY_BYTES] = "untouched";
    bool created = false;
    struct err err;

    ASSERT_FAILS(auth_bootstrap(auth, "/nonexistent", key, &created, &err), err, ERR_IO);
    for (int nth = 2; nth <= 5; nth++) {
        store_fail_nth(s, nth, ERR_STORE_FULL);
        ASSERT_FAILS(auth_bootstrap(auth, dir, key, &created, &err), err, ERR_STORE_FULL);
        store_fail_nth(s, 0, ERR_NONE);
        CU_ASSERT_FALSE(io_exists(path)); /* no key that opens nothing */
    }
    ASSERT_TEXT(key, "untouched");
    ASSERT_OK(auth_bootstrap(auth, dir, key, &created, &err), err);
    CU_ASSERT_TRUE(created);
    test_store_close(s);
    auth_free(auth);
}

/* ---- keys ---- */

static void test_key_form(void)
{
    WORLD(w);
    struct auth_key_add x = add_key(&w, "admin", 0);
    CLEANUP(json_put) json_t *json = auth_key_add_json(&x), *keys = NULL;
    CLEANUP(free_ptr) char *listed = NULL;
    struct err err;

    CU_ASSERT_EQUAL(strlen(x.key), 57);
    CU_ASSERT_EQUAL(strncmp(x.key, "inno_", 5), 0);
    CU_ASSERT_EQUAL(strncmp(x.key + 5, x.prefix, 8), 0);
    CU_ASSERT_EQUAL(x.key[13], '_');
    ASSERT_TEXT(json_str(json, "key"), x.key);
    ASSERT_OK(auth_list_keys(w.auth, NULL, "admin", &keys, &err), err);
    CU_ASSERT_EQUAL(json_array_size(keys), 2);
    listed = json_text(keys);
    CU_ASSERT_PTR_NULL(strstr(listed, x.key)); /* shown once only */
    CU_ASSERT_PTR_NULL(strstr(listed, x.key + 14));
    ASSERT_CONTAINS(listed, x.prefix);
}

static void test_key_garbage(void)
{
    WORLD(w);
    char other[AUTH_KEY_BYTES];

    assert_refused(&w, NULL);
    assert_refused(&w, "");
    assert_refused(&w, "admin");
    assert_refused(&w, "inno_00000000_0000000000000000000000000000000000000000000");
    assert_refused(&w, "' OR '1'='1");
    memcpy(other, w.admin_key, sizeof other);
    other[56] = other[56] == 'A' ? 'B' : 'A'; /* the last character */
    assert_refused(&w, other);
    memcpy(other, w.admin_key, sizeof other);
    other[7] = other[7] == '0' ? '1' : '0'; /* the prefix is part of the secret */
    assert_refused(&w, other);
    memcpy(other, w.admin_key, sizeof other);
    other[56] = '\0';
    assert_refused(&w, other);
}

static void test_key_cached(void)
{
    WORLD(w);
    int64_t before = auth_lookups(w.auth);

    for (int i = 0; i < 1000; i++)
        principal_of(&w, w.admin_key);
    CU_ASSERT_EQUAL(auth_lookups(w.auth), before);
    auth_forget(w.auth);
    principal_of(&w, w.admin_key);
    CU_ASSERT_EQUAL(auth_lookups(w.auth), before + 1);
}

static void test_key_revoked(void)
{
    WORLD(w);
    struct auth_key_revoke x;
    struct auth_key_add key;
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    key = add_key(&w, "ada", 0);
    principal_of(&w, key.key); /* cached */
    auth_key_revoke_init(&x, w.auth, &system_origin, key.id);
    ASSERT_OK(auth_run(&x.act, &err), err);
    assert_refused(&w, key.key);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_NOT_FOUND); /* twice */
    auth_key_revoke_init(&x, w.auth, &system_origin, "k-none");
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(audit_count(&w, "key.revoke", "ok"), 1);
    key = add_key(&w, "ada", 0);
    auth_key_revoke_init(&x, w.auth, &system_origin, key.prefix);
    ASSERT_OK(auth_run(&x.act, &err), err);
    assert_refused(&w, key.key);
}

static void test_key_of_others(void)
{
    WORLD(w);
    struct auth_key_add ada_key, bob_key, x;
    struct auth_key_revoke revoke;
    struct principal ada;
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    add_user(&w, "bob", "user", "pay", NULL);
    ada_key = add_key(&w, "ada", 0);
    bob_key = add_key(&w, "bob", 0);
    ada = principal_of(&w, ada_key.key);
    struct auth_origin as_ada = {.by = &ada};

    auth_key_revoke_init(&revoke, w.auth, &as_ada, bob_key.id);
    ASSERT_FAILS(auth_run(&revoke.act, &err), err, ERR_NOT_FOUND);
    principal_of(&w, bob_key.key);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &as_ada, "bob", "n", 0, &err), err, ERR_FORBIDDEN);
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_ada, "ada", "n", 0, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    auth_key_revoke_init(&revoke, w.auth, &as_ada, ada_key.id);
    ASSERT_OK(auth_run(&revoke.act, &err), err);
    struct auth_origin as_admin = {.by = &w.admin};
    auth_key_revoke_init(&revoke, w.auth, &as_admin, bob_key.id);
    ASSERT_OK(auth_run(&revoke.act, &err), err);
    assert_refused(&w, bob_key.key);
}

static void test_key_expiry(void)
{
    WORLD(w);
    struct auth_key_add key, x;
    int64_t now = clock_now_us();
    struct err err;

    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "admin", "n", now - 1, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "admin", "n", -5, &err), err, ERR_BAD_VALUE);
    key = add_key(&w, "admin", clock_now_us() + 3600 * US_PER_SEC);
    principal_of(&w, key.key);
    run_sql(&w, "UPDATE api_keys SET expires_at = 1 WHERE expires_at IS NOT NULL");
    auth_forget(w.auth);
    assert_refused(&w, key.key);

    key = add_key(&w, "admin", clock_now_us() + 300 * US_PER_MS);
    principal_of(&w, key.key); /* now in the cache */
    while (clock_now_us() <= key.expires_at)
        usleep(10000);
    assert_refused(&w, key.key);
}

static void test_key_limits(void)
{
    WORLD(w);
    struct auth_key_add x;
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    for (int i = 0; i < LIMIT_KEYS_PER_USER; i++)
        add_key(&w, "ada", 0);
    ASSERT_OK(auth_key_add_init(&x, w.auth, &system_origin, "ada", "n", 0, &err), err);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_LIMIT);
    ASSERT_OK(auth_key_add_init(&x, w.auth, &system_origin, "nobody", "n", 0, &err), err);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_NOT_FOUND);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "ada", "", 0, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "ada", "two\nlines", 0, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "ada", "\xff", 0, &err), err, ERR_BAD_NAME);
}

static void test_last_used(void)
{
    WORLD(w);
    int64_t first;

    run_sql(&w, "UPDATE meta SET value = value"); /* the write that the first check queued is before this one */
    first = query(&w, "SELECT last_used_at FROM api_keys");
    CU_ASSERT_TRUE(first > 0);
    for (int i = 0; i < 10; i++) {
        auth_forget(w.auth);
        principal_of(&w, w.admin_key);
    }
    run_sql(&w, "UPDATE meta SET value = value");
    CU_ASSERT_EQUAL(query(&w, "SELECT last_used_at FROM api_keys"), first); /* within a minute: no write */
    run_sql(&w, "UPDATE api_keys SET last_used_at = 5");
    auth_forget(w.auth);
    principal_of(&w, w.admin_key);
    run_sql(&w, "UPDATE meta SET value = value");
    CU_ASSERT_TRUE(query(&w, "SELECT last_used_at FROM api_keys") >= first);
}

struct checker {
    struct world *w;
    const char *key;
    atomic_bool revoked, stop;
    atomic_int late;
};

static void *check_all_the_time(void *ctx)
{
    struct checker *c = ctx;
    struct principal p;
    struct err err;

    while (!atomic_load(&c->stop)) {
        bool revoked = atomic_load(&c->revoked);

        if (auth_check_bearer(c->w->auth, c->key, &p, &err) == 0 && revoked)
            atomic_fetch_add(&c->late, 1);
    }
    return NULL;
}

static void test_revoke_race(void)
{
    WORLD(w);

    for (int round = 0; round < 10; round++) {
        struct auth_key_add key = add_key(&w, "admin", 0);
        struct checker c = {.w = &w, .key = key.key};
        struct auth_key_revoke x;
        pthread_t threads[3];
        struct err err;

        for (size_t i = 0; i < 3; i++)
            CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, check_all_the_time, &c), 0);
        auth_key_revoke_init(&x, w.auth, &system_origin, key.id);
        ASSERT_OK(auth_run(&x.act, &err), err);
        atomic_store(&c.revoked, true);
        for (int i = 0; i < 20; i++)
            assert_refused(&w, key.key);
        atomic_store(&c.stop, true);
        for (size_t i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(atomic_load(&c.late), 0);
    }
}

/* ---- the cache by itself ---- */

static void test_cache(void)
{
    struct auth_cache c;
    struct auth_entry entry = {.principal = {.name = "ada"}, .touched_at = clock_now_us()};
    struct principal p;
    uint64_t generation;
    bool touch;

    auth_cache_init(&c);
    generation = auth_cache_generation(&c);
    for (unsigned i = 0; i < 4 * AUTH_CACHE_WAYS; i++) { /* all in one set: the cache stays bounded */
        entry.digest[31] = (unsigned char)i;
        auth_cache_add(&c, generation, &entry);
    }
    CU_ASSERT_TRUE(auth_cache_find(&c, entry.digest, &p, &touch));
    ASSERT_TEXT(p.name, "ada");
    CU_ASSERT_FALSE(touch);
    for (size_t i = 0; i < AUTH_CACHE_WAYS; i++) {
        CU_ASSERT_TRUE(c.entries[i].until > 0 && c.entries[i].until <= clock_mono_us() + AUTH_CACHE_MS * US_PER_MS);
        c.entries[i].until = clock_mono_us() - 1; /* its time is over */
    }
    CU_ASSERT_FALSE(auth_cache_find(&c, entry.digest, &p, &touch));

    auth_cache_add(&c, generation, &entry);
    auth_cache_clear(&c);
    CU_ASSERT_FALSE(auth_cache_find(&c, entry.digest, &p, &touch));
    auth_cache_add(&c, generation, &entry); /* found out before the change of rights */
    CU_ASSERT_FALSE(auth_cache_find(&c, entry.digest, &p, &touch));

    entry.touched_at = 0;
    auth_cache_add(&c, auth_cache_generation(&c), &entry);
    CU_ASSERT_TRUE(auth_cache_find(&c, entry.digest, &p, &touch));
    CU_ASSERT_TRUE(touch); /* once */
    CU_ASSERT_TRUE(auth_cache_find(&c, entry.digest, &p, &touch));
    CU_ASSERT_FALSE(touch);
    auth_cache_fini(&c);
}

/* ---- users ---- */

static void test_user_add(void)
{
    WORLD(w);
    struct auth_user_add x;
    struct auth_origin as_admin = {.by = &w.admin};
    struct err err;

    ASSERT_OK(auth_user_add_init(&x, w.auth, &as_admin, "ada", "user", "shop", "long enough", 11, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_CONFLICT);
    ASSERT_FAILS(auth_user_add_init(&x, w.auth, &as_admin, "bob", "root", "shop", NULL, 0, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(auth_user_add_init(&x, w.auth, &as_admin, "bob b", "user", "shop", NULL, 0, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_user_add_init(&x, w.auth, &as_admin, "bob", "user", "", NULL, 0, &err), err, ERR_BAD_NAME);
    ASSERT_FAILS(auth_user_add_init(&x, w.auth, &as_admin, "bob", "user", "shop", "short", 5, &err), err, ERR_BAD_VALUE);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "short"));
    CU_ASSERT_EQUAL(audit_count(&w, "user.add", "ok"), 1);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM users WHERE password LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"), 1);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM audit WHERE detail LIKE '%long enough%' OR detail LIKE '%argon2%'"), 0);
}

static void test_user_add_needs_admin(void)
{
    WORLD(w);
    struct auth_user_add x;
    struct auth_user_delete deletion;
    struct auth_user_change change;
    struct err err;

    for (int role = ROLE_OPERATOR; role < ROLES; role++) {
        struct principal p = {.role = (enum role)role, .name = "eve", .org = ORG_DEFAULT};
        struct auth_origin origin = {.by = &p};

        ASSERT_FAILS(auth_user_add_init(&x, w.auth, &origin, "bob", "user", "shop", NULL, 0, &err), err, ERR_FORBIDDEN);
        ASSERT_FAILS(auth_user_delete_init(&deletion, w.auth, &origin, "admin", &err), err, ERR_FORBIDDEN);
        auth_user_change_init(&change, w.auth, &origin, "eve");
        change.role = "admin"; /* promoting oneself */
        ASSERT_FAILS(auth_run(&change.act, &err), err, ERR_FORBIDDEN);
    }
}

static void test_user_delete(void)
{
    WORLD(w);
    struct auth_user_delete x;
    struct auth_key_add key;
    struct auth_login login;
    struct err err;

    add_user(&w, "ada", "user", "shop", "long enough");
    key = add_key(&w, "ada", 0);
    principal_of(&w, key.key);
    ASSERT_OK(try_login(&w, &login, "ada", "long enough", "10.0.0.1", &err), err);
    ASSERT_OK(auth_user_delete_init(&x, w.auth, &system_origin, "ada", &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    assert_refused(&w, key.key);
    assert_refused(&w, login.token);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_NOT_FOUND);
    ASSERT_OK(auth_user_delete_init(&x, w.auth, &system_origin, "admin", &err), err);
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_CONFLICT);
    principal_of(&w, w.admin_key);
    add_user(&w, "ada", "user", "shop", NULL); /* the name is free again */
    assert_refused(&w, key.key);
}

static void test_user_change(void)
{
    WORLD(w);
    struct auth_user_change x;
    struct auth_key_add key;
    struct principal p;
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    key = add_key(&w, "ada", 0);
    principal_of(&w, key.key);
    auth_user_change_init(&x, w.auth, &system_origin, "ada");
    x.role = "viewer";
    x.team = "pay";
    ASSERT_OK(auth_run(&x.act, &err), err);
    p = principal_of(&w, key.key); /* at once */
    CU_ASSERT_EQUAL(p.role, ROLE_VIEWER);
    ASSERT_TEXT(p.team, "pay");
    auth_user_change_init(&x, w.auth, &system_origin, "ada");
    x.disabled = 1;
    ASSERT_OK(auth_run(&x.act, &err), err);
    assert_refused(&w, key.key);
    auth_user_change_init(&x, w.auth, &system_origin, "ada");
    x.disabled = 0;
    ASSERT_OK(auth_run(&x.act, &err), err);
    principal_of(&w, key.key);

    auth_user_change_init(&x, w.auth, &system_origin, "admin");
    x.role = "user";
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_CONFLICT);
    auth_user_change_init(&x, w.auth, &system_origin, "admin");
    x.disabled = 1;
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_CONFLICT);
    auth_user_change_init(&x, w.auth, &system_origin, "ada");
    x.role = "root";
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_BAD_VALUE);
    auth_user_change_init(&x, w.auth, &system_origin, "nobody");
    ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_NOT_FOUND);
}

static void test_user_list(void)
{
    static const char *const names[] = {"ada", "bob", "cat", "dan", "eve"};
    WORLD(w);
    CLEANUP(json_put) json_t *teams = NULL, *shop = NULL;
    CLEANUP(free_ptr) char *cursor = NULL, *none = NULL, *teams_text = NULL;
    size_t seen = 0;
    struct err err;

    for (size_t i = 0; i < 5; i++)
        add_user(&w, names[i], "user", i % 2 ? "pay" : "shop", NULL);
    do {
        CLEANUP(json_put) json_t *items = NULL;
        char *next = NULL;

        ASSERT_OK(auth_list_users(w.auth, NULL, NULL, cursor, 2, &items, &next, &err), err);
        seen += json_array_size(items);
        free(cursor);
        cursor = next;
    } while (cursor);
    CU_ASSERT_EQUAL(seen, 6);
    ASSERT_OK(auth_list_users(w.auth, NULL, "shop", NULL, 0, &shop, &none, &err), err);
    CU_ASSERT_EQUAL(json_array_size(shop), 3);
    CU_ASSERT_PTR_NULL(json_object_get(json_array_get(shop, 0), "password"));
    ASSERT_OK(auth_list_teams(w.auth, NULL, &teams, &err), err);
    teams_text = json_text(teams);
    ASSERT_TEXT(teams_text, "[\"pay\",\"platform\",\"shop\"]");
    ASSERT_FAILS(auth_list_users(w.auth, NULL, NULL, "' OR 1=1", 2, &shop, &none, &err), err, ERR_REQUEST);
}

/* ---- sessions ---- */

static void test_login(void)
{
    WORLD(w);
    struct auth_login x;
    struct auth_logout logout;
    struct principal p;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err);
    p = principal_of(&w, x.token);
    ASSERT_TEXT(p.name, "ada");
    ASSERT_TEXT(p.team, "shop");
    ASSERT_TEXT(p.key_id, "");
    CU_ASSERT_TRUE(p.expires_at > clock_now_us());
    CU_ASSERT_TRUE(auth_check_csrf(&p, x.csrf));
    CU_ASSERT_FALSE(auth_check_csrf(&p, x.token));
    CU_ASSERT_FALSE(auth_check_csrf(&p, ""));
    CU_ASSERT_FALSE(auth_check_csrf(&p, NULL));
    CU_ASSERT_FALSE(auth_check_csrf(&w.admin, ""));
    CU_ASSERT_EQUAL(audit_count(&w, "login", "ok"), 1);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM users WHERE last_login_at IS NOT NULL"), 1);

    struct auth_origin as_ada = {.by = &p};
    auth_logout_init(&logout, w.auth, &as_ada, x.token);
    ASSERT_OK(auth_run(&logout.act, &err), err);
    assert_refused(&w, x.token);
    ASSERT_OK(auth_run(&logout.act, &err), err); /* twice is fine */
    CU_ASSERT_EQUAL(audit_count(&w, "logout", "ok"), 1);
}

static void test_login_refused(void)
{
    static const char *const names[] = {
        "ada",          "nobody",   "admin",        "",
        "no such name", "\xff\xfe", "a' OR '1'='1", "0123456789012345678901234567890123456789012345678901234567890123456789"};
    WORLD(w);
    struct auth_login x;
    char first[600] = "";
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char ip[32];

        snprintf(ip, sizeof ip, "10.0.0.%zu", i);
        ASSERT_FAILS(try_login(&w, &x, names[i], "wrong horse", ip, &err), err, ERR_UNAUTHENTICATED);
        if (!first[0])
            memcpy(first, err.msg, sizeof first);
        ASSERT_TEXT(err.msg, first); /* the same words for a wrong name and a wrong password */
        assert_refused(&w, x.token[0] ? x.token : "none");
    }
    ASSERT_FAILS(try_login(&w, &x, NULL, NULL, NULL, &err), err, ERR_UNAUTHENTICATED);
    CU_ASSERT_EQUAL(audit_count(&w, "login", "failed"), (int64_t)(sizeof names / sizeof *names) + 1);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM sessions"), 0);
}

static void test_login_disabled(void)
{
    WORLD(w);
    struct auth_user_change change;
    struct auth_login x;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err);
    auth_user_change_init(&change, w.auth, &system_origin, "ada");
    change.disabled = 1;
    ASSERT_OK(auth_run(&change.act, &err), err);
    assert_refused(&w, x.token);
    ASSERT_FAILS(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err, ERR_UNAUTHENTICATED);
}

/* The user is disabled, or the password changed, between the parts of the login. */
static void test_login_overtaken(void)
{
    WORLD(w);
    struct auth_user_change change;
    struct auth_login x;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    auth_login_init(&x, w.auth, &system_origin, "ada", "correct horse", 13);
    ASSERT_OK(auth_run(&x.act, &err), err);
    ASSERT_OK(auth_login_verify(&x, &err), err);
    auth_user_change_init(&change, w.auth, &system_origin, "ada");
    ASSERT_OK(auth_user_change_password(&change, "another horse", 13, &err), err);
    ASSERT_OK(auth_run(&change.act, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    ASSERT_FAILS(auth_login_result(&x, &err), err, ERR_UNAUTHENTICATED);
    assert_refused(&w, x.token);
    ASSERT_OK(try_login(&w, &x, "ada", "another horse", "10.0.0.1", &err), err);
}

static void test_login_rate(void)
{
    WORLD(w);
    struct auth_login x;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    for (int i = 0; i < LIMIT_LOGIN_ATTEMPTS; i++)
        ASSERT_FAILS(try_login(&w, &x, "ada", "wrong", "10.0.0.1", &err), err, ERR_UNAUTHENTICATED);
    ASSERT_FAILS(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err, ERR_RATE); /* the right one, too */
    CU_ASSERT_TRUE(x.retry_after_ms > 0 && x.retry_after_ms <= LOGIN_WINDOW_MS + 1);
    CU_ASSERT_EQUAL(audit_count(&w, "login", "failed"), LIMIT_LOGIN_ATTEMPTS);
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.2", &err), err); /* others are not locked out */
    ASSERT_FAILS(try_login(&w, &x, "admin", "wrong", "10.0.0.1", &err), err, ERR_UNAUTHENTICATED);
    run_sql(&w, "UPDATE login_attempts SET at = at - 60000000"); /* a minute later */
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err);
    for (int i = 0; i < LIMIT_LOGIN_ATTEMPTS + 2; i++)
        ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err); /* a success clears the count */
}

static void test_login_spray(void)
{
    WORLD(w);
    char sql[200];
    struct auth_login x;
    struct err err;

    for (int i = 0; i < 10 * LIMIT_LOGIN_ATTEMPTS; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO login_attempts (who, at) VALUES ('@10.0.0.1', %lld)", (long long)clock_now_us());
        run_sql(&w, sql);
    }
    ASSERT_FAILS(try_login(&w, &x, "user-1", "wrong", "10.0.0.1", &err), err, ERR_RATE);
    ASSERT_FAILS(try_login(&w, &x, "user-1", "wrong", "10.0.0.2", &err), err, ERR_UNAUTHENTICATED);
}

static void test_login_rehash(void)
{
    WORLD(w);
    struct auth_login x;
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    ASSERT_FAILS(try_login(&w, &x, "ada", "password", "10.0.0.1", &err), err, ERR_UNAUTHENTICATED); /* has none */
    run_sql(&w, "UPDATE users SET password = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4' WHERE "
                "name = 'ada'");
    ASSERT_OK(try_login(&w, &x, "ada", "password", "10.0.0.1", &err), err);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM users WHERE password LIKE '$argon2id$v=19$m=19456,%'"), 1);
    ASSERT_OK(try_login(&w, &x, "ada", "password", "10.0.0.1", &err), err);
    run_sql(&w, "UPDATE users SET password = 'garbage' WHERE name = 'ada'");
    ASSERT_FAILS(try_login(&w, &x, "ada", "password", "10.0.0.1", &err), err, ERR_CRYPTO);
}

static void test_session_end(void)
{
    WORLD(w);
    struct auth_login x, latest;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err);
    run_sql(&w, "UPDATE sessions SET expires_at = 1");
    auth_forget(w.auth);
    assert_refused(&w, x.token);
    for (int i = 0; i < LIMIT_SESSIONS_PER_USER + 3; i++)
        ASSERT_OK(try_login(&w, &latest, "ada", "correct horse", "10.0.0.1", &err), err);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM sessions"), LIMIT_SESSIONS_PER_USER);
    principal_of(&w, latest.token);
}

/* ---- everything together ---- */

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t called;
    bool done;
    struct err result;
};

static void waiter_done(void *ctx, const struct err *result)
{
    struct waiter *waiter = ctx;

    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    waiter->result = *result;
    pthread_cond_signal(&waiter->called);
    pthread_mutex_unlock(&waiter->lock);
}

static void test_submit(void)
{
    WORLD(w);
    struct waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER};
    struct auth_key_add key = add_key(&w, "admin", 0);
    struct auth_key_revoke x;

    principal_of(&w, key.key);
    auth_key_revoke_init(&x, w.auth, &system_origin, key.id);
    auth_submit(&x.act, waiter_done, &waiter);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.called, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    CU_ASSERT_EQUAL(waiter.result.code, ERR_NONE);
    assert_refused(&w, key.key);
}

/* An act whose audit row cannot be written does not happen. */
static void test_fail_closed(void)
{
    WORLD(w);
    struct auth_user_add x;
    struct err err;

    run_sql(&w, "UPDATE meta SET value = value"); /* nothing else is being written when the statements are counted */
    for (int nth = 1; nth <= 3; nth++) {
        ASSERT_OK(auth_user_add_init(&x, w.auth, &system_origin, "ada", "user", "shop", NULL, 0, &err), err);
        store_fail_nth(w.store, nth, ERR_STORE_FULL);
        ASSERT_FAILS(auth_run(&x.act, &err), err, ERR_STORE_FULL);
        store_fail_nth(w.store, 0, ERR_NONE);
        CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM users WHERE name = 'ada'"), 0);
        CU_ASSERT_EQUAL(audit_count(&w, "user.add", "ok"), 0);
    }
    ASSERT_OK(auth_run(&x.act, &err), err);
}

static void test_audited(void)
{
    WORLD(w);
    struct audit_report report = {0};
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    struct auth_key_add x;
    struct err err;

    struct auth_origin as_admin = {.by = &w.admin, .request_id = "req-9", .source_ip = "192.0.2.1"};
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_admin, "admin", "ci", 0, &err), err);
    ASSERT_OK(auth_run(&x.act, &err), err);
    ASSERT_OK(store_write_wait(w.store, audit_seal, NULL, &err), err);
    ASSERT_OK(audit_verify(w.store, NULL, &report, &err), err);
    CU_ASSERT_EQUAL(report.problem_count, 0);
    CU_ASSERT_EQUAL(report.rows, 2);
    audit_report_fini(&report);
    ASSERT_OK(audit_read(w.store, &(struct audit_filter){.action = "key.add"}, &items, &cursor, &err), err);
    ASSERT_TEXT(json_str(json_array_get(items, 0), "actor"), "admin");
    ASSERT_TEXT(json_str(json_array_get(items, 0), "team"), "platform");
    ASSERT_TEXT(json_str(json_array_get(items, 0), "object"), x.id);
    ASSERT_TEXT(json_str(json_array_get(items, 0), "request_id"), "req-9");
    ASSERT_TEXT(json_str(json_array_get(items, 0), "source_ip"), "192.0.2.1");
}

const struct test_case tests[] = {{"each role has its permissions and no others", test_roles},
                                  {"users and viewers stay in their team, admins and operators may leave it", test_teams},
                                  {"names of users and teams have a narrow alphabet", test_names},
                                  {"the first start makes an admin and a key, the second nothing", test_bootstrap},
                                  {"a first start that fails leaves no key and may be repeated", test_bootstrap_failures},
                                  {"a key has its form, is shown once and listed without its secret", test_key_form},
                                  {"what is no key, or nearly one, is refused", test_key_garbage},
                                  {"a key that was checked a moment ago needs no lookup", test_key_cached},
                                  {"a revoked key is refused at once, though it was remembered", test_key_revoked},
                                  {"nobody but an admin touches another user's keys", test_key_of_others},
                                  {"an expired key is refused, remembered or not", test_key_expiry},
                                  {"keys are limited in number and named on one line", test_key_limits},
                                  {"the last use is written at most once a minute", test_last_used},
                                  {"a key is refused everywhere once its revocation returned", test_revoke_race},
                                  {"what is remembered is bounded, ages and yields to changes of rights", test_cache},
                                  {"users are added once, with sound names, roles and passwords", test_user_add},
                                  {"only an admin adds, deletes and promotes users", test_user_add_needs_admin},
                                  {"a deleted user has no keys and no sessions, and the last admin stays", test_user_delete},
                                  {"a change of role, team or being disabled acts at once", test_user_change},
                                  {"users are listed in pages, without passwords", test_user_list},
                                  {"a login opens a session, a logout ends it", test_login},
                                  {"a failed login says the same whatever was wrong", test_login_refused},
                                  {"a disabled user has no sessions and gets none", test_login_disabled},
                                  {"a login that was overtaken by a change of password fails", test_login_overtaken},
                                  {"attempts are limited by user and address, and a success clears them", test_login_rate},
                                  {"attempts are limited by address over all users", test_login_spray},
                                  {"a password of older parameters is hashed anew at login", test_login_rehash},
                                  {"sessions end, and the oldest give way", test_session_end},
                                  {"an act that is submitted takes effect before its answer", test_submit},
                                  {"an act without its audit row does not happen", test_fail_closed},
                                  {"acts are in the audit with who, where from and which request", test_audited},
                                  {0}};
