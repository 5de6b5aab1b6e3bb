/* Opening secrets for the one process that uses them: only those of the step's own team, and everything opened is known to the redactor. On workers. */
#include "base/cleanup.h"
#include "base/str.h"
#include "secret/secret_store.h"
#include "workflow/engine_priv.h"
#include <string.h>

static int owner_is_ours(struct store_tx *tx, const char *sql, const char *id, const struct run *run, bool *out, struct err *err)
{
    int64_t count = 0;

    if (store_query_int(tx, sql, STORE_ARGS(store_text(id), store_text(run->org), store_text(run->team)), 0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}

/* A reference names a resource or a step by its id; it must belong to the team whose step this is. */
static int guard(void *ctx, struct store_tx *tx, const char *reference, struct err *err)
{
    const struct run *run = ctx;
    const char *colon = strchr(reference, ':'), *hash = strchr(reference, '#');
    bool resource = str_starts(reference, "resource:"), ours = false;
    char id[ID_BYTES];

    if (!colon || !hash || hash - colon - 1 >= ID_BYTES)
        return err_set(err, ERR_FORBIDDEN, "secret reference %.80s cannot be opened here", reference);
    snprintf(id, sizeof id, "%.*s", (int)(hash - colon - 1), colon + 1);
    if (owner_is_ours(tx,
                      resource ? "SELECT count(*) FROM resources WHERE id = $1 AND org = $2 AND team = $3"
                               : "SELECT count(*) FROM steps s JOIN deployments d ON d.id = s.deployment_id WHERE s.id = $1 AND d.org = $2 AND d.team = $3",
                      id, run, &ours, err) < 0)
        return -1;
    return ours ? 0 : err_set(err, ERR_FORBIDDEN, "secret reference %.80s belongs to another team", reference);
}

int step_open_secrets(struct step_work *work, const json_t *value, json_t **out, struct err *err)
{
    struct secret_use use = {.sources = SECRET_STORED, .redactor = work->redactor, .guard = guard, .guard_ctx = work->run};

    if (!value || !json_has_secret(value)) {
        *out = value ? json_incref((json_t *)value) : json_object();
        return 0;
    }
    return secret_open_value(work->engine->options.secrets, &use, value, out, err);
}
