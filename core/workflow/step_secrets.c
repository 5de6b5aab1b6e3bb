/* Opening secrets for the one process that uses them: only those of the step's own team, and everything opened is known to the redactor. On
 * workers. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/secret_store.h"
#include "workflow/resource_frame.h"
#include <string.h>

static int owner_is_ours(struct store_tx *tx, const char *sql, const char *id, const struct secret_opening *who, bool *out, struct err *err)
{
    int64_t count = 0;

    if (store_query_int(tx, sql, STORE_ARGS(store_text(id), store_text(who->org), store_text(who->team)), 0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}

/* A reference names a resource or a step by its id; it must belong to the team for whom this is. */
static int guard(void *ctx, struct store_tx *tx, const char *reference, struct err *err)
{
    const struct secret_opening *who = ctx;
    const char *colon = strchr(reference, ':'), *hash = strchr(reference, '#');
    bool resource = str_starts(reference, "resource:"), ours = false;
    char id[ID_BYTES];

    if (!colon || !hash || hash - colon - 1 >= ID_BYTES)
        return err_set(err, ERR_FORBIDDEN, "secret reference %.80s cannot be opened here", reference);
    snprintf(id, sizeof id, "%.*s", (int)(hash - colon - 1), colon + 1);
    if (owner_is_ours(tx,
                      resource ? "SELECT count(*) FROM resources WHERE id = $1 AND org = $2 AND team = $3"
                               : "SELECT count(*) FROM steps s JOIN deployments d ON d.id = s.deployment_id WHERE s.id = $1 AND d.org = $2 "
                                 "AND d.team = $3",
                      id, who, &ours, err) < 0)
        return -1;
    return ours ? 0 : err_set(err, ERR_FORBIDDEN, "secret reference %.80s belongs to another team", reference);
}

int opening_open(const struct secret_opening *opening, const json_t *value, json_t **out, struct err *err)
{
    struct secret_opening who = *opening;
    struct secret_use use = {.sources = SECRET_STORED, .redactor = opening->redactor, .guard = guard, .guard_ctx = &who};

    if (!value || !json_has_secret(value)) {
        *out = value ? json_clone(value) : json_object(); /* a frame may outlive the work, on another thread */
        return 0;
    }
    return secret_open_value(opening->engine->options.secrets, &use, value, out, err);
}

struct secret_opening step_opening(const struct step_work *work)
{
    return (struct secret_opening){work->engine, work->redactor, work->run->org, work->run->team};
}

int step_open_secrets(struct step_work *work, const json_t *value, json_t **out, struct err *err)
{
    struct secret_opening opening = step_opening(work);

    return opening_open(&opening, value, out, err);
}

static void collect_references(const json_t *value, json_t *found)
{
    const char *reference = json_secret_ref(value), *key;
    json_t *item;
    size_t i;

    if (reference)
        json_object_set_new(found, reference, json_secret_new(reference));
    else if (json_is_object(value))
        json_object_foreach((json_t *)(uintptr_t)value, key, item) collect_references(item, found);
    else
        json_array_foreach(value, i, item) collect_references(item, found);
}

int opening_open_references(const struct secret_opening *opening, const json_t *value, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *found = json_object();

    collect_references(value, found);
    return opening_open(opening, found, out, err);
}

/* ---- what comes back ---- */

void step_redact(struct step_work *work, json_t *value) { redactor_apply_json(work->redactor, value); }

/* Taint follows outputs: a text with a known secret in it is one itself; inside other values it is taken out. */
static void taint_outputs(struct step_work *work, json_t *outputs, json_t **secrets)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(outputs, next, key, value)
    {
        CLEANUP(json_put)
        json_t *clear = json_is_string(value) && json_string_length(value) <= LIMIT_SECRET_BYTES ? json_copy(value) : NULL;

        if (!redactor_apply_json(work->redactor, value) || !clear)
            continue;
        *secrets = *secrets ? *secrets : json_object();
        json_object_set(*secrets, key, clear);
        json_object_del(outputs, key);
    }
}

int step_check_answer(struct step_work *work, const char *provisioner, const char *owner, json_t *outputs, json_t **secrets,
                      struct err *err)
{
    const char *key;
    json_t *value;

    if (outputs && json_has_secret(outputs))
        return err_set(err, ERR_PLUGIN_PROTOCOL,
                       "%s gave an output with a reference to a secret ({\"$secret\": ...}); secrets go out by host->secret_output",
                       provisioner);
    taint_outputs(work, outputs, secrets);
    json_object_foreach(*secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("%s#%s", owner, key);
        struct err why = {0};

        if (secret_check(reference, json_string_length(value), &why) < 0)
            return err_set(err, ERR_PLUGIN_PROTOCOL, "%s gave a secret output that cannot be kept: %.300s", provisioner, why.msg);
    }
    return 0;
}
