/* route {host, path, port} -> host, path, url: an Ingress that leads to the workload's service. Slot's thread. */
#include "kube_render.h"
#include "kubernetes.h"
#include <stdio.h>

static const struct field table[] = {{"host", FIELD_TEXT, .least = 1, .most = 253},
                                     {"path", FIELD_TEXT, .least = 1, .most = 1000},
                                     {"port", FIELD_INT, .least = 1, .most = 65535},
                                     {"service", FIELD_TEXT, .least = 1, .most = 63},
                                     {NULL}};

struct route {
    char host[K8S_NAME_BYTES], path[1001], url[1400];
    bool tls;
};

static bool is_host(const char *host) { return strncmp(host, "*.", 2) == 0 ? params_is_name(host + 2) : params_is_name(host); }

/* May a resource of this team, environment and application have it? Where the entry lists nothing, everybody may have any. */
static bool is_allowed(const struct k8s_work *work, const char *host)
{
    const struct name_scope scope = {work->res->team, work->res->environment, work->res->application};
    const json_t *list = json_object_get(work->self->config, "hosts"), *item;
    char pattern[K8S_TEXT_BYTES];
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (name_expand(&scope, json_string_value(item), pattern, sizeof pattern) && name_matches(pattern, host))
            return true;
    }
    return !list;
}

/* The host that is asked for, else one below the entry's domain. */
static inno_rc choose_host(struct k8s_work *work, struct route *r)
{
    const char *host = json_string_value(json_object_get(work->params, "host")),
               *domain = json_string_value(json_object_get(work->self->config, "domain"));
    char label[64], name[K8S_NAME_BYTES];

    if (!host && !domain)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE,
                        "params.host is missing, and the entry has no config.domain below which one could be made");
    if (host) {
        snprintf(r->host, sizeof r->host, "%s", host);
    } else {
        snprintf(name, sizeof name, "%s", work->name);
        for (char *c = name; *c; c++)
            if (*c == '.')
                *c = '-';
        kube_safe_label(name, label);
        snprintf(r->host, sizeof r->host, "%s.%s.%.120s", label, work->namespace, domain);
    }
    if (!is_host(r->host))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.host \"%.200s\" is no host name", r->host);
    /* one that was given once is looked at and removed all the same */
    return !host || !work->for_real || is_allowed(work, host)
               ? INNO_OK
               : K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.host: %.200s is none that the entry gives to team %.80s (config.hosts)",
                          host, work->res->team);
}

static inno_rc choose(struct k8s_work *work, struct route *r)
{
    const char *path = text_at(work->params, "path", "/"), *service = json_string_value(json_object_get(work->params, "service"));
    inno_rc rc = params_check(work, "params", table);

    if (rc == INNO_OK)
        rc = choose_host(work, r);
    if (rc != INNO_OK)
        return rc;
    if (path[0] != '/' || strstr(path, "//") || strpbrk(path, " \t\r\n?#"))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.path must be an absolute path such as \"/\" or \"/api\"");
    if (service && (!params_is_name(service) || strchr(service, '.')))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.service \"%.100s\" is no name of a service", service);
    snprintf(r->path, sizeof r->path, "%s", path);
    r->tls = json_object_get(work->self->config, "tlsSecret") != NULL || json_is_true(json_object_get(work->self->config, "tls"));
    snprintf(r->url, sizeof r->url, "http%s://%s%s", r->tls ? "s" : "", r->host, path[1] ? path : "");
    return INNO_OK;
}

/* {tls, ingressClassName} as the entry says. */
static int add_platform(const struct k8s_work *work, const struct route *r, json_t *spec, json_t *metadata)
{
    const json_t *config = work->self->config, *annotations = json_object_get(config, "routeAnnotations");
    const char *secret = text_at(config, "tlsSecret", ""), *class = json_string_value(json_object_get(config, "ingressClass"));
    char own[K8S_NAME_BYTES + 8];
    int rc = 0;

    snprintf(own, sizeof own, "%.240s.tls", work->name);
    if (class)
        rc |= json_object_set_new(spec, "ingressClassName", json_string(class));
    if (r->tls)
        rc |= json_object_set_new(spec, "tls", json_pack("[{s:[s], s:s}]", "hosts", r->host, "secretName", secret[0] ? secret : own));
    if (annotations)
        rc |= json_object_set_new(metadata, "annotations", json_copy((json_t *)(uintptr_t)annotations));
    return rc;
}

static inno_rc describe(struct k8s_work *work, json_t **out)
{
    struct route r = {.tls = false};
    const char *service = text_at(work->params, "service", work->workload);
    json_int_t port = json_object_get(work->params, "port") ? json_integer_value(json_object_get(work->params, "port")) : 80;
    inno_rc rc = choose(work, &r);
    json_t *object;

    if (rc != INNO_OK)
        return rc;
    object = json_pack("{s:s, s:s, s:{s:s}, s:{s:[{s:s, s:{s:[{s:s, s:s, s:{s:{s:s, s:{s:I}}}}]}}]}}", "apiVersion", "networking.k8s.io/v1",
                       "kind", "Ingress", "metadata", "name", work->name, "spec", "rules", "host", r.host, "http", "paths", "path", r.path,
                       "pathType", "Prefix", "backend", "service", "name", service, "port", "number", port);
    *out = json_pack("[o]", object);
    if (!*out || add_platform(work, &r, json_object_get(object, "spec"), json_object_get(object, "metadata")) != 0)
        return K8S_NO_MEMORY(work);
    return INNO_OK;
}

static inno_rc outputs(struct k8s_work *work, const json_t *objects)
{
    struct route r = {.tls = false};
    inno_rc rc = choose(work, &r);

    (void)objects;
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "host", r.host);
    work->host->output(work->call, "path", r.path);
    work->host->output(work->call, "url", r.url);
    return INNO_OK;
}

static inno_rc hints(struct k8s_work *work)
{
    struct route r = {.tls = false};
    inno_rc rc = choose(work, &r);

    if (rc == INNO_OK)
        work->host->hint(work->call, INNO_HINT_URL, "url", r.url);
    return rc;
}

static const char *const kinds[] = {"networking.k8s.io/v1 Ingress", NULL};
const struct k8s_type k8s_route = {"route", describe, outputs, hints, kinds, false};
