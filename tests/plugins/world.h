/* A provisioner that speaks REST in the test's own process, with the server that two variables of the environment name. */
#pragma once
#include "fake_host.h"
#include "rest.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* One request of a test's own, which must have an answer of whatever status (the usual ones): *out_status. Its JSON, new reference, NULL
 * when there is none. `own` is a call of the test's own. */
json_t *world_exchange(struct rest *rest, struct fake_plugin *own, struct rest_request request, int *out_status);
/* The state that the last call kept, as text, unless it kept none. */
void world_keep(const struct fake_plugin *p, char *state, size_t cap);

/* A system: its plugin, and the variables of address, token and the reason why there is none. */
struct world_system {
    const char *plugin, *url, *token, *missing;
    const char *header; /* that takes the token */
    const char *before; /* what stands there before it */
    const char *none;   /* the reason when nobody says one */
};
extern const struct world_system openbao, gitea_server, argocd_server, argocd_objects;

struct world {
    const struct world_system *system;
    struct fake_plugin p;
    struct rest *rest; /* the test's own way to the server */
    struct fake_plugin own;
    char state[2000]; /* of the last provision */
    int status;       /* of the last request of the test's own */
};

/* False: there is no server, and the test is skipped. `more`: further members of the entry's config; NULL: a token and nothing else. */
bool world_begin(struct world *w, const struct world_system *system, const char *more);
void world_end(struct world *w);
/* Ends the plugin and opens it again with another config. Returns what open() returned. */
inno_rc world_reopen(struct world *w, const char *config);
/* A request of the test's own as root (or with `token`); the answer's JSON, new reference, NULL when there is none. */
json_t *world_ask(struct world *w, const char *method, const char *path, const char *body);
json_t *world_ask_as(struct world *w, const char *token, const char *method, const char *path, const char *body);
/* The same, only its status. */
int world_do(struct world *w, const char *method, const char *path, const char *body);

/* One slot for a resource of this type, name and params, with the state of the last provision. */
inno_rc world_run(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
/* The same, and it must succeed. */
void world_well(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
/* get_status must say this. */
void world_status(struct world *w, const char *type, const char *name, const char *params, const char *state, const char *text);
void world_forget(struct world *w); /* the state is lost */
