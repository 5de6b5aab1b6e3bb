/* Owns which workflows a deployment runs, and why: three tiers, triggers, required ones, drafts, broken files, overrides (engine.md:
 * Resolve three tiers). Pure; called by plan_build. */
#include "base/str.h"
#include "workflow/plan_priv.h"
#include <stdlib.h>
#include <string.h>

#define AT(config, pointer) (config)->name, config_line((config), (pointer))

static bool is_required(const struct plan_maker *m, const struct workflow_def *def, size_t *out_index)
{
    config_names names = m->q->config->required_workflows;

    for (size_t i = 0; def->tier == TIER_PLATFORM && names[i]; i++)
        if (strcmp(names[i], def->name) == 0) {
            *out_index = i;
            return true;
        }
    return false;
}

/* The trigger that starts it in this deployment, NULL if none does. */
static const char *active_trigger(const struct plan_maker *m, unsigned triggers)
{
    if (m->deleting)
        return triggers & TRIGGER_DELETION ? "deletion" : NULL;
    if (triggers & TRIGGER_ALL)
        return "all_deployments";
    if ((triggers & TRIGGER_FIRST) && m->first)
        return "first_deployment";
    return (triggers & TRIGGER_PRODUCT) && m->product ? "product_deployment" : NULL;
}

static const char *reason_of(struct plan_maker *m, const struct workflow_def *def, const char *trigger)
{
    if (def->tier == TIER_PLATFORM)
        return arena_printf(m->arena, "platform workflow, trigger %s", trigger);
    if (def->tier == TIER_PRODUCT)
        return arena_printf(m->arena, "metadata.product: %s, trigger %s", def->product, trigger);
    return arena_printf(m->arena, "workflows.%s of the Score file, trigger %s", def->name, trigger);
}

/* A broken file that the deployment needs: its own problems, by its own name. */
static void report_broken(struct plan_maker *m, const struct workflow_def *def, bool required)
{
    for (size_t i = 0; i < def->problem_count; i++) {
        const struct diag *p = &def->problems[i];
        struct diag *d;

        if (p->severity != DIAG_ERROR)
            continue;
        d = diag_add(m->diags, DIAG_ERROR, required ? ERR_REQUIRED_WORKFLOW : ERR_WORKFLOW_INVALID, p->line, p->column, p->width, p->path,
                     p->suggestion, "%sworkflow %s is broken: %s", required ? "required " : "", def->title, p->message);
        d->file = arena_strdup(m->arena, def->file);
    }
}

static void add(struct plan_maker *m, const struct workflow_def *def)
{
    size_t index = 0;
    bool required = !m->deleting && is_required(m, def, &index);
    const char *trigger = active_trigger(m, def->triggers);
    struct resolved *r = &m->workflows[m->workflow_count];

    if (def->draft || (!trigger && !required))
        return; /* a required draft counts as missing */
    if (def->broken) {
        report_broken(m, def, required);
        return;
    }
    *r = (struct resolved){.def = def, .required = required, .allowed = true};
    if (required)
        r->reason = arena_printf(m->arena, "required by %s:%d",
                                 AT(m->q->config, arena_printf(m->arena, "/workflowPolicies/requiredPlatformWorkflows/%zu", index)));
    else
        r->reason = reason_of(m, def, trigger);
    if (def->tier == TIER_PRODUCT)
        r->allowed = catalog_is_allowed(m->q->config, def->product, def->name, m->arena, &r->denied);
    m->workflow_count++;
}

/* ---- required ones ---- */

static void check_required(struct plan_maker *m)
{
    config_names names = m->q->config->required_workflows;

    for (size_t i = 0; !m->deleting && names[i]; i++) {
        const struct workflow_def *def = catalog_find(m->q->catalog, NULL, names[i]);
        const char *where =
            arena_printf(m->arena, "%s:%d", AT(m->q->config, arena_printf(m->arena, "/workflowPolicies/requiredPlatformWorkflows/%zu", i)));

        if (!def)
            plan_problem(m, DIAG_ERROR, ERR_REQUIRED_WORKFLOW, NULL,
                         arena_printf(m->arena, "the platform team adds it, or takes it off the list in %s", where),
                         "platform workflow \"%s\" is required by %s but does not exist", names[i], where);
        else if (def->draft)
            plan_problem(m, DIAG_ERROR, ERR_REQUIRED_WORKFLOW, NULL, "set metadata.status: active in its file",
                         "platform workflow \"%s\" is required by %s but is a draft (%s)", names[i], where, def->file);
    }
}

/* ---- overrides ---- */

/* The resolved workflow of a lower tier that replaces `i`, NULL if none does. */
static struct resolved *replacement(struct plan_maker *m, size_t i)
{
    const struct resolved *upper = &m->workflows[i];
    bool may = upper->def->tier == TIER_PLATFORM ? m->q->config->override_platform
                                                 : upper->def->tier == TIER_PRODUCT && m->q->config->override_product;

    if (!may || upper->required)
        return NULL;
    for (size_t k = 0; k < m->workflow_count; k++)
        if (m->workflows[k].def->tier > upper->def->tier && strcmp(m->workflows[k].def->name, upper->def->name) == 0)
            return &m->workflows[k];
    return NULL;
}

static void apply_overrides(struct plan_maker *m)
{
    bool *gone = arena_array(m->arena, m->workflow_count + 1, sizeof *gone);
    size_t kept = 0;

    for (size_t i = 0; i < m->workflow_count; i++) {
        struct resolved *by = replacement(m, i);
        const char *tier = workflow_tier_name(m->workflows[i].def->tier);

        gone[i] = by != NULL;
        if (by)
            by->reason = arena_printf(m->arena, "%s, in place of %s (workflowOverrides.%s, %s:%d)", by->reason, m->workflows[i].def->title,
                                      tier, AT(m->q->config, arena_printf(m->arena, "/workflowPolicies/workflowOverrides/%s", tier)));
    }
    for (size_t i = 0; i < m->workflow_count; i++)
        if (!gone[i])
            m->workflows[kept++] = m->workflows[i];
    m->workflow_count = kept;
}

static int by_order(const void *a, const void *b)
{
    const struct workflow_def *x = ((const struct resolved *)a)->def, *y = ((const struct resolved *)b)->def;

    if (x->tier != y->tier)
        return x->tier < y->tier ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return strcmp(x->name, y->name);
}

void plan_resolve(struct plan_maker *m)
{
    const struct node *own = m->q->score ? node_get(m->q->score->root, "workflows") : NULL;
    struct workflow_def *application = NULL;
    size_t count, application_count = 0;
    const struct workflow_def *shared = catalog_workflows(m->q->catalog, &count);

    if (own)
        workflow_parse_application(own, m->q->config, m->q->provisioners, m->arena, m->hold, m->diags, &application, &application_count);
    m->workflows = arena_array(m->arena, count + application_count + 1, sizeof *m->workflows);
    for (size_t i = 0; i < count; i++)
        if (shared[i].tier == TIER_PLATFORM || (m->product && strcmp(shared[i].product, m->product) == 0))
            add(m, &shared[i]);
    for (size_t i = 0; i < application_count; i++)
        if (!application[i].broken) /* its problems are in the list already */
            add(m, &application[i]);
    check_required(m);
    apply_overrides(m);
    if (m->workflow_count)
        qsort(m->workflows, m->workflow_count, sizeof *m->workflows, by_order);
}
