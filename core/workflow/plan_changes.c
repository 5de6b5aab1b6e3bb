/* Owns what a deployment would change against what runs now: create, update, replace, remove, orphan, none; what may not change or go; the
 * summary (engine.md: Update, replace, remove). Pure; called by plan_build. */
#include "base/str.h"
#include "workflow/plan_priv.h"
#include "workflow/route.h"
#include <string.h>

#define ANNOTATION_PROTECT "innominatus.dev/protect"
#define ANNOTATION_RETAIN  "innominatus.dev/retain"

bool plan_name_listed(const json_t *names, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(names, i, item) if (str_eq(json_string_value(item), name)) return true;
    return false;
}

const json_t *plan_row_of(const struct plan_maker *m, const char *uid)
{
    const json_t *row;
    size_t i;

    json_array_foreach(m->rows, i, row) if (str_eq(json_str(row, "uid"), uid)) return row;
    return NULL;
}

static bool annotated(const json_t *resource, const char *key)
{
    return str_eq(json_str(json_object_get(resource, "annotations"), key), "true");
}

/* ---- whose it is ---- */

static bool is_own_ref(const struct plan_maker *m, const json_t *ref)
{
    const char *workload = json_str(ref, "workload");

    if (!str_eq(json_str(ref, "application"), m->application))
        return false;
    return m->deleting || !workload || str_eq(workload, m->workload);
}

/* Does this workload (in a deletion: the application) refer to the row? Nobody refers to an orphan: it is its application's. */
static bool is_own(const struct plan_maker *m, const json_t *row)
{
    const json_t *refs = json_object_get(row, "refs"), *ref;
    size_t i;

    if (!json_array_size(refs))
        return is_own_ref(m, row);
    json_array_foreach(refs, i, ref) if (is_own_ref(m, ref)) return true;
    return false;
}

/* Somebody else who refers to the row, NULL: nobody. */
static const char *other_referrer(const struct plan_maker *m, const json_t *row)
{
    const json_t *refs = json_object_get(row, "refs"), *ref;
    size_t i;

    json_array_foreach(refs, i, ref) if (!is_own_ref(m, ref)) return arena_printf(
        m->arena, "%s%s%s", json_str(ref, "application"), json_str(ref, "workload") ? "/" : "",
        json_str(ref, "workload") ? json_str(ref, "workload") : "");
    return NULL;
}

static bool is_protected(const struct plan_maker *m, const json_t *resource, const json_t *row)
{
    bool stateful = json_flag(resource ? resource : row, "stateful", false);

    return annotated(resource ? resource : row, ANNOTATION_PROTECT) || json_flag(row, "protected", false) ||
           (m->q->environment.protect && stateful);
}

/* ---- one change ---- */

static json_t *change_of(const json_t *resource, const char *change, json_t *fields, bool is_kept)
{
    json_t *made = json_object();

    json_set_str(made, "resource", json_str(resource, "name"));
    json_set_str(made, "uid", json_str(resource, "uid"));
    json_set_str(made, "type", json_str(resource, "type"));
    json_set_str(made, "change", change);
    json_set_new(made, "fields", fields);
    json_set_flag(made, "protected", is_kept);
    return made;
}

static bool is_unwell(const json_t *row)
{
    const char *state = json_str(row, "state");

    return state && !str_eq(state, "active") && !str_eq(state, "scaling") && !str_eq(state, "orphaned");
}

/* Why a resource is touched although its params stay, NULL: they do not stay. Arena of the maker. */
static const char *because_of(const struct plan_maker *m, const json_t *row, const char *change, const json_t *fields)
{
    const char *reason = json_str(json_object_get(row, "drift"), "reason");

    if (!str_eq(change, "update") || json_array_size(fields))
        return NULL;
    if (reason)
        return arena_printf(m->arena, "not as it was applied: %s", reason);
    return is_unwell(row) ? arena_printf(m->arena, "it is %s", json_str(row, "state")) : "its provisioner has another version of its state";
}

/* The first field below an immutable param, NULL: none. */
static const char *immutable_field(const struct plan_maker *m, const json_t *resource, const json_t *fields)
{
    const json_t *field, *name;
    size_t i, k;

    json_array_foreach(fields, i, field) json_array_foreach(json_object_get(resource, "immutable"), k, name)
    {
        const char *path = json_str(field, "path"),
                   *start = arena_printf(m->arena, "/params/%s", json_string_value(name) ? json_string_value(name) : "");

        if (str_starts(path, start) && (path[strlen(start)] == '\0' || path[strlen(start)] == '/'))
            return json_string_value(name);
    }
    return NULL;
}

