/* Owns what the handlers share: the scope of their reads, pages, lists. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/str.h"
#include <string.h>

struct read_scope api_scope(const struct api_request *r) { return (struct read_scope){.org = r->org, .team = r->team}; }

static bool is_filter(const struct api_request *r, const char *name)
{
    for (const struct api_param *param = r->route->params; param && param->name; param++)
        if (str_eq(param->name, name))
            return param->kind != PARAM_TIME;
    return false;
}

struct read_page api_read_page(struct api_request *r)
{
    struct api_page page = api_page_of(r);
    struct read_match *matches = arena_array(r->arena, r->uri.query_count + 1, sizeof *matches);
    size_t count = 0;

    for (size_t i = 0; i < r->uri.query_count; i++)
        if (is_filter(r, r->uri.query[i].name))
            matches[count++] = (struct read_match){r->uri.query[i].name, r->uri.query[i].value};
    return (struct read_page){.limit = page.limit,
                              .cursor = page.cursor,
                              .sort = page.sort,
                              .descending = page.descending,
                              .since = api_query_time(r, "since"),
                              .until = api_query_time(r, "until"),
                              .matches = matches,
                              .match_count = count};
}

void api_reply_list(struct api_request *r, api_lister lister)
{
    struct read_scope scope = api_scope(r);
    struct read_page page = api_read_page(r);
    CLEANUP(free_ptr) char *cursor = NULL;
    json_t *items = NULL;
    struct err err = {0};

    if (lister(r->context->store, &scope, &page, &items, &cursor, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_page(r, items, cursor);
}

void api_reply_items(struct api_request *r, json_t *items, const char *what, const char *name)
{
    json_t *out = items ? json_object() : NULL;

    json_set_new(out, "items", items);
    api_reply_found(r, out, what, name);
}
