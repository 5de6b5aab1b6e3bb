/* Owns stored secrets and the opening of references. Called from workers (opening) and inside units of work (storing). */
#include "secret/secret_store.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/secret_priv.h"
#include <string.h>

#define TEMPLATE_PARTS 64
#define VALUE_DEPTH    (4 * LIMIT_JSON_DEPTH)

/* The length of the owner ("resource:r-1") in a stored reference, 0 when it is none. */
static size_t owner_length(const char *reference)
{
    const char *hash = strchr(reference, '#'), *colon = strchr(reference, ':');

    if (!hash || !colon || colon > hash || hash == colon + 1 || !hash[1] || strlen(reference) > 512 || strpbrk(reference, "{}") ||
        !str_is_utf8(reference, strlen(reference)) || !(str_starts(reference, "resource:") || str_starts(reference, "step:")))
        return 0;
    return (size_t)(hash - reference);
}

int secret_check(const char *reference, size_t len, struct err *err)
{
    if (!owner_length(reference))
        return err_set(err, ERR_BAD_VALUE, "secret %.200s: not a reference of the form resource:ID#KEY or step:ID#KEY", reference);
    if (len > LIMIT_SECRET_BYTES)
        return err_set(err, ERR_TOO_LARGE, "secret %.200s: %zu bytes, the limit is %u", reference, len, LIMIT_SECRET_BYTES);
    return 0;
}

int secret_put(const struct secret_box *box, struct store_tx *tx, const char *reference, const void *bytes, size_t len, struct err *err)
{
    CLEANUP(free_ptr) unsigned char *sealed = NULL;
    CLEANUP(free_ptr) char *owner = NULL;

    if (secret_check(reference, len, err) < 0)
        return -1;
    sealed = mem_alloc(len + CRYPTO_SEAL_OVERHEAD);
    owner = mem_strndup(reference, owner_length(reference));
    if (crypto_seal(&box->key, reference, strlen(reference), bytes, len, sealed, err) < 0)
        return err_wrap(err, "secret %.200s", reference);
    return store_exec(
        tx,
        "INSERT INTO secrets (reference, owner, sealed, updated_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (reference) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        STORE_ARGS(store_text(reference), store_text(owner), store_blob(sealed, len + CRYPTO_SEAL_OVERHEAD), store_int(clock_now_us())),
        NULL, err);
}

int secret_seal(const struct secret_box *box, const char *place, const void *bytes, size_t len, unsigned char **out, size_t *out_len,
                struct err *err)
{
    CLEANUP(free_ptr) unsigned char *sealed = mem_alloc(len + CRYPTO_SEAL_OVERHEAD);

    if (crypto_seal(&box->key, place, strlen(place), bytes, len, sealed, err) < 0)
        return err_wrap(err, "%.200s", place);
    *out = sealed;
    *out_len = len + CRYPTO_SEAL_OVERHEAD;
    sealed = NULL;
    return 0;
}

int secret_unseal(const struct secret_box *box, const char *place, const void *sealed, size_t len, struct secret *out, struct err *err)
{
    return crypto_unseal(&box->key, place, strlen(place), sealed, len, out, err) < 0 ? err_wrap(err, "%.200s", place) : 0;
}

int secret_drop(struct store_tx *tx, const char *owner, struct err *err)
{
    return store_exec(tx, "DELETE FROM secrets WHERE owner = $1", STORE_ARGS(store_text(owner)), NULL, err);
}

/* ---- opening ---- */

struct opener {
    const struct secret_box *box;
    const struct secret_use *use;
    unsigned sources;
    bool config; /* texts that look like outside references are some */
    bool in_template;
    unsigned opened; /* so far */
};

struct stored_read {
    const struct opener *opener;
    const char *reference;
    struct secret *out;
};

