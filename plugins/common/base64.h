/* Standard base64 (RFC 4648, padded). Pure; any thread. */
#pragma once
#include <jansson.h>
#include <stddef.h>

/* A JSON text, new reference; NULL when out of memory. What it was made in is wiped. */
json_t *base64_text(const void *bytes, size_t len);
/* Length of what the text decodes to, -1 when it is no base64. */
long base64_length(const char *text, size_t len);
