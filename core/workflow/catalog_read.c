/* Owns the reading of a validated workflow into a workflow_def: metadata, and the steps in the form of the plan. Called by whoever loads;
 * one thread a workflow. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/units.h"
#include "workflow/catalog_priv.h"
#include "workflow/order.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PRIORITY 100

static const char *const tier_names[] = {"platform", "product", "application", NULL};
static const char *const phase_names[] = {"pre-deployment", "deployment", "post-deployment", NULL};
static const char *const trigger_names[] = {"all_deployments", "first_deployment", "product_deployment", "deletion", "manual", NULL};

const char *workflow_tier_name(enum workflow_tier tier) { return tier_names[tier]; }
const char *workflow_phase_name(enum workflow_phase phase) { return phase_names[phase]; }

const char *workflow_trigger_name(unsigned bit) { return bit < sizeof trigger_names / sizeof trigger_names[0] ? trigger_names[bit] : NULL; }

static int index_of(const char *const *names, const char *text, int fallback)
{
    for (int i = 0; text && names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return fallback;
}

void workflow_problem(struct workflow_reader *r, enum diag_severity severity, enum err_code code, const struct node *at, const char *path,
                      const char *suggestion, const char *fmt, ...)
{
    CLEANUP(free_ptr) char *full = mem_printf("%s%s", r->base, path);
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    diag_add(r->diags, severity, code, at ? at->line : 0, at ? at->column : 0, at ? at->width : 1, full, suggestion, "%s", text);
}

const json_t *workflow_hold(struct workflow_reader *r, json_t *value)
{
    json_array_append_new(r->hold, value);
    return value;
}

/* The JSON of a member, or an empty value of the kind. */
static json_t *copy_or(const struct node *map, const char *key, enum node_kind kind)
{
    const struct node *value = node_get(map, key);

    if (value && value->kind == kind)
        return node_to_json(value);
    return kind == NODE_MAP ? json_object() : json_array();
}

static int64_t milliseconds(const struct node *map, const char *key, int64_t fallback)
{
    const char *text = node_str(map, key);
    struct err ignored;
    int64_t ms;

    return text && duration_parse(text, &ms, &ignored) == 0 ? ms : fallback;
}

/* ---- one step ---- */

static const char *condition_text(const struct node *step, const char *key)
{
    const struct node *value = node_get(step, key);

    return value && (value->kind == NODE_STRING || value->kind == NODE_BOOL) ? value->text : NULL;
}

static void read_condition(const struct node *step, json_t *made)
{
    static const char *const keys[] = {"when", "if", "unless", NULL};
    json_t *condition = json_object();

    for (size_t i = 0; keys[i]; i++)
        json_set_str(condition, keys[i], condition_text(step, keys[i]));
    if (json_object_size(condition))
        json_object_set(made, "condition", condition);
    json_decref(condition);
}

static void read_retry(const struct node *step, json_t *made)
{
    const struct node *retry = node_get(step, "retry"), *attempts = node_get(retry, "attempts"), *factor = node_get(retry, "factor"),
                      *on = node_get(retry, "on");
    json_t *out = json_object();

    json_set_int(out, "attempts", attempts && attempts->kind == NODE_INT ? attempts->integer : 3);
    json_set_int(out, "delay_ms", milliseconds(retry, "delay", 1000));
    json_set_new(out, "factor",
                 json_real(factor && factor->kind == NODE_REAL  ? factor->real
                           : factor && factor->kind == NODE_INT ? (double)factor->integer
                                                                : 2));
    json_set_int(out, "max_delay_ms", milliseconds(retry, "maxDelay", 60000));
    json_set_new(out, "on", on && on->kind == NODE_LIST ? node_to_json(on) : json_pack("[sss]", "transient", "timeout", "crashed"));
    json_set_new(made, "retry", out);
    json_set_flag(made, "retry_explicit", retry != NULL);
}

static const char *unavailable(const struct node *step)
{
    static const char *const later[] = {"forEach", "uses", "rollback", NULL};

    for (size_t i = 0; later[i]; i++)
        if (node_get(step, later[i]))
            return later[i];
    return str_eq(node_str(step, "when"), "manual") ? "when: manual" : NULL;
}

static json_t *read_step(const struct node *step)
{
    const struct node *depends = node_get(step, "dependsOn"), *group = node_get(step, "parallelGroup"),
                      *go_on = node_get(step, "continueOnError");
    json_t *made = json_object();

    json_set_str(made, "name", node_str(step, "name"));
    json_set_str(made, "type", node_str(step, "type") ? node_str(step, "type") : "workflow");
    if (depends && depends->kind == NODE_LIST)
        json_set_new(made, "depends_on", node_to_json(depends));
    if (group && group->text)
        json_set_str(made, "parallel_group", group->text);
    read_condition(step, made);
    json_set_new(made, "config", copy_or(step, "config", NODE_MAP));
    if (node_get(step, "env"))
        json_set_new(made, "env", copy_or(step, "env", NODE_MAP));
    if (node_get(step, "outputs"))
        json_set_new(made, "outputs", copy_or(step, "outputs", NODE_MAP));
    if (milliseconds(step, "timeout", 0))
        json_set_int(made, "timeout_ms", milliseconds(step, "timeout", 0));
    read_retry(step, made);
    if (go_on && go_on->kind == NODE_BOOL && go_on->boolean)
        json_set_flag(made, "continue_on_error", true);
    json_set_str(made, "provisioner", node_str(step, "provisioner"));
    json_set_str(made, "unavailable", unavailable(step));
    json_set_int(made, "line", step->line);
    json_set_int(made, "column", step->column);
    return made;
}

