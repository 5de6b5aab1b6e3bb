/* The workflow step `terraform`: one operation on a named stack of the application. Called from the thread of a slot. */
#include "sha256.h"
#include "terraform.h"
#include <stdio.h>
#include <string.h>

static void number(struct tf_stack *s, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)value);
    s->host->output_json(s->call, key, inno_span_of(text));
}

static const char *word(const struct tf_stack *s, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(s->spec, key));

    return text && *text ? text : fallback;
}

/* What a plan was made from: a saved one is applied for the same only. */
static void hash_inputs(const struct tf_stack *s, char out[65])
{
    static const char *const parts[] = {"module", "inline", "variables"};
    struct sha256 sum;

    sha256_init(&sum);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        CLEANUP(free_text) char *text = json_dumps(json_object_get(s->spec, parts[i]), JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);

        sha256_add(&sum, parts[i], strlen(parts[i]) + 1);
        if (text) {
            sha256_add(&sum, text, strlen(text) + 1);
            explicit_bzero(text, strlen(text));
        }
    }
    sha256_hex(&sum, out);
}

/* ---- one function an operation ---- */

static inno_rc op_init(struct tf_stack *s)
{
    inno_rc rc = tf_prepare(s);

    return rc == INNO_OK ? tf_init(s) : rc;
}

static inno_rc save_plan(struct tf_stack *s, json_t *changes)
{
    char id[65], inputs[65], path[FILES_PATH_BYTES];
    CLEANUP(json_put) json_t *about = NULL;
    CLEANUP(free_text) char *text = json_dumps(changes, JSON_COMPACT);
    int rc;

    tf_file_hash(s, "plan", id);
    hash_inputs(s, inputs);
    about = json_pack("{s:s, s:s, s:I, s:I, s:I}", "plan", id, "inputs", inputs, "add", (json_int_t)s->add, "change", (json_int_t)s->change,
                      "destroy", (json_int_t)s->drop);
    tf_path(s, "plan.json", path);
    rc = about ? files_write_json(path, about) : 0;
    if (rc != 0)
        return files_fail(s->host, s->call, rc, "writing", path);
    number(s, "add", s->add);
    number(s, "change", s->change);
    number(s, "destroy", s->drop);
    s->host->output(s->call, "plan", id);
    if (text && strlen(text) < 200000)
        s->host->output_json(s->call, "changes", inno_span_of(text));
    return INNO_OK;
}

static inno_rc op_plan(struct tf_stack *s)
{
    CLEANUP(json_put) json_t *changes = NULL;
    bool any = false;
    inno_rc rc = op_init(s);

    if (rc == INNO_OK)
        rc = tf_plan(s, false, &any, &changes);
    return rc == INNO_OK ? save_plan(s, changes) : rc;
}

/* Is the plan there that this step may apply? With `plan: ID` it must be; without, one of the same inputs is taken. */
static inno_rc find_plan(struct tf_stack *s, bool *out_found)
{
    const char *wanted = word(s, "plan", NULL), *inputs, *id;
    char path[FILES_PATH_BYTES], now[65], hash[65];
    CLEANUP(json_put) json_t *about = NULL;

    *out_found = false;
    tf_path(s, "plan.json", path);
    tf_file_hash(s, "plan", hash);
    if (files_read_json(path, &about) != 0 || !*hash)
        return wanted ? s->host->fail(s->call, s->wrong, 0,
                                      "plan %.64s is not here: it was applied already, replaced by a newer one, or made by "
                                      "another provisioner entry or server",
                                      wanted)
                      : INNO_OK;
    id = json_string_value(json_object_get(about, "plan"));
    inputs = json_string_value(json_object_get(about, "inputs"));
    hash_inputs(s, now);
    if (wanted && (!id || strcmp(wanted, id) != 0))
        return s->host->fail(s->call, s->wrong, 0, "plan %.64s was replaced by a newer one", wanted);
    if (!id || strcmp(id, hash) != 0)
        return s->host->fail(s->call, INNO_FAILED, 0, "the saved plan has changed since it was made; plan again");
    *out_found = wanted || (inputs && strcmp(inputs, now) == 0);
    s->add = json_integer_value(json_object_get(about, "add"));
    s->change = json_integer_value(json_object_get(about, "change"));
    s->drop = json_integer_value(json_object_get(about, "destroy"));
    return INNO_OK;
}

