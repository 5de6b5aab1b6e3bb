/* The actions of `local`: what may be done to a resource that is there. One thread. */
#include "actions.h"
#include "postgres.h"

/* ---- workload ---- */

/* res->params has the number already (the manifest says `sets`): the manifests are rendered anew. */
static inno_rc scale(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t replicas)
{
    host->log(call, INNO_LOG_INFO, "%s: %lld replicas", res->name, (long long)replicas);
    return local_provision(self, host, call, res);
}

/* ---- postgres ---- */

static inno_rc rotate_password(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return local_dispatch(self, host, call, res, postgres_rotate);
}

static inno_rc size(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return local_dispatch(self, host, call, res, postgres_size);
}

/* ---- the table; the manifest in local.c says the same ---- */

static const char *const scale_params[] = {"replicas", NULL};
static const inno_action scale_action = {
    INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "scale", NULL, "i", scale_params, INNO_ACTION_FUNCTION(scale),
};
static const inno_action rotate_action = {
    INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "rotate-password", NULL, "", NULL, INNO_ACTION_FUNCTION(rotate_password),
};
static const inno_action size_action = {
    INNO_ACTION_HEAD(0), "size", NULL, "", NULL, INNO_ACTION_FUNCTION(size),
};

const inno_action *const local_actions[] = {&scale_action, &rotate_action, &size_action, NULL};
