/* One container: image, command, variables, mounts, probes, resources. Pure; any thread. */
#include "kube_priv.h"
#include <stdlib.h>
#include <string.h>

#define HEALTHY_PERIOD_SECONDS    2
#define HEALTHY_FAILURE_THRESHOLD 150 /* five minutes for a sidecar to get healthy */

/* A list of texts (command, args, a probe's command) without Kubernetes' own expansion. */
static int render_texts(struct kube_render *r, const struct kube_place *at, const json_t *list, json_t **out)
{
    CLEANUP(json_put) json_t *texts = json_array();
    json_t *item;
    size_t i;

    if (!json_is_array(list))
        return kube_fail(r, at, "must be a list of texts");
    if (json_array_size(list) > KUBE_MAX_ARGUMENTS)
        return kube_fail(r, at, "%zu items; the limit is %d", json_array_size(list), KUBE_MAX_ARGUMENTS);
    json_array_foreach(list, i, item)
    {
        if (kube_secret_ref(item))
            return kube_fail(r, at, "item %zu is a secret; hand it over as a variable or a file", i);
        if (!json_is_string(item) || strlen(json_string_value(item)) != json_string_length(item))
            return kube_fail(r, at, "item %zu must be a text without NUL", i);
        if (json_string_length(item) >= KUBE_MAX_TEXT_BYTES)
            return kube_fail(r, at, "item %zu has %zu bytes; the limit is %u", i, json_string_length(item), KUBE_MAX_TEXT_BYTES - 1);
        kube_append(r, texts, kube_literal(json_string_value(item)));
    }
    *out = json_incref(texts);
    return 0;
}

static int render_headers(struct kube_render *r, const struct kube_place *at, const json_t *headers, json_t *get)
{
    CLEANUP(json_put) json_t *list = json_array();
    json_t *header;
    size_t i;

    if (!headers)
        return 0;
    if (!json_is_array(headers) || json_array_size(headers) > KUBE_MAX_ARGUMENTS)
        return kube_fail(r, at, "httpHeaders must be a list of at most %d {name, value}", KUBE_MAX_ARGUMENTS);
    json_array_foreach(headers, i, header)
    {
        const char *name = json_string_value(json_object_get(header, "name")), *value = json_string_value(json_object_get(header, "value"));

        if (!name || !value || !*name || strpbrk(value, "\r\n"))
            return kube_fail(r, at, "httpHeaders.%zu needs a name and a value of one line", i);
        kube_append(r, list, json_pack("{ss ss}", "name", name, "value", value));
    }
    if (json_array_size(list))
        kube_set(r, get, "httpHeaders", json_incref(list));
    return 0;
}

static int render_http_get(struct kube_render *r, const struct kube_place *at, const json_t *spec, json_t *probe)
{
    const char *path = json_string_value(json_object_get(spec, "path")), *host = json_string_value(json_object_get(spec, "host")),
               *scheme = json_string_value(json_object_get(spec, "scheme"));
    json_int_t port = json_integer_value(json_object_get(spec, "port"));
    json_t *get = json_object();

    kube_set(r, probe, "httpGet", get);
    if (!path)
        return kube_fail(r, at, "httpGet needs a path");
    if (port < 1 || port > 65535)
        return kube_fail(r, at, "httpGet.port must be 1 to 65535");
    if (scheme && strcmp(scheme, "HTTP") != 0 && strcmp(scheme, "HTTPS") != 0)
        return kube_fail(r, at, "httpGet.scheme must be HTTP or HTTPS");
    kube_set(r, get, "path", json_string(*path ? path : "/"));
    kube_set(r, get, "port", json_integer(port));
    if (host)
        kube_set(r, get, "host", json_string(host));
    if (scheme)
        kube_set(r, get, "scheme", json_string(scheme));
    return render_headers(r, at, json_object_get(spec, "httpHeaders"), get);
}

/* Makes the probe `name` of the container's member `from`. */
static int render_probe(struct kube_render *r, const struct kube_container *c, const char *from, const char *name, json_t *container)
{
    const json_t *spec = json_object_get(c->spec, from), *exec = json_object_get(spec, "exec"), *http = json_object_get(spec, "httpGet");
    struct kube_place at = {c->name, from, NULL};
    json_t *probe, *command;

    if (!spec)
        return 0;
    probe = json_object();
    kube_set(r, container, name, probe);
    if (exec) {
        if (render_texts(r, &at, json_object_get(exec, "command"), &command) < 0)
            return -1;
        if (!json_array_size(command)) {
            json_decref(command);
            return kube_fail(r, &at, "exec.command must not be empty");
        }
        kube_set(r, probe, "exec", json_pack("{so}", "command", command));
        return 0;
    }
    if (!json_is_object(http))
        return kube_fail(r, &at, "needs exec or httpGet");
    return render_http_get(r, &at, http, probe);
}

