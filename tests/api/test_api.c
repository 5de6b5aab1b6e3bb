/* The frame of the API: who gets in, what a route is, how problems look, pages, keys. Every row of the route
 * table is driven, so a new route cannot be forgotten. */
#include "api/api_priv.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "test.h"
#include <string.h>

/* One server for the tests that change nothing that others see. */
static struct site shared;

static void test_start(void) { site_start(&shared, NULL, NULL); }
static void test_stop(void) { site_stop(&shared); }

/* "/api/v1/deployments/x" for a row. */
static char *path_of(const struct api_route *route)
{
    CLEANUP(buf_fini) struct buf path = BUF_INIT(1024);

    buf_add_text(&path, route->flags & ROUTE_ROOT ? "" : "/api/v1");
    for (const char *at = route->pattern; *at; at++) {
        if (*at == '{') {
            buf_add_text(&path, "x");
            at = strchr(at, '}');
        } else {
            buf_add_char(&path, *at);
        }
    }
    return buf_take(&path);
}

/* ---- who gets in ---- */

static void test_no_key(void)
{
    for (const struct api_route *route = api_routes; route->method; route++) {
        CLEANUP(free_ptr) char *path = path_of(route);
        CLEANUP(reply_fini) struct reply reply = {0};

        if (route->flags & (ROUTE_OPEN | ROUTE_LOOPBACK))
            continue;
        reply = site_call(&shared, &(struct call){.method = route->method, .path = path});
        if (reply.status != 401)
            fprintf(stderr, "%s %s: %d\n", route->method, path, reply.status);
        CU_ASSERT_EQUAL(reply.status, 401);
        ASSERT_TEXT(reply_text(&reply, "code"), "ORC-2002");
        ASSERT_CONTAINS(answer_header(&reply.answer, "WWW-Authenticate"), "Bearer");
        ASSERT_TEXT(answer_header(&reply.answer, "Content-Type"), "application/problem+json");
    }
}

static void test_bad_keys(void)
{
    static const char *const headers[] = {
        "Authorization: Bearer inno_00000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Basic YWRtaW46YWRtaW4=\r\n",
        "Authorization: x\r\n",
        "Cookie: innominatus_session=nothing\r\n",
        "Cookie: innominatus_session=\r\n",
        "Cookie: other=1; =; ;;innominatus_sessio\r\n",
    };
    CLEANUP(free_ptr) char *twice = mem_printf("Authorization: Bearer %s\r\nAuthorization: Bearer %s\r\n", shared.dev, shared.dev);

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        site_expect(&shared, &(struct call){.path = "/api/v1/profile", .headers = headers[i]}, 401);
    site_expect(&shared, &(struct call){.path = "/api/v1/profile", .headers = twice}, 400);
    site_expect(&shared, &(struct call){.path = "/api/v1/profile", .key = shared.dev}, 200);
}

static void test_open_routes(void)
{
    static const char *const open[] = {"/health", "/ready", "/metrics"};

    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        site_expect(&shared, &(struct call){.path = open[i]}, 200);
}

/* A role without the permission of a row gets 403 whatever else is wrong with the request, and nobody else gets it for that reason. */
static void test_permissions(void)
{
    const struct {
        const char *key;
        enum role role;
    } people[] = {{shared.ops, ROLE_OPERATOR}, {shared.dev, ROLE_USER}, {shared.viv, ROLE_VIEWER}};
    int refused = 0;

    for (const struct api_route *route = api_routes; route->method; route++)
        for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
            CLEANUP(free_ptr) char *path = path_of(route);
            struct principal p = {.role = people[i].role};

            if ((route->flags & (ROUTE_OPEN | ROUTE_LOOPBACK)) || auth_may(&p, route->permission))
                continue;
            refused++;
            site_expect(&shared, &(struct call){.method = route->method, .path = path, .key = people[i].key}, 403);
        }
    CU_ASSERT(refused > 10);
}

