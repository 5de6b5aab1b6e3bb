/* A plugin for workloads that opens every secret which its params refer to, and one that they do not. Wants the permission `secrets` unless
 * built without. */
#include <innominatus/helpers.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static inno_rc open_all(const inno_host *host, inno_call *call, json_t *value, int *count)
{
    const char *reference = json_string_value(json_object_get(value, "$secret")), *key;
    inno_span text = {NULL, 0};
    json_t *item;
    inno_rc rc = INNO_OK;
    size_t i;

    if (reference) {
        rc = host->secret(call, reference, &text);
        if (rc == INNO_OK)
            host->secret_output(call, ++*count == 1 ? "first" : "other", text.bytes);
        return rc;
    }
    json_object_foreach(value, key, item)
    {
        if (rc == INNO_OK)
            rc = open_all(host, call, item, count);
    }
    json_array_foreach(value, i, item)
    {
        if (rc == INNO_OK)
            rc = open_all(host, call, item, count);
    }
    return rc;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    json_t *params = json_loadb(res->params.bytes, (size_t)res->params.len, 0, NULL);
    inno_span none = {NULL, 0};
    char text[80];
    int count = 0;
    inno_rc rc = open_all(host, call, params, &count), foreign;

    (void)self;
    json_decref(params);
    if (rc != INNO_OK)
        return rc;
    foreign = host->secret(call, "resource:r-somebody-elses#password", &none);
    snprintf(text, sizeof text, "opened %d secrets, another's: %d, of none: %d", count, (int)foreign, (int)host->secret(call, NULL, NULL));
    host->log(call, INNO_LOG_INFO, "%s", text);
    host->output(call, "said", text);
    return INNO_OK;
}

static inno_rc fine(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    host->status(call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static const char *const types[] = {"workload", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, INNO_SLOT_UPDATE, "opens", "1.0.0", types, NULL, NULL, provision, fine, fine, fine, NULL, NULL, NULL, NULL,
};

#ifdef WITHOUT_PERMISSION
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"opens\",\"version\":\"1.0.0\",\"slots\":[\"update\"],\"types\":[{\"name\":\"workload\"}]}")
#else
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"opens\",\"version\":\"1.0.0\",\"slots\":[\"update\"],\"types\":[{\"name\":\"workload\"}],"
                         "\"permissions\":[\"secrets\"]}")
#endif
