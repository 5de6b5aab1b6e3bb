/* What every route has in common beyond its own work: entity tags and conditions, sessions in cookies, rates. */
#include "api/api_priv.h"
#include "api/limiter.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "test.h"
#include <string.h>

static struct site site;

static void test_start(void) { site_start(&site, NULL, NULL); }
static void test_stop(void) { site_stop(&site); }

/* ---- entity tags ---- */

static char *tag_of(const char *key, const char *path)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&site, key, path);

    CU_ASSERT_EQUAL(reply.status, 200);
    return mem_strdup(answer_header(&reply.answer, "ETag"));
}

static void expect_with(const char *method, const char *path, const char *key, const char *header, const char *value, int wanted)
{
    CLEANUP(free_ptr) char *line = mem_printf("%s: %s\r\n", header, value);

    site_expect(&site, &(struct call){.method = method, .path = path, .key = key, .headers = line}, wanted);
}

static void test_not_modified(void)
{
    static const char *const paths[] = {"/api/v1/users/dev",    "/api/v1/users",     "/api/v1/plugins",  "/api/v1/deployments",
                                        "/api/v1/specs",        "/api/v1/resources", "/api/v1/policies", "/api/v1/teams",
                                        "/api/v1/environments", "/openapi.json"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CLEANUP(free_ptr) char *tag = tag_of(site.admin, paths[i]);
        CLEANUP(free_ptr) char *weak = mem_printf("W/%s", tag), *among = mem_printf("\"a,b\", W/\"x\" ,%s", tag);
        CLEANUP(free_ptr) char *line = mem_printf("If-None-Match: %s\r\n", tag);
        CLEANUP(reply_fini) struct reply same = {0};

        CU_ASSERT_EQUAL(strlen(tag), 34);
        CU_ASSERT(tag[0] == '"' && tag[33] == '"');
        same = site_call(&site, &(struct call){.path = paths[i], .key = site.admin, .headers = line});
        CU_ASSERT_EQUAL(same.status, 304);
        ASSERT_TEXT(answer_header(&same.answer, "ETag"), tag);
        CU_ASSERT_EQUAL(strlen(same.answer.body), 0);
        expect_with("GET", paths[i], site.admin, "If-None-Match", weak, 304);
        expect_with("GET", paths[i], site.admin, "If-None-Match", among, 304);
        expect_with("GET", paths[i], site.admin, "If-None-Match", "*", 304);
        expect_with("HEAD", paths[i], site.admin, "If-None-Match", tag, 304);
        expect_with("GET", paths[i], site.admin, "If-None-Match", "\"0123456789abcdef0123456789abcdef\"", 200);
        expect_with("GET", paths[i], site.admin, "If-None-Match", "", 200);
        expect_with("GET", paths[i], site.admin, "If-None-Match", "\"", 200);
        expect_with("GET", paths[i], NULL, "If-None-Match", "*", 401);
    }
    site_expect(&site, &(struct call){.path = "/health", .headers = "If-None-Match: *\r\n"}, 200); /* a probe is never old news */
    site_expect(&site, &(struct call){.path = "/api/v1/specs/none", .key = site.dev, .headers = "If-None-Match: *\r\n"}, 404);
}

static void test_tag_moves(void)
{
    CLEANUP(free_ptr) char *before = tag_of(site.admin, "/api/v1/users"), *again = tag_of(site.admin, "/api/v1/users"), *after = NULL;

    ASSERT_TEXT(again, before);
    site_expect(&site,
                &(struct call){.method = "POST",
                               .path = "/api/v1/users",
                               .key = site.admin,
                               .body = "{\"name\": \"mia\", \"role\": \"user\", \"team\": \"shop\"}"},
                201);
    after = tag_of(site.admin, "/api/v1/users");
    CU_ASSERT_FALSE(str_eq(before, after));
}

