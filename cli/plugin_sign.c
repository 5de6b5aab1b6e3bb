/* Owns `plugin keygen`, `sign` and `verify`: Ed25519 keys and signatures of plugin files. A private key is in its file and in locked pages,
 * never in an argument or in what is printed. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "crypto/hash.h"
#include "plugin/plugin.h"
#include "plugin/signature.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_BYTES 4096

/* "keys/acme.key" is the key "acme". NULL: it cannot be a name in trustedKeys. */
static const char *key_name(struct cli *c, const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    if (str_ends(name, suffix))
        name = arena_strndup(&c->arena, name, strlen(name) - strlen(suffix));
    return plugin_key_name_ok(name) ? name : NULL;
}

/* Only where nothing is, but with `force`. */
static int write_file(const char *path, const char *text, mode_t mode, bool force, struct err *err)
{
    CLEANUP(close_fd) int fd = -1;

    if (force)
        return io_write_atomic(path, text, strlen(text), mode, err);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0 && errno == EEXIST)
        return err_set(err, ERR_CONFLICT, "%s is there already; nothing was changed. --force overwrites it", path);
    if (fd < 0 || fchmod(fd, mode) < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    if (io_write_all(fd, text, strlen(text), err) < 0)
        return -1;
    return fsync(fd) < 0 ? err_set_sys(err, ERR_IO, "%s", path) : 0;
}

/* ---- keygen ---- */

/* Makes the pair and writes the private key's file. */
static int write_private(const char *path, bool force, unsigned char out_public[static CRYPTO_SIGN_KEY_BYTES], struct err *err)
{
    CLEANUP(secret_fini) struct secret seed = {0};
    CLEANUP(secret_fini) struct secret line = {0};

    secret_set(&seed, NULL, CRYPTO_SIGN_KEY_BYTES);
    secret_set(&line, NULL, CRYPTO_SIGN_KEY_TEXT);
    if (crypto_sign_keygen((unsigned char *)seed.bytes, out_public, err) < 0)
        return -1;
    crypto_sign_key_text((const unsigned char *)seed.bytes, line.bytes);
    line.bytes[strlen(line.bytes)] = '\n'; /* its last byte; the page has a NUL behind it */
    return write_file(path, line.bytes, 0600, force, err);
}

static int write_pair(struct cli *c, const char *private_file, const char *public_file, char text[static CRYPTO_SIGN_KEY_TEXT],
                      struct err *err)
{
    unsigned char public_key[CRYPTO_SIGN_KEY_BYTES];
    bool force = args_flag(&c->args, "force");

    if (!force && io_exists(public_file))
        return err_set(err, ERR_CONFLICT, "%s is there already; nothing was changed. --force overwrites it", public_file);
    if (write_private(private_file, force, public_key, err) < 0)
        return -1;
    crypto_sign_key_text(public_key, text);
    return write_file(public_file, arena_printf(&c->arena, "%s\n", text), 0644, force, err);
}

int verb_plugin_keygen(struct cli *c)
{
    const char *path = cli_word(c, 0), *name = key_name(c, path, "");
    const char *private_file = arena_printf(&c->arena, "%s.key", path), *public_file = arena_printf(&c->arena, "%s.pub", path);
    CLEANUP(json_put) json_t *made = NULL;
    char text[CRYPTO_SIGN_KEY_TEXT];
    struct err err = {0};

    if (!name)
        return cli_usage(c, "\"%.80s\" is no name for a key: use up to 63 letters, digits, '-', '_' and '.'", path);
    if (write_pair(c, private_file, public_file, text, &err) < 0)
        return cli_fail(c, &err);
    made = json_pack("{s:s, s:s, s:s, s:s}", "name", name, "private", private_file, "public", public_file, "key", text);
    if (out_data(c, made))
        return EXIT_FINE;
    cli_print(c, "%s   private: sign with it, keep it where only you read it\n%s   public: the admin's admin-config.yaml says\n",
              private_file, public_file);
    cli_print(c, "   trustedKeys: {%s: %s}\n", name, text);
    return EXIT_FINE;
}

/* ---- sign ---- */

/* The two halves look the same inside: their names tell them apart. */
static int refuse_half(const char *path, const char *wrong, const char *right, const char *what, struct err *err)
{
    if (!str_ends(path, wrong))
        return 0;
    return err_set(err, ERR_USAGE, "%s is the wrong half of the pair: --key wants the %s key, NAME%s", path, what, right);
}

static int read_private(const char *path, struct secret *out, struct err *err)
{
    CLEANUP(secret_fini) struct secret kept = {0};
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char *text = NULL;
    struct stat st;
    size_t len;

    if (fd < 0)
        return err_set_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s is no regular file", path);
    if (st.st_mode & 077)
        return err_set(err, ERR_FORBIDDEN, "%s: others can read this private key (mode %04o); run chmod 600 on it, or make a new key", path,
                       (unsigned)(st.st_mode & 07777));
    if (io_read_fd(fd, path, KEY_FILE_BYTES, &text, &len, err) < 0)
        return -1;
    secret_set(&kept, text, len);
    secret_wipe(text, len);
    free(text);
    secret_set(out, NULL, CRYPTO_SIGN_KEY_BYTES);
    if (crypto_sign_key_parse(kept.bytes, (unsigned char *)out->bytes, err) == 0)
        return 0;
    return err_set(err, ERR_BAD_VALUE, "%s is no private key of `innominatus plugin keygen`", path);
}

