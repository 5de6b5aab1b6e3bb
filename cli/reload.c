/* Owns the verb `admin reload`. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/verbs.h"

static const char *clean(struct cli *c, const char *text) { return text ? out_clean(&c->arena, text, false) : "?"; }

static size_t print_names(struct cli *c, const json_t *report, const char *kind, const char *change, const char *sign)
{
    const json_t *names = json_object_get(json_object_get(report, kind), change), *name;
    size_t i;

    json_array_foreach(names, i, name) cli_print(c, "%s %-12s %s\n", sign, kind, clean(c, json_string_value(name)));
    return json_array_size(names);
}

static const char *value_text(struct cli *c, const json_t *value)
{
    CLEANUP(free_ptr) char *text = value ? json_text(value) : NULL;

    return text ? out_clean(&c->arena, text, false) : "none";
}

static void print_report(struct cli *c, const json_t *report)
{
    static const char *const kinds[] = {"provisioners", "policies", "workflows"};
    const json_t *item, *settings = json_object_get(report, "settings");
    size_t changes = json_array_size(settings), i;

    for (size_t kind = 0; kind < 3; kind++) {
        changes += print_names(c, report, kinds[kind], "added", "+");
        changes += print_names(c, report, kinds[kind], "changed", "~");
        changes += print_names(c, report, kinds[kind], "removed", "-");
    }
    json_array_foreach(settings, i, item)
        cli_print(c, "~ %-12s %s: %s -> %s\n", "settings", clean(c, json_str(item, "key")), value_text(c, json_object_get(item, "from")),
                  value_text(c, json_object_get(item, "to")));
    json_array_foreach(json_object_get(json_object_get(report, "provisioners"), "draining"), i, item)
        cli_say(c, "provisioner %s still owns resources or is needed by running deployments; it goes with the last of them",
                clean(c, json_string_value(item)));
    json_array_foreach(json_object_get(report, "restart"), i, item)
        cli_say(c, "%s is only read at the start: restart the server", clean(c, json_string_value(item)));
    json_array_foreach(json_object_get(report, "warnings"), i, item) cli_say(c, "warning: %s", clean(c, json_string_value(item)));
    if (changes || json_flag(report, "changed", false))
        cli_print(c, "reloaded %s, revision %.12s\n", clean(c, json_str(report, "file")), clean(c, json_str(report, "revision")));
    else
        cli_print(c, "reloaded %s, nothing has changed\n", clean(c, json_str(report, "file")));
}

int verb_admin_reload(struct cli *c)
{
    CLEANUP(json_put) json_t *report = NULL;
    int code = client_do(c, &(struct client_call){.method = "POST", .target = client_path(c, "/admin/reload", NULL)}, &report);

    if (!code && !out_data(c, report))
        print_report(c, report);
    return code;
}
