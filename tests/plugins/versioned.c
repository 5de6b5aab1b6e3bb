/* One plugin in two versions (VERSION), for tests of what happens when one takes the place of the other. It tells its version; `wait` in
 * the params makes it wait for a file "go" in its data directory; `broken` in its config lets `open` fail. It has a dry run. */
#include "fine.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inno_rc start(const inno_host *host, inno_call *call, inno_span config, void **out_self)
{
    (void)out_self;
    if (inno_json_has(config, "broken"))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "version " VERSION " does not know \"broken\"");
    return INNO_OK;
}

static inno_rc wait_for_go(const inno_host *host, inno_call *call)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};
    char path[600];

    snprintf(path, sizeof path, "%s/go", host->data_dir(call));
    host->log(call, INNO_LOG_INFO, "waiting");
    while (access(path, F_OK) != 0)
        if (poll(&fd, 1, 20) > 0)
            return INNO_CANCELED;
    return INNO_OK;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    inno_rc rc = inno_get_bool(res, "wait", 0) ? wait_for_go(host, call) : INNO_OK;

    (void)self;
    host->output(call, "version", VERSION);
    return rc;
}

/* "say": what the dry run answers with. */
static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *say = inno_get_string(res, "say", "changes"), *size = inno_get_string(res, "size", "small");
    char text[300];

    (void)self;
    if (res->operation != INNO_OP_READ)
        return host->fail(call, INNO_FAILED, 0, "a dry run is asked with operation %u", (unsigned)res->operation);
    if (strcmp(say, "fail") == 0)
        return host->fail(call, INNO_UNAUTHORIZED, 0, "the backend wants a password");
    if (strcmp(say, "crash") == 0)
        __builtin_trap();
    if (strcmp(say, "nothing") == 0)
        return INNO_OK;
    snprintf(text, sizeof text, "[{\"path\":\"disk/%.40s\",\"from\":\"%.60s\",\"to\":\"%.60s\"}]", res->name,
             inno_json_string(host, call, res->prior_params, "size", "none"), size);
    host->output_json(call, "changes", inno_span_of(text));
    return INNO_OK;
}

static const char *const types[] = {"thing", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN,
    "versioned",
    VERSION,
    types,
    start,
    NULL,
    provision,
    fine,
    fine_status,
    fine,
    plan,
    NULL,
    NULL,
    NULL,
};
INNO_PLUGIN_TEXT(plugin, "{\"name\": \"versioned\", \"version\": \"" VERSION
                         "\", \"slots\": [\"update\", \"plan\"], \"types\": [{\"name\": \"thing\"}]}")
