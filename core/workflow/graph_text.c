/* Owns a graph in the words of Graphviz (DOT) and Mermaid. Pure; any thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "workflow/graph_draw.h"
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_str(object, key);

    return text ? text : "";
}

static int check_size(const json_t *graph, struct err *err)
{
    size_t count = json_array_size(json_object_get(graph, "nodes"));

    return count <= GRAPH_NODES
               ? 0
               : err_set(err, ERR_LIMIT, "the graph has %zu nodes, %d can be drawn; format=json gives it in pages", count, GRAPH_NODES);
}

/* {id: place} of the nodes. */
static json_t *places_of(const json_t *nodes)
{
    json_t *places = json_object(), *node;
    size_t i;

    json_array_foreach(nodes, i, node) json_set_int(places, text_of(node, "id"), (int64_t)i);
    return places;
}

/* The places of an edge's ends; false when the graph has not both. */
static bool ends_of(const json_t *places, const json_t *edge, int64_t *from, int64_t *to)
{
    *from = json_int(places, text_of(edge, "from"), -1);
    *to = json_int(places, text_of(edge, "to"), -1);
    return *from >= 0 && *to >= 0;
}

/* ---- DOT: inside quotes, where the backslash begins an escape ---- */

static void add_dot(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            buf_add_char(out, ' ');
        else if (*text == '"' || *text == '\\')
            buf_printf(out, "\\%c", *text);
        else
            buf_add_char(out, *text);
    }
}

static const char *dot_colour(const char *state)
{
    static const char *const colours[][2] = {
        {"failed", "#fdd8d8"},  {"denied", "#fdd8d8"},   {"degraded", "#ffe3bf"},  {"completed", "#dcf3dd"}, {"active", "#dcf3dd"},
        {"passed", "#dcf3dd"},  {"running", "#d9e8fd"},  {"waiting", "#fff1c2"},   {"warned", "#fff1c2"},    {"queued", "#fff1c2"},
        {"skipped", "#ececec"}, {"canceled", "#ececec"}, {"deploying", "#d9e8fd"}, {"terminated", "#ececec"}};

    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (str_eq(colours[i][0], state))
            return colours[i][1];
    return "#ffffff";
}

int graph_dot(const json_t *graph, struct buf *out, struct err *err)
{
    const json_t *nodes = json_object_get(graph, "nodes"), *item;
    size_t i;

    if (check_size(graph, err) < 0)
        return -1;
    buf_add_text(out, "digraph application {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", "
                      "fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n");
    json_array_foreach(nodes, i, item)
    {
        buf_add_text(out, "  \"");
        add_dot(out, text_of(item, "id"));
        buf_add_text(out, "\" [label=\"");
        add_dot(out, text_of(item, "name"));
        buf_add_text(out, "\\n");
        add_dot(out, text_of(item, "type"));
        if (text_of(item, "state")[0]) {
            buf_add_text(out, ", ");
            add_dot(out, text_of(item, "state"));
        }
        buf_printf(out, "\", fillcolor=\"%s\"];\n", dot_colour(json_str(item, "state")));
    }
    json_array_foreach(json_object_get(graph, "edges"), i, item)
    {
        buf_add_text(out, "  \"");
        add_dot(out, text_of(item, "from"));
        buf_add_text(out, "\" -> \"");
        add_dot(out, text_of(item, "to"));
        buf_add_text(out, "\" [label=\"");
        add_dot(out, text_of(item, "type"));
        buf_add_text(out, "\"];\n");
    }
    buf_add_text(out, "}\n");
    return 0;
}

/* ---- Mermaid: ids are words of ours; inside quotes, entities without an ampersand ---- */

static void add_mermaid(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            buf_add_char(out, ' ');
        else if (strchr("\"#&<>`\\;[]{}()|%", *text))
            buf_printf(out, "#%d;", (unsigned char)*text);
        else
            buf_add_char(out, *text);
    }
}

/* A class for those that have a colour. */
static const char *mermaid_class(const char *state)
{
    static const char *const classes[][2] = {{"failed", "bad"},      {"denied", "bad"},   {"degraded", "wary"}, {"completed", "good"},
                                             {"active", "good"},     {"passed", "good"},  {"running", "busy"},  {"deploying", "busy"},
                                             {"waiting", "wary"},    {"warned", "wary"},  {"queued", "wary"},   {"skipped", "gone"},
                                             {"terminated", "gone"}, {"canceled", "gone"}};

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_eq(classes[i][0], state))
            return classes[i][1];
    return NULL;
}

static void add_mermaid_node(struct buf *out, size_t place, const json_t *node)
{
    const char *state = json_str(node, "state"), *class = mermaid_class(state);

    buf_printf(out, "  n%zu[\"", place);
    add_mermaid(out, text_of(node, "name"));
    buf_add_text(out, "<br/>");
    add_mermaid(out, text_of(node, "type"));
    if (state) {
        buf_add_text(out, ", ");
        add_mermaid(out, state);
    }
    buf_printf(out, "\"]%s%s\n", class ? ":::" : "", class ? class : "");
}

int graph_mermaid(const json_t *graph, struct buf *out, struct err *err)
{
    const json_t *nodes = json_object_get(graph, "nodes"), *item;
    CLEANUP(json_put) json_t *places = places_of(nodes);
    int64_t from, to;
    size_t i;

    if (check_size(graph, err) < 0)
        return -1;
    buf_add_text(out, "graph LR\n  classDef good fill:#dcf3dd\n  classDef bad fill:#fdd8d8\n  classDef busy fill:#d9e8fd\n"
                      "  classDef wary fill:#fff1c2\n  classDef gone fill:#ececec\n");
    json_array_foreach(nodes, i, item) add_mermaid_node(out, i, item);
    json_array_foreach(json_object_get(graph, "edges"), i, item)
    {
        if (!ends_of(places, item, &from, &to))
            continue;
        buf_printf(out, "  n%lld -->|", (long long)from);
        buf_add_char(out, '"');
        add_mermaid(out, text_of(item, "type"));
        buf_printf(out, "\"| n%lld\n", (long long)to);
    }
    return 0;
}