static void test_teams(void)
{
    for (const struct api_route *route = api_routes; route->method; route++) {
        CLEANUP(free_ptr) char *path = path_of(route);
        CLEANUP(free_ptr) char *foreign = mem_printf("%s?team=other", path);

        if (!(route->flags & (ROUTE_TEAM | ROUTE_TEAMS)) || str_eq(route->method, "POST"))
            continue;
        site_expect(&shared, &(struct call){.method = route->method, .path = foreign, .key = shared.dev}, 403);
    }
    site_expect(&shared, &(struct call){.path = "/api/v1/deployments?team=*", .key = shared.dev}, 403);
    site_expect(&shared, &(struct call){.path = "/api/v1/deployments?team=shop", .key = shared.dev}, 200);
    site_expect(&shared, &(struct call){.path = "/api/v1/deployments?team=shop", .key = shared.ops}, 200);
    site_expect(&shared, &(struct call){.path = "/api/v1/deployments?team=*", .key = shared.ops}, 200);
}

/* ---- routes ---- */

static void test_routing(void)
{
    static const struct {
        const char *method, *path;
        int status;
    } cases[] = {
        {"GET", "/api/v1/profile", 200},
        {"GET", "/api/profile", 200},
        {"HEAD", "/api/v1/profile", 200},
        {"GET", "http://elsewhere/api/v1/profile", 200},
        {"GET", "/api/v1/%70rofile", 200},
        {"GET", "/profile", 404},
        {"GET", "/api/v1/health", 404},
        {"GET", "/api/v1/profile/", 404},
        {"GET", "/api/v1//profile", 404},
        {"GET", "/api/v2/profile", 404},
        {"GET", "/api/v1", 404},
        {"GET", "/api", 404},
        {"GET", "/", 404},
        {"GET", "/api/v1/deployments/", 404},
        {"GET", "/api/v1/deployments/..%2f..%2fetc", 404},
        {"GET", "/api/v1/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", 400},
        {"GET", "/api/v1/profile%00", 400},
        {"GET", "/api/v1/deployments/%zz", 400},
        {"GET", "/api/v1/deployments/%4", 400},
        {"GET", "/api/v1/deployments/%", 400},
        {"GET", "/api/v1/deployments/%ff%fe", 400},
        {"GET", "/api/v1/deployments/a%0d%0ab", 400},
        {"GET", "/api/v1/deployments?state=%00", 400},
        {"DELETE", "/api/v1/profile", 405},
        {"PUT", "/api/v1/specs", 405},
        {"BREW", "/api/v1/specs", 405},
        {"POST", "/health", 405},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        site_expect(&shared, &(struct call){.method = cases[i].method, .path = cases[i].path, .key = shared.dev}, cases[i].status);
}

static void test_allow(void)
{
    CLEANUP(reply_fini)
    struct reply reply = site_call(&shared, &(struct call){.method = "PATCH", .path = "/api/v1/specs/x", .key = shared.dev});

    ASSERT_TEXT(answer_header(&reply.answer, "Allow"), "GET, HEAD, DELETE");
    ASSERT_TEXT(reply_text(&reply, "code"), "ORC-1033");
}

static void test_query(void)
{
    static const struct {
        const char *query;
        int status;
    } cases[] = {
        {"limit=1", 200},
        {"limit=200", 200},
        {"limit=0", 400},
        {"limit=201", 400},
        {"limit=", 400},
        {"limit=1x", 400},
        {"limit=1&limit=2", 400},
        {"limit=-1", 400},
        {"sort=state", 200},
        {"sort=-created_at", 200},
        {"sort=plan", 400},
        {"sort=state%3Bdrop", 400},
        {"state=completed", 200},
        {"state=nonsense", 400},
        {"stat=completed", 400},
        {"cursor=rubbish", 400},
        {"cursor=WyJzdGF0ZSJd", 400},
        {"application=%27%3B--", 200},
        {"&&&", 200},
        {"application=a+b%26c", 200},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(free_ptr) char *path = mem_printf("/api/v1/deployments?%s", cases[i].query);

        site_expect(&shared, &(struct call){.path = path, .key = shared.dev}, cases[i].status);
    }
}

static void test_did_you_mean(void)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&shared, shared.dev, "/api/v1/deployments?enviroment=x");

    CU_ASSERT_EQUAL(reply.status, 400);
    ASSERT_CONTAINS(reply_text(&reply, "detail"), "did you mean \"environment\"?");
}

/* ---- headers and problems ---- */