static void test_if_match(void)
{
    CLEANUP(free_ptr)
    char *id = site_submit(&site, site.dev, SLOW, "", 202), *application = NULL, *deployment = NULL, *user = NULL, *weak = NULL;
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/deployments/%s", id), *cancel = mem_printf("%s/cancel", path);
    static const char other[] = "\"0123456789abcdef0123456789abcdef\"";

    rig_expect(&site.rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    deployment = tag_of(site.dev, path);
    weak = mem_printf("W/%s", deployment);
    expect_with("POST", cancel, site.dev, "If-Match", other, 412);
    expect_with("POST", cancel, site.dev, "If-Match", weak, 412); /* a weak tag says nothing here */
    rig_expect(&site.rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    expect_with("POST", cancel, site.dev, "If-Match", deployment, 202);
    site_wait(&site, id, "canceled");
    free(id);
    id = site_submit(&site, site.dev, SCORE, "", 202);
    site_wait(&site, id, "completed");

    application = tag_of(site.dev, "/api/v1/specs/shop");
    expect_with("DELETE", "/api/v1/specs/shop", site.dev, "If-Match", other, 412);
    free(id);
    id = site_submit(&site, site.dev, SCORE "resources: {name: {type: dns}}\n", "", 202); /* somebody was faster */
    site_wait(&site, id, "completed");
    expect_with("DELETE", "/api/v1/specs/shop", site.dev, "If-Match", application, 412);
    free(application);
    application = tag_of(site.dev, "/api/v1/specs/shop");
    expect_with("DELETE", "/api/v1/specs/shop", site.dev, "If-Match", application, 202);

    user = tag_of(site.admin, "/api/v1/users/mia");
    expect_with("DELETE", "/api/v1/users/mia", site.admin, "If-Match", other, 412);
    expect_with("DELETE", "/api/v1/users/mia", site.admin, "If-Match", user, 204);
    expect_with("DELETE", "/api/v1/users/mia", site.admin, "If-Match", "*", 412);
    expect_with("POST", "/api/v1/specs", site.dev, "If-Match", "*", 400); /* not known there: refused, not forgotten */
}

/* ---- lists ---- */

static size_t count_items(const char *path, int wanted)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&site, site.admin, path);

    if (reply.status != wanted)
        fprintf(stderr, "%s: %d, wanted %d: %.300s\n", path, reply.status, wanted, reply.answer.body);
    CU_ASSERT_EQUAL(reply.status, wanted);
    return json_array_size(json_object_get(reply.json, "items"));
}

/* Every list takes every filter it documents, and tells of them when it is asked for another. */
static void test_filters(void)
{
    for (const struct api_route *route = api_routes; route->method; route++) {
        CLEANUP(free_ptr) char *unknown = mem_printf("/api/v1%s?no_such_filter=1", route->pattern);
        CLEANUP(reply_fini) struct reply refused = {0};

        if (!(route->flags & ROUTE_LIST) || strchr(route->pattern, '{'))
            continue;
        for (const struct api_param *param = route->params; param && param->name; param++) {
            const char *value = param->kind == PARAM_TIME  ? "2026-01-01T00:00:00Z"
                                : param->kind == PARAM_INT ? "1"
                                                           : "nothing-is-called-so";
            CLEANUP(free_ptr)
            char *path =
                mem_printf("/api/v1%s?%s=%.*s", route->pattern, param->name,
                           param->values ? (int)strcspn(param->values, "|") : (int)strlen(value), param->values ? param->values : value);
            CLEANUP(free_ptr)
            char *late = mem_printf("/api/v1%s?%s=%s", route->pattern, param->name,
                                    str_eq(param->name, "since") ? "2999-01-01T00:00:00Z" : "1999-01-01T00:00:00Z");
            size_t found = count_items(path, 200);

            if (param->kind != PARAM_TIME && !param->values && !str_eq(param->name, "team"))
                CU_ASSERT_EQUAL(found, 0);
            if (param->kind == PARAM_TIME)
                CU_ASSERT_EQUAL(count_items(late, 200), 0);
            ASSERT_CONTAINS(param->about, " ");
        }
        refused = site_get(&site, site.admin, unknown);
        CU_ASSERT_EQUAL(refused.status, 400);
        if (route->params)
            ASSERT_CONTAINS(reply_text(&refused, "detail"), route->params[0].name);
        ASSERT_CONTAINS(reply_text(&refused, "detail"), "limit");
    }
    CU_ASSERT(count_items("/api/v1/deployments?state=completed&environment=development&since=2000-01-01T00:00:00Z", 200) >= 2);
    CU_ASSERT_EQUAL(count_items("/api/v1/deployments?since=yesterday", 422), 0);
}

