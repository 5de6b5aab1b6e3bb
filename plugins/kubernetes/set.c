/* Owns what is done with the objects of one resource or step: mark, apply, prune, wait, compare, remove. What is there is found by the
 * owner's label, so that a lost state makes no double and leaves nothing behind. Slot's thread. */
#include "kubernetes.h"
#include "sha256.h"
#include <stdio.h>
#include <time.h>

#define SOON_S   5 /* a rollout is looked at more often at its begin */
#define SELECTOR "labelSelector=innominatus.dev%2Fowner%3D"

/* ---- state ---- */

inno_rc set_keep(struct k8s_work *work, const char *key, json_t *value)
{
    CLEANUP(free_text) char *text = NULL;
    inno_rc rc;

    if (json_object_set_new(work->state, key, value) != 0 ||
        json_object_set_new(work->state, "namespace", json_string(work->namespace)) != 0 || !(text = json_dumps(work->state, JSON_COMPACT)))
        return K8S_NO_MEMORY(work);
    rc = work->host->state(work->call, inno_span_of(text));
    return rc == INNO_OK ? rc : K8S_FAIL(work, rc, "the state could not be kept");
}

/* What these objects are, for this process only: with secrets in it, so salted, and another process applies once more. */
static bool make_mark(const struct k8s_work *work, const json_t *objects, char out[65])
{
    CLEANUP(wipe_text) char *text = json_dumps(objects, JSON_COMPACT | JSON_SORT_KEYS);
    const char *const parts[] = {work->self->salt, work->force ? "force" : "", text ? text : ""};

    if (text)
        sha256_texts(parts, 3, out);
    return text != NULL;
}

/* ---- marks of the objects ---- */

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (!json_is_object(value)) {
        value = json_object();
        json_object_set_new(object, key, value);
    }
    return value;
}

inno_rc set_mark(struct k8s_work *work, json_t *objects)
{
    const char *uid = work->res ? work->res->uid : work->step->name;
    json_t *object;
    size_t i;

    if (json_array_size(objects) > K8S_MAX_OBJECTS)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%zu objects; the limit is %d", json_array_size(objects), K8S_MAX_OBJECTS);
    json_array_foreach(objects, i, object)
    {
        json_t *metadata = member(object, "metadata"), *labels = member(metadata, "labels");
        struct k8s_kind kind;
        inno_rc rc = kinds_find(work, text_at(object, "apiVersion", ""), object_kind(object), &kind);

        if (rc != INNO_OK)
            return rc;
        if (kind.namespaced && !json_object_get(metadata, "namespace"))
            json_object_set_new(metadata, "namespace", json_string(work->namespace));
        if (json_object_set_new(labels, K8S_OWNER, json_string(work->owner)) != 0 ||
            json_object_set_new(labels, "app.kubernetes.io/managed-by", json_string(K8S_MANAGER)) != 0 ||
            json_object_set_new(member(metadata, "annotations"), "innominatus.dev/resource", json_string(uid)) != 0)
            return K8S_NO_MEMORY(work);
    }
    return INNO_OK;
}

static bool is_ours(const struct k8s_work *work, const json_t *live) { return strcmp(object_label(live, K8S_OWNER), work->owner) == 0; }

/* Somebody else's object of that name is neither changed nor taken. */
static inno_rc check_owner(struct k8s_work *work, const json_t *live)
{
    const char *owner = object_label(live, K8S_OWNER),
               *whose = text_at(json_object_get(json_object_get(live, "metadata"), "annotations"), "innominatus.dev/resource", "");
    char what[K8S_TEXT_BYTES];

    if (!live || is_ours(work, live) || (!owner[0] && json_is_true(json_object_get(work->self->config, "adopt"))))
        return INNO_OK;
    object_say(live, what);
    if (owner[0])
        return K8S_FAIL(work, INNO_ALREADY_EXISTS, "%s in namespace %s belongs to %.150s; rename one of the two", what, work->namespace,
                        whose[0] ? whose : "another deployment");
    return K8S_FAIL(
        work, INNO_ALREADY_EXISTS,
        "%s in namespace %s is there already and was not made by a deployment; remove it, or let this entry take such objects over by "
        "config.adopt: true",
        what, work->namespace);
}

