/* The redactor: replaces known secrets in text by ***. It knows a secret as it is, in base64 and base64url (also inside a longer encoded
 * text, as in an Authorization header), URL-encoded and JSON-escaped; of a secret with several lines also each line. Secrets shorter than
 * REDACT_LEAST bytes are not looked for: they would turn every text into stars and protect nothing. Any thread. */
#pragma once
#include "codec/json.h"
#include <stdbool.h>
#include <stddef.h>

#define REDACT_LEAST 4
#define REDACT_TEXT  "***"

struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *r); /* wipes; NULL is fine */

/* Copies. The same secret twice is fine; so is a NULL redactor. */
void redactor_add(struct redactor *r, const void *secret, size_t len);

/* Replaces in place; the text never grows. `cap` is the size of the buffer: a text that fills it was cut, so what may be the start of a
 * secret at its end is replaced as well. NULL redactor: nothing happens. */
void redactor_apply(struct redactor *r, char *text, size_t cap);

/* The same in every text inside a value of one's own; true when there was something. NULL value: nothing happens. */
bool redactor_apply_json(struct redactor *r, json_t *value);
/* The same in a list of {path, from, to}: what a secret was changed from or to is one, though nobody knows it yet. */
void redactor_apply_changes(struct redactor *r, json_t *changes);
