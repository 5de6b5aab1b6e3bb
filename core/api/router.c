/* Owns the way from a request target to a row of the route table, and the check of query parameters against that row. Called on HTTP
 * threads. */
#include "api/api_priv.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

const struct api_param api_team_params[] = {
    {.name = "team", .about = "another team's objects (admins and operators; * on lists: every team's)"},
    {0},
};
const struct api_param api_list_params[] = {
    {.name = "limit", .kind = PARAM_INT, .about = "items a page, 1 to 200 (50)"},
    {.name = "cursor", .about = "next_cursor of the page before"},
    {.name = "sort", .about = "field to sort by; a leading - sorts downwards"},
    {0},
};

/* Compares the target's segments with a pattern's; takes {names} on the way. */
static bool match(struct api_request *r, const char *pattern, size_t first)
{
    const struct uri *uri = &r->uri;
    size_t at = first, taken = 0;

    memset(r->param_names, 0, sizeof r->param_names);
    memset(r->param_values, 0, sizeof r->param_values);
    while (*pattern == '/') {
        size_t len = strcspn(pattern + 1, "/");
        const char *segment = pattern + 1;

        if (at == uri->segment_count)
            return false;
        if (segment[0] == '{') {
            if (!uri->segments[at][0] || taken == API_PARAMS)
                return false;
            r->param_names[taken] = segment + 1; /* ends with '}' */
            r->param_values[taken++] = uri->segments[at];
        } else if (strlen(uri->segments[at]) != len || memcmp(uri->segments[at], segment, len) != 0) {
            return false;
        }
        at++;
        pattern += len + 1;
    }
    return at == uri->segment_count;
}

static bool method_fits(const char *sent, const char *wanted)
{
    return str_eq(sent, wanted) || (str_eq(sent, "HEAD") && str_eq(wanted, "GET"));
}

static void allow_add(struct api_request *r, const char **allow, const char *method)
{
    const char *more = str_eq(method, "GET") ? "GET, HEAD" : method;

    *allow = *allow ? arena_printf(r->arena, "%s, %s", *allow, more) : more;
}

/* A literal path wins over one with a name in it: `/workflows/products` over `/workflows/{id}`. */
static bool more_literal(const char *a, const char *b) { return strcspn(a, "{") > strcspn(b, "{"); }

enum route_found api_route_find(struct api_request *r, const struct api_route **out, const char **out_allow)
{
    const struct uri *uri = &r->uri;
    bool api = uri->segment_count && str_eq(uri->segments[0], "api");
    size_t first = !api ? 0 : uri->segment_count > 1 && str_eq(uri->segments[1], "v1") ? 2 : 1;
    const struct api_route *best = NULL, *path = NULL;

    *out_allow = NULL;
    for (const struct api_route *route = api_routes; route->method; route++)
        if (!(route->flags & ROUTE_ROOT) == api && match(r, route->pattern, first) &&
            (!path || more_literal(route->pattern, path->pattern)))
            path = route;
    if (!path)
        return ROUTE_NO_PATH;
    for (const struct api_route *route = api_routes; route->method; route++) {
        if (!str_eq(route->pattern, path->pattern) || !(route->flags & ROUTE_ROOT) != api)
            continue;
        allow_add(r, out_allow, route->method);
        if (method_fits(r->http.method, route->method))
            best = route;
    }
    match(r, path->pattern, first);
    *out = best;
    return best ? ROUTE_FOUND : ROUTE_NO_METHOD;
}

/* ---- query parameters ---- */

struct known {
    const char *names[64];
    const struct api_param *params[64];
    size_t count;
};

static void known_add(struct known *known, const struct api_param *params)
{
    for (; params && params->name && known->count < 63; params++) {
        known->names[known->count] = params->name;
        known->params[known->count++] = params;
    }
}

static struct known known_of(const struct api_route *route)
{
    struct known known = {0};

    known_add(&known, route->params);
    if (route->flags & (ROUTE_TEAM | ROUTE_TEAMS))
        known_add(&known, api_team_params);
    if (route->flags & ROUTE_LIST)
        known_add(&known, api_list_params);
    return known;
}

static const struct api_param *known_find(const struct known *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (str_eq(known->names[i], name))
            return known->params[i];
    return NULL;
}

/* Is `value` one of "a|b|c"? */
static bool in_words(const char *words, const char *value)
{
    size_t len = strlen(value);

    while (words && len) {
        if (strncmp(words, value, len) == 0 && (words[len] == '|' || !words[len]))
            return true;
        words = strchr(words, '|');
        words = words ? words + 1 : NULL;
    }
    return false;
}

static bool is_flag(const char *value)
{
    return !value[0] || str_eq(value, "true") || str_eq(value, "false") || str_eq(value, "1") || str_eq(value, "0");
}

static int check_value(const struct api_param *param, const char *value, struct err *err)
{
    int64_t number;

    if (param->kind == PARAM_TIME)
        return clock_parse(value, &number, err) < 0 ? err_wrap(err, "query parameter %s", param->name) : 0;
    if (param->kind == PARAM_FLAG && !is_flag(value))
        return err_set(err, ERR_REQUEST, "query parameter %s is true or false, not \"%.60s\"", param->name, value);
    if (param->kind == PARAM_INT && !str_to_int(value, &number))
        return err_set(err, ERR_REQUEST, "query parameter %s is a whole number, not \"%.60s\"", param->name, value);
    if (param->kind == PARAM_TEXT && param->values && !in_words(param->values, value))
        return err_set(err, ERR_REQUEST, "query parameter %s is one of %s, not \"%.60s\"", param->name, param->values, value);
    return 0;
}

static int check_unknown(const struct known *known, const char *name, struct err *err)
{
    const char *near = str_closest(name, known->names);
    char list[360] = "";
    size_t len = 0;

    for (size_t i = 0; i < known->count && len < sizeof list - 1; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", known->names[i]);
    if (near)
        return err_set(err, ERR_REQUEST, "unknown query parameter \"%.60s\"; did you mean \"%s\"? There are %s", name, near, list);
    return err_set(err, ERR_REQUEST, "unknown query parameter \"%.60s\"; %s%s", name, known->count ? "there are " : "there are none here",
                   list);
}

static int check_page(const struct api_request *r, struct err *err)
{
    int64_t limit = api_query_int(r, "limit", DEFAULT_PAGE_ITEMS);
    const char *sort = api_query(r, "sort");

    if (limit < 1 || limit > LIMIT_PAGE_ITEMS)
        return err_set(err, ERR_REQUEST, "limit is from 1 to %d", LIMIT_PAGE_ITEMS);
    if (sort && sort[0] && !in_words(r->route->sort, sort + (*sort == '-')))
        return err_set(err, ERR_REQUEST, "sort is one of %s, with a leading - to sort downwards", r->route->sort);
    return 0;
}

int api_check_query(struct api_request *r, struct err *err)
{
    struct known known = known_of(r->route);

    for (size_t i = 0; i < r->uri.query_count; i++) {
        const struct uri_pair *pair = &r->uri.query[i];
        const struct api_param *param = known_find(&known, pair->name);

        if (!param)
            return check_unknown(&known, pair->name, err);
        if (param->kind != PARAM_NAMES)
            for (size_t j = 0; j < i; j++)
                if (str_eq(r->uri.query[j].name, pair->name))
                    return err_set(err, ERR_REQUEST, "query parameter %s stands twice", param->name);
        if (check_value(param, pair->value, err) < 0)
            return -1;
    }
    return r->route->flags & ROUTE_LIST ? check_page(r, err) : 0;
}
