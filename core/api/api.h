/* The REST API: routes, people, problems, handlers (interfaces.md, REST). It holds no SQL; what it shows comes from the read models of
 * core/workflow and core/resource, what it changes goes through core/workflow/deploy.h, core/auth and the engine. */
#pragma once
#include "api/http_server.h"
#include "codec/json.h"

struct audit_row;
struct diag_list;
struct store;
struct engine;
struct auth;
struct hub;
struct plugin_manager;
struct net;
struct secret_box;

/* Everything the handlers work with; filled by app.c, borrowed for the life of the api. Configuration, workflows and policies come from
 * engine_platform(), so that a reload is seen by the next request. */
struct api_context {
    struct store *store;
    struct engine *engine;
    struct auth *auth;
    struct hub *hub;
    struct plugin_manager *plugins;
    struct net *net;
    const struct secret_box *secrets;
    const char *org; /* NULL: "default" */
    const char *version;
    int64_t started_mono_us; /* when the server started (clock_mono_us) */
    /* Reads the configuration again (app_reload.c); NULL: not possible. `by`: who, for the audit. On a thread of the api. */
    int (*reload)(void *ctx, const struct audit_row *by, struct diag_list *diags, json_t **out_report, struct err *err);
    void *reload_ctx;
};

struct api_options {
    const char *address;                        /* literal; NULL: 127.0.0.1 */
    int port;                                   /* 0: any */
    unsigned threads, connections, per_address; /* 0: defaults of http_server.h */
    size_t body_bytes;
    int64_t headers_ms, body_ms, idle_ms, stream_ms;
    int64_t beat_ms;     /* between two heartbeats of a stream of events; 0: 15 s */
    bool secure_cookies; /* behind TLS: session cookies are marked Secure */
};

struct api;

/* Starts to listen. out_port: the port in use. Errors: ERR_IO, ERR_BAD_VALUE, ERR_INTERNAL. */
int api_start(const struct api_context *context, const struct api_options *options, struct api **out, int *out_port, struct err *err);
/* Refuses new requests and wakes those that wait for events. First step of a shutdown, before the engine drains. */
void api_drain(struct api *api);
/* Waits for the requests in work, then closes everything; the store and the engine must still run. NULL is fine. */
void api_stop(struct api *api);

/* The OpenAPI 3.1 document of the route table. New reference. */
json_t *api_openapi(const char *version);
