/* Owns the namespace of a team and environment: its name, that it is there and the team's, its quota and the defaults of containers in it.
 * Slot's thread. */
#include "kube_render.h"
#include "kubernetes.h"
#include <stdio.h>

#define TEMPLATE "{team}-{environment}"
#define TEAM     "innominatus.dev/team"
#define QUOTA    "innominatus"

/* ---- its name ---- */

static bool is_reserved(const char *name) { return strncmp(name, "kube-", 5) == 0 || strncmp(name, "openshift-", 10) == 0; }

/* Adds `text`, at most to the end of `out`. */
static void add(char *out, size_t cap, const char *text, size_t len)
{
    size_t used = strlen(out);

    if (used + len >= cap)
        len = cap - 1 - used;
    memcpy(out + used, text, len);
    out[used + len] = '\0';
}

static bool expand(const char *template, const char *const words[][2], char *out, size_t cap)
{
    out[0] = '\0';
    while (*template) {
        size_t i = 0, len = strcspn(template, "{");

        add(out, cap, template, len);
        template += len;
        if (!*template)
            return true;
        while (words[i][0] && strncmp(template, words[i][0], strlen(words[i][0])) != 0)
            i++;
        if (!words[i][0])
            return false;
        add(out, cap, words[i][1], strlen(words[i][1]));
        template += strlen(words[i][0]);
    }
    return true;
}

inno_rc place_name(struct k8s_work *work, const char *team, const char *environment, const char *application, const char *product)
{
    const char *template = text_at(work->self->config, "namespace", TEMPLATE), *kept = text_at(work->state, "namespace", "");
    const char *const words[][2] = {
        {"{team}", team}, {"{environment}", environment}, {"{application}", application}, {"{product}", product}, {NULL, NULL}};
    char text[600];

    if (kept[0] && strlen(kept) < sizeof work->namespace) { /* a place that was given once stays */
        memcpy(work->namespace, kept, strlen(kept) + 1);
        return INNO_OK;
    }
    if (!expand(template, words, text, sizeof text))
        return K8S_FAIL(
            work, INNO_INVALID_CONFIG,
            "config.namespace \"%.100s\": it may have {team}, {environment}, {application} and {product}, nothing else in braces",
            template);
    kube_safe_label(text, work->namespace);
    if (is_reserved(work->namespace) && strcmp(template, work->namespace) != 0)
        return K8S_FAIL(work, INNO_INVALID_CONFIG,
                        "team and environment would give the namespace \"%s\", which is the cluster's own; set config.namespace",
                        work->namespace);
    return INNO_OK;
}

/* ---- what is in it by itself ---- */

const json_t *place_quota(const struct k8s_work *work, const char *team)
{
    const json_t *quotas = json_object_get(work->self->config, "quotas"), *own = json_object_get(quotas, team);

    return own ? own : json_object_get(quotas, "*");
}

/* Applies an object only when it is not as it should be. */
static inno_rc apply_changed(struct k8s_work *work, json_t *object)
{
    CLEANUP(json_put) json_t *owned = object, *live = NULL, *changes = json_array();
    bool force = work->force;
    inno_rc rc = owned && changes ? object_get(work, owned, &live) : K8S_NO_MEMORY(work);

    if (rc != INNO_OK)
        return rc;
    if (live && (compare_wanted(owned, live, "", changes) < 0 || json_array_size(changes) == 0))
        return INNO_OK;
    work->force = true; /* the platform's word about its own namespace */
    rc = object_apply(work, owned, false, NULL);
    work->force = force;
    if (rc == INNO_OK)
        K8S_LOG(work, INFO, "applied %s %s of namespace %s", object_kind(owned), object_name(owned), work->namespace);
    return rc;
}

static json_t *make(const struct k8s_work *work, const char *kind, json_t *spec)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:o}", "apiVersion", "v1", "kind", kind, "metadata", "name", QUOTA, "namespace",
                     work->namespace, "labels", "app.kubernetes.io/managed-by", K8S_MANAGER, "spec", spec);
}

static inno_rc furnish(struct k8s_work *work, const char *team)
{
    const json_t *quota = place_quota(work, team), *defaults = json_object_get(work->self->config, "containerDefaults");
    inno_rc rc = INNO_OK;

    if (quota)
        rc = apply_changed(work, make(work, "ResourceQuota", json_pack("{s:O}", "hard", quota)));
    if (rc == INNO_OK && defaults) {
        json_t *item = json_copy((json_t *)(uintptr_t)defaults);

        json_object_set_new(item, "type", json_string("Container"));
        rc = apply_changed(work, make(work, "LimitRange", json_pack("{s:[o]}", "limits", item)));
    }
    return rc;
}

/* ---- that it is there ---- */

static inno_rc create(struct k8s_work *work, const json_t *namespace, const char *team)
{
    const json_t *allowed = json_object_get(work->self->config, "createNamespaces");
    inno_rc rc;

    if (json_is_false(allowed))
        return K8S_FAIL(work, INNO_NOT_FOUND, "there is no namespace \"%s\", and this entry makes none (config.createNamespaces: false)",
                        work->namespace);
    rc = object_apply(work, namespace, false, NULL);
    if (rc != INNO_OK)
        return rc;
    K8S_LOG(work, INFO, "made namespace %s", work->namespace);
    return furnish(work, team);
}

static inno_rc look_at(struct k8s_work *work, const json_t *live, const char *team)
{
    const char *whose = text_at(json_object_get(json_object_get(live, "metadata"), "annotations"), TEAM, "");

    if (json_object_get(json_object_get(live, "metadata"), "deletionTimestamp")) {
        K8S_LOG(work, INFO, "namespace %s is just being removed", work->namespace);
        work->host->poll_after(work->call, K8S_POLL_MS);
        return INNO_PENDING;
    }
    if (whose[0] && strcmp(whose, team) != 0)
        return K8S_FAIL(
            work, INNO_ALREADY_EXISTS,
            "namespace \"%s\" is that of team %.80s, not %.80s: their names meet; set config.namespace to what keeps them apart",
            work->namespace, whose, team);
    return whose[0] ? furnish(work, team) : INNO_OK;
}

inno_rc place_ensure(struct k8s_work *work)
{
    const char *team = work->res ? work->res->team : work->step->team,
               *environment = work->res ? work->res->environment : work->step->environment;
    bool teams_own = strstr(text_at(work->self->config, "namespace", TEMPLATE), "{team}") != NULL;
    CLEANUP(json_put) json_t *live = NULL;
    CLEANUP(json_put)
    json_t *namespace =
        json_pack("{s:s, s:s, s:{s:s, s:{s:s}, s:{s:s}}}", "apiVersion", "v1", "kind", "Namespace", "metadata", "name", work->namespace,
                  "labels", "app.kubernetes.io/managed-by", K8S_MANAGER, "annotations", "innominatus.dev/environment", environment);
    inno_rc rc;

    if (!namespace)
        return K8S_NO_MEMORY(work);
    if (teams_own) /* one that several teams share is nobody's */
        json_object_set_new(json_object_get(json_object_get(namespace, "metadata"), "annotations"), TEAM, json_string(team));
    rc = object_get(work, namespace, &live);
    if (rc == INNO_UNAUTHORIZED && work->self->rest) { /* who may work in a namespace only need not see it */
        K8S_LOG(work, DEBUG, "namespace %s cannot be looked at; it is taken to be there", work->namespace);
        return INNO_OK;
    }
    if (rc != INNO_OK)
        return rc;
    return live ? look_at(work, live, team) : create(work, namespace, team);
}
