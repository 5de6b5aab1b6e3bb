/* What is done with a stack: init, plan, apply of exactly that plan, outputs, drift. Called from the thread of a slot. */
#include "terraform.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_ARGS 20

struct args {
    const char *word[MAX_ARGS + 1];
    char plan[FILES_PATH_BYTES + 8], variables[FILES_PATH_BYTES + 16], parallelism[40], lock_timeout[80];
    size_t count;
};

static void add(struct args *a, const char *word)
{
    if (a->count < MAX_ARGS)
        a->word[a->count++] = word;
}

static void add_common(const struct tf_stack *s, struct args *a)
{
    add(a, "-input=false");
    add(a, "-json");
    if (s->self->parallelism) {
        snprintf(a->parallelism, sizeof a->parallelism, "-parallelism=%lld", (long long)s->self->parallelism);
        add(a, a->parallelism);
    }
}

static void add_lock(const struct tf_stack *s, struct args *a)
{
    if (!s->self->lock_timeout)
        return;
    snprintf(a->lock_timeout, sizeof a->lock_timeout, "-lock-timeout=%.50s", s->self->lock_timeout);
    add(a, a->lock_timeout);
}

static void add_variables(const struct tf_stack *s, struct args *a)
{
    snprintf(a->variables, sizeof a->variables, "-var-file=%s/variables.tfvars.json", s->host->work_dir(s->call));
    add(a, a->variables);
}

/* ---- locks of the backend ---- */

static void note_running(const struct tf_stack *s, bool running)
{
    char path[FILES_PATH_BYTES];

    tf_path(s, "running", path);
    if (running)
        files_write(path, "", 0);
    else
        files_remove_file(path);
}

/* The id in "Lock Info: ID: 0f3c..."; "" when there is none. */
static void lock_id(const char *text, char out[64])
{
    const char *at = strstr(text, "ID:");
    size_t len;

    out[0] = '\0';
    if (!at)
        return;
    at += 3 + strspn(at + 3, " ");
    len = strspn(at, "0123456789abcdefABCDEF-");
    if (len > 7 && len < 64)
        snprintf(out, 64, "%.*s", (int)len, at);
}

/* A run that was killed has left its lock; nobody else may work on this stack now. */
static bool unlock_ours(struct tf_stack *s)
{
    char id[64];
    const char *args[] = {"force-unlock", "-force", id, NULL};
    inno_exec_result result;
    char kept[TF_PROBLEM_BYTES];

    if (!s->was_interrupted || !strstr(s->problem, "Error acquiring the state lock"))
        return false;
    s->was_interrupted = false;
    memcpy(kept, s->problem, sizeof kept);
    lock_id(s->problem, id);
    if (!*id || tf_run(s, args, TF_SHOW, &result) != INNO_OK || result.exit_code != 0) {
        memcpy(s->problem, kept, sizeof kept);
        return false;
    }
    s->host->log(s->call, INNO_LOG_WARN, "the lock %s, left by an earlier run of this stack that was killed, has been removed", id);
    return true;
}

/* A run that locks the state. It leaves a mark as long as it runs, so that a later one knows whose lock it finds. */
static inno_rc run_locked(struct tf_stack *s, struct args *a, inno_exec_result *result)
{
    inno_rc rc;

    for (;;) {
        note_running(s, true);
        rc = tf_run(s, a->word, TF_UI, result);
        if (rc == INNO_OK || !result->signal)
            note_running(s, false);
        if (rc != INNO_OK || result->exit_code != 1 || !unlock_ours(s))
            return rc;
    }
}

/* ---- init ---- */

