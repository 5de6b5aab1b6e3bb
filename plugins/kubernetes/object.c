/* Owns reading, applying and deleting one object of the API server. Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>

#define DISOWN_TRIES 8

const char *object_kind(const json_t *object) { return text_at(object, "kind", ""); }
const char *object_name(const json_t *object) { return text_at(json_object_get(object, "metadata"), "name", ""); }

const char *object_label(const json_t *object, const char *key)
{
    return text_at(json_object_get(json_object_get(object, "metadata"), "labels"), key, "");
}

void object_say(const json_t *object, char *out)
{
    snprintf(out, K8S_TEXT_BYTES, "%.80s %.253s", object_kind(object), object_name(object));
}

/* ---- paths ---- */

/* The path of the object; of the kind's list without a name. Free with free(). */
static inno_rc path_of(struct k8s_work *work, const json_t *object, const char *api_version, const char *kind, const char *namespace,
                       const char *name, char **out)
{
    const json_t *metadata = json_object_get(object, "metadata");
    struct k8s_kind k;
    inno_rc rc = kinds_find(work, api_version, kind, &k);

    if (rc != INNO_OK)
        return rc;
    if (name && (strpbrk(name, "/%") || strlen(name) > 253))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%.80s \"%.100s\" is no name", kind, name);
    namespace = namespace ? namespace : text_at(metadata, "namespace", object ? work->namespace : NULL);
    if (k.namespaced && namespace && name)
        *out = rest_path("{+}/namespaces/{}/{}/{}", k.prefix + 1, namespace, k.plural, name);
    else if (k.namespaced && namespace)
        *out = rest_path("{+}/namespaces/{}/{}", k.prefix + 1, namespace, k.plural);
    else
        *out = name ? rest_path("{+}/{}/{}", k.prefix + 1, k.plural, name) : rest_path("{+}/{}", k.prefix + 1, k.plural);
    return *out ? INNO_OK
                : K8S_FAIL(work, INNO_INVALID_RESOURCE, "%.80s \"%.100s\" in \"%.100s\" is no name", kind, name ? name : "",
                           namespace ? namespace : "");
}

/* The same with a slash before it and a query behind it. */
inno_rc object_path(struct k8s_work *work, const json_t *object, const char *query, char **out)
{
    CLEANUP(free_text) char *path = NULL;
    inno_rc rc = path_of(work, object, text_at(object, "apiVersion", ""), object_kind(object), NULL, object_name(object), &path);
    size_t cap;

    if (rc != INNO_OK)
        return rc;
    cap = strlen(path) + strlen(query) + 2;
    *out = malloc(cap);
    if (!*out)
        return K8S_NO_MEMORY(work);
    snprintf(*out, cap, "/%s%s", path, query);
    return INNO_OK;
}

static bool is_secret(const json_t *object) { return strcmp(object_kind(object), "Secret") == 0; }

/* ---- requests ---- */

inno_rc object_get(struct k8s_work *work, const json_t *object, json_t **out)
{
    static const int also[] = {404, 0};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = NULL;
    struct rest_request request = {.also = also};
    inno_rc rc = object_path(work, object, "", &path);

    if (rc != INNO_OK)
        return rc;
    request.path = path;
    rc = cluster_call(work, &request, &answer);
    if (rc == INNO_OK)
        *out = answer.status == 404 ? NULL : json_incref(answer.json);
    return rc;
}

/* One apply; *answer as it came, 403, 409 and 422 too. */
static inno_rc send_apply(struct k8s_work *work, const json_t *object, const char *path, struct rest_request *request,
                          struct rest_answer *answer)
{
    static const int also[] = {403, 409, 422, 0};

    *request = (struct rest_request){.method = "PATCH",
                                     .path = path,
                                     .json = object,
                                     .content_type = "application/apply-patch+yaml",
                                     .also = also,
                                     .repeatable = true, /* it says what shall be, not what to do */
                                     .secret_body = is_secret(object)};
    return cluster_call(work, request, answer);
}

/* What is left to do after a successful apply. */
static inno_rc finish_apply(struct k8s_work *work, const struct rest_answer *answer, bool dry, json_t **out)
{
    inno_rc rc = dry ? INNO_OK : replace_disown(work, answer->json);

    if (rc == INNO_OK && out)
        *out = json_incref(answer->json);
    return rc;
}

