/* Random bytes fit for keys, and tokens made of them. Any thread. */
#pragma once
#include <stddef.h>

#define CRYPTO_TOKEN_BYTES 44 /* 43 characters of base64url and the NUL */

/* Ends the process with a message when the system has no randomness: nothing that follows would be safe. */
void crypto_random(void *out, size_t len);

/* 256 random bits as base64url. Returns `out`. */
const char *crypto_token(char out[static CRYPTO_TOKEN_BYTES]);
