/* Owns `status --drift`: which resources are not as they were applied, how they differ, and what is done about it. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/applications.h"
#include "cli/client.h"
#include "cli/output.h"

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

static const char *word(struct cli *c, const json_t *value)
{
    return value ? out_clean(&c->arena, out_word(&c->arena, value), false) : "-";
}

static const char *ago(struct cli *c, const json_t *resource, const char *path)
{
    return out_ago(&c->arena, json_string_value(json_at(resource, path)), clock_now_us());
}

static void print_repair(struct cli *c, const json_t *repair)
{
    static const char *const kinds[][2] = {
        {"denied", "the repair was refused"}, {"error", "the repair could not begin"}, {"deployment_id", "repaired by deployment"}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_str(repair, kinds[i][0]))
            cli_print(c, "    %s: %s\n", kinds[i][1], clean(c, json_str(repair, kinds[i][0])));
}

void drift_print_diff(struct cli *c, const char *indent, const json_t *drift)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(drift, "diff"), i, one)
        cli_print(c, "%s%s %s: %s -> %s\n", indent, out_paint(c, STYLE_YELLOW, "~"), clean(c, json_str(one, "path")),
                  word(c, json_object_get(one, "from")), word(c, json_object_get(one, "to")));
}

size_t drift_count(const json_t *resources)
{
    const json_t *resource;
    size_t i, count = 0;

    json_array_foreach(resources, i, resource) count += json_object_get(resource, "drift") != NULL;
    return count;
}

void drift_print_brief(struct cli *c, const char *indent, const json_t *resources)
{
    const json_t *resource;
    size_t i;

    json_array_foreach(resources, i, resource)
    {
        const json_t *drift = json_object_get(resource, "drift");
        const char *reason = json_str(drift, "reason");

        if (drift)
            cli_print(c, "%s%s: not as it was applied, since %s%s%s; `innominatus status %s --drift` tells more\n", indent,
                      clean(c, json_str(resource, "name")), ago(c, drift, "detected_at"), reason ? ": " : "", clean(c, reason),
                      clean(c, json_str(resource, "application")));
    }
}

static void print_drifted(struct cli *c, const json_t *resource)
{
    const json_t *drift = json_object_get(resource, "drift");
    const char *reason = json_str(drift, "reason");

    cli_print(c, "%s (%s) of %s in %s is not as it was applied, since %s%s%s\n",
              out_paint(c, STYLE_BOLD, clean(c, json_str(resource, "name"))), clean(c, json_str(resource, "type")),
              clean(c, json_str(resource, "application")), clean(c, json_str(resource, "environment")), ago(c, drift, "detected_at"),
              reason ? ": " : "", reason ? clean(c, reason) : "");
    drift_print_diff(c, "    ", drift);
    print_repair(c, json_object_get(drift, "repair"));
}

static void print_unknown(struct cli *c, const json_t *resource)
{
    cli_print(c, "%s (%s) of %s in %s could not be looked at; last seen %s ago: %s\n", clean(c, json_str(resource, "name")),
              clean(c, json_str(resource, "type")), clean(c, json_str(resource, "application")),
              clean(c, json_str(resource, "environment")), ago(c, resource, "checked_at"),
              clean(c, json_string_value(json_at(resource, "check_error.message"))));
}

static int print_all(struct cli *c, const json_t *items)
{
    size_t drifted = drift_count(items), unknown = 0, seen = 0, i;
    json_t *resource;

    json_array_foreach(items, i, resource)
    {
        bool differs = json_object_get(resource, "drift") != NULL, fails = json_object_get(resource, "check_error") != NULL;

        if (differs)
            print_drifted(c, resource);
        if (fails)
            print_unknown(c, resource);
        unknown += fails;
        seen += json_object_get(resource, "checked_at") != NULL;
    }
    cli_print(c, "%s%zu of %zu resource%s differ%s from what was applied", drifted || unknown ? "\n" : "", drifted, json_array_size(items),
              json_array_size(items) == 1 ? "" : "s", drifted == 1 ? "s" : "");
    cli_print(c, json_array_size(items) > seen ? "; %zu not looked at yet\n" : "\n", json_array_size(items) - seen);
    if (drifted)
        cli_print(c, "Next: innominatus deploy FILE puts it right; the annotation innominatus.dev/drift: repair does so by itself\n");
    return EXIT_FINE;
}

int application_drift(struct cli *c, const char *application)
{
    const char *target = client_query(c, client_path(c, "/resources", NULL), "application", application);
    CLEANUP(json_put) json_t *answer = NULL;
    int code = client_list(c, client_team(c, client_query(c, target, "environment", args_text(&c->args, "env"))), 0, &answer);

    if (code || out_data(c, answer))
        return code;
    return print_all(c, json_object_get(answer, "items"));
}
