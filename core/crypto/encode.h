/* Hex and base64 (RFC 4648, sections 4 and 5). Decoding is strict: no white space, no stray bits, padding exactly as the form wants it. Any
 * thread. */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Lower-case hex of `len` bytes; `out` has room for 2 * len + 1. Returns `out`. */
char *crypto_hex(const void *bytes, size_t len, char *out);
/* Exactly `len` bytes from 2 * len digits of either case. Errors: ERR_BAD_VALUE. */
int crypto_hex_decode(const char *text, void *out, size_t len, struct err *err);

enum crypto_base64_form {
    CRYPTO_BASE64,    /* + / and padding */
    CRYPTO_BASE64URL, /* - _ without padding */
};

#define CRYPTO_BASE64_CHARS(bytes) (((bytes) + 2) / 3 * 4 + 1) /* enough for either form, with the NUL */

/* Writes at most CRYPTO_BASE64_CHARS(len) characters, the NUL included. Returns the length of the text. */
size_t crypto_base64_into(enum crypto_base64_form form, const void *bytes, size_t len, char *out);
/* The same as fresh text (free()). */
char *crypto_base64(enum crypto_base64_form form, const void *bytes, size_t len);

/* Decodes `len` characters to at most `max` bytes. out_len: how many. Errors: ERR_BAD_VALUE, ERR_TOO_LARGE. */
int crypto_base64_decode_into(enum crypto_base64_form form, const char *text, size_t len, void *out, size_t max, size_t *out_len,
                              struct err *err);
/* The same to fresh bytes (free()), NUL-terminated; `max_bytes` bounds the result. */
int crypto_base64_decode(enum crypto_base64_form form, const char *text, size_t len, size_t max_bytes, char **out, size_t *out_len,
                         struct err *err);
