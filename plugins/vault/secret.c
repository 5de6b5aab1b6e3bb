/* secret {keys, length} and vault-secret {data, keys, length}: one path of the key-value engine. What `data` says is kept so, what `keys`
 * names is made once and stays; a value that somebody changed by hand is put back from the version that was ours. Slot's thread. */
#include "random_text.h"
#include "vault.h"
#include <stdio.h>
#include <string.h>

#define MIN_LENGTH     8
#define MAX_LENGTH     1024
#define DEFAULT_LENGTH 32
#define MAX_KEYS       64

static bool is_key(const char *key)
{
    size_t len = key ? strlen(key) : 0;

    return len >= 1 && len <= 63 && strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == len;
}

struct wanted {
    json_t *data; /* borrowed, may be NULL */
    const char *keys[MAX_KEYS];
    size_t count, length;
    bool plain; /* vault-secret: path, mount and reference are outputs too */
};

/* ---- params ---- */

static inno_rc add_key(struct vault_work *work, struct wanted *out, const char *key)
{
    if (!is_key(key))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "a key in params must have 1 to 63 of letters, digits, '_', '.', '-'");
    if (out->plain && (strcmp(key, "path") == 0 || strcmp(key, "mount") == 0 || strcmp(key, "reference") == 0))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "the key \"%s\" is taken: the resource has an output of that name", key);
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->keys[i], key) == 0)
            return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params names the key \"%s\" twice", key);
    if (out->count == MAX_KEYS || json_object_size(out->data) > MAX_KEYS)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params has more than %d keys", MAX_KEYS);
    out->keys[out->count++] = key;
    return INNO_OK;
}

static inno_rc take_keys(struct vault_work *work, struct wanted *out)
{
    const json_t *keys = json_object_get(work->params, "keys"), *item;
    inno_rc rc = INNO_OK;
    const char *key;
    json_t *value;
    size_t i;

    if ((keys && !json_is_array(keys)) || (out->data && !json_is_object(out->data)))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.keys must be a list of names, params.data a map");
    if (keys && json_array_size(keys) == 0)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.keys is empty; leave it out or name a key");
    if (!keys && !out->data)
        return add_key(work, out, "password");
    json_array_foreach(keys, i, item) if (rc == INNO_OK) rc = add_key(work, out, json_string_value(item));
    json_object_foreach(out->data, key, value)
    {
        for (i = 0; rc == INNO_OK && i < out->count; i++)
            if (strcmp(out->keys[i], key) == 0)
                rc = VAULT_FAIL(work, INNO_INVALID_RESOURCE, "the key \"%s\" is in params.data and in params.keys", key);
        if (rc == INNO_OK && !is_key(key))
            rc = VAULT_FAIL(work, INNO_INVALID_RESOURCE, "a key in params.data must have 1 to 63 of letters, digits, '_', '.', '-'");
    }
    if (rc == INNO_OK && out->count == 0 && json_object_size(out->data) == 0)
        rc = VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params names no key");
    return rc;
}

static inno_rc take_params(struct vault_work *work, struct wanted *out)
{
    static const char *const of_secret[] = {"keys", "length", NULL}, *const of_vault[] = {"keys", "length", "data", NULL};
    const json_t *length = json_object_get(work->params, "length");
    bool plain = strcmp(work->res->type, "vault-secret") == 0;
    inno_rc rc = params_check(work, plain ? of_vault : of_secret);

    *out = (struct wanted){.plain = plain, .length = DEFAULT_LENGTH, .data = json_object_get(work->params, "data")};
    if (rc != INNO_OK)
        return rc;
    if (length && (!json_is_integer(length) || json_integer_value(length) < MIN_LENGTH || json_integer_value(length) > MAX_LENGTH))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.length must be %d to %d", MIN_LENGTH, MAX_LENGTH);
    if (length)
        out->length = (size_t)json_integer_value(length);
    return take_keys(work, out);
}

/* ---- what is there ---- */

/* The current version, and in *ours the data of the version that this resource wrote last (NULL: unknown, or the current one). */
static inno_rc look(struct vault_work *work, struct kv_secret *current, json_t **ours)
{
    int64_t version = json_integer_value(json_object_get(work->state, "version"));
    inno_rc rc = kv_read(work, work->path, current);

    *ours = NULL;
    if (rc != INNO_OK || !version || version == current->version)
        return rc;
    return kv_read_version(work, work->path, version, ours);
}

static bool is_foreign(const struct vault_work *work, const struct kv_secret *current)
{
    return current->exists && strncmp(current->owner, work->res->uid, sizeof current->owner - 50) != 0 &&
           (current->owner[0] || current->version > 0);
}

static json_t *kept(const struct kv_secret *current, const json_t *ours, const char *key)
{
    json_t *value = json_object_get(ours, key);

    return value ? value : json_object_get(current->data, key);
}

/* The data as it shall be; new reference, NULL when out of memory. */
static json_t *fill(const struct wanted *wanted, const struct kv_secret *current, const json_t *ours)
{
    CLEANUP(json_put) json_t *data = wanted->data ? json_copy(wanted->data) : json_object();
    char text[MAX_LENGTH + 1];

    for (size_t i = 0; data && i < wanted->count; i++) {
        json_t *value = kept(current, ours, wanted->keys[i]);

        if (!value && random_text(text, wanted->length) != 0)
            return NULL;
        if (json_object_set_new(data, wanted->keys[i], value ? json_incref(value) : json_string(text)) != 0)
            return NULL;
    }
    explicit_bzero(text, sizeof text);
    return json_incref(data);
}

/* ---- slots ---- */

