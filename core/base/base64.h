/* Base64 (RFC 4648, sections 4 and 5). Decoding is strict: no white space, no stray bits, padding exactly as the form wants it. Any thread.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum base64_form {
    BASE64_STANDARD, /* + / and padding */
    BASE64_URL,      /* - _ without padding */
};

#define BASE64_CHARS(bytes) (((bytes) + 2) / 3 * 4 + 1) /* enough for either form, with the NUL */

/* Writes at most BASE64_CHARS(len) characters, the NUL included. Returns the length of the text. */
size_t base64_encode_into(enum base64_form form, const void *bytes, size_t len, char *out);
/* The same as fresh text (free()). */
char *base64_encode_form(enum base64_form form, const void *bytes, size_t len);

/* Decodes `len` characters to at most `max` bytes. out_len: how many. Errors: ERR_BAD_VALUE, ERR_TOO_LARGE. */
int base64_decode_into(enum base64_form form, const char *text, size_t len, void *out, size_t max, size_t *out_len, struct err *err);
/* The same to fresh bytes (free()), NUL-terminated; `max_bytes` bounds the result. */
int base64_decode_form(enum base64_form form, const char *text, size_t len, size_t max_bytes, char **out, size_t *out_len, struct err *err);

/* ---- in documents: the standard form, which may be broken into lines ---- */

/* Free with free(). */
char *base64_encode(const void *bytes, size_t len);
/* Line ends inside are skipped. out: fresh, NUL-terminated (free()). Errors: ERR_ENCODING. */
int base64_decode(const char *text, char **out, size_t *out_len, struct err *err);
bool base64_is_valid(const char *text);