static void test_headers(void)
{
    static const char trace[] = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    CLEANUP(reply_fini)
    struct reply echoed =
        site_call(&shared, &(struct call){.path = "/api/v1/deployments/d-none", .key = shared.dev, .headers = "X-Request-Id: my-id.1\r\n"});
    CLEANUP(reply_fini)
    struct reply traced = site_call(&shared, &(struct call){.path = "/api/v1/deployments/d-none", .key = shared.dev, .headers = trace});
    CLEANUP(reply_fini) struct reply odd = site_call(&shared, &(struct call){.path = "/health", .headers = "X-Request-Id: a<script>\r\n"});

    CU_ASSERT_EQUAL(echoed.status, 404);
    ASSERT_TEXT(answer_header(&echoed.answer, "X-Request-Id"), "my-id.1");
    ASSERT_TEXT(answer_header(&echoed.answer, "X-Content-Type-Options"), "nosniff");
    ASSERT_TEXT(answer_header(&echoed.answer, "Cache-Control"), "no-store");
    ASSERT_CONTAINS(answer_header(&echoed.answer, "Content-Security-Policy"), "default-src 'none'");
    ASSERT_TEXT(answer_header(&echoed.answer, "X-Frame-Options"), "DENY");
    ASSERT_TEXT(reply_text(&traced, "trace_id"), "0af7651916cd43dd8448eb211c80319c");
    CU_ASSERT(str_starts(answer_header(&odd.answer, "X-Request-Id"), "q-"));
}

static void test_problem(void)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&shared, shared.dev, "/api/v1/deployments/d-none");

    ASSERT_TEXT(answer_header(&reply.answer, "Content-Type"), "application/problem+json");
    ASSERT_TEXT(reply_text(&reply, "type"), "urn:innominatus:error:ORC-3004");
    ASSERT_TEXT(reply_text(&reply, "title"), "not found");
    ASSERT_TEXT(reply_text(&reply, "code"), "ORC-3004");
    CU_ASSERT_EQUAL(json_int(reply.json, "status", 0), 404);
    ASSERT_CONTAINS(reply_text(&reply, "detail"), "d-none");
    CU_ASSERT(reply_text(&reply, "remedy")[0] != '\0');
    ASSERT_CONTAINS(reply_text(&reply, "docs"), "orc-3004");
    CU_ASSERT_EQUAL(strlen(reply_text(&reply, "trace_id")), 32);
}