/* Lists from memory have pages and an order like the others. */
static void test_whole_lists(void)
{
    size_t all = count_items("/api/v1/policies", 200), seen = 0;
    char path[128] = "/api/v1/policies?limit=2&sort=-name";
    CLEANUP(free_ptr) char *before = NULL;

    CU_ASSERT(all > 2);
    for (size_t pages = 0; path[0] && pages <= all; pages++) {
        CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, path);
        const json_t *item;
        size_t i;

        json_array_foreach(json_object_get(reply.json, "items"), i, item)
        {
            CU_ASSERT(!before || strcmp(before, json_str(item, "name")) >= 0);
            free(before);
            before = mem_strdup(json_str(item, "name"));
            seen++;
        }
        CU_ASSERT_EQUAL(reply_text(&reply, "next_cursor")[0] != '\0', strstr(answer_header(&reply.answer, "Link"), "rel=\"next\"") != NULL);
        snprintf(path, sizeof path, reply_text(&reply, "next_cursor")[0] ? "/api/v1/policies?limit=2&sort=-name&cursor=%s" : "%s",
                 reply_text(&reply, "next_cursor"));
    }
    CU_ASSERT_EQUAL(seen, all);
    CU_ASSERT_EQUAL(count_items("/api/v1/plugins?type=volume", 200), 1);
    CU_ASSERT_EQUAL(count_items("/api/v1/plugins?cursor=x", 400), 0);
    CU_ASSERT_EQUAL(count_items("/api/v1/plugins?cursor=99999999", 200), 0);
    CU_ASSERT_EQUAL(count_items("/api/v1/teams?sort=color", 400), 0);
}

/* ---- statuses ---- */

/* Whatever a request looks like, its answer is one that the document tells of. */
static void test_statuses(void)
{
    static const char *const queries[] = {"", "?no_such=1", "?team=other", "?team=!", "?limit=0", "?cursor=x", "?sort=x"};
    static const char *const headers[] = {NULL,
                                          "If-None-Match: *\r\n",
                                          "If-Match: *\r\n",
                                          "If-Match: \"x\"\r\n",
                                          "Idempotency-Key: \r\n",
                                          "Last-Event-ID: x\r\nAccept: text/event-stream\r\n"};
    static const char *const bodies[] = {NULL, "{", "{}", "[1]", "{\"name\": 1, \"unknown\": []}"};
    static const char *const types[] = {NULL, "text/plain"};
    const char *const keys[] = {NULL, site.admin, site.viv, "inno_none"};

    for (const struct api_route *route = api_routes; route->method; route++)
        for (size_t i = 0; i < 60; i++) { /* each value of each list beside several of the others */
            CLEANUP(free_ptr)
            char *path = mem_printf("%s%s%s", route->flags & ROUTE_ROOT ? "" : "/api/v1", route->pattern, queries[i % 7]);
            struct call call = {.key = keys[i / 2 % 4], .method = route->method, .path = path, .headers = headers[i % 6]};
            CLEANUP(reply_fini) struct reply reply = {0};

            for (char *c = path; *c; c++)
                *c = *c == '{' || *c == '}' ? 'x' : *c;
            if (!str_eq(route->method, "GET"))
                call.body = bodies[i % 5], call.type = types[i / 5 % 2];
            reply = site_call(&site, &call);
            if (!api_status_about(route, reply.status))
                fprintf(stderr, "%s %s: %d is not documented: %.300s\n", route->method, path, reply.status, reply.answer.text);
            CU_ASSERT(reply.status == 0 || api_status_about(route, reply.status) != NULL);
            CU_ASSERT(reply.status != 0 && reply.status < 500);
        }
}

/* ---- sessions ---- */

struct session {
    char *cookie, *csrf; /* header lines */
    char *token;
};

static void session_fini(struct session *s)
{
    free(s->cookie);
    free(s->csrf);
    free(s->token);
}

