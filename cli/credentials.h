/* Where the command line finds its server and key. */
#pragma once
#include "cli/command.h"

struct endpoint {
    const char *url;    /* without a trailing slash */
    const char *key;    /* NULL: none; arena text, wiped by nobody: the process ends soon */
    const char *source; /* where the key came from, for messages; NULL without a key */
    const char *gone;   /* the file that should hold the local server's key, and is not there; else NULL */
};

/* The server: --server, INNOMINATUS_SERVER, the credentials file, a local server's server.json. The key: INNOMINATUS_API_KEY, else the one
 * that the credentials file or server.json has for that very server. Errors: ERR_NO_SERVER, ERR_USAGE (no address), ERR_SYNTAX (broken
 * file). */
int endpoint_find(struct cli *c, struct endpoint *out, struct err *err);

/* The credentials file: $XDG_CONFIG_HOME/innominatus/credentials.json, {"current": url, "servers": {url: {"key", "user", "expires_at"}}},
 * mode 0600. A NULL key forgets the server. out_path may be NULL. */
int credentials_store(struct cli *c, const char *url, const char *key, const char *user, const char *expires_at, const char **out_path,
                      struct err *err);

/* Has somebody signed in to this server here? */
bool credentials_known(struct cli *c, const char *url);
