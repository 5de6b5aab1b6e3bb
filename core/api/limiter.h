/* Token buckets by name ("who asks"), in a table of fixed size: when it is full, the one that was used longest ago is forgotten. Any
 * thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct limiter;

struct limiter *limiter_new(unsigned entries);
void limiter_free(struct limiter *l); /* NULL is fine */

struct limiter_rate {
    int64_t per_second, burst; /* per_second 0: no limit */
};
/* What to tell the client. */
struct limiter_state {
    int64_t limit, remaining; /* whole tokens */
    int64_t reset_s;          /* until the bucket is full again */
    int64_t retry_s;          /* until there is a token, at least 1; 0: one was taken */
};
/* Takes a token from the bucket of `name` (its first 63 characters tell it apart). False: there was none. `now_us` is monotonic. */
bool limiter_take(struct limiter *l, const char *name, struct limiter_rate rate, int64_t now_us, struct limiter_state *out);
/* Buckets in use; for tests. */
unsigned limiter_count(struct limiter *l);
