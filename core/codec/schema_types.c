/* Owns the ready-made types and checks of schema.h, and the way from a table to a JSON Schema. Any thread; no state. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/schema.h"
#include "codec/units.h"
#include <string.h>

static void report_unit(struct schema_run *run, const struct node *value, const struct err *why, const char *noun, const char *fallback)
{
    const char *name = schema_name(run);
    char hint[128];
    const char *help = why->code == ERR_QUANTITY ? quantity_hint(value->text, hint) : NULL;

    schema_report(run, value, why->code, help ? help : fallback, "%s%s\"%.80s\" is no %s", name, *name ? " " : "", value->text, noun);
}

void schema_check_duration(struct schema_run *run, const struct node *value)
{
    struct err why = {0};
    int64_t ms;

    if (value->kind == NODE_STRING && duration_parse(value->text, &ms, &why) < 0)
        report_unit(run, value, &why, "duration", "write 30s, 5m, 1h30m or 24h");
}

void schema_check_bytes(struct schema_run *run, const struct node *value)
{
    struct err why = {0};
    int64_t bytes;

    if (value->kind == NODE_STRING && bytes_parse(value->text, &bytes, &why) < 0)
        report_unit(run, value, &why, "size", "write 64MiB, 1.5Gi or 500M");
}

void schema_check_quantity(struct schema_run *run, const struct node *value)
{
    struct err why = {0};
    int64_t milli;

    if (value->kind == NODE_STRING && quantity_parse(value->text, &milli, &why) < 0)
        report_unit(run, value, &why, "quantity", "write 128Mi, 1.5Gi, 500m or 2");
}

const struct schema_type schema_anything = {.kinds = SCHEMA_ANY};
const struct schema_type schema_string = {.kinds = SCHEMA_STRING};
const struct schema_type schema_text = {.kinds = SCHEMA_STRING, .min_chars = 1};
const struct schema_type schema_bool = {.kinds = SCHEMA_BOOL};
const struct schema_type schema_strings = {.kinds = SCHEMA_LIST, .items = &schema_string};
const struct schema_type schema_string_map = {.kinds = SCHEMA_MAP, .each = &schema_string};
const struct schema_type schema_free_map = {.kinds = SCHEMA_MAP};
const struct schema_type schema_duration = {
    .kinds = SCHEMA_STRING, .what = "a duration", .help = "write 30s, 5m, 1h30m or 24h", .check = schema_check_duration};
const struct schema_type schema_bytes = {
    .kinds = SCHEMA_STRING, .what = "a size", .help = "write 64MiB, 1.5Gi or 500M", .check = schema_check_bytes};
const struct schema_type schema_label = {.kinds = SCHEMA_STRING,
                                         .what = "a name",
                                         .help = "use 2 to 63 of a-z, 0-9 and '-', not '-' at the ends",
                                         .matches = str_is_label,
                                         .code = ERR_BAD_NAME};
