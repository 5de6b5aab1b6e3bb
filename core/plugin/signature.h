/* The signature of a plugin's file, as `plugin sign` writes it beside the file (FILE.sig): one line, the base64 of the 64 bytes of Ed25519
 * (RFC 8032) over the whole file, then a space and the name of the key (`openssl pkeyutl -sign -rawin` and `base64 -w0` make one without a
 * name). The name is a hint for people: what counts is the key that the admin trusts. Any thread. */
#pragma once
#include "crypto/sign.h"
#include <stdbool.h>

struct plugin_signature {
    unsigned char bytes[CRYPTO_SIGNATURE_BYTES];
    char key[64]; /* "" when the file names none */
};

/* Errors: ERR_NOT_FOUND, ERR_IO, ERR_BAD_VALUE when it is no such file. */
int plugin_signature_read(const char *path, struct plugin_signature *out, struct err *err);
/* The line, with its end. Free with free(). */
char *plugin_signature_text(const struct plugin_signature *signature);

/* Up to 63 letters, digits, '-', '_' and '.', not '.' first: the name of a key in trustedKeys and of its files. */
bool plugin_key_name_ok(const char *name);
