/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), and the comparison in constant time that goes with them. Any thread.
 * They cannot fail short of a broken OpenSSL installation, which ends the process with a message: nothing could be trusted afterwards. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define CRYPTO_SHA256_BYTES 32
#define CRYPTO_SHA256_HEX   65 /* 64 digits and the NUL */

void crypto_sha256(const void *bytes, size_t len, unsigned char out[static CRYPTO_SHA256_BYTES]);

/* Lower-case hex; returns `out`. */
const char *crypto_sha256_hex(const void *bytes, size_t len, char out[static CRYPTO_SHA256_HEX]);

/* Piece by piece:  CLEANUP(crypto_hash_fini) struct crypto_hash h; crypto_hash_init(&h); crypto_hash_add(&h, ...); crypto_hash_hex(&h,
 * out); After crypto_hash_final or crypto_hash_hex the hash starts anew. */
struct crypto_hash {
    void *ctx;
};
void crypto_hash_init(struct crypto_hash *h);
void crypto_hash_add(struct crypto_hash *h, const void *bytes, size_t len);
void crypto_hash_final(struct crypto_hash *h, unsigned char out[static CRYPTO_SHA256_BYTES]);
const char *crypto_hash_hex(struct crypto_hash *h, char out[static CRYPTO_SHA256_HEX]);
void crypto_hash_fini(struct crypto_hash *h);

/* SHA-256 of what can be read from `fd` from its present position to its end. Returns 0, or -1 with errno. */
int crypto_sha256_fd(int fd, char out[static CRYPTO_SHA256_HEX]);

void crypto_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[static CRYPTO_SHA256_BYTES]);

/* True when the bytes are equal; takes as long when they differ. The length is not secret. */
bool crypto_equal(const void *a, const void *b, size_t len);
