/* Owns the OpenAPI document: made from the route table and the schemas, so it cannot say anything else than they do. Nothing of it changes
 * while the server runs: it is made for the first who asks, and given to everybody. Any thread. */
#include "api/api_priv.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include <ctype.h>
#include <string.h>

static json_t *text_schema(const char *type)
{
    json_t *schema = json_object();

    json_set_str(schema, "type", type);
    return schema;
}

static json_t *schema_ref(const char *name, size_t len)
{
    CLEANUP(free_ptr) char *ref = mem_printf("#/components/schemas/%.*s", (int)len, name);
    json_t *out = json_object();

    json_set_str(out, "$ref", ref);
    return out;
}

/* "deployment", or "[deployment]": a page of them. */
static json_t *schema_of(const char *name)
{
    json_t *page, *properties, *items;

    if (name[0] != '[')
        return schema_ref(name, strlen(name));
    page = text_schema("object");
    properties = json_object();
    items = text_schema("array");
    json_set_new(items, "items", schema_ref(name + 1, strlen(name) - 2));
    json_set_new(properties, "items", items);
    json_set_new(properties, "next_cursor", text_schema("string"));
    json_set_new(page, "properties", properties);
    json_set_new(page, "required", json_pack("[s]", "items"));
    return page;
}

/* ---- parameters ---- */

static json_t *words(const char *values)
{
    json_t *list = json_array();

    while (*values) {
        size_t len = strcspn(values, "|");

        json_array_append_new(list, json_stringn(values, len));
        values += len + (values[len] == '|');
    }
    return list;
}

static json_t *parameter(const char *name, const char *in, const char *about, json_t *schema)
{
    json_t *out = json_object();

    json_set_str(out, "name", name);
    json_set_str(out, "in", in);
    json_set_str(out, "description", about);
    if (str_eq(in, "path"))
        json_set_flag(out, "required", true);
    json_set_new(out, "schema", schema);
    return out;
}

static json_t *param_schema(const struct api_param *param)
{
    static const char *const types[] = {
        [PARAM_TEXT] = "string", [PARAM_FLAG] = "boolean", [PARAM_INT] = "integer", [PARAM_NAMES] = "array", [PARAM_TIME] = "string"};
    json_t *schema = text_schema(types[param->kind]);

    if (param->kind == PARAM_NAMES)
        json_set_new(schema, "items", text_schema("string"));
    if (param->kind == PARAM_TIME)
        json_set_str(schema, "format", "date-time");
    if (param->values)
        json_set_new(schema, "enum", words(param->values));
    return schema;
}

static void add_params(json_t *list, const struct api_param *params)
{
    for (; params && params->name; params++)
        json_array_append_new(list, parameter(params->name, "query", params->about, param_schema(params)));
}

static void add_path_params(json_t *list, const char *pattern)
{
    const char *at = pattern;

    while ((at = strchr(at, '{'))) {
        size_t len = strcspn(++at, "}");
        CLEANUP(free_ptr) char *name = mem_strndup(at, len);

        json_array_append_new(list, parameter(name, "path", NULL, text_schema("string")));
    }
}

static json_t *parameters_of(const struct api_route *route)
{
    json_t *list = json_array();

    add_path_params(list, route->pattern);
    add_params(list, route->params);
    if (route->flags & (ROUTE_TEAM | ROUTE_TEAMS))
        add_params(list, api_team_params);
    if (route->flags & ROUTE_LIST)
        add_params(list, api_list_params);
    if (route->flags & ROUTE_MATCH)
        json_array_append_new(list,
                              parameter("If-Match", "header", "act only when what is there still has this ETag", text_schema("string")));
    if (api_status_about(route, 304))
        json_array_append_new(
            list, parameter("If-None-Match", "header", "answer 304 when what is there still has this ETag", text_schema("string")));
    if (route->flags & ROUTE_STREAM)
        json_array_append_new(
            list, parameter("Last-Event-ID", "header", "of a stream: number of the last event that was seen", text_schema("integer")));
    if (route->flags & ROUTE_CREATES)
        json_array_append_new(list,
                              parameter("Idempotency-Key", "header", "a repeated request with it gets the first answer again, for 24 hours",
                                        text_schema("string")));
    return list;
}