/* Says what is wrong with the module, where there is something; INNO_OK when the module is not at fault. */
static inno_rc validate(struct tf_stack *s, bool is_installed)
{
    static const char *const args[] = {"validate", "-json", "-no-color", NULL};
    static const char *const for_want[] = {"provider", "Provider", "not installed", "plugin"};
    CLEANUP(json_put) json_t *report = NULL;
    inno_exec_result result;
    json_t *d;
    size_t i;
    inno_rc rc = tf_run(s, args, TF_SILENT, &result);

    if (rc != INNO_OK)
        return rc;
    report = json_loadb(result.out.bytes, (size_t)result.out.len, 0, NULL);
    json_array_foreach(json_object_get(report, "diagnostics"), i, d)
    {
        char text[TF_PROBLEM_BYTES];
        bool at_fault = tf_describe(d, text);

        for (size_t k = 0; at_fault && !is_installed && k < sizeof for_want / sizeof for_want[0]; k++)
            at_fault = !strstr(text, for_want[k]);
        if (at_fault)
            return s->host->fail(s->call, s->wrong, -1, "the module is wrong: %s", text);
    }
    return INNO_OK;
}

static void keep_locks(struct tf_stack *s)
{
    const char *module = json_string_value(json_object_get(s->spec, "module"));
    char from[FILES_PATH_BYTES], to[FILES_PATH_BYTES];
    int64_t budget = 1 << 20;

    snprintf(from, sizeof from, "%s/module/%s%s.terraform.lock.hcl", s->dir, module ? module : "", module ? "/" : "");
    tf_path(s, "lock.hcl", to);
    files_copy(from, to, &budget); /* there is none without providers */
}

inno_rc tf_init(struct tf_stack *s)
{
    static const char *const args[] = {"init", "-input=false", "-no-color", "-reconfigure", NULL};
    char problem[TF_PROBLEM_BYTES];
    inno_exec_result result;
    inno_rc rc;

    s->was_interrupted = tf_has(s, "running");
    rc = tf_run(s, args, TF_SHOW, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0) {
        memcpy(problem, s->problem, sizeof problem);
        rc = validate(s, false);
        memcpy(s->problem, problem, sizeof problem);
        return rc == INNO_OK ? tf_failed(s, "init", &result) : rc;
    }
    keep_locks(s);
    return validate(s, true);
}

/* ---- plan and apply ---- */

static void count_change(struct tf_stack *s, const json_t *actions)
{
    json_t *action;
    size_t i;

    json_array_foreach(actions, i, action)
    {
        const char *word = json_string_value(action);

        s->add += word && strcmp(word, "create") == 0;
        s->change += word && strcmp(word, "update") == 0;
        s->drop += word && strcmp(word, "delete") == 0;
    }
}

static bool changes_nothing(const json_t *actions)
{
    const char *first = json_string_value(json_array_get(actions, 0));

    return !first || strcmp(first, "no-op") == 0 || strcmp(first, "read") == 0;
}

static inno_rc read_plan(struct tf_stack *s, const char *path, json_t **changes)
{
    const char *args[] = {"show", "-json", "-no-color", path, NULL};
    CLEANUP(json_put) json_t *plan = NULL;
    CLEANUP(json_put) json_t *list = json_array();
    inno_exec_result result;
    json_t *change;
    size_t i;
    inno_rc rc = tf_run(s, args, TF_SILENT, &result);

    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0)
        return tf_failed(s, "show", &result);
    plan = json_loadb(result.out.bytes, (size_t)result.out.len, 0, NULL);
    if (!plan)
        return s->host->fail(s->call, INNO_FAILED, 0, "show: the plan is no JSON");
    s->add = s->change = s->drop = 0;
    json_array_foreach(json_object_get(plan, "resource_changes"), i, change)
    {
        json_t *actions = json_object_get(json_object_get(change, "change"), "actions");

        count_change(s, actions);
        if (!changes_nothing(actions))
            json_array_append_new(list, json_pack("{s:O, s:O}", "address", json_object_get(change, "address"), "actions", actions));
    }
    if (changes)
        *changes = json_incref(list);
    return INNO_OK;
}

