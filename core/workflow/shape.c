/* Reads a plan into its shape, and decides what happens next. Pure; any thread. */
#include "workflow/shape.h"
#include "base/limits.h"
#include <string.h>

static enum on_failure parse_on_failure(const char *text)
{
    if (text && strcmp(text, "continue") == 0)
        return ON_FAILURE_CONTINUE;
    return text && strcmp(text, "rollback") == 0 ? ON_FAILURE_ROLLBACK : ON_FAILURE_STOP;
}

static void read_condition(const json_t *step, struct shape_step *out)
{
    const char *when = json_str(json_object_get(step, "condition"), "when");

    out->runs = RUNS_ON_SUCCESS;
    if (when && strcmp(when, "on_failure") == 0)
        out->runs = RUNS_ON_FAILURE;
    else if (when && strcmp(when, "always") == 0)
        out->runs = RUNS_ALWAYS;
    else if (when && strcmp(when, "on_success") != 0)
        out->when = when;
}

static void read_retry(const json_t *step, struct shape_step *out)
{
    const json_t *retry = json_object_get(step, "retry");
    const json_t *factor = json_object_get(retry, "factor");
    int64_t attempts = json_int(retry, "attempts", 3);

    out->max_attempts = attempts < 1 ? 1 : attempts > LIMIT_STEP_ATTEMPTS ? LIMIT_STEP_ATTEMPTS : (int)attempts;
    out->retry_delay_ms = json_int(retry, "delay_ms", 1000);
    out->retry_max_delay_ms = json_int(retry, "max_delay_ms", 60000);
    out->retry_factor = json_is_number(factor) ? json_number_value(factor) : 2.0;
    out->retry_explicit = json_flag(step, "retry_explicit", false);
    out->retry_on = out->retry_explicit ? json_object_get(retry, "on") : NULL;
}

static int find_step(const struct shape_workflow *workflow, const char *name, unsigned *out)
{
    for (unsigned i = 0; i < workflow->count; i++)
        if (strcmp(workflow->steps[i].name, name) == 0) {
            *out = i;
            return 0;
        }
    return -1;
}

/* What `${root...}` may read: a step of the workflow goes before everything else, and what nobody knows may be anything. */
static unsigned root_reads(const struct shape_workflow *workflow, const char *text)
{
    static const char *const given[] = {"metadata",  "environment", "env",   "product",    "team",   "application", "parameters",
                                        "variables", "workflow",    "admin", "deployment", "result", NULL};
    size_t len = strcspn(text, ".[}");

    for (unsigned i = 0; i < workflow->count; i++)
        if (strncmp(workflow->steps[i].name, text, len) == 0 && !workflow->steps[i].name[len])
            return SHAPE_READS_STEPS | SHAPE_READS_RESOURCES;
    if (len == strlen("resources") && strncmp(text, "resources", len) == 0)
        return SHAPE_READS_RESOURCES;
    for (size_t i = 0; given[i]; i++)
        if (strlen(given[i]) == len && strncmp(given[i], text, len) == 0)
            return 0;
    return SHAPE_READS_STEPS | SHAPE_READS_RESOURCES;
}

/* Expressions and scripts name what they look at; texts refer to it by ${...}. The older forms of conditions say NAME.success. Said too
 * often, it costs a read. */
static unsigned text_reads(const struct shape_workflow *workflow, const char *text, bool expression)
{
    unsigned reads = 0;

    if (expression && (strpbrk(text, ".[$") || strstr(text, "steps") || strstr(text, "resources") || strstr(text, "workflows")))
        return SHAPE_READS_STEPS | SHAPE_READS_RESOURCES;
    while ((text = strstr(text, "${")))
        reads |= root_reads(workflow, text += 2);
    return reads;
}

static unsigned value_reads(const struct shape_workflow *workflow, const json_t *value, bool expression)
{
    unsigned reads = 0;
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_string(value))
        return text_reads(workflow, json_string_value(value), expression);
    json_array_foreach(value, i, item) reads |= value_reads(workflow, item, expression);
    json_object_foreach((json_t *)(uintptr_t)value, key, item) reads |= value_reads(workflow, item, expression || strcmp(key, "when") == 0);
    return reads;
}

/* What the core's own steps are made from stands in the plan, not in the step. */
static unsigned step_reads(const json_t *plan, const struct shape_workflow *workflow, const json_t *step)
{
    static const char *const parts[] = {"config", "env", "outputs"};
    const char *type = json_str(step, "type"), *name = json_str(json_object_get(step, "config"), "resource");
    unsigned reads = value_reads(workflow, json_object_get(step, "condition"), true);

    if (strcmp(type, "lua") == 0)
        return SHAPE_READS_STEPS | SHAPE_READS_RESOURCES;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        reads |= value_reads(workflow, json_object_get(step, parts[i]), false);
    if (json_object_get(step, "placed_by"))
        reads |= SHAPE_READS_STEPS;
    if (strcmp(type, "workload") == 0)
        reads |= value_reads(workflow, json_object_get(plan, "spec"), false);
    else if (name)
        reads |= value_reads(workflow, json_object_get(json_object_get(json_object_get(plan, "resources"), name), "params"), false);
    return reads;
}

