/* JSON Schema (draft 2020-12, json-schema.org) as far as plugins describe the params of their types with it. What a schema may say:
 *
 *   type (one or a list), enum, const
 *   properties, required, additionalProperties (false or a schema), minProperties, maxProperties
 *   items, minItems, maxItems, uniqueItems
 *   minLength, maxLength, pattern (a POSIX extended regular expression without backslash sequences)
 *   minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf (a whole number)
 *   allOf, anyOf, oneOf, not
 *   title, description, default, examples, deprecated, format, $schema, $id, $comment: said, not held against the value
 *
 * Any other keyword makes it no schema of ours: better refused than not held. Pure; any thread. */
#pragma once
#include "base/err.h"
#include "codec/json.h"

/* Is it such a schema? Errors: ERR_BAD_VALUE that names place and keyword; ERR_LIMIT when it is nested too deeply. */
int json_schema_check(const json_t *schema, struct err *err);

/* One problem of a value. `pointer` is a JSON pointer into it ("" for the whole), `help` may be NULL; valid during the call. */
typedef void (*json_schema_report)(void *ctx, enum err_code code, const char *pointer, const char *help, const char *message);

/* Values that are not known yet fit everything: texts with a placeholder `${...}` (with `open_placeholders`), and secrets, {"$secret":
 * ...}. Reports every problem; `report` may be NULL. Returns the number of problems. The schema has passed json_schema_check. */
size_t json_schema_validate(const json_t *schema, const json_t *value, bool open_placeholders, json_schema_report report, void *ctx);
