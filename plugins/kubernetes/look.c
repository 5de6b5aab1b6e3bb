/* Owns looking at the objects of a resource without changing them: status and plan. Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>

/* ---- status ---- */

struct looking {
    json_t *changes; /* by hand */
    size_t there, all;
    bool leaving;
    enum rollout verdict;
    char text[2 * K8S_TEXT_BYTES];
};

static void prefix_of(const json_t *object, char out[K8S_TEXT_BYTES])
{
    snprintf(out, K8S_TEXT_BYTES, "%.80s/%.253s", object_kind(object), object_name(object));
}

static inno_rc look_at(struct k8s_work *work, const json_t *wanted, struct looking *l)
{
    CLEANUP(json_put) json_t *live = NULL;
    char why[K8S_TEXT_BYTES], prefix[K8S_TEXT_BYTES];
    enum rollout verdict;
    inno_rc rc = object_get(work, wanted, &live);

    if (rc != INNO_OK)
        return rc;
    prefix_of(wanted, prefix);
    l->all++;
    if (!live || strcmp(object_label(live, K8S_OWNER), work->owner) != 0) {
        json_t *change = json_pack("{s:s, s:n, s:s}", "path", prefix, "from", "to", live ? "ours" : "there");

        return json_array_append_new(l->changes, change) == 0 ? INNO_OK : K8S_NO_MEMORY(work);
    }
    l->there++;
    l->leaving |= json_object_get(json_object_get(live, "metadata"), "deletionTimestamp") != NULL;
    if (compare_wanted(wanted, live, prefix, l->changes) < 0 ||
        (strcmp(object_kind(wanted), "Secret") == 0 && compare_secret_owners(wanted, live, prefix, l->changes) < 0))
        return K8S_NO_MEMORY(work);
    verdict = rollout_look(live, why);
    if (verdict > l->verdict) {
        l->verdict = verdict;
        snprintf(l->text, sizeof l->text, "%.300s: %s", prefix, why);
    }
    return INNO_OK;
}

static void say(struct k8s_work *work, const struct looking *l)
{
    char text[K8S_TEXT_BYTES], whole[2 * K8S_TEXT_BYTES];

    if (!l->there) {
        work->host->status(work->call, INNO_STATE_TERMINATED, "none of its objects is there");
    } else if (l->leaving) {
        work->host->status(work->call, INNO_STATE_TERMINATING, "objects of it are being removed");
    } else if (json_array_size(l->changes)) {
        compare_say(json_array_get(l->changes, 0), text);
        snprintf(whole, sizeof whole, "changed by hand: %s%s", text, json_array_size(l->changes) > 1 ? ", and more" : "");
        work->host->status(work->call, INNO_STATE_DEGRADED, whole);
    } else {
        work->host->status(work->call, l->verdict == ROLLOUT_DONE ? INNO_STATE_ACTIVE : INNO_STATE_DEGRADED,
                           l->verdict == ROLLOUT_DONE ? NULL : l->text);
    }
}

/* host->output_json; steals nothing. */
static inno_rc tell_changes(struct k8s_work *work, const json_t *changes)
{
    CLEANUP(free_text) char *text = json_dumps(changes, JSON_COMPACT);

    if (!text)
        return K8S_NO_MEMORY(work);
    work->host->output_json(work->call, "changes", inno_span_of(text));
    return INNO_OK;
}

inno_rc set_status(struct k8s_work *work, const json_t *objects)
{
    CLEANUP(json_put) json_t *changes = json_array();
    struct looking l = {.changes = changes};
    const json_t *wanted;
    size_t i;
    inno_rc rc = changes ? INNO_OK : K8S_NO_MEMORY(work);

    json_array_foreach(objects, i, wanted) if (rc == INNO_OK) rc = look_at(work, wanted, &l);
    if (rc != INNO_OK)
        return rc;
    say(work, &l);
    return l.there && json_array_size(changes) ? tell_changes(work, changes) : INNO_OK;
}

/* ---- plan ---- */

static int note(json_t *changes, const char *path, const char *from, const char *to)
{
    return json_array_append_new(changes, json_pack("{s:s, s:s?, s:s?}", "path", path, "from", from, "to", to));
}