/* Why an update in place cannot be, NULL when it can. */
static const char *obstacle(const struct plan_maker *m, const json_t *resource, const json_t *row, const json_t *fields)
{
    const json_t *manifest = json_object_get(m->q->provisioners, json_str(resource, "provisioner"));
    const char *immutable = immutable_field(m, resource, fields);

    if (!str_eq(json_str(row, "provisioner"), json_str(resource, "provisioner")) && json_str(row, "provisioner"))
        return arena_printf(m->arena, "it moves from provisioner %s to %s", json_str(row, "provisioner"),
                            json_str(resource, "provisioner"));
    if (immutable)
        return arena_printf(m->arena, "%s cannot change", immutable);
    if (json_array_size(fields) && !route_has_slot(manifest, "update"))
        return arena_printf(m->arena, "its provisioner %s cannot update", json_str(resource, "provisioner"));
    return NULL;
}

/* Was it ever provisioned completely? */
static bool exists(const json_t *row) { return json_str(row, "applied_hash") != NULL && !str_eq(json_str(row, "state"), "terminated"); }

static const char *judge_obstacle(struct plan_maker *m, const struct score_resource *at, const json_t *resource, const json_t *row,
                                  const char *why)
{
    const char *name = json_str(resource, "name");

    if (!plan_name_listed(m->q->allow_replace, name))
        plan_problem(m, DIAG_ERROR, ERR_IMMUTABLE, at,
                     arena_printf(m->arena, "deploy with --allow-replace %s; the old one is removed first", name),
                     "%s (%s) cannot be changed in place: %s", name, json_str(resource, "type"), why);
    else if (is_protected(m, resource, row) && !plan_name_listed(m->q->allow_remove, name))
        plan_problem(m, DIAG_ERROR, ERR_PROTECTED, at, arena_printf(m->arena, "add --allow-remove %s if it may really go", name),
                     "%s is protected and would be replaced", name);
    return "replace";
}

static const char *judge(struct plan_maker *m, const struct score_resource *at, const json_t *resource, const json_t *row,
                         const json_t *fields)
{
    const char *other = row ? other_referrer(m, row) : NULL, *why;

    if (!row || !exists(row))
        return "create";
    if (other && json_array_size(fields) && !str_eq(json_str(resource, "type"), "workload")) {
        plan_problem(m, DIAG_ERROR, ERR_PARAMS_DISAGREE, at, NULL, "%s is shared with %s, which has other params (%s)",
                     json_str(resource, "uid"), other, json_str(json_array_get(fields, 0), "path"));
        return "none";
    }
    why = obstacle(m, resource, row, fields);
    if (why)
        return judge_obstacle(m, at, resource, row, why);
    if (json_array_size(fields) || is_unwell(row) ||
        json_int(row, "state_version", json_int(resource, "state_version", 1)) != json_int(resource, "state_version", 1))
        return "update";
    return "none";
}

static void add_one(struct plan_maker *m, json_t *list, const struct score_resource *at, const json_t *resource, const json_t *params)
{
    const json_t *row = plan_row_of(m, json_str(resource, "uid"));
    json_t *wanted = plan_wanted_params(resource, params);
    json_t *fields = row && exists(row) ? plan_diff(json_object_get(row, "params"), wanted, "/params") : json_array();
    const char *change = judge(m, at, resource, row, fields);
    json_t *made = change_of(resource, change, fields, is_protected(m, resource, row));

    json_set_str(made, "because", because_of(m, row, change, fields));
    json_array_append_new(list, made);
    json_decref(wanted);
}

static void add_wanted(struct plan_maker *m, json_t *list)
{
    const json_t *workload = json_object_get(m->plan, "workload_resource");
    const struct score *score = m->q->score;
    json_t *params;

    for (size_t i = 0; i < score->resource_count; i++) {
        const json_t *resource = json_object_get(m->resources, score->resources[i].name);

        if (resource)
            add_one(m, list, &score->resources[i], resource, score->resources[i].params);
    }
    if (!workload)
        return;
    params = plan_workload_params(json_object_get(m->plan, "spec"));
    add_one(m, list, NULL, workload, params);
    json_decref(params);
}

/* ---- what leaves ---- */

static void leave(struct plan_maker *m, const json_t *row, const char *operation)
{
    json_t *one = json_object();

    json_set_str(one, "uid", json_str(row, "uid"));
    json_set_str(one, "name", json_str(row, "name"));
    json_set_str(one, "type", json_str(row, "type"));
    json_set_str(one, "operation", operation);
    if (json_object_get(row, "depends_on"))
        json_object_set(one, "depends_on", json_object_get(row, "depends_on"));
    json_array_append_new(m->leaving, one);
}