/* ---- applying ---- */

static inno_rc again(struct k8s_work *work, int64_t ms)
{
    work->host->poll_after(work->call, ms);
    return INNO_PENDING;
}

/* Says once what it waits for. */
static inno_rc wait_for_end(struct k8s_work *work, const char *what)
{
    char text[K8S_TEXT_BYTES + 40];
    inno_rc rc = INNO_OK;

    snprintf(text, sizeof text, "waiting until the %s before is gone", what);
    if (strcmp(text_at(work->state, "waits", ""), text) != 0) {
        K8S_LOG(work, INFO, "%s", text);
        rc = set_keep(work, "waits", json_string(text));
    }
    return rc == INNO_OK ? again(work, K8S_POLL_GONE_MS) : rc;
}

static bool is_going(const json_t *live) { return json_object_get(json_object_get(live, "metadata"), "deletionTimestamp") != NULL; }

/* What is going away cannot be kept by applying it: it is made again when it is gone. */
static inno_rc apply_one(struct k8s_work *work, const json_t *object)
{
    CLEANUP(json_put) json_t *live = NULL, *now = NULL, *changes = json_array();
    char what[K8S_TEXT_BYTES];
    inno_rc rc = object_get(work, object, &live);

    object_say(object, what);
    if (rc == INNO_OK)
        rc = check_owner(work, live);
    if (rc == INNO_OK && is_going(live))
        return wait_for_end(work, what);
    if (rc == INNO_OK)
        rc = object_apply(work, object, false, &now);
    if (rc != INNO_OK)
        return rc;
    if (!live)
        K8S_LOG(work, INFO, "made %s", what);
    else if (compare_results(live, now, "", changes) == 0 && json_array_size(changes)) /* older servers count a version when nothing was */
        K8S_LOG(work, INFO, "changed %s", what);
    return INNO_OK;
}

static bool holds(const json_t *objects, const json_t *live)
{
    const json_t *object;
    size_t i;

    json_array_foreach(objects, i, object) if (strcmp(object_kind(object), object_kind(live)) == 0 &&
                                               strcmp(object_name(object), object_name(live)) == 0) return true;
    return false;
}

inno_rc set_list_owned(struct k8s_work *work, const char *const *kinds, json_t **out)
{
    CLEANUP(json_put) json_t *all = json_array();
    char selector[120];

    snprintf(selector, sizeof selector, "%s%s", SELECTOR, work->owner);
    for (; *kinds; kinds++) {
        const char *space = strchr(*kinds, ' ');
        CLEANUP(json_put) json_t *items = NULL;
        char version[100];
        inno_rc rc;

        snprintf(version, sizeof version, "%.*s", (int)(space - *kinds), *kinds);
        rc = object_list(work, version, space + 1, work->listed[0] ? work->listed : work->namespace, selector, &items);
        if (rc != INNO_OK)
            return rc;
        if (json_array_extend(all, items) != 0)
            return K8S_NO_MEMORY(work);
    }
    *out = json_incref(all);
    return INNO_OK;
}

static inno_rc prune(struct k8s_work *work, const json_t *objects, const char *const *kinds)
{
    CLEANUP(json_put) json_t *owned = NULL;
    inno_rc rc = kinds ? set_list_owned(work, kinds, &owned) : INNO_OK;
    const json_t *live;
    size_t i;

    json_array_foreach(owned, i, live) if (rc == INNO_OK && !holds(objects, live) && !is_going(live))
    {
        K8S_LOG(work, INFO, "removing %s %s, which is not wanted any more", object_kind(live), object_name(live));
        rc = object_delete(work, live);
    }
    return rc;
}

