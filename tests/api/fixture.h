/* The whole server in process: the engine's rig (../engine/rig.h), users with keys, the API on a free port. */
#pragma once
#include "../engine/scenario.h"
#include "api/api.h"
#include "client.h"

/* A test that is skipped when this program's database is not to be had. */
#define SERVER_TEST(name)                                                                                                                  \
    static void name##_body(void);                                                                                                         \
    static void name(void)                                                                                                                 \
    {                                                                                                                                      \
        if (rig_missing())                                                                                                                 \
            test_skip(rig_missing());                                                                                                      \
        else                                                                                                                               \
            name##_body();                                                                                                                 \
    }                                                                                                                                      \
    static void name##_body(void)

/* An application that is not through before somebody cancels it. */
#define SLOW APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 300s}}\n")

struct site {
    struct rig rig;
    struct auth *auth;
    struct api *api;
    int port;
    /* admin: admin, team platform. ops: operator, platform. dev: user, shop. eve: user, other. viv: viewer, shop. */
    char admin[AUTH_KEY_BYTES], ops[AUTH_KEY_BYTES], dev[AUTH_KEY_BYTES], eve[AUTH_KEY_BYTES], viv[AUTH_KEY_BYTES];
};

/* config: text of admin-config.yaml, NULL: the local provisioner. options: NULL: defaults. */
void site_start(struct site *site, const char *config, const struct api_options *options);
/* The same with a file below the configuration's directory. */
void site_start_with(struct site *site, const char *config, const char *path, const char *text);
void site_stop(struct site *site);

struct reply {
    struct answer answer;
    int status;
    json_t *json; /* NULL when the body is none */
};
struct call {
    const char *key; /* NULL: none */
    const char *method, *path;
    const char *headers; /* "A: b\r\n", NULL: none */
    const char *body;    /* NULL: none */
    const char *type;    /* Content-Type; NULL: application/json when there is a body */
};
struct reply site_call(struct site *site, const struct call *call);
struct reply site_get(struct site *site, const char *key, const char *path);
void reply_fini(struct reply *reply);

/* Status of a call, with the reply thrown away; shows the reply when it is another than `wanted`. */
void site_expect(struct site *site, const struct call *call, int wanted);
/* The deployment's id (to be freed); ends the test when the status is another than `wanted`. query: "?a=b" or "". */
char *site_submit(struct site *site, const char *key, const char *score, const char *query, int wanted);
/* Makes the user paul of team shop, whose password is "correct horse battery". */
void site_add_paul(struct site *site);
/* Member text at a dotted path, "" if absent. */
const char *reply_text(const struct reply *reply, const char *path);
/* Waits until the deployment has ended; asserts its state. */
void site_wait(struct site *site, const char *id, const char *state);
