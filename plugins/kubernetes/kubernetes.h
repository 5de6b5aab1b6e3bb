/* The bundled provisioner `kubernetes`: workloads, routes, volumes, namespaces and configuration as objects of a Kubernetes API server,
 * written by server-side apply. What a developer's resource becomes lies in the namespace of its team and environment and carries a label
 * with its owner; what carries none, or another one, is neither changed nor removed. One thread: that of the slot. */
#pragma once
#include "fields.h"
#include "names.h"
#include "rest.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdbool.h>

#define K8S_VERSION      "1.0.0"
#define K8S_MANAGER      "innominatus" /* field manager, and value of app.kubernetes.io/managed-by */
#define K8S_OWNER        "innominatus.dev/owner"
#define K8S_NAME_BYTES   254
#define K8S_OWNER_BYTES  33
#define K8S_MAX_OBJECTS  500
#define K8S_TEXT_BYTES   400
#define K8S_POLL_MS      2000 /* while a rollout goes on */
#define K8S_POLL_SOON_MS 300  /* while it has just begun */
#define K8S_POLL_GONE_MS 500  /* while something goes away */
#define K8S_POLL_AWAY_MS 5000 /* while the API server does not answer */

/* How the API server is reached and who asks. What a kubeconfig or the entry's config says. */
struct access {
    char *url, *ca, *certificate, *key; /* PEM; NULL: none */
    char *token;                        /* NULL: none, or not got yet */
    char *token_file;                   /* read again every minute */
    json_t *exec;                       /* credential plugin: {command, args, env, apiVersion} */
    int64_t good_until_ms;              /* of what came from token_file or exec, monotonic; 0: ask */
    bool exec_certificate;              /* certificate and key came from exec */
};

/* One process of one admin-config entry. */
struct kubernetes {
    struct access access;
    struct rest *rest; /* NULL: to be made with the credentials of now */
    int64_t timeout_ms;
    int attempts;
    json_t *config;
    json_t *kinds; /* {apiVersion: {Kind: {plural, namespaced}}} that discovery gave */
    char salt[33]; /* of marks, see set.c */
};

struct k8s_type;

/* One call. `res` is NULL in health and steps, `step` elsewhere. */
struct k8s_work {
    struct kubernetes *self;
    const inno_host *host;
    inno_call *call;
    const inno_resource *res;
    const inno_step *step;
    const struct k8s_type *type;
    json_t *params;                /* of the resource, or the step's config */
    json_t *state;                 /* as kept last; an object */
    char namespace[64];            /* of the objects */
    char listed[64];               /* where else than there namespaced objects lie that may not be wanted any more; "": nowhere */
    char owner[K8S_OWNER_BYTES];   /* value of the label */
    char name[K8S_NAME_BYTES];     /* of the resource's object, made of its uid */
    char workload[K8S_NAME_BYTES]; /* the Score workload that the resource belongs to */
    bool force;                    /* takes fields over from other managers */
    const void *asked;             /* of an action */
    bool for_real;                 /* secrets may be opened */
};

#define K8S_FAIL(work, code, ...) (work)->host->fail((work)->call, code, -1, __VA_ARGS__)
#define K8S_NO_MEMORY(work)       K8S_FAIL(work, INNO_TRANSIENT, "out of memory")
#define K8S_LOG(work, level, ...) (work)->host->log((work)->call, INNO_LOG_##level, __VA_ARGS__)

/* A resource type: what objects its params mean. Everything else is the same for all (set.c). */
struct k8s_type {
    const char *name;
    /* *out: list of objects in the order in which they are applied; new reference. */
    inno_rc (*describe)(struct k8s_work *work, json_t **out);
    inno_rc (*outputs)(struct k8s_work *work, const json_t *objects); /* after they are there */
    inno_rc (*hints)(struct k8s_work *work);
    const char *const *kinds; /* "apiVersion Kind", in the order of applying; ends with NULL */
    bool makes_namespace;     /* its objects are no tenants of the team's namespace */
};
extern const struct k8s_type k8s_workload, k8s_namespace, k8s_route, k8s_volume, k8s_config;

static inline const char *text_at(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : fallback;
}

/* ---- kubernetes.c, actions.c ---- */

/* Runs `slot` for the resource. `asked`: of an action. */
inno_rc k8s_with(void *self, const inno_host *host, inno_call *call, const inno_resource *res, const void *asked,
                 inno_rc (*slot)(struct k8s_work *work));
inno_rc kubernetes_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res);
extern const inno_action *const kubernetes_actions[];

/* ---- access.c, kubeconfig.c: how the server is reached ---- */

/* Takes the entry's config (`where` in messages): kubeconfig, inCluster, or url with credentials. */
inno_rc access_take(struct access *out, const inno_host *host, inno_call *call, const char *where, const json_t *config);
/* Takes a kubeconfig's text and the context of that name (NULL: the current one). */
inno_rc access_take_kubeconfig(struct access *out, const inno_host *host, inno_call *call, const char *text, const char *context);
/* Reads a file that the entry may read (grant: read:PATH); free *out with wipe. */
inno_rc access_read_file(const inno_host *host, inno_call *call, const char *what, const char *path, char **out);
void access_fini(struct access *access);

