/* Owns the expansion of placeholders once resources have outputs: of the workload, and of one resource's params. Any thread; the score is
 * only read. */
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/interpolate.h"
#include "score/score_priv.h"
#include <string.h>

struct scope {
    const struct score *score;
    const struct score_resolver *resolver;
};

static int resolve_metadata(const struct score *s, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    const json_t *at = json_object_get(s->spec, "metadata");
    int64_t index;

    for (size_t i = 1; i < count && at; i++) {
        if (json_is_array(at))
            at = str_to_int(parts[i], &index) && index >= 0 ? json_array_get(at, (size_t)index) : NULL;
        else
            at = json_object_get(at, parts[i]);
    }
    if (!at || count < 2)
        return err_set(err, ERR_PLACEHOLDER, "${%.200s}: metadata has no such key", text);
    *out = json_incref((json_t *)(uintptr_t)at);
    return 0;
}

static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    const struct scope *scope = ctx;
    const struct score_resource *resource;

    if (strcmp(parts[0], "metadata") == 0)
        return resolve_metadata(scope->score, parts, count, text, out, err);
    if (strcmp(parts[0], "resources") != 0 || count < 2)
        return err_set(err, ERR_PLACEHOLDER, "${%.200s}: only ${metadata.KEY} and ${resources.NAME.KEY} can be referred to", text);
    resource = score_find_resource(scope->score, parts[1]);
    if (!resource)
        return err_set(err, ERR_UNKNOWN_RESOURCE, "${%.200s}: no resource \"%.80s\"", text, parts[1]);
    if (count == 2) {
        *out = json_string(resource->uid);
        return 0;
    }
    return scope->resolver->output(scope->resolver->ctx, resource, parts + 2, count - 2, out, err);
}

/* Expands one member in place. The `place` is for the error. */
static int expand_member(const struct interp *in, json_t *object, const char *key, const char *place, struct err *err)
{
    const char *text = json_str(object, key);
    json_t *value = NULL;

    if (!text)
        return 0;
    if (interp_text(in, text, &value, err) < 0)
        return err_wrap(err, "%.200s.%.100s", place, key);
    json_object_set_new(object, key, value);
    return 0;
}

static int expand_variables(const struct interp *in, const char *container, json_t *variables, struct err *err)
{
    const char *key;
    json_t *value;
    char place[128];

    snprintf(place, sizeof place, "containers.%.63s.variables", container);
    json_object_foreach(variables, key, value)
    {
        if (expand_member(in, variables, key, place, err) < 0)
            return -1;
    }
    return 0;
}

static int expand_entries(const struct interp *in, const char *container, const char *kind, json_t *entries, const char *member,
                          struct err *err)
{
    const char *target;
    json_t *entry;
    char place[400];

    json_object_foreach(entries, target, entry)
    {
        snprintf(place, sizeof place, "containers.%.63s.%s.%.200s", container, kind, target);
        if (!json_flag(entry, "noExpand", false) && expand_member(in, entry, member, place, err) < 0)
            return -1;
        if (strcmp(member, "content") == 0 && json_object_get(entry, "content"))
            json_set_flag(entry, "noExpand", true);
    }
    return 0;
}

static int resolve_workload(const struct interp *in, const struct score *score, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *spec = json_clone(score->spec);
    const char *name;
    json_t *container;

    json_object_foreach(json_object_get(spec, "containers"), name, container)
    {
        if (expand_variables(in, name, json_object_get(container, "variables"), err) < 0 ||
            expand_entries(in, name, "files", json_object_get(container, "files"), "content", err) < 0 ||
            expand_entries(in, name, "volumes", json_object_get(container, "volumes"), "source", err) < 0)
            return -1;
    }
    *out = take_ptr(spec);
    return 0;
}

int score_resolve_placeholders(const struct score *score, const char *resource, const struct score_resolver *resolver, json_t **out,
                               struct err *err)
{
    struct scope scope = {score, resolver};
    struct interp in = {.mode = INTERP_SCORE, .resolve = resolve, .ctx = &scope};
    const struct score_resource *r = resource ? score_find_resource(score, resource) : NULL;

    if (!resource)
        return resolve_workload(&in, score, out, err);
    if (!r)
        return err_set(err, ERR_NOT_FOUND, "the Score file has no resource \"%.80s\"", resource);
    if (interp_value(&in, r->params, out, err) < 0)
        return err_wrap(err, "resources.%.63s.params", r->name);
    return 0;
}
