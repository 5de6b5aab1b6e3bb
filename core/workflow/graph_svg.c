/* Owns a graph drawn as SVG. Pure; any thread. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "workflow/graph_draw.h"
#include "workflow/graph_layout.h"
#include <string.h>

#define NODE_WIDTH  206
#define NODE_HEIGHT 42
#define ROW         56 /* from one node to the next below it */
#define COLUMN      290
#define MARGIN      24
#define TOP         56 /* with the legend */
#define NAME_CHARS  23
#define ABOUT_CHARS 31

struct drawing {
    struct buf *out;
    const json_t *nodes, *edges;
    struct layout layout;
    const char **edge_types;
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_str(object, key);

    return text ? text : "";
}

/* At most `most` characters of a text, escaped for XML. What XML 1.0 cannot hold becomes a blank. */
static void add_text(struct buf *out, const char *text, size_t most)
{
    size_t chars = 0, all = 0;

    for (const char *at = text; *at; at++)
        all += ((unsigned char)*at & 0xC0) != 0x80;
    for (const char *at = text; *at; at++) {
        if (((unsigned char)*at & 0xC0) != 0x80 && all > most && chars++ == most - 1) {
            buf_add_text(out, "…");
            return;
        }
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            buf_add_char(out, ' ');
        else if (strchr("<>&\"'", *at))
            buf_printf(out, "&#%d;", *at);
        else
            buf_add_char(out, *at);
    }
}

/* ---- colours ---- */

struct look {
    const char *name, *fill, *line;
};

static const struct look types[] = {{"spec", NULL, "#1b4f9c"},     {"workflow", NULL, "#6b3fa0"},    {"step", NULL, "#a066c9"},
                                    {"resource", NULL, "#0b7a75"}, {"environment", NULL, "#8a6d1d"}, {"product", NULL, "#b5477a"},
                                    {"team", NULL, "#4d6b2f"},     {"policy", NULL, "#5b6470"},      {"provisioner", NULL, "#c2601c"},
                                    {NULL, NULL, "#5b6470"}};
static const struct look states[] = {
    {"failed", "#fde3e3", "#c62828"},    {"denied", "#fde3e3", "#c62828"},    {"rejected", "#fde3e3", "#c62828"},
    {"expired", "#fde3e3", "#c62828"},   {"degraded", "#ffecd1", "#d9822b"},  {"orphaned", "#ffecd1", "#d9822b"},
    {"completed", "#e4f5e5", "#2e7d32"}, {"active", "#e4f5e5", "#2e7d32"},    {"passed", "#e4f5e5", "#2e7d32"},
    {"running", "#e0edff", "#1565c0"},   {"deploying", "#e0edff", "#1565c0"}, {"provisioning", "#e0edff", "#1565c0"},
    {"updating", "#e0edff", "#1565c0"},  {"waiting", "#fff5d1", "#b38600"},   {"queued", "#fff5d1", "#b38600"},
    {"ready", "#fff5d1", "#b38600"},     {"warned", "#fff5d1", "#b38600"},    {NULL, "#f6f7f9", "#9aa3ad"}};

static const struct look *look_of(const struct look *looks, const char *name)
{
    while (looks->name && !str_eq(looks->name, name))
        looks++;
    return looks;
}

/* ---- the layout's view ---- */

/* What depends on something comes after it. */
static bool is_backwards(const char *type, const char *from) { return str_eq(type, "depends-on") && !str_starts(from, "spec:"); }
/* What says little: a resource of an application has its step and its provisioner before it anyway. */
static bool is_light(const char *type, const char *to)
{
    return str_eq(type, "owns") || str_eq(type, "gates") || (str_eq(type, "defines") && str_starts(to, "resource:"));
}

