/* Owns the differences between two params. What runs was stored with its placeholders resolved, what is wanted still has them: a text with
 * a placeholder is compared by its fixed parts only, and decided when the step runs. Pure; any thread. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/interpolate.h"
#include "workflow/plan_priv.h"
#include <string.h>

#define PATTERN_BYTES (64u << 10)
#define MAX_GLOB_WORK 10000000 /* pattern times text, bytes */

/* Could `text`, once resolved, be what `before` is? A glob with a star for each placeholder. */
static bool may_be(const json_t *before, const char *text)
{
    CLEANUP(buf_fini) struct buf pattern = BUF_INIT(PATTERN_BYTES);
    struct interp_part part;
    struct err err = {0};
    size_t at = 0;
    int more;

    while ((more = interp_next(INTERP_SCORE, text, &at, &part, &err)) > 0) {
        if (part.count)
            buf_add_char(&pattern, '*');
        for (size_t i = 0; !part.count && i < part.len;
             i++) /* a star or '?' of the text itself matches anything: a difference less is shown */
            buf_add_char(&pattern, part.literal[i]);
        interp_part_fini(&part);
    }
    if (!json_is_string(before))
        return true; /* a secret, or a value that keeps its kind */
    if (more < 0 || pattern.overflow || pattern.len * json_string_length(before) > MAX_GLOB_WORK)
        return true; /* not worth comparing: the step decides */
    return str_glob(buf_text(&pattern), json_string_value(before));
}

static bool same(const json_t *before, const json_t *after)
{
    if (json_is_string(after) && strstr(json_string_value(after), "$"))
        return before && may_be(before, json_string_value(after));
    return json_equal(before, after);
}

static void add(json_t *list, const char *path, const json_t *before, const json_t *after)
{
    json_t *field = json_object();

    json_set_str(field, "path", path);
    if (before)
        json_set_new(field, "from", json_clone(before));
    if (after)
        json_set_new(field, "to", json_clone(after));
    json_array_append_new(list, field);
}

static void compare(const json_t *before, const json_t *after, struct buf *path, json_t *list);

static void compare_member(const json_t *before, const json_t *after, const char *key, struct buf *path, json_t *list)
{
    size_t len = path->len;

    buf_printf(path, "/%s", key);
    compare(before, after, path, list);
    path->len = len;
    if (path->data)
        path->data[len] = '\0';
}

static void compare_objects(const json_t *before, const json_t *after, struct buf *path, json_t *list)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)after, key, value) compare_member(json_object_get(before, key), value, key, path, list);
    json_object_foreach((json_t *)(uintptr_t)before, key, value) if (!json_object_get(after, key))
        compare_member(value, NULL, key, path, list);
}

/* Recursion follows documents whose depth their parsers bounded. */
static void compare(const json_t *before, const json_t *after, struct buf *path, json_t *list)
{
    if (json_is_object(before) && json_is_object(after) && !json_secret_ref(before)) {
        compare_objects(before, after, path, list);
        return;
    }
    if (json_is_array(before) && json_is_array(after) && json_array_size(before) == json_array_size(after)) {
        for (size_t i = 0; i < json_array_size(after); i++) {
            char index[24];

            snprintf(index, sizeof index, "%zu", i);
            compare_member(json_array_get(before, i), json_array_get(after, i), index, path, list);
        }
        return;
    }
    if (!same(before, after))
        add(list, buf_text(path), before, after);
}

json_t *plan_diff(const json_t *before, const json_t *after, const char *prefix)
{
    CLEANUP(buf_fini) struct buf path = BUF_INIT(PATTERN_BYTES);
    json_t *list = json_array();

    buf_add_text(&path, prefix);
    compare(before ? before : json_null(), after ? after : json_null(), &path, list);
    return list;
}
