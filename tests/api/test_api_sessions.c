/* Clients that sign in, and requests that come twice. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fixture.h"
#include "test.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- sessions ---- */

static void test_sessions(void)
{
    struct site site;
    struct reply reply;
    CLEANUP(free_ptr) char *cookie = NULL;
    CLEANUP(free_ptr) char *csrf = NULL;

    site_start(&site, NULL, NULL);
    site_add_paul(&site);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/login", .body = "{\"name\": \"paul\", \"password\": \"wrong\"}"},
                401);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/login", .body = "{\"name\": \"nobody\", \"password\": \"wrong\"}"},
                401);
    reply = site_call(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/login", .body = "{\"name\": \"paul\", \"password\": \"correct horse battery\"}"});
    CU_ASSERT_EQUAL(reply.status, 200);
    ASSERT_CONTAINS(answer_header(&reply.answer, "Set-Cookie"), "HttpOnly; SameSite=Strict");
    ASSERT_TEXT(reply_text(&reply, "user.team"), "shop");
    cookie = mem_printf("Cookie: a=b; innominatus_session=%s\r\n", reply_text(&reply, "token"));
    csrf = mem_printf("%sX-CSRF-Token: %s\r\n", cookie, reply_text(&reply, "csrf_token"));
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .key = reply_text(&reply, "token")}, 200);
    reply_fini(&reply);
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = cookie}, 200);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/profile/api-keys", .headers = cookie, .body = "{\"name\": \"x\"}"},
                403);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/profile/api-keys", .headers = csrf, .body = "{\"name\": \"x\"}"},
                201);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/logout", .headers = cookie}, 403);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/logout", .headers = csrf}, 204);
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = cookie}, 401);
    site_stop(&site);
}

static void test_login_limit(void)
{
    struct site site;
    struct reply reply = {0};

    site_start(&site, NULL, NULL);
    for (int i = 0; i <= LIMIT_LOGIN_ATTEMPTS; i++) {
        reply_fini(&reply);
        reply = site_call(
            &site, &(struct call){.method = "POST", .path = "/api/v1/login", .body = "{\"name\": \"admin\", \"password\": \"guess\"}"});
    }
    CU_ASSERT_EQUAL(reply.status, 429);
    CU_ASSERT(atoi(answer_header(&reply.answer, "Retry-After")) > 0);
    reply_fini(&reply);
    site_stop(&site);
}

/* ---- repeated requests ---- */

static const char zoe[] = "{\"name\": \"zoe\", \"role\": \"user\", \"team\": \"shop\"}";

static void test_idempotency(void)
{
    static const char key[] = "Idempotency-Key: abc\r\n";
    struct site site;
    struct reply first, second;

    site_start(&site, NULL, NULL);
    first = site_call(&site, &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .headers = key, .body = zoe});
    second = site_call(&site, &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .headers = key, .body = zoe});
    CU_ASSERT_EQUAL(first.status, 201);
    CU_ASSERT_EQUAL(second.status, 201);
    ASSERT_TEXT(answer_header(&first.answer, "Idempotency-Replayed"), "");
    ASSERT_TEXT(answer_header(&second.answer, "Idempotency-Replayed"), "true");
    ASSERT_TEXT(reply_text(&second, "id"), reply_text(&first, "id"));
    reply_fini(&first);
    reply_fini(&second);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .headers = key, .body = "{}"}, 409);
    site_expect(&site, &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .body = zoe}, 409);
    site_expect(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .headers = "Idempotency-Key: a b\r\n", .body = zoe},
        400);
    /* A failed request keeps nothing. */
    site_expect(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/users", .key = site.admin, .headers = "Idempotency-Key: f\r\n", .body = zoe},
        409);
    site_expect(&site,
                &(struct call){.method = "POST",
                               .path = "/api/v1/users",
                               .key = site.admin,
                               .headers = "Idempotency-Key: f\r\n",
                               .body = "{\"name\": \"zoe2\", \"role\": \"user\", \"team\": \"shop\"}"},
                201);
    site_stop(&site);
}

struct racer {
    struct site *site;
    int status;
    char id[64];
};

static void *race(void *ctx)
{
    struct racer *racer = ctx;
    struct reply reply = site_call(
        racer->site,
        &(struct call){
            .method = "POST", .path = "/api/v1/users", .key = racer->site->admin, .headers = "Idempotency-Key: r\r\n", .body = zoe});

    racer->status = reply.status;
    snprintf(racer->id, sizeof racer->id, "%s", reply_text(&reply, "id"));
    reply_fini(&reply);
    return NULL;
}

static void test_race(void)
{
    struct site site;
    struct racer racers[6];
    pthread_t threads[6];

    site_start(&site, NULL, NULL);
    for (int i = 0; i < 6; i++) {
        racers[i] = (struct racer){.site = &site};
        pthread_create(&threads[i], NULL, race, &racers[i]);
    }
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(racers[i].status, 201);
        ASSERT_TEXT(racers[i].id, racers[0].id);
    }
    site_stop(&site);
}

const struct test_case tests[] = {
    {"a session works by cookie, changes need its token, logging out ends it", test_sessions},
    {"guessing passwords is slowed down", test_login_limit},
    {"an Idempotency-Key gives the first answer again and does nothing", test_idempotency},
    {"requests with one Idempotency-Key at once act once", test_race},
    {0},
};
