/* Owns the reading of a request: parameters, body, page. Called by the handlers. */
#include "api/api_priv.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *api_param(const struct api_request *r, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < API_PARAMS && r->param_names[i]; i++)
        if (strncmp(r->param_names[i], name, len) == 0 && r->param_names[i][len] == '}')
            return r->param_values[i];
    return NULL;
}

const char *api_query(const struct api_request *r, const char *name) { return uri_query(&r->uri, name); }

bool api_query_flag(const struct api_request *r, const char *name)
{
    const char *value = api_query(r, name);

    return value && !str_eq(value, "false") && !str_eq(value, "0");
}

int64_t api_query_int(const struct api_request *r, const char *name, int64_t fallback)
{
    const char *value = api_query(r, name);
    int64_t number;

    return value && str_to_int(value, &number) ? number : fallback;
}

int64_t api_query_time(const struct api_request *r, const char *name)
{
    const char *value = api_query(r, name);
    struct err ignored = {0};
    int64_t at = 0;

    return value && clock_parse(value, &at, &ignored) == 0 ? at : 0;
}

json_t *api_query_names(const struct api_request *r, const char *name)
{
    json_t *names = NULL;

    for (size_t i = 0; i < r->uri.query_count; i++) {
        const char *at = r->uri.query[i].value;

        if (!str_eq(r->uri.query[i].name, name))
            continue;
        names = names ? names : json_array();
        while (*at) {
            size_t len = strcspn(at, ",");

            if (len)
                json_array_append_new(names, json_stringn(at, len));
            at += len + (at[len] == ',');
        }
    }
    return names;
}

const char *api_media_type(struct api_request *r)
{
    const char *value = http_header(&r->http, "Content-Type");
    size_t len = value ? strcspn(value, "; \t") : 0;
    char *type;

    if (!value)
        return "";
    type = arena_strndup(r->arena, value, len);
    for (char *c = type; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return type;
}

int api_body_json(struct api_request *r, struct err *err)
{
    const char *type = api_media_type(r);
    json_t *body;

    if (r->body)
        return 0;
    if (r->http.body.len == 0 && (r->route->flags & ROUTE_OPTIONAL)) {
        r->body = json_object();
        return 0;
    }
    if (!str_eq(type, "application/json") && !(str_starts(type, "application/") && str_ends(type, "+json")))
        return err_set(err, ERR_MEDIA_TYPE, "the body is %.80s, not application/json", type[0] ? type : "of no media type");
    if (json_parse(buf_text(&r->http.body), r->http.body.len, "request body", LIMIT_JSON_BYTES, &body, err) < 0)
        return -1;
    if (!json_is_object(body)) {
        json_decref(body);
        return err_set(err, ERR_WRONG_TYPE, "the request body is not a JSON object");
    }
    r->body = body;
    return 0;
}

int api_body_members(struct api_request *r, const char *const *allowed, struct err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(r->body, key, value)
    {
        const char *near = str_closest(key, allowed);
        bool known = false;

        for (const char *const *name = allowed; *name && !known; name++)
            known = str_eq(*name, key);
        if (known)
            continue;
        if (near)
            return err_set(err, ERR_UNKNOWN_FIELD, "unknown field \"%.60s\"; did you mean \"%s\"?", key, near);
        return err_set(err, ERR_UNKNOWN_FIELD, "unknown field \"%.60s\"", key);
    }
    return 0;
}

/* Times and ids begin with the newest, names with a. */
static bool begins_high(const char *field) { return str_ends(field, "_at") || str_eq(field, "at") || str_eq(field, "id"); }

struct api_page api_page_of(const struct api_request *r)
{
    const char *sort = api_query(r, "sort");
    struct api_page page = {.limit = (int)api_query_int(r, "limit", DEFAULT_PAGE_ITEMS), .cursor = api_query(r, "cursor")};

    if (sort && sort[0]) {
        page.descending = sort[0] == '-';
        page.sort = sort + page.descending;
    } else {
        const char *fields = r->route->sort ? r->route->sort : "";

        page.sort = arena_strndup(r->arena, fields, strcspn(fields, "|"));
        page.descending = begins_high(page.sort);
    }
    return page;
}
