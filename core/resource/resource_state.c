/* State table of resources. Pure; any thread. */
#include "resource/resource_state.h"
#include <string.h>

struct edge {
    unsigned char to;
    bool real;
};
#define MOVE(state)                                                                                                                        \
    {                                                                                                                                      \
        RESOURCE_##state, true                                                                                                             \
    }

/* A failed create leaves `failed`; a failed update or removal leaves something behind that is not well: `degraded`. */
static const struct edge edges[RESOURCE_STATES][RESOURCE_EVENTS] = {
    [RESOURCE_REQUESTED] =
        {[RESOURCE_EV_PROVISION] = MOVE(PROVISIONING), [RESOURCE_EV_REMOVE] = MOVE(TERMINATING), [RESOURCE_EV_FAILED] = MOVE(FAILED)},
    [RESOURCE_PROVISIONING] = {[RESOURCE_EV_PROVISION] = MOVE(PROVISIONING),
                               [RESOURCE_EV_APPLIED] = MOVE(ACTIVE),
                               [RESOURCE_EV_FAILED] = MOVE(FAILED),
                               [RESOURCE_EV_REMOVE] = MOVE(TERMINATING),
                               [RESOURCE_EV_DEGRADED] = MOVE(DEGRADED)},
    [RESOURCE_ACTIVE] = {[RESOURCE_EV_UPDATE] = MOVE(UPDATING),
                         [RESOURCE_EV_SCALE] = MOVE(SCALING),
                         [RESOURCE_EV_DEGRADED] = MOVE(DEGRADED),
                         [RESOURCE_EV_REMOVE] = MOVE(TERMINATING),
                         [RESOURCE_EV_ORPHAN] = MOVE(ORPHANED)},
    [RESOURCE_SCALING] = {[RESOURCE_EV_APPLIED] = MOVE(ACTIVE),
                          [RESOURCE_EV_FAILED] = MOVE(DEGRADED),
                          [RESOURCE_EV_DEGRADED] = MOVE(DEGRADED),
                          [RESOURCE_EV_UPDATE] = MOVE(UPDATING),
                          [RESOURCE_EV_REMOVE] = MOVE(TERMINATING)},
    [RESOURCE_UPDATING] = {[RESOURCE_EV_UPDATE] = MOVE(UPDATING),
                           [RESOURCE_EV_APPLIED] = MOVE(ACTIVE),
                           [RESOURCE_EV_FAILED] = MOVE(DEGRADED),
                           [RESOURCE_EV_DEGRADED] = MOVE(DEGRADED),
                           [RESOURCE_EV_REMOVE] = MOVE(TERMINATING)},
    [RESOURCE_DEGRADED] = {[RESOURCE_EV_RECOVERED] = MOVE(ACTIVE),
                           [RESOURCE_EV_UPDATE] = MOVE(UPDATING),
                           [RESOURCE_EV_SCALE] = MOVE(SCALING),
                           [RESOURCE_EV_PROVISION] = MOVE(PROVISIONING),
                           [RESOURCE_EV_REMOVE] = MOVE(TERMINATING),
                           [RESOURCE_EV_ORPHAN] = MOVE(ORPHANED)},
    [RESOURCE_TERMINATING] =
        {[RESOURCE_EV_REMOVE] = MOVE(TERMINATING), [RESOURCE_EV_REMOVED] = MOVE(TERMINATED), [RESOURCE_EV_FAILED] = MOVE(DEGRADED)},
    /* Final states are left only by a new deployment that wants the resource, or wants it gone. */
    [RESOURCE_FAILED] = {[RESOURCE_EV_PROVISION] = MOVE(PROVISIONING), [RESOURCE_EV_REMOVE] = MOVE(TERMINATING)},
    [RESOURCE_ORPHANED] =
        {[RESOURCE_EV_PROVISION] = MOVE(PROVISIONING), [RESOURCE_EV_UPDATE] = MOVE(UPDATING), [RESOURCE_EV_REMOVE] = MOVE(TERMINATING)},
};

enum resource_state resource_next(enum resource_state state, enum resource_event event)
{
    const struct edge *edge = &edges[state][event];

    return edge->real ? (enum resource_state)edge->to : state;
}

bool resource_state_exists(enum resource_state state)
{
    return state == RESOURCE_ACTIVE || state == RESOURCE_SCALING || state == RESOURCE_UPDATING || state == RESOURCE_DEGRADED ||
           state == RESOURCE_ORPHANED;
}

static const char *const names[RESOURCE_STATES] = {"requested", "provisioning", "active",     "scaling", "updating",
                                                   "degraded",  "terminating",  "terminated", "failed",  "orphaned"};

const char *resource_state_name(enum resource_state state) { return names[state]; }

enum resource_state resource_state_parse(const char *name)
{
    int i = 0;

    while (i < RESOURCE_STATES && strcmp(names[i], name) != 0)
        i++;
    return (enum resource_state)i;
}