static void test_bodies(void)
{
    static const struct {
        const char *path, *type, *body;
        int status;
    } cases[] = {
        {"/api/v1/users", "text/plain", "x", 415},
        {"/api/v1/users", "application/xml", "<a/>", 415},
        {"/api/v1/users", "application/json", "{", 400},
        {"/api/v1/users", "application/json", "[]", 422},
        {"/api/v1/users", "application/json", "{\"name\": \"a\", \"name\": \"b\"}", 422},
        {"/api/v1/users", "application/json", "{\"name\": \"\xff\"}", 400},
        {"/api/v1/users", "application/json", "{\"name\": \"\\u0000\"}", 400},
        {"/api/v1/users", "application/json; charset=utf-8", "{\"nam\": \"a\"}", 422},
        {"/api/v1/users", "Application/JSON", "{\"name\": \"a\"}", 422},
        {"/api/v1/users", "application/json", "{\"name\": 1, \"role\": [], \"team\": {}}", 422},
        {"/api/v1/users", "application/json", "{\"name\": \"a b\", \"role\": \"user\", \"team\": \"x\"}", 422},
        {"/api/v1/specs", "text/html", "x", 415},
        {"/api/v1/specs", "application/json", "{}", 422},
        {"/api/v1/specs", "application/json", "{\"spec\": 1}", 422},
        {"/api/v1/specs", "application/json", "{\"spec\": \"a\", \"files\": []}", 422},
        {"/api/v1/specs", "application/json", "{\"spec\": \"a\", \"overrides\": \"x\"}", 422},
        {"/api/v1/specs", "application/yaml", "a: [", 400},
        {"/api/v1/login", "application/json", "{}", 422},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        site_expect(
            &shared,
            &(struct call){.method = "POST", .path = cases[i].path, .type = cases[i].type, .body = cases[i].body, .key = shared.admin},
            cases[i].status);
    site_expect(&shared, &(struct call){.method = "POST", .path = "/api/v1/users", .key = shared.admin}, 415);
}

static void test_too_large(void)
{
    CLEANUP(free_ptr) char *body = mem_zalloc((10 << 20) + 1);
    CLEANUP(reply_fini) struct reply reply = {0};

    memset(body, 'a', 10 << 20);
    reply = site_call(
        &shared, &(struct call){.method = "POST", .path = "/api/v1/specs", .type = "application/yaml", .body = body, .key = shared.dev});
    CU_ASSERT_EQUAL(reply.status, 413);
    ASSERT_TEXT(reply_text(&reply, "code"), "ORC-1032");
}

/* ---- OpenAPI ---- */

static void check_refs(const json_t *root, json_t *value)
{
    const char *key, *ref = json_is_object(value) ? json_str(value, "$ref") : NULL;
    json_t *member;
    size_t i;

    if (ref) {
        CU_ASSERT(str_starts(ref, "#/components/schemas/"));
        if (!json_object_get(json_at(root, "components.schemas"), ref + strlen("#/components/schemas/")))
            CU_FAIL(ref);
    }
    json_object_foreach(value, key, member) check_refs(root, member);
    json_array_foreach(value, i, member) check_refs(root, member);
}

static void test_openapi(void)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&shared, shared.viv, "/openapi.json");
    CLEANUP(json_put) json_t *seen = json_object();
    const char *path, *method;
    json_t *item, *operation;
    size_t documented = 0, routes = 0;

    CU_ASSERT_EQUAL(reply.status, 200);
    ASSERT_TEXT(reply_text(&reply, "openapi"), "3.1.0");
    ASSERT_TEXT(reply_text(&reply, "info.version"), "1.2.3");
    json_object_foreach(json_object_get(reply.json, "paths"), path, item) json_object_foreach(item, method, operation) documented++;
    for (const struct api_route *route = api_routes; route->method; route++, routes++) {
        CLEANUP(free_ptr) char *full = mem_printf("%s%s", route->flags & ROUTE_ROOT ? "" : "/api/v1", route->pattern);
        CLEANUP(free_ptr) char *lower = mem_printf("%s%s", str_ends(route->method, "LOCK") ? "x-" : "", route->method);
        const json_t *found;

        for (char *c = lower; *c; c++)
            *c = (char)(*c | 0x20);
        found = json_object_get(json_object_get(json_object_get(reply.json, "paths"), full), lower);
        ASSERT_TEXT(json_str(found, "operationId"), route->operation);
        CU_ASSERT_PTR_NULL(json_object_get(seen, route->operation));
        json_set_flag(seen, route->operation, true);
        CU_ASSERT(route->status >= 200 && route->status < 300 && route->tag && route->summary);
        CU_ASSERT(!(route->flags & ROUTE_LIST) == !route->sort);
    }
    CU_ASSERT_EQUAL(documented, routes);
    check_refs(reply.json, reply.json);
}

static void test_schemas(void)
{
    CLEANUP(json_put) json_t *names = api_schema_names();
    json_t *name;
    size_t i;

    CU_ASSERT(json_array_size(names) > 30);
    json_array_foreach(names, i, name)
    {
        CLEANUP(free_ptr) char *path = mem_printf("/schemas/%s.json", json_string_value(name));

        site_expect(&shared, &(struct call){.path = path, .key = shared.viv}, 200);
    }
    site_expect(&shared, &(struct call){.path = "/schemas/deployment", .key = shared.viv}, 200);
    site_expect(&shared, &(struct call){.path = "/schemas/score.json", .key = shared.viv}, 200);
    site_expect(&shared, &(struct call){.path = "/schemas/workflow-file.json", .key = shared.viv}, 200);
    site_expect(&shared, &(struct call){.path = "/schemas/admin-config.json", .key = shared.viv}, 200);
    site_expect(&shared, &(struct call){.path = "/schemas/nothing", .key = shared.viv}, 404);
    site_expect(&shared, &(struct call){.path = "/schemas/..%2fapi.c", .key = shared.viv}, 404);
}

/* ---- pages ---- */

