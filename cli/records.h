/* One object for people: "member  value" lines. */
#pragma once
#include "cli/command.h"

struct record_field {
    const char *title, *path; /* dotted path; a NULL title closes a list; absent values are left out */
};

void record_print(struct cli *c, const struct record_field *fields, const json_t *object);
/* Members of an object, one a line, indented, under a heading. Nothing when it is empty. */
void record_members(struct cli *c, const char *heading, const json_t *object);
/* The hints of resources (name, hints: [{kind, label, value}]), one a line in columns. */
void record_hints(struct cli *c, const char *indent, const json_t *resources);
