/* From what a user names to a deployment. */
#pragma once
#include "cli/command.h"

/* The deployment that `word` means: d-... itself, or the last one of an application in --env (its only environment without). out: new
 * reference. Returns the exit code. */
int application_deployment(struct cli *c, const char *word, json_t **out);

/* Shows which resources differ from what was applied: of an application, NULL: of all. Returns the exit code. (drift.c) */
int application_drift(struct cli *c, const char *application);
/* How many of the resources (a list of the API) differ. */
size_t drift_count(const json_t *resources);
/* One line a resource that differs: since when, and why. */
void drift_print_brief(struct cli *c, const char *indent, const json_t *resources);
/* drift.diff, one line a value. */
void drift_print_diff(struct cli *c, const char *indent, const json_t *drift);

/* Shows a deployment as `status` does. Returns the exit code. */
int application_print(struct cli *c, const json_t *deployment);
