/* Owns what drift is: when to look, and what differs. Pure; any thread. */
#include "resource/drift.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include <string.h>

#define FIRST_AGAIN_US (60 * US_PER_SEC) /* after the first look without an answer */
#define AGAIN_MOST_US  (3600 * US_PER_SEC)

enum drift_wish drift_wish_of(const char *annotations)
{
    CLEANUP(json_put) json_t *parsed = annotations ? json_loads(annotations, 0, NULL) : NULL;
    const char *word = json_str(parsed, "innominatus.dev/drift");

    return str_eq(word, "repair") ? DRIFT_REPAIR : str_eq(word, "ignore") ? DRIFT_IGNORE : DRIFT_REPORT;
}

/* ---- when ---- */

static int64_t spread(const struct drift_pace *pace, int64_t delay, uint32_t chance)
{
    double part = 2.0 * ((double)chance / (double)UINT32_MAX) - 1.0; /* -1 to 1 */
    int64_t moved = delay + (int64_t)(part * pace->jitter * (double)delay);

    return moved < 1 ? 1 : moved;
}

static int64_t doubled(int64_t delay, int times, int64_t most)
{
    for (int i = 0; i < times && i < DRIFT_DOUBLES && delay < most; i++)
        delay *= 2;
    return delay < most ? delay : most;
}

int64_t drift_delay(const struct drift_pace *pace, uint32_t chance) { return spread(pace, pace->interval_us, chance); }

int64_t drift_delay_failed(const struct drift_pace *pace, int failures, uint32_t chance)
{
    int64_t first = pace->interval_us < FIRST_AGAIN_US ? pace->interval_us : FIRST_AGAIN_US;
    int64_t most = pace->interval_us > AGAIN_MOST_US ? pace->interval_us : AGAIN_MOST_US;

    return spread(pace, doubled(first, failures - 1, most), chance);
}

int64_t drift_delay_repaired(const struct drift_pace *pace, int repairs, uint32_t chance)
{
    return spread(pace, doubled(pace->interval_us, repairs - 1, INT64_MAX / 4), chance);
}

#define BUSY_US (30 * US_PER_SEC)

int64_t drift_delay_busy(const struct drift_pace *pace) { return pace->interval_us < BUSY_US ? pace->interval_us : BUSY_US; }

/* ---- what ---- */

bool drift_is_moving(const char *status)
{
    static const char *const moving[] = {"requested", "provisioning", "scaling", "updating", "terminating"};

    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (str_eq(status, moving[i]))
            return true;
    return false;
}

/* A value that may be kept: a long one is told by its length. */
static json_t *kept(const json_t *value)
{
    CLEANUP(free_ptr) char *text = value ? json_text(value) : NULL;

    if (!text)
        return NULL;
    return strlen(text) <= DRIFT_TEXT ? json_clone(value) : json_sprintf("(%zu bytes)", strlen(text));
}

/* The words of a provisioner, cut between two characters. */
static void set_cut(json_t *object, const char *key, const char *text, size_t most)
{
    size_t len = strlen(text);
    CLEANUP(free_ptr) char *cut = NULL;

    if (len > most)
        for (len = most - 3; len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80;)
            len--;
    cut = mem_printf("%.*s%s", (int)len, text, text[len] ? "..." : "");
    json_set_str(object, key, cut);
}

static void add(json_t *diff, const char *path, json_t *from, json_t *to)
{
    json_t *one = json_object();

    set_cut(one, "path", path, DRIFT_PATH);
    json_set_new(one, "from", from);
    json_set_new(one, "to", to);
    json_array_append_new(diff, one);
}

static void add_status(json_t *diff, const char *status)
{
    if (!str_eq(status, "active"))
        add(diff, "/state", json_string("active"), json_string(status));
}

static void add_output(json_t *diff, const char *key, const json_t *before, const json_t *now)
{
    CLEANUP(free_ptr) char *path = mem_printf("/outputs/%s", key);

    add(diff, path, kept(before), kept(now));
}

/* What get_status reports is compared with what was recorded; it need not report everything. */
static void add_outputs(json_t *diff, const json_t *recorded, const json_t *reported)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)reported, key, value)
    {
        const json_t *before = json_object_get(recorded, key);

        if ((before && json_has_secret(before)) || json_equal(before, value) || json_array_size(diff) >= DRIFT_MOST)
            continue;
        add_output(diff, key, before, value);
    }
}

/* plan says what a provision would change: its `from` is what is there now. */
static void add_changes(json_t *diff, const json_t *changes)
{
    const json_t *change;
    size_t i;

    json_array_foreach(changes, i, change)
    {
        const char *path = json_str(change, "path") ? json_str(change, "path") : json_str(change, "address");
        json_t *wanted = json_object_get(change, "to"), *there = json_object_get(change, "from");

        if (json_array_size(diff) >= DRIFT_MOST)
            return;
        if (!wanted && !there) /* said in words of its own */
            add(diff, path ? path : "/", NULL, kept(change));
        else
            add(diff, path ? path : "/", kept(wanted), kept(there));
    }
}

json_t *drift_compare(const struct drift_found *found, const json_t *outputs)
{
    CLEANUP(json_put) json_t *diff = json_array();
    json_t *drift;

    add_status(diff, found->status);
    add_outputs(diff, outputs, found->outputs);
    add_changes(diff, found->changes);
    if (json_array_size(diff) == 0)
        return NULL;
    drift = json_object();
    json_set_str(drift, "status", found->status);
    if (found->text && *found->text)
        set_cut(drift, "reason", found->text, DRIFT_TEXT);
    json_set_new(drift, "diff", take_ptr(diff));
    return drift;
}

bool drift_same(const json_t *a, const json_t *b)
{
    return json_equal(json_object_get(a, "diff"), json_object_get(b, "diff")) && str_eq(json_str(a, "reason"), json_str(b, "reason"));
}
