/* Owns the JSON Schemas of the objects (schemas/NAME.json, embedded at build time), and of the files that people write, made from the
 * tables that check them. Any thread. */
#include "api/api_priv.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "score/score.h"
#include "workflow/catalog.h"
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

json_t *api_file_schema(const char *name)
{
    static const struct {
        const char *name;
        json_t *(*make)(void);
    } files[] = {{"score", score_json_schema}, {"workflow-file", workflow_schema}, {"admin-config", config_schema}};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (str_eq(files[i].name, name))
            return files[i].make();
    return NULL;
}
