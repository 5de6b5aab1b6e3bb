/* Owns following a deployment: events tell when to look, the executions tell what happened. A server that is gone for a moment is asked
 * again. */
#include "cli/follow.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/patience.h"
#include "cli/progress.h"
#include "cli/records.h"
#include <string.h>
#include <unistd.h>

#define POLL_MS 60000 /* the server answers within 25 s */

struct follower {
    struct cli *c;
    const char *id;
    enum follow_how how;
    int64_t after;      /* the last event seen */
    size_t shown;       /* executions printed so far, in the order of the plan */
    bool told;          /* an error was printed with its step or workflow */
    const char *phase;  /* heading printed last */
    json_t *deployment; /* as read last; owned */
    json_t *resources;  /* items; owned */
};

bool follow_is_final(const char *state)
{
    static const char *const final[] = {"completed", "failed", "canceled", "rejected", "superseded", "rolled_back"};

    for (size_t i = 0; i < sizeof final / sizeof *final; i++)
        if (str_eq(state, final[i]))
            return true;
    return false;
}

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

/* ---- one step ---- */

static int64_t duration_of(const json_t *object)
{
    struct err ignored = {0};
    int64_t from, to;

    if (!json_str(object, "started_at") || !json_str(object, "finished_at") ||
        clock_parse(json_str(object, "started_at"), &from, &ignored) < 0 || clock_parse(json_str(object, "finished_at"), &to, &ignored) < 0)
        return -1;
    return (to - from) / US_PER_MS;
}

static const char *mark_of(struct cli *c, const char *state)
{
    if (str_eq(state, "completed") || str_eq(state, "compensated"))
        return out_paint(c, STYLE_GREEN, "✓");
    if (str_eq(state, "failed") || str_eq(state, "rejected") || str_eq(state, "expired") || str_eq(state, "rolled_back"))
        return out_paint(c, STYLE_RED, "✗");
    if (str_eq(state, "skipped") || str_eq(state, "canceled"))
        return out_paint(c, STYLE_DIM, "-");
    return out_paint(c, STYLE_YELLOW, "·");
}

static const json_t *resource_of(const json_t *resources, const json_t *step)
{
    const json_t *item;
    size_t i;

    json_array_foreach(resources, i, item)
    {
        if (json_str(step, "resource_id") && str_eq(json_str(item, "id"), json_str(step, "resource_id")))
            return item;
        if (!json_str(step, "resource_id") && str_eq(json_str(step, "type"), "resource") &&
            str_eq(json_str(item, "name"), json_str(step, "name")))
            return item;
    }
    return NULL;
}

/* "local@1.0.0" */
static const char *maker_of(struct cli *c, const json_t *resource)
{
    const json_t *provisioner = json_object_get(resource, "provisioner");
    const char *name = json_str(provisioner, "name"), *version = json_str(provisioner, "version");

    return name ? arena_printf(&c->arena, "%s%s%s", clean(c, name), version ? "@" : "", clean(c, version)) : "";
}

static void print_error(struct cli *c, const char *indent, const json_t *error)
{
    const char *class = json_str(error, "class"), *remedy = json_str(error, "remedy"), *code = json_str(error, "code");
    const json_t *logs = json_object_get(error, "last_logs"), *line;
    size_t i;

    cli_print(c, "%s%s %s%s%s%s\n", indent, out_paint(c, STYLE_RED, clean(c, class ? class : "FAILED")),
              clean(c, json_str(error, "message")), code ? " (" : "", clean(c, code), code ? ")" : "");
    if (remedy && remedy[0])
        cli_print(c, "%sdo: %s\n", indent, clean(c, remedy));
    json_array_foreach(logs, i, line) cli_print(c, "%s| %s\n", indent, clean(c, json_string_value(line)));
}

/* A line of its own below its workflow. */
static void print_step(struct cli *c, const json_t *step, const json_t *resource)
{
    const char *reason = json_str(step, "skipped_reason"), *type = resource ? json_str(resource, "type") : json_str(step, "type");
    const char *maker = maker_of(c, resource), *name = clean(c, json_str(step, "name")), *line;
    const json_t *error = json_object_get(step, "error");
    int64_t attempt = json_int(step, "attempt", 0), most = json_int(step, "max_attempts", 0);

    /* Of a resource that is gone there is nothing more to say than its name. */
    line = !resource && str_eq(type, "resource") ? name : arena_printf(&c->arena, "%-16s  %s", name, clean(c, type));
    if (maker[0])
        line = arena_printf(&c->arena, "%-34s  %s", line, maker);
    if (reason)
        line = arena_printf(&c->arena, "%s  skipped: %s", line, clean(c, reason));
    if (error && attempt > 1) /* what is not tried again has no use for a number */
        line = arena_printf(&c->arena, "%s  attempt %lld of %lld", line, (long long)attempt, (long long)most);
    cli_print(c, "       %s %s\n", mark_of(c, json_str(step, "state")), line);
    if (error)
        print_error(c, "           ", error);
}

