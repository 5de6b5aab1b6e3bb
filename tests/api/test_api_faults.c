/* A storage that fails at any statement of any request: the request is refused with 503, an ORC-5xxx and Retry-After, nothing is half
 * written (so that the same request succeeds afterwards), and nobody else notices. On each database. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "test.h"
#include <string.h>

#define MOST 80 /* statements of a request */
#define CALM 3  /* this many numbers in a row that nobody has felt: the request has fewer statements */

static struct site site;

/* One request; '@' in path and body is a number that is new each time, '#' in the path is the id that the request before it gave. */
struct act {
    const char *method, *path, *body, *type;
    int good;
    const char *state; /* the deployment that it makes ends in this state */
};

#define APP   "apiVersion: score.dev/v1b1\nmetadata: {name: app@}\ncontainers: {web: {image: 'nginx:1.27'}}\n"
#define WAITS APP "workflows:\n  w:\n    steps:\n      - {name: wait, type: delay, config: {duration: 10h}}\n"
#define YAML  "application/yaml"
#define JSON  "application/json"
#define ADD_USER                                                                                                                           \
    {                                                                                                                                      \
        "POST", "/api/v1/users", "{\"name\":\"u@\",\"role\":\"viewer\",\"team\":\"shop\",\"password\":\"correct horse battery\"}", JSON,   \
            201, NULL                                                                                                                      \
    }
#define ADD_KEY                                                                                                                            \
    {                                                                                                                                      \
        "POST", "/api/v1/profile/api-keys", "{\"name\":\"k@\"}", JSON, 201, NULL                                                           \
    }
#define DEPLOY(yaml, state)                                                                                                                \
    {                                                                                                                                      \
        "POST", "/api/v1/specs", yaml "resources: {data: {type: volume}}\n", YAML, 202, state                                              \
    }

static char *filled(const char *text, int number, const char *id)
{
    struct buf out = BUF_INIT(1 << 16);

    for (; text && *text; text++)
        if (*text == '@')
            buf_printf(&out, "%d", number);
        else if (*text == '#')
            buf_add_text(&out, id);
        else
            buf_add_char(&out, *text);
    return buf_take(&out);
}

static struct reply perform(const struct act *act, int number, const char *id)
{
    CLEANUP(free_ptr) char *path = filled(act->path, number, id);
    CLEANUP(free_ptr) char *body = filled(act->body, number, id);

    return site_call(
        &site, &(struct call){.method = act->method, .path = path, .key = site.admin, .body = act->body ? body : NULL, .type = act->type});
}

/* Performs what must succeed; its id for the next one. */
static void succeed(const struct act *act, int number, char id[static 128])
{
    CLEANUP(reply_fini) struct reply reply = perform(act, number, id);

    if (reply.status != act->good)
        fprintf(stderr, "%s %s: %d, wanted %d: %.600s\n", act->method, act->path, reply.status, act->good, reply.answer.text);
    CU_ASSERT_EQUAL(reply.status, act->good);
    if (reply_text(&reply, "id")[0])
        snprintf(id, 128, "%s", reply_text(&reply, "id"));
    if (act->state)
        site_wait(&site, id, act->state);
}

static void check_refusal(const struct act *act, const struct reply *reply, int n)
{
    if (reply->status != 503 || !str_starts(reply_text(reply, "code"), "ORC-50"))
        fprintf(stderr, "statement %d of %s %s fails: %d %.600s\n", n, act->method, act->path, reply->status, reply->answer.text);
    CU_ASSERT_EQUAL(reply->status, 503);
    CU_ASSERT(str_starts(reply_text(reply, "code"), "ORC-50"));
    CU_ASSERT(answer_header(&reply->answer, "Retry-After")[0] != '\0');
    CU_ASSERT_PTR_NULL(strstr(reply->answer.text, "a failure that a test asked for")); /* what went wrong inside is for the log */
}

/* Lets every statement of `act` fail in turn. `before` makes what it works on, when it needs something. */
static void fail_everywhere(const struct act *before, const struct act *act, enum err_code code)
{
    static int number;
    int refused = 0, calm = 0, stride = str_starts(site.rig.database, "sqlite:") ? 1 : 2; /* the statements are the same on both */

    for (int n = 1; n <= MOST && calm < CALM; n += stride) {
        char id[128] = "";
        struct reply reply;

        number++;
        if (before)
            succeed(before, number, id);
        while (before && before->body && rig_stored_lately(&site.rig, 50)) /* nobody else gets the failure */
            ;
        store_fail_nth(site.rig.store, n, code);
        reply = perform(act, number, id);
        store_fail_nth(site.rig.store, 0, ERR_NONE);
        calm = reply.status == act->good ? calm + 1 : 0;
        if (reply.status != act->good) {
            refused++;
            check_refusal(act, &reply, n);
            succeed(act, number, id);
        } else if (act->state) {
            site_wait(&site, reply_text(&reply, "id")[0] ? reply_text(&reply, "id") : id, act->state);
        }
        reply_fini(&reply);
    }
    if (refused == 0)
        fprintf(stderr, "%s %s: no statement failed\n", act->method, act->path);
    CU_ASSERT(refused > 0);
    CU_ASSERT_EQUAL(calm, CALM);
}