static int sign_file(struct cli *c, const char *file, const char *key_file, const char *to, struct err *err)
{
    CLEANUP(secret_fini) struct secret key = {0};
    CLEANUP(free_ptr) char *bytes = NULL;
    CLEANUP(free_ptr) char *line = NULL;
    struct plugin_signature signature = {.key = ""};
    const char *name = key_name(c, key_file, ".key");
    size_t len;

    if (refuse_half(key_file, ".pub", ".key", "private", err) < 0 || io_read_file(file, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, err) < 0 ||
        read_private(key_file, &key, err) < 0)
        return -1;
    if (crypto_sign((const unsigned char *)key.bytes, bytes, len, signature.bytes, err) < 0)
        return -1;
    snprintf(signature.key, sizeof signature.key, "%s", name ? name : "");
    line = plugin_signature_text(&signature);
    return write_file(to, line, 0644, args_flag(&c->args, "force"), err);
}

int verb_plugin_sign(struct cli *c)
{
    const char *file = cli_word(c, 0), *key_file = args_text(&c->args, "key"), *to = arena_printf(&c->arena, "%s.sig", file), *name;
    CLEANUP(json_put) json_t *manifest = NULL, *made = NULL;
    struct err err = {0};

    if (!key_file)
        return cli_usage(c, "which key? --key NAME.key; `innominatus plugin keygen NAME` makes one");
    if (sign_file(c, file, key_file, to, &err) < 0)
        return cli_fail(c, &err);
    if (plugin_inspect_file(file, &manifest, &err) < 0)
        cli_say(c, "signed, but it is no plugin that a server loads: %s", err.msg);
    name = key_name(c, key_file, ".key");
    made = json_pack("{s:s, s:s}", "file", file, "signature", to);
    json_set_str(made, "key", name);
    json_set_str(made, "sha256", json_str(manifest, "sha256"));
    if (!out_data(c, made))
        cli_print(c, "%s\n   the entry in admin-config.yaml says signature: {key: %s}\n", to, name ? name : "NAME");
    return EXIT_FINE;
}

/* ---- verify ---- */

static int verify_file(const char *file, const char *key_file, const char *signature_file, struct plugin_signature *signature,
                       char sha256[static CRYPTO_SHA256_HEX], struct err *err)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    unsigned char key[CRYPTO_SIGN_KEY_BYTES];
    size_t len;

    if (refuse_half(key_file, ".key", ".pub", "public", err) < 0 || io_read_file(file, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, err) < 0 ||
        io_read_file(key_file, KEY_FILE_BYTES, &text, NULL, err) < 0)
        return -1;
    if (!io_exists(signature_file))
        return err_set(err, ERR_NOT_FOUND, "%s is not signed: there is no %s; `innominatus plugin sign` makes it", file, signature_file);
    if (plugin_signature_read(signature_file, signature, err) < 0)
        return -1;
    if (crypto_sign_key_parse(text, key, &(struct err){0}) < 0)
        return err_set(err, ERR_BAD_VALUE, "%s is no public key of `innominatus plugin keygen`", key_file);
    crypto_sha256_hex(bytes, len, sha256);
    if (crypto_sign_verify(key, bytes, len, signature->bytes, err) == 0)
        return 0;
    return err_set(err, ERR_CRYPTO,
                   "%s: the signature %s does not fit: %s has been changed since, or it was signed by another key%s%s%s than %s", file,
                   signature_file, file, signature->key[0] ? " (it says " : "", signature->key, signature->key[0] ? ")" : "", key_file);
}

int verb_plugin_verify(struct cli *c)
{
    const char *file = cli_word(c, 0), *key_file = args_text(&c->args, "key"), *signature_file = args_text(&c->args, "signature"), *name;
    struct plugin_signature signature = {.key = ""};
    CLEANUP(json_put) json_t *made = NULL;
    char sha256[CRYPTO_SHA256_HEX];
    struct err err = {0};

    if (!key_file)
        return cli_usage(c, "which key? --key NAME.pub, the public key of the signer");
    signature_file = signature_file ? signature_file : arena_printf(&c->arena, "%s.sig", file);
    if (verify_file(file, key_file, signature_file, &signature, sha256, &err) < 0)
        return cli_fail(c, &err);
    name = key_name(c, key_file, ".pub");
    made = json_pack("{s:s, s:s, s:s, s:b}", "file", file, "signature", signature_file, "sha256", sha256, "valid", 1);
    json_set_str(made, "key", name);
    if (!out_data(c, made))
        cli_print(c, "%s: signed by %s\n   sha256 %s\n", file, name ? name : key_file, sha256);
    return EXIT_FINE;
}