inno_rc tf_plan(struct tf_stack *s, bool destroy, bool *out_any, json_t **changes)
{
    struct args a = {.count = 0};
    char plan[FILES_PATH_BYTES];
    inno_exec_result result;
    inno_rc rc;

    tf_path(s, "plan", plan);
    files_remove_file(plan);
    snprintf(a.plan, sizeof a.plan, "-out=%s", plan);
    add(&a, "plan");
    add(&a, "-detailed-exitcode");
    add(&a, a.plan);
    if (destroy)
        add(&a, "-destroy");
    add_common(s, &a);
    if (strcmp(s->dir, s->home) != 0)
        add(&a, "-lock=false");
    else
        add_lock(s, &a);
    add_variables(s, &a);
    rc = run_locked(s, &a, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0 && result.exit_code != 2)
        return tf_failed(s, "plan", &result);
    *out_any = result.exit_code == 2;
    return read_plan(s, plan, changes);
}

void tf_drop_plan(struct tf_stack *s)
{
    char plan[FILES_PATH_BYTES];

    tf_path(s, "plan", plan);
    files_remove_file(plan);
}

inno_rc tf_apply(struct tf_stack *s)
{
    struct args a = {.count = 0};
    char plan[FILES_PATH_BYTES];
    inno_exec_result result;
    inno_rc rc;

    tf_path(s, "plan", plan);
    add(&a, "apply");
    add_common(s, &a);
    add_lock(s, &a);
    add(&a, plan);
    s->shows_progress = true;
    s->done = 0;
    rc = run_locked(s, &a, &result);
    tf_drop_plan(s);
    if (rc != INNO_OK)
        return rc;
    return result.exit_code == 0 ? INNO_OK : tf_failed(s, "apply", &result);
}

/* ---- reading ---- */

static void tell_output(struct tf_stack *s, const char *name, json_t *value, bool secret)
{
    CLEANUP(free_text) char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);

    if (secret)
        s->host->secret_output(s->call, name, json_is_string(value) ? json_string_value(value) : text);
    else if (json_is_string(value))
        s->host->output(s->call, name, json_string_value(value));
    else if (text)
        s->host->output_json(s->call, name, inno_span_of(text));
    if (text)
        explicit_bzero(text, strlen(text));
}

inno_rc tf_outputs(struct tf_stack *s)
{
    static const char *const args[] = {"output", "-json", "-no-color", NULL};
    CLEANUP(json_put) json_t *outputs = NULL;
    inno_exec_result result;
    const char *name;
    json_t *output;
    inno_rc rc = tf_run(s, args, TF_SILENT, &result);

    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0)
        return tf_failed(s, "output", &result);
    outputs = json_loadb(result.out.bytes, (size_t)result.out.len, 0, NULL);
    if (!json_is_object(outputs))
        return s->host->fail(s->call, INNO_FAILED, 0, "output: it is no JSON object");
    json_object_foreach(outputs, name, output)
        tell_output(s, name, json_object_get(output, "value"), json_is_true(json_object_get(output, "sensitive")));
    return INNO_OK;
}

inno_rc tf_refresh(struct tf_stack *s, bool *out_any)
{
    struct args a = {.count = 0};
    inno_exec_result result;
    inno_rc rc;

    add(&a, "plan");
    add(&a, "-refresh-only");
    add(&a, "-detailed-exitcode");
    add(&a, "-lock=false"); /* nothing is written */
    add_common(s, &a);
    add_variables(s, &a);
    s->drifted = 0;
    s->drift[0] = '\0';
    rc = tf_run(s, a.word, TF_UI, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0 && result.exit_code != 2)
        return tf_failed(s, "plan -refresh-only", &result);
    *out_any = result.exit_code == 2;
    return INNO_OK;
}

inno_rc tf_has_state(struct tf_stack *s, bool *out)
{
    static const char *const args[] = {"state", "pull", NULL};
    CLEANUP(json_put) json_t *state = NULL;
    inno_exec_result result;
    inno_rc rc;

    *out = false;
    rc = tf_run(s, args, TF_SILENT, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0)
        return tf_failed(s, "state pull", &result);
    state = json_loadb(result.out.bytes, (size_t)result.out.len, 0, NULL);
    *out = json_array_size(json_object_get(state, "resources")) > 0 || json_object_size(json_object_get(state, "outputs")) > 0;
    return INNO_OK;
}