static inno_rc say_outputs(struct vault_work *work, const struct wanted *wanted, const json_t *data)
{
    char reference[2 * VAULT_NAME_BYTES];
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)data, key, value)
    {
        CLEANUP(wipe_text) char *text = json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY);

        if (!text)
            return VAULT_NO_MEMORY(work);
        work->host->secret_output(work->call, key, text);
    }
    if (wanted->plain) {
        snprintf(reference, sizeof reference, "vault:%s/%s", work->self->mount, work->path);
        work->host->output(work->call, "reference", reference);
        work->host->output(work->call, "mount", work->self->mount);
        work->host->output(work->call, "path", work->path);
    }
    return INNO_OK;
}

static inno_rc provision(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret current = {0};
    CLEANUP(json_put) json_t *ours = NULL, *data = NULL;
    struct wanted wanted;
    int64_t version = 0;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = look(work, &current, &ours);
    if (rc != INNO_OK)
        return rc;
    if (is_foreign(work, &current))
        return VAULT_FAIL(work, INNO_ALREADY_EXISTS,
                          "%s/%s is there already and belongs to %s; remove it, or give the resource another name", work->self->mount,
                          work->path, current.owner[0] ? current.owner : "somebody else");
    if (!current.owner[0] && (rc = kv_claim(work, work->path)) != INNO_OK)
        return rc;
    if (!(data = fill(&wanted, &current, ours)))
        return VAULT_NO_MEMORY(work);
    version = current.version;
    if (!json_equal(data, current.data)) {
        if ((rc = kv_write(work, work->path, data, current.version, &version)) != INNO_OK)
            return rc;
        work->host->log(work->call, INNO_LOG_INFO, "wrote version %lld of %s/%s", (long long)version, work->self->mount, work->path);
    }
    rc = tell_state(work->host, work->call,
                    json_pack("{s:s,s:s,s:I}", "path", work->path, "name", work->name, "version", (json_int_t)version));
    return rc == INNO_OK ? say_outputs(work, &wanted, data) : rc;
}

static inno_rc deprovision(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret current = {0};
    inno_rc rc = kv_read(work, work->path, &current);

    if (rc != INNO_OK || !current.exists)
        return rc;
    if (is_foreign(work, &current)) {
        work->host->log(work->call, INNO_LOG_WARN, "%s/%s belongs to %s and stays", work->self->mount, work->path,
                        current.owner[0] ? current.owner : "somebody else");
        return INNO_OK;
    }
    return kv_delete(work, work->path);
}

/* What is wrong with what is there; false when nothing is. */
static bool find_defect(struct vault_work *work, const struct wanted *wanted, const struct kv_secret *current, char *text, size_t cap)
{
    int64_t version = json_integer_value(json_object_get(work->state, "version"));
    const char *key;
    json_t *value;

    if (is_foreign(work, current))
        return snprintf(text, cap, "the path belongs to %.100s", current->owner[0] ? current->owner : "somebody else") > 0;
    if (!current->data)
        return snprintf(text, cap, "its version %lld was deleted by hand", (long long)current->version) > 0;
    for (size_t i = 0; i < wanted->count; i++)
        if (!json_object_get(current->data, wanted->keys[i]))
            return snprintf(text, cap, "the key %s is missing", wanted->keys[i]) > 0;
    json_object_foreach(wanted->data, key, value) if (!json_equal(value, json_object_get(current->data, key))) return snprintf(
        text, cap, "the key %s was changed by hand", key) > 0;
    if (version && version != current->version)
        return snprintf(text, cap, "it was changed by hand: version %lld is there, %lld was ours", (long long)current->version,
                        (long long)version) > 0;
    return false;
}

static inno_rc status(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret current = {0};
    struct wanted wanted;
    char text[300];
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = kv_read(work, work->path, &current);
    if (rc != INNO_OK)
        return rc;
    if (!current.exists || (!current.version && !current.data)) {
        work->host->status(work->call, INNO_STATE_TERMINATED, "the secret is not there");
        return INNO_OK;
    }
    if (find_defect(work, &wanted, &current, text, sizeof text))
        work->host->status(work->call, INNO_STATE_DEGRADED, text);
    else
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc hints(struct vault_work *work)
{
    char text[2 * VAULT_NAME_BYTES];

    snprintf(text, sizeof text, "vault kv get -mount=%s %s", work->self->mount, work->path);
    work->host->hint(work->call, INNO_HINT_COMMAND, "read it", text);
    snprintf(text, sizeof text, "%s/ui/vault/secrets/%s/show/%s", rest_url(work->self->rest), work->self->mount, work->path);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "in Vault", text);
    return INNO_OK;
}

/* Values never show: a key is made, changed or removed. */
static inno_rc plan(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret current = {0};
    CLEANUP(json_put) json_t *ours = NULL, *data = NULL;
    json_t *changes, *value;
    struct wanted wanted;
    const char *key;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = look(work, &current, &ours);
    if (rc != INNO_OK)
        return rc;
    changes = json_array();
    data = fill(&wanted, &current, ours);
    json_object_foreach(data, key, value)
    {
        const json_t *now = json_object_get(current.data, key);

        if (!json_equal(now, value))
            json_array_append_new(changes,
                                  json_pack("{s:s+,s:s?,s:s}", "path", "data.", key, "from", now ? "(secret)" : NULL, "to", "(secret)"));
    }
    json_object_foreach(current.data, key, value) if (!json_object_get(data, key))
        json_array_append_new(changes, json_pack("{s:s+,s:s,s:n}", "path", "data.", key, "from", "(secret)", "to"));
    return tell_changes(work->host, work->call, changes);
}

const struct vault_type vault_secret = {"secret", provision, deprovision, status, hints, plan, NULL};
const struct vault_type vault_kv_secret = {"vault-secret", provision, deprovision, status, hints, plan, NULL};
