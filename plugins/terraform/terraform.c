/* Entry point of the provisioner `terraform`: resources of type `terraform`, and the manifest. One thread. */
#include "terraform.h"
#include <stdio.h>
#include <string.h>

/* ---- open and close ---- */

static inno_rc open_terraform(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, (size_t)span.len, JSON_REJECT_DUPLICATES, NULL);
    const char *data_dir = host->data_dir(call);
    struct tf_settings *self;
    inno_rc rc;

    if (!json_is_object(config))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config must be an object");
    if (data_dir[0] != '/' || strlen(data_dir) >= sizeof self->data_dir)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "the data directory \"%.200s\" is no absolute path of at most %zu bytes", data_dir,
                          sizeof self->data_dir - 1);
    self = calloc(1, sizeof *self);
    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    memcpy(self->data_dir, data_dir, strlen(data_dir) + 1);
    rc = tf_take_config(self, host, call, config);
    if (rc == INNO_OK)
        *out = self;
    else
        tf_settings_free(self);
    return rc;
}

static void close_terraform(void *self) { tf_settings_free(self); }

/* ---- a call about a resource ---- */

static inno_rc with_stack(void *self, const inno_host *host, inno_call *call, const inno_resource *res, bool wait,
                          inno_rc (*work)(struct tf_stack *s))
{
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, (size_t)res->params.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(tf_stack_close)
    struct tf_stack s = {.self = self, .host = host, .call = call, .spec = params, .wrong = INNO_INVALID_RESOURCE, .lock = -1};
    const char *identity[] = {res->team, res->environment, "resource", res->org, res->uid};
    inno_rc rc;

    if (!json_is_object(params))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    if (!res->uid[0])
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "the resource has no uid");
    rc = tf_stack_open(&s, identity, sizeof identity / sizeof identity[0], res->name, wait);
    return rc == INNO_OK ? work(&s) : rc;
}

static inno_rc prepare_and_init(struct tf_stack *s)
{
    static const char *const known[] = {"module", "inline", "variables", NULL};
    inno_rc rc = tf_check_keys(s, known, "params");

    if (rc == INNO_OK)
        rc = tf_prepare(s);
    return rc == INNO_OK ? tf_init(s) : rc;
}

/* The module as it was used last, where it is there: it knows the providers of what exists. */
static inno_rc reopen(struct tf_stack *s)
{
    inno_rc rc;

    if (!tf_has(s, "module") || !tf_has(s, "data"))
        return prepare_and_init(s);
    rc = tf_write_variables(s);
    return rc == INNO_OK ? tf_init(s) : rc;
}

static inno_rc provision_stack(struct tf_stack *s)
{
    char state[TF_KEY_BYTES + 32];
    bool any;
    inno_rc rc = tf_check_inline(s);

    if (rc == INNO_OK)
        rc = prepare_and_init(s);
    if (rc != INNO_OK)
        return rc;
    snprintf(state, sizeof state, "{\"stack\":\"%s\"}", s->key);
    rc = s->host->state(s->call, inno_span_of(state));
    if (rc == INNO_OK)
        rc = tf_plan(s, false, &any, NULL);
    if (rc == INNO_OK && any)
        rc = tf_apply(s);
    else
        tf_drop_plan(s);
    return rc == INNO_OK ? tf_outputs(s) : rc;
}

static inno_rc deprovision_stack(struct tf_stack *s)
{
    bool any, has;
    inno_rc rc;

    if (!s->self->address && !tf_has(s, "terraform.tfstate"))
        return tf_forget(s); /* nothing was ever made */
    rc = reopen(s);
    if (rc == INNO_OK)
        rc = tf_has_state(s, &has);
    if (rc == INNO_OK && has) {
        rc = tf_plan(s, true, &any, NULL);
        if (rc == INNO_OK && any)
            rc = tf_apply(s);
    }
    return rc == INNO_OK ? tf_forget(s) : rc;
}

/* To look only: what was installed last as it is, or, on a server that has not worked on it yet, a copy that goes with the call. */
static inno_rc reopen_to_look(struct tf_stack *s)
{
    if (tf_has(s, "module") && tf_has(s, "data")) {
        inno_rc rc = tf_use_copy(s);

        return rc == INNO_OK ? tf_write_variables(s) : rc;
    }
    tf_use_scratch(s);
    return prepare_and_init(s);
}

