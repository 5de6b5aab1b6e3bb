/* Shared by json_schema.c (what a schema may say, the walk) and json_schema_rules.c (what each keyword asks of a value). */
#pragma once
#include "base/buf.h"
#include "codec/json_schema.h"

#define MAX_TEXT_BYTES    4096
#define MAX_PATH_BYTES    65536
#define MAX_MATCHED_BYTES 4096 /* longer texts are not matched against a pattern but refused */

struct schema_walk {
    json_schema_report report; /* NULL: only counted */
    void *ctx;
    struct buf path;
    size_t problems;
    int depth;
    bool open_placeholders;
};

/* Holds a value against a whole schema; returns the problems that it added. */
size_t json_schema_hold(struct schema_walk *run, const json_t *schema, const json_t *value);

bool json_schema_is_type(const char *name);

/* One keyword (`rule` is its value, `schema` what it stands in) against a value of the kind that it concerns. */
typedef void json_schema_rule(struct schema_walk *run, const json_t *schema, const json_t *rule, const json_t *value);
json_schema_rule schema_hold_type, schema_hold_enum, schema_hold_const, schema_hold_properties, schema_hold_additional,
    schema_hold_required, schema_hold_items, schema_hold_unique, schema_hold_pattern, schema_hold_minimum, schema_hold_maximum,
    schema_hold_above, schema_hold_below, schema_hold_multiple, schema_hold_all_of, schema_hold_any_of, schema_hold_one_of, schema_hold_not,
    schema_hold_min_length, schema_hold_max_length, schema_hold_min_items, schema_hold_max_items, schema_hold_min_properties,
    schema_hold_max_properties;
