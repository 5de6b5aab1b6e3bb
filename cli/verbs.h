/* The table of all commands, and their handlers. Parsing, help and later completion and man pages read the same rows. */
#pragma once
#include "cli/args.h"

extern const struct cli_verb cli_verbs[];
extern const struct cli_flag cli_globals[];

/* score.c */
int verb_validate(struct cli *c);
/* about.c */
int verb_explain(struct cli *c);
int verb_version(struct cli *c);
int verb_serve(struct cli *c);
/* help.c */
int verb_help(struct cli *c);