/* Liveness and readiness as they are; a sidecar that must be healthy gets a startupProbe of them. An init container cannot have any. */
static int render_probes(struct kube_render *r, const struct kube_container *c, json_t *container)
{
    const char *healthy = json_object_get(c->spec, "readinessProbe") ? "readinessProbe" : "livenessProbe";
    json_t *startup;

    if (c->role == KUBE_INIT) {
        if (json_object_get(c->spec, "livenessProbe") || json_object_get(c->spec, "readinessProbe"))
            kube_warn(r, "containers.%s: its probes are left out: a container that runs to completion before others has none in Kubernetes",
                      c->name);
        return 0;
    }
    if (c->role == KUBE_SIDECAR && c->healthy) {
        if (render_probe(r, c, healthy, "startupProbe", container) < 0)
            return -1;
        startup = json_object_get(container, "startupProbe");
        kube_set(r, startup, "periodSeconds", json_integer(HEALTHY_PERIOD_SECONDS));
        kube_set(r, startup, "failureThreshold", json_integer(HEALTHY_FAILURE_THRESHOLD));
    }
    if (render_probe(r, c, "livenessProbe", "livenessProbe", container) < 0)
        return -1;
    return render_probe(r, c, "readinessProbe", "readinessProbe", container);
}

/* Value of a quantity; -1 when it is none. Score's "K" is Kubernetes' "k". */
static double quantity(const char *text, bool cpu)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1},     {"K", 1e3},     {"k", 1e3},        {"M", 1e6},           {"G", 1e9},     {"T", 1e12},    {"P", 1e15},
                 {"E", 1e18}, {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60}};
    size_t digits = text ? strspn(text, "0123456789.") : 0;
    double value;

    if (!digits || digits > 24 || text[0] == '.')
        return -1;
    value = strtod(text, NULL);
    if (cpu)
        return strcmp(text + digits, "m") == 0 ? value / 1000 : text[digits] ? -1 : value;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text + digits, units[i].suffix) == 0)
            return value * units[i].factor;
    return -1;
}

static int render_resource_side(struct kube_render *r, const struct kube_place *at, const json_t *resources, const char *side,
                                double values[2], json_t *out)
{
    static const char *const kinds[] = {"cpu", "memory"};
    const json_t *spec = json_object_get(resources, side);
    json_t *sided;

    if (!spec)
        return 0;
    sided = json_object();
    for (int i = 0; i < 2; i++) {
        const json_t *given = json_object_get(spec, kinds[i]);
        const char *text = json_string_value(given);
        size_t len = text ? strlen(text) : 0;
        char written[40];

        if (!given)
            continue;
        values[i] = quantity(text, i == 0);
        if (values[i] < 0 || len >= sizeof written) {
            json_decref(sided);
            return kube_fail(r, at, "%s.%s \"%.40s\" is no quantity such as %s", side, kinds[i], text ? text : "",
                             i == 0 ? "500m or 0.5" : "128Mi");
        }
        memcpy(written, text, len + 1);
        if (written[len - 1] == 'K')
            written[len - 1] = 'k';
        kube_set(r, sided, kinds[i], json_string(written));
    }
    if (json_object_size(sided))
        kube_set(r, out, side, json_incref(sided));
    json_decref(sided);
    return 0;
}

static int render_resources(struct kube_render *r, const struct kube_container *c, json_t *container)
{
    const json_t *resources = json_object_get(c->spec, "resources");
    struct kube_place at = {c->name, "resources", NULL};
    double limits[2] = {-1, -1}, requests[2] = {-1, -1};
    CLEANUP(json_put) json_t *out = json_object();

    if (!resources)
        return 0;
    if (render_resource_side(r, &at, resources, "limits", limits, out) < 0 ||
        render_resource_side(r, &at, resources, "requests", requests, out) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (limits[i] >= 0 && requests[i] > limits[i])
            return kube_fail(r, &at, "requests.%s is more than limits.%s", i ? "memory" : "cpu", i ? "memory" : "cpu");
    if (json_object_size(out))
        kube_set(r, container, "resources", json_incref(out));
    return 0;
}

static int render_command(struct kube_render *r, const struct kube_container *c, const char *section, json_t *container)
{
    const json_t *list = json_object_get(c->spec, section);
    json_t *texts;

    if (!list)
        return 0;
    if (render_texts(r, &(struct kube_place){c->name, section, NULL}, list, &texts) < 0)
        return -1;
    kube_set(r, container, section, texts);
    return 0;
}

int kube_render_container(struct kube_render *r, const struct kube_container *c, json_t **out)
{
    const char *image = json_string_value(json_object_get(c->spec, "image"));
    CLEANUP(json_put) json_t *container = json_object(), *mounts = json_array(), *env = NULL;
    struct kube_place at = {c->name, "image", NULL};

    if (!image || !*image || strlen(image) > 1024 || strpbrk(image, " \t\r\n"))
        return kube_fail(r, &at, "needs the name of an image");
    if (strcmp(image, ".") == 0)
        return kube_fail(r, &at, "\".\" stands for the image that is given at deploy time (--image); none was given");
    kube_set(r, container, "name", json_string(c->name));
    kube_set(r, container, "image", json_string(image));
    if (c->role == KUBE_SIDECAR)
        kube_set(r, container, "restartPolicy", json_string("Always"));
    if (render_command(r, c, "command", container) < 0 || render_command(r, c, "args", container) < 0 ||
        kube_render_config(r, c, mounts, &env) < 0 || kube_render_volumes(r, c, mounts) < 0)
        return -1;
    if (json_array_size(env))
        kube_set(r, container, "env", json_incref(env));
    if (json_array_size(mounts))
        kube_set(r, container, "volumeMounts", json_incref(mounts));
    if (render_resources(r, c, container) < 0 || render_probes(r, c, container) < 0)
        return -1;
    *out = json_incref(container);
    return 0;
}
