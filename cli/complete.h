/* What a shell offers at the Tab key; all of it comes from the verb table. */
#pragma once
#include "cli/command.h"

/* `innominatus __complete -- WORD... CURRENT`: what CURRENT may become, one candidate a line ("word<TAB>description"), closed by `:files`,
 * `:directories` or `:none`, which says what else fits. Names that only a server knows are offered when it answers at once. Silent and
 * always 0: a completion must not disturb the line that is being typed. argv is what follows `__complete`. */
int complete_main(struct cli *c, int argc, char **argv);

/* Fills the candidates for words[0..count-1], the last one being typed; `closing` is set to the last line. For complete_main and tests. */
struct buf;
void complete_words(struct cli *c, const char *const *words, size_t count, struct buf *to, const char **closing);
