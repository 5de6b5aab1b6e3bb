/* Owns the audit of requests that were denied: a row says who wanted what. The same person at the same route gets one row a minute, with
 * the number of repetitions in the next one, and all together get a bounded number of rows, so that nobody fills the disk by being denied.
 * Denials by policy have rows of their own (deploy_record_denial). HTTP threads and the api's own. */
#include "api/api_priv.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW_US (60 * US_PER_SEC)

/* Counts the denial. True: it gets a row, whose detail tells of `*out_repeated` earlier ones without. Lock held. */
static bool takes_row(struct api_denials *d, const char *user_id, const char *operation, int64_t now, int64_t *out_repeated)
{
    struct api_denial *slot = &d->slots[0];

    for (size_t i = 0; i < API_DENIALS; i++) {
        if (str_eq(d->slots[i].user_id, user_id) && d->slots[i].operation == operation) {
            slot = &d->slots[i];
            break;
        }
        if (d->slots[i].since_us < slot->since_us)
            slot = &d->slots[i];
    }
    if (!str_eq(slot->user_id, user_id) || slot->operation != operation) {
        *slot = (struct api_denial){.operation = operation};
        memcpy(slot->user_id, user_id, strnlen(user_id, sizeof slot->user_id - 1));
    } else if (now - slot->since_us < WINDOW_US) {
        slot->repeated++;
        return false;
    }
    if (now - d->minute_us >= WINDOW_US) {
        d->minute_us = now;
        d->rows = 0;
    }
    if (d->rows >= LIMIT_DENIALS_A_MINUTE)
        return false;
    d->rows++;
    *out_repeated = slot->repeated;
    slot->since_us = now;
    slot->repeated = 0;
    return true;
}

/* ---- the row ---- */

struct denied {
    char *org, *actor, *team, *action, *object, *request_id, *source_ip;
    json_t *detail;
};

static char *copy(const char *text) { return text ? mem_strdup(text) : NULL; }

static int write_row(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct denied *d = ctx;

    return audit_write(tx,
                       &(struct audit_row){.org = d->org,
                                           .actor = d->actor,
                                           .team = d->team,
                                           .action = d->action,
                                           .object = d->object,
                                           .result = "denied",
                                           .detail = d->detail,
                                           .request_id = d->request_id,
                                           .source_ip = d->source_ip},
                       err);
}

static void row_written(void *ctx, const struct err *result)
{
    struct denied *d = ctx;

    if (result->code != ERR_NONE) /* nothing was done, so nothing has to be undone */
        log_error("http", "a denial could not be recorded: %s", result->msg);
    free(d->org);
    free(d->actor);
    free(d->team);
    free(d->action);
    free(d->object);
    free(d->request_id);
    free(d->source_ip);
    json_decref(d->detail);
    free(d);
}

void api_record_denial(struct api_request *r, const struct err *err)
{
    struct api *api = r->api;
    struct denied *d;
    int64_t repeated = 0;
    bool takes;

    if (!r->who || err->code != ERR_FORBIDDEN)
        return;
    pthread_mutex_lock(&api->denials.lock);
    takes = takes_row(&api->denials, r->who->user_id, r->route->operation, clock_mono_us(), &repeated);
    pthread_mutex_unlock(&api->denials.lock);
    if (!takes)
        return;
    d = mem_zalloc(sizeof *d);
    *d = (struct denied){.org = copy(r->who->org),
                         .actor = copy(r->who->name),
                         .team = copy(r->who->team),
                         .action = mem_printf("request.%s", r->route->operation),
                         .object = copy(r->uri.path),
                         .request_id = copy(r->id),
                         .source_ip = copy(r->source_ip),
                         .detail = json_object()};
    json_set_str(d->detail, "method", r->http.method);
    json_set_str(d->detail, "reason", err->msg);
    if (repeated)
        json_set_int(d->detail, "repeated", repeated);
    store_write(r->context->store, write_row, d, row_written);
}
