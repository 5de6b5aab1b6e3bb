/* Roles, the first start, and keys: who gets in, who does not, and for how long it is remembered. */
#include "auth/cache.h"
#include "auth_world.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void test_renewed_admin(void)
{
    struct store *s = test_store();
    struct auth *auth = auth_new(s);
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *path = mem_printf("%s/admin.key", dir), *text = NULL;
    char first[AUTH_KEY_BYTES];
    struct principal p;
    bool created = false;
    struct err err;

    ASSERT_OK(auth_bootstrap(auth, dir, first, &created, &err), err);
    CU_ASSERT_EQUAL(unlink(path), 0);
    store_fail_nth(s, 2, ERR_STORE_FULL);
    ASSERT_FAILS(auth_renew_admin(auth, dir, &err), err, ERR_STORE_FULL);
    store_fail_nth(s, 0, ERR_NONE);
    CU_ASSERT_FALSE(io_exists(path)); /* no key that opens nothing */
    ASSERT_OK(
        store_write_wait(s, sql_unit, (void *)(uintptr_t) "UPDATE users SET role = 'viewer', disabled_at = 1 WHERE name = 'admin'", &err),
        err);
    ASSERT_OK(auth_renew_admin(auth, dir, &err), err);
    ASSERT_OK(io_read_file(path, 1000, &text, NULL, &err), err);
    text[strcspn(text, "\n")] = '\0';
    CU_ASSERT_NOT_EQUAL(strcmp(text, first), 0);
    ASSERT_OK(auth_check_bearer(auth, text, &p, &err), err);
    ASSERT_TEXT(p.name, "admin");
    CU_ASSERT_EQUAL(p.role, ROLE_ADMIN);
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

    ASSERT_FAILS(auth_bootstrap(auth, "/proc/nonexistent", key, &created, &err), err, ERR_IO);
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
    int64_t now = clock_now_us(), ms = 300;
    struct principal principal;
    struct err err = {0};

    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "admin", "n", now - 1, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &system_origin, "admin", "n", -5, &err), err, ERR_BAD_VALUE);
    key = add_key(&w, "admin", clock_now_us() + 3600 * US_PER_SEC);
    principal_of(&w, key.key);
    run_sql(&w, "UPDATE api_keys SET expires_at = 1 WHERE expires_at IS NOT NULL");
    auth_forget(w.auth);
    assert_refused(&w, key.key);

    do { /* a slow machine may not come to use a key of 300 ms */
        key = add_key(&w, "admin", clock_now_us() + ms * US_PER_MS);
        ms *= 4;
    } while (auth_check_bearer(w.auth, key.key, &principal, &err) < 0 && ms < 100000); /* now in the cache */
    while (clock_now_us() <= key.expires_at)
        usleep(10000);
    assert_refused(&w, key.key);
}

/* A key that leaks is harmless once it has expired only if it could not make another one for later. */
static void test_key_of_a_key(void)
{
    WORLD(w);
    int64_t end = clock_now_us() + 3600 * US_PER_SEC;
    struct auth_key_add parent, x;
    struct principal ada, admin;
    struct auth_origin as_ada = {.by = &ada}, as_admin = {.by = &admin};
    struct err err;

    add_user(&w, "ada", "user", "shop", NULL);
    parent = add_key(&w, "ada", end);
    ada = principal_of(&w, parent.key);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &as_ada, "ada", "n", end + 1, &err), err, ERR_BAD_VALUE);
    ASSERT_CONTAINS(err.msg, "outlive");
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_ada, "ada", "n", end - 1, &err), err);
    CU_ASSERT_EQUAL(x.expires_at, end - 1);
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_ada, "ada", "n", 0, &err), err); /* without an end of its own: the parent's */
    CU_ASSERT_EQUAL(x.expires_at, end);

    parent = add_key(&w, "admin", end);
    admin = principal_of(&w, parent.key);
    ASSERT_FAILS(auth_key_add_init(&x, w.auth, &as_admin, "ada", "n", end + 1, &err), err, ERR_BAD_VALUE); /* nor by way of another user */
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_admin, "ada", "n", 0, &err), err);
    CU_ASSERT_EQUAL(x.expires_at, end);

    ada.key_id[0] = '\0'; /* a session, which somebody opened with a password, is no parent */
    ASSERT_OK(auth_key_add_init(&x, w.auth, &as_ada, "ada", "n", 0, &err), err);
    CU_ASSERT_EQUAL(x.expires_at, 0);
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

const struct test_case tests[] = {{"each role has its permissions and no others", test_roles},
                                  {"users and viewers stay in their team, admins and operators may leave it", test_teams},
                                  {"names of users and teams have a narrow alphabet", test_names},
                                  {"the first start makes an admin and a key, the second nothing", test_bootstrap},
                                  {"a lost admin's key is renewed, and the admin with it", test_renewed_admin},
                                  {"a first start that fails leaves no key and may be repeated", test_bootstrap_failures},
                                  {"a key has its form, is shown once and listed without its secret", test_key_form},
                                  {"what is no key, or nearly one, is refused", test_key_garbage},
                                  {"a key that was checked a moment ago needs no lookup", test_key_cached},
                                  {"a revoked key is refused at once, though it was remembered", test_key_revoked},
                                  {"nobody but an admin touches another user's keys", test_key_of_others},
                                  {"an expired key is refused, remembered or not", test_key_expiry},
                                  {"a key makes no key that outlives it", test_key_of_a_key},
                                  {"keys are limited in number and named on one line", test_key_limits},
                                  {"the last use is written at most once a minute", test_last_used},
                                  {"a key is refused everywhere once its revocation returned", test_revoke_race},
                                  {"what is remembered is bounded, ages and yields to changes of rights", test_cache},
                                  {0}};