static struct session log_in(const char *headers, char **out_cookie)
{
    struct reply reply = site_call(&site, &(struct call){.method = "POST",
                                                         .path = "/api/v1/login",
                                                         .headers = headers,
                                                         .body = "{\"name\": \"paul\", \"password\": \"correct horse battery\"}"});
    struct session s = {.cookie = mem_printf("Cookie: innominatus_session=%s\r\n", reply_text(&reply, "token")),
                        .csrf = mem_printf("X-CSRF-Token: %s\r\n", reply_text(&reply, "csrf_token")),
                        .token = mem_strdup(reply_text(&reply, "token"))};

    CU_ASSERT_EQUAL(reply.status, 200);
    if (out_cookie)
        *out_cookie = mem_strdup(answer_header(&reply.answer, "Set-Cookie"));
    reply_fini(&reply);
    return s;
}

/* Status of a change with the cookie and these headers besides. */
static struct reply change(const struct session *s, const char *csrf, const char *more)
{
    CLEANUP(free_ptr) char *headers = mem_printf("%s%s%s", s->cookie, csrf, more);

    return site_call(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/specs/validate", .headers = headers, .type = "application/yaml", .body = SCORE});
}

static void expect_change(const struct session *s, const char *csrf, const char *more, int wanted)
{
    CLEANUP(reply_fini) struct reply reply = change(s, csrf, more);

    if (reply.status != wanted)
        fprintf(stderr, "with \"%s\": %d, wanted %d\n", more, reply.status, wanted);
    CU_ASSERT_EQUAL(reply.status, wanted);
    if (wanted == 403) {
        ASSERT_TEXT(reply_text(&reply, "code"), "ORC-2009");
        ASSERT_CONTAINS(reply_text(&reply, "remedy"), "X-CSRF-Token");
    }
}

static void test_csrf(void)
{
    CLEANUP(session_fini) struct session s = {0}, other = {0};
    CLEANUP(reply_fini) struct reply profile = {0};
    CLEANUP(free_ptr) char *cookie = NULL, *again = NULL, *key = NULL;

    site_add_paul(&site);
    s = log_in(NULL, &cookie);
    other = log_in(NULL, NULL);
    ASSERT_CONTAINS(cookie, "; HttpOnly; SameSite=Strict");
    CU_ASSERT_PTR_NULL(strstr(cookie, "Secure"));
    expect_change(&s, "", "", 403);
    expect_change(&s, "X-CSRF-Token: \r\n", "", 403);
    expect_change(&s, "X-CSRF-Token: 0\r\n", "", 403);
    expect_change(&s, other.csrf, "", 403); /* of another session */
    expect_change(&s, s.csrf, "", 200);
    expect_change(&s, s.csrf, "Sec-Fetch-Site: same-origin\r\nOrigin: http://x\r\n", 200);
    expect_change(&s, s.csrf, "Sec-Fetch-Site: none\r\n", 200);
    expect_change(&s, s.csrf, "Sec-Fetch-Site: cross-site\r\n", 403);
    expect_change(&s, s.csrf, "Sec-Fetch-Site: same-site\r\n", 403);
    expect_change(&s, s.csrf, "Origin: http://evil.example\r\n", 403);
    expect_change(&s, s.csrf, "Origin: http://x:81\r\n", 403);
    expect_change(&s, s.csrf, "Origin: null\r\n", 403);
    profile = site_call(&site, &(struct call){.path = "/api/v1/profile", .headers = s.cookie}); /* reading needs no token, and tells it */
    CU_ASSERT_EQUAL(profile.status, 200);
    again = mem_printf("X-CSRF-Token: %s\r\n", reply_text(&profile, "csrf_token"));
    ASSERT_TEXT(again, s.csrf);
    key = mem_strdup("Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.example\r\n"); /* a key is not sent by a browser on its own */
    site_expect(
        &site,
        &(struct call){
            .method = "POST", .path = "/api/v1/specs/validate", .key = site.dev, .headers = key, .type = "application/yaml", .body = SCORE},
        200);
    site_expect(&site,
                &(struct call){.method = "POST",
                               .path = "/api/v1/login",
                               .headers = "Sec-Fetch-Site: cross-site\r\n",
                               .body = "{\"name\": \"paul\", \"password\": \"correct horse battery\"}"},
                403);
}

/* Whoever has planted a session before the login has nothing afterwards: the login makes another one and ends that. */
static void test_fixation(void)
{
    CLEANUP(session_fini) struct session planted = log_in(NULL, NULL), fresh = {0};

    fresh = log_in(planted.cookie, NULL);
    CU_ASSERT_FALSE(str_eq(planted.token, fresh.token));
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = planted.cookie}, 401);
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = fresh.cookie}, 200);
}

