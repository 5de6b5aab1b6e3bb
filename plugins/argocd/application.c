/* argocd-app {name, project, repoURL, path, revision, chart, helm, kustomize, directory, server, cluster, namespace, automated, prune,
 * selfHeal, syncOptions, sync, wait} -> name, project, revision, url: an application. It is synced, and waited for until it is synced and
 * healthy; removed with all that it made. Slot's thread. */
#include "argocd.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_MS   2000
#define SOON_MS   500 /* while a sync has just begun */
#define BEGUN_MS  10000
#define WAIT_MS   (10LL * 60 * 1000)
#define DNS_LABEL "abcdefghijklmnopqrstuvwxyz0123456789-"

static const struct field fields[] = {{"name", FIELD_TEXT, .least = 1, .most = 63, .letters = DNS_LABEL},
                                      {"project", FIELD_TEXT, .required = true, .least = 1, .most = 63},
                                      {"repoURL", FIELD_TEXT, .required = true, .least = 1, .most = 500},
                                      {"path", FIELD_TEXT, .least = 1, .most = 300},
                                      {"revision", FIELD_TEXT, .least = 1, .most = 200},
                                      {"chart", FIELD_TEXT, .least = 1, .most = 200},
                                      {"helm", FIELD_OBJECT},
                                      {"kustomize", FIELD_OBJECT},
                                      {"directory", FIELD_OBJECT},
                                      {"server", FIELD_TEXT, .least = 1, .most = 300},
                                      {"cluster", FIELD_TEXT, .least = 1, .most = 100},
                                      {"namespace", FIELD_TEXT, .required = true, .least = 1, .most = 63, .letters = DNS_LABEL},
                                      {"automated", FIELD_BOOL},
                                      {"prune", FIELD_BOOL},
                                      {"selfHeal", FIELD_BOOL},
                                      {"syncOptions", FIELD_TEXTS, .least = 1, .most = 100},
                                      {"sync", FIELD_BOOL},
                                      {"wait", FIELD_TEXT, .least = 1, .most = 20},
                                      {NULL}};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inno_rc read_it(struct argo_work *work, json_t **out)
{
    return work->self->cluster ? objects_read(work, ARGO_APPLICATION, out)
                               : argo_read(work, rest_path("/api/v1/applications/{}", work->name), out);
}

/* ---- what it shall be ---- */

static json_t *source_of(const struct argo_work *work)
{
    static const char *const same[] = {"path", "chart", "helm", "kustomize", "directory"};
    json_t *source = json_pack("{s:s,s:s}", "repoURL", field_text(work->params, "repoURL", ""), "targetRevision",
                               field_text(work->params, "revision", "HEAD"));

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (json_object_get(work->params, same[i]))
            json_object_set(source, same[i], json_object_get(work->params, same[i]));
    return source;
}

/* The application's spec; new reference. */
static json_t *describe(const struct argo_work *work)
{
    const char *cluster = field_text(work->params, "cluster", NULL);
    json_t *destination = json_pack("{s:s,s:s}", cluster ? "name" : "server",
                                    cluster ? cluster : field_text(work->params, "server", "https://kubernetes.default.svc"), "namespace",
                                    field_text(work->params, "namespace", ""));
    json_t *policy = json_object(), *options = json_object_get(work->params, "syncOptions");

    if (field_bool(work->params, "automated", false))
        json_object_set_new(policy, "automated",
                            json_pack("{s:b,s:b}", "prune", field_bool(work->params, "prune", true), "selfHeal",
                                      field_bool(work->params, "selfHeal", true)));
    if (options)
        json_object_set(policy, "syncOptions", options);
    return json_pack("{s:s,s:o,s:o,s:o}", "project", field_text(work->params, "project", ""), "source", source_of(work), "destination",
                     destination, "syncPolicy", policy);
}

static inno_rc check(struct argo_work *work, int64_t *wait_ms)
{
    const char *text = field_text(work->params, "wait", NULL);
    inno_rc rc = argo_allowed(work, field_text(work->params, "project", ""));

    *wait_ms = WAIT_MS;
    if (rc != INNO_OK)
        return rc;
    if (!json_object_get(work->params, "path") == !json_object_get(work->params, "chart"))
        return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "%s must have either path or chart", work->where);
    if (json_object_get(work->params, "server") && json_object_get(work->params, "cluster"))
        return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "%s must not have both server and cluster", work->where);
    if (text && (!inno_duration_ms(text, wait_ms) || *wait_ms < 0))
        return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "%s.wait must be a duration, such as 10m; 0s does not wait", work->where);
    return INNO_OK;
}

