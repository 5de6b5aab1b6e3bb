/* Help, generated from the verb table. */
#pragma once
#include "cli/command.h"

/* --help, a family without its subverb, or no verb at all. Returns the exit code. */
int help_of_args(struct cli *c);

/* The verb or family that the words name. NULL words: everything. False: there is none of that name. */
bool help_print(struct cli *c, const char *name, const char *sub);
