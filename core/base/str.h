/* Small text helpers. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/* True when the `len` bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool str_is_utf8(const char *bytes, size_t len);

/* Levenshtein distance with transpositions; texts beyond 64 characters count as infinitely far (returns 1000). */
unsigned str_distance(const char *a, const char *b);

/* The candidate nearest to `text` (at most a third of its length away, 1 at least), NULL if none is near. `candidates` ends with NULL. */
const char *str_closest(const char *text, const char *const *candidates);

/* Shell-like glob over the whole text: `*` any run, `?` one character, anything else itself. Linear in practice, never exponential. */
bool str_glob(const char *pattern, const char *text);

/* RFC 1123 label as Score wants it: 2..63 of a-z 0-9 '-', not at the ends. */
bool str_is_label(const char *text);

/* Strict decimal; false on any other character, overflow or empty text. */
bool str_to_int(const char *text, int64_t *out);
