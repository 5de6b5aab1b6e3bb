/* The provisioner of engine_bench: it answers every call at once, so that what is measured is the core. */
#include "../tests/plugins/fine.h"
#include <string.h>

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    host->output(call, "url", "sqlite:///srv/bench.db");
    host->output(call, "path", "/srv/bench.db");
    host->output(call, "source", res->name);
    host->output(call, "host", "bench.example.com");
    host->output(call, "merchant_id", "m-1");
    if (strcmp(res->type, "secret") == 0)
        host->secret_output(call, "key", "a key of the bench");
    if (strcmp(res->type, "payment-gateway") == 0)
        host->secret_output(call, "api_key", "another key of the bench");
    return INNO_OK;
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    (void)self;
    (void)st;
    host->output_json(call, "version", inno_span_of("1"));
    host->output_json(call, "total", inno_span_of("1"));
    return INNO_OK;
}

static const char *const types[] = {"volume", "sqlite", "dns", "secret", "payment-gateway", "workload", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_STEP,
    "noop",
    "1.0.0",
    types,
    NULL,
    NULL,
    provision,
    fine,
    fine_status,
    fine,
    NULL,
    NULL,
    step,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(plugin, {
    "name": "noop", "version": "1.0.0", "slots": ["update", "step"],
    "types": [{"name": "volume", "stateful": true}, {"name": "sqlite", "stateful": true}, {"name": "dns"}, {"name": "secret"},
              {"name": "payment-gateway"}, {"name": "workload"}],
    "step_types": [{"name": "database-migration", "idempotent": true}]
})
