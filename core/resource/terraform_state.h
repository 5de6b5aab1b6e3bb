/* States of Terraform and OpenTofu, as their HTTP backend keeps them (https://developer.hashicorp.com/terraform/language/backend/http): a
 * document by name, a lock by name. Every version is sealed; the last LIMIT_TERRAFORM_VERSIONS of a state are kept, also beyond its
 * deletion. What changes something waits for its commit: not on HTTP or store threads. since 0.2 */
#pragma once
#include "base/secret.h"
#include "resource/read_page.h"

struct secret_box;

/* Whose, and which. A name: 1 to LIMIT_TERRAFORM_NAME characters out of letters, digits, '.', '_' and '-', not beginning with '.'. */
struct terraform_state {
    struct store *store;
    const struct secret_box *secrets;
    const char *org, *team, *name;
    const char *actor, *request_id, *source_ip; /* for the audit, of what changes something */
};

/* The document, as it was written. version 0: the newest. Any thread. Errors: ERR_NOT_FOUND, ERR_BAD_NAME, ERR_CRYPTO, ERR_STORE. */
int terraform_state_read(const struct terraform_state *state, int64_t version, struct secret *out, struct err *err);

/* Each of these may be repeated: the same document again makes no new version, the same lock again is held by the same holder.
 * lock_id: of the lock that the caller holds, NULL: of none. Errors: ERR_LOCKED (somebody else holds it; out_holder: what the holder says
 * of itself, new reference), ERR_BAD_NAME, ERR_TOO_LARGE, ERR_SYNTAX... (no JSON object), ERR_STORE. */
int terraform_state_write(const struct terraform_state *state, const char *lock_id, const char *text, size_t len, json_t **out_holder,
                          struct err *err);
int terraform_state_delete(const struct terraform_state *state, const char *lock_id, json_t **out_holder, struct err *err);
/* info: {ID, ...}. Errors also: ERR_MISSING_FIELD, ERR_LIMIT. */
int terraform_state_lock(const struct terraform_state *state, const json_t *info, json_t **out_holder, struct err *err);
/* lock_id NULL: whoever holds it (`force-unlock`; audited). A state that nobody holds is fine. */
int terraform_state_unlock(const struct terraform_state *state, const char *lock_id, json_t **out_holder, struct err *err);

/* The newest version of each state that is not deleted: [{name, team, version, serial, lineage, bytes, sha256, updated_at, updated_by,
 * lock}]; and the versions of one, newest first: [{version, serial, ..., deleted}]. out as read_list_run. Any thread. */
int terraform_state_list(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                         char **out_cursor, struct err *err);
int terraform_state_versions(const struct terraform_state *state, json_t **out_items, struct err *err);
