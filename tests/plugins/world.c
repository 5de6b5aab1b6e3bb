/* See world.h. */
#include "world.h"
#include <signal.h>
#include <stdio.h>

const struct world_system openbao = {"vault",
                                     "INNOMINATUS_TEST_VAULT_ADDR",
                                     "INNOMINATUS_TEST_VAULT_TOKEN",
                                     "INNOMINATUS_TEST_VAULT_MISSING",
                                     "X-Vault-Token",
                                     "",
                                     "INNOMINATUS_TEST_VAULT_ADDR and _TOKEN name no Vault"};
const struct world_system gitea_server = {"gitea",
                                          "INNOMINATUS_TEST_GITEA_URL",
                                          "INNOMINATUS_TEST_GITEA_TOKEN",
                                          "INNOMINATUS_TEST_GITEA_MISSING",
                                          "Authorization",
                                          "token ",
                                          "INNOMINATUS_TEST_GITEA_URL and _TOKEN name no Gitea"};
const struct world_system argocd_server = {"argocd",
                                           "INNOMINATUS_TEST_ARGOCD_URL",
                                           "INNOMINATUS_TEST_ARGOCD_TOKEN",
                                           "INNOMINATUS_TEST_ARGOCD_MISSING",
                                           "Authorization",
                                           "Bearer ",
                                           "INNOMINATUS_TEST_ARGOCD_URL and _TOKEN name no Argo CD"};

const struct world_system argocd_objects = {"argocd",        "INNO_KUBE_URL", "INNO_KUBE_TOKEN", "INNOMINATUS_TEST_ARGOCD_MISSING",
                                            "Authorization", "Bearer ",       "no API server"};

static void config_text(const struct world *w, char *out, size_t cap, const char *more)
{
    snprintf(out, cap, "{\"url\":\"%s\",%s}", getenv(w->system->url), more);
}

inno_rc world_reopen(struct world *w, const char *more)
{
    char config[4000];

    fake_close(&w->p);
    config_text(w, config, sizeof config, more);
    return fake_open(&w->p, w->system->plugin, test_dir(), config);
}

bool world_begin(struct world *w, const struct world_system *system, const char *more)
{
    const char *address = getenv(system->url), *token = getenv(system->token), *missing = getenv(system->missing);
    struct rest_settings settings = {.backend = "test", .url = address};
    char config[3000];

    *w = (struct world){.system = system, .state = "{}"};
    if (!address || !token) {
        test_skip(missing ? missing : system->none);
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    fake_begin(&w->own);
    CU_ASSERT_EQUAL_FATAL(rest_new(&fake_host, &w->own.call, &settings, &w->rest), INNO_OK);
    snprintf(config, sizeof config, "\"credentials\":\"%s\"%s%s", token, more ? "," : "", more ? more : "");
    CU_ASSERT_EQUAL_FATAL(world_reopen(w, config), INNO_OK);
    return true;
}

void world_end(struct world *w)
{
    fake_close(&w->p);
    rest_free(w->rest);
    fake_close(&w->own);
}

json_t *world_exchange(struct rest *rest, struct fake_plugin *own, struct rest_request request, int *out_status)
{
    static const int also[] = {400, 401, 403, 404, 405, 409, 422, 500, 503, 0};
    struct rest_answer answer = {0};
    json_t *json;

    request.also = also;
    request.body_len = request.body ? strlen(request.body) : 0;
    fake_begin(own);
    if (rest_call(rest, &fake_host, &own->call, &request, &answer) != INNO_OK) {
        fprintf(stderr, "%s\n", own->call.failure);
        CU_FAIL_FATAL("the test's own request");
    }
    *out_status = answer.status;
    json = json_incref(answer.json);
    rest_answer_fini(&answer);
    return json;
}

void world_keep(const struct fake_plugin *p, char *state, size_t cap)
{
    char *text = p->call.state ? json_dumps(p->call.state, JSON_COMPACT) : NULL;

    if (text)
        snprintf(state, cap, "%s", text);
    free(text);
}

json_t *world_ask_as(struct world *w, const char *token, const char *method, const char *path, const char *body)
{
    char value[500];
    struct rest_header headers[] = {{w->system->header, value}, {0}};

    snprintf(value, sizeof value, "%s%s", w->system->before, token);
    return world_exchange(w->rest, &w->own, (struct rest_request){.method = method, .path = path, .headers = headers, .body = body},
                          &w->status);
}

json_t *world_ask(struct world *w, const char *method, const char *path, const char *body)
{
    return world_ask_as(w, getenv(w->system->token), method, path, body);
}

int world_do(struct world *w, const char *method, const char *path, const char *body)
{
    json_decref(world_ask(w, method, path, body));
    return w->status;
}

inno_rc world_run(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    char uid[200];
    struct fake_resource about = {.type = type, .name = name, .params = params, .uid = uid, .state = w->state};
    inno_rc rc;

    snprintf(uid, sizeof uid, "%s.default#shop.%s", type, name);
    rc = fake_run(&w->p, slot, &about);
    world_keep(&w->p, w->state, sizeof w->state);
    return rc;
}

void world_well(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    inno_rc rc = world_run(w, slot, type, name, params);

    if (rc != INNO_OK)
        fprintf(stderr, "%s %s: %s\n", type, name, w->p.call.failure);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

void world_status(struct world *w, const char *type, const char *name, const char *params, const char *state, const char *text)
{
    world_well(w, FAKE_STATUS, type, name, params);
    ASSERT_TEXT(w->p.call.status, state);
    ASSERT_CONTAINS(w->p.call.status_text, text);
}

void world_forget(struct world *w) { snprintf(w->state, sizeof w->state, "{}"); }