/* ---- one workflow ---- */

static const char *step_text(struct cli *c, const json_t *step, const json_t *resource)
{
    const char *name = clean(c, json_str(step, "name")), *maker = maker_of(c, resource);

    if (!resource)
        return name;
    return arena_printf(&c->arena, "%s (%s%s%s)", name, clean(c, json_str(resource, "type")), maker[0] ? ", " : "", maker);
}

/* The names of the steps that ran; those that did not go well get lines of their own. */
static const char *steps_text(struct cli *c, const json_t *workflow, const json_t *resources)
{
    const char *text = "";
    json_t *step;
    size_t i;

    json_array_foreach(json_object_get(workflow, "steps"), i, step)
    {
        if (str_eq(json_str(step, "state"), "completed"))
            text = arena_printf(&c->arena, "%s%s%s", text, text[0] ? ", " : "", step_text(c, step, resource_of(resources, step)));
    }
    return text;
}

/* What the workload and the platform's workflows say about themselves is worth more than the names of their steps. */
static const char *said(struct cli *c, const json_t *workflow)
{
    bool tells = str_eq(json_str(workflow, "tier"), "platform") || str_eq(json_str(workflow, "name"), "workload");
    const char *target = client_path(c, "/workflows/{}/logs", json_str(workflow, "id")), *text;
    CLEANUP(json_put) json_t *page = NULL;

    if (!tells || !str_eq(json_str(workflow, "state"), "completed"))
        return NULL;
    target = client_team(c, client_query(c, client_query(c, target, "level", "info"), "limit", "1"));
    if (client_do(c, &(struct client_call){.method = "GET", .target = target, .quiet = true}, &page))
        return NULL;
    text = json_str(json_array_get(json_object_get(page, "items"), 0), "text");
    return text ? clean(c, text) : NULL;
}

static bool is_plain_list(const json_t *workflow)
{
    return str_eq(json_str(workflow, "name"), "resources") && str_eq(json_str(workflow, "tier"), "application");
}

static const char *workflow_name(struct cli *c, const json_t *workflow)
{
    const char *product = json_str(workflow, "product"), *name = clean(c, json_str(workflow, "name"));

    return product && !strchr(name, '/') ? arena_printf(&c->arena, "%s/%s", clean(c, product), name) : name;
}

static size_t name_columns(struct cli *c, const json_t *workflows)
{
    size_t width = 0, i;
    json_t *workflow;

    json_array_foreach(workflows, i, workflow)
    {
        size_t columns = out_columns(workflow_name(c, workflow));

        width = columns > width ? columns : width;
    }
    return width;
}

/* Resources that a workflow has placed were shown there; in other workflows only what did not go well has a line of its own. */
static bool has_line(const json_t *step, bool list)
{
    const char *state = json_str(step, "state"), *reason = json_str(step, "skipped_reason");

    if (list)
        return !(str_eq(state, "skipped") && reason && str_starts(reason, "placed by"));
    return !(str_eq(state, "completed") || str_eq(state, "pending") || str_eq(state, "skipped") || str_eq(state, "canceled"));
}

static void print_headline(struct cli *c, const json_t *workflow, const char *text, size_t width)
{
    const char *tier = json_str(workflow, "tier"), *state = json_str(workflow, "state"), *name = workflow_name(c, workflow);
    int64_t ms = duration_of(workflow);

    cli_print(c, "   %s %-8s  %s%*s  %s%s%s\n", mark_of(c, state), str_eq(tier, "application") ? "app" : clean(c, tier), name,
              (int)(width > out_columns(name) ? width - out_columns(name) : 0), "", text, text[0] ? "  " : "",
              ms >= 0 ? out_duration(&c->arena, ms) : clean(c, state));
}

/* True when it printed an error. */
static bool print_workflow(struct cli *c, const json_t *workflow, const json_t *resources, size_t width)
{
    bool list = is_plain_list(workflow), told = false;
    const char *text = list ? "" : said(c, workflow);
    json_t *step;
    size_t i;

    print_headline(c, workflow, text ? text : steps_text(c, workflow, resources), width);
    json_array_foreach(json_object_get(workflow, "steps"), i, step)
    {
        if (!has_line(step, list))
            continue;
        print_step(c, step, resource_of(resources, step));
        told = told || json_object_get(step, "error");
    }
    if (!told && json_object_get(workflow, "error"))
        print_error(c, "     ", json_object_get(workflow, "error"));
    return told || json_object_get(workflow, "error");
}

