/* The life of a resource as a pure function (engine.md, States). */
#pragma once
#include <stdbool.h>

enum resource_state {
    RESOURCE_REQUESTED,
    RESOURCE_PROVISIONING,
    RESOURCE_ACTIVE,
    RESOURCE_SCALING,
    RESOURCE_UPDATING,
    RESOURCE_DEGRADED,
    RESOURCE_TERMINATING,
    RESOURCE_TERMINATED,
    RESOURCE_FAILED,
    RESOURCE_ORPHANED,
    RESOURCE_STATES
};

enum resource_event {
    RESOURCE_EV_PROVISION, /* a create (again) begins */
    RESOURCE_EV_UPDATE,    /* an update of what exists begins */
    RESOURCE_EV_SCALE,
    RESOURCE_EV_APPLIED,  /* the provisioner said OK */
    RESOURCE_EV_FAILED,   /* the provisioner gave up */
    RESOURCE_EV_DEGRADED, /* its status says it is not well, or has drifted */
    RESOURCE_EV_RECOVERED,
    RESOURCE_EV_REMOVE, /* a removal begins */
    RESOURCE_EV_REMOVED,
    RESOURCE_EV_ORPHAN, /* its last referrer left it, and it is kept */
    RESOURCE_EVENTS
};

/* The next state; the same state when the event means nothing in it. */
enum resource_state resource_next(enum resource_state state, enum resource_event event);
/* Something exists behind it (or may): a provision is an update, a removal has work to do. */
bool resource_state_exists(enum resource_state state);
const char *resource_state_name(enum resource_state state);
enum resource_state resource_state_parse(const char *name); /* RESOURCE_STATES when unknown */
