/* The order of the steps of one workflow (engine.md: Order): a step follows its predecessor unless it has dependsOn ([] makes it a root) or
 * shares a parallelGroup with it. Pure; any thread. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "codec/json.h"

struct order_problem {
    size_t step;                      /* index */
    enum err_code code;               /* ERR_DUPLICATE_KEY, ERR_UNKNOWN_REFERENCE, ERR_CYCLE */
    const char *message, *suggestion; /* arena */
};

/* Replaces `depends_on` of each step by the complete list and removes `parallel_group`. Returns 0, or -1 with the first problem. */
int order_steps(json_t *steps, struct arena *arena, struct order_problem *out);

/* True when `earlier` surely ends before `later` starts: it is among what `later` depends on, directly or not. Names; complete lists. */
bool order_precedes(const json_t *steps, const char *earlier, const char *later);