/* A conflict with ourselves: what a replacement owns could not be given up, as the object changed all the time, or the process died before.
 * *out_now false: it is somebody else's. */
static inno_rc give_up_own(struct k8s_work *work, const json_t *object, bool *out_now)
{
    *out_now = false;
    for (int tries = 0; tries < DISOWN_TRIES; tries++) {
        CLEANUP(json_put) json_t *live = NULL;
        inno_rc rc = object_get(work, object, &live);

        if (rc != INNO_OK || !replace_owns(live))
            return rc;
        *out_now = true;
        if ((rc = replace_disown(work, live)) != INNO_OK)
            return rc;
    }
    return INNO_OK;
}

inno_rc object_apply(struct k8s_work *work, const json_t *object, bool dry, json_t **out)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0}, second = {0};
    CLEANUP(free_text) char *path = NULL;
    struct rest_request request;
    char query[120], what[K8S_TEXT_BYTES];
    bool replaced = false, disowned = false;
    inno_rc rc;

    snprintf(query, sizeof query, "?fieldManager=" K8S_MANAGER "&fieldValidation=Strict%s%s", work->force ? "&force=true" : "",
             dry ? "&dryRun=All" : "");
    rc = object_path(work, object, query, &path);
    if (rc == INNO_OK)
        rc = send_apply(work, object, path, &request, &answer);
    if (rc != INNO_OK)
        return rc;
    if (answer.status < 300)
        return finish_apply(work, &answer, dry, out);
    if (answer.status == 422 && (rc = replace_object(work, object, dry, &replaced, out)) != INNO_OK)
        return rc;
    if (replaced && dry)
        return INNO_OK;
    if (answer.status == 409 && !dry && (rc = give_up_own(work, object, &disowned)) != INNO_OK)
        return rc;
    object_say(object, what);
    if (!replaced && !disowned)
        return cluster_fail(work, &request, &answer, what);
    rc = send_apply(work, object, path, &request, &second);
    if (rc != INNO_OK)
        return rc;
    return second.status < 300 ? finish_apply(work, &second, dry, out) : cluster_fail(work, &request, &second, what);
}

inno_rc object_delete(struct k8s_work *work, const json_t *live)
{
    static const int also[] = {404, 409, 0};
    const char *uid = text_at(json_object_get(live, "metadata"), "uid", "");
    CLEANUP(json_put)
    json_t *body = json_pack("{s:s, s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind", "DeleteOptions", "propagationPolicy", "Foreground",
                             "preconditions", "uid", uid);
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = NULL;
    struct rest_request request = {.method = "DELETE", .json = body, .also = also};
    inno_rc rc = object_path(work, live, "", &path);

    if (rc != INNO_OK)
        return rc;
    request.path = path;
    /* 409: another one of that name stands there now (preconditions), or a namespace that goes already */
    return body ? cluster_call(work, &request, &answer) : K8S_NO_MEMORY(work);
}

inno_rc object_list(struct k8s_work *work, const char *api_version, const char *kind, const char *namespace, const char *selector,
                    json_t **out)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = NULL, *full = NULL;
    struct rest_request request = {.method = "GET"};
    json_t *item, *items;
    inno_rc rc = path_of(work, NULL, api_version, kind, namespace, NULL, &path);
    size_t cap, i;

    if (rc != INNO_OK)
        return rc;
    cap = strlen(path) + strlen(selector) + 60;
    if (!(full = malloc(cap)))
        return K8S_NO_MEMORY(work);
    snprintf(full, cap, "/%s?limit=%d%s%s", path, K8S_MAX_OBJECTS, selector[0] ? "&" : "", selector);
    request.path = full;
    rc = cluster_call(work, &request, &answer);
    if (rc != INNO_OK)
        return rc;
    items = json_object_get(answer.json, "items");
    json_array_foreach(items, i, item)
    {
        json_object_set_new(item, "apiVersion", json_string(api_version)); /* items of a list come without */
        json_object_set_new(item, "kind", json_string(kind));
    }
    *out = items ? json_incref(items) : json_array();
    return *out ? INNO_OK : K8S_NO_MEMORY(work);
}
