/* A plan from texts: configuration, workflow files, Score file, what runs now. */
#pragma once
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"
#include "config/admin_config.h"
#include "test.h"
#include "workflow/catalog.h"
#include "workflow/plan.h"
#include "workflow/plan_build.h"

struct plan_case {
    const char *name;
    const char *config;                       /* admin-config.yaml; NULL: the bundled local for everything */
    const char *files;                        /* "=== platform/scan.yaml\n<text>=== products/shop/x.yaml\n<text>"; NULL: none */
    const char *score;                        /* NULL: a workload with one container */
    const char *environment;                  /* NULL: development */
    const char *kind;                         /* NULL: deploy */
    const char *state;                        /* JSON; NULL: nothing yet */
    const char *parameters;                   /* JSON object */
    const char *allow_remove, *allow_replace; /* JSON lists */
    /* The plan as fixture_show() writes it; NULL: not looked at. */
    const char *plan;
    /* "changes.0.change=update;summary.create=1": members of the plan, as JSON or bare text. */
    const char *members;
    /* For a plan that cannot be: code, and what the problem says; `file` and `line` when given. */
    enum err_code code;
    const char *message, *suggestion, *file;
    int line;
    /* A warning that a plan must have. */
    const char *warning;
};

struct plan_fixture {
    struct arena arena;
    struct diag_list diags;
    struct admin_config *config;
    struct catalog *catalog;
    struct score *score;
    json_t *provisioners, *state, *parameters, *allow_remove, *allow_replace, *plan;
    struct err err;
};

/* Builds; plan is NULL when there were problems. */
void fixture_build(struct plan_fixture *f, const struct plan_case *c);
void fixture_fini(struct plan_fixture *f);

/* One line for each phase with executions:
 *   "pre-deployment: platform/scan(a, b<a), product/shop/db(place=db, use<place@local)"
 * A step is NAME[=RESOURCE][<DEPENDENCY+DEPENDENCY][@ENTRY][~PLACED_BY]. */
const char *fixture_show(struct plan_fixture *f);

/* Writes the files below a fresh directory; returns it. */
const char *fixture_write(struct arena *arena, const char *files);
/* Manifests of a `local` and a few more entries, as the plugin manager gives them. New reference. */
json_t *fixture_provisioners(void);

/* Runs every case of a table that ends with a NULL name. */
void fixture_run(const struct plan_case *cases);
