/* JSON values. The one place that includes jansson; the rest of the program uses json_t through this header (jansson's own functions
 * included). Ownership is jansson's: json_x_new() functions that take "stolen" references say so; `CLEANUP(json_put) json_t *v` releases an
 * owned one. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void json_put(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* ---- memory of a unit of work ----
 * Values that this thread makes from now on live in the arena (NULL: on the heap, as at first) and go with it, all at once: releasing one
 * frees nothing, but nobody may use it when the arena is gone, and what lives longer must not be made meanwhile. Returns the one before,
 * which the caller puts back. Values of arenas and of the heap may refer to each other. */
struct arena *json_use_arena(struct arena *arena);

/* Parses one JSON text (RFC 8259): duplicate keys refused, depth LIMIT_JSON_DEPTH, size max_bytes. `name` is for messages ("request body").
 * out: new reference. Errors: ERR_SYNTAX and ERR_DUPLICATE_KEY with line and column, ERR_LIMIT, ERR_ENCODING. */
int json_parse(const char *text, size_t len, const char *name, size_t max_bytes, json_t **out, struct err *err);

/* Compact text, keys sorted: equal values give equal texts, so it may be hashed. Free with free(). NULL value gives "null". */
char *json_canonical(const json_t *value);
/* Compact text, keys in insertion order. Free with free(). */
char *json_text(const json_t *value);
/* What jansson's json_dumps makes, but always for free(): the text of json_dumps is jansson's memory, which is not the heap's in a program
 * that uses arenas (json_use_arena). NULL when jansson refuses the value. */
char *json_dump_text(const json_t *value, size_t flags);
/* At most so many bytes would json_text write (the NUL does not count); nothing is written. The value is no deeper than parsed ones are. */
size_t json_text_most(const json_t *value);

/* A copy of all of it; new reference, NULL for NULL. What json_deep_copy does, without its table of parents: our values are trees. */
json_t *json_clone(const json_t *value);

/* The value at a dotted path ("a.b.0.c"; `\.` is a literal dot), borrowed; NULL if there is none. */
json_t *json_at(const json_t *value, const char *path);
/* Text at a member, NULL if absent or no string. Borrowed. */
const char *json_str(const json_t *object, const char *key);
int64_t json_int(const json_t *object, const char *key, int64_t fallback);
bool json_flag(const json_t *object, const char *key, bool fallback);

/* Sets a string member; a NULL value removes nothing and adds nothing (objects.md: absent fields mean none).
 * Bytes that are no UTF-8 become '?', so that no message is lost. */
void json_set_str(json_t *object, const char *key, const char *value);
void json_set_int(json_t *object, const char *key, int64_t value);
void json_set_flag(json_t *object, const char *key, bool value);
/* Sets a member, stealing the reference; a NULL value adds nothing. */
void json_set_new(json_t *object, const char *key, json_t *value);
/* Sets a time member as RFC 3339; 0 adds nothing. */
void json_set_time(json_t *object, const char *key, int64_t us);
void json_append_str(json_t *array, const char *value);

/* A secret is {"$secret": "<reference>"} everywhere (objects.md). Returns the reference (borrowed) or NULL when `value` is no secret. */
const char *json_secret_ref(const json_t *value);
json_t *json_secret_new(const char *reference);
/* True when a secret stands anywhere inside `value`. */
bool json_has_secret(const json_t *value);

/* Gives every text inside `value` (not the keys) to `change`, which may make it shorter, and puts it back. Nothing of `value` may be shared
 * or frozen. True when anything changed. */
typedef void (*json_text_change)(void *ctx, char *text, size_t cap);
bool json_change_texts(json_t *value, json_text_change change, void *ctx);

/* {code: "ORC-nnnn", class, message, remedy} (objects.md: error). New reference. */
json_t *err_to_json(const struct err *err);

/* ---- shared by threads ----
 * jansson's reference counts may not be touched by two threads at once. A document that several threads read is therefore frozen: its nodes
 * are not counted any more (json_incref and json_decref leave them alone), so anybody may borrow or refer to any part of it while its owner
 * keeps it alive. */

/* A frozen copy. Never change it. Free with json_frozen_free() when nobody refers to any part of it any more. NULL gives NULL. */
json_t *json_freeze(const json_t *value);
/* Freezes the document itself; no part of it may stand in another document that is not frozen with it. */
void json_freeze_in_place(json_t *value);
void json_frozen_free(json_t *frozen); /* NULL is fine */
