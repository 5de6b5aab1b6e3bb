/* Waiting for the other side of a call. A processor that has nothing to do goes to sleep, and waking it (in a virtual machine: through the
 * hypervisor) takes longer than a whole call. So who has just been answered quickly looks for a few microseconds whether the next word
 * comes as quickly, before it sleeps.
 *
 * It never costs what anybody else could use: one look follows only on a wait that was short, so nothing spins while nothing is called;
 * it is over after SPIN_US; and as soon as another thread wants the processor it is left alone for a while. One thread a struct. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SPIN_US          50   /* at most, of one wait */
#define SPIN_SHORT_US    100  /* a wait this short, with the waking, makes the next one spin */
#define SPIN_TAKEN_US    20   /* the processor was away this long: somebody else runs on it */
#define SPIN_OFF_US      1000 /* how long it is left to them, doubled each time that it happens again at once */
#define SPIN_OFF_MOST_US (128 * 1000)

struct spin { /* starts with zeros */
    int64_t began_us;
    int64_t off_us, off_until_us;
    bool worth;
};

/* Begins a wait: asks `ready` over and over as long as that is worth it. True as soon as it says so; false: sleep. */
bool spin_wait(struct spin *s, bool (*ready)(void *ctx), void *ctx);
/* Ends it, when what was waited for has come: learns from how long it took. */
void spin_end(struct spin *s);
