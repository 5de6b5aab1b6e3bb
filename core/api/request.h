/* A request of the REST API on its way from the router through a handler to its reply. One thread at a time: an HTTP thread, or whoever
 * resumes it. */
#pragma once
#include "api/api.h"
#include "api/uri.h"
#include "auth/auth.h"
#include "codec/diag.h"
#include "policy/policy.h"
#include "store/store.h"
#include "workflow/platform.h"

#define API_PARAMS 4

struct api_request;
typedef void (*api_handler)(struct api_request *r);

enum api_param_kind {
    PARAM_TEXT,
    PARAM_FLAG, /* true, false, 1, 0, or no value at all: true */
    PARAM_INT,
    PARAM_NAMES, /* repeated or comma-separated */
    PARAM_TIME,  /* RFC 3339 */
};

struct api_param {
    const char *name; /* NULL closes a list */
    enum api_param_kind kind;
    const char *about;
    const char *values; /* PARAM_TEXT: "a|b|c" or NULL */
    const char *member; /* of an item that comes from memory, when it is called otherwise */
};

enum {
    ROUTE_OPEN = 1,         /* no key needed */
    ROUTE_ROOT = 2,         /* outside /api */
    ROUTE_TEAM = 4,         /* works with one team's objects by their names: one's own, or ?team= */
    ROUTE_TEAMS = 256,      /* a list, or an object by its id: every team's for those who may, narrowed by ?team= */
    ROUTE_LIST = 8,         /* takes limit, cursor, sort */
    ROUTE_CREATES = 16,     /* takes Idempotency-Key */
    ROUTE_JSON = 32,        /* has a JSON body */
    ROUTE_OPTIONAL = 64,    /* the body may be left out */
    ROUTE_LOOPBACK = 512,   /* open while the server listens on loopback only (`metrics: {auth}` decides otherwise) */
    ROUTE_STREAM = 1024,    /* answers as text/event-stream to those who accept that */
    ROUTE_MATCH = 2048,     /* takes If-Match */
    ROUTE_TERRAFORM = 4096, /* of the state backend: takes the key as a password (Basic) too, has large bodies, may be locked */
    ROUTE_ACT = 8192,       /* may answer 200 with the answer of a plugin, or a plugin's failure */
    ROUTE_SPEC = 128,       /* has a Score file as its body (YAML or JSON) */
};

struct api_route {
    const char *method, *pattern; /* "/specs/{name}" */
    api_handler handler;
    enum permission permission;
    unsigned flags;
    const struct api_param *params; /* of the query; NULL: none */
    const char *sort;               /* ROUTE_LIST: fields it may be sorted by, "created_at|name"; the first is the default */
    int status;                     /* of success */
    const char *operation, *summary, *tag;
    const char *request, *response; /* names of schemas, NULL: none; "[x]" is a page of x */
    const char *media;              /* what else it answers with: "image/svg+xml|text/html", NULL: JSON alone */
};

struct api_request {
    struct http_request http; /* first */
    struct api *api;
    const struct api_context *context;
    struct arena *arena; /* &http.arena */
    const struct api_route *route;
    struct uri uri;
    const char *param_names[API_PARAMS], *param_values[API_PARAMS]; /* a name ends with the '}' of its pattern */
    char id[65];                                                    /* X-Request-Id */
    char trace_id[33];                                              /* traceparent's, or made here */
    const char *source_ip;                                          /* of the client, told by a trusted proxy or by the connection */
    struct principal *who;                                          /* NULL on open routes */
    bool secure_cookie;                                             /* the answer's cookie is marked Secure */
    bool by_cookie;                                                 /* the session came in a cookie */
    const char *org;
    const char *team;                       /* what every query is bound to; NULL: any team (roles that may) */
    json_t *body;                           /* after api_body_json; owned */
    const char *user_name;                  /* for the log */
    struct api_idempotency *idempotency;    /* NULL: no key was sent */
    const char *if_match;                   /* of a ROUTE_MATCH route; NULL: none was sent */
    const char *etag;                       /* of the answer; NULL: its bytes' */
    const char *location;                   /* of the deployment that was accepted */
    void *state;                            /* of the handler, in the arena */
    void (*release)(struct api_request *r); /* frees what `state` owns; called once at the end; may be NULL */
};

