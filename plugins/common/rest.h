/* What bundled plugins speak REST with: one call with deadline, cancel, retry and a verdict in the SDK's codes. Plugin-side, libcurl and
 * jansson, nothing of core. One thread: that of the slot.
 *
 * Rules that every call keeps: TLS is verified; redirects are followed on the same scheme, host and port only; the answer has a size limit;
 * no proxy, cookie or netrc of the environment is used; messages name backend, method and URL (without its query), never a header's value
 * nor, with `secret_body`, a text of the body, even when the backend repeats it. */
#pragma once
#include <innominatus/provisioner.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct rest;

/* How one backend is reached. The texts are borrowed until rest_new returns. */
struct rest_settings {
    const char *backend;                            /* its name in messages: "Vault" */
    const char *url;                                /* http or https, with or without a path; no user, query or fragment */
    const char *ca_pem, *certificate_pem, *key_pem; /* PEM texts; NULL: the system's authorities, no client certificate */
    int64_t timeout_ms;                             /* of one exchange; 0: 30 s. The call's deadline bounds all of them together. */
    int attempts;                                   /* 0: 4 */
    size_t max_bytes;                               /* of an answer; 0: 8 MiB */
};

/* Takes url, ca, clientCertificate, clientKey, timeout ("30s") and attempts out of an entry's config, which messages call `where`. Fails
 * INVALID_CONFIG. */
inno_rc rest_take_settings(const inno_host *host, inno_call *call, const char *where, const json_t *config, const char *backend,
                           struct rest_settings *out);
/* The keys that it takes, NULL-terminated, for who refuses unknown ones; and as rows of a table of fields.h. */
extern const char *const rest_setting_names[];
#define REST_FIELDS                                                                                                                        \
    {"url", FIELD_ANY}, {"ca", FIELD_ANY}, {"clientCertificate", FIELD_ANY}, {"clientKey", FIELD_ANY}, {"timeout", FIELD_ANY},             \
    {                                                                                                                                      \
        "attempts", FIELD_ANY                                                                                                              \
    }
/* The last two of them alone; `where` ("config") is for messages. Absent ones are 0. Fails INVALID_CONFIG. */
inno_rc rest_take_limits(const inno_host *host, inno_call *call, const char *where, const json_t *config, int64_t *out_timeout_ms,
                         int *out_attempts);

inno_rc rest_new(const inno_host *host, inno_call *call, const struct rest_settings *settings, struct rest **out);
/* A backend that takes a token (config.credentials) in its Authorization header, behind `scheme` ("Bearer"): the way there, and that
 * header's value in *authorization, which is freed with wipe_text. On failure both may be set, and are freed all the same. */
inno_rc rest_open_token(const inno_host *host, inno_call *call, const json_t *config, const char *backend, const char *scheme,
                        struct rest **out, char **authorization);
void rest_free(struct rest *rest); /* NULL is fine */
/* The backend's address without a slash at its end. */
const char *rest_url(const struct rest *rest);

struct rest_header {
    const char *name, *value;
};

struct rest_request {
    const char *method;                /* NULL: GET */
    const char *path;                  /* begins with a slash, escaped (rest_path), may end with ?query */
    const struct rest_header *headers; /* ends with a NULL name; NULL: none */
    const json_t *json;                /* the body; or */
    const char *body;                  /* these bytes */
    size_t body_len;
    const char *content_type;   /* NULL: application/json */
    const int *also;            /* statuses besides 2xx that are no failure; ends with 0 */
    const char *const *passing; /* parts of messages with which a 5xx means "not now", as it does for 503; ends with NULL; NULL: none */
    bool repeatable;            /* a POST or PATCH that may be sent again when nobody knows whether it was done */
    bool secret_body;           /* no text of `json` shows in a message */
    const json_t *hidden;       /* nor one of this; NULL: nothing */
    bool raw;                   /* the answer is no JSON */
};

struct rest_answer {
    int status;
    json_t *json; /* NULL when there was no body */
    char *body;   /* as it came, with a NUL at its end; wiped by rest_answer_fini */
    size_t len;
};
void rest_answer_fini(struct rest_answer *answer);

/* One request until it has an answer, the attempts are used up, the call is canceled or its deadline has passed. Tried again, with growing
 * pauses or after what Retry-After says: 429, 502, 503, 504, connections that are refused or lost, exchanges that take too long.
 * Returns INNO_OK with *out set (also for the statuses in `also`), else has said host->fail: TRANSIENT (down, 429, 502..504), TIMEOUT,
 * CANCELED, UNAUTHORIZED (401, 403), NOT_FOUND (404), ALREADY_EXISTS (409), INVALID_RESOURCE (400, 413, 422), INVALID_CONFIG (no trust in
 * its certificate, network not granted), FAILED (other statuses, an answer that is too large or no JSON). */
inno_rc rest_call(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request, struct rest_answer *out);

/* Pauses as rest_call does after its attempt of this number (from 1), for who tries anew what a backend refused for now. True when the call
 * is to stop. */
bool rest_back_off(const inno_host *host, inno_call *call, int attempt);

/* Fails as rest_call would have for an answer that was asked for by `also`. */
inno_rc rest_fail(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request,
                  const struct rest_answer *answer);
/* What the backend says in an answer that is a failure, at most `cap` bytes on one line: members errors, message, error,
 * error_description, or the text. */
void rest_message(const struct rest_answer *answer, char *out, size_t cap);

/* "/v1/{}/data/{+}" with each {} replaced by the next text as one segment and each {+} by a text whose slashes stay; the rest is escaped.
 * NULL when a segment is empty, "." or "..", or memory is out. Free with free(). */
char *rest_path(const char *form, ...);
