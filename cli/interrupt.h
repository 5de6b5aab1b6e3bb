/* What Ctrl-C says before it ends the command. */
#pragma once

/* From now on an interrupt (SIGINT, SIGTERM) writes the text, cut to what fits, to standard error before it ends the command as it always
 * does. NULL: it says nothing again. One command, one thread. */
void interrupt_says(const char *text);