/* ---- reading ---- */
const char *api_param(const struct api_request *r, const char *name); /* {name} of the pattern */
const char *api_query(const struct api_request *r, const char *name); /* NULL if absent */
bool api_query_flag(const struct api_request *r, const char *name);   /* false if absent; checked before the handler ran */
int64_t api_query_int(const struct api_request *r, const char *name, int64_t fallback);
int64_t api_query_time(const struct api_request *r, const char *name); /* us, 0 if absent; checked before the handler ran */
/* Array of the names in every value of the parameter, NULL if absent. New reference. */
json_t *api_query_names(const struct api_request *r, const char *name);
/* The body as a JSON object in r->body. Errors: ERR_MEDIA_TYPE, ERR_SYNTAX... An absent body of a ROUTE_OPTIONAL route is {}. */
int api_body_json(struct api_request *r, struct err *err);
/* Refuses members of r->body that are not in `allowed` (closed by NULL), with did-you-mean. Errors: ERR_UNKNOWN_FIELD. */
int api_body_members(struct api_request *r, const char *const *allowed, struct err *err);
/* "application/json", lower case, without parameters; "" when none was sent. */
const char *api_media_type(struct api_request *r);

/* ---- answering; the first one counts ---- */
void api_reply_json(struct api_request *r, int status, json_t *value);                        /* steals the value */
void api_reply_text(struct api_request *r, int status, const char *content_type, char *text); /* steals the malloc'd text */
void api_reply_empty(struct api_request *r, int status);
void api_reply_stream(struct api_request *r, const char *content_type, http_stream_next next);
void api_problem(struct api_request *r, const struct err *err);
/* With `errors` from diagnostics and/or `violations` from a decision; both may be NULL. */
void api_problem_with(struct api_request *r, const struct err *err, const struct diag_list *diags, const struct policy_decision *decision);
/* {items, next_cursor} with a Link header. Steals items. */
void api_reply_page(struct api_request *r, json_t *items, const char *next_cursor);
/* The value, or a 404 that names it when it is NULL. */
void api_reply_found(struct api_request *r, json_t *value, const char *what, const char *name);

/* limit, cursor and sort as the client gave them; checked by the router. */
struct api_page {
    int limit;
    const char *cursor; /* NULL: the first page */
    const char *sort;   /* a field of the route's list */
    bool descending;
};
struct api_page api_page_of(const struct api_request *r);

/* ---- what a handler that waits does: suspend first, then start; the callback replies and resumes ---- */
static inline void api_suspend(struct api_request *r) { http_suspend(&r->http); }
static inline void api_resume(struct api_request *r) { http_resume(&r->http); }
/* Runs `work` on one of the api's own threads, for what takes long on a CPU (password hashes); suspends the request and resumes it
 * afterwards. Too many waiting: the reply is a 503. */
void api_offload(struct api_request *r, void (*work)(struct api_request *r));

/* A reference to the platform in force; platform_put. */
struct platform *api_platform(const struct api_request *r);

/* ---- Idempotency-Key ---- */
/* Looks the key up. True: the request has been answered (replayed, or 409). Call before the act. HTTP threads only. */
bool api_idempotency_replayed(struct api_request *r);
/* For the unit of the act: keeps the answer that will be sent. Nothing without a key. Errors: ERR_CONFLICT when another request with the
 * key was faster. */
int api_idempotency_keep(struct api_request *r, struct store_tx *tx, int status, const json_t *answer, const char *location,
                         struct err *err);
/* The problem of an act that failed; replays the answer when it lost to another request with its key. Then api_resume. */
void api_problem_of_act(struct api_request *r, const struct err *err);