static int read_dependencies(const json_t *step, struct shape_workflow *workflow, struct shape_step *out, struct arena *arena,
                             struct err *err)
{
    const json_t *names = json_object_get(step, "depends_on");
    size_t count = json_array_size(names);

    out->depends_on = arena_array(arena, count, sizeof *out->depends_on);
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(names, i));

        if (!name || find_step(workflow, name, &out->depends_on[i]) < 0)
            return err_set(err, ERR_STORE_CORRUPT, "the plan's step %s/%s depends on an unknown step", workflow->name, out->name);
    }
    out->dependencies = (unsigned)count;
    return 0;
}

static int read_workflow(const json_t *whole, const json_t *plan, unsigned index, struct shape_workflow *out, struct arena *arena,
                         struct err *err)
{
    const json_t *steps = json_object_get(plan, "steps"), *step;
    size_t i;

    out->plan = plan;
    out->id = json_str(plan, "id");
    out->name = json_str(plan, "name");
    out->tier = json_str(plan, "tier");
    out->phase = json_str(plan, "phase");
    out->on_failure = parse_on_failure(json_str(plan, "on_failure"));
    out->timeout_ms = json_int(plan, "timeout_ms", 0);
    if (!out->id || !out->name || !out->tier || !out->phase)
        return err_set(err, ERR_STORE_CORRUPT, "execution %u of the plan lacks id, name, tier or phase", index);
    out->count = (unsigned)json_array_size(steps);
    out->steps = arena_array(arena, out->count, sizeof *out->steps);
    json_array_foreach(steps, i, step)
    {
        struct shape_step *to = &out->steps[i];

        *to = (struct shape_step){
            .plan = step, .name = json_str(step, "name"), .type = json_str(step, "type"), .workflow = index, .position = (unsigned)i};
        if (!to->name || !to->type)
            return err_set(err, ERR_STORE_CORRUPT, "a step of %s lacks name or type", out->name);
        to->continue_on_error = json_flag(step, "continue_on_error", false);
        to->idempotent = json_flag(step, "idempotent", true);
        to->timeout_ms = json_int(step, "timeout_ms", 0);
        read_condition(step, to);
        read_retry(step, to);
    }
    json_array_foreach(steps, i, step) out->steps[i].reads = step_reads(whole, out, step);
    json_array_foreach(steps, i, step) if (read_dependencies(step, out, &out->steps[i], arena, err) < 0) return -1;
    return 0;
}

int shape_make(const json_t *plan, struct arena *arena, struct shape *out, struct err *err)
{
    const json_t *phases = json_object_get(plan, "phases"), *phase, *workflow;
    struct shape shape = {0};
    unsigned next = 0;
    size_t i, j;

    json_array_foreach(phases, i, phase) shape.count += (unsigned)json_array_size(json_object_get(phase, "workflows"));
    if (shape.count > LIMIT_WORKFLOWS_PER_PLAN)
        return err_set(err, ERR_STORE_CORRUPT, "a plan of %u executions; the limit is %d", shape.count, LIMIT_WORKFLOWS_PER_PLAN);
    shape.workflows = arena_array(arena, shape.count, sizeof *shape.workflows);
    json_array_foreach(phases, i, phase) json_array_foreach(json_object_get(phase, "workflows"), j, workflow)
    {
        struct shape_workflow *to = &shape.workflows[next];

        if (read_workflow(plan, workflow, next++, to, arena, err) < 0)
            return -1;
        to->first = shape.steps;
        shape.steps += to->count;
    }
    if (shape.steps > LIMIT_STEPS_PER_PLAN)
        return err_set(err, ERR_LIMIT, "a plan of %u steps; the limit is %d", shape.steps, LIMIT_STEPS_PER_PLAN);
    *out = shape;
    return 0;
}

/* ---- what happens next ---- */

struct deciding {
    const struct shape *shape;
    enum step_state *states; /* a copy that decisions are written into */
    struct advance_list list;
};

static void decide(struct deciding *d, struct advance what) { d->list.items[d->list.count++] = what; }

static void decide_step(struct deciding *d, const struct shape_workflow *workflow, unsigned index, unsigned step, enum step_state to)
{
    d->states[workflow->first + step] = to;
    decide(d, (struct advance){.kind = ADVANCE_STEP, .workflow = index, .step = step, .step_state = to});
}

static bool is_failure(const struct shape_step *step, enum step_state state)
{
    bool failed = state == STEP_FAILED || state == STEP_REJECTED || state == STEP_EXPIRED;

    return failed && !step->continue_on_error;
}

