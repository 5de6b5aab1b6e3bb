/* The bundled provisioner `argocd`: projects, repository credentials and applications in Argo CD, by its API server or (projects and
 * applications) by custom resources in its cluster. What a Score file
 * makes has the resource's mark as a label or annotation; what is there already and is somebody else's is neither changed nor removed. */
#pragma once
#include "fields.h"
#include "names.h"
#include "rest.h"
#include "tell.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdbool.h>

#define ARGO_VERSION    "1.0.0"
#define ARGO_NAME_BYTES 64
#define ARGO_MARK       "innominatus.dev/resource" /* annotation of what is a resource's own */

#define ARGO_APPLICATION "Application"
#define ARGO_PROJECT     "AppProject"

/* One process of one admin-config entry. */
struct argocd {
    struct rest *rest;   /* Argo CD's API server; NULL: only the cluster's */
    char *authorization; /* the header's value */
    json_t *config;
    struct kubernetes *cluster; /* of config.kubernetes; NULL: all by Argo CD's API server */
};

/* One call about a resource or a step. */
struct argo_work {
    struct argocd *self;
    const inno_host *host;
    inno_call *call;
    struct name_scope scope;
    const inno_resource *res; /* NULL in steps and health */
    json_t *params, *state;
    const char *where; /* "params" or "config", for messages */
    char mark[NAME_MARK_BYTES];
    char name[ARGO_NAME_BYTES]; /* of the project or application */
    bool is_step;
};

typedef inno_rc (*argo_slot)(struct argo_work *work);

struct argo_type {
    const char *name;
    const struct field *fields;
    argo_slot provision, deprovision, status, hints, plan;
};
extern const struct argo_type argo_project, argo_repository, argo_application;

#define ARGO_FAIL(work, code, ...) (work)->host->fail((work)->call, code, -1, __VA_ARGS__)
#define ARGO_NO_MEMORY(work)       ARGO_FAIL(work, INNO_TRANSIENT, "out of memory")

/* ---- api.c. Paths come from rest_path and are freed; NULL is out of memory. ---- */

/* *out: new reference; NULL when it is not there: 404, or the 403 that Argo CD gives instead where a token may not list. */
inno_rc argo_read(struct argo_work *work, char *path, json_t **out);
/* The same where 403 is a refusal. */
inno_rc argo_read_list(struct argo_work *work, char *path, json_t **out);
/* Sends `body` (stolen; NULL: out of memory). Statuses in `also` are no failure. out_status, out: may be NULL. */
inno_rc argo_send(struct argo_work *work, const char *method, char *path, json_t *body, const int *also, int *out_status, json_t **out);
/* DELETE; gone already is fine, 403 too. */
inno_rc argo_delete(struct argo_work *work, char *path);
/* Version and token. */
inno_rc argo_check(struct argo_work *work);
/* Is the object's annotation the resource's mark? */
bool argo_is_ours(const struct argo_work *work, const json_t *object);
/* May the team use this project? Fails when not. */
inno_rc argo_allowed(struct argo_work *work, const char *project);
/* The members of `there` that `wanted` has, deeply: what Argo CD adds by itself is no difference. New reference. */
json_t *argo_reduce(const json_t *wanted, const json_t *there);

/* Where people see the project or application: PAGE is below Argo CD's address, plural the word of the cluster's. */
void argo_url(const struct argo_work *work, const char *page, const char *plural, char out[300]);

/* ---- objects.c: the same by custom resources. Only where self->cluster is there; kinds are ARGO_APPLICATION and ARGO_PROJECT ---- */

/* On failure objects_close frees what is there. */
inno_rc objects_open(struct argocd *self, const inno_host *host, inno_call *call, json_t *config);
void objects_close(struct argocd *self);
/* That of work->name. *out: new reference; NULL when it is not there. */
inno_rc objects_read(struct argo_work *work, const char *kind, json_t **out);
/* Makes it, or makes it so. */
inno_rc objects_put(struct argo_work *work, const char *kind, json_t *spec);
inno_rc objects_sync(struct argo_work *work, bool prune);
/* Removes what objects_read gave: INNO_PENDING, until there is none to call this with. */
inno_rc objects_delete(struct argo_work *work, const json_t *live);
inno_rc objects_check(struct argo_work *work);
void objects_url(const struct argo_work *work, const char *plural, char out[300]);

/* application.c: makes it so, and waits; for the step. */
inno_rc application_ensure(struct argo_work *work);
