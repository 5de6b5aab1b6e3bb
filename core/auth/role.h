/* Who may do what: roles and permissions as tables, and the principal that a request acts as. Pure; any thread. */
#pragma once
#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include <stdint.h>

#define AUTH_NAME_BYTES (LIMIT_NAME_CHARS + 1)

enum role { ROLE_ADMIN, ROLE_OPERATOR, ROLE_USER, ROLE_VIEWER, ROLES };

/* Rights of one's own team unless PERM_OTHER_TEAM widens them. A = admin, O = operator, U = user, V = viewer. */
#define AUTH_PERMISSIONS(X)                                                                                                                \
    X(PERM_READ, "read", A | O | U | V)                   /* applications, deployments, resources, logs, events, catalogues */             \
    X(PERM_PLAN, "plan", A | O | U | V)                   /* validate, plan: nothing is stored */                                          \
    X(PERM_DEPLOY, "deploy", A | O | U)                   /* deploy, run a golden path or a manual workflow */                             \
    X(PERM_DELETE, "delete", A | O | U)                   /* delete, deprovision */                                                        \
    X(PERM_CONTROL, "control", A | O | U)                 /* cancel, pause, resume, retry, roll back, signal */                            \
    X(PERM_APPROVE, "approve", A | O | U)                 /* answer a gate; the gate's own roles and teams are looked at as well */        \
    X(PERM_RESOURCE, "resource", A | O | U)               /* change a resource, call its actions */                                        \
    X(PERM_REVEAL, "reveal", A | O)                       /* see a secret in clear text; audited */                                        \
    X(PERM_QUEUE, "queue", A | O | U)                     /* cancel, requeue, discard single tasks */                                      \
    X(PERM_DEAD_LETTERS, "dead-letters", A | O)           /* requeue, discard by query */                                                  \
    X(PERM_SUBMIT, "submit", A | O | U)                   /* hand in a product workflow */                                                 \
    X(PERM_REVIEW, "review", A | O)                       /* decide about what was handed in */                                            \
    X(PERM_POLICY_EVALUATE, "policy-evaluate", A | O | U) /* try a policy on a spec */                                                     \
    X(PERM_POLICY_REPLAY, "policy-replay", A | O)         /* try policies on past deployments of every team */                             \
    X(PERM_TERRAFORM_STATE, "terraform-state", A | O | U) /* the state backend */                                                          \
    X(PERM_AUDIT, "audit", A | O)                         /* list, verify and export the audit */                                          \
    X(PERM_OWN_KEYS, "own-keys", A | O | U | V)           /* one's own profile and keys */                                                 \
    X(PERM_METRICS, "metrics", A | O | U | V)             /* metrics, schemas, OpenAPI */                                                  \
    X(PERM_OTHER_TEAM, "other-team", A | O)               /* ?team= */                                                                     \
    X(PERM_CONFIG, "config", A | O)                       /* read the configuration */                                                     \
    X(PERM_USERS, "users", A)                             /* users, everybody's keys */                                                    \
    X(PERM_ADMIN, "admin", A)                             /* reload, backup */

enum permission {
#define X(name, text, roles) name,
    AUTH_PERMISSIONS(X)
#undef X
        PERMISSIONS
};

/* Who a request acts as. A value: copied freely, holds no secret. */
struct principal {
    char user_id[ID_BYTES], name[AUTH_NAME_BYTES], team[AUTH_NAME_BYTES], org[AUTH_NAME_BYTES];
    enum role role;
    char key_id[ID_BYTES];             /* "" for a session */
    char csrf_hash[CRYPTO_SHA256_HEX]; /* "" for a key */
    int64_t expires_at;                /* us; 0: never */
};

const char *role_name(enum role role);
/* Errors: ERR_BAD_VALUE (names the roles). */
int role_parse(const char *text, enum role *out, struct err *err);
const char *permission_name(enum permission permission);

bool auth_may(const struct principal *p, enum permission permission);
/* 0, or ERR_FORBIDDEN that names the permission and the roles that have it. */
int auth_require(const struct principal *p, enum permission permission, struct err *err);

/* The team that a request works with: the principal's own when `requested` is NULL or empty, else the requested one if the principal may.
 * out_team: borrowed from `p` or `requested`. Errors: ERR_FORBIDDEN, ERR_BAD_NAME. */
int auth_team_scope(const struct principal *p, const char *requested, const char **out_team, struct err *err);
/* The same for lists, where "*" means every team: *out_team is NULL then. */
int auth_team_filter(const struct principal *p, const char *requested, const char **out_team, struct err *err);

/* Errors: ERR_BAD_NAME. User names: letters, digits and . _ @ + -, beginning with a letter or digit; teams: a-z 0-9 and -. 1..63
 * characters. */
int auth_check_user_name(const char *name, struct err *err);
int auth_check_team_name(const char *team, struct err *err);

/* {id, name, role, team, key_id, permissions: [name]} for GET /profile. New reference. */
json_t *auth_principal_json(const struct principal *p);
