/* Owns Ed25519 by way of OpenSSL's EVP. Called from every thread; keeps no state. */
#include "crypto/sign.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "crypto/random.h"
#include <openssl/evp.h>
#include <string.h>

static void pkey_free(EVP_PKEY **key) { EVP_PKEY_free(*key); }
static void ctx_free(EVP_MD_CTX **ctx) { EVP_MD_CTX_free(*ctx); }

int crypto_sign_public(const unsigned char private_key[static CRYPTO_SIGN_KEY_BYTES],
                       unsigned char out_public[static CRYPTO_SIGN_KEY_BYTES], struct err *err)
{
    CLEANUP(pkey_free) EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, CRYPTO_SIGN_KEY_BYTES);
    unsigned char raw[CRYPTO_SIGN_KEY_BYTES];
    size_t len = sizeof raw;

    if (!key || EVP_PKEY_get_raw_public_key(key, raw, &len) != 1 || len != sizeof raw)
        return err_set(err, ERR_CRYPTO, "OpenSSL could not use the Ed25519 key");
    memcpy(out_public, raw, sizeof raw);
    return 0;
}

int crypto_sign_keygen(unsigned char out_private[static CRYPTO_SIGN_KEY_BYTES], unsigned char out_public[static CRYPTO_SIGN_KEY_BYTES],
                       struct err *err)
{
    crypto_random(out_private, CRYPTO_SIGN_KEY_BYTES); /* an Ed25519 private key is any 32 random bytes (RFC 8032 5.1.5) */
    return crypto_sign_public(out_private, out_public, err);
}

int crypto_sign(const unsigned char private_key[static CRYPTO_SIGN_KEY_BYTES], const void *bytes, size_t len,
                unsigned char out_signature[static CRYPTO_SIGNATURE_BYTES], struct err *err)
{
    CLEANUP(pkey_free) EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, CRYPTO_SIGN_KEY_BYTES);
    CLEANUP(ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[CRYPTO_SIGNATURE_BYTES];
    size_t signature_len = sizeof signature;

    if (!key || !ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature, &signature_len, bytes, len) != 1 || signature_len != sizeof signature)
        return err_set(err, ERR_CRYPTO, "OpenSSL could not sign");
    memcpy(out_signature, signature, sizeof signature);
    return 0;
}

int crypto_sign_verify(const unsigned char public_key[static CRYPTO_SIGN_KEY_BYTES], const void *bytes, size_t len,
                       const unsigned char signature[static CRYPTO_SIGNATURE_BYTES], struct err *err)
{
    CLEANUP(pkey_free) EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CRYPTO_SIGN_KEY_BYTES);
    CLEANUP(ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (!key || !ctx || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) != 1)
        return err_set(err, ERR_CRYPTO, "OpenSSL could not use the Ed25519 key");
    if (EVP_DigestVerify(ctx, signature, CRYPTO_SIGNATURE_BYTES, bytes, len) != 1)
        return err_set(err, ERR_CRYPTO, "the signature does not fit the content and the key");
    return 0;
}

int crypto_sign_key_parse(const char *text, unsigned char out[static CRYPTO_SIGN_KEY_BYTES], struct err *err)
{
    unsigned char key[CRYPTO_SIGN_KEY_BYTES];
    size_t len = strlen(text), got;

    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    if (base64_decode_into(BASE64_STANDARD, text, len, key, sizeof key, &got, err) < 0)
        return err_wrap(err, "Ed25519 key");
    if (got != sizeof key)
        return err_set(err, ERR_BAD_VALUE, "an Ed25519 key has 32 bytes, this one %zu", got);
    memcpy(out, key, sizeof key);
    return 0;
}

const char *crypto_sign_key_text(const unsigned char key[static CRYPTO_SIGN_KEY_BYTES], char out[static CRYPTO_SIGN_KEY_TEXT])
{
    base64_encode_into(BASE64_STANDARD, key, CRYPTO_SIGN_KEY_BYTES, out);
    return out;
}
