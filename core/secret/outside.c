/* Owns the reading of secrets that the admin keeps outside: environment, files; Vault has its own client. Called from workers and at start.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "secret/secret_priv.h"
#include <stdlib.h>
#include <string.h>

bool secret_is_env_name(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    return *name && strchr(first, *name) && strspn(name, rest) == strlen(name);
}

int secret_read_env(const char *name, struct secret *out, struct err *err)
{
    const char *value;

    if (!secret_is_env_name(name))
        return err_set(err, ERR_BAD_VALUE, "env:%.100s: not the name of an environment variable", name);
    value = getenv(name);
    if (!value || !*value)
        return err_set(err, ERR_NOT_FOUND, "env:%.100s: the server has no such environment variable, or it is empty", name);
    if (strlen(value) > LIMIT_SECRET_BYTES)
        return err_set(err, ERR_TOO_LARGE, "env:%.100s: longer than %u bytes", name, LIMIT_SECRET_BYTES);
    secret_set(out, value, strlen(value));
    return 0;
}

int secret_read_file(const char *path, struct secret *out, struct err *err)
{
    char *text = NULL;
    size_t len = 0, kept;

    if (path[0] != '/')
        return err_set(err, ERR_BAD_VALUE, "file:%.200s: not an absolute path", path);
    if (io_read_file(path, LIMIT_SECRET_BYTES, &text, &len, err) < 0)
        return err_wrap(err, "file:%.200s", path);
    kept = len;
    if (kept && text[kept - 1] == '\n') /* what editors and `echo` put at the end */
        kept -= kept > 1 && text[kept - 2] == '\r' ? 2 : 1;
    if (kept)
        secret_set(out, text, kept);
    secret_wipe(text, len);
    free(text);
    return kept ? 0 : err_set(err, ERR_NOT_FOUND, "file:%.200s: the file is empty", path);
}

int secret_read_vault(struct secret_vault *vault, const char *reference, struct secret *out, struct err *err)
{
    if (!vault)
        return err_set(err, ERR_UNSUPPORTED, "vault:%.200s: Vault is not asked here", reference);
    return secret_vault_read(vault, reference, out, err);
}
