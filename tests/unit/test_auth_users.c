/* Users and sessions: adding, changing, logging in, being refused; and that every act is in the audit. */
#include "audit/audit.h"
#include "audit/chain.h"
#include "auth_world.h"
#include "base/clock.h"
#include "base/limits.h"
#include <pthread.h>

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

/* The clock was set back: attempts of a later hour do not lock anybody out until then. */
static void test_login_attempts_of_the_future(void)
{
    WORLD(w);
    struct auth_login x;
    struct err err;

    add_user(&w, "ada", "user", "shop", "correct horse");
    for (int i = 0; i < LIMIT_LOGIN_ATTEMPTS; i++)
        ASSERT_FAILS(try_login(&w, &x, "ada", "wrong", "10.0.0.1", &err), err, ERR_UNAUTHENTICATED);
    ASSERT_FAILS(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err, ERR_RATE);
    run_sql(&w, "UPDATE login_attempts SET at = at + 3600000000"); /* made before the clock was set back by an hour */
    ASSERT_OK(try_login(&w, &x, "ada", "correct horse", "10.0.0.1", &err), err);
    CU_ASSERT_EQUAL(query(&w, "SELECT count(*) FROM login_attempts WHERE who LIKE 'ada@%'"), 0);
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

const struct test_case tests[] = {
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
    {"attempts of an hour to come, from before the clock was set back, lock nobody out", test_login_attempts_of_the_future},
    {"attempts are limited by address over all users", test_login_spray},
    {"a password of older parameters is hashed anew at login", test_login_rehash},
    {"sessions end, and the oldest give way", test_session_end},
    {"an act that is submitted takes effect before its answer", test_submit},
    {"an act without its audit row does not happen", test_fail_closed},
    {"acts are in the audit with who, where from and which request", test_audited},
    {0}};
