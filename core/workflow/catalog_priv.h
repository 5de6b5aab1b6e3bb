/* Inside the catalogue (catalog*.c): what a document is checked against, and the built-in step types. */
#pragma once
#include "codec/schema.h"
#include "workflow/catalog.h"

/* One document on its way to a workflow_def. */
struct workflow_reader {
    const struct admin_config *config;
    const json_t *provisioners;
    struct arena *arena;
    json_t *hold;
    struct diag_list *diags;
    const char *text; /* of the file, for places inside long strings; NULL */
    const char *base; /* JSON pointer of the spec: "/spec", "/workflows/verify" */
    struct workflow_def *def;
    bool ordered; /* the steps have complete dependencies */
};

/* The tables: a file's document, and an application's entry. */
extern const struct schema_type workflow_document_type, workflow_application_type;

/* Names stand in references (${steps.NAME...}), so they have no dots. */
bool workflow_is_name(const char *text);

struct step_form {
    const char *name;
    const struct schema_type *config; /* NULL: any keys */
    bool idempotent;
    bool unavailable; /* a known name that this release does not run */
};

/* A built-in type; NULL if it is none. */
const struct step_form *step_type_find(const char *name);
/* Is it a plugin's: one that an entry's manifest lists, or (without knowledge of entries) a documented one? */
bool step_type_is_plugin(const json_t *provisioners, const char *name);
/* Names that `tier` may use, ", "-separated; in the arena. */
const char *step_type_list(const struct workflow_reader *r);
/* The nearest known name, NULL. */
const char *step_type_nearest(const struct workflow_reader *r, const char *name);

/* Checks the type of each step for its tier and its config against the table of the type; sets `unavailable`. */
void workflow_check_types(struct workflow_reader *r, const struct node *steps, json_t *made);
/* Compiles conditions and checks every ${...} that can be known (names of steps, parameters, variables; roots). */
void workflow_check_references(struct workflow_reader *r, const struct node *spec);

/* Adds a problem at a node inside the spec; `path` is relative to r->base ("/steps/0/type"). */
void workflow_problem(struct workflow_reader *r, enum diag_severity severity, enum err_code code, const struct node *at, const char *path,
                      const char *suggestion, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* Fills r->def from a validated spec (and metadata; NULL for an application's). */
void workflow_read(struct workflow_reader *r, const struct node *metadata, const struct node *spec);
const json_t *workflow_hold(struct workflow_reader *r, json_t *value);
