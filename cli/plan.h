/* A plan for people. */
#pragma once
#include "cli/command.h"

/* Prints the answer of POST /specs/plan. Returns the exit code: EXIT_DENIED when policies deny it. */
int plan_print(struct cli *c, const json_t *plan, const char *source, const char *source_name);
