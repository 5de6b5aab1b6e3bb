/* Owns SHA-256 and HMAC by way of OpenSSL's EVP. Called from every thread; keeps no state. */
#include "crypto/hash.h"
#include "crypto/encode.h"
#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void require(bool works)
{
    if (works)
        return;
    fputs("fatal: OpenSSL cannot compute SHA-256; check its installation and providers\n", stderr);
    abort();
}

void crypto_sha256(const void *bytes, size_t len, unsigned char out[static CRYPTO_SHA256_BYTES])
{
    require(EVP_Digest(bytes ? bytes : "", len, out, NULL, EVP_sha256(), NULL) == 1);
}

const char *crypto_sha256_hex(const void *bytes, size_t len, char out[static CRYPTO_SHA256_HEX])
{
    unsigned char digest[CRYPTO_SHA256_BYTES];

    crypto_sha256(bytes, len, digest);
    return crypto_hex(digest, sizeof digest, out);
}

void crypto_hash_init(struct crypto_hash *h)
{
    h->ctx = EVP_MD_CTX_new();
    require(h->ctx && EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1);
}

void crypto_hash_add(struct crypto_hash *h, const void *bytes, size_t len)
{
    if (len)
        require(EVP_DigestUpdate(h->ctx, bytes, len) == 1);
}

void crypto_hash_final(struct crypto_hash *h, unsigned char out[static CRYPTO_SHA256_BYTES])
{
    require(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
    require(EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1);
}

const char *crypto_hash_hex(struct crypto_hash *h, char out[static CRYPTO_SHA256_HEX])
{
    unsigned char digest[CRYPTO_SHA256_BYTES];

    crypto_hash_final(h, digest);
    return crypto_hex(digest, sizeof digest, out);
}

void crypto_hash_fini(struct crypto_hash *h)
{
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

int crypto_sha256_fd(int fd, char out[static CRYPTO_SHA256_HEX])
{
    __attribute__((cleanup(crypto_hash_fini))) struct crypto_hash h;
    unsigned char chunk[16384];

    crypto_hash_init(&h);
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        crypto_hash_add(&h, chunk, (size_t)got);
    }
    crypto_hash_hex(&h, out);
    return 0;
}

void crypto_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[static CRYPTO_SHA256_BYTES])
{
    require(key_len <= INT_MAX && HMAC(EVP_sha256(), key, (int)key_len, bytes, len, out, NULL));
}

bool crypto_equal(const void *a, const void *b, size_t len) { return len == 0 || CRYPTO_memcmp(a, b, len) == 0; }
