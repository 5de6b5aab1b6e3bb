/* Owns authenticated encryption by way of OpenSSL's EVP. Called from every thread; keeps no state.
 * Random nonces are safe for some 2^32 values a key (SP 800-38D 8.3); a platform seals some millions in its life. */
#include "crypto/seal.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "crypto/encode.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#define VERSION      1
#define ID_RAW       8
#define NONCE_BYTES  12
#define TAG_BYTES    16
#define HEADER_BYTES (1 + ID_RAW)
#define MAX_BYTES    (1u << 30)

static void ctx_free(EVP_CIPHER_CTX **ctx) { EVP_CIPHER_CTX_free(*ctx); }

static void id_of(const void *key, unsigned char out[static ID_RAW])
{
    static const char label[] = "innominatus seal key id";
    unsigned char digest[CRYPTO_SHA256_BYTES];

    crypto_hmac_sha256(key, CRYPTO_SEAL_KEY_BYTES, label, sizeof label - 1, digest);
    memcpy(out, digest, ID_RAW);
}

void crypto_seal_key_set(struct crypto_seal_key *key, const unsigned char bytes[static CRYPTO_SEAL_KEY_BYTES])
{
    unsigned char id[ID_RAW];

    id_of(bytes, id);
    crypto_hex(id, sizeof id, key->id);
    secret_set(&key->bytes, bytes, CRYPTO_SEAL_KEY_BYTES);
}

void crypto_seal_key_fini(struct crypto_seal_key *key) { secret_fini(&key->bytes); }

/* Feeds the header and the caller's data as associated data; `encrypt` as in EVP_CipherInit_ex. */
static bool begin(EVP_CIPHER_CTX *ctx, const struct crypto_seal_key *key, const unsigned char *sealed, const void *aad, size_t aad_len,
                  int encrypt)
{
    int ignored;

    return ctx && key->bytes.len == CRYPTO_SEAL_KEY_BYTES && aad_len < MAX_BYTES &&
           EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, (const unsigned char *)key->bytes.bytes, sealed + HEADER_BYTES, encrypt) == 1 &&
           EVP_CipherUpdate(ctx, NULL, &ignored, sealed, HEADER_BYTES) == 1 &&
           (aad_len == 0 || EVP_CipherUpdate(ctx, NULL, &ignored, aad, (int)aad_len) == 1);
}

int crypto_seal(const struct crypto_seal_key *key, const void *aad, size_t aad_len, const void *clear, size_t len, unsigned char *out,
                struct err *err)
{
    CLEANUP(ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char *text = out + HEADER_BYTES + NONCE_BYTES;
    int wrote = 0, last = 0;

    if (len > MAX_BYTES)
        return err_set(err, ERR_TOO_LARGE, "%zu bytes are too many to seal at once", len);
    out[0] = VERSION;
    id_of(key->bytes.bytes, out + 1);
    crypto_random(out + HEADER_BYTES, NONCE_BYTES);
    if (!begin(ctx, key, out, aad, aad_len, 1) || (len && EVP_CipherUpdate(ctx, text, &wrote, clear, (int)len) != 1) ||
        EVP_CipherFinal_ex(ctx, text + wrote, &last) != 1 || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + len) != 1)
        return err_set(err, ERR_CRYPTO, "OpenSSL could not seal the value");
    return 0;
}

/* Says why a value cannot be opened before any key touches it. */
static int check_header(const struct crypto_seal_key *key, const unsigned char *sealed, size_t len, struct err *err)
{
    char id[CRYPTO_SEAL_ID_BYTES];

    if (len < CRYPTO_SEAL_OVERHEAD || len > (size_t)MAX_BYTES + CRYPTO_SEAL_OVERHEAD)
        return err_set(err, ERR_CRYPTO, "not a sealed value: %zu bytes", len);
    if (sealed[0] != VERSION)
        return err_set(err, ERR_CRYPTO, "sealed in form %d; this release reads form %d", sealed[0], VERSION);
    crypto_hex(sealed + 1, ID_RAW, id);
    if (strcmp(id, key->id) != 0)
        return err_set(err, ERR_CRYPTO, "sealed with the key %s; the server has the key %s", id, key->id);
    return 0;
}

int crypto_unseal(const struct crypto_seal_key *key, const void *aad, size_t aad_len, const void *sealed, size_t len, struct secret *out,
                  struct err *err)
{
    CLEANUP(ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CLEANUP(secret_fini) struct secret clear = {0};
    const unsigned char *in = sealed, *text = in + HEADER_BYTES + NONCE_BYTES;
    unsigned char tag[TAG_BYTES], none[1];
    int wrote = 0, last = 0;
    size_t text_len;

    if (check_header(key, in, len, err) < 0)
        return -1;
    text_len = len - CRYPTO_SEAL_OVERHEAD;
    memcpy(tag, text + text_len, TAG_BYTES);
    secret_set(&clear, NULL, text_len);
    if (!begin(ctx, key, in, aad, aad_len, 0) ||
        (text_len && EVP_CipherUpdate(ctx, (unsigned char *)clear.bytes, &wrote, text, (int)text_len) != 1) ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) != 1 || EVP_CipherFinal_ex(ctx, none, &last) != 1)
        return err_set(err, ERR_CRYPTO, "the sealed value was changed, or belongs to another reference");
    secret_fini(out);
    *out = clear;
    clear = (struct secret){0};
    return 0;
}
