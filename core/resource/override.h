/* Overrides: params of a resource that an action has set, and that hold against the Score file until they are reset or the file agrees.
 * {path: {value, action, by, at}}; a path is dotted, "replicas". Pure; any thread. */
#pragma once
#include "codec/json.h"

/* Puts the values into `params`, which is the caller's alone. NULL or {}: nothing. */
void override_apply(json_t *params, const json_t *overrides);

/* What holds afterwards: `overrides` (NULL: none) and what the action has set (`sets`: {path: value}). `at`: us. New reference. */
json_t *override_add(const json_t *overrides, const json_t *sets, const char *action, const char *by, int64_t at);

/* Those that the file's params do not say themselves. New reference, NULL when none is left. */
json_t *override_left(const json_t *overrides, const json_t *params);

/* Appends one {resource, type, path, value, file, action, by, at} for each to `list`; file: what the Score file's params say, absent when
 * nothing. */
void override_list(json_t *list, const char *resource, const char *type, const json_t *overrides, const json_t *params);
