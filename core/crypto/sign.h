/* Ed25519 (RFC 8032) with raw keys: the signature of plugins. Any thread. */
#pragma once
#include "base/err.h"
#include <stddef.h>

#define CRYPTO_SIGN_KEY_BYTES  32 /* private (the seed) and public alike */
#define CRYPTO_SIGNATURE_BYTES 64
#define CRYPTO_SIGN_KEY_TEXT   45 /* base64 with padding and the NUL */

/* Errors: ERR_CRYPTO. */
int crypto_sign_keygen(unsigned char out_private[static CRYPTO_SIGN_KEY_BYTES], unsigned char out_public[static CRYPTO_SIGN_KEY_BYTES],
                       struct err *err);
int crypto_sign_public(const unsigned char private_key[static CRYPTO_SIGN_KEY_BYTES],
                       unsigned char out_public[static CRYPTO_SIGN_KEY_BYTES], struct err *err);
int crypto_sign(const unsigned char private_key[static CRYPTO_SIGN_KEY_BYTES], const void *bytes, size_t len,
                unsigned char out_signature[static CRYPTO_SIGNATURE_BYTES], struct err *err);

/* 0 when the signature fits. Errors: ERR_CRYPTO. */
int crypto_sign_verify(const unsigned char public_key[static CRYPTO_SIGN_KEY_BYTES], const void *bytes, size_t len,
                       const unsigned char signature[static CRYPTO_SIGNATURE_BYTES], struct err *err);

/* A key as users write it in trustedKeys: the base64 of its 32 bytes; white space at the end is fine. Errors: ERR_BAD_VALUE. */
int crypto_sign_key_parse(const char *text, unsigned char out[static CRYPTO_SIGN_KEY_BYTES], struct err *err);
const char *crypto_sign_key_text(const unsigned char key[static CRYPTO_SIGN_KEY_BYTES], char out[static CRYPTO_SIGN_KEY_TEXT]);
