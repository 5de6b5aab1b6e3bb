/* Idempotency-Key: the answer of an act, kept for 24 hours in the transaction of the act, so that a repeated request gets it again and does
 * nothing. */
#pragma once
#include "base/arena.h"
#include "codec/json.h"
#include "store/store.h"

#define IDEMPOTENCY_MS (24LL * 3600 * 1000)

struct idempotency_key {
    const char *user_id, *key;
    const char *request_sha256; /* of method, target and body */
};

struct idempotency_answer {
    bool same; /* false: the key was used for another request */
    int status;
    const char *response; /* JSON text, arena */
    const char *location; /* NULL: none */
};

/* out: NULL when the key is new. Reads on this thread. */
int idempotency_find(struct store *store, const struct idempotency_key *key, struct arena *arena, struct idempotency_answer **out,
                     struct err *err);

/* In the unit of the act. Errors: ERR_CONFLICT when another request with the same key was faster (the act must not happen again). */
int idempotency_keep(struct store_tx *tx, const struct idempotency_key *key, int status, const json_t *response, const char *location,
                     struct err *err);
