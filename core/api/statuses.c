/* Owns which statuses a route may answer with, as its row says: for the OpenAPI document, and for the tests that hold answers against it.
 * Pure; any thread. */
#include "api/api_priv.h"
#include "base/str.h"
#include <string.h>

static bool is_get(const struct api_route *r) { return str_eq(r->method, "GET"); }
static bool always(const struct api_route *r) { return r != NULL; }
static bool has_tag(const struct api_route *r) { return is_get(r) && !(r->flags & (ROUTE_OPEN | ROUTE_LOOPBACK)); }
static bool may_have_ended(const struct api_route *r) { return (r->flags & ROUTE_STREAM) && strchr(r->pattern, '{'); }
static bool needs_key(const struct api_route *r) { return !(r->flags & ROUTE_OPEN); }
static bool asks_who(const struct api_route *r) { return needs_key(r) || !is_get(r); }
static bool may_forbid(const struct api_route *r) { return needs_key(r) || !is_get(r); } /* a login from another site's page */
static bool looks_up(const struct api_route *r) { return strchr(r->pattern, '{') || (r->flags & (ROUTE_SPEC | ROUTE_MATCH)); }
static bool has_condition(const struct api_route *r) { return (r->flags & ROUTE_MATCH) != 0; }
static bool has_body(const struct api_route *r) { return r->request || (r->flags & (ROUTE_JSON | ROUTE_SPEC)); }
static bool has_values(const struct api_route *r)
{
    return has_body(r) || r->params || (r->flags & (ROUTE_TEAM | ROUTE_TEAMS | ROUTE_LIST)) || !is_get(r);
}

static bool calls_a_plugin(const struct api_route *r) { return (r->flags & ROUTE_ACT) != 0; }
static bool may_be_locked(const struct api_route *r) { return (r->flags & ROUTE_TERRAFORM) && !is_get(r); }

/* What is there already, has ended, or is meant by one name in several teams. */
static bool may_conflict(const struct api_route *r) { return !is_get(r) || strstr(r->pattern, "{name}") || strstr(r->pattern, "{app}"); }

static const struct {
    int status;
    bool (*can)(const struct api_route *route);
    const char *about;
} rows[] = {
    {200, calls_a_plugin, "it only looked: its answer"},
    {204, may_have_ended, "of a stream: it has ended, and Last-Event-ID is its last event"},
    {304, has_tag, "If-None-Match names what there is"},
    {400, always, "the request cannot be read, or has a parameter that is unknown or wrong"},
    {401, asks_who, "no key, or one that is unknown, revoked or expired; of a login: a wrong name or password"},
    {403, may_forbid, "the role or a policy does not allow it; by cookie: not from our own page"},
    {404, looks_up, "there is no such thing, or not for this team"},
    {409, may_conflict, "the present state does not allow it, or an Idempotency-Key was used for another request"},
    {412, has_condition, "it is not any more what If-Match names"},
    {423, may_be_locked, "somebody else holds the lock; the body is what the holder says of itself"},
    {413, always, "the body is too large"},
    {414, always, "the target is too long"},
    {415, has_body, "another Content-Type than those named"},
    {422, has_values, "it was read, and is wrong"},
    {429, always, "too many requests, or the queue is full; Retry-After says how long to wait"},
    {431, always, "the headers are too large"},
    {500, always, "an error of the server; its log has the details under X-Request-Id"},
    {502, calls_a_plugin, "the provisioner failed, or what is behind it did"},
    {503, always, "the store is not to be had, or the server is stopping; Retry-After says how long to wait"},
    {504, calls_a_plugin, "the provisioner did not answer in time"},
};

const char *api_status_about(const struct api_route *route, int status)
{
    if (status == route->status)
        return route->summary;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status && rows[i].can(route))
            return rows[i].about;
    return NULL;
}
