/* Owns changing the texts inside a JSON value in place. Pure; any thread. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codec/json.h"
#include <string.h>

static bool change_text(json_t *value, json_text_change change, void *ctx)
{
    size_t len = json_string_length(value), cap = len + 2; /* two: nothing was cut, so the buffer must not look full */
    CLEANUP(free_ptr) char *copy = mem_zalloc(cap);

    memcpy(copy, json_string_value(value), len);
    change(ctx, copy, cap);
    if (strlen(copy) == len && memcmp(copy, json_string_value(value), len) == 0)
        return false;
    if (json_string_set(value, copy) < 0) /* no longer UTF-8 */
        json_string_set(value, "");
    return true;
}

static bool walk(json_t *value, json_text_change change, void *ctx, int depth)
{
    bool changed = false;
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_string(value))
        return change_text(value, change, ctx);
    if (depth > 4 * LIMIT_JSON_DEPTH)
        return false;
    json_object_foreach(value, key, item) changed |= walk(item, change, ctx, depth + 1);
    json_array_foreach(value, i, item) changed |= walk(item, change, ctx, depth + 1);
    return changed;
}

bool json_change_texts(json_t *value, json_text_change change, void *ctx) { return walk(value, change, ctx, 0); }