static json_t *compare(const json_t *wanted, const json_t *there)
{
    CLEANUP(json_put) json_t *now = there ? argo_reduce(wanted, json_object_get(there, "spec")) : NULL;

    if (now && !json_object_get(now, "syncPolicy"))
        json_object_set_new(now, "syncPolicy", json_object());
    if (now && json_object_get(json_object_get(json_object_get(there, "spec"), "syncPolicy"), "automated") &&
        !json_object_get(json_object_get(wanted, "syncPolicy"), "automated"))
        json_object_set_new(json_object_get(now, "syncPolicy"), "automated", json_true());
    return tell_diff(wanted, now);
}

/* ---- how it is ---- */

struct view {
    const char *sync, *health, *phase, *message, *revision;
    char conditions[400];
    bool is_wrong; /* its spec */
    bool is_asked; /* a sync that the controller has not begun: what stands there is of the one before */
    bool is_going; /* a sync is on its way, or has ended well and not been looked at: what is wrong may be over */
    bool is_old;   /* sync and health are of before the sync's end, or of another source */
};

static bool is_old(const json_t *app)
{
    const json_t *status = json_object_get(app, "status"),
                 *compared = json_object_get(json_object_get(json_object_get(status, "sync"), "comparedTo"), "source");
    const char *finished = field_text(json_object_get(status, "operationState"), "finishedAt", ""),
               *reconciled = field_text(status, "reconciledAt", NULL);

    return (reconciled && strcmp(reconciled, finished) < 0) ||
           (compared && !tell_same(compared, json_object_get(json_object_get(app, "spec"), "source")));
}

static void look_at(const json_t *app, struct view *v)
{
    const json_t *status = json_object_get(app, "status"), *operation = json_object_get(status, "operationState"), *item;
    size_t i, used = 0;

    *v = (struct view){.sync = field_text(json_object_get(status, "sync"), "status", "Unknown"),
                       .health = field_text(json_object_get(status, "health"), "status", "Unknown"),
                       .phase = field_text(operation, "phase", ""),
                       .message = field_text(operation, "message", ""),
                       .revision = field_text(json_object_get(status, "sync"), "revision", ""),
                       .is_asked = json_is_object(json_object_get(app, "operation")),
                       .is_old = is_old(app)};
    v->is_going = v->is_asked || strcmp(v->phase, "Running") == 0 || (strcmp(v->phase, "Succeeded") == 0 && v->is_old);
    json_array_foreach(json_object_get(status, "conditions"), i, item)
    {
        const char *type = field_text(item, "type", "");

        v->is_wrong = v->is_wrong || strcmp(type, "InvalidSpecError") == 0;
        if (used + 10 < sizeof v->conditions)
            used += (size_t)snprintf(v->conditions + used, sizeof v->conditions - used, "%s%s: %.200s", used ? "; " : "", type,
                                     field_text(item, "message", ""));
        used = used < sizeof v->conditions ? used : sizeof v->conditions - 1;
    }
}

/* `synced`: of the spec that a sync was asked for; `since`: when the waiting began, 0 when it is over; `asked`: a sync, in that time. */
static inno_rc keep(struct argo_work *work, const char *synced, int64_t since, bool asked)
{
    return tell_state(work->host, work->call,
                      json_pack("{s:s,s:s,s:I,s:b}", "name", work->name, "synced", synced, "since", (json_int_t)since, "asked", asked));
}

static bool wants_sync(const struct argo_work *work)
{
    return field_bool(work->params, "sync", true) && !field_bool(work->params, "automated", false);
}

/* Its spec is as it was, but what it made is not, and nothing is under way that would mend it. */
static bool is_behind(const struct argo_work *work, const json_t *app)
{
    struct view v;

    look_at(app, &v);
    return wants_sync(work) && !field_bool(work->state, "asked", false) && !v.is_going && !v.is_old && strcmp(v.sync, "OutOfSync") == 0;
}

/* ---- making ---- */

