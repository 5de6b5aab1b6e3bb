/* JSON values as YAML 1.2 text that YAML 1.1 readers understand the same way: what a reader could take for another type is quoted. */
#pragma once
#include <jansson.h>

#define YAML_EMIT_DEPTH 64 /* nesting; deeper values are refused */

/* The value as one YAML document (block style, two spaces, keys in the order of the object, a newline at the end).
 * Free with free(). NULL when out of memory or nested too deeply. Any thread. */
char *yaml_emit(const json_t *value);