static void test_pages(void)
{
    static const char *const wanted[] = {"admin", "dev", "eve", "ops", "viv"};
    CLEANUP(free_ptr) char *path = mem_strdup("/api/v1/users?limit=2");
    size_t seen = 0, pages = 0;

    while (path) {
        CLEANUP(reply_fini) struct reply reply = site_get(&shared, shared.admin, path);
        const char *cursor = json_str(reply.json, "next_cursor");
        json_t *items = json_object_get(reply.json, "items"), *item;
        size_t i;

        CU_ASSERT_EQUAL(reply.status, 200);
        json_array_foreach(items, i, item) if (seen < 5) ASSERT_TEXT(json_str(item, "name"), wanted[seen++]);
        CU_ASSERT_EQUAL(answer_header(&reply.answer, "Link")[0] != '\0', cursor != NULL);
        free(path);
        path = cursor && ++pages < 10 ? mem_printf("/api/v1/users?limit=2&cursor=%s", cursor) : NULL;
    }
    CU_ASSERT_EQUAL(seen, 5);
    CU_ASSERT_EQUAL(pages, 2);
}

/* ---- denials and keys ---- */

/* Denied acts leave rows; being denied again and again does not fill the disk with them. */
static void test_denials_are_audited(void)
{
    CLEANUP(reply_fini) struct reply audit = {0};
    struct site site;
    const json_t *items, *item;
    size_t i, devs = 0, eves = 0;

    site_start(&site, NULL, NULL);
    for (i = 0; i < 20; i++)
        site_expect(&site, &(struct call){.path = "/api/v1/audit", .key = site.dev}, 403);
    site_expect(&site, &(struct call){.path = "/api/v1/specs?team=shop", .key = site.eve}, 403);
    site_expect(&site, &(struct call){.path = "/api/v1/specs/hello", .key = site.eve}, 404);
    for (i = 0; i < 2; i++) /* written behind the rows above */
        site_expect(
            &site, &(struct call){.method = "POST", .path = "/api/v1/profile/api-keys", .key = site.dev, .body = "{\"name\": \"x\"}"}, 201);
    audit = site_get(&site, site.admin, "/api/v1/audit?result=denied");
    CU_ASSERT_EQUAL(audit.status, 200);
    items = json_object_get(audit.json, "items");
    json_array_foreach(items, i, item)
    {
        devs += str_eq(json_str(item, "actor"), "dev") && str_eq(json_str(item, "action"), "request.listAudit") &&
                str_eq(json_str(item, "object"), "/api/v1/audit");
        eves += str_eq(json_str(item, "actor"), "eve") && str_eq(json_str(item, "action"), "request.listApplications");
        CU_ASSERT(json_str(item, "source_ip") != NULL && json_str(item, "request_id") != NULL);
        ASSERT_TEXT(json_str(json_object_get(item, "detail"), "method"), "GET");
    }
    CU_ASSERT_EQUAL(devs, 1);
    CU_ASSERT_EQUAL(eves, 1);
    CU_ASSERT_EQUAL(json_array_size(items), 2);
    site_stop(&site);
}

static void test_keys(void)
{
    struct reply made = site_call(&shared, &(struct call){.method = "POST",
                                                          .path = "/api/v1/profile/api-keys",
                                                          .key = shared.eve,
                                                          .body = "{\"name\": \"ci\", \"expires_in\": \"1h\"}"});
    CLEANUP(free_ptr) char *key = mem_strdup(reply_text(&made, "key"));
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/profile/api-keys/%s", reply_text(&made, "id"));
    CLEANUP(reply_fini) struct reply list = {0};

    CU_ASSERT_EQUAL(made.status, 201);
    CU_ASSERT(reply_text(&made, "expires_at")[0] != '\0');
    reply_fini(&made);
    site_expect(&shared, &(struct call){.path = "/api/v1/profile", .key = key}, 200);
    list = site_get(&shared, shared.eve, "/api/v1/profile/api-keys");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(list.json, "items")), 2);
    CU_ASSERT_PTR_NULL(strstr(list.answer.body, key));
    site_expect(&shared, &(struct call){.method = "DELETE", .path = path, .key = shared.dev}, 404); /* not his */
    site_expect(&shared, &(struct call){.method = "DELETE", .path = path, .key = shared.eve}, 204);
    site_expect(&shared, &(struct call){.path = "/api/v1/profile", .key = key}, 401);
    site_expect(&shared, &(struct call){.method = "DELETE", .path = path, .key = shared.eve}, 404);
    site_expect(
        &shared,
        &(struct call){
            .method = "POST", .path = "/api/v1/profile/api-keys", .key = shared.eve, .body = "{\"name\": \"x\", \"expires_in\": \"soon\"}"},
        422);
}

/* ---- behind a proxy ---- */

