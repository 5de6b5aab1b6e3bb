/* dns {prefix} -> host, url: a name below localhost, which every resolver answers with the loopback address (RFC 6761). */
#include "kube_render.h"
#include "local.h"
#include <stdio.h>

static inno_rc make_host(struct local_work *work, char host[256])
{
    static const char *const known[] = {"prefix", NULL};
    const json_t *prefix = json_object_get(work->params, "prefix");
    inno_rc rc = local_check_params(work, known);
    char label[64];

    if (rc != INNO_OK)
        return rc;
    if (prefix && (!json_is_string(prefix) || !name_is_host(json_string_value(prefix), LOCAL_HOST_BYTES)))
        return work->host->fail(
            work->call, INNO_INVALID_RESOURCE, -1,
            "params.prefix must be labels of lower-case letters, digits and '-', joined by dots, such as \"shop\" or \"api.shop\"");
    kube_safe_label(work->res->name, label);
    snprintf(host, 256, "%.240s.localhost", prefix ? json_string_value(prefix) : label);
    return INNO_OK;
}

static inno_rc provision(struct local_work *work)
{
    char host[256], url[300];
    inno_rc rc = make_host(work, host);

    if (rc != INNO_OK || (rc = local_record_write(work, json_pack("{ss}", "host", host))) != INNO_OK)
        return rc;
    snprintf(url, sizeof url, "http://%s", host);
    work->host->output(work->call, "host", host);
    work->host->output(work->call, "url", url);
    return INNO_OK;
}

static inno_rc status(struct local_work *work)
{
    char host[256];
    inno_rc rc = make_host(work, host);

    return rc == INNO_OK ? local_record_compare(work, json_pack("{ss}", "host", host)) : rc;
}

static inno_rc plan(struct local_work *work)
{
    char host[256];
    inno_rc rc = make_host(work, host);

    return rc == INNO_OK ? local_record_plan(work, json_pack("{ss}", "host", host)) : rc;
}

static inno_rc hints(struct local_work *work)
{
    char host[256], url[300];
    inno_rc rc = make_host(work, host);

    if (rc != INNO_OK)
        return rc;
    snprintf(url, sizeof url, "http://%s", host);
    work->host->hint(work->call, INNO_HINT_URL, "url", url);
    return INNO_OK;
}

const struct local_type local_dns = {"dns", "dns", provision, local_record_remove, status, hints, plan};
