/* What the parts of core/secret share. */
#pragma once
#include "crypto/seal.h"
#include "secret/secret_store.h"

struct secret_box {
    struct store *store;
    struct crypto_seal_key key;
};

/* Outside references: what follows the kind's colon. Errors as in secret_store.h. */
int secret_read_env(const char *name, struct secret *out, struct err *err);
int secret_read_file(const char *path, struct secret *out, struct err *err);
/* vault NULL: ERR_UNSUPPORTED. */
int secret_read_vault(struct secret_vault *vault, const char *reference, struct secret *out, struct err *err);
bool secret_is_env_name(const char *name);
