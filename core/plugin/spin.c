/* Owns the short wait before a sleep (spin.h). Also part of the plugin host. */
#include "plugin/spin.h"
#include "base/clock.h"
#include <sched.h>

bool spin_wait(struct spin *s, bool (*ready)(void *ctx), void *ctx)
{
    int64_t now = clock_mono_us(), last;

    s->began_us = now;
    if (!s->worth || now < s->off_until_us)
        return false;
    do {
        if (ready(ctx)) {
            s->off_us = 0;
            return true;
        }
        last = now;
        sched_yield();
        now = clock_mono_us();
        if (now - last > SPIN_TAKEN_US) {
            s->off_us = s->off_us == 0 ? SPIN_OFF_US : s->off_us < SPIN_OFF_MOST_US ? s->off_us * 2 : s->off_us;
            s->off_until_us = now + s->off_us;
            return false;
        }
    } while (now - s->began_us < SPIN_US);
    return false;
}

void spin_end(struct spin *s) { s->worth = clock_mono_us() - s->began_us <= SPIN_SHORT_US; }
