/* The audit: acts of people, policies, configuration and keys. A row is written in the transaction of its act, so there is no act without
 * its row; the sealer then numbers the rows without gaps and chains them by SHA-256 (chain.h says over what). Rows are never changed and
 * never removed. */
#pragma once
#include "codec/json.h"
#include "store/store.h"

/* NULL means none. Texts are borrowed for the call; longer than LIMIT_AUDIT_TEXT_BYTES they are cut, and what is no UTF-8 is written as
 * \xNN. */
struct audit_row {
    int64_t at;        /* us; 0: now */
    const char *org;   /* NULL: the default one */
    const char *actor; /* user name, or "system"; NULL: "system" */
    const char *team;
    const char *action; /* object and verb: "key.revoke", "deployment.accept" */
    const char *object; /* what it was done to: id or name */
    const char *environment;
    const char *result;   /* "ok", "denied" or "failed"; NULL: "ok" */
    const json_t *detail; /* no clear secrets */
    const char *request_id, *source_ip;
};

/* Errors: ERR_STORE..., ERR_LIMIT (detail beyond LIMIT_AUDIT_BYTES), ERR_INTERNAL (no action, or a result of another name). */
int audit_write(struct store_tx *tx, const struct audit_row *row, struct err *err);

/* Registers the sealer of events and audit rows with the store; `store_listen(..., "events", ...)` is woken when events were sealed. */
void audit_install_sealer(struct store *store);
/* The sealer's unit, for tests and for a seal at once: store_write_wait(store, audit_seal, NULL, err). */
int audit_seal(struct store_tx *tx, void *unused, struct err *err);

struct audit_filter {
    const char *org;  /* NULL: the default one */
    const char *team; /* NULL: every team (the caller has checked that it may) */
    const char *actor, *object, *environment, *result, *request_id;
    const char *action;   /* exact, or a prefix that ends with '.': "key." */
    int64_t since, until; /* us, inclusive and exclusive; 0: open */
    const char *cursor;   /* from the page before; NULL: the first */
    int limit;            /* 1..LIMIT_PAGE_ITEMS; 0: the default */
    bool oldest_first;    /* default: newest first */
};

/* Rows as in objects.md with `org`; a row that is not sealed yet (less than a second old) has no seq, hash and prev.
 * out_items: new array. out_cursor: for the next page, fresh text (free()), NULL at the end. Errors: ERR_REQUEST (cursor), ERR_STORE,
 * ERR_STORE_CORRUPT. */
int audit_list(struct store_tx *tx, const struct audit_filter *filter, json_t **out_items, char **out_cursor, struct err *err);
/* The same, in a read of its own, on this thread. */
int audit_read(struct store *store, const struct audit_filter *filter, json_t **out_items, char **out_cursor, struct err *err);

/* Writes the whole sealed chain as JSON lines, oldest first, closed by {"head": {"seq", "hash"}}: what `audit verify EXPORT` reads.
 * `line` gets each line without newline and may fail. One consistent snapshot. */
int audit_export(struct store *store, int (*line)(void *ctx, const char *text, struct err *err), void *ctx, struct err *err);
