/* Handlers of sessions, of the own profile and of the own keys. Password hashes and whatever waits for a commit run on the api's own
 * threads. */
#include "api/api_priv.h"
#include "api/cookie.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/str.h"
#include "codec/units.h"
#include "config/admin_config.h"
#include <string.h>
#include <strings.h>

struct auth_origin api_origin(const struct api_request *r)
{
    return (struct auth_origin){.by = r->who, .request_id = r->id, .source_ip = r->source_ip};
}

/* ---- login ---- */

/* On an HTTP thread: headers are read. */
static bool wants_secure(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    const char *proto = http_header(&r->http, "X-Forwarded-Proto");

    return r->api->options.secure_cookies || str_eq(platform->config->secure_cookie, "always") ||
           (proto && strcasecmp(proto, "https") == 0 && api_is_proxied(r));
}

static void set_cookie(struct api_request *r, const char *token, int64_t seconds)
{
    http_reply_header(&r->http, "Set-Cookie",
                      arena_printf(r->arena, API_SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", token,
                                   (long long)seconds, r->secure_cookie ? "; Secure" : ""));
}

static void reply_login(struct api_request *r, const struct auth_login *login)
{
    json_t *out = json_object();

    json_set_str(out, "token", login->token);
    json_set_str(out, "csrf_token", login->csrf);
    json_set_time(out, "expires_at", login->expires_at);
    json_set_new(out, "user", auth_principal_json(&login->principal));
    set_cookie(r, login->token, (login->expires_at - clock_now_us()) / US_PER_SEC);
    api_reply_json(r, 200, out);
}

static void login_work(struct api_request *r)
{
    struct auth_login login;
    struct auth_origin origin = api_origin(r);
    const json_t *password = json_object_get(r->body, "password");
    struct err err = {0};

    auth_login_init(&login, r->context->auth, &origin, json_str(r->body, "name"), json_string_value(password),
                    json_string_length(password));
    auth_login_replaces(&login, r->state);
    if (auth_login(&login, &err) < 0) {
        if (login.limited)
            http_reply_header(&r->http, "Retry-After", arena_printf(r->arena, "%lld", (long long)(login.retry_after_ms / 1000 + 1)));
        api_problem(r, &err);
    } else {
        reply_login(r, &login);
    }
    secret_wipe(&login, sizeof login);
}

void login_post(struct api_request *r)
{
    static const char *const members[] = {"name", "username", "password", NULL};
    struct err err = {0};

    if (api_check_own_page(r, &err) < 0 || api_body_json(r, &err) < 0 || api_body_members(r, members, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    if (json_str(r->body, "username") && !json_object_get(r->body, "name"))
        json_object_set(r->body, "name", json_object_get(r->body, "username"));
    if (!json_str(r->body, "name") || !json_str(r->body, "password")) {
        err_set(&err, ERR_MISSING_FIELD, "the request body needs \"name\" and \"password\"");
        api_problem(r, &err);
        return;
    }
    r->secure_cookie = wants_secure(r);
    r->state = (void *)(uintptr_t)cookie_value(http_header(&r->http, "Cookie"), API_SESSION_COOKIE, r->arena);
    api_offload(r, login_work);
}

static void logout_work(struct api_request *r)
{
    struct auth_origin origin = api_origin(r);
    struct auth_logout logout;
    struct err err = {0};

    auth_logout_init(&logout, r->context->auth, &origin, r->state);
    if (auth_run(&logout.act, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    set_cookie(r, "", 0);
    api_reply_empty(r, 204);
}

void logout_post(struct api_request *r)
{
    bool cookie;

    r->state = arena_strdup(r->arena, api_token(r, &cookie));
    r->secure_cookie = wants_secure(r);
    api_offload(r, logout_work);
}

/* ---- profile ---- */

void profile_get(struct api_request *r)
{
    json_t *out = auth_principal_json(r->who);
    char csrf[CRYPTO_SHA256_HEX];
    bool cookie;

    if (r->who->csrf_hash[0]) { /* a session */
        auth_csrf_token(api_token(r, &cookie), csrf);
        json_set_str(out, "csrf_token", csrf);
    }
    api_reply_json(r, 200, out);
}

void profile_keys_list(struct api_request *r)
{
    json_t *items = NULL;
    struct err err = {0};

    if (auth_list_keys(r->context->auth, r->org, r->who->name, &items, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_whole(r, items);
}

/* expires_in ("720h") or expires_at (RFC 3339); neither: never. */
static int read_expiry(const struct api_request *r, int64_t *out, struct err *err)
{
    const char *in = json_str(r->body, "expires_in"), *at = json_str(r->body, "expires_at");
    int64_t ms;

    *out = 0;
    if (in && at)
        return err_set(err, ERR_CONFLICTING_FIELDS, "expires_in and expires_at exclude each other");
    if (at)
        return clock_parse(at, out, err);
    if (!in)
        return 0;
    if (duration_parse(in, &ms, err) < 0)
        return -1;
    *out = clock_now_us() + ms * US_PER_MS;
    return 0;
}

struct key_adding {
    struct auth_key_add add; /* first: its act is handed to the store */
    struct api_request *r;
    store_unit inner;
};

/* The act's own unit, and the kept answer in the same transaction. The key itself is not kept: a replay tells everything but the secret. */
static int add_key_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct key_adding *k = (struct key_adding *)ctx;
    CLEANUP(json_put) json_t *answer = NULL;

    answer = auth_key_add_json(&k->add);
    json_object_del(answer, "key");
    if (api_idempotency_keep(k->r, tx, 201, answer, NULL, err) < 0)
        return -1;
    return k->inner(tx, ctx, err);
}

void api_add_key(struct api_request *r, const char *user)
{
    struct key_adding k = {.r = r};
    struct auth_origin origin = api_origin(r);
    int64_t expires_at;
    struct err err = {0};

    if (read_expiry(r, &expires_at, &err) < 0 ||
        auth_key_add_init(&k.add, r->context->auth, &origin, user, json_str(r->body, "name"), expires_at, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    k.inner = k.add.act.unit;
    k.add.act.unit = add_key_unit;
    if (auth_run(&k.add.act, &err) < 0)
        api_problem_of_act(r, &err);
    else
        api_reply_json(r, 201, auth_key_add_json(&k.add));
    secret_wipe(&k, sizeof k);
}

void api_take_key(struct api_request *r, void (*add)(struct api_request *r))
{
    static const char *const members[] = {"name", "expires_in", "expires_at", NULL};
    struct err err = {0};

    if (api_idempotency_replayed(r))
        return;
    if (api_body_json(r, &err) < 0 || api_body_members(r, members, &err) < 0)
        api_problem(r, &err);
    else
        api_offload(r, add);
}

static void add_own_key(struct api_request *r) { api_add_key(r, r->who->name); }

void profile_keys_add(struct api_request *r) { api_take_key(r, add_own_key); }

static void revoke_work(struct api_request *r)
{
    struct auth_origin origin = api_origin(r);
    struct auth_key_revoke revoke;
    struct err err = {0};

    auth_key_revoke_init(&revoke, r->context->auth, &origin, api_param(r, "id"));
    if (auth_run(&revoke.act, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_empty(r, 204);
}

void profile_keys_revoke(struct api_request *r) { api_offload(r, revoke_work); }