/* The way there as an entry's config says it: access, timeout and attempts; `where` ("config") is for messages. cluster_fini frees what is
 * there, on failure too. */
inno_rc cluster_take(struct kubernetes *self, const inno_host *host, inno_call *call, const char *where, json_t *config);
void cluster_fini(struct kubernetes *self);
/* Rows for what cluster_take takes. */
#define K8S_CLUSTER_FIELDS                                                                                                                 \
    REST_FIELDS, {"kubeconfig", FIELD_TEXT, .least = 1, .most = 1048576, .free = true}, {"context", FIELD_TEXT, .least = 1, .most = 253},  \
        {"inCluster", FIELD_BOOL},                                                                                                         \
    {                                                                                                                                      \
        "credentials", FIELD_TEXT, .least = 1, .most = 16000                                                                               \
    }

/* ---- cluster.c: requests with credentials ---- */

/* rest_call with the credentials of now; gets new ones once when they are refused (401). */
inno_rc cluster_call(struct k8s_work *work, struct rest_request *request, struct rest_answer *out);
/* cluster_call's verdict for an answer that was asked for by `also`: finds out what a 403 or 409 means. */
inno_rc cluster_fail(struct k8s_work *work, const struct rest_request *request, const struct rest_answer *answer, const char *what);
/* Credentials that are good now, for programs: writes a kubeconfig of mode 0600 into the call's work_dir; its path goes to out[4096]. */
inno_rc cluster_write_kubeconfig(struct k8s_work *work, const char *namespace, char out[4096]);

/* ---- kinds.c: where objects of a kind live ---- */

struct k8s_kind {
    char prefix[300]; /* "/apis/apps/v1" */
    char plural[100];
    bool namespaced;
};
/* NOT_FOUND with the kind's name when the server has no such kind. */
inno_rc kinds_find(struct k8s_work *work, const char *api_version, const char *kind, struct k8s_kind *out);

/* ---- object.c: one object ---- */

/* "Deployment web" into out[K8S_TEXT_BYTES]. */
void object_say(const json_t *object, char *out);
const char *object_name(const json_t *object);
const char *object_kind(const json_t *object);
/* Value of a label; "" when there is none. */
const char *object_label(const json_t *object, const char *key);
/* Its path with a slash before and `query` behind it; free with free(). */
inno_rc object_path(struct k8s_work *work, const json_t *object, const char *query, char **out);
/* *out: the live object, new reference; NULL when it is not there. */
inno_rc object_get(struct k8s_work *work, const json_t *object, json_t **out);
/* Server-side apply. dry: nothing changes. *out (may be NULL): what it is, or would be. */
inno_rc object_apply(struct k8s_work *work, const json_t *object, bool dry, json_t **out);
/* Foreground deletion of exactly this live object; gone already is fine. */
inno_rc object_delete(struct k8s_work *work, const json_t *live);
/* *out: items with apiVersion and kind, new reference. namespace NULL: all. */
inno_rc object_list(struct k8s_work *work, const char *api_version, const char *kind, const char *namespace, const char *selector,
                    json_t **out);

/* ---- replace.c: what server-side apply alone cannot do ---- */

/* Puts the object's spec in the place of the live one's, for kinds with pods. *out_done false: it is of another kind, or invalid in itself.
 * dry: *out (may be NULL) is what it would be. */
inno_rc replace_object(struct k8s_work *work, const json_t *object, bool dry, bool *out_done, json_t **out);
/* Gives up what a replacement owns beside the applies; nothing to do for most. */
inno_rc replace_disown(struct k8s_work *work, const json_t *live);
/* Is there something to give up? */
bool replace_owns(const json_t *live);

/* ---- compare.c: pure ---- */

/* Where `live` is not as `wanted` says; members that only `live` has are no difference, nor are other spellings of a quantity. Adds
 * {path, from, to} to `changes`, paths behind `prefix`. Values of a Secret are never told. 0, -1 when out of memory. */
int compare_wanted(const json_t *wanted, const json_t *live, const char *prefix, json_t *changes);
/* The same for what the server made of an apply: members that only `live` has go. */
int compare_results(const json_t *live, const json_t *result, const char *prefix, json_t *changes);
/* Data keys of a live Secret that somebody else has written since: adds {path, from, to}. */
int compare_secret_owners(const json_t *wanted, const json_t *live, const char *prefix, json_t *changes);
/* One change as words into out[K8S_TEXT_BYTES]. */
void compare_say(const json_t *change, char *out);

/* ---- rollout.c: is it ready? Pure. ---- */

