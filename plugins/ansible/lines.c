/* Owns what ansible-playbook says while it runs: events become lines of the step's log and what is told at the end. Slot's thread. */
#include "ansible.h"
#include <stdio.h>
#include <string.h>

#define SAY(...) p->host->log(p->call, __VA_ARGS__)

static void take_result(struct play *p, const json_t *event)
{
    const char *state = field_text(event, "state", ""), *host = field_text(event, "host", "?"), *task = field_text(event, "task", "");
    const char *text = field_text(event, "text", "");
    bool ignored = field_bool(event, "ignored", false), bad = strcmp(state, "failed") == 0 || strcmp(state, "unreachable") == 0;
    const char *word = strcmp(state, "ok") == 0 && field_bool(event, "changed", false) ? "changed" : state;

    p->results++;
    SAY(bad && !ignored ? INNO_LOG_ERROR : INNO_LOG_INFO, "%s: %s: %s%s%s%s", host, task, word, ignored ? " (ignored)" : "",
        *text ? ": " : "", text);
    if (bad && !ignored && !p->problem[0])
        snprintf(p->problem, sizeof p->problem, "%.100s: task \"%.200s\" %s%s%.600s", host, task, word, *text ? ": " : "", text);
    p->host->progress(p->call, -1, task);
}

static void take_event(struct play *p, const json_t *event)
{
    const char *kind = field_text(event, "event", "");

    if (strcmp(kind, "result") == 0) {
        take_result(p, event);
    } else if (strcmp(kind, "play") == 0) {
        SAY(INNO_LOG_INFO, "play: %s", field_text(event, "name", ""));
    } else if (strcmp(kind, "task") == 0) {
        snprintf(p->task, sizeof p->task, "%s", field_text(event, "name", ""));
    } else if (strcmp(kind, "stats") == 0) {
        json_put(&p->hosts);
        json_put(&p->stats);
        p->hosts = json_incref(json_object_get(event, "hosts"));
        p->stats = json_incref(json_object_get(event, "custom"));
    } else {
        SAY(INNO_LOG_WARN, "%s", field_text(event, "text", "an event of another version"));
    }
}

void play_line(void *ctx, int32_t stream, const char *text, uint64_t len)
{
    struct play *p = ctx;
    CLEANUP(json_put) json_t *event = stream == 1 ? json_loadb(text, (size_t)len, 0, NULL) : NULL;

    if (json_object_get(event, "event"))
        take_event(p, event);
    else if (len)
        SAY(stream == 1 ? INNO_LOG_INFO : INNO_LOG_WARN, "%s", text);
    if (stream == 2 && !p->problem[0] && strncmp(text, "ERROR! ", 7) == 0)
        snprintf(p->problem, sizeof p->problem, "%.900s", text + 7);
}

int64_t play_count(const struct play *p, const char *what)
{
    const char *host;
    json_t *counts;
    int64_t sum = 0;

    json_object_foreach(p->hosts, host, counts) sum += field_int(counts, what, 0);
    return sum;
}
