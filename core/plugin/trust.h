/* Whether the admin trusts the bytes of a plugin: revoked hashes and signatures. */
#pragma once
#include "plugin/vet.h"

/* Refuses revoked bytes; checks the signature of a file that is not bundled, as the entry's signature_policy asks. Sets v->signed_by and
 * adds to v->warnings; v->sha256 is set. Blocks on disk. Errors: ERR_PLUGIN_REFUSED with the reason. */
int trust_check(const struct plugin_entry *entry, const char *path, const void *bytes, size_t len, struct vetted *v, struct err *err);

/* Is the hash (hex, any case) on the list? */
bool trust_is_revoked(const json_t *revoked, const char *sha256);
