/* Owns the form of signature files. Any thread; no state. */
#include "plugin/signature.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include <string.h>

#define FILE_BYTES 4096

bool plugin_key_name_ok(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= 63 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

int plugin_signature_read(const char *path, struct plugin_signature *out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct plugin_signature made = {.key = ""};
    struct err why = {0};
    size_t len, word, got;
    const char *name;

    if (io_read_file(path, FILE_BYTES, &text, &len, err) < 0)
        return -1;
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        text[--len] = '\0';
    word = strcspn(text, " ");
    if (strlen(text) != len || base64_decode_into(BASE64_STANDARD, text, word, made.bytes, sizeof made.bytes, &got, &why) < 0 ||
        got != sizeof made.bytes)
        return err_set(err, ERR_BAD_VALUE, "%s is no signature: it does not begin with the base64 of 64 bytes, as `plugin sign` writes it",
                       path);
    name = text + word + (text[word] == ' ');
    if (name[0] && !plugin_key_name_ok(name))
        return err_set(err, ERR_BAD_VALUE, "%s is no signature: what follows the base64 is no name of a key", path);
    memcpy(made.key, name, strlen(name) + 1);
    *out = made;
    return 0;
}

char *plugin_signature_text(const struct plugin_signature *signature)
{
    char text[BASE64_CHARS(CRYPTO_SIGNATURE_BYTES)];

    base64_encode_into(BASE64_STANDARD, signature->bytes, sizeof signature->bytes, text);
    return mem_printf("%s%s%s\n", text, signature->key[0] ? " " : "", signature->key);
}
