/* Owns the dry runs of a plan. Made and read by whoever made the plan; answers come on the plugin loop. */
#include "workflow/plan_preview.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/interpolate.h"
#include "resource/override.h"
#include "resource/resource.h"
#include "workflow/engine_priv.h"
#include "workflow/plan_priv.h"
#include "workflow/resource_frame.h"
#include "workflow/route.h"
#include <string.h>

#define MOST_PREVIEWS 50
#define PREVIEW_BYTES (64u << 10) /* of one answer */

struct preview {
    struct plan_preview *all;
    size_t at; /* in plan.changes */
    const char *uid, *instance, *kind, *name;
    const json_t *resource;   /* the plan's */
    struct resource_row *row; /* NULL: it is not there yet */
    char *changes;            /* JSON text, NULL: `note` says why */
    char note[700];
};

struct plan_preview {
    struct engine *engine;
    const struct deployment_draft *draft;
    struct arena arena;
    struct preview *items;
    size_t count;
    json_t *outputs; /* {name: outputs} of what the workload refers to now */
    struct redactor *redactor;
    atomic_int left;
    void (*done)(void *ctx);
    void *ctx;
};

/* ---- whom to ask ---- */

static const json_t *planned(const json_t *plan, const char *uid)
{
    const json_t *resources = json_object_get(plan, "resources"), *workload = json_object_get(plan, "workload_resource");
    const char *name;
    json_t *one;

    json_object_foreach((json_t *)(uintptr_t)resources, name, one) if (str_eq(json_str(one, "uid"), uid)) return one;
    return str_eq(json_str(workload, "uid"), uid) ? workload : NULL;
}

static void add_item(struct plan_preview *p, const struct platform *platform, size_t at, const json_t *change)
{
    static const char *const asked[] = {"create", "update", "replace", NULL};
    const json_t *resource = planned(p->draft->plan, json_str(change, "uid"));
    const char *instance = json_str(resource, "provisioner"), *kind = json_str(change, "change");
    bool wanted = false;

    for (size_t i = 0; asked[i]; i++)
        wanted |= str_eq(kind, asked[i]);
    if (!wanted || !instance || !route_has_slot(json_object_get(platform->provisioners, instance), "plan"))
        return;
    p->items[p->count++] = (struct preview){.all = p,
                                            .at = at,
                                            .uid = json_str(change, "uid"),
                                            .name = json_str(change, "resource"),
                                            .instance = instance,
                                            .kind = kind,
                                            .resource = resource};
    if (p->count > MOST_PREVIEWS)
        snprintf(p->items[p->count - 1].note, sizeof p->items->note, "not asked: a plan asks about %d resources at most", MOST_PREVIEWS);
}

static int read_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct plan_preview *p = ctx;
    const struct deployment_draft *draft = p->draft;
    const char *environment = json_str(json_object_get(draft->plan, "environment"), "name");

    json_put(&p->outputs);
    for (size_t i = 0; i < p->count; i++) {
        struct resource_key key = {draft->org, draft->team, environment, p->items[i].uid};

        if (resource_find(tx, &key, &p->arena, &p->items[i].row, err) < 0)
            return -1;
    }
    return resource_outputs(tx, draft->org, draft->team, environment, json_str(draft->plan, "application"),
                            json_str(draft->plan, "workload"), &p->outputs, err);
}

struct plan_preview *plan_preview_new(struct engine *engine, const struct deployment_draft *draft)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(engine);
    const json_t *changes = json_object_get(draft->plan, "changes"), *change;
    struct plan_preview *p = mem_zalloc(sizeof *p);
    struct err ignored = {0};
    size_t i;

    p->engine = engine;
    p->draft = draft;
    p->redactor = redactor_new();
    p->items = arena_array(&p->arena, json_array_size(changes) + 1, sizeof *p->items);
    json_array_foreach(changes, i, change) add_item(p, platform, i, change);
    if (p->count && store_read(engine->store, read_unit, p, &ignored) == 0)
        return p;
    plan_preview_free(p);
    return NULL;
}

void plan_preview_free(struct plan_preview *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++)
        free(p->items[i].changes);
    json_put(&p->outputs);
    redactor_free(p->redactor);
    arena_fini(&p->arena);
    free(p);
}

/* ---- params, as far as they are known before anything was done ---- */

static const json_t *descend(const json_t *value, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count && value; i++) {
        int64_t index;

        value = json_is_array(value) ? str_to_int(parts[i], &index) && index >= 0 ? json_array_get(value, (size_t)index) : NULL
                                     : json_object_get(value, parts[i]);
    }
    return value;
}

static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    const struct plan_preview *p = ctx;
    const json_t *plan = p->draft->plan, *value = NULL;

    if (str_eq(parts[0], "metadata"))
        value = descend(json_object_get(plan, "spec"), parts, count);
    else if (str_eq(parts[0], "resources") && count == 2)
        value = json_object_get(json_object_get(json_object_get(plan, "resources"), parts[1]), "uid");
    else if (str_eq(parts[0], "resources") && count > 2)
        value = descend(json_object_get(p->outputs, parts[1]), parts + 2, count - 2);
    if (!value)
        return err_set(err, ERR_UNKNOWN_REFERENCE, "${%s} is known only when it is deployed", text);
    *out = json_clone(value);
    return 0;
}

