/* One line on a terminal that says what is being waited for; nothing elsewhere. */
#pragma once
#include "cli/command.h"

/* Shows the text in place of the one before. */
void progress_show(const struct cli *c, const char *text);
/* Takes the line away; before anything else is printed. */
void progress_clear(const struct cli *c);
