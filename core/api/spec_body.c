/* Owns the reading of bodies that hold a Score file. On HTTP threads. */
#include "api/spec_body.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/node.h"
#include <string.h>

static const char *const yaml_types[] = {"application/yaml", "application/x-yaml",         "text/yaml", "text/x-yaml",
                                         "text/vnd.yaml",    "application/vnd.score+yaml", NULL};
static const char *const members[] = {"spec", "files", "parameters", "image", "overrides", NULL};

static bool in_list(const char *const *list, const char *text)
{
    while (*list && !str_eq(*list, text))
        list++;
    return *list != NULL;
}

static int wrong_type(const char *member, const char *wanted, struct err *err)
{
    return err_set(err, ERR_WRONG_TYPE, "\"%s\" in the request body is not %s", member, wanted);
}

/* RFC 7396: objects are merged, null removes, everything else replaces. Depth is bounded by the JSON parser. */
static void merge(json_t *target, const json_t *patch)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)patch, key, value)
    {
        json_t *there = json_object_get(target, key);

        if (json_is_null(value)) {
            json_object_del(target, key);
        } else if (json_is_object(value)) {
            if (!json_is_object(there)) {
                there = json_object();
                json_object_set_new(target, key, there);
            }
            merge(there, value);
        } else {
            json_object_set(target, key, value);
        }
    }
}

/* The spec as a JSON object that overrides can be merged into: positions are lost with it. Problems of the text are left for the one who
 * parses it in earnest: then there is no object. */
static json_t *spec_object(struct api_request *r, const struct spec_body *body)
{
    struct diag_list diags = diag_list_make(r->arena, "score.yaml");
    const struct node *root;

    if (body->object)
        return json_deep_copy(body->object);
    root = node_parse_yaml(body->source, body->source_len, r->arena, &diags);
    return root && root->kind == NODE_MAP ? node_to_json(root) : NULL;
}

static int apply_overrides(struct api_request *r, struct spec_body *body, struct err *err)
{
    json_t *overrides = json_object_get(r->body, "overrides");
    json_t *one;
    size_t i;

    if (!overrides || json_is_null(overrides))
        return 0;
    if (!json_is_object(overrides) && !json_is_array(overrides))
        return wrong_type("overrides", "an object or a list of objects", err);
    body->owned = spec_object(r, body);
    if (!body->owned)
        return 0;
    if (json_is_object(overrides))
        merge(body->owned, overrides);
    json_array_foreach(overrides, i, one)
    {
        if (!json_is_object(one))
            return wrong_type("overrides", "a list of objects", err);
        merge(body->owned, one);
    }
    body->object = body->owned;
    body->source = NULL;
    body->source_len = 0;
    return 0;
}

static int read_members(struct api_request *r, struct spec_body *body, struct err *err)
{
    json_t *spec = json_object_get(r->body, "spec");

    body->files = json_object_get(r->body, "files");
    body->parameters = json_object_get(r->body, "parameters");
    body->image = json_str(r->body, "image");
    if (!spec)
        return err_set(err, ERR_MISSING_FIELD, "the request body has no \"spec\" (the Score file as text or as an object)");
    if (!json_is_string(spec) && !json_is_object(spec))
        return wrong_type("spec", "a text or an object", err);
    if (body->files && !json_is_object(body->files))
        return wrong_type("files", "an object {path: base64}", err);
    if (body->parameters && !json_is_object(body->parameters))
        return wrong_type("parameters", "an object", err);
    if (json_object_get(r->body, "image") && !body->image)
        return wrong_type("image", "a text", err);
    if (json_object_size(body->files) > LIMIT_UPLOAD_FILES)
        return err_set(err, ERR_LIMIT, "more than %d files in one request", LIMIT_UPLOAD_FILES);
    body->source = json_string_value(spec);
    body->source_len = json_string_length(spec);
    body->object = json_is_object(spec) ? spec : NULL;
    return apply_overrides(r, body, err);
}

int spec_body_read(struct api_request *r, struct spec_body *out, struct err *err)
{
    const char *type = api_media_type(r);
    bool yaml = in_list(yaml_types, type);

    if (!yaml && !str_eq(type, "application/json"))
        return err_set(err, ERR_MEDIA_TYPE, "the body is %.80s; a Score file is sent as application/yaml or application/json",
                       type[0] ? type : "of no media type");
    if (yaml) {
        out->source = buf_text(&r->http.body);
        out->source_len = r->http.body.len;
        return 0;
    }
    if (api_body_json(r, err) < 0)
        return -1;
    if (json_object_get(r->body, "apiVersion")) { /* a Score file in JSON: its text keeps the line numbers */
        out->source = buf_text(&r->http.body);
        out->source_len = r->http.body.len;
        return 0;
    }
    if (api_body_members(r, members, err) < 0)
        return -1;
    return read_members(r, out, err);
}

void spec_body_fini(struct spec_body *body) { json_put(&body->owned); }