struct tally {
    bool failed, busy, pending, tolerated, rejected;
};

static struct tally count_steps(const struct shape_workflow *workflow, const enum step_state *states)
{
    struct tally t = {0};

    for (unsigned i = 0; i < workflow->count; i++) {
        enum step_state state = states[workflow->first + i];

        t.busy |= step_state_is_busy(state);
        t.pending |= state == STEP_PENDING;
        t.failed |= is_failure(&workflow->steps[i], state);
        t.rejected |= state == STEP_REJECTED || state == STEP_EXPIRED;
        t.tolerated |= state == STEP_FAILED && workflow->steps[i].continue_on_error;
    }
    return t;
}

static bool dependencies_are_final(const struct shape_workflow *workflow, const struct shape_step *step, const enum step_state *states)
{
    for (unsigned i = 0; i < step->dependencies; i++)
        if (!step_state_is_final(states[workflow->first + step->depends_on[i]]))
            return false;
    return true;
}

/* Whether a pending step may start now, must be skipped, or stays (STEP_PENDING). */
static enum step_state judge(const struct shape_workflow *workflow, const struct shape_step *step, const enum step_state *states,
                             bool failed, bool cancel)
{
    if (cancel)
        return STEP_CANCELED;
    if (failed && step->runs == RUNS_ON_SUCCESS)
        return STEP_SKIPPED;
    if (!dependencies_are_final(workflow, step, states))
        return STEP_PENDING;
    if (step->runs == RUNS_ON_FAILURE && !failed)
        return STEP_PENDING; /* until its workflow has nothing else left */
    return STEP_READY;
}

static void skip_rest(struct deciding *d, const struct shape_workflow *workflow, unsigned index)
{
    for (unsigned i = 0; i < workflow->count; i++)
        if (d->states[workflow->first + i] == STEP_PENDING)
            decide_step(d, workflow, index, i, STEP_SKIPPED);
}

/* Moves the pending steps of the present workflow until nothing changes. Returns its tally afterwards. */
static struct tally move_steps(struct deciding *d, const struct shape_workflow *workflow, unsigned index, bool cancel)
{
    struct tally t = count_steps(workflow, d->states);

    for (bool moved = true; moved;) {
        moved = false;
        for (unsigned i = 0; i < workflow->count; i++) {
            enum step_state to;

            if (d->states[workflow->first + i] != STEP_PENDING)
                continue;
            to = judge(workflow, &workflow->steps[i], d->states, t.failed, cancel);
            if (to != STEP_PENDING) {
                decide_step(d, workflow, index, i, to);
                moved = true;
            }
        }
        t = count_steps(workflow, d->states);
    }
    if (!t.busy && t.pending) { /* only steps for a failure that did not happen are left */
        skip_rest(d, workflow, index);
        t = count_steps(workflow, d->states);
    }
    return t;
}

static enum run_state workflow_end(struct tally t, bool cancel)
{
    if (cancel)
        return RUN_CANCELED;
    if (t.failed)
        return t.rejected ? RUN_REJECTED : RUN_FAILED;
    return RUN_COMPLETED;
}

struct advance_list advance(const struct shape *shape, const enum step_state *states, const bool *started, const enum run_state *ended,
                            bool cancel, struct arena *arena)
{
    struct deciding d = {.shape = shape};
    bool stopped = false;
    enum run_state outcome = RUN_COMPLETED;

    d.states = arena_array(arena, shape->steps + 1, sizeof *d.states);
    memcpy(d.states, states, shape->steps * sizeof *states);
    d.list.items = arena_array(arena, (size_t)shape->steps + 2 * shape->count + 1, sizeof *d.list.items);
    for (unsigned i = 0; i < shape->count; i++) {
        const struct shape_workflow *workflow = &shape->workflows[i];
        enum run_state end = ended[i];
        struct tally t;

        if (!run_state_is_final(end)) {
            if (stopped || (cancel && !started[i]))
                continue; /* never started: its steps are shown as canceled */
            if (!started[i])
                decide(&d, (struct advance){.kind = ADVANCE_WORKFLOW_STARTED, .workflow = i});
            t = move_steps(&d, workflow, i, cancel);
            if (t.busy)
                return d.list;
            end = workflow_end(t, cancel);
            decide(&d, (struct advance){.kind = ADVANCE_WORKFLOW_ENDED, .workflow = i, .run_state = end});
        } else {
            t = count_steps(workflow, d.states);
        }
        d.list.degraded |= t.tolerated || (end != RUN_COMPLETED && workflow->on_failure == ON_FAILURE_CONTINUE);
        if (end != RUN_COMPLETED && workflow->on_failure != ON_FAILURE_CONTINUE) {
            stopped = true;
            outcome = end;
        }
    }
    if (cancel)
        outcome = RUN_CANCELED;
    decide(&d, (struct advance){.kind = ADVANCE_RUN_ENDED, .run_state = outcome});
    return d.list;
}
