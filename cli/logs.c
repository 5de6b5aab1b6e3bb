/* Owns `logs`: lines of a deployment, as they come with --follow. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/applications.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/patience.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

#define FOLLOW_MS 60000

static enum style level_style(const char *level)
{
    if (str_eq(level, "error"))
        return STYLE_RED;
    return str_eq(level, "warn") ? STYLE_YELLOW : STYLE_NONE;
}

/* "12:00:01.123 migrate  text" */
static void print_line(struct cli *c, const json_t *line)
{
    const char *at = json_str(line, "at"), *step = json_str(line, "step"), *text = json_str(line, "text"), *level = json_str(line, "level");
    struct arena scratch = {0};
    const char *clean = out_clean(&scratch, text ? text : "", false);

    if (c->output == OUTPUT_JSON) {
        json_dumpf(line, stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    cli_print(c, "%.12s %-16s %s%s\n", at && strlen(at) > 23 ? at + 11 : "", out_clean(&scratch, step ? step : "-", false),
              str_eq(level, "info") || !level ? "" : arena_printf(&scratch, "%s: ", out_clean(&scratch, level, false)),
              c->colour_out && level_style(level) ? out_paint(c, level_style(level), clean) : clean);
    arena_fini(&scratch);
}

static void print_lines(struct cli *c, const json_t *page)
{
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(page, "items"), i, line) print_line(c, line);
    fflush(stdout);
}

static int get_page(struct cli *c, const char *base, int64_t after, const char *tail, bool follow, json_t **out)
{
    const char *target = client_query(c, base, "tail", tail);

    if (after > 0)
        target = client_query(c, target, "after", arena_printf(&c->arena, "%lld", (long long)after));
    if (follow)
        target = client_query(c, target, "follow", "true");
    return follow ? patience_get(c, target, FOLLOW_MS, out) : client_get(c, target, out);
}

/* Silence would leave open whether anything was found. */
static void say_empty(struct cli *c, bool any)
{
    const char *step = args_text(&c->args, "step");

    if (!any && step)
        cli_say(c, "no lines of a step \"%s\"; without --step there are those of all", step);
    else if (!any)
        cli_say(c, "no lines: its steps have said nothing");
}

/* --tail 0: nothing of what is there; *out_after is where it ends. */
static int skip_all(struct cli *c, const char *base, int64_t *out_after)
{
    CLEANUP(json_put) json_t *page = NULL;
    int code = get_page(c, base, 0, "1", false, &page);

    if (!code)
        *out_after = json_int(page, "last", 0);
    return code;
}

/* All pages there are; with --follow until the deployment has ended. */
static int stream(struct cli *c, const char *base, bool follow)
{
    const char *tail = args_text(&c->args, "tail");
    int64_t after = 0;
    bool none = str_eq(tail, "0"), going = !none || follow, any = none;
    int skipped = none ? skip_all(c, base, &after) : EXIT_FINE;

    if (skipped)
        return skipped;
    while (going) {
        CLEANUP(json_put) json_t *page = NULL;
        int code = get_page(c, base, after, after || none ? NULL : tail, follow, &page);

        if (code)
            return code;
        print_lines(c, page);
        any = any || json_array_size(json_object_get(page, "items"));
        after = json_int(page, "last", after);
        going = json_str(page, "next_cursor") || (follow && !json_flag(page, "ended", true));
    }
    say_empty(c, any);
    return EXIT_FINE;
}

/* The whole as one document, for --output json and yaml. */
static int collect(struct cli *c, const char *base)
{
    CLEANUP(json_put) json_t *all = json_object();
    json_t *items = json_array();
    int64_t after = 0;
    bool going = !str_eq(args_text(&c->args, "tail"), "0");

    json_set_new(all, "items", items);
    while (going) {
        CLEANUP(json_put) json_t *page = NULL;
        int code = get_page(c, base, after, after ? NULL : args_text(&c->args, "tail"), false, &page);

        if (code)
            return code;
        json_array_extend(items, json_object_get(page, "items"));
        after = json_int(page, "last", after);
        going = json_str(page, "next_cursor") != NULL;
    }
    out_data(c, all);
    return EXIT_FINE;
}

int verb_logs(struct cli *c)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    bool follow = args_flag(&c->args, "follow");
    const char *base;
    int code = application_deployment(c, cli_word(c, 0), &deployment);

    if (code)
        return code;
    base = client_team(
        c, client_query(c, client_path(c, "/deployments/{}/logs", json_str(deployment, "id")), "step", args_text(&c->args, "step")));
    if (c->output == OUTPUT_YAML && follow)
        return cli_usage(c, "--follow has no yaml; --output json writes one line of JSON for each line of the log");
    return c->output > OUTPUT_WIDE && !follow ? collect(c, base) : stream(c, base, follow);
}

#define DEBUG_LINES "20"

/* `debug`: how it is, and the last words of its steps. */
int verb_debug(struct cli *c)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    CLEANUP(json_put) json_t *page = NULL;
    CLEANUP(json_put) json_t *both = NULL;
    int code = application_deployment(c, cli_word(c, 0), &deployment);

    if (!code)
        code =
            get_page(c, client_team(c, client_path(c, "/deployments/{}/logs", json_str(deployment, "id"))), 0, DEBUG_LINES, false, &page);
    if (code)
        return code;
    both = json_pack("{s:O, s:O}", "deployment", deployment, "logs", json_object_get(page, "items"));
    if (out_data(c, both))
        return EXIT_FINE;
    code = application_print(c, deployment);
    if (!code && json_array_size(json_object_get(page, "items"))) {
        cli_print(c, "\nlast lines of its steps\n");
        print_lines(c, page);
    }
    return code;
}
