/* Owns the comparison of what shall be with what is, and how it is told. Slot's thread. */
#include "tell.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdio.h>

/* ---- comparing ---- */

static bool holds(const json_t *list, const json_t *wanted)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) if (json_equal(item, wanted)) return true;
    return false;
}

bool tell_same(const json_t *wanted, const json_t *actual)
{
    const json_t *item;
    size_t i;

    if (!actual || json_is_null(actual))
        return json_is_null(wanted) || (json_is_array(wanted) && !json_array_size(wanted)) ||
               (json_is_string(wanted) && !json_string_length(wanted));
    if (!json_is_array(wanted) || !json_is_array(actual))
        return json_equal(wanted, actual);
    json_array_foreach(wanted, i, item) if (!holds(actual, item)) return false;
    json_array_foreach(actual, i, item) if (!holds(wanted, item)) return false;
    return true;
}

bool tell_add(json_t *list, const char *path, const json_t *from, const json_t *to)
{
    return json_array_append_new(list, json_pack("{s:s,s:O?,s:O?}", "path", path, "from", from, "to", to)) == 0;
}

json_t *tell_diff(const json_t *wanted, const json_t *actual)
{
    json_t *changes = json_array(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        const json_t *now = json_object_get(actual, key);

        if (tell_same(value, now))
            continue;
        if (!tell_add(changes, key, now, value)) {
            json_decref(changes);
            return NULL;
        }
    }
    return changes;
}

/* ---- telling ---- */

inno_rc tell_json(const inno_host *host, inno_call *call, const char *key, json_t *value)
{
    CLEANUP(json_put) json_t *owned = value;
    CLEANUP(free_text) char *text = owned ? json_dumps(owned, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    if (!text)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    host->output_json(call, key, inno_span_of(text));
    return INNO_OK;
}

inno_rc tell_changes(const inno_host *host, inno_call *call, json_t *changes) { return tell_json(host, call, "changes", changes); }

inno_rc tell_state(const inno_host *host, inno_call *call, json_t *state)
{
    CLEANUP(json_put) json_t *owned = state;
    CLEANUP(free_text) char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;
    inno_rc rc;

    if (!text)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = host->state(call, inno_span_of(text));
    return rc == INNO_OK ? rc : host->fail(call, rc, -1, "the state could not be kept");
}

void tell_degraded(const inno_host *host, inno_call *call, const char *what, const char *name, const json_t *changes)
{
    const json_t *first = json_array_get(changes, 0);
    CLEANUP(free_text) char *from = json_dumps(json_object_get(first, "from"), JSON_ENCODE_ANY | JSON_COMPACT);
    CLEANUP(free_text) char *to = json_dumps(json_object_get(first, "to"), JSON_ENCODE_ANY | JSON_COMPACT);
    const char *path = json_string_value(json_object_get(first, "path"));
    char text[400];

    snprintf(text, sizeof text, "%s %.100s was changed by hand: %.40s is %.80s, not %.80s%s", what, name, path ? path : "?",
             from ? from : "?", to ? to : "?", json_array_size(changes) > 1 ? ", and more" : "");
    host->status(call, INNO_STATE_DEGRADED, text);
}

bool tell_defect(const inno_host *host, inno_call *call, const char *what, const char *name, const json_t *there, bool ours,
                 const json_t *changes)
{
    char text[300];

    if (there && ours) {
        if (json_array_size(changes))
            tell_degraded(host, call, what, name, changes);
        return json_array_size(changes) > 0;
    }
    snprintf(text, sizeof text, "the %s %.200s %s", what, name, there ? "is not this resource's" : "is not there");
    host->status(call, there ? INNO_STATE_DEGRADED : INNO_STATE_TERMINATED, text);
    return true;
}
