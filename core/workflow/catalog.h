/* The workflows that the platform and the products bring (<workflowsRoot>/platform/NAME.yaml, <workflowsRoot>/products/PRODUCT/NAME.yaml),
 * and the form of every workflow, an application's own included (interfaces.md: Workflow files). A catalogue is immutable and
 * reference-counted; a broken file is listed with its problems and stops nothing but the deployments that need it. Any thread may read. */
#pragma once
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"
#include "codec/node.h"
#include "config/admin_config.h"

enum workflow_tier { TIER_PLATFORM, TIER_PRODUCT, TIER_APPLICATION };
enum workflow_phase { PHASE_PRE, PHASE_DEPLOYMENT, PHASE_POST, WORKFLOW_PHASES };
enum workflow_trigger {
    TRIGGER_ALL = 1,
    TRIGGER_FIRST = 2,
    TRIGGER_PRODUCT = 4,
    TRIGGER_DELETION = 8,
    TRIGGER_MANUAL = 16,
};

/* A workflow in its own words, checked. JSON values are borrowed from the catalogue (or from the list of an application's workflows). */
struct workflow_def {
    const char *name;    /* metadata.name; of a broken file what can be read, else the file's name */
    const char *title;   /* "platform/scan", "product/ecommerce/database-setup", "application/verify" */
    const char *product; /* of the product tier */
    enum workflow_tier tier;
    enum workflow_phase phase;
    unsigned triggers; /* bits of enum workflow_trigger */
    int64_t priority;  /* lower ones first; 100 when not given */
    bool draft;
    const char *description, *owner, *version; /* NULL: not given */
    const char *on_failure;                    /* NULL: by kind of deployment */
    int64_t timeout_ms;                        /* 0: none */
    const char *file;                          /* path below the workflows' root, with "workflows/" before it; NULL for an application's */
    int line;                                  /* of the document, or of the entry in the Score file */
    const char *yaml;                          /* text of the file; NULL for an application's */
    const json_t *parameters;                  /* list; never NULL unless broken */
    const json_t *variables, *exports;         /* objects */
    const json_t *tags;                        /* list */
    /* List of {name, type, depends_on (absent: derived), parallel_group, condition, config, env, outputs, timeout_ms, retry,
     * retry_explicit, continue_on_error, provisioner, line, column, unavailable (what this release cannot run)} */
    const json_t *steps;
    bool broken;
    const struct diag *problems; /* sorted; warnings and notes too */
    size_t problem_count;
};

const char *workflow_tier_name(enum workflow_tier tier);    /* "platform" */
const char *workflow_phase_name(enum workflow_phase phase); /* "pre-deployment" */
const char *workflow_trigger_name(unsigned bit);            /* 0: "all_deployments"; NULL behind the last */

struct catalog;

/* Loads everything below config->workflows_root (NULL or missing: an empty catalogue). `provisioners`: what entries serve (route.h), for
 * their step types; NULL: only the documented ones are known. Errors: ERR_IO when a directory cannot be read. */
int catalog_load(const struct admin_config *config, const json_t *provisioners, struct catalog **out, struct err *err);
void catalog_free(struct catalog *catalog); /* NULL is fine */
static inline void catalog_put(struct catalog **catalog) { catalog_free(*catalog); }

/* All of them, the platform's first, then by product, priority and name. */
const struct workflow_def *catalog_workflows(const struct catalog *catalog, size_t *out_count);
/* `product` NULL: the platform's. NULL if there is none. */
const struct workflow_def *catalog_find(const struct catalog *catalog, const char *product, const char *name);

/* One document as text, for `validate-product-workflow` and submissions: problems go to diags. `product` NULL: a platform workflow. The
 * result lives in the arena but for its JSON, which `hold` (an array) keeps. Returns 0, or -1 when it is broken (out is filled as far as
 * possible). */
struct workflow_source {
    const char *text, *file, *product;
    size_t len;
    const struct admin_config *config;
    const json_t *provisioners;
};
int workflow_parse(const struct workflow_source *source, struct arena *arena, json_t *hold, struct diag_list *diags,
                   struct workflow_def *out);

/* The workflows of a Score file: `map` is the value of its `workflows:` key, at `pointer` ("/workflows"). out: in the order of the file;
 * arena. */
int workflow_parse_application(const struct node *map, const struct admin_config *config, const json_t *provisioners, struct arena *arena,
                               json_t *hold, struct diag_list *diags, struct workflow_def **out, size_t *out_count);

/* GET /workflows/products: {products: [{product, allowed, workflows: [...]}]} (objects.md). New reference. */
json_t *catalog_describe_products(const struct catalog *catalog, const struct admin_config *config);
/* One element of that list; NULL if there is no such product. */
json_t *catalog_describe_product(const struct catalog *catalog, const struct admin_config *config, const char *product);
/* The same with yaml, version, steps, parameters; NULL if there is none. */
json_t *catalog_describe_workflow(const struct catalog *catalog, const struct admin_config *config, const char *product, const char *name);
/* What would deny or fail deployments: broken files, drafts that are required, product workflows that are not allowed, required ones that
 * are missing. Texts for people, for list-products and a configuration reload. New reference (list of texts). */
json_t *catalog_warnings(const struct catalog *catalog, const struct admin_config *config);
/* May this product workflow run (allowedProductWorkflows)? out_reason (may be NULL): why not; arena. */
bool catalog_is_allowed(const struct admin_config *config, const char *product, const char *name, struct arena *arena,
                        const char **out_reason);

/* The form of a workflow file as a JSON Schema. New reference. */
json_t *workflow_schema(void);
