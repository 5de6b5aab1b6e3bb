/* Owns how single objects are shown, and the verbs that show one: resource, task, queue. */
#include "cli/records.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/applications.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <string.h>

static const char *shown(struct cli *c, const json_t *value) { return out_clean(&c->arena, out_word(&c->arena, value), false); }

void record_print(struct cli *c, const struct record_field *fields, const json_t *object)
{
    size_t width = 0;

    for (const struct record_field *f = fields; f->title; f++)
        width = out_columns(f->title) > width ? out_columns(f->title) : width;
    for (const struct record_field *f = fields; f->title; f++) {
        const json_t *value = json_at(object, f->path);

        if (value && !json_is_null(value) && (!json_is_array(value) || json_array_size(value)))
            cli_print(c, "%s%*s  %s\n", f->title, (int)(width - out_columns(f->title)), "",
                      out_paint(c, str_eq(f->path, "state") ? out_state_style(json_string_value(value)) : STYLE_NONE, shown(c, value)));
    }
}

void record_members(struct cli *c, const char *heading, const json_t *object)
{
    const char *key;
    json_t *value;

    if (!json_object_size(object))
        return;
    cli_print(c, "%s\n", heading);
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        cli_print(c, "  %-16s  %s\n", out_clean(&c->arena, key, false), shown(c, value));
}

static const char *hint_label(struct cli *c, const json_t *hint)
{
    const char *text = json_str(hint, "label") ? json_str(hint, "label") : json_str(hint, "kind");

    return out_clean(&c->arena, text ? text : "-", false);
}

static size_t max_columns(size_t width, const char *text) { return out_columns(text) > width ? out_columns(text) : width; }

static void print_hint(struct cli *c, const char *indent, const char *name, size_t name_width, const json_t *hint, size_t label_width)
{
    const char *label = hint_label(c, hint);

    cli_print(c, "%s%s%*s  %s%*s  %s\n", indent, name, (int)(name_width - out_columns(name)), "", label,
              (int)(label_width - out_columns(label)), "", shown(c, json_object_get(hint, "value")));
}

void record_hints(struct cli *c, const char *indent, const json_t *resources)
{
    size_t name_width = 0, label_width = 0, i, j;
    json_t *resource, *hint;

    json_array_foreach(resources, i, resource) json_array_foreach(json_object_get(resource, "hints"), j, hint)
    {
        name_width = max_columns(name_width, shown(c, json_object_get(resource, "name")));
        label_width = max_columns(label_width, hint_label(c, hint));
    }
    json_array_foreach(resources, i, resource) json_array_foreach(json_object_get(resource, "hints"), j, hint)
        print_hint(c, indent, shown(c, json_object_get(resource, "name")), name_width, hint, label_width);
}

void record_overrides(struct cli *c, const char *indent, const json_t *resources)
{
    const json_t *resource;
    const char *path;
    json_t *one;
    size_t i;

    json_array_foreach(resources, i, resource)
    {
        json_object_foreach(json_object_get(resource, "overrides"), path, one)
        {
            const char *by = json_str(one, "by");

            cli_print(c, "%s%s: %s = %s, set by %s%s%s; deploy --reset drops it\n", indent, shown(c, json_object_get(resource, "name")),
                      out_clean(&c->arena, path, false), shown(c, json_object_get(one, "value")), shown(c, json_object_get(one, "action")),
                      by ? " of " : "", by ? out_clean(&c->arena, by, false) : "");
        }
    }
}

/* ---- resources ---- */

/* An id as it is; a name or key through the list. 0 with the resource, or the exit code. */
int record_find_resource(struct cli *c, const char *word, json_t **out)
{
    const char *target = client_path(c, "/resources", NULL);
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *items;
    int code;

    if (id_is_valid(word, "r"))
        return client_get(c, client_team(c, client_path(c, "/resources/{}", word)), out);
    target = client_query(c, client_query(c, target, strchr(word, '#') ? "uid" : "name", word), "environment", args_text(&c->args, "env"));
    target = client_query(c, target, "application", args_text(&c->args, "app"));
    code = client_get(c, client_team(c, target), &answer);
    if (code)
        return code;
    items = json_object_get(answer, "items");
    if (json_array_size(items) == 1) {
        *out = json_incref(json_array_get(items, 0));
        return EXIT_FINE;
    }
    if (json_array_size(items) > 1)
        return cli_usage(c, "%zu resources are called \"%s\"; give the id that `innominatus list-resources` shows, or --env and --app",
                         json_array_size(items), word);
    return cli_missing(c, "there is no resource \"%s\"; `innominatus list-resources` shows what there is", word);
}

