/* Names of things in backends, made of texts that developers chose. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* `text` as one part of a name: itself when it is a lower-case label, else what is left of it, "_" and a hash of it. Different texts give
 * different parts; no part holds a slash, a dot or a space. */
void name_part(const char *text, char out[81]);
/* Up to 40 characters of `text` that are fit for a file's name; returns their number, which may be 0. */
size_t name_readable(const char *text, char out[41]);
/* A name for what `count` texts identify: the readable part of `text` ("x" when there is none), "_" and 16 digits of their hash. */
void name_unique(const char *const *identity, size_t count, const char *text, char out[64]);

/* '*' in `pattern` matches any characters. Linear enough for short texts. */
bool name_matches(const char *pattern, const char *text);

/* Whose a call is; none is NULL. */
struct name_scope {
    const char *team, *environment, *application;
};
/* The mark of what belongs to `identity` of this scope and organisation: "inno-" and 16 digits of their hash. */
#define NAME_MARK_BYTES 24
void name_mark(const struct name_scope *scope, const char *org, const char *identity, char out[NAME_MARK_BYTES]);
/* Labels of 1 to 63 lower-case letters, digits and '-' (neither first nor last), joined by dots, at most `most` bytes: the name of a host,
 * and of most objects of Kubernetes. */
bool name_is_host(const char *text, size_t most);
/* `form` with {team}, {environment} and {application} replaced by name_part of them. False when it gets too long. */
bool name_expand(const struct name_scope *scope, const char *form, char *out, size_t cap);
