/* Inside of policy sets: sources, policies, kept states. */
#pragma once
#include "policy/sandbox_priv.h"
#include <pthread.h>

enum policy_action { ACTION_DENY, ACTION_WARN, ACTION_INFO, ACTION_OFF };

/* One .lua file. */
struct policy_file {
    const char *name;  /* as shown: "policies/backups.lua" */
    const char *chunk; /* "@" and the name */
    const char *text;
    size_t len;
    const char *tests; /* text of name_test.lua, NULL if there is none */
    size_t tests_len;
    const char *broken; /* why it cannot be used, NULL if it can */
    const char *sha256;
    bool shipped;
};

struct policy {
    const char *name, *on, *description; /* on: NULL for a broken file, which stands at every point */
    enum policy_severity severity;
    enum policy_action action;     /* severity, mode and overrides taken together */
    const char *const *applies_to; /* kinds of deployment, closed by NULL; NULL: all, and only advice for deletions */
    int line;                      /* of its check function */
    int index;                     /* in the file's list from 1; 0: the file returns one policy */
    size_t file;
};

/* A state with every file compiled, and how it was then. */
struct kit {
    struct sandbox sb, saved;
    struct heap *heap;
    bool keeps; /* its heap has an image; without one the kit serves one evaluation */
    struct kit *next;
};

struct policy_set {
    atomic_int refs;
    struct arena arena;
    struct policy_limits limits;
    struct policy_file *files;
    size_t file_count;
    struct policy *policies;
    size_t policy_count;
    struct coverage *coverage; /* only in sets of `policy test` */

    pthread_mutex_t lock; /* of what follows */
    struct kit *kept;
    int kept_count;
    json_t *described;
};

/* Cleanup handlers. */
static inline void policy_set_put(struct policy_set **set)
{
    policy_set_unref(*set);
    *set = NULL;
}

/* ---- set.c ---- */
struct policy_set *policy_set_new(const struct policy_limits *limits);
/* Room for `count` files; their members are then filled in by the caller (texts in the set's arena) and policy_set_inspect finds their
 * policies. */
void policy_set_reserve(struct policy_set *set, size_t count);
struct policy_file *policy_set_add_file(struct policy_set *set, const char *name, const char *text, size_t len);

/* ---- inspect.c ---- */
/* Runs every file once to learn its policies; what cannot be used is marked broken and reported. `diags` may be NULL. */
void policy_set_inspect(struct policy_set *set, struct diag_list *diags);
/* Takes mode and overrides into account. */
void policy_set_settle(struct policy_set *set, const char *mode, const json_t *overrides, struct diag_list *diags);
const char *policy_action_name(enum policy_action action); /* "enforce", "warn", "info", "off" */

/* ---- evaluate.c ---- */
struct evaluation {
    const char *point;  /* NULL: whatever the point */
    const char *policy; /* NULL: all */
};
void policy_evaluate_some(struct policy_set *set, const struct evaluation *which, const json_t *input, struct policy_decision *out);
void kit_free(struct kit *kit);

/* ---- testing.c ---- */
/* Runs the tests of one file. Appends to `cases`; returns the number of cases. out_coverage: percent, -1 when it is not known. */
size_t policy_test_file(const struct policy_file *file, bool coverage, json_t *cases, int *out_coverage, size_t *out_failed);