/* ---- order ---- */

/* Names must be unique, dependsOn must name steps, and nothing may wait for itself. */
static void check_order(struct workflow_reader *r, const struct node *steps, json_t *made)
{
    struct order_problem problem;

    r->ordered = order_steps(made, r->arena, &problem) == 0;
    if (!r->ordered)
        workflow_problem(r, DIAG_ERROR, problem.code, problem.step < steps->list.count ? steps->list.items[problem.step] : steps,
                         arena_printf(r->arena, "/steps/%zu%s", problem.step, problem.code == ERR_DUPLICATE_KEY ? "/name" : "/dependsOn"),
                         problem.suggestion, "%s", problem.message);
}

/* ---- the whole ---- */

static unsigned read_triggers(const struct node *list)
{
    unsigned bits = 0;

    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->list.count; i++) {
        int at = list->list.items[i]->kind == NODE_STRING ? index_of(trigger_names, list->list.items[i]->text, -1) : -1;

        if (at >= 0)
            bits |= 1u << at;
    }
    return bits ? bits : TRIGGER_ALL;
}

static void read_metadata(struct workflow_def *def, const struct node *m)
{
    const struct node *priority = node_get(m, "priority");

    if (node_str(m, "name"))
        def->name = node_str(m, "name");
    def->description = node_str(m, "description");
    def->owner = node_str(m, "owner");
    def->version = node_str(m, "version");
    def->phase = (enum workflow_phase)index_of(phase_names, node_str(m, "phase"), PHASE_DEPLOYMENT);
    def->draft = str_eq(node_str(m, "status"), "draft");
    def->priority = priority && priority->kind == NODE_INT ? priority->integer : DEFAULT_PRIORITY;
}

static void set_title(struct workflow_reader *r)
{
    struct workflow_def *def = r->def;

    if (def->tier == TIER_PRODUCT)
        def->title = arena_printf(r->arena, "product/%s/%s", def->product, def->name);
    else
        def->title = arena_printf(r->arena, "%s/%s", tier_names[def->tier], def->name);
}

void workflow_read(struct workflow_reader *r, const struct node *metadata, const struct node *spec)
{
    const struct node *steps = node_get(spec, "steps");
    struct workflow_def *def = r->def;
    json_t *made = json_array();

    read_metadata(def, metadata ? metadata : spec); /* an application's entry has phase and priority beside its steps */
    set_title(r);
    def->tags = workflow_hold(r, copy_or(metadata, "tags", NODE_LIST));
    def->triggers = read_triggers(node_get(spec, "triggers"));
    def->timeout_ms = milliseconds(spec, "timeout", 0);
    def->on_failure = node_str(spec, "onFailure");
    def->parameters = workflow_hold(r, copy_or(spec, "parameters", NODE_LIST));
    def->variables = workflow_hold(r, copy_or(spec, "variables", NODE_MAP));
    def->exports = workflow_hold(r, copy_or(spec, "exports", NODE_MAP));
    def->steps = workflow_hold(r, made);
    for (size_t i = 0; steps && steps->kind == NODE_LIST && i < steps->list.count; i++)
        if (steps->list.items[i]->kind == NODE_MAP)
            json_array_append_new(made, read_step(steps->list.items[i]));
}

/* Schema, steps, references: everything about one spec that can be known without a deployment. */
static void check_spec(struct workflow_reader *r, const struct node *spec)
{
    const struct node *steps = node_get(spec, "steps");
    json_t *made = (json_t *)(uintptr_t)r->def->steps;

    workflow_check_types(r, steps, made);
    check_order(r, steps, made);
    workflow_check_references(r, spec);
}

/* ---- documents ---- */

/* kind, product and place must agree. */
static void check_kind(struct workflow_reader *r, const struct node *root)
{
    const char *kind = node_str(root, "kind"), *product = node_str(node_get(root, "metadata"), "product");
    bool of_product = r->def->tier == TIER_PRODUCT;

    r->base = "";
    if (str_eq(kind, of_product ? "PlatformWorkflow" : "ProductWorkflow") || str_eq(kind, "GoldenPath"))
        workflow_problem(r, DIAG_ERROR, ERR_BAD_VALUE, node_get(root, "kind"), "/kind",
                         of_product ? "write kind: ProductWorkflow" : "write kind: PlatformWorkflow", "a file in %s%s cannot be a %s",
                         of_product ? "products/" : "platform", of_product ? r->def->product : "", kind);
    if (product && (!of_product || strcmp(product, r->def->product) != 0))
        workflow_problem(r, DIAG_ERROR, ERR_BAD_VALUE, node_get(node_get(root, "metadata"), "product"), "/metadata/product", NULL,
                         of_product ? "metadata.product is \"%s\", but the file lies in products/%s"
                                    : "metadata.product \"%s\": platform workflows belong to no product",
                         product, r->def->product);
}

