/* The provisioner `kubernetes` in the test's own process, with the API server that tests/support/kube.py gives: the fake, or a real one. */
#pragma once
#include "world.h"

struct kube_world {
    struct fake_plugin p;
    struct rest *rest; /* the test's own way to the server */
    struct fake_plugin own;
    char team[40];     /* of this test alone */
    char space[64];    /* its namespace */
    char state[20000]; /* of the last provision */
    char ca[8000];
    bool real;
    int status;      /* of the last request of the test's own */
    int polls;       /* of the last run */
    char log[30000]; /* of all its calls */
};

/* `more`: further members of the entry's config ("\"force\":true"), NULL: none. */
void kube_begin(struct kube_world *w, const char *team, const char *more);
/* Removes the namespace. */
void kube_end(struct kube_world *w);
/* Ends the plugin and opens it again; returns what open() returned. */
inno_rc kube_reopen(struct kube_world *w, const char *more);
/* The same with a whole config. */
inno_rc kube_reopen_with(struct kube_world *w, const char *config);

/* A request of the test's own; the answer's JSON, new reference, NULL when there is none. */
json_t *kube_ask(struct kube_world *w, const char *method, const char *path, const char *body);
/* The same, only its status. The path is below /api/v1/namespaces/SPACE/ or, with apis/ at its begin, /apis/..: %s is the namespace. */
int kube_do(struct kube_world *w, const char *method, const char *path, const char *body);
/* A change by hand (merge patch, another field manager); the path as above. */
void kube_edit(struct kube_world *w, const char *path, const char *patch);
/* The text at a dotted path of an object; "" when there is none. Overwritten by the next call. */
const char *kube_text(struct kube_world *w, const char *path, const char *member);
/* How many objects of a kind ("configmaps", "apis/apps/v1/namespaces/%s/deployments") the namespace holds, but for the cluster's own. */
size_t kube_count(struct kube_world *w, const char *path);

/* One slot until it is done, with the state of the last provision. */
inno_rc kube_run(struct kube_world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
inno_rc kube_run_as(struct kube_world *w, enum fake_slot slot, uint32_t operation, const char *type, const char *name, const char *params);
/* The same, and it must succeed. */
void kube_well(struct kube_world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
/* get_status must say this. */
void kube_status(struct kube_world *w, const char *type, const char *name, const char *params, const char *state, const char *text);
inno_rc kube_step(struct kube_world *w, const char *type, const char *config);
/* An action on a workload of that name until it is done. */
inno_rc kube_action(struct kube_world *w, const char *action, const char *name, const char *params, fake_invoke invoke, void *ctx);
void kube_forget(struct kube_world *w); /* the state is lost */
