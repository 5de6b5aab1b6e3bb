/* Owns randomness: OpenSSL's generator, which is per thread and reseeds after fork. Called from every thread. */
#include "crypto/random.h"
#include "base/base64.h"
#include "base/secret.h"
#include <limits.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

void crypto_random(void *out, size_t len)
{
    if (len <= INT_MAX && RAND_priv_bytes(out, (int)len) == 1)
        return;
    fputs("fatal: OpenSSL has no random bytes; check the system's entropy source\n", stderr);
    abort();
}

const char *crypto_token(char out[static CRYPTO_TOKEN_BYTES])
{
    unsigned char bytes[32];

    crypto_random(bytes, sizeof bytes);
    base64_encode_into(BASE64_URL, bytes, sizeof bytes, out);
    secret_wipe(bytes, sizeof bytes);
    return out;
}