static inno_rc put_server(struct argo_work *work, const json_t *wanted)
{
    json_t *body = json_pack("{s:{s:s,s:{s:s},s:[s]},s:O}", "metadata", "name", work->name, "annotations", ARGO_MARK, work->mark,
                             "finalizers", "resources-finalizer.argocd.argoproj.io", "spec", wanted);

    return argo_send(work, "POST", rest_path("/api/v1/applications?upsert=true&validate=true"), body, NULL, NULL, NULL);
}

static inno_rc put_it(struct argo_work *work, json_t *wanted, bool is_there)
{
    inno_rc rc = work->self->cluster ? objects_put(work, ARGO_APPLICATION, wanted) : put_server(work, wanted);

    if (rc == INNO_OK)
        work->host->log(work->call, INNO_LOG_INFO, "%s application %s", is_there ? "changed" : "made", work->name);
    return rc;
}

/* One sync for each spec; one that is under way already will do. */
static inno_rc sync_it(struct argo_work *work)
{
    static const int also[] = {400, 409, 0};
    CLEANUP(json_put) json_t *answer = NULL;
    bool prune = field_bool(work->params, "prune", true);
    const char *message;
    int status = 0;
    inno_rc rc;

    if (work->self->cluster)
        return objects_sync(work, prune);
    rc = argo_send(work, "POST", rest_path("/api/v1/applications/{}/sync", work->name), json_pack("{s:b}", "prune", prune), also, &status,
                   &answer);
    message = field_text(answer, "message", "");
    if (rc != INNO_OK || status < 300 || strstr(message, "already in progress"))
        return rc;
    return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "Argo CD does not sync %s: %.400s", work->name, message);
}

/* What has failed is not synced: the next deployment asks for a sync again, and gives it its whole time. */
static inno_rc give_up(struct argo_work *work, const struct view *v, int64_t wait_ms)
{
    inno_rc rc = keep(work, "", 0, false);

    if (rc != INNO_OK)
        return rc;
    if (v->is_wrong && strcmp(v->phase, "Failed") != 0) /* one that has begun was of a spec that could be used */
        return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "Argo CD cannot use the application %s: %s", work->name, v->conditions);
    if (strcmp(v->phase, "Failed") == 0 || strcmp(v->phase, "Error") == 0)
        return ARGO_FAIL(work, INNO_FAILED, "the sync of %s failed: %.500s", work->name, v->message);
    return ARGO_FAIL(work, INNO_FAILED, "the application %s is %s and %s after %lld s%s%s", work->name, v->sync, v->health,
                     (long long)(wait_ms / 1000), v->conditions[0] ? ": " : "", v->conditions);
}

/* PENDING until it is synced and healthy, fails when the sync failed or the time is over. */
static inno_rc wait_for(struct argo_work *work, const json_t *app, int64_t since, int64_t wait_ms)
{
    int64_t waited = now_ms() - since;
    struct view v;
    char url[300];

    look_at(app, &v);
    if (!v.is_going && (v.is_wrong || strcmp(v.phase, "Failed") == 0 || strcmp(v.phase, "Error") == 0))
        return give_up(work, &v, wait_ms);
    if (wait_ms > 0 && (v.is_going || v.is_old || strcmp(v.sync, "Synced") != 0 || strcmp(v.health, "Healthy") != 0)) {
        if (waited > wait_ms)
            return give_up(work, &v, wait_ms);
        work->host->progress(work->call, -1, v.health);
        work->host->poll_after(work->call, waited < BEGUN_MS ? SOON_MS : POLL_MS);
        return INNO_PENDING;
    }
    argo_url(work, "applications", "applications", url);
    work->host->output(work->call, "name", work->name);
    work->host->output(work->call, "project", field_text(work->params, "project", ""));
    work->host->output(work->call, "revision", v.revision);
    work->host->output(work->call, "url", url);
    return INNO_OK;
}

/* Asks for a sync; *app becomes what is there then. */
static inno_rc begin(struct argo_work *work, const char *hash, int64_t *since, json_t **app)
{
    inno_rc rc = wants_sync(work) ? sync_it(work) : INNO_OK;

    *since = now_ms();
    if (rc == INNO_OK)
        rc = keep(work, hash, *since, true);
    json_put(app);
    return rc == INNO_OK ? read_it(work, app) : rc;
}