/* ---- operations ---- */

static json_t *request_of(const struct api_route *route)
{
    json_t *body = json_object(), *kinds = json_object();

    if (route->flags & ROUTE_SPEC)
        json_set_new(kinds, "application/yaml", json_pack("{s:o}", "schema", text_schema("string")));
    json_set_new(kinds, "application/json", json_pack("{s:o}", "schema", schema_of(route->request)));
    json_set_new(body, "content", kinds);
    json_set_flag(body, "required", !(route->flags & ROUTE_OPTIONAL));
    return body;
}

static json_t *header_of(const char *about) { return json_pack("{s:s, s:{s:s}}", "description", about, "schema", "type", "string"); }

static json_t *headers_of(const struct api_route *route, int status)
{
    json_t *out = json_object();

    json_set_new(out, "X-Request-Id", header_of("names the request in logs, audit and problems"));
    if (!(route->flags & ROUTE_OPEN) || status == 429)
        json_set_new(out, "RateLimit-Remaining", header_of("requests that may follow at once; RateLimit-Limit, RateLimit-Reset beside it"));
    if (status == 304 || (status == 200 && api_status_about(route, 304)))
        json_set_new(out, "ETag", header_of("of what is shown; for If-None-Match and If-Match. Very large answers have none"));
    if (status == 429 || status == 503)
        json_set_new(out, "Retry-After", header_of("seconds"));
    if (status == 200 && (route->flags & ROUTE_LIST))
        json_set_new(out, "Link", header_of("rel=next: the next page"));
    return out;
}

static void add_content(json_t *out, const char *type, json_t *schema) { json_set_new(out, type, json_pack("{s:o}", "schema", schema)); }

/* A probe that fails tells what is wrong in its own form. */
static bool is_probe(const struct api_route *route, int status)
{
    return status == 503 && route->response && str_eq(route->response, "health");
}

static json_t *content_of(const struct api_route *route, int status)
{
    json_t *out = json_object();

    /* 414 and 431 are told before there is a request: their bodies are not ours. */
    if (status >= 400 && status != 414 && status != 431)
        add_content(out, "application/problem+json", schema_ref("problem", strlen("problem")));
    if (status == 200 && status != route->status && (route->flags & ROUTE_ACT))
        add_content(out, "application/json", schema_of("action-answer"));
    if (status == route->status || is_probe(route, status)) {
        if (route->response)
            add_content(out, "application/json", schema_of(route->response));
        if (route->flags & ROUTE_STREAM)
            add_content(out, "text/event-stream", text_schema("string"));
        for (const char *media = route->media; media && *media; media += strcspn(media, "|"), media += *media == '|') {
            CLEANUP(free_ptr) char *type = mem_strndup(media, strcspn(media, "|"));

            add_content(out, type, str_eq(type, "application/json") ? json_object() : text_schema("string"));
        }
    }
    if (json_object_size(out))
        return out;
    json_decref(out);
    return NULL;
}

static json_t *responses_of(const struct api_route *route)
{
    json_t *out = json_object();

    for (int status = 200; status < 600; status++) {
        const char *about = api_status_about(route, status);
        json_t *response;
        char text[12];

        if (!about)
            continue;
        snprintf(text, sizeof text, "%d", status);
        response = json_object();
        json_set_str(response, "description", about);
        json_set_new(response, "headers", headers_of(route, status));
        json_set_new(response, "content", content_of(route, status));
        json_set_new(out, text, response);
    }
    return out;
}

/* Roles that may use it. */
static json_t *roles_of(const struct api_route *route)
{
    json_t *roles = json_array();

    for (int role = 0; role < ROLES; role++)
        if (route->flags & ROUTE_OPEN || auth_may(&(struct principal){.role = (enum role)role}, route->permission))
            json_append_str(roles, role_name((enum role)role));
    return roles;
}

