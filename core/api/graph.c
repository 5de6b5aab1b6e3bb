/* Handler of graphs: as JSON in pages, in the words of Graphviz and Mermaid, and drawn. On a thread of the api, as drawing may take a
 * while. */
#include "api/handlers.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "workflow/graph_draw.h"
#include "workflow/read_graph.h"

static const struct form {
    const char *name, *content_type;
    int (*write)(const json_t *graph, struct buf *out, struct err *err);
} forms[] = {
    {"dot", "text/vnd.graphviz; charset=utf-8", graph_dot},
    {"mermaid", "text/vnd.mermaid; charset=utf-8", graph_mermaid},
    {"svg", "image/svg+xml", graph_svg},
};

static void reply_drawn(struct api_request *r, const struct form *form, const json_t *graph)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_RESPONSE_BYTES);
    struct err err = {0};

    if (form->write(graph, &text, &err) == 0 && text.overflow)
        err_set(&err, ERR_LIMIT, "the drawn graph has more than %u bytes; format=json gives it in pages", LIMIT_RESPONSE_BYTES);
    if (err.code != ERR_NONE) {
        api_problem(r, &err);
        return;
    }
    buf_add(&text, "", 0);
    api_reply_text(r, 200, form->content_type, buf_take(&text));
}

/* ---- pages ---- */

/* {node id: its place} */
static json_t *places_of(const json_t *nodes)
{
    json_t *places = json_object(), *node;
    size_t i;

    json_array_foreach(nodes, i, node) json_set_int(places, json_str(node, "id"), (int64_t)i);
    return places;
}

/* Every edge comes once, with the later one of its ends. */
static json_t *page_of(const json_t *graph, int64_t from, int64_t limit)
{
    const json_t *nodes = json_object_get(graph, "nodes"), *edge;
    CLEANUP(json_put) json_t *places = places_of(nodes);
    json_t *page = json_array(), *edges = json_array(), *out = json_object();
    int64_t until = from + limit;
    char cursor[24];
    size_t i;

    for (int64_t at = from; at < until && at < (int64_t)json_array_size(nodes); at++)
        json_array_append(page, json_array_get(nodes, (size_t)at));
    json_array_foreach(json_object_get(graph, "edges"), i, edge)
    {
        int64_t a = json_int(places, json_str(edge, "from"), -1), b = json_int(places, json_str(edge, "to"), -1), later = a > b ? a : b;

        if (a >= 0 && b >= 0 && later >= from && later < until)
            json_array_append(edges, (json_t *)(uintptr_t)edge);
    }
    json_set_new(out, "nodes", page);
    json_set_new(out, "edges", edges);
    snprintf(cursor, sizeof cursor, "%lld", (long long)until);
    if (until < (int64_t)json_array_size(nodes))
        json_set_str(out, "next_cursor", cursor);
    return out;
}

static void reply_json(struct api_request *r, const json_t *graph)
{
    int64_t limit = api_query_int(r, "limit", GRAPH_NODES), from = api_query_int(r, "cursor", 0);
    struct err err = {0};

    if (limit < 1 || limit > GRAPH_NODES || from < 0 || from > INT32_MAX) {
        err_set(&err, ERR_REQUEST, "limit is from 1 to %d, cursor is next_cursor of the page before", GRAPH_NODES);
        api_problem(r, &err);
        return;
    }
    api_reply_json(r, 200, page_of(graph, from, limit));
}

/* ---- the handler ---- */

static void reply_graph(struct api_request *r)
{
    struct read_scope scope = api_scope(r), own = {.org = r->org, .team = r->who->team};
    const char *name = api_param(r, "app"), *environment = api_query(r, "environment"), *wanted = api_query(r, "format");
    CLEANUP(json_put) json_t *graph = NULL;
    struct err err = {0};

    if (read_graph(r->context->store, scope.team ? &scope : &own, name, environment, &graph, &err) < 0 ||
        (!graph && !scope.team && read_graph(r->context->store, &scope, name, environment, &graph, &err) < 0)) {
        api_problem(r, &err);
        return;
    }
    if (!graph) {
        api_reply_found(r, NULL, "application", environment ? arena_printf(r->arena, "%s in %s", name, environment) : name);
        return;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (str_eq(forms[i].name, wanted)) {
            reply_drawn(r, &forms[i], graph);
            return;
        }
    reply_json(r, graph);
}

void graph_get(struct api_request *r) { api_offload(r, reply_graph); }
