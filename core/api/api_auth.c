/* Owns who a request is from and whether it may: key or session, CSRF, permission of the route, team. Called on HTTP threads. */
#include "api/api_priv.h"
#include "api/cookie.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/str.h"
#include <string.h>
#include <strings.h>

#define BASIC_BYTES 512 /* a user name and a key */

/* The password of `Basic` (RFC 7617): clients that know nothing else send the key so, with any user name. NULL: it is malformed. */
static const char *basic_password(struct api_request *r, const char *credentials)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err ignored = {0};
    const char *colon;
    size_t len;

    credentials += strspn(credentials, " ");
    if (base64_decode_form(BASE64_STANDARD, credentials, strlen(credentials), BASIC_BYTES, &text, &len, &ignored) < 0)
        return NULL;
    colon = strlen(text) == len ? strchr(text, ':') : NULL;
    return colon ? arena_strdup(r->arena, colon + 1) : NULL;
}

const char *api_token(struct api_request *r, bool *out_cookie)
{
    const char *header = http_header(&r->http, "Authorization");

    *out_cookie = false;
    if (header && strncasecmp(header, "Basic ", 6) == 0 && r->route->flags & ROUTE_TERRAFORM)
        return basic_password(r, header + 6);
    if (header) {
        if (strncasecmp(header, "Bearer ", 7) != 0)
            return NULL;
        header += 7;
        return header + strspn(header, " ");
    }
    *out_cookie = true;
    return cookie_value(http_header(&r->http, "Cookie"), API_SESSION_COOKIE, r->arena);
}

static bool changes(const struct api_request *r) { return !str_eq(r->http.method, "GET") && !str_eq(r->http.method, "HEAD"); }

/* ---- cookies: a browser sends them by itself, whoever's page asks it to ---- */

/* The name without its port; behind a proxy that leaves the port out there is nothing else to compare. */
static bool same_host(const char *a, const char *b)
{
    size_t len = strcspn(a, a[0] == '[' ? "]" : ":");

    return len == strcspn(b, b[0] == '[' ? "]" : ":") && strncasecmp(a, b, len) == 0;
}

int api_check_own_page(struct api_request *r, struct err *err)
{
    const char *site = http_header(&r->http, "Sec-Fetch-Site"), *origin = http_header(&r->http, "Origin");
    const char *host = http_header(&r->http, "Host"), *authority = origin ? strstr(origin, "://") : NULL;

    if (site && !str_eq(site, "same-origin") && !str_eq(site, "none"))
        return err_set(err, ERR_CSRF, "the request comes from a page of another site (Sec-Fetch-Site: %.40s)", site);
    if (!origin)
        return 0;
    if (authority && host && (strcasecmp(authority + 3, host) == 0 || (api_is_proxied(r) && same_host(authority + 3, host))))
        return 0;
    return err_set(err, ERR_CSRF, "the request comes from a page of %.80s, not from our own", origin);
}

static int check_csrf(struct api_request *r, struct err *err)
{
    const char *sent = http_header(&r->http, "X-CSRF-Token");

    if (auth_check_csrf(r->who, sent))
        return 0;
    if (sent)
        return err_set(err, ERR_CSRF, "X-CSRF-Token is not the one of this session");
    return err_set(err, ERR_CSRF, "a request that changes something and carries the session in a cookie needs the header X-CSRF-Token");
}

static int choose_team(struct api_request *r, struct err *err)
{
    const char *wanted = api_query(r, "team");
    bool narrowed = wanted && wanted[0];

    if (!(r->route->flags & (ROUTE_TEAM | ROUTE_TEAMS))) {
        r->team = r->who->team;
        return 0;
    }
    if (!(r->route->flags & ROUTE_TEAMS))
        return auth_team_scope(r->who, wanted, &r->team, err);
    if (!narrowed && auth_may(r->who, PERM_OTHER_TEAM)) {
        r->team = NULL;
        return 0;
    }
    return auth_team_filter(r->who, wanted, &r->team, err);
}

int api_authenticate(struct api_request *r, struct err *err)
{
    bool cookie;
    const char *token = api_token(r, &cookie);
    struct principal *who = arena_alloc(r->arena, sizeof *who);

    if (!token || !token[0])
        return err_set(err, ERR_UNAUTHENTICATED, "this needs a key: send `Authorization: Bearer KEY`, or sign in");
    if (auth_check_bearer(r->context->auth, token, who, err) < 0)
        return -1;
    r->who = who;
    r->org = who->org;
    r->by_cookie = cookie;
    r->user_name = who->name;
    if (api_limit_user(r, err) < 0)
        return -1;
    if (cookie && changes(r) && (api_check_own_page(r, err) < 0 || check_csrf(r, err) < 0))
        return -1;
    if (auth_require(who, r->route->permission, err) < 0)
        return -1;
    return choose_team(r, err);
}