static json_t *operation_of(const struct api_route *route)
{
    json_t *out = json_object();

    json_set_str(out, "operationId", route->operation);
    json_set_str(out, "summary", route->summary);
    json_set_new(out, "tags", json_pack("[s]", route->tag));
    json_set_new(out, "parameters", parameters_of(route));
    if (route->request)
        json_set_new(out, "requestBody", request_of(route));
    json_set_new(out, "responses", responses_of(route));
    if (route->flags & ROUTE_OPEN)
        json_set_new(out, "security", json_array());
    else if (route->flags & ROUTE_TERRAFORM)
        json_set_new(out, "security", json_pack("[{s:[]}, {s:[]}, {s:[]}]", "key", "session", "password"));
    if (!(route->flags & ROUTE_OPEN))
        json_set_str(out, "x-permission", permission_name(route->permission));
    json_set_new(out, "x-roles", roles_of(route));
    return out;
}

static json_t *paths(void)
{
    json_t *out = json_object();

    for (const struct api_route *route = api_routes; route->method; route++) {
        CLEANUP(free_ptr) char *path = mem_printf("%s%s", route->flags & ROUTE_ROOT ? "" : "/api/v1", route->pattern);
        json_t *item = json_object_get(out, path);
        char method[16] = "";

        if (!item) {
            item = json_object();
            json_object_set_new(out, path, item);
        }
        snprintf(method, sizeof method, "%s%s", str_ends(route->method, "LOCK") ? "x-" : "",
                 route->method); /* OpenAPI knows no such methods */
        for (size_t i = 0; method[i]; i++)
            method[i] = (char)tolower((unsigned char)method[i]);
        json_object_set_new(item, method, operation_of(route));
    }
    return out;
}

/* ---- schemas: references between files become references inside the document ---- */

static void rewrite_refs(json_t *value)
{
    static const char prefix[] = "/schemas/";
    const char *key, *ref;
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member) rewrite_refs(member);
    json_object_foreach(value, key, member) rewrite_refs(member);
    ref = json_is_object(value) ? json_str(value, "$ref") : NULL;
    if (ref && str_starts(ref, prefix)) {
        CLEANUP(free_ptr) char *inside = mem_printf("#/components/schemas/%s", ref + strlen(prefix));

        json_object_set_new(value, "$ref", json_string(inside));
    }
}

static json_t *schemas(void)
{
    CLEANUP(json_put) json_t *names = api_schema_names();
    json_t *out = json_object(), *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        json_t *schema = api_schema(json_string_value(name));

        json_object_del(schema, "$id");
        json_object_del(schema, "$schema");
        rewrite_refs(schema);
        json_object_set_new(out, json_string_value(name), schema);
    }
    return out;
}

json_t *api_openapi(const char *version)
{
    json_t *out = json_object();

    json_set_str(out, "openapi", "3.1.0");
    json_set_new(out, "info",
                 json_pack("{s:s, s:s, s:s}", "title", "innominatus", "version", version ? version : "0", "description",
                           "Every path below /api/v1 also answers below /api."));
    json_set_new(out, "security", json_pack("[{s:[]}, {s:[]}]", "key", "session"));
    json_set_new(out, "paths", paths());
    json_set_new(out, "components",
                 json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:o}", "securitySchemes", "key", "type", "http", "scheme",
                           "bearer", "password", "type", "http", "scheme", "basic", "session", "type", "apiKey", "in", "cookie", "name",
                           "innominatus_session", "schemas", schemas()));
    return out;
}

/* The text and its tag, made by the first; they live as long as the api. */
static const struct api_document *document_of(struct api *api)
{
    struct api_document *document = &api->openapi;

    pthread_mutex_lock(&document->lock);
    if (!document->text) {
        CLEANUP(json_put) json_t *value = api_openapi(api->context.version);
        char hash[CRYPTO_SHA256_HEX];

        document->text = json_text(value);
        crypto_sha256_hex(document->text, strlen(document->text), hash);
        snprintf(document->etag, sizeof document->etag, "\"%.32s\"", hash);
    }
    pthread_mutex_unlock(&document->lock);
    return document;
}

void openapi_get(struct api_request *r)
{
    const struct api_document *document = document_of(r->api);

    r->etag = document->etag;
    api_reply_text(r, 200, "application/json", mem_strdup(document->text));
}
