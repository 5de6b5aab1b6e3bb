/* The entry's config. Called from the thread of a slot. */
#include "terraform.h"
#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct tf_settings, member)
static const struct {
    const char *key;
    size_t offset;
    bool is_path;
} texts[] = {{"binary", AT(binary), false},
             {"providerMirror", AT(mirror), true},
             {"modules", AT(modules), true},
             {"lockTimeout", AT(lock_timeout), false}};
static const struct {
    const char *key;
    size_t offset;
} state_texts[] = {{"address", AT(address)},
                   {"lockAddress", AT(lock_address)},
                   {"unlockAddress", AT(unlock_address)},
                   {"username", AT(username)},
                   {"password", AT(password)}};
static const char *const others[] = {"variables", "env", "state", "parallelism", "url", "credentials", "inline"};
#undef AT

static inno_rc take_text(struct tf_settings *self, const inno_host *host, inno_call *call, const char *name, const json_t *value,
                         size_t offset)
{
    char **to = (char **)(void *)((char *)self + offset);

    if (!value)
        return INNO_OK;
    if (!json_string_length(value))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be a text that is not empty", name);
    *to = strdup(json_string_value(value));
    return *to ? INNO_OK : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

static bool is_clean_path(const char *path) { return path[0] == '/' && path[1] && !strstr(path, "/..") && !strpbrk(path, "\"$%\\\n"); }

static bool is_url(const char *text) { return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0; }

static inno_rc take_state(struct tf_settings *self, const inno_host *host, inno_call *call, const json_t *state)
{
    const char *key, *addresses[3];
    json_t *value;

    if (!state)
        return INNO_OK;
    if (!json_is_object(state))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.state must be an object: {address, username, password}");
    json_object_foreach((json_t *)(uintptr_t)state, key, value)
    {
        size_t i = 0;
        inno_rc rc;

        while (i < sizeof state_texts / sizeof state_texts[0] && strcmp(key, state_texts[i].key) != 0)
            i++;
        if (i == sizeof state_texts / sizeof state_texts[0])
            return host->fail(call, INNO_INVALID_CONFIG, -1,
                              "config.state.%.60s is unknown; it takes address, lockAddress, unlockAddress, "
                              "username and password",
                              key);
        rc = take_text(self, host, call, key, value, state_texts[i].offset);
        if (rc != INNO_OK)
            return rc;
    }
    if (!self->address)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.state has no address; without `state` the state is kept on this machine");
    addresses[0] = self->address;
    addresses[1] = self->lock_address ? self->lock_address : self->address;
    addresses[2] = self->unlock_address ? self->unlock_address : self->address;
    for (size_t i = 0; i < 3; i++)
        if (!is_url(addresses[i]) || !strstr(addresses[i], "{name}"))
            return host->fail(call, INNO_INVALID_CONFIG, -1,
                              "config.state: \"%.200s\" must be an http or https address with {name} in it, "
                              "which stands for the stack",
                              addresses[i]);
    return INNO_OK;
}

static inno_rc take_map(const inno_host *host, inno_call *call, const char *name, json_t *value, bool texts_only, json_t **out)
{
    const char *key;
    json_t *item;

    if (!value)
        return INNO_OK;
    if (!json_is_object(value))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be an object", name);
    json_object_foreach(value, key, item) if (texts_only && !json_is_string(item)) return host->fail(
        call, INNO_INVALID_CONFIG, -1, "config.%s.%.60s must be a text", name, key);
    *out = json_deep_copy(value);
    return *out ? INNO_OK : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

/* What the section `terraform:` of admin-config.yaml gives to every entry: where states are, and the key to them. */
static inno_rc take_section(struct tf_settings *self, const inno_host *host, inno_call *call, const json_t *config)
{
    const char *url = json_string_value(json_object_get(config, "url")), *end = "/{name}";
    size_t len = url ? strlen(url) : 0;
    inno_rc rc = INNO_OK;

    if (url && !self->address) {
        while (len && url[len - 1] == '/')
            len--;
        if (!is_url(url))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.url must be an http or https address, that of the states");
        if (strstr(url, "{name}"))
            end = "";
        if (!(self->address = malloc(len + strlen(end) + 1)))
            return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
        memcpy(self->address, url, len);
        memcpy(self->address + len, end, strlen(end) + 1);
    }
    if (!self->password)
        rc = take_text(self, host, call, "credentials", json_object_get(config, "credentials"), offsetof(struct tf_settings, password));
    if (rc == INNO_OK && self->password && !self->username && !(self->username = strdup("innominatus")))
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    return rc;
}

static bool is_known(const char *key)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].key) == 0)
            return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(key, others[i]) == 0)
            return true;
    return false;
}

inno_rc tf_take_config(struct tf_settings *self, const inno_host *host, inno_call *call, const json_t *config)
{
    const json_t *parallelism = json_object_get(config, "parallelism");
    const char *key;
    json_t *value;
    inno_rc rc;

    json_object_foreach((json_t *)(uintptr_t)config, key, value) if (!is_known(key)) return host->fail(
        call, INNO_INVALID_CONFIG, -1,
        "config.%.60s is unknown; terraform takes binary, providerMirror, modules, variables, env, state, url, credentials, inline, "
        "parallelism "
        "and lockTimeout",
        key);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *const *to = (char *const *)(const void *)((const char *)self + texts[i].offset);

        rc = take_text(self, host, call, texts[i].key, json_object_get(config, texts[i].key), texts[i].offset);
        if (rc != INNO_OK)
            return rc;
        if (texts[i].is_path && *to && !is_clean_path(*to))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be an absolute directory", texts[i].key);
    }
    if (parallelism && (!json_is_integer(parallelism) || json_integer_value(parallelism) < 1 || json_integer_value(parallelism) > 100))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.parallelism must be a number from 1 to 100");
    self->parallelism = json_integer_value(parallelism);
    if (json_object_get(config, "inline") && !json_is_boolean(json_object_get(config, "inline")))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.inline must be true or false");
    self->modules_only = json_is_false(json_object_get(config, "inline"));
    rc = take_map(host, call, "variables", json_object_get(config, "variables"), false, &self->variables);
    if (rc == INNO_OK)
        rc = take_map(host, call, "env", json_object_get(config, "env"), true, &self->env);
    if (rc == INNO_OK)
        rc = take_state(self, host, call, json_object_get(config, "state"));
    return rc == INNO_OK ? take_section(self, host, call, config) : rc;
}

static void wipe_free(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void tf_settings_free(struct tf_settings *self)
{
    free(self->binary);
    free(self->mirror);
    free(self->modules);
    free(self->lock_timeout);
    free(self->address);
    free(self->lock_address);
    free(self->unlock_address);
    free(self->username);
    wipe_free(self->password);
    json_decref(self->variables);
    json_decref(self->env);
    free(self);
}