/* The values of a workload's secrets are opened for what is really applied only: without them it is no difference that they are there. */
static void forget_unopened(const json_t *object, json_t *live, json_t *result)
{
    if (strcmp(object_kind(object), "Secret") != 0 || json_object_get(object, "data") || json_object_get(object, "stringData"))
        return;
    json_object_del(live, "data");
    json_object_del(result, "data");
}

/* What an apply would change, as the server itself says. */
static inno_rc try_one(struct k8s_work *work, const json_t *object, bool place_is_there, json_t *changes)
{
    CLEANUP(json_put) json_t *live = NULL, *result = NULL;
    char prefix[K8S_TEXT_BYTES];
    inno_rc rc = object_get(work, object, &live);

    if (rc == INNO_OK && (place_is_there || live))
        rc = object_apply(work, object, true, &result);
    if (rc != INNO_OK)
        return rc;
    prefix_of(object, prefix);
    if (!live)
        return note(changes, prefix, NULL, "made") == 0 ? INNO_OK : K8S_NO_MEMORY(work);
    forget_unopened(object, live, result);
    return compare_results(live, result, prefix, changes) == 0 ? INNO_OK : K8S_NO_MEMORY(work);
}

/* Is the namespace there? */
static inno_rc look_at_place(struct k8s_work *work, json_t *changes, bool *out)
{
    CLEANUP(json_put)
    json_t *namespace = json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind", "Namespace", "metadata", "name", work->namespace);
    CLEANUP(json_put) json_t *live = NULL;
    char prefix[K8S_TEXT_BYTES];
    inno_rc rc = namespace ? object_get(work, namespace, &live) : K8S_NO_MEMORY(work);

    *out = rc == INNO_UNAUTHORIZED || live;
    if (rc == INNO_UNAUTHORIZED)
        return INNO_OK;
    prefix_of(namespace, prefix);
    return rc == INNO_OK && !live && note(changes, prefix, NULL, "made") != 0 ? K8S_NO_MEMORY(work) : rc;
}

static inno_rc find_unwanted(struct k8s_work *work, const json_t *objects, const char *const *kinds, json_t *changes)
{
    CLEANUP(json_put) json_t *owned = NULL;
    const json_t *live, *object;
    size_t i, k;
    inno_rc rc = set_list_owned(work, kinds, &owned);

    json_array_foreach(owned, i, live) if (rc == INNO_OK)
    {
        char prefix[K8S_TEXT_BYTES], other[K8S_TEXT_BYTES];
        bool wanted = false;

        prefix_of(live, prefix);
        json_array_foreach(objects, k, object)
        {
            prefix_of(object, other);
            wanted = wanted || strcmp(prefix, other) == 0;
        }
        if (!wanted && note(changes, prefix, "there", NULL) != 0)
            rc = K8S_NO_MEMORY(work);
    }
    return rc;
}

inno_rc set_changes(struct k8s_work *work, const json_t *objects, const char *const *kinds, json_t **out)
{
    CLEANUP(json_put) json_t *changes = json_array();
    bool place_is_there = true;
    const json_t *object;
    size_t i;
    inno_rc rc = changes ? INNO_OK : K8S_NO_MEMORY(work);

    if (rc == INNO_OK && (!work->type || !work->type->makes_namespace))
        rc = look_at_place(work, changes, &place_is_there);
    json_array_foreach(objects, i, object) if (rc == INNO_OK)
    {
        /* what lies in a namespace that is still to be made cannot be tried */
        bool can = place_is_there && !(work->type && work->type->makes_namespace && strcmp(object_kind(object), "Namespace") != 0);

        rc = try_one(work, object, can, changes);
    }
    if (rc == INNO_OK && kinds)
        rc = find_unwanted(work, objects, kinds, changes);
    if (rc == INNO_OK)
        *out = json_incref(changes);
    return rc;
}

inno_rc set_plan(struct k8s_work *work, const json_t *objects, const char *const *kinds)
{
    CLEANUP(json_put) json_t *changes = NULL;
    inno_rc rc = set_changes(work, objects, kinds, &changes);

    return rc == INNO_OK ? tell_changes(work, changes) : rc;
}