static inno_rc apply_and_tell(struct tf_stack *s)
{
    inno_rc rc = tf_apply(s);

    if (rc != INNO_OK)
        return rc;
    number(s, "add", s->add);
    number(s, "change", s->change);
    number(s, "destroy", s->drop);
    return tf_outputs(s);
}

static inno_rc op_apply(struct tf_stack *s)
{
    char path[FILES_PATH_BYTES];
    bool found, any;
    inno_rc rc = find_plan(s, &found);

    if (rc != INNO_OK)
        return rc;
    tf_path(s, "plan.json", path);
    files_remove_file(path); /* applied once */
    if (found && tf_has(s, "data")) {
        rc = tf_write_variables(s);
        return rc == INNO_OK ? apply_and_tell(s) : rc;
    }
    rc = op_init(s);
    if (rc == INNO_OK)
        rc = tf_plan(s, false, &any, NULL);
    return rc == INNO_OK ? apply_and_tell(s) : rc;
}

static inno_rc op_destroy(struct tf_stack *s)
{
    bool any, has;
    inno_rc rc = op_init(s);

    if (rc == INNO_OK)
        rc = tf_has_state(s, &has);
    if (rc != INNO_OK)
        return rc;
    if (has) {
        rc = tf_plan(s, true, &any, NULL);
        if (rc == INNO_OK && any)
            rc = tf_apply(s);
    }
    if (rc != INNO_OK)
        return rc;
    number(s, "destroy", s->drop);
    return tf_forget(s);
}

static inno_rc op_output(struct tf_stack *s)
{
    inno_rc rc = op_init(s);

    return rc == INNO_OK ? tf_outputs(s) : rc;
}

static const struct {
    const char *name;
    inno_rc (*run)(struct tf_stack *s);
} operations[] = {{"init", op_init}, {"plan", op_plan}, {"apply", op_apply}, {"destroy", op_destroy}, {"output", op_output}};

static inno_rc run_operation(struct tf_stack *s)
{
    const char *name = word(s, "operation", "apply");

    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(operations[i].name, name) == 0) {
            s->host->output(s->call, "stack", s->key);
            return operations[i].run(s);
        }
    return s->host->fail(s->call, s->wrong, 0, "config.operation is \"%.60s\"; it may be init, plan, apply, destroy or output", name);
}

inno_rc tf_step(struct tf_settings *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    CLEANUP(json_put) json_t *config = json_loadb(step->config.bytes, (size_t)step->config.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *env = json_loadb(step->env.bytes, (size_t)step->env.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(tf_stack_close)
    struct tf_stack s = {.self = self, .host = host, .call = call, .spec = config, .env = env, .wrong = INNO_INVALID_RESOURCE, .lock = -1};
    const char *stack = json_string_value(json_object_get(config, "stack"));
    const char *identity[] = {step->team, step->environment, "step", step->application, stack && *stack ? stack : "main"};
    static const char *const known[] = {"operation", "stack", "module", "inline", "variables", "plan", NULL};
    inno_rc rc;

    if (!json_is_object(config))
        return host->fail(call, INNO_INVALID_RESOURCE, 0, "config must be an object");
    rc = tf_check_keys(&s, known, "config");
    if (rc == INNO_OK)
        rc = tf_check_inline(&s);
    if (rc == INNO_OK)
        rc = tf_stack_open(&s, identity, sizeof identity / sizeof identity[0], identity[4], true);
    return rc == INNO_OK ? run_operation(&s) : rc;
}
