/* Owns `watch`: events as they come, or on a terminal a view that is drawn again when something happens. */
#include "base/cleanup.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/applications.h"
#include "cli/client.h"
#include "cli/events.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/patience.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_MS 200  /* events come in bursts: what follows so soon is drawn together */
#define LOOK_MS   5000 /* "since 4 m" moves on without events */

struct watching {
    struct cli *c;
    const char *word;   /* application or deployment; NULL: everything */
    const char *target; /* of the stream */
    bool deployment;    /* ends with it */
    bool drawn;         /* a view instead of lines */
    int64_t after;
    struct patience patience;
};

/* ---- lines ---- */

static const char *text_of(struct cli *c, const json_t *event, const char *member)
{
    const char *text = json_str(event, member);

    return text ? out_clean(&c->arena, text, false) : "";
}

/* "12:00:01  step.completed   shop development  migrate  message" */
static void print_event(struct cli *c, const json_t *event)
{
    const json_t *data = json_object_get(event, "data");
    const char *at = json_str(event, "at"), *message = json_str(data, "message"), *type = json_str(event, "type");
    const char *dot = type ? strrchr(type, '.') : NULL, *what = json_str(event, "step");
    struct arena kept = c->arena;

    if (!what)
        what = json_str(data, "workflow") ? json_str(data, "workflow") : json_str(data, "resource");
    if (c->output == OUTPUT_JSON) {
        json_dumpf(event, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        c->arena = (struct arena){0}; /* a watcher lives long */
        cli_print(c, "%.8s  %s%*s  %s%s%s%s%s%s%s\n", at && strlen(at) > 19 ? at + 11 : "",
                  out_paint(c, out_state_style(dot ? dot + 1 : NULL), text_of(c, event, "type")),
                  (int)(22 - (type && strlen(type) < 22 ? strlen(type) : 22)), "", text_of(c, event, "application"),
                  json_str(event, "environment") ? " " : "", text_of(c, event, "environment"), what ? "  " : "",
                  what ? out_clean(&c->arena, what, false) : "", message ? "  " : "", message ? out_clean(&c->arena, message, false) : "");
        arena_fini(&c->arena);
        c->arena = kept;
    }
    fflush(stdout);
}

/* ---- the view ---- */

static int draw_once(struct watching *w, bool *out_ended)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    int code = application_deployment(w->c, w->word, &deployment);

    if (code)
        return code;
    cli_print(w->c, "\033[H\033[J"); /* the cursor goes home, and takes what was there with it */
    *out_ended = w->deployment && follow_is_final(json_str(deployment, "state"));
    code = application_print(w->c, deployment);
    fflush(stdout);
    return code;
}

/* With memory of its own: a watcher lives long. */
static int draw(struct watching *w, bool *out_ended)
{
    struct arena kept = w->c->arena;
    int code;

    w->c->arena = (struct arena){0};
    code = draw_once(w, out_ended);
    arena_fini(&w->c->arena);
    w->c->arena = kept;
    return code;
}

/* Takes what comes right behind an event, so that a burst is drawn once. */
static void settle(struct events *events)
{
    json_t *event = NULL;
    int status;

    while (events_next(events, SETTLE_MS, &event, &status) == EVENTS_ONE)
        json_decref(event);
}

/* ---- the stream ---- */

/* Until the connection ends: EXIT_FINE, with the answer's status. */
static int take(struct watching *w, struct events *events, int *out_status, bool *out_ended)
{
    int code = EXIT_FINE;

    while (!code && !*out_ended) {
        CLEANUP(json_put) json_t *event = NULL;
        enum events_more more = events_next(events, LOOK_MS, &event, out_status);

        w->after = events_last(events);
        if (more == EVENTS_END)
            return code;
        if (more == EVENTS_ONE)
            patience_rest(w->c, &w->patience);
        if (w->drawn) {
            if (more == EVENTS_ONE)
                settle(events);
            code = draw(w, out_ended);
        } else if (more == EVENTS_ONE) {
            print_event(w->c, event);
        }
    }
    return code;
}

/* What the end of a connection means: 0 to connect again, else the exit code. */
static int ended(struct watching *w, int status, bool *out_ended)
{
    if (status == 204 || (w->deployment && status == 200)) { /* a deployment's stream ends with its last event */
        CLEANUP(json_put) json_t *deployment = NULL;
        int code = patience_get(w->c, client_team(w->c, client_path(w->c, "/deployments/{}", w->word)), 0, &deployment);

        *out_ended = !code && follow_is_final(json_str(deployment, "state"));
        return code;
    }
    if (status >= 400 && status != 503 && status != 429) /* asked again without the stream, it says why */
        return client_get(w->c, w->target, NULL);
    if (status == 200 || patience_wait(w->c, &w->patience))
        return EXIT_FINE;
    return client_get(w->c, w->target, NULL) ? EXIT_UNREACHABLE : EXIT_FINE;
}

static int watch(struct watching *w)
{
    bool over = false;
    int code = w->drawn ? draw(w, &over) : EXIT_FINE;

    while (!code && !over) {
        struct events *events = NULL;
        struct err err = {0};
        int status = 0;

        if (events_open(w->c, w->target, w->after, &events, &err) < 0)
            return cli_fail(w->c, &err);
        code = take(w, events, &status, &over);
        w->after = events_last(events);
        events_close(events);
        if (!code && !over)
            code = ended(w, status, &over);
    }
    return code;
}

/* ---- the verb ---- */

static const char *target_of(struct cli *c, const char *word)
{
    const char *target = client_path(c, "/events", NULL);

    if (word && id_is_valid(word, "d"))
        return client_team(c, client_path(c, "/deployments/{}/events", word));
    target = client_query(c, client_query(c, target, "application", word), "environment", args_text(&c->args, "env"));
    return client_team(c, client_query(c, target, "type", args_text(&c->args, "type")));
}

static int result_of(struct cli *c, const char *id)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    int code = client_get(c, client_team(c, client_path(c, "/deployments/{}", id)), &deployment);

    return code ? code : str_eq(json_str(deployment, "state"), "completed") ? EXIT_FINE : EXIT_FAILED;
}

int verb_watch(struct cli *c)
{
    const char *word = cli_word(c, 0);
    CLEANUP(json_put) json_t *found = NULL;
    struct watching w = {.c = c, .word = word, .deployment = word && id_is_valid(word, "d"), .after = -1};
    int code; /* a word that means nothing, and a server that is not there, are told at once */

    w.target = target_of(c, word);
    code = word ? application_deployment(c, word, &found) : client_get(c, client_query(c, w.target, "limit", "1"), &found);
    if (code)
        return code;
    if (c->output == OUTPUT_YAML)
        return cli_usage(c, "watch has no yaml; --output json writes one line of JSON for each event");
    w.drawn = word && c->output <= OUTPUT_WIDE && isatty(STDOUT_FILENO) && !args_flag(&c->args, "lines");
    if (w.deployment)
        w.after = 0;
    else if (!w.drawn && isatty(STDERR_FILENO))
        cli_say(c, "what happens%s%s from now on; Ctrl-C ends it", word ? " to " : "", word ? word : "");
    code = watch(&w);
    return code || !w.deployment ? code : result_of(c, word);
}