static void settle(struct workflow_reader *r, size_t errors_before)
{
    diag_sort(r->diags);
    r->def->broken = r->diags->errors > errors_before;
    r->def->problems = r->diags->items;
    r->def->problem_count = r->diags->count;
}

int workflow_parse(const struct workflow_source *source, struct arena *arena, json_t *hold, struct diag_list *diags,
                   struct workflow_def *out)
{
    struct workflow_reader r = {.config = source->config,
                                .provisioners = source->provisioners,
                                .arena = arena,
                                .hold = hold,
                                .diags = diags,
                                .text = source->text,
                                .base = "/spec",
                                .def = out};
    size_t before = diags->errors;
    const struct node *root;
    const char *slash = strrchr(source->file, '/'), *stem = slash ? slash + 1 : source->file;

    *out =
        (struct workflow_def){.tier = source->product ? TIER_PRODUCT : TIER_PLATFORM, .file = arena_strdup(arena, source->file), .line = 1};
    out->product = arena_strdup(arena, source->product);
    out->yaml = arena_strndup(arena, source->text, source->len);
    r.text = out->yaml;
    out->name = arena_strndup(arena, stem, strcspn(stem, "."));
    root = node_parse_yaml(source->text, source->len, arena, diags);
    if (root && diags->errors == before)
        schema_validate(&workflow_document_type, root, NULL, diags);
    workflow_read(&r, node_get(root, "metadata"), node_get(root, "spec"));
    if (root && root->kind == NODE_MAP)
        check_kind(&r, root);
    r.base = "/spec";
    if (diags->errors == before)
        check_spec(&r, node_get(root, "spec"));
    settle(&r, before);
    return out->broken ? -1 : 0;
}

/* `resources`, `workload` and `removals` are the executions that the core adds, of the same tier. */
static void check_application_name(struct workflow_reader *r, const struct node_pair *pair)
{
    static const char *const reserved[] = {"resources", "workload", "removals", NULL};
    struct node at = {.line = pair->line, .column = pair->column, .width = (int)strlen(pair->key)};

    if (!workflow_is_name(pair->key))
        workflow_problem(r, DIAG_ERROR, ERR_BAD_NAME, &at, "", "use up to 63 letters, digits, '-' and '_'",
                         "\"%.80s\" is not a workflow name", pair->key);
    else if (index_of(reserved, pair->key, -1) >= 0)
        workflow_problem(r, DIAG_ERROR, ERR_BAD_NAME, &at, "", "choose another name",
                         "workflow name \"%s\" is reserved: every deployment has an execution of that name", pair->key);
}

/* Validates an entry by its table; the problems get the entry's path before theirs. */
static void check_application_form(struct workflow_reader *r, const struct node *entry)
{
    struct diag_list found = diag_list_make(r->arena, NULL);

    schema_validate(&workflow_application_type, entry, NULL, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct diag *d = &found.items[i];
        CLEANUP(free_ptr) char *path = mem_printf("%s%s", r->base, d->path);

        diag_add(r->diags, d->severity, d->code, d->line, d->column, d->width, path, d->suggestion, "%s", d->message);
    }
}

int workflow_parse_application(const struct node *map, const struct admin_config *config, const json_t *provisioners, struct arena *arena,
                               json_t *hold, struct diag_list *diags, struct workflow_def **out, size_t *out_count)
{
    size_t count = map && map->kind == NODE_MAP ? map->map.count : 0, all_before = diags->errors;
    struct workflow_def *defs;

    if (count > LIMIT_WORKFLOWS_PER_PLAN) {
        diag_add(diags, DIAG_ERROR, ERR_LIMIT, map->line, map->column, 1, "/workflows", NULL, "%zu workflows; the limit is %d", count,
                 LIMIT_WORKFLOWS_PER_PLAN);
        count = 0;
    }
    defs = arena_array(arena, count + 1, sizeof *defs);
    for (size_t i = 0; i < count; i++) {
        const struct node_pair *pair = &map->map.pairs[i];
        struct workflow_reader r = {
            .config = config, .provisioners = provisioners, .arena = arena, .hold = hold, .diags = diags, .def = &defs[i]};
        size_t before = diags->errors;

        defs[i] = (struct workflow_def){.name = pair->key, .tier = TIER_APPLICATION, .line = pair->line};
        r.base = arena_printf(arena, "/workflows/%s", pair->key);
        check_application_name(&r, pair);
        check_application_form(&r, pair->value);
        workflow_read(&r, NULL, pair->value);
        if (diags->errors == before)
            check_spec(&r, pair->value);
        defs[i].broken = diags->errors > before;
    }
    *out = defs;
    *out_count = count;
    return diags->errors > all_before ? -1 : 0;
}
