/* Owns executions and their steps in the plan: a resolved workflow's, and the frame of those that the core adds. Pure; called by
 * plan_build. */
#include "base/str.h"
#include "workflow/plan_priv.h"
#include "workflow/route.h"
#include <string.h>

static struct route_query query_of(const struct plan_maker *m, const char *type)
{
    return (struct route_query){.type = type,
                                .environment = m->q->environment.name,
                                .environment_type = m->q->environment.type,
                                .team = m->q->team,
                                .product = m->product};
}

/* A built-in type's own answer; `http` may run twice only when it asks. */
static bool is_idempotent(const json_t *step)
{
    const char *method = json_str(json_object_get(step, "config"), "method");

    if (!str_eq(json_str(step, "type"), "http"))
        return true;
    return !method || str_eq(method, "GET") || str_eq(method, "HEAD") || str_eq(method, "OPTIONS");
}

/* A plugin's step gets its entry. */
static void route(struct plan_maker *m, const struct workflow_def *def, json_t *step)
{
    const char *type = json_str(step, "type");
    struct route_query query = query_of(m, type);
    const struct config_provisioner *entry = NULL;
    struct err err = {0};

    if (route_step(m->q->config, m->q->provisioners, &query, json_str(step, "provisioner"), &entry, &err) < 0) {
        plan_workflow_problem(m, err.code, def, json_int(step, "line", 0), NULL, "step \"%s\": %s", json_str(step, "name"), err.msg);
        return;
    }
    json_set_str(step, "provisioner", entry->name);
    json_set_flag(step, "idempotent",
                  json_flag(route_step_type(json_object_get(m->q->provisioners, entry->name), type), "idempotent", false));
}

static json_t *make_step(struct plan_maker *m, const struct workflow_def *def, const json_t *from)
{
    const char *later = json_str(from, "unavailable");
    json_t *step = json_clone(from);

    if (later)
        plan_workflow_problem(m, ERR_UNSUPPORTED, def, json_int(from, "line", 0), NULL, "step \"%s\": %s is not available in this release",
                              json_str(from, "name"), later);
    json_set_flag(step, "idempotent", is_idempotent(step));
    if (!later && !json_flag(from, "builtin", false))
        route(m, def, step);
    if (str_eq(json_str(step, "type"), "action"))
        plan_check_action(m, def, step);
    json_set_flag(step, "dynamic", false);
    json_object_del(step, "builtin");
    json_object_del(step, "column");
    json_object_del(step, "unavailable");
    return step;
}

static const char *default_on_failure(const struct plan_maker *m) { return m->first && !m->deleting ? "rollback" : "stop"; }

static json_t *source_of(const struct workflow_def *def)
{
    json_t *source = json_object();

    json_set_str(source, "file", def->file);
    json_set_int(source, "line", def->line);
    return source;
}

json_t *plan_execution(struct plan_maker *m, const struct resolved *workflow)
{
    const struct workflow_def *def = workflow->def;
    json_t *made = json_object(), *steps = json_array();
    const json_t *step;
    size_t i;

    /* a product's workflow carries its product in its name, so that tier and name are unique in a plan */
    json_set_str(made, "name", def->tier == TIER_PRODUCT ? arena_printf(m->arena, "%s/%s", def->product, def->name) : def->name);
    json_set_str(made, "tier", workflow_tier_name(def->tier));
    json_set_str(made, "phase", workflow_phase_name(def->phase));
    json_set_str(made, "product", def->product);
    json_set_str(made, "version", def->version);
    json_set_str(made, "reason", workflow->reason);
    json_set_new(made, "source", source_of(def));
    if (workflow->required)
        json_set_flag(made, "required", true);
    json_set_flag(made, "allowed", workflow->allowed);
    json_set_str(made, "denied", workflow->denied);
    json_set_str(made, "on_failure", def->on_failure ? def->on_failure : default_on_failure(m));
    if (def->timeout_ms || m->q->config->max_workflow_ms)
        json_set_int(made, "timeout_ms", def->timeout_ms ? def->timeout_ms : m->q->config->max_workflow_ms);
    json_set_new(made, "parameters", plan_parameters(m, def));
    json_set_new(made, "variables", json_clone(def->variables));
    json_set_new(made, "exports", json_clone(def->exports));
    json_array_foreach(def->steps, i, step) json_array_append_new(steps, make_step(m, def, step));
    json_set_new(made, "steps", steps);
    return made;
}

json_t *plan_core_execution(struct plan_maker *m, const char *name, enum workflow_phase phase, const char *reason, json_t *steps)
{
    static const char *const words[] = {[CONFIG_STOP] = "stop", [CONFIG_ROLLBACK] = "rollback", [CONFIG_CONTINUE] = "continue"};
    json_t *made = json_object();

    json_set_str(made, "name", name);
    json_set_str(made, "tier", "application");
    json_set_str(made, "phase", workflow_phase_name(phase));
    json_set_str(made, "reason", reason);
    json_set_flag(made, "allowed", true);
    json_set_str(made, "on_failure", m->deleting ? "stop" : m->first ? "rollback" : words[m->q->config->on_failure]);
    if (m->q->config->max_workflow_ms)
        json_set_int(made, "timeout_ms", m->q->config->max_workflow_ms);
    json_set_new(made, "parameters", json_object());
    json_set_new(made, "variables", json_object());
    json_set_new(made, "exports", json_object());
    json_set_new(made, "steps", steps);
    return made;
}

json_t *plan_core_step(const char *name, const char *type, json_t *depends_on, json_t *config)
{
    json_t *step = json_object();

    json_set_str(step, "name", name);
    json_set_str(step, "type", type);
    json_set_new(step, "depends_on", depends_on);
    json_set_new(step, "config", config);
    json_set_new(step, "retry",
                 json_pack("{s:i,s:i,s:f,s:i,s:[sss]}", "attempts", 3, "delay_ms", 1000, "factor", 2.0, "max_delay_ms", 60000, "on",
                           "transient", "timeout", "crashed"));
    json_set_flag(step, "retry_explicit", false);
    json_set_flag(step, "idempotent", true);
    json_set_flag(step, "dynamic", false);
    return step;
}

const char *plan_execution_title(struct plan_maker *m, const json_t *execution)
{
    return arena_printf(m->arena, "%s/%s", json_str(execution, "tier"), json_str(execution, "name"));
}

bool plan_execution_is(const json_t *execution, const char *title)
{
    const char *tier = json_str(execution, "tier");
    size_t len = strlen(tier);

    return strncmp(title, tier, len) == 0 && title[len] == '/' && str_eq(title + len + 1, json_str(execution, "name"));
}
