/* route {host, path, port, service} -> host, path, url: a promise only, for nothing routes here; the same file may be deployed to a
 * cluster, where an ingress keeps it. */
#include "kube_render.h"
#include "local.h"
#include <stdio.h>
#include <string.h>

struct route {
    char host[256];
    const char *path;
};

static inno_rc check(struct local_work *work, struct route *out)
{
    static const char *const known[] = {"host", "path", "port", "service", NULL};
    const json_t *host = json_object_get(work->params, "host"), *path = json_object_get(work->params, "path"),
                 *port = json_object_get(work->params, "port"), *service = json_object_get(work->params, "service");
    inno_rc rc = local_check_params(work, known);
    char label[64];

    if (rc != INNO_OK)
        return rc;
    if (host && (!json_is_string(host) || !name_is_host(json_string_value(host), LOCAL_HOST_BYTES)))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.host must be a host's name such as \"shop.example.com\"");
    out->path = path ? json_string_value(path) : "/";
    if (!out->path || out->path[0] != '/' || strpbrk(out->path, " \t\r\n?#"))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.path must be an absolute path such as \"/\" or \"/api\"");
    if (port && (!json_is_integer(port) || json_integer_value(port) < 1 || json_integer_value(port) > 65535))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.port must be 1 to 65535");
    if (service && (!json_is_string(service) || !name_is_host(json_string_value(service), LOCAL_HOST_BYTES)))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.service must be the name of a service");
    kube_safe_label(work->res->name, label);
    if (host)
        snprintf(out->host, sizeof out->host, "%s", json_string_value(host));
    else
        snprintf(out->host, sizeof out->host, "%s.localhost", label);
    return INNO_OK;
}

static inno_rc provision(struct local_work *work)
{
    struct route r;
    char url[1400];
    inno_rc rc = check(work, &r);

    if (rc != INNO_OK || (rc = local_record_write(work, json_pack("{ss ss}", "host", r.host, "path", r.path))) != INNO_OK)
        return rc;
    snprintf(url, sizeof url, "http://%s%.1000s", r.host, r.path[1] ? r.path : "");
    work->host->output(work->call, "host", r.host);
    work->host->output(work->call, "path", r.path);
    work->host->output(work->call, "url", url);
    return INNO_OK;
}

static inno_rc status(struct local_work *work)
{
    struct route r;
    inno_rc rc = check(work, &r);

    return rc == INNO_OK ? local_record_compare(work, json_pack("{ss ss}", "host", r.host, "path", r.path)) : rc;
}

static inno_rc plan(struct local_work *work)
{
    struct route r;
    inno_rc rc = check(work, &r);

    return rc == INNO_OK ? local_record_plan(work, json_pack("{ss ss}", "host", r.host, "path", r.path)) : rc;
}

static inno_rc hints(struct local_work *work)
{
    struct route r;
    char url[1400];
    inno_rc rc = check(work, &r);

    if (rc != INNO_OK)
        return rc;
    snprintf(url, sizeof url, "http://%s%.1000s", r.host, r.path[1] ? r.path : "");
    work->host->hint(work->call, INNO_HINT_URL, "url", url);
    return INNO_OK;
}

const struct local_type local_route = {"route", "routes", provision, local_record_remove, status, hints, plan};
