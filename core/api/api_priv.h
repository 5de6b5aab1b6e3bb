/* What the files of core/api share. */
#pragma once
#include "api/request.h"
#include "base/id.h"
#include "observe/feed.h"
#include <pthread.h>
#include <stdatomic.h>

#define API_WORKERS 2
#define API_WAITING 64

struct api_work {
    struct api_request *request;
    void (*run)(struct api_request *r);
};

#define API_DENIALS 64

/* Who was denied what: since when the row that tells of it stands, and how often after it. */
struct api_denial {
    char user_id[ID_BYTES];
    const char *operation;
    int64_t since_us, repeated;
};
struct api_denials {
    pthread_mutex_t lock;
    struct api_denial slots[API_DENIALS];
    int64_t minute_us, rows;
};

/* A text that never changes (openapi.c). */
struct api_document {
    pthread_mutex_t lock;
    char *text; /* NULL: nobody has asked yet */
    char etag[40];
};

struct api {
    struct api_context context;
    struct api_options options;
    struct http_server *server;
    bool on_loopback; /* nobody else can reach it */

    pthread_t workers[API_WORKERS];
    unsigned worker_count;
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t work_there;
    struct api_work waiting[API_WAITING];
    unsigned waiting_count;
    bool stopping;

    struct api_denials denials;
    struct api_document openapi;

    struct limiter *limiter;
    struct feed *feed; /* of the streams (stream.c) */
    _Atomic int streams;
};

/* ---- routes (routes.c): the one table, closed by a NULL method ---- */
extern const struct api_route api_routes[];

/* ---- router.c ---- */
enum route_found { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* Finds the route of a target; fills the request's params. out_allow: methods of the path, for Allow (arena). */
enum route_found api_route_find(struct api_request *r, const struct api_route **out, const char **out_allow);
/* Unknown, repeated or malformed query parameters. Errors: ERR_REQUEST with did-you-mean. */
int api_check_query(struct api_request *r, struct err *err);
extern const struct api_param api_team_params[], api_list_params[];

/* ---- api_auth.c ---- */
/* Who it is and whether they may; sets who, org, team. Returns -1 with the problem. */
int api_authenticate(struct api_request *r, struct err *err);
/* Does the request come from one of our own pages, as far as the browser tells? Errors: ERR_CSRF. HTTP threads only. */
int api_check_own_page(struct api_request *r, struct err *err);
/* The other side of the connection is a trusted proxy (api.c). */
bool api_is_proxied(struct api_request *r);
/* The key or session token that was sent, NULL if none. */
const char *api_token(struct api_request *r, bool *out_cookie);

/* ---- api_limits.c: each takes a token; headers say how many are left. Errors: ERR_RATE ---- */
int api_limit_user(struct api_request *r, struct err *err);
int api_limit_address(struct api_request *r, struct err *err);

/* ---- denials.c ---- */
/* Writes the audit row of a request that is answered with ERR_FORBIDDEN; does nothing for other errors. */
void api_record_denial(struct api_request *r, const struct err *err);

/* ---- api_work.c ---- */
int api_work_start(struct api *api, struct err *err);
void api_work_stop(struct api *api);

/* ---- statuses.c ---- */
/* What it means when the route answers with this status; NULL: it never does. */
const char *api_status_about(const struct api_route *route, int status);

/* ---- schemas.c ---- */
/* A JSON Schema by name ("deployment"), parsed; NULL if there is none. New reference. */
json_t *api_schema(const char *name);
json_t *api_schema_names(void);
/* Of a file: `score`, `workflow-file`, `admin-config`; NULL for another name. New reference. */
json_t *api_file_schema(const char *name);
