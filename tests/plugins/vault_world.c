/* See vault_world.h. */
#include "vault_world.h"
#include <signal.h>
#include <stdio.h>

static void config_text(char *out, size_t cap, const char *more)
{
    snprintf(out, cap, "{\"url\":\"%s\",%s}", getenv("INNOMINATUS_TEST_VAULT_ADDR"), more);
}

inno_rc vault_reopen(struct vault_world *w, const char *more)
{
    char config[4000];

    fake_close(&w->p);
    config_text(config, sizeof config, more);
    return fake_open(&w->p, "vault", test_dir(), config);
}

bool vault_begin(struct vault_world *w, const char *more)
{
    const char *address = getenv("INNOMINATUS_TEST_VAULT_ADDR"), *token = getenv("INNOMINATUS_TEST_VAULT_TOKEN"),
               *missing = getenv("INNOMINATUS_TEST_VAULT_MISSING");
    struct rest_settings settings = {.backend = "test", .url = address};
    char config[3000];

    *w = (struct vault_world){.state = "{}"};
    if (!address || !token) {
        test_skip(missing ? missing : "INNOMINATUS_TEST_VAULT_ADDR and _TOKEN name no Vault");
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    fake_begin(&w->own);
    CU_ASSERT_EQUAL_FATAL(rest_new(&fake_host, &w->own.call, &settings, &w->rest), INNO_OK);
    snprintf(config, sizeof config, "\"credentials\":\"%s\"%s%s", token, more ? "," : "", more ? more : "");
    CU_ASSERT_EQUAL_FATAL(vault_reopen(w, config), INNO_OK);
    return true;
}

void vault_end(struct vault_world *w)
{
    fake_close(&w->p);
    rest_free(w->rest);
    fake_close(&w->own);
}

json_t *vault_ask_as(struct vault_world *w, const char *token, const char *method, const char *path, const char *body)
{
    static const int also[] = {400, 403, 404, 405, 503, 0};
    struct rest_header headers[] = {{"X-Vault-Token", token}, {0}};
    struct rest_answer answer = {0};
    struct rest_request request = {
        .method = method, .path = path, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0, .also = also};
    json_t *json;

    fake_begin(&w->own);
    if (rest_call(w->rest, &fake_host, &w->own.call, &request, &answer) != INNO_OK) {
        fprintf(stderr, "%s\n", w->own.call.failure);
        CU_FAIL_FATAL("the test's own request");
    }
    w->status = answer.status;
    json = json_incref(answer.json);
    rest_answer_fini(&answer);
    return json;
}

json_t *vault_ask(struct vault_world *w, const char *method, const char *path, const char *body)
{
    return vault_ask_as(w, getenv("INNOMINATUS_TEST_VAULT_TOKEN"), method, path, body);
}

int vault_do(struct vault_world *w, const char *method, const char *path, const char *body)
{
    json_decref(vault_ask(w, method, path, body));
    return w->status;
}

inno_rc vault_run(struct vault_world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    char uid[200];
    struct fake_resource about = {.type = type, .name = name, .params = params, .uid = uid, .state = w->state};
    inno_rc rc;

    snprintf(uid, sizeof uid, "%s.default#shop.%s", type, name);
    rc = fake_run(&w->p, slot, &about);
    if (w->p.call.state) {
        char *text = json_dumps(w->p.call.state, JSON_COMPACT);

        snprintf(w->state, sizeof w->state, "%s", text);
        free(text);
    }
    return rc;
}

void vault_well(struct vault_world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    inno_rc rc = vault_run(w, slot, type, name, params);

    if (rc != INNO_OK)
        fprintf(stderr, "%s %s: %s\n", type, name, w->p.call.failure);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

void vault_status(struct vault_world *w, const char *type, const char *name, const char *params, const char *state, const char *text)
{
    vault_well(w, FAKE_STATUS, type, name, params);
    ASSERT_TEXT(w->p.call.status, state);
    ASSERT_CONTAINS(w->p.call.status_text, text);
}

void vault_forget(struct vault_world *w) { snprintf(w->state, sizeof w->state, "{}"); }
