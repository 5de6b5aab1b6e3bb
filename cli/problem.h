/* Problems of a server (application/problem+json) for people. */
#pragma once
#include "cli/command.h"

/* Prints a problem with its errors (with the lines of `source` when it is known) or violations; returns the exit code that fits the status.
 */
int problem_print(struct cli *c, int status, const json_t *problem, const char *source, const char *source_name);

/* Diagnostics as JSON: [{path, line, column, severity, code, message, suggestion}], to standard error. */
void problem_print_errors(struct cli *c, const json_t *errors, const char *source, const char *source_name);
/* Violations: [{policy, severity, path, value, message, fix, source}], as text (arena). */
const char *problem_violations(struct cli *c, const json_t *violations);

/* "denied by 2 policies; nothing was changed", and those of the violations that deny; to standard error. */
void problem_print_denial(struct cli *c, const json_t *violations);

/* The exit code of an HTTP status. */
int problem_exit(int status, const json_t *problem);