/* ---- what has ended ---- */

static int read_resources(struct cli *c, const json_t *deployment, json_t **out)
{
    const char *target = client_query(c, client_path(c, "/resources", NULL), "application", json_str(deployment, "application"));
    CLEANUP(json_put) json_t *answer = NULL;
    int code;

    target = client_query(c, target, "environment", json_str(json_object_get(deployment, "environment"), "name"));
    code = patience_list(c, client_query(c, target, "team", json_str(deployment, "team")), &answer);
    if (code)
        return code;
    json_decref(*out);
    *out = json_incref(json_object_get(answer, "items"));
    return EXIT_FINE;
}

static int show_workflow(struct follower *f, const json_t *brief)
{
    struct cli *c = f->c;
    const char *phase = json_str(brief, "phase");
    CLEANUP(json_put) json_t *workflow = NULL;
    int code = patience_get(c, client_team(c, client_path(c, "/workflows/{}", json_str(brief, "id"))), POLL_MS, &workflow);

    if (code)
        return code;
    progress_clear(c);
    if (phase && !str_eq(phase, f->phase)) {
        cli_print(c, "\n %s\n", out_paint(c, STYLE_BOLD, clean(c, phase)));
        f->phase = arena_strdup(&c->arena, phase);
    }
    f->told = print_workflow(c, workflow, f->resources, name_columns(c, json_object_get(f->deployment, "workflows"))) || f->told;
    fflush(stdout);
    return EXIT_FINE;
}

/* Prints, in the order of the plan, what has ended since the last time; at the end also what never ran is passed over. */
static int show_ended(struct follower *f, bool all)
{
    const json_t *workflows = json_object_get(f->deployment, "workflows");

    if (f->how != FOLLOW_STEPS)
        return EXIT_FINE;
    for (; f->shown < json_array_size(workflows); f->shown++) {
        const json_t *brief = json_array_get(workflows, f->shown);
        bool ended = follow_is_final(json_str(brief, "state")), ran = json_str(brief, "started_at") != NULL;
        int code;

        if (!ended && !(all && ran)) {
            if (!all)
                return EXIT_FINE;
            continue;
        }
        if (!ran)
            continue;
        if ((code = read_resources(f->c, f->deployment, &f->resources)) || (code = show_workflow(f, brief)))
            return code;
    }
    return EXIT_FINE;
}

static int refresh(struct follower *f)
{
    json_t *deployment = NULL;
    int code = patience_get(f->c, client_team(f->c, client_path(f->c, "/deployments/{}", f->id)), POLL_MS, &deployment);

    if (code)
        return code;
    json_decref(f->deployment);
    f->deployment = deployment;
    return show_ended(f, follow_is_final(json_str(deployment, "state")));
}

/* ---- events ---- */

static void tell(struct follower *f, const json_t *event)
{
    const char *type = json_str(event, "type"), *step = json_str(event, "step");
    const char *message = json_str(json_object_get(event, "data"), "message");
    struct cli *c = f->c;

    if (str_eq(type, "step.retrying") && f->how == FOLLOW_STEPS) {
        progress_clear(c);
        cli_print(c, "     %s %s: %s; trying again\n", out_paint(c, STYLE_YELLOW, "!"), clean(c, step), clean(c, message));
    } else if (str_eq(type, "step.waiting") && message && f->how == FOLLOW_STEPS) { /* for something that is wrong elsewhere */
        progress_clear(c);
        cli_print(c, "     %s %s waits: %s\n", out_paint(c, STYLE_YELLOW, "!"), clean(c, step), clean(c, message));
    } else if (step && str_starts(type, "step.")) {
        progress_show(c, arena_printf(&c->arena, "… %s: %s", step, type + strlen("step.")));
    } else if (type && str_starts(type, "deployment.")) {
        progress_show(c, arena_printf(&c->arena, "… %s", type + strlen("deployment.")));
    }
}

static int take_events(struct follower *f, bool *out_ended)
{
    const char *target = client_path(f->c, "/deployments/{}/events", f->id);
    CLEANUP(json_put) json_t *page = NULL;
    json_t *event;
    size_t i;
    int code;

    target = client_query(f->c, target, "after", arena_printf(&f->c->arena, "%lld", (long long)f->after));
    code = patience_get(f->c, client_team(f->c, client_query(f->c, target, "follow", "true")), POLL_MS, &page);
    if (code)
        return code;
    json_array_foreach(json_object_get(page, "items"), i, event) tell(f, event);
    f->after = json_int(page, "last", f->after);
    *out_ended = json_flag(page, "ended", false);
    return EXIT_FINE;
}

