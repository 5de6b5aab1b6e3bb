/* Owns Idempotency-Key on the HTTP side: looks a key up before the act, hands its row to the act's transaction, replays the kept answer. */
#include "api/api_priv.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "workflow/idempotency.h"
#include <string.h>

#define KEY_CHARS 255

struct api_idempotency {
    struct idempotency_key key;
    char sha256[CRYPTO_SHA256_HEX];
    bool lost; /* the transaction found another request's row */
};

static int read_key(struct api_request *r, const char *sent, struct err *err)
{
    struct api_idempotency *idempotency;
    CLEANUP(crypto_hash_fini) struct crypto_hash hash;
    size_t len = strlen(sent);
    bool cookie;
    const char *token = api_token(r, &cookie);

    for (const char *c = sent; *c; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
            len = 0;
    crypto_hash_init(&hash);
    if (len == 0 || len > KEY_CHARS)
        return err_set(err, ERR_REQUEST, "Idempotency-Key is 1 to %d visible characters", KEY_CHARS);
    idempotency = arena_alloc(r->arena, sizeof *idempotency);
    /* The database keeps the hash, and a body may hold a password: with the key in it, which the database does not know, nobody can guess.
     */
    crypto_hash_add(&hash, token, strlen(token) + 1);
    crypto_hash_add(&hash, r->http.method, strlen(r->http.method) + 1);
    crypto_hash_add(&hash, r->http.uri, strlen(r->http.uri) + 1);
    crypto_hash_add(&hash, buf_text(&r->http.body), r->http.body.len);
    crypto_hash_hex(&hash, idempotency->sha256);
    idempotency->key = (struct idempotency_key){r->who->user_id, arena_strdup(r->arena, sent), idempotency->sha256};
    r->idempotency = idempotency;
    return 0;
}

static void replay(struct api_request *r, const struct idempotency_answer *answer)
{
    http_reply_header(&r->http, "Idempotency-Replayed", "true");
    http_reply_header(&r->http, "Location", answer->location);
    api_reply_text(r, answer->status, "application/json", mem_strdup(answer->response));
}

static int look_up(struct api_request *r, bool *out_found, struct err *err)
{
    struct idempotency_answer *answer;

    *out_found = false;
    if (idempotency_find(r->context->store, &r->idempotency->key, r->arena, &answer, err) < 0)
        return -1;
    if (answer && !answer->same)
        return err_set(err, ERR_CONFLICT, "this Idempotency-Key was used for another request; use a fresh one");
    *out_found = answer != NULL;
    if (answer)
        replay(r, answer);
    return 0;
}

bool api_idempotency_replayed(struct api_request *r)
{
    const char *sent = http_header(&r->http, "Idempotency-Key");
    struct err err = {0};
    bool found;

    if (!sent)
        return false;
    if (read_key(r, sent, &err) == 0 && look_up(r, &found, &err) == 0)
        return found;
    api_problem(r, &err);
    return true;
}

int api_idempotency_keep(struct api_request *r, struct store_tx *tx, int status, const json_t *answer, const char *location,
                         struct err *err)
{
    if (!r->idempotency)
        return 0;
    r->idempotency->lost = false;
    if (idempotency_keep(tx, &r->idempotency->key, status, answer, location, err) == 0)
        return 0;
    r->idempotency->lost = err->code == ERR_CONFLICT;
    return -1;
}

/* On an HTTP thread, after the other request's transaction: its answer is this one's too. */
static void replay_lost(struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;
    struct err err = {0};
    bool found = false;

    if (look_up(r, &found, &err) == 0 && !found)
        err_set(&err, ERR_CONFLICT, "another request with this Idempotency-Key is in work; try again");
    if (!found)
        api_problem(r, &err);
}

void api_problem_of_act(struct api_request *r, const struct err *err)
{
    if (r->idempotency && r->idempotency->lost)
        r->http.again = replay_lost;
    else
        api_problem(r, err);
}