static int read_stored(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct stored_read *read = ctx;
    const struct secret_use *use = read->opener->use;
    const void *sealed;
    size_t len;
    int more;

    if (use->guard && use->guard(use->guard_ctx, tx, read->reference, err) < 0)
        return -1;
    if (store_query(tx, "SELECT sealed FROM secrets WHERE reference = $1", STORE_ARGS(store_text(read->reference)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "secret %.200s: not stored (any more)", read->reference);
    sealed = store_col_blob(rows, 0, &len);
    if (crypto_unseal(&read->opener->box->key, read->reference, strlen(read->reference), sealed, len, read->out, err) < 0)
        return err_wrap(err, "secret %.200s", read->reference);
    return 0;
}

static int open_stored(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err)
{
    struct stored_read read = {.opener = o, .reference = reference, .out = out};

    (void)rest;
    if (!owner_length(reference))
        return err_set(err, ERR_BAD_VALUE, "secret %.200s: not of the form KIND:ID#KEY", reference);
    return o->use->tx ? read_stored(o->use->tx, &read, err) : store_read(o->box->store, read_stored, &read, err);
}

static int open_env(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err)
{
    (void)o;
    (void)reference;
    return secret_read_env(rest, out, err);
}

static int open_file(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err)
{
    (void)o;
    (void)reference;
    return secret_read_file(rest, out, err);
}

static int open_vault(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err)
{
    (void)reference;
    return secret_read_vault(o->use->vault, rest, out, err);
}

static int open_template(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err);

static const struct kind {
    const char *prefix;
    unsigned source; /* 0: what is inside decides */
    int (*open)(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err);
} kinds[] = {{"resource:", SECRET_STORED, open_stored}, {"step:", SECRET_STORED, open_stored}, {"env:", SECRET_ENV, open_env},
             {"file:", SECRET_FILE, open_file},         {"vault:", SECRET_VAULT, open_vault},  {"template:", 0, open_template}};

static int open_reference(struct opener *o, const char *reference, struct secret *out, struct err *err)
{
    const struct kind *kind = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !kind; i++)
        if (str_starts(reference, kinds[i].prefix))
            kind = &kinds[i];
    if (!kind)
        return err_set(err, ERR_BAD_VALUE,
                       "secret %.200s: unknown kind of reference; resource:, step:, env:, file:, vault: and template: are known",
                       reference);
    if (kind->source && !(kind->source & o->sources))
        return err_set(err, ERR_FORBIDDEN, "secret %.200s: a %.*s reference may not be used here", reference, (int)strlen(kind->prefix) - 1,
                       kind->prefix);
    if (++o->opened > LIMIT_SECRETS_PER_VALUE)
        return err_set(err, ERR_LIMIT, "more than %d secrets in one value", LIMIT_SECRETS_PER_VALUE);
    if (kind->open(o, reference, reference + strlen(kind->prefix), out, err) < 0)
        return -1;
    if (kind->open != open_template)
        redactor_add(o->use->redactor, out->bytes, out->len);
    return 0;
}

/* ---- templates: the parts are opened into locked memory first, so that the clear text never passes through a growing buffer ---- */

struct template
{
    struct secret parts[TEMPLATE_PARTS]; /* opened references in order */
    size_t count;
};

static void template_fini(struct template *t)
{
    for (size_t i = 0; i < t->count; i++)
        secret_fini(&t->parts[i]);
}

/* Walks the text; `out` NULL: opens the references and measures; else writes. Returns the length, or -1. */
static ssize_t template_walk(struct opener *o, struct template *t, const char *text, char *out, struct err *err)
{
    size_t len = 0, part = 0;

    while (*text) {
        const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

        if (!end && text[0] == '$' && text[1] != '$')
            return err_set(err, ERR_BAD_VALUE, "a secret template with a $ that is neither $$ nor ${reference}");
        if (!end) {
            if (out)
                out[len] = *text;
            len++;
            text += text[0] == '$' && text[1] == '$' ? 2 : 1;
            continue;
        }
        if (!out) {
            CLEANUP(free_ptr) char *reference = mem_strndup(text + 2, (size_t)(end - text) - 2);

            if (t->count == TEMPLATE_PARTS)
                return err_set(err, ERR_LIMIT, "a template with more than %d secrets", TEMPLATE_PARTS);
            if (open_reference(o, reference, &t->parts[t->count], err) < 0)
                return -1;
            t->count++;
        } else if (t->parts[part].len) {
            memcpy(out + len, t->parts[part].bytes, t->parts[part].len);
        }
        len += t->parts[part++].len;
        text = end + 1;
    }
    return (ssize_t)len;
}

static int open_template(struct opener *o, const char *reference, const char *rest, struct secret *out, struct err *err)
{
    CLEANUP(secret_fini) struct secret text = {0};
    CLEANUP(template_fini) struct template parts = {.count = 0};
    ssize_t len;

    (void)reference;
    if (strlen(rest) > 2 * LIMIT_EXPANDED_BYTES)
        return err_set(err, ERR_LIMIT, "a template of more than %u bytes", 2 * LIMIT_EXPANDED_BYTES);
    if (o->in_template)
        return err_set(err, ERR_BAD_VALUE, "a secret template inside a secret template");
    o->in_template = true;
    len = template_walk(o, &parts, rest, NULL, err);
    o->in_template = false;
    if (len < 0)
        return -1;
    secret_set(&text, NULL, (size_t)len);
    template_walk(o, &parts, rest, text.bytes, err);
    secret_fini(out);
    *out = text;
    text = (struct secret){0};
    return 0;
}

int secret_open(const struct secret_box *box, const struct secret_use *use, const char *reference, struct secret *out, struct err *err)
{
    struct opener o = {.box = box, .use = use, .sources = use->sources};

    return open_reference(&o, reference, out, err);
}

/* ---- values ---- */

static int open_text(struct opener *o, const char *reference, json_t **out, struct err *err)
{
    CLEANUP(secret_fini) struct secret clear = {0};

    if (open_reference(o, reference, &clear, err) < 0)
        return -1;
    if (!str_is_utf8(clear.bytes, clear.len))
        return err_set(err, ERR_ENCODING, "secret %.200s: not UTF-8 text; it cannot stand in JSON", reference);
    *out = json_stringn(clear.bytes, clear.len);
    return 0;
}

bool secret_is_outside(const char *text)
{
    if (str_starts(text, "env:"))
        return secret_is_env_name(text + strlen("env:"));
    if (str_starts(text, "file:"))
        return text[5] == '/' && text[6] != '/';
    return str_starts(text, "vault:") && strchr(text, '#') && text[6] != '/';
}

static int copy_value(struct opener *o, const json_t *value, int depth, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *copy = NULL;
    const char *reference = json_secret_ref(value), *key;
    json_t *member, *opened;
    size_t i;

    if (depth > VALUE_DEPTH)
        return err_set(err, ERR_LIMIT, "a value nested deeper than %d levels", VALUE_DEPTH);
    if (!reference && o->config && json_is_string(value) && secret_is_outside(json_string_value(value)))
        reference = json_string_value(value);
    if (reference)
        return open_text(o, reference, out, err);
    if (json_is_object(value)) {
        copy = json_object();
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            if (copy_value(o, member, depth + 1, &opened, err) < 0)
                return -1;
            json_object_set_new_nocheck(copy, key, opened);
        }
    } else if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach((json_t *)(uintptr_t)value, i, member)
        {
            if (copy_value(o, member, depth + 1, &opened, err) < 0)
                return -1;
            json_array_append_new(copy, opened);
        }
    } else {
        copy = json_deep_copy(value); /* counted values are not shared between threads */
    }
    *out = take_ptr(copy);
    return 0;
}

int secret_open_value(const struct secret_box *box, const struct secret_use *use, const json_t *value, json_t **out, struct err *err)
{
    struct opener o = {.box = box, .use = use, .sources = use->sources};

    return copy_value(&o, value, 0, out, err);
}

int secret_resolve_config(const struct secret_box *box, const struct secret_use *use, const json_t *config, json_t **out, struct err *err)
{
    struct opener o = {.box = box, .use = use, .sources = SECRET_ADMIN, .config = true};

    return copy_value(&o, config, 0, out, err);
}