static void test_session_ends(void)
{
    CLEANUP(session_fini) struct session s = log_in(NULL, NULL), t = log_in(NULL, NULL);
    CLEANUP(free_ptr) char *both = mem_printf("%s%s", t.cookie, t.csrf);
    CLEANUP(reply_fini) struct reply out = {0};

    out = site_call(&site, &(struct call){.method = "POST", .path = "/api/v1/logout", .headers = both});
    CU_ASSERT_EQUAL(out.status, 204);
    ASSERT_CONTAINS(answer_header(&out.answer, "Set-Cookie"), "Max-Age=0");
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = t.cookie}, 401);
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = s.cookie}, 200);
    rig_exec(&site.rig, "UPDATE sessions SET expires_at = 1");
    auth_forget(site.auth);
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .headers = s.cookie}, 401);
}

static void test_secure_cookie(void)
{
    struct site kept = site;
    static const char *const bodies[] = {"trustedProxies: [127.0.0.1]\n", "sessions: {secureCookie: always}\n", ""};
    static const char *const wanted[] = {"; Secure", "; Secure", NULL};

    for (int i = 0; i < 3; i++) {
        CLEANUP(free_ptr) char *config = mem_printf("provisioners:\n  - {name: local, plugin: local}\n%s", bodies[i]);
        CLEANUP(session_fini) struct session s = {0};
        CLEANUP(free_ptr) char *cookie = NULL;

        site_start(&site, config, NULL);
        site_add_paul(&site);
        s = log_in("X-Forwarded-Proto: https\r\n", &cookie);
        CU_ASSERT_EQUAL(wanted[i] != NULL, strstr(cookie, "; Secure") != NULL);
        if (i == 0) /* the proxy leaves the port out */
            expect_change(&s, s.csrf, "Origin: https://x:8443\r\n", 200);
        site_stop(&site);
    }
    site = kept;
}

/* ---- rates ---- */

static void test_buckets(void)
{
    struct limiter *l = limiter_new(3);
    struct limiter_rate rate = {.per_second = 10, .burst = 20};
    struct limiter_state state = {0};
    int64_t now = 1000 * US_PER_SEC;

    for (int i = 0; i < 20; i++)
        CU_ASSERT(limiter_take(l, "ada", rate, now, &state) && state.remaining == 19 - i && state.limit == 20);
    CU_ASSERT_FALSE(limiter_take(l, "ada", rate, now, &state));
    CU_ASSERT(state.retry_s == 1 && state.reset_s == 2 && state.remaining == 0);
    CU_ASSERT_FALSE(limiter_take(l, "ada", rate, now + 99 * US_PER_MS, &state));
    CU_ASSERT(limiter_take(l, "ada", rate, now + 100 * US_PER_MS, &state));
    CU_ASSERT_FALSE(limiter_take(l, "ada", rate, now + 100 * US_PER_MS, &state));
    CU_ASSERT_FALSE(limiter_take(l, "ada", rate, now, &state)); /* time does not run backwards */
    CU_ASSERT(limiter_take(l, "bob", rate, now, &state));
    CU_ASSERT(limiter_take(l, "ada", rate, now + INT64_MAX / 4, &state) && state.remaining == 19); /* no more than the bucket holds */
    CU_ASSERT(limiter_take(l, "off", (struct limiter_rate){0}, now, &state));
    CU_ASSERT_EQUAL(limiter_count(l), 2);
    limiter_free(l);
}