/* Is any of the objects in the namespace of the team? */
static bool lies_here(const struct k8s_work *work, const json_t *objects)
{
    const json_t *object;
    size_t i;

    json_array_foreach(objects, i,
                       object) if (strcmp(text_at(json_object_get(object, "metadata"), "namespace", ""), work->namespace) == 0) return true;
    return false;
}

static inno_rc apply_all(struct k8s_work *work, const json_t *objects, const char *const *kinds, const char *mark)
{
    CLEANUP(json_put) json_t *seen = json_object();
    const json_t *object;
    size_t i, count = json_array_size(objects);
    inno_rc rc = INNO_OK;

    if (lies_here(work, objects))
        rc = place_ensure(work);
    if (rc != INNO_OK)
        return rc;
    if (strcmp(text_at(work->state, "begun", ""), mark) != 0) /* before anything is made */
        rc = set_keep(work, "begun", json_string(mark));
    if (rc == INNO_OK)
        events_tell(work, objects, seen, true);
    json_array_foreach(objects, i, object) if (rc == INNO_OK)
    {
        work->host->progress(work->call, (int32_t)(50 * i / count), object_name(object));
        rc = apply_one(work, object);
    }
    if (rc == INNO_OK)
        rc = prune(work, objects, kinds);
    if (rc == INNO_OK && (json_object_set(work->state, "seen", seen) != 0 ||
                          json_object_set_new(work->state, "since", json_integer((json_int_t)time(NULL))) != 0))
        rc = K8S_NO_MEMORY(work);
    return rc == INNO_OK ? set_keep(work, "applied", json_string(mark)) : rc;
}

/* ---- waiting ---- */

/* A server that is away while a rollout goes on ends nothing: the step's own deadline does. */
static inno_rc away(struct k8s_work *work, inno_rc rc)
{
    if (rc != INNO_TRANSIENT && rc != INNO_TIMEOUT)
        return rc;
    if (work->host->deadline_ms(work->call) < K8S_POLL_AWAY_MS)
        return rc;
    K8S_LOG(work, WARN, "Kubernetes at %s does not answer; looking again in %d s", work->self->access.url, K8S_POLL_AWAY_MS / 1000);
    return again(work, K8S_POLL_AWAY_MS);
}

/* Looks at all; *out_ready: how many are. `text` says of the first that is not. */
static inno_rc look_at_all(struct k8s_work *work, const json_t *objects, size_t *out_ready, char *text, enum rollout *out)
{
    char why[K8S_TEXT_BYTES], what[K8S_TEXT_BYTES];
    const json_t *object;
    size_t i;

    *out = ROLLOUT_DONE;
    *out_ready = 0;
    json_array_foreach(objects, i, object)
    {
        CLEANUP(json_put) json_t *live = NULL;
        inno_rc rc = object_get(work, object, &live);
        enum rollout verdict;

        if (rc != INNO_OK)
            return rc;
        snprintf(why, sizeof why, "it is not there");
        verdict = live ? rollout_look(live, why) : ROLLOUT_WAITS;
        *out_ready += verdict == ROLLOUT_DONE;
        if (verdict <= *out)
            continue;
        object_say(object, what);
        snprintf(text, 2 * K8S_TEXT_BYTES, "%.350s: %.400s", what, why);
        *out = verdict;
    }
    return INNO_OK;
}

inno_rc set_wait(struct k8s_work *work, const json_t *objects, const char *what)
{
    CLEANUP(json_put) json_t *seen = json_deep_copy(json_object_get(work->state, "seen"));
    char text[2 * K8S_TEXT_BYTES] = "";
    size_t ready, count = json_array_size(objects);
    enum rollout verdict;
    bool soon;
    inno_rc rc = look_at_all(work, objects, &ready, text, &verdict);

    if (rc != INNO_OK)
        return away(work, rc);
    if (!seen && !(seen = json_object()))
        return K8S_NO_MEMORY(work);
    events_tell(work, objects, seen, false);
    if (verdict == ROLLOUT_BROKEN)
        return K8S_FAIL(work, INNO_FAILED, "%s", text);
    if (verdict == ROLLOUT_DONE)
        return INNO_OK;
    work->host->progress(work->call, (int32_t)(50 + (count ? 50 * ready / count : 0)), text);
    if (!json_equal(seen, json_object_get(work->state, "seen")) || strcmp(text_at(work->state, "waits", ""), text) != 0) {
        K8S_LOG(work, INFO, "%s: %s", what, text);
        json_object_set_new(work->state, "waits", json_string(text));
        if ((rc = set_keep(work, "seen", json_incref(seen))) != INNO_OK)
            return rc;
    }
    soon = json_integer_value(json_object_get(work->state, "since")) + SOON_S > (json_int_t)time(NULL);
    return again(work, soon ? K8S_POLL_SOON_MS : K8S_POLL_MS);
}

