/* Owns the reading of vault: references: which engine a path belongs to, and the value of a key. Called from whoever loads a configuration;
 * one lock a client, held for one reference. */
#include "secret/vault.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/vault_priv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- life ---- */

struct secret_vault *secret_vault_new(struct net *net)
{
    struct secret_vault *v = mem_zalloc(sizeof *v);
    pthread_condattr_t attributes;

    v->net = net;
    v->renew_at_us = VAULT_NEVER;
    pthread_mutex_init(&v->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&v->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return v;
}

void secret_vault_free(struct secret_vault *v)
{
    if (!v)
        return;
    pthread_mutex_lock(&v->lock);
    v->stopping = true;
    pthread_cond_signal(&v->changed);
    pthread_mutex_unlock(&v->lock);
    if (v->has_keeper)
        pthread_join(v->keeper, NULL);
    vault_leases_revoke(v);
    vault_log_out(v);
    json_put(&v->settings);
    pthread_cond_destroy(&v->changed);
    pthread_mutex_destroy(&v->lock);
    free(v);
}

void secret_vault_configure(struct secret_vault *v, const json_t *settings)
{
    pthread_mutex_lock(&v->lock);
    if (!v->settings != !settings || (settings && !json_equal(v->settings, settings))) {
        vault_log_out(v);
        json_put(&v->settings);
        v->settings = settings ? json_deep_copy(settings) : NULL;
    }
    pthread_mutex_unlock(&v->lock);
}

/* ---- paths ---- */

/* The mount ends with a slash, as Vault writes it. */
static char *below_data(const char *escaped, const char *mount)
{
    CLEANUP(free_ptr) char *bare = mem_strndup(mount, strlen(mount) - 1), *before = vault_escape(bare);
    size_t len = before ? strlen(before) : 0;

    return mem_printf("%.*s/data%s", (int)len, escaped, escaped + len);
}

/* What to ask for `path`: behind "data/" of its mount when that is a key-value engine of version 2. *out: free it. A token that may not ask
 * for the mount reads the path as it is. */
static int resolve(struct secret_vault *v, const char *path, char **out, bool *out_versioned, struct err *err)
{
    CLEANUP(free_ptr) char *escaped = vault_escape(path), *question = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *data;
    const char *mount;
    struct err why = {0};
    int status = 0;

    if (!escaped)
        return err_set(err, ERR_BAD_VALUE, "vault:%.200s: an empty part, \".\" or \"..\" in the path", path);
    question = mem_printf("sys/internal/ui/mounts/%s", escaped);
    if (vault_ask(v, &(struct vault_question){.path = question}, &status, &answer, &why) < 0 && why.code != ERR_UNAUTHORIZED) {
        *err = why;
        return -1;
    }
    data = json_object_get(answer, "data");
    mount = json_str(data, "path");
    *out_versioned = mount && str_starts(path, mount) && str_eq(json_str(json_object_get(data, "options"), "version"), "2");
    *out = *out_versioned ? below_data(escaped, mount) : take_ptr(escaped);
    return 0;
}

/* ---- values ---- */

/* Names of keys are no secret, and help. */
static int no_key(const char *path, const char *key, const json_t *values, struct err *err)
{
    char names[200] = "";
    const char *name;
    json_t *value;
    size_t used = 0;

    json_object_foreach((json_t *)(uintptr_t)values, name, value)
    {
        if (used + strlen(name) + 3 > sizeof names)
            break;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", name);
    }
    return err_set(err, ERR_NOT_FOUND, "vault:%.200s has no key \"%.80s\"; it has: %s", path, key, used ? names : "nothing");
}

static int take_value(const char *path, const char *key, const json_t *values, struct secret *out, struct err *err)
{
    const json_t *value = json_object_get(values, key);
    const char *text = json_string_value(value);
    CLEANUP(free_ptr) char *other = NULL;
    size_t len;

    if (!value || json_is_null(value))
        return no_key(path, key, values, err);
    if (!text)
        text = other = json_text(value);
    len = other ? strlen(other) : json_string_length(value);
    if (len > LIMIT_SECRET_BYTES)
        return err_set(err, ERR_TOO_LARGE, "vault:%.200s#%.80s: longer than %u bytes", path, key, LIMIT_SECRET_BYTES);
    secret_set(out, text, len);
    if (other)
        secret_wipe(other, strlen(other));
    return 0;
}

static int take_leased(const struct vault_lease *lease, const char *key, struct secret *out, struct err *err)
{
    CLEANUP(json_put) json_t *values = NULL;

    if (json_parse(lease->data.bytes, lease->data.len, "lease", LIMIT_HTTP_CLIENT_BYTES, &values, err) < 0)
        return -1;
    return take_value(lease->path, key, values, out, err);
}

static int read_path(struct secret_vault *v, const char *path, const char *key, struct secret *out, struct err *err)
{
    CLEANUP(free_ptr) char *question = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    struct vault_lease *lease = vault_lease_find(v, path);
    const json_t *values;
    const char *lease_id;
    bool versioned;
    int status;

    if (lease)
        return take_leased(lease, key, out, err);
    if (resolve(v, path, &question, &versioned, err) < 0 ||
        vault_ask(v, &(struct vault_question){.path = question}, &status, &answer, err) < 0)
        return err_wrap(err, "vault:%.200s", path);
    values = json_object_get(answer, "data");
    if (versioned)
        values = json_object_get(values, "data");
    if (status != 200 || !json_is_object(values))
        return err_set(err, ERR_NOT_FOUND, "vault:%.200s: there is no such secret, or its current version is deleted (%d)", path, status);
    lease_id = json_str(answer, "lease_id");
    if (lease_id && *lease_id)
        return take_leased(vault_lease_keep(v, path, answer), key, out, err);
    return take_value(path, key, values, out, err);
}

int secret_vault_read(struct secret_vault *v, const char *reference, struct secret *out, struct err *err)
{
    const char *hash = strrchr(reference, '#');
    CLEANUP(free_ptr) char *path = NULL;
    int rc;

    if (!hash || hash == reference || !hash[1])
        return err_set(err, ERR_BAD_VALUE, "vault:%.200s: not of the form vault:path#key", reference);
    path = mem_strndup(reference, (size_t)(hash - reference));
    pthread_mutex_lock(&v->lock);
    rc = read_path(v, path, hash + 1, out, err);
    pthread_mutex_unlock(&v->lock);
    return rc;
}
