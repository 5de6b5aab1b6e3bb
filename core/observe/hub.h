/* The hub: wakes those of this process who wait for sealed events (streams, `deploy --wait`). It carries no events; the woken read them
 * from the store.
 *
 * A waiter reads the generation BEFORE it looks into the store, and waits or arms with that generation: what was sealed in between is never
 * missed. */
#pragma once
#include "store/store.h"

struct hub;

/* Registers with the store (channel "events"), so make it before work starts and free it after store_close. Never fails. */
struct hub *hub_new(struct store *store);
void hub_free(struct hub *hub);

uint64_t hub_generation(struct hub *hub);
/* Wakes everybody, as the store does after sealing. Any thread. */
void hub_pulse(struct hub *hub);

/* Blocks until the generation is another than `seen`, at most timeout_ms. True: it is; false: the time is over. Not on HTTP or store
 * threads. */
bool hub_wait(struct hub *hub, uint64_t seen, int64_t timeout_ms);

/* A waiter that is told once and then disarmed; part of the caller's structure, zeroed before its first use.
 * `woken` runs on a store thread with the hub's lock held: be short, call nothing of the hub (MHD_resume_connection is fine). */
struct hub_waiter {
    void (*woken)(struct hub_waiter *waiter);
    struct hub_waiter *next, **link; /* the hub's; link is NULL while disarmed */
};
/* False when the generation has already moved on: the waiter is not armed, look again. Arming an armed waiter is fine. */
bool hub_arm(struct hub *hub, struct hub_waiter *waiter, uint64_t seen);
/* Afterwards `woken` neither runs nor will. Disarming twice is fine. */
void hub_disarm(struct hub *hub, struct hub_waiter *waiter);
