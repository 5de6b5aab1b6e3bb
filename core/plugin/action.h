/* Actions of plugins: what a manifest says of them, and whether the arguments of a request fit. Shared by the server, which checks before
 * it calls, and the plugin host, which checks again before it calls through libffi. No state; any thread.
 *
 * An action in a manifest: {name, description, changes, idempotent, types: [type], params: [{name, type, description, default, example,
 * sets}]}. The types of arguments are s (text), i (whole number), b (true or false), d (number), j (any JSON). */
#pragma once
#include "base/err.h"
#include "base/limits.h"
#include "codec/json.h"
#include <stdbool.h>

#define ACTION_TYPES "sibdj"

/* Checks manifest.actions (names are unique labels already) and brings them into one shape: `changes`, `idempotent`, `types` and `params`
 * are there afterwards. Errors: ERR_PLUGIN_REFUSED, the text says what is wrong with which action. */
int action_check_manifest(json_t *manifest, struct err *err);

/* Those that may be done to a resource of the type. New reference. */
json_t *action_list(const json_t *manifest, const char *type);
/* That action, borrowed; NULL in out never: ERR_ACTION names those that there are. */
int action_find(const json_t *manifest, const char *type, const char *name, const json_t **out, struct err *err);

/* The action, or the argument, of a list of them that has this name; NULL. */
const json_t *action_named(const json_t *list, const char *name);

/* One letter an argument. */
void action_signature(const json_t *action, char out[static LIMIT_ACTION_PARAMS + 1]);

/* "a whole number" of 'i'. */
const char *action_type_name(char type);

/* Does the value fit the type? */
bool action_value_fits(char type, const json_t *value);

/* The arguments {name: value} (NULL: none) in the order of the signature, defaults filled in. out: a list, new reference. Errors:
 * ERR_ARGUMENTS: the action, the argument, what it must be, what was given, and the arguments that there are. */
int action_take_arguments(const json_t *action, const json_t *arguments, json_t **out, struct err *err);

/* The same check for the members that are there, when others are known only later: `${...}` in a text may become anything. */
int action_check_template(const json_t *action, const json_t *arguments, struct err *err);

/* What somebody typed as KEY=TEXT, as the value that the signature wants: "5" is a number for i, a text for s. ERR_ARGUMENTS. out: new
 * reference. */
int action_parse_argument(const json_t *action, const char *key, const char *text, json_t **out, struct err *err);

/* {path: value} of the arguments that become params of the resource (`sets`), of a list that action_take_arguments made. New reference. */
json_t *action_sets(const json_t *action, const json_t *arguments);
