/* Standard base64 with padding (RFC 4648, section 4). Any thread. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* Free with free(). */
char *base64_encode(const void *bytes, size_t len);

/* Line ends inside are skipped; anything else outside the alphabet is an error. out: fresh, NUL-terminated (free()). Errors: ERR_ENCODING.
 */
int base64_decode(const char *text, char **out, size_t *out_len, struct err *err);
bool base64_is_valid(const char *text);