/* What actions have set holds here as it does when it is deployed. */
static int params_of(struct preview *item, json_t **out, struct err *err)
{
    struct interp interp = {.mode = INTERP_SCORE, .resolve = resolve, .ctx = item->all};
    const json_t *plan = item->all->draft->plan, *said = json_object_get(item->resource, "params");
    bool is_workload = str_eq(json_str(item->resource, "type"), "workload");
    CLEANUP(json_put) json_t *made = is_workload ? plan_workload_params(json_object_get(plan, "spec")) : NULL;
    CLEANUP(json_put) json_t *params = NULL;
    const json_t *wanted = is_workload ? made : said;

    if (!wanted)
        params = json_object();
    else if (interp_value(&interp, wanted, &params, err) < 0)
        return -1;
    override_apply(params, json_object_get(item->resource, "overrides"));
    if (json_has_secret(params))
        return err_set(err, ERR_UNSUPPORTED, "its params hold secrets, which are opened only when it is deployed");
    *out = take_ptr(params);
    return 0;
}

/* ---- asking ---- */

static json_t *parse(const char *text) { return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL; }

static void know_secrets(const struct preview *item)
{
    struct plan_preview *p = item->all;
    const struct secret_opening opening = {p->engine, p->redactor, p->draft->org, p->draft->team};
    CLEANUP(json_put) json_t *outputs = item->row ? parse(item->row->outputs) : NULL, *opened = NULL;
    struct err ignored = {0};

    if (outputs && json_has_secret(outputs))
        opening_open(&opening, outputs, &opened, &ignored);
}

static json_t *frame_of(const struct preview *item, json_t *params)
{
    const struct deployment_draft *draft = item->all->draft;
    const json_t *plan = draft->plan, *environment = json_object_get(plan, "environment");
    const struct resource_row *row = item->row;
    const char *class = json_str(item->resource, "class");
    json_t *frame = json_object();

    json_set_str(frame, "operation", "read");
    json_set_str(frame, "uid", item->uid);
    json_set_str(frame, "id", row ? row->id : "");
    json_set_str(frame, "type", json_str(item->resource, "type"));
    json_set_str(frame, "class", class ? class : "default");
    json_set_str(frame, "name", item->name);
    json_set_str(frame, "application", json_str(plan, "application"));
    json_set_str(frame, "environment", json_str(environment, "name"));
    json_set_str(frame, "environment_type", json_str(environment, "type"));
    json_set_str(frame, "team", draft->team);
    json_set_str(frame, "product", json_str(plan, "product"));
    json_set_str(frame, "org", draft->org);
    json_set_int(frame, "generation", row ? row->generation : 0);
    json_set_new(frame, "params", params);
    if (row && !str_eq(item->kind, "replace")) { /* what takes another one's place begins anew */
        json_set_new(frame, "prior_params", parse(row->params));
        json_set_new(frame, "state", parse(row->plugin_state));
        json_set_new(frame, "outputs", parse(row->outputs));
    }
    return frame;
}

static void one_less(struct plan_preview *p)
{
    if (atomic_fetch_sub(&p->left, 1) == 1)
        p->done(p->ctx);
}

static void on_secret(void *ctx, const char *text) { redactor_add(((struct preview *)ctx)->all->redactor, text, strlen(text)); }

/* On the plugin loop. */
static void answered(void *ctx, const struct plugin_result *result)
{
    struct preview *item = ctx;
    CLEANUP(json_put) json_t *changes = json_clone(json_object_get(result->outputs, "changes"));
    CLEANUP(free_ptr) char *text = NULL;

    redactor_apply_changes(item->all->redactor, changes);
    text = changes ? json_text(changes) : NULL;
    if (result->outcome == PLUGIN_DONE_FAILED)
        snprintf(item->note, sizeof item->note, "could not be asked: %s", result->err.msg);
    else if (!json_is_array(changes))
        snprintf(item->note, sizeof item->note, "%s said nothing of changes", item->instance);
    else if (strlen(text) > PREVIEW_BYTES)
        snprintf(item->note, sizeof item->note, "%zu changes, too many to show", json_array_size(changes));
    else
        item->changes = take_ptr(text);
    redactor_apply(item->all->redactor, item->note, sizeof item->note);
    one_less(item->all);
}

static void ask(struct preview *item)
{
    struct plan_preview *p = item->all;
    struct plugin_request request = {.instance = item->instance,
                                     .operation = PLUGIN_PLAN,
                                     .trace_id = p->draft->trace_id,
                                     .deadline_ms = LIMIT_PLAN_PREVIEW_MS,
                                     .events = {.secret = on_secret, .done = answered},
                                     .ctx = item};
    CLEANUP(json_put) json_t *frame = NULL;
    json_t *params = NULL;
    struct err err = {0};

    if (!item->note[0] && params_of(item, &params, &err) == 0) {
        request.resource = frame = frame_of(item, params);
        know_secrets(item);
        if (plugin_call_start(p->engine->options.plugins, &request, NULL, &err) == 0)
            return;
    }
    if (!item->note[0])
        snprintf(item->note, sizeof item->note, "not asked: %s", err.msg);
    one_less(p);
}

void plan_preview_run(struct plan_preview *p, void (*done)(void *ctx), void *ctx)
{
    size_t count = p->count; /* `done` may be the end of it */
    struct preview *items = p->items;

    p->done = done;
    p->ctx = ctx;
    atomic_store(&p->left, (int)count + 1);
    for (size_t i = 0; i < count; i++)
        ask(&items[i]);
    one_less(p);
}

void plan_preview_add(const struct plan_preview *p, json_t *changes)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct preview *item = &p->items[i];
        json_t *preview = json_object();

        if (item->changes)
            json_set_new(preview, "changes", parse(item->changes));
        else
            json_set_str(preview, "note", item->note);
        json_set_new(json_array_get(changes, item->at), "preview", preview);
    }
}
