/* Owns the leases that Vault's answers came with, and the thread that renews them and the token before they end. The thread sleeps until
 * the next of these times; everything under the client's lock. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/vault_priv.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void lease_free(struct vault_lease *lease)
{
    secret_fini(&lease->data);
    free(lease->path);
    free(lease->id);
    free(lease);
}

static void set_times(struct vault_lease *lease, const json_t *answer)
{
    int64_t seconds = json_int(answer, "lease_duration", 0);

    lease->renewable = json_flag(answer, "renewable", false);
    lease->renew_at_us = lease->renewable ? vault_half(seconds) : VAULT_NEVER;
    lease->end_us = seconds > 0 && seconds < INT64_MAX / US_PER_SEC / 2 ? clock_mono_us() + seconds * US_PER_SEC : VAULT_NEVER;
}

struct vault_lease *vault_lease_find(struct secret_vault *v, const char *path)
{
    for (struct vault_lease **link = &v->leases; *link;) {
        struct vault_lease *lease = *link;

        if (lease->end_us <= clock_mono_us()) {
            *link = lease->next;
            lease_free(lease);
        } else if (str_eq(lease->path, path)) {
            return lease;
        } else {
            link = &lease->next;
        }
    }
    return NULL;
}

/* ---- the keeper ---- */

/* One that cannot be renewed lives on until its end; whoever asks again then gets another. */
static void renew(struct secret_vault *v, struct vault_lease *lease)
{
    CLEANUP(json_put) json_t *body = json_pack("{s:s}", "lease_id", lease->id), *answer = NULL;
    struct err err = {0};
    int status = 0;

    lease->renew_at_us = VAULT_NEVER;
    if (vault_ask(v, &(struct vault_question){.method = "POST", .path = "sys/leases/renew", .body = body, .once = true}, &status, &answer,
                  &err) < 0 ||
        status != 200) {
        log_warn("secret", "the lease of vault:%s cannot be renewed: %s", lease->path,
                 err.msg[0] ? err.msg : "Vault does not know it any more");
        return;
    }
    set_times(lease, answer);
}

static int64_t next_time(const struct secret_vault *v)
{
    int64_t next = v->token.len ? v->renew_at_us : VAULT_NEVER;

    for (const struct vault_lease *lease = v->leases; lease; lease = lease->next)
        if (lease->renew_at_us < next)
            next = lease->renew_at_us;
    return next;
}

static void *keep(void *ctx)
{
    struct secret_vault *v = ctx;

    pthread_mutex_lock(&v->lock);
    while (!v->stopping) {
        int64_t next = next_time(v);

        if (next == VAULT_NEVER) {
            pthread_cond_wait(&v->changed, &v->lock);
            continue;
        }
        if (clock_mono_us() < next) {
            pthread_cond_timedwait(&v->changed, &v->lock,
                                   &(struct timespec){.tv_sec = next / US_PER_SEC, .tv_nsec = next % US_PER_SEC * 1000});
            continue;
        }
        vault_keep_token(v);
        for (struct vault_lease *lease = v->leases; lease && !v->stopping; lease = lease->next)
            if (lease->renew_at_us <= clock_mono_us())
                renew(v, lease);
    }
    pthread_mutex_unlock(&v->lock);
    return NULL;
}

void vault_keeper_wake(struct secret_vault *v)
{
    if (v->has_keeper)
        pthread_cond_signal(&v->changed);
    else if (!v->stopping && next_time(v) != VAULT_NEVER)
        v->has_keeper = pthread_create(&v->keeper, NULL, keep, v) == 0; /* without it things live until their end */
}

struct vault_lease *vault_lease_keep(struct secret_vault *v, const char *path, const json_t *answer)
{
    CLEANUP(free_ptr) char *text = json_text(json_object_get(answer, "data"));
    struct vault_lease *lease = mem_zalloc(sizeof *lease);

    lease->path = mem_strdup(path);
    lease->id = mem_strdup(json_str(answer, "lease_id"));
    secret_set(&lease->data, text, strlen(text));
    secret_wipe(text, strlen(text));
    set_times(lease, answer);
    lease->next = v->leases;
    v->leases = lease;
    vault_keeper_wake(v);
    return lease;
}

void vault_leases_revoke(struct secret_vault *v)
{
    bool answers = true;

    while (v->leases) {
        struct vault_lease *lease = v->leases;
        CLEANUP(json_put) json_t *body = json_pack("{s:s}", "lease_id", lease->id), *answer = NULL;
        struct err err = {0};
        int status;

        if (answers &&
            vault_ask(
                v, &(struct vault_question){.method = "POST", .path = "sys/leases/revoke", .body = body, .timeout_ms = 2000, .once = true},
                &status, &answer, &err) < 0) {
            log_warn("secret", "leases of Vault were not revoked and end by themselves: %s", err.msg);
            answers = false;
        }
        v->leases = lease->next;
        lease_free(lease);
    }
}
