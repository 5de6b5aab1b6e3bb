/* Owns what roles have in common: the policies that a developer may give, durations, address ranges. Slot's thread. */
#include "names.h"
#include "vault.h"
#include <stdio.h>
#include <string.h>

/* ---- what the admin lists ---- */

bool roles_listed(const struct vault_work *work, const char *list, const char *text)
{
    const struct name_scope scope = {work->res->team, work->res->environment, work->res->application};
    const json_t *item;
    char pattern[VAULT_NAME_BYTES];
    size_t i;

    json_array_foreach(json_object_get(work->self->config, list), i, item)
    {
        const char *form = json_string_value(item);

        if (form && name_expand(&scope, form, pattern, sizeof pattern) && name_matches(pattern, text))
            return true;
    }
    return false;
}

/* ---- params ---- */

/* Names of this plugin's own policies begin with prefix, team and environment. */
static bool is_own_policy(const struct vault_work *work, const char *name)
{
    char own[VAULT_NAME_BYTES], team[81], environment[81];

    name_part(work->res->team, team);
    name_part(work->res->environment, environment);
    snprintf(own, sizeof own, "%s.%s.%s.", work->self->prefix, team, environment);
    return strncmp(name, own, strlen(own)) == 0;
}

static inno_rc take_policies(struct vault_work *work, json_t *body)
{
    const json_t *policies = json_object_get(work->params, "policies");
    json_t *item;
    size_t i;

    if (!json_is_array(policies) || json_array_size(policies) == 0 || json_array_size(policies) > 64)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE,
                          "params.policies must list 1 to 64 names of policies, such as ${resources.NAME.name} of a vault-policy");
    json_array_foreach(policies, i, item)
    {
        const char *name = json_string_value(item);

        if (!name || (!is_own_policy(work, name) && !roles_listed(work, "policies", name)))
            return VAULT_FAIL(
                work, INNO_INVALID_RESOURCE,
                "params.policies.%zu: \"%.100s\" is neither a policy of this team and environment nor one that the admin lists as "
                "`policies` in the entry's config",
                i, name ? name : "(no text)");
    }
    return json_object_set(body, "token_policies", (json_t *)(uintptr_t)policies) == 0 ? INNO_OK : VAULT_NO_MEMORY(work);
}

inno_rc roles_seconds(struct vault_work *work, const char *param, json_t *body, const char *key)
{
    const json_t *value = json_object_get(work->params, param);
    const char *text = json_string_value(value);
    int64_t ms = 0;

    if (value && (!text || !inno_duration_ms(text, &ms) || ms < 1000 || ms > (int64_t)366 * 86400 * 1000))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%s must be a duration from 1s to 366d, such as 1h", param);
    return json_object_set_new(body, key, json_integer(ms / 1000)) == 0 ? INNO_OK : VAULT_NO_MEMORY(work);
}

inno_rc roles_tokens(struct vault_work *work, json_t *body)
{
    const json_t *cidrs = json_object_get(work->params, "cidrs");
    inno_rc rc = take_policies(work, body);

    if (rc == INNO_OK)
        rc = roles_seconds(work, "tokenTtl", body, "token_ttl");
    if (rc == INNO_OK)
        rc = roles_seconds(work, "tokenMaxTtl", body, "token_max_ttl");
    if (rc != INNO_OK)
        return rc;
    if (cidrs && !json_is_array(cidrs))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.cidrs must be a list of address ranges, such as 10.0.0.0/8");
    /* said even when there are none: Vault keeps what a write leaves out */
    return json_object_set_new(body, "token_bound_cidrs", cidrs ? json_incref((json_t *)(uintptr_t)cidrs) : json_array()) == 0
               ? INNO_OK
               : VAULT_NO_MEMORY(work);
}