#define FAULT_TEST(name)                                                                                                                   \
    static void name##_body(void);                                                                                                         \
    static void name(void)                                                                                                                 \
    {                                                                                                                                      \
        if (rig_missing()) {                                                                                                               \
            test_skip(rig_missing());                                                                                                      \
            return;                                                                                                                        \
        }                                                                                                                                  \
        site_start(&site, NULL, NULL);                                                                                                     \
        name##_body();                                                                                                                     \
        site_expect(&site, &(struct call){.path = "/ready"}, 200);                                                                         \
        ASSERT_TEXT(rig_text(&site.rig, "SELECT CAST(count(*) AS TEXT) FROM tasks"), "0");                                                 \
        site_stop(&site);                                                                                                                  \
    }                                                                                                                                      \
    static void name##_body(void)

FAULT_TEST(test_accept)
{
    fail_everywhere(NULL, &(struct act)DEPLOY(APP, "completed"), ERR_STORE);
    fail_everywhere(NULL, &(struct act){"POST", "/api/v1/specs/plan", APP, YAML, 200, NULL}, ERR_STORE);
}
FAULT_TEST(test_accept_full) { fail_everywhere(NULL, &(struct act)DEPLOY(APP, "completed"), ERR_STORE_FULL); }
FAULT_TEST(test_delete)
{
    fail_everywhere(&(struct act)DEPLOY(APP, "completed"), &(struct act){"DELETE", "/api/v1/specs/app@", NULL, NULL, 202, "completed"},
                    ERR_STORE);
}
FAULT_TEST(test_cancel)
{
    fail_everywhere(&(struct act)DEPLOY(WAITS, NULL), &(struct act){"POST", "/api/v1/deployments/#/cancel", NULL, NULL, 202, "canceled"},
                    ERR_STORE);
}
FAULT_TEST(test_users)
{
    fail_everywhere(NULL, &(struct act)ADD_USER, ERR_STORE);
    fail_everywhere(&(struct act)ADD_USER, &(struct act){"POST", "/api/v1/users/u@/api-keys", "{\"name\":\"k\"}", JSON, 201, NULL},
                    ERR_STORE);
    fail_everywhere(&(struct act)ADD_USER, &(struct act){"DELETE", "/api/v1/users/u@", NULL, NULL, 204, NULL}, ERR_STORE);
}
FAULT_TEST(test_keys)
{
    fail_everywhere(NULL, &(struct act)ADD_KEY, ERR_STORE_FULL);
    fail_everywhere(&(struct act)ADD_KEY, &(struct act){"DELETE", "/api/v1/profile/api-keys/#", NULL, NULL, 204, NULL}, ERR_STORE);
}
FAULT_TEST(test_login)
{
    fail_everywhere(&(struct act)ADD_USER,
                    &(struct act){"POST", "/api/v1/login", "{\"name\":\"u@\",\"password\":\"correct horse battery\"}", JSON, 200, NULL},
                    ERR_STORE);
}

FAULT_TEST(test_reads)
{
    static const char *const paths[] = {"/specs",
                                        "/specs/app0",
                                        "/environments",
                                        "/graph/app0",
                                        "/deployments",
                                        "/deployments/#",
                                        "/deployments/#/events",
                                        "/deployments/#/logs",
                                        "/deployments/#/manifests",
                                        "/events",
                                        "/workflows",
                                        "/resources",
                                        "/queue/stats",
                                        "/queue/tasks",
                                        "/users",
                                        "/teams",
                                        "/audit",
                                        "/audit/verify",
                                        "/profile/api-keys",
                                        "/policies/violations"};
    char id[128] = "";

    succeed(&(struct act)DEPLOY(APP, "completed"), 0, id);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CLEANUP(free_ptr) char *filled_path = filled(paths[i], 0, id);
        CLEANUP(free_ptr) char *path = mem_printf("/api/v1%s", filled_path);

        fail_everywhere(NULL, &(struct act){"GET", path, NULL, NULL, 200, NULL}, ERR_STORE);
    }
}

const struct test_case tests[] = {
    {"a deployment is accepted whole or not at all", test_accept},
    {"a full disk refuses a deployment and takes it when there is space", test_accept_full},
    {"an application is deleted whole or not at all", test_delete},
    {"a deployment is canceled or it is not", test_cancel},
    {"users are added, given keys and removed, or not", test_users},
    {"keys are made and revoked, or not", test_keys},
    {"a login that cannot be stored is none", test_login},
    {"whatever is read, a failure is a 503 and the next one reads it", test_reads},
    {0},
};