/* A row that the Score file no longer wants, or that the deletion is about. */
static void add_leaving(struct plan_maker *m, json_t *list, const json_t *row)
{
    const char *name = json_str(row, "name"), *change = "remove";
    bool stateful = json_flag(row, "stateful", false), allowed = plan_name_listed(m->q->allow_remove, name);
    bool is_kept = !allowed && is_protected(m, NULL, row);

    if (is_kept)
        plan_problem(m, DIAG_WARNING, ERR_PROTECTED, NULL, arena_printf(m->arena, "--allow-remove %s removes it", name),
                     "%s (%s) is protected and stays", name, json_str(row, "type"));
    else if (annotated(row, ANNOTATION_RETAIN) && !allowed)
        change = "orphan";
    else if (stateful && !allowed && !m->deleting)
        change = "orphan";
    if (!is_kept && strcmp(change, "orphan") == 0)
        plan_problem(m, DIAG_WARNING, ERR_PROTECTED, NULL, arena_printf(m->arena, "--allow-remove %s removes it", name),
                     "%s (%s) is kept as orphaned: it holds data, and nobody refers to it any more", name, json_str(row, "type"));
    if (!is_kept)
        leave(m, row, strcmp(change, "orphan") == 0 ? "orphan" : "delete");
    json_array_append_new(list, change_of(row, change, json_array(), is_kept));
}

static bool is_wanted(const struct plan_maker *m, const char *uid)
{
    const char *name;
    json_t *resource;

    if (m->deleting)
        return false;
    json_object_foreach(m->resources, name, resource) if (str_eq(json_str(resource, "uid"), uid)) return true;
    return str_eq(json_str(json_object_get(m->plan, "workload_resource"), "uid"), uid);
}

/* An orphan stays one until somebody names it, or its application goes: then nobody could name it any more. */
static bool stays_orphaned(const struct plan_maker *m, const json_t *row)
{
    return !plan_name_listed(m->q->allow_remove, json_str(row, "name")) && (!m->deleting || annotated(row, ANNOTATION_RETAIN));
}

static void add_unwanted(struct plan_maker *m, json_t *list)
{
    const json_t *row;
    size_t i;

    json_array_foreach(m->rows, i, row)
    {
        const char *state = json_str(row, "state");

        if (!is_own(m, row) || is_wanted(m, json_str(row, "uid")) || (str_eq(json_str(row, "type"), "workload") && !m->deleting))
            continue;
        if (str_eq(state, "terminated") || (str_eq(state, "orphaned") && stays_orphaned(m, row)))
            continue;
        add_leaving(m, list, row);
    }
}

/* ---- names that were given and mean nothing ---- */

static void check_names(struct plan_maker *m, const json_t *names, const json_t *list, const char *flag)
{
    const json_t *item, *change;
    size_t i, k;

    json_array_foreach(names, i, item)
    {
        bool known = false;

        json_array_foreach(list, k, change) known |= str_eq(json_str(change, "resource"), json_string_value(item));
        if (!known)
            plan_problem(m, DIAG_WARNING, ERR_UNKNOWN_RESOURCE, NULL, NULL, "%s %.63s: no such resource here", flag,
                         json_string_value(item) ? json_string_value(item) : "");
    }
}

static void add_summary(struct plan_maker *m, const json_t *list)
{
    static const char *const words[][2] = {{"create", "create"}, {"update", "update"}, {"replace", "replace"},
                                           {"remove", "remove"}, {"orphan", "remove"}, {"none", "unchanged"}};
    json_t *summary = json_pack("{s:i,s:i,s:i,s:i,s:i}", "create", 0, "update", 0, "replace", 0, "remove", 0, "unchanged", 0);
    const json_t *change;
    size_t i;

    json_array_foreach(list, i, change) for (size_t k = 0; k < sizeof words / sizeof words[0];
                                             k++) if (str_eq(json_str(change, "change"), words[k][0]))
        json_set_int(summary, words[k][1], json_int(summary, words[k][1], 0) + 1);
    json_set_new(m->plan, "summary", summary);
}

void plan_add_changes(struct plan_maker *m)
{
    json_t *list = json_array();

    if (!m->deleting)
        add_wanted(m, list);
    add_unwanted(m, list);
    check_names(m, m->q->allow_remove, list, "--allow-remove");
    check_names(m, m->q->allow_replace, list, "--allow-replace");
    add_summary(m, list);
    json_set_new(m->plan, "changes", list);
}
