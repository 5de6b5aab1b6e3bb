/* Owns the JSON Schemas of the objects (schemas/NAME.json, embedded at build time). Any thread. */
#include "api/api_priv.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "base/str.h"
#include <string.h>

extern const struct embedded_file api_schemas[];

/* Length of the name without ".json". */
static size_t bare(const struct embedded_file *file) { return strlen(file->name) - strlen(".json"); }

json_t *api_schema(const char *name)
{
    for (const struct embedded_file *file = api_schemas; file->name; file++)
        if (strlen(name) == bare(file) && strncmp(name, file->name, bare(file)) == 0) {
            struct err err = {0};
            json_t *schema;

            return json_parse(file->bytes, file->len, file->name, LIMIT_JSON_BYTES, &schema, &err) == 0 ? schema : NULL;
        }
    return NULL;
}

json_t *api_schema_names(void)
{
    json_t *names = json_array();

    for (const struct embedded_file *file = api_schemas; file->name; file++)
        json_array_append_new(names, json_stringn(file->name, bare(file)));
    return names;
}