static void lay_out(struct drawing *d, struct arena *arena)
{
    size_t most = json_array_size(d->edges), count = 0, i;
    struct layout_edge *edges = arena_array(arena, most + 1, sizeof *edges);
    CLEANUP(json_put) json_t *places = json_object();
    const json_t *item;

    d->edge_types = arena_array(arena, most + 1, sizeof *d->edge_types);
    json_array_foreach(d->nodes, i, item) json_set_int(places, text_of(item, "id"), (int64_t)i);
    json_array_foreach(d->edges, i, item)
    {
        const char *type = text_of(item, "type");
        int64_t from = json_int(places, text_of(item, "from"), -1), to = json_int(places, text_of(item, "to"), -1);
        bool backwards = is_backwards(type, text_of(item, "from"));

        if (from < 0 || to < 0 || from == to)
            continue;
        d->edge_types[count] = type;
        edges[count++] = (struct layout_edge){
            .from = (size_t)(backwards ? to : from), .to = (size_t)(backwards ? from : to), .light = is_light(type, text_of(item, "to"))};
    }
    graph_layout(&d->layout, json_array_size(d->nodes), edges, count, arena);
}

static double left_of(const struct drawing *d, size_t vertex) { return MARGIN + (double)d->layout.at[vertex].layer * COLUMN; }
static double middle_of(const struct drawing *d, size_t vertex) { return TOP + d->layout.at[vertex].y * ROW + NODE_HEIGHT / 2.0; }

/* ---- drawing ---- */

static void add_curve(struct buf *out, double x, double y, double to_x, double to_y)
{
    double bow = (to_x - x) / 2;

    buf_printf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", x + bow, y, to_x - bow, to_y, to_x, to_y);
}

static void draw_edge(struct drawing *d, size_t i)
{
    const struct layout_edge *e = &d->layout.edges[i];
    bool depends = str_eq(d->edge_types[i], "depends-on"), back = d->layout.at[e->from].layer >= d->layout.at[e->to].layer;
    double x = left_of(d, e->from) + NODE_WIDTH, y = middle_of(d, e->from), to_x = left_of(d, e->to) - 6, to_y = middle_of(d, e->to);

    buf_printf(d->out, "<path d=\"M%.1f %.1f", x, y);
    for (size_t b = 0; b < e->bend_count; b++) {
        double bend_x = left_of(d, e->bends[b]), bend_y = middle_of(d, e->bends[b]);

        add_curve(d->out, x, y, bend_x, bend_y);
        buf_printf(d->out, "L%.1f %.1f", bend_x + NODE_WIDTH, bend_y);
        x = bend_x + NODE_WIDTH;
        y = bend_y;
    }
    if (back) /* of a broken cycle: around */
        buf_printf(d->out, "C%.1f %.1f %.1f %.1f %.1f %.1f", x + 60, y - ROW, to_x - 60, to_y - ROW, to_x, to_y);
    else
        add_curve(d->out, x, y, to_x, to_y);
    buf_printf(d->out, "\" stroke=\"%s\" stroke-width=\"%s\"%s marker-end=\"url(#%s)\"><title>", e->light ? "#ccd2d9" : "#7d8894",
               e->light ? "1" : "1.3", depends ? " stroke-dasharray=\"5 3\"" : "", e->light ? "light" : "arrow");
    add_text(d->out, d->edge_types[i], 40);
    buf_add_text(d->out, "</title></path>\n");
}

