/* Owns the server of the API tests. */
#include "fixture.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "test.h"
#include <string.h>

static void must(int rc, const struct err *err)
{
    if (rc < 0) {
        fprintf(stderr, "fixture: ORC-%d %s\n", err_orc(err->code), err->msg);
        CU_FAIL_FATAL("fixture");
    }
}

static void add_user(struct site *site, const char *name, const char *role, const char *team, char out_key[static AUTH_KEY_BYTES])
{
    struct auth_origin origin = {0};
    struct auth_user_add user;
    struct auth_key_add key;
    struct err err = {0};

    must(auth_user_add_init(&user, site->auth, &origin, name, role, team, NULL, 0, &err), &err);
    must(auth_run(&user.act, &err), &err);
    must(auth_key_add_init(&key, site->auth, &origin, name, "test", 0, &err), &err);
    must(auth_run(&key.act, &err), &err);
    memcpy(out_key, key.key, AUTH_KEY_BYTES);
}

static void start(struct site *site, const struct api_options *options);

void site_start(struct site *site, const char *config, const struct api_options *options)
{
    memset(site, 0, sizeof *site);
    rig_init(&site->rig, config);
    start(site, options);
}

void site_start_with(struct site *site, const char *config, const char *path, const char *text)
{
    memset(site, 0, sizeof *site);
    rig_init(&site->rig, config);
    rig_write(&site->rig, path, text);
    start(site, NULL);
}

static void start(struct site *site, const struct api_options *options)
{
    struct api_options defaults = {0};
    struct api_context context;
    struct err err = {0};
    bool created;

    rig_start(&site->rig);
    site->auth = auth_new(site->rig.store);
    must(auth_bootstrap(site->auth, site->rig.dir, site->admin, &created, &err), &err);
    add_user(site, "ops", "operator", "platform", site->ops);
    add_user(site, "dev", "user", "shop", site->dev);
    add_user(site, "eve", "user", "other", site->eve);
    add_user(site, "viv", "viewer", "shop", site->viv);
    context = (struct api_context){.store = site->rig.store,
                                   .engine = site->rig.engine,
                                   .auth = site->auth,
                                   .hub = site->rig.hub,
                                   .plugins = site->rig.plugins,
                                   .net = site->rig.net,
                                   .secrets = site->rig.secrets,
                                   .version = "1.2.3",
                                   .started_mono_us = clock_mono_us()};
    must(api_start(&context, options ? options : &defaults, &site->api, &site->port, &err), &err);
}

void site_stop(struct site *site)
{
    api_drain(site->api);
    api_stop(site->api);
    rig_fini(&site->rig);
    auth_free(site->auth);
}

/* ---- calls ---- */

struct reply site_call(struct site *site, const struct call *call)
{
    CLEANUP(free_ptr) char *authorization = call->key ? mem_printf("Authorization: Bearer %s\r\n", call->key) : mem_strdup("");
    CLEANUP(free_ptr)
    char *body = call->body ? mem_printf("Content-Type: %s\r\nContent-Length: %zu\r\n", call->type ? call->type : "application/json",
                                         strlen(call->body))
                            : mem_strdup("");
    CLEANUP(free_ptr)
    char *request = mem_printf("%s %s HTTP/1.1\r\nHost: x\r\n%s%s%s\r\n%s", call->method ? call->method : "GET", call->path, authorization,
                               call->headers ? call->headers : "", body, call->body ? call->body : "");
    struct reply reply = {.answer = client_exchange(site->port, request)};

    reply.status = reply.answer.status;
    reply.json = reply.answer.body[0] ? json_loads(reply.answer.body, JSON_DECODE_ANY, NULL) : NULL;
    return reply;
}

struct reply site_get(struct site *site, const char *key, const char *path)
{
    return site_call(site, &(struct call){.key = key, .path = path});
}

void reply_fini(struct reply *reply)
{
    answer_fini(&reply->answer);
    json_put(&reply->json);
}

void site_expect(struct site *site, const struct call *call, int wanted)
{
    CLEANUP(reply_fini) struct reply reply = site_call(site, call);

    if (reply.status != wanted)
        fprintf(stderr, "%s %s: %d, wanted %d: %.600s\n", call->method ? call->method : "GET", call->path, reply.status, wanted,
                reply.answer.text ? reply.answer.text : "");
    CU_ASSERT_EQUAL(reply.status, wanted);
}

char *site_submit(struct site *site, const char *key, const char *score, const char *query, int wanted)
{
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/specs%s", query);
    CLEANUP(reply_fini)
    struct reply reply =
        site_call(site, &(struct call){.method = "POST", .path = path, .key = key, .type = "application/yaml", .body = score});

    if (reply.status != wanted)
        fprintf(stderr, "submit: %d, wanted %d: %.800s\n", reply.status, wanted, reply.answer.text ? reply.answer.text : "");
    CU_ASSERT_EQUAL_FATAL(reply.status, wanted);
    return mem_strdup(reply_text(&reply, "id"));
}

void site_add_paul(struct site *site)
{
    site_expect(
        site,
        &(struct call){.method = "POST",
                       .path = "/api/v1/users",
                       .key = site->admin,
                       .body = "{\"name\": \"paul\", \"role\": \"user\", \"team\": \"shop\", \"password\": \"correct horse battery\"}"},
        201);
}

const char *reply_text(const struct reply *reply, const char *path)
{
    const char *text = json_string_value(json_at(reply->json, path));

    return text ? text : "";
}

void site_wait(struct site *site, const char *id, const char *state) { ASSERT_TEXT(rig_wait(&site->rig, id), state); }
