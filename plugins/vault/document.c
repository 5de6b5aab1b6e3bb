/* Owns the slots of the types that are one object behind one path: policies and roles. Provision compares before it writes, so that a
 * second one changes nothing. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>

/* What shall be, and what is: *actual NULL when it is not there. */
static inno_rc compare(struct vault_work *work, json_t **wanted, json_t **actual, json_t **changes)
{
    const struct document *kind = work->document;
    inno_rc rc = kind->describe(work, wanted);

    if (rc == INNO_OK)
        rc = api_read(work, kind->path(work), actual);
    if (rc == INNO_OK && !(*changes = tell_diff(*wanted, *actual)))
        rc = VAULT_NO_MEMORY(work);
    return rc;
}

inno_rc document_provision(struct vault_work *work)
{
    const struct document *kind = work->document;
    CLEANUP(json_put) json_t *wanted = NULL, *actual = NULL, *changes = NULL;
    inno_rc rc = compare(work, &wanted, &actual, &changes);

    if (rc == INNO_OK)
        rc = tell_state(work->host, work->call, json_pack("{s:s,s:s}", "name", work->name, "path", work->path));
    if (rc == INNO_OK && (!actual || json_array_size(changes))) {
        rc = api_write(work, "POST", kind->path(work), wanted, false, NULL);
        if (rc == INNO_NOT_FOUND)
            return VAULT_FAIL(work, INNO_NOT_FOUND,
                              "Vault at %s has nothing mounted for this %s; have it set up by a step of type vault-setup",
                              rest_url(work->self->rest), kind->what);
        if (rc == INNO_OK)
            work->host->log(work->call, INNO_LOG_INFO, "%s %s %s", actual ? "changed" : "made", kind->what, work->name);
    }
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "name", work->name);
    return kind->finish ? kind->finish(work) : INNO_OK;
}

inno_rc document_deprovision(struct vault_work *work)
{
    const struct document *kind = work->document;
    inno_rc rc = kind->clear ? kind->clear(work) : INNO_OK;

    return rc == INNO_OK ? api_delete(work, kind->path(work)) : rc;
}

inno_rc document_status(struct vault_work *work)
{
    const struct document *kind = work->document;
    CLEANUP(json_put) json_t *wanted = NULL, *actual = NULL, *changes = NULL;
    const char *defect = NULL;
    inno_rc rc = compare(work, &wanted, &actual, &changes);

    if (rc != INNO_OK)
        return rc;
    if (tell_defect(work->host, work->call, kind->what, work->name, actual, true, changes))
        return INNO_OK;
    if (kind->look && (rc = kind->look(work, &defect)) != INNO_OK)
        return rc;
    work->host->status(work->call, defect ? INNO_STATE_DEGRADED : INNO_STATE_ACTIVE, defect);
    return INNO_OK;
}

inno_rc document_plan(struct vault_work *work)
{
    CLEANUP(json_put) json_t *wanted = NULL, *actual = NULL;
    json_t *changes = NULL;
    inno_rc rc = compare(work, &wanted, &actual, &changes);

    return rc == INNO_OK ? tell_changes(work->host, work->call, changes) : rc;
}