static inno_rc look_at_stack(struct tf_stack *s)
{
    char text[500];
    bool has = false, drifts = false;
    inno_rc rc;

    if (s->lock < 0) {
        s->host->status(s->call, INNO_STATE_UPDATING, "another call works on it");
        return INNO_OK;
    }
    if (s->self->address || tf_has(s, "terraform.tfstate")) {
        rc = reopen_to_look(s);
        if (rc == INNO_OK)
            rc = tf_has_state(s, &has);
    } else {
        rc = INNO_OK;
    }
    if (rc == INNO_OK && has)
        rc = tf_refresh(s, &drifts);
    if (rc != INNO_OK)
        return rc;
    if (!has)
        s->host->status(s->call, INNO_STATE_TERMINATED, "its state holds nothing");
    else if (!drifts)
        s->host->status(s->call, INNO_STATE_ACTIVE, NULL);
    else {
        snprintf(text, sizeof text, "drift: %lld resource%s differ%s from the state: %s", (long long)s->drifted, s->drifted == 1 ? "" : "s",
                 s->drifted == 1 ? "s" : "", s->drift);
        s->host->status(s->call, INNO_STATE_DEGRADED, s->drifted ? text : "drift: the outputs differ from the state");
    }
    return INNO_OK;
}

static inno_rc plan_stack(struct tf_stack *s)
{
    CLEANUP(json_put) json_t *changes = NULL;
    CLEANUP(free_text) char *text = NULL;
    bool any;
    inno_rc rc;

    tf_use_scratch(s);
    rc = tf_check_inline(s);
    if (rc == INNO_OK)
        rc = prepare_and_init(s);
    if (rc == INNO_OK)
        rc = tf_plan(s, false, &any, &changes);
    text = rc == INNO_OK ? json_dumps(changes, JSON_COMPACT) : NULL;
    if (text)
        s->host->output_json(s->call, "changes", inno_span_of(text));
    return rc;
}

/* ---- slots ---- */

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return with_stack(self, host, call, res, true, provision_stack);
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return with_stack(self, host, call, res, true, deprovision_stack);
}

static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return with_stack(self, host, call, res, false, look_at_stack);
}

static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return with_stack(self, host, call, res, true, plan_stack);
}

/* Outputs that are addresses. */
static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    CLEANUP(json_put) json_t *outputs = json_loadb(res->outputs.bytes, (size_t)res->outputs.len, 0, NULL);
    const char *name;
    json_t *value;
    int left = 20;

    (void)self;
    json_object_foreach(outputs, name, value)
    {
        const char *text = json_string_value(value);

        if (text && left > 0 && (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0)) {
            host->hint(call, INNO_HINT_URL, name, text);
            left--;
        }
    }
    return INNO_OK;
}

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    static const char *const args[] = {"version", NULL};
    struct tf_stack s = {.self = self, .host = host, .call = call, .wrong = INNO_INVALID_CONFIG, .lock = -1};
    inno_exec_result result;
    inno_rc rc;

    snprintf(s.dir, sizeof s.dir, "%s", host->work_dir(call));
    rc = tf_run(&s, args, TF_SHOW, &result);
    return rc == INNO_OK && result.exit_code != 0 ? tf_failed(&s, "version", &result) : rc;
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    if (strcmp(st->type, "terraform") != 0)
        return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%.60s\" is not terraform", st->type);
    return tf_step(self, host, call, st);
}

/* ---- registration ---- */

static const char *const types[] = {"terraform", NULL};

static const inno_provisioner terraform = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP,
    "terraform",
    TF_VERSION,
    types,
    open_terraform,
    close_terraform,
    provision,
    deprovision,
    get_status,
    get_hints,
    plan,
    health,
    step,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(terraform, {
    "name": "terraform",
    "version": "1.0.0",
    "description": "stacks of Terraform or OpenTofu modules",
    "slots": ["update", "plan", "health", "step"],
    "permissions": ["exec"],
    "state_version": 1,
    "types": [
        {"name": "terraform", "stateful": true, "description": "what a module makes",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "module": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_./-]*$", "maxLength": 200},
             "inline": {},
             "variables": {"type": "object"}}}}
    ],
    "step_types": [{"name": "terraform", "idempotent": true}]
})
/* clang-format on */
