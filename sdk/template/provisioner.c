/* The provisioner @NAME@: makes, looks at and removes resources of type @TYPE@.
 *
 * What is here works: a thing is a file in the plugin's own directory, which stands for your backend. Put your backend's calls into
 * backend_* and your params into check_params and the manifest at the end; the rest may stay. The header innominatus/provisioner.h says
 * what each slot must do; `innominatus plugin check` tries whether it does. */
#include <errno.h>
#include <innominatus/helpers.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME    "@NAME@"
#define VERSION "1.0.0"

/* What the entry's config says, for the life of the process. */
struct self {
    char base_url[256];
};

/* ---- the backend: a file here ---- */

typedef char path_text[1024];

/* The same name for the same resource, always: what was made before a crash is found again and not made twice. */
static void backend_path(path_text out, const inno_host *host, inno_call *call, const inno_resource *res)
{
    snprintf(out, sizeof(path_text), "%s/%s", host->data_dir(call), res->id);
}

/* Makes it, or brings what is there to what is wanted. */
static inno_rc backend_put(const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;
    FILE *file;
    int written;

    backend_path(path, host, call, res);
    file = fopen(path, "w");
    if (!file)
        return host->fail(call, INNO_TRANSIENT, -1, "cannot write %s: %s", path, strerror(errno));
    written = fprintf(file, "%s\n%lld\n", inno_get_string(res, "displayName", ""), (long long)inno_get_int(res, "size", 1));
    if (fclose(file) != 0 || written < 0)
        return host->fail(call, INNO_TRANSIENT, -1, "cannot write %s: %s", path, strerror(errno));
    return INNO_OK;
}

static int backend_has(const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    backend_path(path, host, call, res);
    return access(path, F_OK) == 0;
}

/* Gone already is fine. */
static inno_rc backend_remove(const inno_host *host, inno_call *call, const inno_resource *res)
{
    path_text path;

    backend_path(path, host, call, res);
    if (unlink(path) != 0 && errno != ENOENT)
        return host->fail(call, INNO_TRANSIENT, -1, "cannot remove %s: %s", path, strerror(errno));
    return INNO_OK;
}

/* ---- params: what the manifest's schema says, for whoever calls without a server in front ---- */

static int is_key(inno_span key, const char *name) { return key.len == strlen(name) + 2 && memcmp(key.bytes + 1, name, strlen(name)) == 0; }

static inno_rc check_params(const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *name = inno_get_string(res, "displayName", "");
    uint64_t at = 0;
    inno_span key, value;

    if (inno_json_type(res->params) != INNO_JSON_OBJECT)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    while (inno_json_next(res->params, &at, &key, &value))
        if (!is_key(key, "displayName") && !is_key(key, "size"))
            return host->fail(call, INNO_INVALID_RESOURCE, -1, "params.%.*s is unknown", (int)key.len, key.bytes);
    if (!*name || strlen(name) > 60)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params.displayName must be a text of 1 to 60 bytes");
    if (inno_get_has(res, "size") && (inno_get_int(res, "size", 0) < 1 || inno_get_int(res, "size", 0) > 100))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params.size must be a whole number from 1 to 100");
    return INNO_OK;
}

/* ---- the slots ---- */

static inno_rc start(const inno_host *host, inno_call *call, inno_span config, void **out_self)
{
    const char *url = inno_json_string(host, call, config, "baseUrl", "http://localhost");
    struct self *self;

    if (strlen(url) >= sizeof self->base_url)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.baseUrl is longer than %d bytes", (int)sizeof self->base_url - 1);
    self = calloc(1, sizeof *self);
    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    memcpy(self->base_url, url, strlen(url) + 1);
    *out_self = self;
    return INNO_OK;
}

static void stop(void *self) { free(self); }

/* Called again after a crash, and for updates: it must find what it made. */
static inno_rc provision(void *opaque, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const struct self *self = opaque;
    char url[512];
    inno_rc rc = check_params(host, call, res);

    if (rc != INNO_OK)
        return rc;
    if (host->canceled(call))
        return INNO_CANCELED;
    rc = backend_put(host, call, res);
    if (rc != INNO_OK)
        return rc;
    snprintf(url, sizeof url, "%s/%s", self->base_url, res->id);
    host->log(call, INNO_LOG_INFO, "%s is there for %s in %s", res->name, res->application, res->environment);
    host->output(call, "url", url);
    return INNO_OK;
}

static inno_rc deprovision(void *opaque, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)opaque;
    return backend_remove(host, call, res);
}

static inno_rc get_status(void *opaque, const inno_host *host, inno_call *call, const inno_resource *res)
{
    int is_there = backend_has(host, call, res);

    (void)opaque;
    host->status(call, is_there ? INNO_STATE_ACTIVE : INNO_STATE_TERMINATED, is_there ? NULL : "the backend does not know it");
    return INNO_OK;
}

static inno_rc get_hints(void *opaque, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const struct self *self = opaque;
    char url[512];

    snprintf(url, sizeof url, "%s/%s", self->base_url, res->id);
    host->hint(call, INNO_HINT_DASHBOARD, "its page", url);
    return INNO_OK;
}

/* ---- registration: the table and the manifest say the same ---- */

static const char *const types[] = {"@TYPE@", NULL};

static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE,
    NAME,
    VERSION,
    types,
    start,
    stop,
    provision,
    deprovision,
    get_status,
    get_hints,
    NULL, /* plan */
    NULL, /* health */
    NULL, /* step */
    NULL, /* actions */
};

/* clang-format off */
INNO_PLUGIN(plugin, {
    "name": "@NAME@", "version": "1.0.0", "slots": ["update"],
    "permissions": [],
    "types": [{
        "name": "@TYPE@", "stateful": false,
        "params": {
            "type": "object", "required": ["displayName"], "additionalProperties": false,
            "properties": {
                "displayName": {"type": "string", "minLength": 1, "maxLength": 60, "examples": ["Example"]},
                "size": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}
            }
        }
    }]
})
