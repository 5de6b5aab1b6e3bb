/* The provisioner `vault` in the test's own process, with a real server of Vault's API: that of INNOMINATUS_TEST_VAULT_ADDR and _TOKEN. */
#pragma once
#include "fake_host.h"
#include "rest.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

struct vault_world {
    struct fake_plugin p;
    struct rest *rest; /* the test's own way to the server */
    struct fake_plugin own;
    char state[2000]; /* of the last provision */
    int status;       /* of the last request of the test's own */
};

/* False: there is no server, and the test is skipped. `more`: further members of the entry's config; NULL: a token and nothing else. */
bool vault_begin(struct vault_world *w, const char *more);
void vault_end(struct vault_world *w);
/* Ends the plugin and opens it again with another config. Returns what open() returned. */
inno_rc vault_reopen(struct vault_world *w, const char *config);
/* A request of the test's own as root (or with `token`); the answer's JSON, new reference, NULL when there is none. */
json_t *vault_ask(struct vault_world *w, const char *method, const char *path, const char *body);
json_t *vault_ask_as(struct vault_world *w, const char *token, const char *method, const char *path, const char *body);
/* The same, only its status. */
int vault_do(struct vault_world *w, const char *method, const char *path, const char *body);

/* One slot for a resource of this type, name and params, with the state of the last provision. */
inno_rc vault_run(struct vault_world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
/* The same, and it must succeed. */
void vault_well(struct vault_world *w, enum fake_slot slot, const char *type, const char *name, const char *params);
/* get_status must say this. */
void vault_status(struct vault_world *w, const char *type, const char *name, const char *params, const char *state, const char *text);
void vault_forget(struct vault_world *w); /* the state is lost */
