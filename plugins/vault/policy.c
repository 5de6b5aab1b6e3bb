/* vault-policy {secrets, rules} -> name: what a token may do. Paths of `secrets` lie below the application's own secrets; `rules` may name
 * other paths, but only those that the admin lists. The text is rendered here, so nothing of a Score file is ever HCL. Slot's thread. */
#include "names.h"
#include "vault.h"
#include <stdio.h>
#include <string.h>

#define MAX_RULES 64

struct text {
    char *bytes;
    size_t len, cap;
    bool failed;
};

static void text_fini(struct text *t) { free(t->bytes); }

static void add(struct text *t, const char *more)
{
    size_t len = strlen(more);

    if (t->failed)
        return;
    if (t->len + len + 1 > t->cap) {
        size_t cap = 2 * (t->len + len + 1);
        char *larger = realloc(t->bytes, cap);

        if (!larger) {
            t->failed = true;
            return;
        }
        t->bytes = larger;
        t->cap = cap;
    }
    memcpy(t->bytes + t->len, more, len + 1);
    t->len += len;
}

/* Letters of paths that mean nothing to HCL, and the star and plus that Vault's globs know. */
static bool is_path(const char *path)
{
    size_t len = path ? strlen(path) : 0;

    return len >= 1 && len <= 300 && strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/*+@") == len &&
           path[0] != '/' && !strstr(path, "..") && !strstr(path, "//");
}

static inno_rc take_capabilities(struct vault_work *work, const json_t *rule, const char *fallback, struct text *out)
{
    static const char *const known[] = {"create", "read", "update", "patch", "delete", "list", "recover", "subscribe", "deny"};
    const json_t *list = json_object_get(rule, "capabilities"), *item;
    size_t i;

    if (!list && fallback) {
        add(out, fallback);
        return INNO_OK;
    }
    if (!json_is_array(list) || json_array_size(list) == 0)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "a rule in params needs capabilities, a list such as [read, list]");
    json_array_foreach(list, i, item)
    {
        const char *word = json_string_value(item);
        size_t k = 0;

        while (k < sizeof known / sizeof *known && (!word || strcmp(known[k], word) != 0))
            k++;
        if (k == sizeof known / sizeof *known)
            return VAULT_FAIL(work, INNO_INVALID_RESOURCE,
                              "capability \"%.40s\" is none of create, read, update, patch, delete, list, deny (sudo is not given)",
                              word ? word : "(no text)");
        add(out, i ? ", \"" : "\"");
        add(out, word);
        add(out, "\"");
    }
    return INNO_OK;
}

static void add_rule(struct text *out, const char *before, const char *path, const char *capabilities)
{
    add(out, "path \"");
    add(out, before);
    add(out, path);
    add(out, "\" {\n  capabilities = [");
    add(out, capabilities);
    add(out, "]\n}\n");
}

/* A rule of `secrets`: a path below the application's folder, for data and metadata. */
static inno_rc add_secrets(struct vault_work *work, const json_t *rule, struct text *out)
{
    CLEANUP(text_fini) struct text words = {0};
    const char *path = json_is_string(rule) ? json_string_value(rule) : json_string_value(json_object_get(rule, "path"));
    char folder[2 * VAULT_NAME_BYTES];
    const char *end = strrchr(work->path, '/');
    inno_rc rc;

    if (!is_path(path))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE,
                          "params.secrets: a path must be one below the application's secrets, such as db or *");
    if ((rc = take_capabilities(work, rule, "\"read\", \"list\"", &words)) != INNO_OK)
        return rc;
    if (words.failed)
        return VAULT_NO_MEMORY(work);
    snprintf(folder, sizeof folder, "%s/data/%.*s/", work->self->mount, (int)(end - work->path), work->path);
    add_rule(out, folder, path, words.bytes);
    snprintf(folder, sizeof folder, "%s/metadata/%.*s/", work->self->mount, (int)(end - work->path), work->path);
    add_rule(out, folder, path, words.bytes);
    return INNO_OK;
}

static inno_rc add_other(struct vault_work *work, const json_t *rule, struct text *out)
{
    CLEANUP(text_fini) struct text words = {0};
    const char *path = json_string_value(json_object_get(rule, "path"));
    inno_rc rc;

    if (!is_path(path))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.rules: a rule needs a path of letters, digits and _.-/*+@");
    if (strchr(path, '+') || strchr(path, '*') ? !roles_listed(work, "policyGlobs", path) : !roles_listed(work, "policyPaths", path))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE,
                          "params.rules: the path %s is not listed as `%s` in the entry's config; the admin decides what lies outside of "
                          "the application's own secrets",
                          path, strchr(path, '+') || strchr(path, '*') ? "policyGlobs" : "policyPaths");
    if ((rc = take_capabilities(work, rule, NULL, &words)) != INNO_OK)
        return rc;
    if (words.failed)
        return VAULT_NO_MEMORY(work);
    add_rule(out, "", path, words.bytes);
    return INNO_OK;
}

static inno_rc add_list(struct vault_work *work, const char *name, struct text *out,
                        inno_rc (*add_one)(struct vault_work *work, const json_t *rule, struct text *out))
{
    const json_t *list = json_object_get(work->params, name), *rule;
    inno_rc rc = INNO_OK;
    size_t i;

    if (list && (!json_is_array(list) || json_array_size(list) > MAX_RULES))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%s must be a list of at most %d rules", name, MAX_RULES);
    json_array_foreach(list, i, rule) if (rc == INNO_OK) rc = add_one(work, rule, out);
    return rc;
}

static inno_rc describe(struct vault_work *work, json_t **out)
{
    static const char *const known[] = {"secrets", "rules", NULL};
    CLEANUP(text_fini) struct text text = {0};
    CLEANUP(json_put) json_t *all = json_string("*");
    inno_rc rc = params_check(work, known);

    add(&text, "# made by innominatus; changes by hand are undone\n");
    if (rc == INNO_OK && !json_object_get(work->params, "secrets") && !json_object_get(work->params, "rules"))
        rc = add_secrets(work, all, &text);
    if (rc == INNO_OK)
        rc = add_list(work, "secrets", &text, add_secrets);
    if (rc == INNO_OK)
        rc = add_list(work, "rules", &text, add_other);
    if (rc != INNO_OK)
        return rc;
    *out = text.failed ? NULL : json_pack("{s:s}", "policy", text.bytes);
    return *out ? INNO_OK : VAULT_NO_MEMORY(work);
}

static char *path_of(const struct vault_work *work) { return rest_path("/v1/sys/policies/acl/{}", work->name); }

static const struct document kind = {"policy", describe, path_of, NULL, NULL, NULL};

static inno_rc hints(struct vault_work *work)
{
    char text[VAULT_NAME_BYTES + 40];

    snprintf(text, sizeof text, "vault policy read %s", work->name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "read it", text);
    return INNO_OK;
}

const struct vault_type vault_policy = {"vault-policy", document_provision, document_deprovision, document_status, hints, document_plan,
                                        &kind};
