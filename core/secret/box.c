/* Owns the seal key: where it comes from, and that it is the one the database was sealed with. Called at start, before anything is served.
 */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/encode.h"
#include "crypto/random.h"
#include "secret/secret_priv.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_ID "seal_key_id"

/* ---- the id in the database ---- */

struct key_id {
    const char *mine;                  /* NULL: only look */
    char stored[CRYPTO_SEAL_ID_BYTES]; /* "" when there is none */
};

static int read_id(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct key_id *id = ctx;
    int more;

    if (store_query(tx, "SELECT value FROM meta WHERE key = '" KEY_ID "'", STORE_NO_ARGS, &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    snprintf(id->stored, sizeof id->stored, "%s", more && store_col_text(rows, 0) ? store_col_text(rows, 0) : "");
    return 0;
}

static int claim_id(struct store_tx *tx, void *ctx, struct err *err)
{
    struct key_id *id = ctx;

    if (store_exec(tx, "INSERT INTO meta (key, value) VALUES ('" KEY_ID "', $1) ON CONFLICT (key) DO NOTHING",
                   STORE_ARGS(store_text(id->mine)), NULL, err) < 0)
        return -1;
    return read_id(tx, ctx, err);
}

/* ---- the key itself ---- */

static int parse_key(const char *text, size_t len, struct crypto_seal_key *out, struct err *err)
{
    unsigned char key[CRYPTO_SEAL_KEY_BYTES];
    char copy[2 * CRYPTO_SEAL_KEY_BYTES + 1];
    struct err ignored;
    size_t got = 0;
    bool good;

    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    if (len == 2 * CRYPTO_SEAL_KEY_BYTES) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        good = crypto_hex_decode(copy, key, sizeof key, &ignored) == 0;
        secret_wipe(copy, sizeof copy);
    } else {
        good = base64_decode_into(BASE64_STANDARD, text, len, key, sizeof key, &got, &ignored) == 0 && got == sizeof key;
    }
    if (good)
        crypto_seal_key_set(out, key);
    secret_wipe(key, sizeof key);
    return good ? 0 : err_set(err, ERR_CRYPTO, "not a seal key: the base64 of 32 bytes is needed");
}

static int read_file(struct secret_vault *vault, const char *rest, struct secret *out, struct err *err)
{
    (void)vault;
    return secret_read_file(rest, out, err);
}

static int read_env(struct secret_vault *vault, const char *rest, struct secret *out, struct err *err)
{
    (void)vault;
    return secret_read_env(rest, out, err);
}

static int load_reference(struct secret_vault *vault, const char *reference, struct crypto_seal_key *out, struct err *err)
{
    static const struct {
        const char *kind;
        int (*read)(struct secret_vault *vault, const char *rest, struct secret *out, struct err *err);
    } kinds[] = {{"file:", read_file}, {"env:", read_env}, {"vault:", secret_read_vault}};
    CLEANUP(secret_fini) struct secret text = {0};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_starts(reference, kinds[i].kind))
            continue;
        if (kinds[i].read(vault, reference + strlen(kinds[i].kind), &text, err) < 0) {
            err->code = err->code == ERR_NOT_FOUND || err->code == ERR_BAD_VALUE ? ERR_CONFIG : err->code;
            return err_wrap(err, "seal key");
        }
        return parse_key(text.bytes, text.len, out, err) < 0 ? err_wrap(err, "seal key %.200s", reference) : 0;
    }
    return err_set(err, ERR_CONFIG, "seal key: give it as file:/path, env:NAME or vault:path#key");
}

static int make_key_file(const char *path, struct crypto_seal_key *out, struct err *err)
{
    unsigned char key[CRYPTO_SEAL_KEY_BYTES];
    char text[BASE64_CHARS(CRYPTO_SEAL_KEY_BYTES) + 1];
    size_t len;
    int result;

    crypto_random(key, sizeof key);
    len = base64_encode_into(BASE64_STANDARD, key, sizeof key, text);
    text[len++] = '\n';
    result = io_write_atomic(path, text, len, 0600, err);
    if (result == 0)
        crypto_seal_key_set(out, key);
    secret_wipe(key, sizeof key);
    secret_wipe(text, sizeof text);
    return result;
}

static int load_key_file(const char *path, struct crypto_seal_key *out, struct err *err)
{
    CLEANUP(free_ptr) char *reference = mem_printf("file:%s", path);
    struct stat st;

    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return err_set(err, ERR_CONFIG, "%s: others can read the seal key (mode %03o); run chmod 600 on it", path, st.st_mode & 0777);
    return load_reference(NULL, reference, out, err);
}

/* ---- both together ---- */

/* The default place: DIR/seal.key. `stored` is the id in the database, "" when it has none yet; *out_made: the file is new. */
static int default_key(const char *path, const char *stored, struct crypto_seal_key *out, bool *out_made, struct err *err)
{
    if (io_exists(path))
        return load_key_file(path, out, err);
    if (stored[0])
        return err_set(err, ERR_CRYPTO,
                       "%s is missing, and the database was sealed with the key %s: put that key back, or give it with --seal-key", path,
                       stored);
    *out_made = true;
    return make_key_file(path, out, err);
}

static int load_and_claim(const struct secret_box_options *options, const char *path, struct crypto_seal_key *out, struct err *err)
{
    struct key_id id = {0};
    bool made = false;

    if (store_read(options->store, read_id, &id, err) < 0)
        return -1;
    if ((options->seal_key ? load_reference(options->vault, options->seal_key, out, err) : default_key(path, id.stored, out, &made, err)) <
        0)
        return -1;
    id.mine = out->id;
    if (store_write_wait(options->store, claim_id, &id, err) < 0)
        return -1;
    if (strcmp(id.stored, out->id) == 0)
        return 0;
    if (made)
        unlink(path); /* another server was faster with its own key; ours sealed nothing */
    return err_set(err, ERR_CRYPTO, "the seal key is %s, but the database was sealed with %s: start with that key (%s)", out->id, id.stored,
                   options->seal_key ? "see --seal-key" : path);
}

int secret_box_open(const struct secret_box_options *options, struct secret_box **out, struct err *err)
{
    CLEANUP(free_ptr) char *path = options->state_dir ? mem_printf("%s/seal.key", options->state_dir) : NULL;
    CLEANUP(crypto_seal_key_fini) struct crypto_seal_key key = {0};
    struct secret_box *box;

    if (!options->seal_key && !path)
        return err_set(err, ERR_CONFIG, "seal key: neither a state directory nor a key was given");
    if (load_and_claim(options, path, &key, err) < 0)
        return -1;
    box = mem_zalloc(sizeof *box);
    box->store = options->store;
    box->key = key;
    key = (struct crypto_seal_key){0};
    *out = box;
    return 0;
}

void secret_box_close(struct secret_box *box)
{
    if (!box)
        return;
    crypto_seal_key_fini(&box->key);
    free(box);
}

const char *secret_box_key_id(const struct secret_box *box) { return box->key.id; }

void secret_box_key(const struct secret_box *box, struct secret *out)
{
    char text[BASE64_CHARS(CRYPTO_SEAL_KEY_BYTES)];
    size_t len = base64_encode_into(BASE64_STANDARD, box->key.bytes.bytes, box->key.bytes.len, text);

    secret_set(out, text, len);
    secret_wipe(text, sizeof text);
}
