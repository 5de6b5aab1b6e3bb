/* Handlers about the server itself: health, readiness, OpenAPI, schemas. health and ready are open, so they say little. */
#include "api/api_priv.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "plugin/plugin.h"
#include "workflow/catalog.h"
#include "workflow/read_queue.h"
#include <string.h>

#define HEALTH_AGE_MS 60000 /* of what provisioners said of themselves */

static json_t *check(const char *status, int64_t started_us, const char *detail)
{
    json_t *out = json_object();

    json_set_str(out, "status", status);
    json_set_int(out, "latency_ms", (clock_mono_us() - started_us + US_PER_MS / 2) / US_PER_MS);
    json_set_str(out, "detail", detail);
    return out;
}

static json_t *check_store(const struct api_request *r, bool *ok)
{
    int64_t started = clock_mono_us();
    struct err err = {0};

    if (read_ping(r->context->store, &err) == 0)
        return check("ok", started, store_kind(r->context->store) == STORE_SQLITE ? "sqlite" : "postgres");
    *ok = false;
    return check("failed", started, err_title(err.code));
}

/* How many of a list have `value` at `member`. */
static size_t count_with(const json_t *list, const char *member, const char *value)
{
    size_t count = 0, i;
    const json_t *item;

    json_array_foreach(list, i, item) count += str_eq(json_str(item, member), value);
    return count;
}

/* ", 2 refused" for each of `values` that there are. */
static const char *add_counts(struct api_request *r, const char *text, const json_t *list, const char *member, const char *const *values)
{
    for (; *values; values++) {
        size_t count = count_with(list, member, *values);

        if (count)
            text = arena_printf(r->arena, "%s, %zu %s", text, count, *values);
    }
    return text;
}

/* Those whose backend was away when their `health` slot was asked last. */
static size_t count_unhealthy(const json_t *list)
{
    size_t count = 0, i;
    const json_t *item;

    json_array_foreach(list, i, item) count +=
        str_eq(json_str(item, "state"), "ready") && str_eq(json_str(json_object_get(item, "health"), "status"), "failed");
    return count;
}

/* A plugin that was refused, or whose backend is away, is its owner's problem, not a reason to send no requests: it is told, and that is
 * all. Nobody polls them: who asks here has them asked, once in a while, and hears what they said last. */
static json_t *check_plugins(struct api_request *r)
{
    static const char *const others[] = {"refused", "failed", "stuck", "open_circuit", "draining", NULL};
    int64_t started = clock_mono_us();
    CLEANUP(json_put) json_t *all = r->context->plugins ? plugin_describe_all(r->context->plugins) : NULL;
    size_t ready = count_with(all, "state", "ready"), count = json_array_size(all), unhealthy = count_unhealthy(all);
    const char *text = add_counts(r, arena_printf(r->arena, "%zu of %zu ready", ready, count), all, "state", others);

    if (r->context->plugins)
        plugin_check_health(r->context->plugins, NULL, HEALTH_AGE_MS);
    if (unhealthy)
        text = arena_printf(r->arena, "%s, %zu unhealthy", text, unhealthy);
    return check(ready == count && !unhealthy ? "ok" : "degraded", started, text);
}

/* The server does not start with a policy that cannot be loaded; one that only warns or is off is told. */
static json_t *check_policies(struct api_request *r)
{
    static const char *const modes[] = {"warn", "off", NULL};
    int64_t started = clock_mono_us();
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    CLEANUP(json_put) json_t *all = policy_set_describe(platform->policies);
    const char *text = arena_printf(r->arena, "%zu loaded", json_array_size(all));

    return check("ok", started, add_counts(r, text, all, "mode", modes));
}

static void reply_health(struct api_request *r, bool deep)
{
    json_t *out = json_object(), *checks = json_object();
    bool ok = true;

    json_set_new(checks, "store", check_store(r, &ok));
    if (deep) {
        json_set_new(checks, "plugins", check_plugins(r));
        json_set_new(checks, "policies", check_policies(r));
    }
    json_set_str(out, "status", ok ? "ok" : "failed");
    json_set_str(out, "version", r->context->version);
    json_set_int(out, "uptime_seconds", (clock_mono_us() - r->context->started_mono_us) / US_PER_SEC);
    json_set_new(out, "checks", checks);
    api_reply_json(r, ok ? 200 : 503, out);
}

void health_get(struct api_request *r) { reply_health(r, false); }
void ready_get(struct api_request *r) { reply_health(r, true); }

void schemas_get(struct api_request *r)
{
    const char *name = api_param(r, "name");
    char *plain = arena_strdup(r->arena, name);
    json_t *schema;

    if (str_ends(plain, ".json"))
        plain[strlen(plain) - 5] = '\0';
    schema = api_file_schema(plain);
    api_reply_found(r, schema ? schema : api_schema(plain), "schema", name);
}
