/* Sealing: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. A sealed value is
 *   version (1 byte, 1) | key id (8 bytes) | nonce (12) | ciphertext (as long as the clear text) | tag (16)
 * Version, key id and the caller's `aad` are authenticated: a value that was moved to another reference does not open. Any thread. */
#pragma once
#include "base/err.h"
#include "base/secret.h"
#include <stddef.h>

#define CRYPTO_SEAL_KEY_BYTES 32
#define CRYPTO_SEAL_ID_BYTES  17 /* 16 hex digits and the NUL */
#define CRYPTO_SEAL_OVERHEAD  37

struct crypto_seal_key {
    struct secret bytes;
    char id[CRYPTO_SEAL_ID_BYTES]; /* derived from the key; not secret */
};

/* Copies the key into locked memory and computes its id. */
void crypto_seal_key_set(struct crypto_seal_key *key, const unsigned char bytes[static CRYPTO_SEAL_KEY_BYTES]);
void crypto_seal_key_fini(struct crypto_seal_key *key);

/* `out` has room for len + CRYPTO_SEAL_OVERHEAD. Errors: ERR_CRYPTO, ERR_TOO_LARGE (1 GiB). */
int crypto_seal(const struct crypto_seal_key *key, const void *aad, size_t aad_len, const void *clear, size_t len, unsigned char *out,
                struct err *err);

/* out: the clear text. Errors: ERR_CRYPTO when it was sealed with another key, under another aad, or was changed. */
int crypto_unseal(const struct crypto_seal_key *key, const void *aad, size_t aad_len, const void *sealed, size_t len, struct secret *out,
                  struct err *err);
