/* Names of things in backends, made of texts that developers chose. */
#pragma once
#include <stddef.h>

/* `text` as one part of a name: itself when it is a lower-case label, else what is left of it, "_" and a hash of it. Different texts give
 * different parts; no part holds a slash, a dot or a space. */
void name_part(const char *text, char out[81]);
/* Up to 40 characters of `text` that are fit for a file's name; returns their number, which may be 0. */
size_t name_readable(const char *text, char out[41]);
/* A name for what `count` texts identify: the readable part of `text` ("x" when there is none), "_" and 16 digits of their hash. */
void name_unique(const char *const *identity, size_t count, const char *text, char out[64]);