/* The table never grows; who was seen longest ago is forgotten, and nobody else. */
static void test_bucket_table(void)
{
    struct limiter *l = limiter_new(100);
    struct limiter_rate rate = {.per_second = 1, .burst = 2};
    struct limiter_state state = {0};
    char name[32];

    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "address-%d", i);
        CU_ASSERT(limiter_take(l, name, rate, US_PER_SEC, &state));
        limiter_take(l, "steady", rate, US_PER_SEC, &state);
    }
    CU_ASSERT_EQUAL(limiter_count(l), 100);
    CU_ASSERT_FALSE(limiter_take(l, "steady", rate, US_PER_SEC, &state));
    CU_ASSERT(limiter_take(l, "address-4999", rate, US_PER_SEC, &state) && state.remaining == 0);
    CU_ASSERT(limiter_take(l, "address-0", rate, US_PER_SEC, &state) && state.remaining == 1);
    limiter_free(l);
}

static void test_rates(void)
{
    struct site kept = site;
    CLEANUP(reply_fini) struct reply first = {0}, last = {0}, health = {0};
    int refused = 0;

    site_start(&site,
               "provisioners:\n  - {name: local, plugin: local}\n"
               "rateLimits: {user: {perSecond: 1, burst: 5}, address: {perSecond: 1, burst: 3}}\n",
               NULL);
    first = site_get(&site, site.dev, "/api/v1/profile");
    CU_ASSERT_EQUAL(first.status, 200);
    ASSERT_TEXT(answer_header(&first.answer, "RateLimit-Limit"), "5");
    ASSERT_TEXT(answer_header(&first.answer, "RateLimit-Remaining"), "4");
    CU_ASSERT_EQUAL(atoi(answer_header(&first.answer, "RateLimit-Reset")), 1);
    for (int i = 0; i < 500 && last.status != 429; i++) {
        reply_fini(&last);
        last = site_get(&site, site.dev, i & 1 ? "/api/v1/profile" : "/api/v1/audit"); /* being refused counts, too */
    }
    CU_ASSERT_EQUAL(last.status, 429);
    ASSERT_TEXT(reply_text(&last, "code"), "ORC-2007");
    ASSERT_TEXT(answer_header(&last.answer, "Retry-After"), "1");
    ASSERT_TEXT(answer_header(&last.answer, "RateLimit-Remaining"), "0");
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .key = site.eve}, 200); /* another user, the same address */
    for (int i = 0; i < 500 && refused != 429; i++) {
        CLEANUP(reply_fini)
        struct reply reply = site_get(&site, "inno_00000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/api/v1/profile");

        refused = reply.status;
        CU_ASSERT(refused == 401 || refused == 429);
    }
    CU_ASSERT_EQUAL(refused, 429);
    health = site_get(&site, NULL, "/health");
    CU_ASSERT_EQUAL(health.status, 200);
    ASSERT_TEXT(answer_header(&health.answer, "RateLimit-Limit"), "");
    site_expect(&site, &(struct call){.path = "/api/v1/profile", .key = site.ops}, 200);
    site_stop(&site);
    site = kept;
}

const struct test_case tests[] = {
    {"(the server starts)", test_start},
    {"what a client has already is not sent again", test_not_modified},
    {"a tag changes with what it stands for, and only then", test_tag_moves},
    {"an act with If-Match happens only to what the client has seen", test_if_match},
    {"every list takes the filters it documents and names them to who asks for another", test_filters},
    {"lists that come from memory have filters, order and pages, too", test_whole_lists},
    {"every answer has a status that the document tells of", test_statuses},
    {"a change by cookie needs its token and must come from our own page; a key needs neither", test_csrf},
    {"a login makes a new session and ends the one it came with", test_fixation},
    {"a session ends by logging out and by time", test_session_ends},
    {"(the server stops)", test_stop},
    {"cookies are Secure behind https, and when the admin says so", test_secure_cookie},
    {"a bucket gives its burst, fills with time and not beyond", test_buckets},
    {"the table of buckets is bounded and forgets the one used longest ago", test_bucket_table},
    {"users and addresses have rates of their own, told in headers", test_rates},
    {0},
};
