/* secret {keys, length} -> one secret output a key: random texts, made once and kept in a file of mode 0600 below the data directory.
 * What is there stays: only missing keys are made. */
#include "local.h"
#include "random_text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_KEYS       32
#define MIN_LENGTH     8
#define MAX_LENGTH     1024
#define DEFAULT_LENGTH 32

struct wanted {
    const char *keys[MAX_KEYS];
    size_t count;
    size_t length;
};

static bool is_key(const char *key)
{
    size_t len = key ? strlen(key) : 0;

    return len >= 1 && len <= 63 && strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == len;
}

static inno_rc take_keys(struct local_work *work, struct wanted *out)
{
    const json_t *keys = json_object_get(work->params, "keys");

    if (!keys) {
        out->keys[out->count++] = "password";
        return INNO_OK;
    }
    if (!json_is_array(keys) || json_array_size(keys) == 0 || json_array_size(keys) > MAX_KEYS)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.keys must be a list of 1 to %d names", MAX_KEYS);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));

        if (!is_key(key))
            return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1,
                                    "params.keys.%zu must have 1 to 63 of letters, digits, '_', '.', '-'", i);
        for (size_t k = 0; k < out->count; k++)
            if (strcmp(out->keys[k], key) == 0)
                return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.keys names \"%s\" twice", key);
        out->keys[out->count++] = key;
    }
    return INNO_OK;
}

static inno_rc take_params(struct local_work *work, struct wanted *out)
{
    static const char *const known[] = {"keys", "length", NULL};
    const json_t *length = json_object_get(work->params, "length");
    inno_rc rc = local_check_params(work, known);

    *out = (struct wanted){.length = DEFAULT_LENGTH};
    if (rc != INNO_OK)
        return rc;
    if (length && (!json_is_integer(length) || json_integer_value(length) < MIN_LENGTH || json_integer_value(length) > MAX_LENGTH))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.length must be %d to %d", MIN_LENGTH, MAX_LENGTH);
    if (length)
        out->length = (size_t)json_integer_value(length);
    return take_keys(work, out);
}

static void secret_path(const struct local_work *work, char out[LOCAL_PATH_BYTES + 16])
{
    snprintf(out, LOCAL_PATH_BYTES + 16, "%s/secret.json", work->path);
}

/* The keys as they shall be: those in `stored` stay, missing ones are made, others go. *out: new reference; *changed: it differs from what
 * is stored. */
static int fill(const struct wanted *wanted, const json_t *stored, json_t **out, bool *changed)
{
    CLEANUP(json_put) json_t *keys = json_object();
    char text[MAX_LENGTH + 1];

    *changed = json_object_size(stored) != wanted->count;
    for (size_t i = 0; i < wanted->count; i++) {
        json_t *there = json_object_get(stored, wanted->keys[i]);
        int rc = 0;

        if (json_is_string(there)) {
            rc = json_object_set(keys, wanted->keys[i], there) == 0 ? 0 : ENOMEM;
        } else {
            *changed = true;
            rc = random_text(text, wanted->length);
            if (rc == 0 && json_object_set_new(keys, wanted->keys[i], json_string(text)) != 0)
                rc = ENOMEM;
            explicit_bzero(text, sizeof text);
        }
        if (rc != 0)
            return rc;
    }
    *out = json_incref(keys);
    return 0;
}

/* What is wanted, and what is there: *stored stays NULL when nothing is. */
static inno_rc take(struct local_work *work, struct wanted *wanted, char path[static LOCAL_PATH_BYTES + 16], json_t **stored)
{
    inno_rc rc = take_params(work, wanted);
    int number;

    if (rc != INNO_OK)
        return rc;
    secret_path(work, path);
    number = files_read_json(path, stored);
    if (number == EINVAL || number == ELOOP)
        return work->host->fail(work->call, INNO_FAILED, -1, "%s is damaged; put it back from a backup, or remove it to make new secrets",
                                path);
    return number == 0 || number == ENOENT || number == ENOTDIR ? INNO_OK : files_fail(work->host, work->call, number, "reading", path);
}

static inno_rc provision(struct local_work *work)
{
    CLEANUP(json_put) json_t *stored = NULL, *keys = NULL;
    char path[LOCAL_PATH_BYTES + 16];
    struct wanted wanted;
    bool changed = false;
    inno_rc rc = take(work, &wanted, path, &stored);
    int number;

    if (rc != INNO_OK)
        return rc;
    number = fill(&wanted, stored, &keys, &changed);
    if (number == 0)
        number = files_mkdirs(work->path);
    if (number == 0 && changed)
        number = files_write_json(path, keys);
    if (number == 0 && chmod(path, 0600) != 0)
        number = errno;
    if (number != 0)
        return files_fail(work->host, work->call, number, "writing", path);
    for (size_t i = 0; i < wanted.count; i++)
        work->host->secret_output(work->call, wanted.keys[i], json_string_value(json_object_get(keys, wanted.keys[i])));
    return INNO_OK;
}

static inno_rc status(struct local_work *work)
{
    CLEANUP(json_put) json_t *stored = NULL;
    char path[LOCAL_PATH_BYTES + 16], text[160];
    struct wanted wanted;
    struct stat st;
    inno_rc rc = take_params(work, &wanted);
    int number;

    if (rc != INNO_OK)
        return rc;
    secret_path(work, path);
    number = files_read_json(path, &stored);
    if (number == ENOENT) {
        work->host->status(work->call, INNO_STATE_TERMINATED, "the secrets are not there");
        return INNO_OK;
    }
    if (number != 0) {
        work->host->status(work->call, INNO_STATE_FAILED, "the file with the secrets is damaged");
        return INNO_OK;
    }
    for (size_t i = 0; i < wanted.count; i++)
        if (!json_is_string(json_object_get(stored, wanted.keys[i]))) {
            snprintf(text, sizeof text, "the key %s is missing", wanted.keys[i]);
            work->host->status(work->call, INNO_STATE_DEGRADED, text);
            return INNO_OK;
        }
    if (stat(path, &st) != 0 || (st.st_mode & 077) != 0)
        work->host->status(work->call, INNO_STATE_DEGRADED, "others may read the file with the secrets");
    else
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static bool is_wanted(const struct wanted *wanted, const char *key)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (strcmp(wanted->keys[i], key) == 0)
            return true;
    return false;
}

/* Values never show. */
static inno_rc plan(struct local_work *work)
{
    CLEANUP(json_put) json_t *stored = NULL, *told = json_string("(secret)");
    json_t *changes, *value;
    char path[LOCAL_PATH_BYTES + 16];
    struct wanted wanted;
    const char *key;
    bool good = true;
    inno_rc rc = take(work, &wanted, path, &stored);

    if (rc != INNO_OK)
        return rc;
    changes = json_array();
    for (size_t i = 0; i < wanted.count; i++)
        if (!json_is_string(json_object_get(stored, wanted.keys[i])))
            good = good && tell_add(changes, wanted.keys[i], NULL, told);
    json_object_foreach(stored, key, value) if (!is_wanted(&wanted, key)) good = good && tell_add(changes, key, told, NULL);
    if (!good)
        json_put(&changes);
    return tell_changes(work->host, work->call, changes);
}

static inno_rc hints(struct local_work *work)
{
    char command[200];

    snprintf(command, sizeof command, "innominatus resource show %.100s", work->res->id[0] ? work->res->id : work->res->name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "see its keys", command);
    return INNO_OK;
}

const struct local_type local_secret = {"secret", "secrets", provision, local_record_remove, status, hints, plan};
