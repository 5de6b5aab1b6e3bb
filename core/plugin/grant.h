/* The words of an entry's `grant`: what an admin lets a plugin do. Shared by the server, which checks them, and the plugin host, which
 * enforces them.
 *
 * - network: addresses of the internet and of this machine
 * - exec: host->exec with every program that is installed below /usr, /bin, /sbin and /opt
 * - exec:NAME: only with this program (found in PATH), this file, or what is below this directory
 * - secrets: host->secret opens the references that stand in the params of a call
 * - read:PATH: reads a file, or what is below a directory
 * - write:PATH: reads and writes it
 */
#pragma once
#include "base/err.h"
#include "codec/json.h"
#include <stdbool.h>

/* Is `permission` ("network", "exec") granted by the list? A narrowed one counts. */
bool grant_has(const json_t *grant, const char *permission);

/* What follows "KIND:" in a word of `grant`, NULL when it is of another kind. */
const char *grant_subject(const char *word, const char *kind);

/* ERR_PLUGIN_REFUSED when a word is none of the above. */
int grant_check(const json_t *grant, struct err *err);