static void draw_node(struct drawing *d, size_t i)
{
    const json_t *node = json_array_get(d->nodes, i), *data = json_object_get(node, "data");
    const char *state = json_str(node, "state"), *kind = json_str(data, "type");
    const struct look *look = look_of(states, state);
    double x = left_of(d, i), y = middle_of(d, i) - NODE_HEIGHT / 2.0;
    struct buf about = BUF_INIT(4096);

    buf_printf(&about, "%s%s%s%s%s", text_of(node, "type"), kind ? " · " : "", kind ? kind : "", state ? " · " : "", state ? state : "");
    buf_printf(d->out, "<g transform=\"translate(%.1f %.1f)\"><title>", x, y);
    add_text(d->out, text_of(node, "id"), 200);
    buf_add_text(d->out, "\n");
    add_text(d->out, buf_text(&about), 200);
    buf_printf(d->out, "</title><rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\"/>", NODE_WIDTH, NODE_HEIGHT, look->fill,
               look->line);
    buf_printf(d->out, "<path d=\"M6 0H5V%dH6A6 6 0 0 1 0 %dV6A6 6 0 0 1 6 0z\" fill=\"%s\"/>", NODE_HEIGHT, NODE_HEIGHT - 6,
               look_of(types, json_str(node, "type"))->line);
    buf_add_text(d->out, "<text x=\"14\" y=\"18\" font-size=\"13\" font-weight=\"600\" fill=\"#1c2530\">");
    add_text(d->out, text_of(node, "name"), NAME_CHARS);
    buf_add_text(d->out, "</text><text x=\"14\" y=\"33\" font-size=\"11\" fill=\"#56616d\">");
    add_text(d->out, buf_text(&about), ABOUT_CHARS);
    buf_add_text(d->out, "</text></g>\n");
    buf_fini(&about);
}

/* The types that the graph has, so that the colours can be read. */
static void draw_legend(struct drawing *d)
{
    int x = MARGIN;

    for (const struct look *look = types; look->name; look++) {
        const json_t *node;
        bool there = false;
        size_t i;

        json_array_foreach(d->nodes, i, node) there = there || str_eq(json_str(node, "type"), look->name);
        if (!there)
            continue;
        buf_printf(d->out,
                   "<rect x=\"%d\" y=\"16\" width=\"10\" height=\"10\" rx=\"2\" fill=\"%s\"/><text x=\"%d\" y=\"25\" font-size=\"11\" "
                   "fill=\"#56616d\">%s</text>\n",
                   x, look->line, x + 15, look->name);
        x += 30 + (int)strlen(look->name) * 7;
    }
}

static int legend_width(void)
{
    int width = 2 * MARGIN;

    for (const struct look *look = types; look->name; look++)
        width += 30 + (int)strlen(look->name) * 7;
    return width;
}

static void draw(struct drawing *d)
{
    int width = 2 * MARGIN + (int)(d->layout.layers ? d->layout.layers - 1 : 0) * COLUMN + NODE_WIDTH, legend = legend_width();
    int height = TOP + (int)(d->layout.rows * ROW) + MARGIN;

    width = width > legend ? width : legend;
    buf_printf(d->out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"system-ui, "
               "'Segoe UI', 'DejaVu Sans', sans-serif\">\n<defs>"
               "<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
               "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#7d8894\"/></marker>"
               "<marker id=\"light\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
               "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#ccd2d9\"/></marker></defs>\n"
               "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
               width, height, width, height);
    draw_legend(d);
    buf_add_text(d->out, "<g fill=\"none\">\n");
    for (int light = 1; light >= 0; light--) /* what says more lies above */
        for (size_t i = 0; i < d->layout.edge_count; i++)
            if (d->layout.edges[i].light == (light == 1))
                draw_edge(d, i);
    buf_add_text(d->out, "</g>\n");
    for (size_t i = 0; i < d->layout.nodes; i++)
        draw_node(d, i);
    buf_add_text(d->out, "</svg>\n");
}

int graph_svg(const json_t *graph, struct buf *out, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct drawing d = {.out = out, .nodes = json_object_get(graph, "nodes"), .edges = json_object_get(graph, "edges")};

    if (json_array_size(d.nodes) > GRAPH_NODES)
        return err_set(err, ERR_LIMIT, "the graph has %zu nodes, %d can be drawn; format=json gives it in pages", json_array_size(d.nodes),
                       GRAPH_NODES);
    lay_out(&d, &arena);
    draw(&d);
    return 0;
}
