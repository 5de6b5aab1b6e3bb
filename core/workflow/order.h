/* The order of the steps of one workflow (engine.md: Order): a step follows its predecessor unless it has dependsOn ([] makes it a root)
 * or shares a parallelGroup with it. Pure; any thread. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "codec/json.h"

struct order_problem {
    size_t step;                      /* index */
    enum err_code code;               /* ERR_DUPLICATE_KEY, ERR_UNKNOWN_REFERENCE, ERR_CYCLE, ERR_LIMIT */
    const char *message, *suggestion; /* arena */
};

/* Replaces `depends_on` of each step by the complete list and removes `parallel_group`. Returns 0, or -1 with the first problem. */
int order_steps(json_t *steps, struct arena *arena, struct order_problem *out);

/* Who surely ends before whom starts, worked out once for a list of steps with complete dependencies. Later changes of the list do not
 * reach it. At most LIMIT_STEPS_PER_PLAN steps are looked at. Lives in the arena. */
struct order;
const struct order *order_make(const json_t *steps, struct arena *arena);
/* True when `earlier` is among what `later` depends on, directly or not. Unknown names: false. */
bool order_precedes(const struct order *order, const char *earlier, const char *later);
/* Indexes of the steps so that each stands behind all that it depends on, otherwise in their own order; count entries, arena. */
const size_t *order_sorted(const struct order *order, struct arena *arena, size_t *out_count);
