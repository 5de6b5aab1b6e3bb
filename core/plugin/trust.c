/* Owns what an admin's keys and revocations say of a plugin's bytes. Called while an entry is vetted, on that thread. */
#include "plugin/trust.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/signature.h"
#include <string.h>
#include <strings.h>

bool trust_is_revoked(const json_t *revoked, const char *sha256)
{
    const json_t *item;
    size_t i;

    json_array_foreach(revoked, i, item)
    {
        if (json_is_string(item) && strcasecmp(json_string_value(item), sha256) == 0)
            return true;
    }
    return false;
}

/* -1: the signature that the entry names is not good, and why. */
static int check_named(const struct plugin_entry *entry, const char *path, const void *bytes, size_t len, struct err *err)
{
    CLEANUP(free_ptr) char *file = entry->signature_file ? mem_strdup(entry->signature_file) : mem_printf("%s.sig", path);
    struct plugin_signature signature;
    unsigned char key[CRYPTO_SIGN_KEY_BYTES];
    struct err why = {0};

    if (!entry->signature_public)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: its entry wants the signature of key \"%s\", which is not in trustedKeys", path,
                       entry->signature_key);
    if (crypto_sign_key_parse(entry->signature_public, key, &why) < 0)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: trustedKeys.%s is no key: %s", path, entry->signature_key, why.msg);
    if (plugin_signature_read(file, &signature, &why) < 0)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: its signature cannot be read: %s", path, why.msg);
    if (crypto_sign_verify(key, bytes, len, signature.bytes, &why) == 0)
        return 0;
    if (signature.key[0] && !str_eq(signature.key, entry->signature_key))
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: signed by another key: %s names \"%s\", the entry wants \"%s\"", path, file,
                       signature.key, entry->signature_key);
    return err_set(err, ERR_PLUGIN_REFUSED, "%s: the signature %s does not fit this file and the key \"%s\" of trustedKeys", path, file,
                   entry->signature_key);
}

static int check_signature(const struct plugin_entry *entry, const char *path, const void *bytes, size_t len, struct vetted *v,
                           struct err *err)
{
    struct err why = {0};

    if (!entry->signature_key && entry->signature_policy == PLUGIN_SIGNATURE_OFF)
        return 0;
    if (!entry->signature_key)
        err_set(&why, ERR_PLUGIN_REFUSED,
                "%s: it is not signed; sign it with `innominatus plugin sign` and add signature: {key: NAME} to its entry", path);
    else if (check_named(entry, path, bytes, len, &why) == 0) {
        snprintf(v->signed_by, sizeof v->signed_by, "%s", entry->signature_key);
        return 0;
    }
    if (entry->signature_policy == PLUGIN_SIGNATURE_REQUIRE) {
        *err = why;
        return -1;
    }
    json_append_str(v->warnings, why.msg);
    return 0;
}

int trust_check(const struct plugin_entry *entry, const char *path, const void *bytes, size_t len, struct vetted *v, struct err *err)
{
    if (trust_is_revoked(entry->revoked, v->sha256))
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: its sha256 %s is revoked (revokedHashes)", path, v->sha256);
    if (entry->plugin) /* a part of this server, pinned by the hash in it */
        return 0;
    return check_signature(entry, path, bytes, len, v, err);
}
