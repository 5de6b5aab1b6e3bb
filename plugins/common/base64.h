/* Standard base64 (RFC 4648, padded). Pure; any thread. */
#pragma once
#include <jansson.h>
#include <stddef.h>

/* A JSON text, new reference; NULL when out of memory. What it was made in is wiped. */
json_t *base64_text(const void *bytes, size_t len);
/* Length of what the text decodes to, -1 when it is no base64. */
long base64_length(const char *text, size_t len);
/* The text that `base64` stands for; white space in it is passed over. Free with free() after wiping. NULL when it is none, or decodes to
 * what is no text (a NUL in it), or memory is out. */
char *base64_decode(const char *base64);