int verb_resource_show(struct cli *c)
{
    static const struct record_field fields[] = {
        {"resource", "id"},
        {"name", "name"},
        {"type", "type"},
        {"class", "class"},
        {"key", "uid"},
        {"state", "state"},
        {"health", "health"},
        {"application", "application"},
        {"environment", "environment"},
        {"team", "team"},
        {"product", "product"},
        {"provisioner", "provisioner.name"},
        {"version", "provisioner.version"},
        {"generation", "generation"},
        {"protected", "protected"},
        {"used by", "referrers"},
        {"needs", "depends_on"},
        {"created", "created_at"},
        {"changed", "updated_at"},
        {"looked at", "checked_at"},
        {"last look", "check_error.message"},
        {"drifted", "drift.detected_at"},
        {"because", "drift.reason"},
        {"error", "error.message"},
        {0},
    };
    CLEANUP(json_put) json_t *resource = NULL;
    CLEANUP(json_put) json_t *one = json_array();
    int code = record_find_resource(c, cli_word(c, 0), &resource);

    if (!code)
        json_array_append(one, resource);
    if (code || out_data(c, resource))
        return code;
    record_print(c, fields, resource);
    if (json_array_size(json_object_get(json_object_get(resource, "drift"), "diff")))
        cli_print(c, "drift\n");
    drift_print_diff(c, "  ", json_object_get(resource, "drift"));
    record_members(c, "params", json_object_get(resource, "params"));
    record_members(c, "outputs", json_object_get(resource, "outputs"));
    if (json_array_size(json_object_get(resource, "hints")))
        cli_print(c, "hints\n");
    record_hints(c, "  ", one);
    return EXIT_FINE;
}

int verb_resource_hints(struct cli *c)
{
    static const struct out_column columns[] = {{"KIND", "kind"}, {"LABEL", "label"}, {"VALUE", "value", COLUMN_COPY}, {0}};
    CLEANUP(json_put) json_t *resource = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    int code = record_find_resource(c, cli_word(c, 0), &resource);

    if (code)
        return code;
    code = client_get(c, client_team(c, client_path(c, "/resources/{}/hints", json_str(resource, "id"))), &answer);
    if (!code && !out_data(c, answer))
        out_table(c, columns, json_object_get(answer, "items"), "its provisioner gave no hints");
    return code;
}

/* ---- queue ---- */

int verb_queue_show(struct cli *c)
{
    static const struct record_field fields[] = {
        {"task", "id"},
        {"state", "state"},
        {"priority", "priority"},
        {"application", "application"},
        {"environment", "environment"},
        {"deployment", "deployment_id"},
        {"workflow", "workflow_id"},
        {"step", "step_id"},
        {"attempt", "attempt"},
        {"worker", "worker"},
        {"run at", "run_at"},
        {"lease until", "lease_until"},
        {"created", "created_at"},
        {"error", "error.message"},
        {"do", "error.remedy"},
        {0},
    };
    CLEANUP(json_put) json_t *task = NULL;
    int code = client_get(c, client_team(c, client_path(c, "/queue/tasks/{}", cli_word(c, 0))), &task);

    if (!code && !out_data(c, task))
        record_print(c, fields, task);
    return code;
}

int verb_queue_stats(struct cli *c)
{
    static const struct record_field fields[] = {
        {"pending", "pending"},
        {"running", "running"},
        {"waiting", "waiting"},
        {"dead", "dead"},
        {"completed", "completed_total"},
        {"failed", "failed_total"},
        {"oldest pending, s", "oldest_pending_seconds"},
        {"workers", "workers"},
        {0},
    };
    CLEANUP(json_put) json_t *stats = NULL;
    int code = client_get(c, client_team(c, client_path(c, "/queue/stats", NULL)), &stats);

    if (!code && !out_data(c, stats))
        record_print(c, fields, stats);
    return code;
}
