/* A plugin of ABI 1.0, built against the headers as they were frozen, which lie beside it and never change: it uses everything that 1.0
 * has, and a later host must serve it as it was. */
#include <innominatus/helpers.h>
#include <stdio.h>
#include <string.h>

#if INNO_ABI_MAJOR != 1 || INNO_ABI_MINOR != 0
#error "not the frozen headers"
#endif

static inno_rc start(const inno_host *host, inno_call *call, inno_span config, void **out_self)
{
    if (host->magic != INNO_HOST_MAGIC || host->abi_major != 1 || host->struct_size < sizeof(inno_host) || !INNO_HAS(host, exec))
        return INNO_FAILED;
    *out_self = calloc(1, 64);
    if (!*out_self)
        return INNO_TRANSIENT;
    snprintf(*out_self, 64, "%s", inno_json_string(host, call, config, "greeting", "hello"));
    return INNO_OK;
}

static void stop(void *self) { free(self); }

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    inno_exec command = {sizeof command, 0, NULL, NULL, NULL, {NULL, 0}, 0, 0, 0, NULL, NULL};
    inno_exec_result result = {sizeof result, 0, 0, 0, {NULL, 0}, {NULL, 0}};
    const char *const argv[] = {"true", NULL};
    inno_span secret;
    char text[64], *block = (char *)host->alloc(call, 100);

    if (res->struct_size < sizeof *res || !block || block[99] != 0 || host->cancel_fd(call) < 0 || host->canceled(call) ||
        host->deadline_ms(call) <= 0 || !host->work_dir(call)[0] || !host->data_dir(call)[0])
        return INNO_FAILED;
    if (res->operation == INNO_OP_CREATE && res->state.len <= 2) {
        inno_rc rc = host->state(call, inno_span_of("{\"made\":1}"));

        host->poll_after(call, 200);
        return rc == INNO_OK ? INNO_PENDING : rc;
    }
    command.argv = argv;
    snprintf(text, sizeof text, "%d %d", (int)host->exec(call, &command, &result), (int)host->secret(call, "nothing", &secret));
    host->log(call, INNO_LOG_INFO, "%s %s", (const char *)self, res->name);
    host->progress(call, 50, "half way");
    host->output(call, "refused", text);
    host->output(call, "trace", host->trace_id(call));
    host->output(call, "size", inno_get_string(res, "size", "none"));
    host->output(call, "was", inno_json_string(host, call, res->prior_params, "size", "none"));
    host->output_json(call, "state", res->state);
    host->secret_output(call, "password", "hunter2");
    return INNO_OK;
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)host;
    (void)call;
    return res->operation == INNO_OP_DELETE ? INNO_OK : INNO_FAILED;
}

static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    host->status(call, INNO_STATE_ACTIVE, "well");
    return INNO_OK;
}

static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    host->hint(call, INNO_HINT_URL, res->name, "http://localhost/");
    return INNO_OK;
}

static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    host->output_json(call, "changes", inno_span_of("[\"size\"]"));
    return res->operation == INNO_OP_READ ? INNO_OK : INNO_FAILED;
}

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    (void)self;
    return host->fail(call, INNO_TRANSIENT, -1, "the backend of 1.0 is away");
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    (void)self;
    host->output(call, "said", inno_json_string(host, call, st->config, "say", ""));
    return st->struct_size >= sizeof *st && strcmp(st->type, "say") == 0 ? INNO_OK : INNO_FAILED;
}

static inno_rc scale(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t replicas)
{
    char text[32];

    (void)self;
    (void)res;
    snprintf(text, sizeof text, "%lld", (long long)replicas);
    host->output(call, "replicas", text);
    return INNO_OK;
}

static const char *const scale_params[] = {"replicas", NULL};
static const inno_action scale_action = {INNO_ACTION_HEAD(0), "scale", NULL, "i", scale_params, INNO_ACTION_FUNCTION(scale)};
static const inno_action *const actions[] = {&scale_action, NULL};
static const char *const types[] = {"thing", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP | INNO_SLOT_ACTIONS,
    "frozen",
    "1.0.0",
    types,
    start,
    stop,
    provision,
    deprovision,
    get_status,
    get_hints,
    plan,
    health,
    step,
    actions,
};

/* clang-format off */
INNO_PLUGIN(plugin, {
    "name": "frozen", "version": "1.0.0", "slots": ["update", "plan", "health", "step", "actions"],
    "types": [{"name": "thing"}], "step_types": [{"name": "say", "idempotent": true}],
    "actions": [{"name": "scale", "params": [{"name": "replicas", "type": "i"}]}]
})
