/* Hex. Base64 is in base/base64.h. Any thread. */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Lower-case hex of `len` bytes; `out` has room for 2 * len + 1. Returns `out`. */
char *crypto_hex(const void *bytes, size_t len, char *out);
/* Exactly `len` bytes from 2 * len digits of either case. Errors: ERR_BAD_VALUE. */
int crypto_hex_decode(const char *text, void *out, size_t len, struct err *err);
