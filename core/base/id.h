/* Identifiers: a prefix and a ULID (github.com/ulid/spec), for example d-01J9Z3K4M5N6P7Q8R9S0T1V2W3. Ids made later sort later within a
 * process. */
#pragma once
#include <stdbool.h>

#define ID_BYTES 32 /* prefix, '-', 26 characters, NUL */

/* Writes a new id. `prefix` is "d", "w", "s", "r", "t", "a", "u", "k", "e". Returns `out`. Any thread. */
const char *id_new(const char *prefix, char out[static ID_BYTES]);

/* True when `text` is `prefix`, '-' and 26 characters of the ULID alphabet. */
bool id_is_valid(const char *text, const char *prefix);
