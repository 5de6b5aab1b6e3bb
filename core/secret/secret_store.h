/* Secrets at rest and their opening. A secret has a reference, is sealed in the table secrets with the reference as associated data, and is
 * opened only for the one process that uses it. References: resource:<resource id>#<key>   step:<step id>#<key>     stored here env:<NAME>
 * file:</absolute/path>   vault:<path>#<key>   from outside; only where the admin's configuration names them template:<text> text with
 * ${reference} inside; $$ is a dollar; may nest
 *
 * A reference says nothing about who may open it: texts of users (Score files, parameters) must be refused when they bring a {"$secret":
 * ...} of their own (json_has_secret), and `guard` is there to look once more. */
#pragma once
#include "base/secret.h"
#include "codec/json.h"
#include "secret/redact.h"
#include "secret/vault.h"
#include "store/store.h"

struct secret_box;

struct secret_box_options {
    struct store *store;
    const char *state_dir;
    const char *seal_key; /* file:PATH, env:NAME or vault:REF: base64 of 32 bytes (or 64 hex digits). NULL: state_dir/seal.key, made with
                             mode 0600 when the database has no key yet */
    struct secret_vault *vault; /* for vault:REF; may be NULL, is not kept */
};

/* Reads or makes the seal key and compares its id with the one in the database. Not on a store thread.
 * Errors: ERR_CRYPTO (another key than the data was sealed with, or one that is no key), ERR_CONFIG (a key that cannot be read, a key file
 * that others can read), ERR_UNSUPPORTED (vault: without a client), ERR_IO, ERR_STORE, those of secret_vault_read. */
int secret_box_open(const struct secret_box_options *options, struct secret_box **out, struct err *err);
void secret_box_close(struct secret_box *box); /* after store_close: units in the queue may still seal; NULL is fine */
const char *secret_box_key_id(const struct secret_box *box);
/* The key itself, as the text that seal.key holds: for a backup. */
void secret_box_key(const struct secret_box *box, struct secret *out);

/* Would secret_put take it? For who has to know before a transaction. Errors: ERR_BAD_VALUE, ERR_TOO_LARGE. */
int secret_check(const char *reference, size_t len, struct err *err);

/* Seals and stores, replacing what was there. `reference` is of the kinds resource or step. Errors: ERR_BAD_VALUE, ERR_TOO_LARGE,
 * ERR_CRYPTO, ERR_STORE. */
int secret_put(const struct secret_box *box, struct store_tx *tx, const char *reference, const void *bytes, size_t len, struct err *err);
/* Removes every secret of an owner ("resource:r-01..."); none is fine. */
int secret_drop(struct store_tx *tx, const char *owner, struct err *err);

/* For what is sealed but kept in a table of its own: `place` says where, and it opens only as that. out: fresh bytes (free()).
 * Errors: ERR_CRYPTO, ERR_TOO_LARGE. */
int secret_seal(const struct secret_box *box, const char *place, const void *bytes, size_t len, unsigned char **out, size_t *out_len,
                struct err *err);
int secret_unseal(const struct secret_box *box, const char *place, const void *sealed, size_t len, struct secret *out, struct err *err);

enum secret_sources {
    SECRET_STORED = 1, /* resource, step, and templates of them */
    SECRET_ENV = 2,
    SECRET_FILE = 4,
    SECRET_VAULT = 8,
    SECRET_ADMIN = SECRET_ENV | SECRET_FILE | SECRET_VAULT,
};

/* How secrets are opened. */
struct secret_use {
    unsigned sources;           /* bits of enum secret_sources; anything else is ERR_FORBIDDEN */
    struct secret_vault *vault; /* reads vault: references; NULL: they are ERR_UNSUPPORTED */
    struct store_tx *tx;        /* read stored secrets in this unit; NULL: each in a read of its own, on this thread */
    struct redactor *redactor;  /* learns what is opened (the parts of a template, not the whole); may be NULL */
    /* Asked before a stored secret is opened; may be NULL. `tx` is one to read with. Returns 0, or -1 with err set. */
    int (*guard)(void *ctx, struct store_tx *tx, const char *reference, struct err *err);
    void *guard_ctx;
};

/* Errors: ERR_NOT_FOUND, ERR_BAD_VALUE (no such kind, malformed), ERR_FORBIDDEN (source), ERR_LIMIT, ERR_CRYPTO, ERR_STORE, ERR_UNSUPPORTED
 * (vault: without a client), those of secret_vault_read. Messages name the reference, never the value. With a `tx` of a unit that writes,
 * sources must be SECRET_STORED: units do no I/O.
 */
int secret_open(const struct secret_box *box, const struct secret_use *use, const char *reference, struct secret *out, struct err *err);

/* A copy of `value` in which every {"$secret": reference} is its clear text. The result is clear text on the heap: put it into the frame
 * and drop it. Errors: those of secret_open; ERR_ENCODING for a secret that is no UTF-8. out: new reference. */
int secret_open_value(const struct secret_box *box, const struct secret_use *use, const json_t *value, json_t **out, struct err *err);

/* The same for a provisioner's config out of admin-config.yaml: beside {"$secret": ...}, every text at any depth that has the shape of an
 * outside reference is opened: env:NAME, file:/path (file:// is a URL and stays), vault:path#key. Whatever `use` says, the sources are
 * SECRET_ADMIN. */
int secret_resolve_config(const struct secret_box *box, const struct secret_use *use, const json_t *config, json_t **out, struct err *err);
/* True when the text has the shape of an outside reference. */
bool secret_is_outside(const char *text);
