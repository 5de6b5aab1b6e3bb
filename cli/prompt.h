/* Asking for secrets. */
#pragma once
#include "base/secret.h"
#include "cli/command.h"

/* A line without echo from the terminal, or the first line of standard input when that is none. Errors: ERR_USAGE (empty, too long, not the
 * same twice), ERR_IO. `again` asks a second time on a terminal. */
int prompt_secret(const struct cli *c, const char *label, bool again, struct secret *out, struct err *err);
/* A line with echo; NULL without a terminal or when it is empty. Arena text. */
const char *prompt_line(struct cli *c, const char *label);
