/* Owns lists that come whole, from memory or from a short table: filters, order and pages over their items. Called by whoever holds the
 * request. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_value(const json_t *value, const char *wanted)
{
    const json_t *item;
    char number[32];
    size_t i;

    json_array_foreach(value, i, item) if (is_value(item, wanted)) return true;
    if (json_is_string(value))
        return str_eq(json_string_value(value), wanted);
    if (json_is_boolean(value))
        return str_eq(json_is_true(value) ? "true" : "false", wanted);
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    return json_is_integer(value) && str_eq(number, wanted);
}

/* `team` of ROUTE_TEAMS is no filter of items: it is what the list was read for. */
static bool fits(const struct api_request *r, const json_t *item)
{
    for (const struct api_param *param = r->route->params; param && param->name; param++) {
        const char *wanted = api_query(r, param->name);

        if (wanted && !is_value(json_object_get(item, param->member ? param->member : param->name), wanted))
            return false;
    }
    return true;
}

/* ---- order ---- */

struct place {
    const json_t *item;
    const char *field;
    size_t at; /* equal ones stay as they are */
    bool descending;
};

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    const char *x = json_str(a->item, a->field), *y = json_str(b->item, b->field);
    int order = strcmp(x ? x : "", y ? y : "");

    if (order == 0)
        return a->at < b->at ? -1 : 1;
    return a->descending ? -order : order;
}

static struct place *sorted(struct api_request *r, const json_t *items, const struct api_page *page, size_t *out_count)
{
    struct place *places = arena_array(r->arena, json_array_size(items) + 1, sizeof *places);
    const json_t *item;
    size_t i, count = 0;

    json_array_foreach(items, i, item) if (fits(r, item)) places[count++] = (struct place){item, page->sort, i, page->descending};
    if (api_query(r, "sort")) /* else as it came */
        qsort(places, count, sizeof *places, compare);
    *out_count = count;
    return places;
}

/* ---- pages ---- */

/* The cursor is the number of items before the page. */
static int read_cursor(const struct api_page *page, int64_t *out, struct err *err)
{
    *out = 0;
    if (page->cursor && (!str_to_int(page->cursor, out) || *out < 0))
        return err_set(err, ERR_REQUEST, "this cursor belongs to no page of this list; use next_cursor as it was given");
    return 0;
}

void api_reply_whole(struct api_request *r, json_t *items)
{
    CLEANUP(json_put) json_t *all = items;
    struct api_page page = api_page_of(r);
    struct err err = {0};
    struct place *places;
    json_t *out;
    size_t count;
    int64_t from;

    if (read_cursor(&page, &from, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    places = sorted(r, all, &page, &count);
    if (!api_query(r, "limit")) /* who asks for nothing else gets it whole */
        page.limit = (int)json_array_size(all) + 1;
    out = json_array();
    for (size_t i = (size_t)from; i < count && i - (size_t)from < (size_t)page.limit; i++)
        json_array_append(out, (json_t *)(uintptr_t)places[i].item);
    from += page.limit;
    api_reply_page(r, out, (size_t)from < count ? arena_printf(r->arena, "%lld", (long long)from) : NULL);
}