/* ---- the whole ---- */

inno_rc set_provision(struct k8s_work *work, json_t *objects, const char *const *kinds, bool wait)
{
    char mark[65];
    bool applied;
    inno_rc rc = set_mark(work, objects);

    if (rc != INNO_OK)
        return rc;
    if (!make_mark(work, objects, mark))
        return K8S_NO_MEMORY(work);
    applied = strcmp(text_at(work->state, "applied", ""), mark) == 0;
    if (!applied && (rc = apply_all(work, objects, kinds, mark)) != INNO_OK)
        return strcmp(text_at(work->state, "begun", ""), mark) == 0 ? away(work, rc) : rc; /* what has begun is not given up */
    if (wait && (rc = set_wait(work, objects, "waiting")) != INNO_OK)
        return rc;
    json_object_del(work->state, "applied"); /* the next deployment applies */
    json_object_del(work->state, "begun");
    json_object_del(work->state, "waits");
    return set_keep(work, "seen", json_object());
}

/* What is left of a list of live objects that were asked to go. */
static inno_rc remove_listed(struct k8s_work *work, const json_t *list)
{
    inno_rc rc = INNO_OK;

    for (size_t i = json_array_size(list); i-- > 0 && rc == INNO_OK;) {
        const json_t *live = json_array_get(list, i);

        if (is_going(live))
            continue;
        K8S_LOG(work, INFO, "removing %s %s", object_kind(live), object_name(live));
        rc = object_delete(work, live);
    }
    return rc;
}

static inno_rc still_there(struct k8s_work *work, const json_t *list)
{
    const json_t *first = json_array_get(list, 0);

    if (!first)
        return INNO_OK;
    K8S_LOG(work, DEBUG, "%s %s is not gone yet", object_kind(first), object_name(first));
    return again(work, K8S_POLL_GONE_MS);
}

inno_rc set_deprovision(struct k8s_work *work, const char *const *kinds)
{
    CLEANUP(json_put) json_t *owned = NULL, *left = NULL;
    inno_rc rc = set_list_owned(work, kinds, &owned);

    if (rc == INNO_OK)
        rc = remove_listed(work, owned);
    if (rc == INNO_OK && json_array_size(owned)) /* most are gone at once */
        rc = set_list_owned(work, kinds, &left);
    if (rc != INNO_OK)
        return json_object_get(work->state, "namespace") ? away(work, rc) : rc;
    return still_there(work, left);
}

inno_rc set_remove(struct k8s_work *work, const json_t *objects, bool owned_only)
{
    CLEANUP(json_put) json_t *there = json_array(), *left = json_array();
    const json_t *object;
    inno_rc rc = INNO_OK;
    size_t i;

    for (int round = 0; round < 2 && rc == INNO_OK; round++) {
        json_array_foreach(objects, i, object) if (rc == INNO_OK)
        {
            json_t *live = NULL;

            rc = object_get(work, object, &live);
            if (rc == INNO_OK && live && owned_only && !is_ours(work, live))
                rc = check_owner(work, live);
            if (live)
                json_array_append_new(round ? left : there, live);
        }
        if (rc == INNO_OK && round == 0)
            rc = remove_listed(work, there);
    }
    return rc == INNO_OK ? still_there(work, left) : away(work, rc);
}
