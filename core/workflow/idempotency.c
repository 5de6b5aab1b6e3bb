/* Owns the table of answers kept for Idempotency-Key. Units; on store threads, the lookup on the caller's. */
#include "workflow/idempotency.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"

struct finding {
    const struct idempotency_key *key;
    struct arena *arena;
    struct idempotency_answer *answer;
};

static int find_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct finding *f = ctx;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    f->answer = NULL;
    if (store_query(
            tx, "SELECT request_sha256, status, response, location FROM idempotency WHERE user_id = $1 AND key = $2 AND created_at > $3",
            STORE_ARGS(store_text(f->key->user_id), store_text(f->key->key), store_int(clock_now_us() - IDEMPOTENCY_MS * US_PER_MS)), &rows,
            err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    f->answer = arena_alloc(f->arena, sizeof *f->answer);
    f->answer->same = str_eq(store_col_text(rows, 0), f->key->request_sha256);
    f->answer->status = (int)store_col_int(rows, 1);
    f->answer->response = arena_strdup(f->arena, store_col_text(rows, 2));
    f->answer->location = arena_strdup(f->arena, store_col_text(rows, 3));
    return 0;
}

int idempotency_find(struct store *store, const struct idempotency_key *key, struct arena *arena, struct idempotency_answer **out,
                     struct err *err)
{
    struct finding f = {.key = key, .arena = arena};

    if (store_read(store, find_unit, &f, err) < 0)
        return -1;
    *out = f.answer;
    return 0;
}

int idempotency_keep(struct store_tx *tx, const struct idempotency_key *key, int status, const json_t *response, const char *location,
                     struct err *err)
{
    CLEANUP(free_ptr) char *text = json_text(response);
    int64_t now = clock_now_us(), added = 0;

    /* one that is too old to count is replaced; what is old goes at some other time (engine_retention.c) */
    if (store_exec(tx,
                   "INSERT INTO idempotency (user_id, key, request_sha256, status, response, location, created_at) VALUES ($1, $2, $3, $4, "
                   "$5, $6, $7) ON CONFLICT (user_id, key) DO UPDATE SET request_sha256 = excluded.request_sha256, status = "
                   "excluded.status, response = excluded.response, location = excluded.location, created_at = excluded.created_at WHERE "
                   "idempotency.created_at <= $8",
                   STORE_ARGS(store_text(key->user_id), store_text(key->key), store_text(key->request_sha256), store_int(status),
                              store_text(text), store_text(location), store_int(now), store_int(now - IDEMPOTENCY_MS * US_PER_MS)),
                   &added, err) < 0)
        return -1;
    return added ? 0 : err_set(err, ERR_CONFLICT, "another request with this Idempotency-Key was faster");
}
