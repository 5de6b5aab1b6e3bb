/* Time: int64 microseconds. Wall-clock time is UTC and may jump; leases, deadlines and budgets use the monotonic clock. */
#pragma once
#include "base/err.h"
#include <stdint.h>

#define US_PER_MS        1000LL
#define US_PER_SEC       1000000LL
#define CLOCK_TEXT_BYTES 32

int64_t clock_now_us(void);  /* since 1970, UTC */
int64_t clock_mono_us(void); /* since some fixed point; never jumps */

/* For tests (INNO_FAILPOINTS builds): wall-clock time is off by this much from now on, as if somebody had set the clock. A process that is
 * started with INNOMINATUS_CLOCK_OFFSET=FILE reads it, at every look, from that file (an int64 in the machine's order). */
void clock_jump(int64_t offset_us);

/* Wall-clock time for what must not wait because the clock was set back: it follows clock_now_us() forwards and goes on by the monotonic
 * clock when that jumps backwards. Stored times that are compared with "now" (run_at, leases, deadlines) are of this clock. One for the
 * process. Any thread. */
int64_t clock_steady_us(void);
/* It is at least `us`: what an earlier process has stored. */
void clock_steady_raise(int64_t us);

/* RFC 3339 with microseconds: "2026-01-31T12:00:00.000001Z". Returns `out`. */
const char *clock_format(int64_t us, char out[static CLOCK_TEXT_BYTES]);

/* Reads RFC 3339 in UTC ("Z"), with 0 to 6 digits of fraction. Errors: ERR_BAD_VALUE. */
int clock_parse(const char *text, int64_t *out_us, struct err *err);
