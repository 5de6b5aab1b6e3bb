/* Steps of type vault-setup: mounts, auth methods, policies and database connections that the platform wants to be there. What is there
 * already and fits stays; what is there and is something else is an error, never replaced. Slot's thread. config: {namespaces: [NAME],
 * mounts: [{path, type, version, options, description}], auth: [{path, type, description, config}], policies: [{name, policy}], databases:
 * [{mount, name, config}]} */
#include "vault.h"
#include <stdio.h>
#include <string.h>

struct setup {
    struct vault_work *work;
    json_t *made; /* texts */
};

static const char *text_at(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : fallback;
}

static inno_rc note(struct setup *s, const char *what, const char *name)
{
    char text[VAULT_NAME_BYTES];

    snprintf(text, sizeof text, "%s %s", what, name);
    s->work->host->log(s->work->call, INNO_LOG_INFO, "made %s", text);
    return json_array_append_new(s->made, json_string(text)) == 0 ? INNO_OK : VAULT_NO_MEMORY(s->work);
}

/* ---- engines and auth methods: `table` is sys/mounts or sys/auth ---- */

static inno_rc enable(struct setup *s, const char *table, const json_t *item, json_t *body, const char *what)
{
    const char *type = text_at(item, "type", ""), *path = text_at(item, "path", type), *there;
    CLEANUP(json_put) json_t *owned = body, *mounted = NULL;
    char slashed[VAULT_NAME_BYTES];
    const char *kind, *is;
    inno_rc rc;

    if (!owned)
        return VAULT_NO_MEMORY(s->work);
    if (!type[0] || strlen(path) + 2 > sizeof slashed)
        return VAULT_FAIL(s->work, INNO_INVALID_RESOURCE, "config: every %s needs a type", what);
    snprintf(slashed, sizeof slashed, "%s/", path);
    if ((rc = api_read(s->work, rest_path("/v1/{+}", table), &mounted)) != INNO_OK)
        return rc;
    there = text_at(json_object_get(mounted, slashed), "type", "");
    if (!there[0]) {
        rc = api_write(s->work, "POST", rest_path("/v1/{+}/{+}", table, path), body, true, NULL);
        return rc == INNO_OK ? note(s, what, path) : rc;
    }
    if (strcmp(there, type) != 0)
        return VAULT_FAIL(s->work, INNO_ALREADY_EXISTS, "%s/ has a %s of type %s already, not %s; choose another path", path, what, there,
                          type);
    kind = text_at(json_object_get(body, "options"), "version", "");
    is = text_at(json_object_get(json_object_get(mounted, slashed), "options"), "version", "1");
    if (kind[0] && strcmp(kind, is) != 0)
        return VAULT_FAIL(s->work, INNO_ALREADY_EXISTS, "%s/ is version %s of its engine, not %s; choose another path", path, is, kind);
    return INNO_OK;
}

static inno_rc do_mount(struct setup *s, const json_t *item)
{
    const json_t *version = json_object_get(item, "version");
    json_t *body = json_pack("{s:s,s:s}", "type", text_at(item, "type", ""), "description", text_at(item, "description", ""));
    char text[24];

    if (json_is_integer(version)) {
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(version));
        json_object_set_new(body, "options", json_pack("{s:s}", "version", text));
    }
    return enable(s, "sys/mounts", item, body, "secret engine");
}

static inno_rc do_auth(struct setup *s, const json_t *item)
{
    json_t *config = json_object_get(item, "config");
    const char *path = text_at(item, "path", text_at(item, "type", ""));
    inno_rc rc =
        enable(s, "sys/auth", item,
               json_pack("{s:s,s:s}", "type", text_at(item, "type", ""), "description", text_at(item, "description", "")), "auth method");

    if (rc != INNO_OK || !config)
        return rc;
    return api_write(s->work, "POST", rest_path("/v1/auth/{+}/config", path), config, true, NULL);
}

/* ---- the rest ---- */

