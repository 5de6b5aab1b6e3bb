/* One object for people: "member  value" lines. */
#pragma once
#include "cli/command.h"

struct record_field {
    const char *title, *path; /* dotted path; a NULL title closes a list; absent values are left out */
};

void record_print(struct cli *c, const struct record_field *fields, const json_t *object);
/* Members of an object, one a line, indented, under a heading. Nothing when it is empty. */
void record_members(struct cli *c, const char *heading, const json_t *object);
/* A resource by its id, or by name or key with --env and --app. 0 with the resource (new reference), or the exit code after a message. */
int record_find_resource(struct cli *c, const char *word, json_t **out);
/* What actions have set on resources (overrides), one a line. */
void record_overrides(struct cli *c, const char *indent, const json_t *resources);
/* The hints of resources (name, hints: [{kind, label, value}]), one a line in columns. */
void record_hints(struct cli *c, const char *indent, const json_t *resources);