static inno_rc go_on(struct argo_work *work, const json_t *app, const char *hash, int64_t since, int64_t wait_ms)
{
    int64_t began = since ? since : now_ms();
    inno_rc rc = wait_for(work, app, began, wait_ms), kept = INNO_OK;

    if (rc == INNO_PENDING && !since)
        kept = keep(work, hash, began, false);
    else if (rc == INNO_OK && since)
        kept = keep(work, hash, 0, false);
    return kept == INNO_OK ? rc : kept;
}

inno_rc application_ensure(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = describe(work), *app = NULL, *changes = NULL;
    CLEANUP(free_text) char *text = json_dumps(wanted, JSON_SORT_KEYS | JSON_COMPACT);
    int64_t since = json_object_get(work->state, "asked") ? field_int(work->state, "since", 0) : 0, wait_ms;
    char hash[65];
    bool is_new;
    inno_rc rc = check(work, &wait_ms);

    if (rc == INNO_OK)
        rc = text ? read_it(work, &app) : ARGO_NO_MEMORY(work);
    if (rc != INNO_OK)
        return rc;
    if (app && !argo_is_ours(work, app))
        return ARGO_FAIL(work, INNO_ALREADY_EXISTS, "the application %s is there already and is not this %s's", work->name,
                         work->is_step ? "step" : "resource");
    changes = compare(wanted, app);
    if (!app || json_array_size(changes))
        rc = put_it(work, wanted, app != NULL);
    sha256_texts((const char *const[]){text}, 1, hash);
    is_new = strcmp(hash, field_text(work->state, "synced", "")) != 0 || !app || json_array_size(changes);
    if (rc == INNO_OK && (is_new || is_behind(work, app)))
        rc = begin(work, hash, &since, &app);
    return rc == INNO_OK ? go_on(work, app, hash, since, wait_ms) : rc;
}

/* ---- slots ---- */

/* Removal takes its time: it is asked for once, and waited for. A token that may not list gets 403 for what is gone. */
static inno_rc deprovision(struct argo_work *work)
{
    CLEANUP(json_put) json_t *app = NULL;
    inno_rc rc = read_it(work, &app);

    if (rc != INNO_OK || !app)
        return rc;
    if (!argo_is_ours(work, app)) {
        work->host->log(work->call, INNO_LOG_WARN, "the application %s is not this resource's and stays", work->name);
        return INNO_OK;
    }
    if (work->self->cluster)
        return objects_delete(work, app);
    if (!json_object_get(json_object_get(app, "metadata"), "deletionTimestamp"))
        rc = argo_delete(work, rest_path("/api/v1/applications/{}?cascade=true&propagationPolicy=foreground", work->name));
    if (rc != INNO_OK)
        return rc;
    work->host->poll_after(work->call, SOON_MS);
    return INNO_PENDING;
}

static inno_rc status(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = describe(work), *app = NULL, *changes = NULL;
    struct view v;
    char text[700];
    inno_rc rc = read_it(work, &app);

    if (rc != INNO_OK)
        return rc;
    changes = compare(wanted, app);
    look_at(app, &v);
    snprintf(text, sizeof text, "it is %.40s and %.40s%s%s", v.sync, v.health, v.conditions[0] ? ": " : "", v.conditions);
    if (tell_defect(work->host, work->call, "application", work->name, app, argo_is_ours(work, app), changes))
        return INNO_OK;
    if (strcmp(v.health, "Progressing") == 0)
        work->host->status(work->call, INNO_STATE_UPDATING, text);
    else if ((strcmp(v.sync, "Synced") == 0 || !field_bool(work->params, "sync", true)) && strcmp(v.health, "Healthy") == 0 &&
             !v.conditions[0])
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    else
        work->host->status(work->call, INNO_STATE_DEGRADED, text);
    return INNO_OK;
}

static inno_rc plan(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = describe(work), *app = NULL;
    inno_rc rc = read_it(work, &app);

    return rc == INNO_OK ? tell_changes(work->host, work->call, compare(wanted, app)) : rc;
}

static inno_rc hints(struct argo_work *work)
{
    char text[300];

    argo_url(work, "applications", "applications", text);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "in Argo CD", text);
    snprintf(text, sizeof text, "argocd app get %s", work->name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "see its resources", text);
    return INNO_OK;
}

const struct argo_type argo_application = {"argocd-app", fields, application_ensure, deprovision, status, hints, plan};