static inno_rc do_namespace(struct setup *s, const json_t *item)
{
    const char *name = json_string_value(item);
    CLEANUP(json_put) json_t *body = json_object(), *there = NULL;
    inno_rc rc;

    if (!name)
        return VAULT_FAIL(s->work, INNO_INVALID_RESOURCE, "config.namespaces must be a list of names");
    rc = api_read(s->work, rest_path("/v1/sys/namespaces/{+}", name), &there);
    if (rc != INNO_OK || there)
        return rc;
    rc = api_write(s->work, "POST", rest_path("/v1/sys/namespaces/{+}", name), body, false, NULL);
    return rc == INNO_OK ? note(s, "namespace", name) : rc;
}

static inno_rc do_policy(struct setup *s, const json_t *item)
{
    const char *name = text_at(item, "name", ""), *policy = text_at(item, "policy", "");
    CLEANUP(json_put) json_t *body = json_pack("{s:s}", "policy", policy), *there = NULL;
    inno_rc rc;

    if (!name[0] || !policy[0])
        return VAULT_FAIL(s->work, INNO_INVALID_RESOURCE, "config.policies: every one needs name and policy");
    rc = api_read(s->work, rest_path("/v1/sys/policies/acl/{}", name), &there);
    if (rc != INNO_OK || strcmp(text_at(there, "policy", ""), policy) == 0)
        return rc;
    rc = api_write(s->work, "PUT", rest_path("/v1/sys/policies/acl/{}", name), body, false, NULL);
    return rc == INNO_OK ? note(s, "policy", name) : rc;
}

/* The connection's password cannot be read back, so it is written each time; that changes nothing when it is the same. */
static inno_rc do_database(struct setup *s, const json_t *item)
{
    const char *mount = text_at(item, "mount", "database"), *name = text_at(item, "name", "");
    const json_t *config = json_object_get(item, "config");
    CLEANUP(json_put) json_t *there = NULL;
    inno_rc rc;

    if (!name[0] || !json_is_object(config))
        return VAULT_FAIL(s->work, INNO_INVALID_RESOURCE, "config.databases: every one needs name and config");
    rc = api_read(s->work, rest_path("/v1/{+}/config/{}", mount, name), &there);
    if (rc == INNO_OK)
        rc = api_write(s->work, "POST", rest_path("/v1/{+}/config/{}", mount, name), config, true, NULL);
    return rc == INNO_OK && !there ? note(s, "database connection", name) : rc;
}

static const struct part {
    const char *name;
    inno_rc (*run)(struct setup *s, const json_t *item);
} parts[] = {{"namespaces", do_namespace}, {"mounts", do_mount}, {"auth", do_auth}, {"policies", do_policy}, {"databases", do_database}};

static inno_rc check_config(struct vault_work *work, const json_t *config)
{
    const char *key;
    json_t *value;

    if (!json_is_object(config))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "config must be a map");
    json_object_foreach((json_t *)(uintptr_t)config, key, value)
    {
        size_t i = 0;

        while (i < sizeof parts / sizeof *parts && strcmp(parts[i].name, key) != 0)
            i++;
        if (i == sizeof parts / sizeof *parts)
            return VAULT_FAIL(work, INNO_INVALID_RESOURCE,
                              "config.%.80s is unknown; vault-setup takes namespaces, mounts, auth, policies and databases", key);
        if (!json_is_array(value))
            return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "config.%s must be a list", key);
    }
    return INNO_OK;
}

inno_rc setup_run(struct vault_work *work, const inno_step *step)
{
    CLEANUP(json_put) json_t *config = json_loadb(step->config.bytes, step->config.len, JSON_REJECT_DUPLICATES, NULL), *made = json_array();
    CLEANUP(free_text) char *text = NULL;
    struct setup s = {.work = work, .made = made};
    inno_rc rc = check_config(work, config);

    for (size_t i = 0; rc == INNO_OK && i < sizeof parts / sizeof *parts; i++) {
        const json_t *item;
        size_t k;

        json_array_foreach(json_object_get(config, parts[i].name), k, item) if (rc == INNO_OK) rc = parts[i].run(&s, item);
    }
    if (rc != INNO_OK)
        return rc;
    text = json_dumps(made, JSON_COMPACT);
    if (!text)
        return VAULT_NO_MEMORY(work);
    work->host->output_json(work->call, "made", inno_span_of(text));
    return INNO_OK;
}