enum rollout { ROLLOUT_DONE, ROLLOUT_WAITS, ROLLOUT_BROKEN };
/* `text`: what it waits for or why it is broken. */
enum rollout rollout_look(const json_t *live, char text[K8S_TEXT_BYTES]);

/* ---- events.c ---- */

/* Writes the Kubernetes events of these objects, and of what belongs to them, into the log, each once. `seen` ({uid: count}) says which
 * were told, and is brought up to date. silent: only notes them. Failures are logged, not returned. */
void events_tell(struct k8s_work *work, const json_t *objects, json_t *seen, bool silent);

/* ---- place.c: the namespace of a team and environment ---- */

/* work->namespace, from the entry's template or what was kept in the state. */
inno_rc place_name(struct k8s_work *work, const char *team, const char *environment, const char *application, const char *product);
/* The namespace is there, is the team's, and has its quota. INNO_PENDING (poll_after said) while it goes away. */
inno_rc place_ensure(struct k8s_work *work);
/* config.quotas of the team: {hard}, NULL for none; borrowed. */
const json_t *place_quota(const struct k8s_work *work, const char *team);

/* ---- set.c: the objects of one resource or step ---- */

/* Labels and annotations that say whose they are; the namespace where it is missing. `objects` is changed. */
inno_rc set_mark(struct k8s_work *work, json_t *objects);
/* Applies, removes what is the owner's and no longer wanted, waits. INNO_PENDING while it waits. */
inno_rc set_provision(struct k8s_work *work, json_t *objects, const char *const *kinds, bool wait);
/* Removes what is the owner's; INNO_PENDING until it is gone. */
inno_rc set_deprovision(struct k8s_work *work, const char *const *kinds);
/* Deletes these objects; owned_only: fails when one is somebody else's. INNO_PENDING until they are gone. */
inno_rc set_remove(struct k8s_work *work, const json_t *objects, bool owned_only);
/* Waits until all are ready. INNO_PENDING while it waits. */
inno_rc set_wait(struct k8s_work *work, const json_t *objects, const char *what);
/* host->state with a member more. Steals `value`. */
inno_rc set_keep(struct k8s_work *work, const char *key, json_t *value);
/* What the owner has of these kinds, namespaced ones of the work's namespace or of `listed`; new reference. */
inno_rc set_list_owned(struct k8s_work *work, const char *const *kinds, json_t **out);

/* ---- look.c ---- */

inno_rc set_status(struct k8s_work *work, const json_t *objects);
/* *out: [{path, from, to}], new reference. */
inno_rc set_changes(struct k8s_work *work, const json_t *objects, const char *const *kinds, json_t **out);
/* The same as output `changes`. */
inno_rc set_plan(struct k8s_work *work, const json_t *objects, const char *const *kinds);

/* ---- params ---- */

/* Checks a resource's params, or a step's config (`where`), against the table. Fails INVALID_RESOURCE. */
static inline inno_rc params_check(struct k8s_work *work, const char *where, const struct field *table)
{
    return fields_check(work->host, work->call, INNO_INVALID_RESOURCE, where, work->params, table);
}
/* A name as Kubernetes takes it for most objects. */
static inline bool params_is_name(const char *text) { return name_is_host(text, K8S_NAME_BYTES - 1); }
/* What the three steps that take objects have in common. */
#define K8S_OBJECT_FIELDS                                                                                                                  \
    {"operation", FIELD_TEXT, .least = 1, .most = 20}, {"path", FIELD_TEXT, .least = 1},                                                   \
        {"namespace", FIELD_TEXT, .least = 1, .most = 63}, {"set", FIELD_TEXT, .least = 1, .most = 100}, {"prune", FIELD_BOOL},            \
        {"wait", FIELD_BOOL}, {"force", FIELD_BOOL},                                                                                       \
    {                                                                                                                                      \
        "dryRun", FIELD_BOOL                                                                                                               \
    }

/* ---- steps ---- */
inno_rc step_kubernetes(struct k8s_work *work);
inno_rc step_kustomize(struct k8s_work *work);
inno_rc step_helm(struct k8s_work *work);
/* Before helm runs: removes the revision that an earlier attempt of this step left when it was killed, and keeps which one is next. */
inno_rc helm_release_begin(struct k8s_work *work, const char *release);
/* helm has ended by itself: what it left is no longer this step's. */
inno_rc helm_release_end(struct k8s_work *work);
/* Outputs `revision` and `status` of a release, of whose end helm says nothing itself. */
void helm_release_tell(struct k8s_work *work, const char *release);
/* Adds the objects of a YAML text to the list; `where` is for messages. */
inno_rc step_add_text(struct k8s_work *work, json_t *objects, const char *text, size_t len, const char *where);
/* Applies, deletes or waits for the documents as the step's config says. */
inno_rc step_run_objects(struct k8s_work *work, json_t *objects);
/* `path` of a step below a directory of the entry's config, as an absolute path. */
inno_rc step_path(struct k8s_work *work, const char *key, const char *dir_key, char out[4096]);