static int follow(struct follower *f)
{
    bool ended = false;
    int code = refresh(f);

    while (!code && !ended && !follow_is_final(json_str(f->deployment, "state"))) {
        code = take_events(f, &ended);
        if (!code)
            code = refresh(f);
    }
    return code;
}

/* ---- the end ---- */

static void print_next(struct cli *c, const json_t *deployment, const char *application, const char *environment)
{
    const char *id = json_str(deployment, "id"), *code = json_str(json_object_get(deployment, "error"), "code");

    if (str_eq(getenv("INNOMINATUS_HINTS"), "off"))
        return;
    if (str_eq(json_str(deployment, "state"), "completed"))
        cli_print(c, " Next: innominatus status %s --env %s · innominatus manifests %s --env %s · after a change innominatus plan FILE\n",
                  application, environment, application, environment);
    else
        cli_print(c, " Next: innominatus logs %s%s%s\n", clean(c, id), code ? " · innominatus explain " : "", clean(c, code));
}

/* "is active", "failed", "was canceled". */
static const char *ending(struct cli *c, const json_t *deployment)
{
    const char *state = json_str(deployment, "state"), *text = state;
    enum style style = out_state_style(state);

    if (str_eq(state, "completed")) {
        bool degraded = json_flag(deployment, "degraded", false);

        text = str_eq(json_str(deployment, "kind"), "delete") ? "deleted" : degraded ? "degraded" : "active";
        return arena_printf(&c->arena, "is %s", out_paint(c, degraded ? STYLE_RED : STYLE_GREEN, text));
    }
    if (str_eq(state, "rolled_back"))
        text = "rolled back";
    return arena_printf(&c->arena, "%s%s", str_eq(state, "failed") ? "" : "was ", out_paint(c, style, clean(c, text)));
}

void follow_print_next(struct cli *c, const json_t *deployment)
{
    if (follow_is_final(json_str(deployment, "state")) && !str_eq(json_str(deployment, "state"), "completed"))
        print_next(c, deployment, "", "");
}

static int print_result(struct cli *c, const json_t *deployment, bool told)
{
    const char *application = clean(c, json_str(deployment, "application"));
    const char *environment = clean(c, json_str(json_object_get(deployment, "environment"), "name"));
    bool fine = str_eq(json_str(deployment, "state"), "completed"), deletion = str_eq(json_str(deployment, "kind"), "delete");
    int64_t ms = duration_of(deployment);
    CLEANUP(json_put) json_t *resources = NULL;

    cli_print(c, "\n %s %s in %s%s%s · deployment %s\n", out_paint(c, STYLE_BOLD, application), ending(c, deployment), environment,
              ms >= 0 ? " · " : "", ms >= 0 ? out_duration(&c->arena, ms) : "", clean(c, json_str(deployment, "id")));
    if (!told && json_object_get(deployment, "error"))
        print_error(c, "   ", json_object_get(deployment, "error"));
    if (fine && !deletion && read_resources(c, deployment, &resources) == EXIT_FINE)
        record_hints(c, "   ", resources);
    if (!fine || !deletion)
        print_next(c, deployment, application, environment);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

int follow_print_workflows(struct cli *c, const json_t *deployment)
{
    struct follower f = {.c = c, .id = json_str(deployment, "id"), .deployment = json_incref((json_t *)(uintptr_t)deployment)};
    int code = show_ended(&f, true);

    if (!code && !f.told && json_object_get(deployment, "error"))
        print_error(c, "   ", json_object_get(deployment, "error"));
    json_decref(f.deployment);
    json_decref(f.resources);
    return code;
}

int follow_deployment(struct cli *c, const char *id, enum follow_how how)
{
    bool text = c->output <= OUTPUT_WIDE;
    struct follower f = {.c = c, .id = id, .how = text ? how : FOLLOW_END};
    const char *on = arena_printf(&c->arena, "the deployment goes on without being watched: innominatus logs %s --follow", clean(c, id));
    int code;

    interrupt_says(arena_printf(&c->arena, "%s%s · innominatus cancel %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", on, clean(c, id)));
    code = follow(&f);
    interrupt_says(NULL);
    progress_clear(c);
    if (code == EXIT_UNREACHABLE)
        cli_say(c, "  when the server is back, %s", on);
    if (!code && out_data(c, f.deployment))
        code = str_eq(json_str(f.deployment, "state"), "completed") ? EXIT_FINE : EXIT_FAILED;
    else if (!code)
        code = print_result(c, f.deployment, f.told);
    json_decref(f.deployment);
    json_decref(f.resources);
    return code;
}