static void expect_source(struct site *site, const char *request_id, const char *forwarded, const char *wanted)
{
    CLEANUP(free_ptr) char *headers = mem_printf("X-Request-Id: %s\r\n%s", request_id, forwarded);
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/audit?request_id=%s", request_id);
    CLEANUP(reply_fini) struct reply reply = {0};

    site_expect(
        site,
        &(struct call){
            .method = "POST", .path = "/api/v1/profile/api-keys", .key = site->admin, .headers = headers, .body = "{\"name\": \"x\"}"},
        201);
    reply = site_get(site, site->admin, path);
    ASSERT_TEXT(reply_text(&reply, "items.0.source_ip"), wanted);
}

static void test_proxies(void)
{
    struct site site;

    expect_source(&shared, "p1", "X-Forwarded-For: 203.0.113.9\r\n", "127.0.0.1"); /* nobody is trusted */
    site_start(&site, "provisioners:\n  - {name: local, plugin: local}\ntrustedProxies: [127.0.0.0/8, 10.0.0.1]\n", NULL);
    expect_source(&site, "p2", "X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9");
    expect_source(&site, "p3", "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.1\r\n", "203.0.113.9");
    expect_source(&site, "p4", "X-Forwarded-For: 10.0.0.1\r\n", "10.0.0.1");
    expect_source(&site, "p5", "X-Forwarded-For: <script>\r\n", "127.0.0.1");
    expect_source(&site, "p6", "X-Forwarded-For: ,,\r\n", "127.0.0.1");
    expect_source(&site, "p7", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 203.0.113.8\r\n", "127.0.0.1");
    expect_source(&site, "p8", "", "127.0.0.1");
    site_stop(&site);
}

/* ---- administration ---- */

static void test_admin(void)
{
    CLEANUP(reply_fini) struct reply config = site_get(&shared, shared.admin, "/api/v1/admin/config");
    CLEANUP(reply_fini) struct reply verified = site_get(&shared, shared.admin, "/api/v1/audit/verify");
    CLEANUP(reply_fini) struct reply audit = site_get(&shared, shared.ops, "/api/v1/audit?action=user.&limit=3");
    CLEANUP(reply_fini) struct reply teams = site_get(&shared, shared.admin, "/api/v1/teams");

    CU_ASSERT_EQUAL(config.status, 200);
    CU_ASSERT(json_is_object(json_object_get(config.json, "config")));
    CU_ASSERT(json_is_true(json_object_get(verified.json, "valid")));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(audit.json, "items")), 3);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(teams.json, "items")), 3);
    site_expect(&shared, &(struct call){.path = "/api/v1/audit?since=yesterday", .key = shared.ops}, 422);
    site_expect(&shared, &(struct call){.method = "DELETE", .path = "/api/v1/users/nobody", .key = shared.admin}, 404);
    site_expect(&shared, &(struct call){.method = "DELETE", .path = "/api/v1/users/admin", .key = shared.admin}, 409);
}

const struct test_case tests[] = {
    {"(the server starts)", test_start},
    {"every route that is not open answers 401 without a key", test_no_key},
    {"keys and cookies that are none are refused", test_bad_keys},
    {"health, readiness and metrics answer without a key on loopback", test_open_routes},
    {"every route refuses the roles that lack its permission", test_permissions},
    {"denied requests are audited, once a minute", test_denials_are_audited},
    {"every route bound to a team refuses another team to users", test_teams},
    {"paths are matched strictly, below /api/v1 and /api", test_routing},
    {"a wrong method is told the right ones", test_allow},
    {"query parameters are checked against the route", test_query},
    {"a mistyped parameter gets a suggestion", test_did_you_mean},
    {"every answer has its request id and the security headers", test_headers},
    {"a problem has all members of RFC 9457 and ours", test_problem},
    {"bodies of other types, broken or mistyped ones are refused with their own status", test_bodies},
    {"a body of 10 MB is refused with a problem", test_too_large},
    {"the route table and the OpenAPI document say the same", test_openapi},
    {"every schema is served", test_schemas},
    {"a list comes in pages that neither miss nor repeat", test_pages},
    {"a key works until it is revoked, by its owner only", test_keys},
    {"administration: configuration, audit, teams, users", test_admin},
    {"the client's address comes from a proxy only when that is trusted", test_proxies},
    {"(the server stops)", test_stop},
    {0},
};
