/* Owns the check of every placeholder of a Score file before anything runs: roots, resources, metadata keys, and cycles between params.
 * Any thread; one parse. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

#define SHOWN_NAMES 20
#define NONE        SIZE_MAX

struct checker {
    struct score_parser *p;
    const struct node *resources; /* a map, or NULL */
    struct score_index index;
    struct score_graph graph;
    size_t edge_count, edge_cap;
    size_t *seen_by; /* the last resource + 1 that referred to each one: no edge stands twice */
};

/* Where a placeholder stands: in a text of the document, or in an uploaded file that the text names. */
struct site {
    const struct score_text *text;
    const struct score_file *file;
};

static bool is_worth_placing(const struct checker *c) { return c->p->diags->count < LIMIT_DIAGS; } /* finding a place reads the source */

static void place_in_file(const struct score_file *file, size_t offset, int *line, int *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (file->bytes[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)file->bytes[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

static const char *text_at(const struct site *site) { return site->file ? site->file->bytes : site->text->node->text; }

static void report(struct checker *c, const struct site *site, const struct interp_part *part, enum err_code code, const char *help,
                   const char *message)
{
    int line = site->text->node->line, column = site->text->node->column;
    int width = 0;
    struct diag *d;

    for (const char *c8 = text_at(site) + part->offset, *end = c8 + part->width; c8 < end; c8++)
        width += ((unsigned char)*c8 & 0xc0) != 0x80;
    if (is_worth_placing(c) && site->file)
        place_in_file(site->file, part->offset, &line, &column);
    else if (is_worth_placing(c))
        node_place(site->text->node, c->p->source, part->offset, part->width, &line, &column);
    d = diag_add(c->p->diags, DIAG_ERROR, code, line, column, width, site->text->path, help, "%s", message);
    if (site->file)
        d->file = arena_strdup(c->p->arena, site->file->path);
}

static void report_unknown_resource(struct checker *c, const struct site *site, const struct interp_part *part)
{
    CLEANUP(buf_fini) struct buf help = BUF_INIT(8192), message = BUF_INIT(1024);
    const char *names[SHOWN_NAMES + 1] = {0}, *near;
    size_t count = c->resources ? c->resources->map.count : 0;

    for (size_t i = 0; i < count && i < SHOWN_NAMES; i++)
        names[i] = c->resources->map.pairs[i].key;
    near = str_closest(part->parts[1], names);
    if (near)
        buf_printf(&help, "did you mean \"%s\"? ", near);
    buf_add_text(&help, count ? "resources here: " : "the file declares no resources");
    for (size_t i = 0; i < count && i < SHOWN_NAMES; i++)
        buf_printf(&help, "%s%s", i ? ", " : "", names[i]);
    if (count > SHOWN_NAMES)
        buf_printf(&help, " and %zu more", count - SHOWN_NAMES);
    buf_printf(&message, "${%.200s}: no resource \"%.80s\"", part->text, part->parts[1]);
    report(c, site, part, ERR_UNKNOWN_RESOURCE, buf_text(&help), buf_text(&message));
}

static void add_edge(struct checker *c, size_t from, size_t to)
{
    if (c->seen_by[to] == from + 1)
        return;
    c->seen_by[to] = from + 1;
    if (c->edge_count == c->edge_cap) {
        c->edge_cap = c->edge_cap ? c->edge_cap * 2 : 64;
        c->graph.edges = mem_realloc(c->graph.edges, c->edge_cap * sizeof *c->graph.edges);
    }
    if (!c->graph.len[from]++)
        c->graph.first[from] = c->edge_count;
    c->graph.edges[c->edge_count++] = to;
}

static void check_resource(struct checker *c, const struct site *site, const struct interp_part *part)
{
    size_t to;

    if (part->count < 2)
        report(c, site, part, ERR_PLACEHOLDER, "write ${resources.NAME.KEY}", "${resources} needs a name");
    else if (!score_index_find(&c->index, part->parts[1], &to))
        report_unknown_resource(c, site, part);
    else if (site->text->place == PLACE_PARAM && !(part->count == 2 && to == site->text->owner)) /* its own uid needs nothing */
        add_edge(c, site->text->owner, to);
}

static void check_metadata(struct checker *c, const struct site *site, const struct interp_part *part)
{
    const struct node *at = node_get(c->p->root, "metadata");
    char message[400];

    if (part->count < 2) {
        report(c, site, part, ERR_PLACEHOLDER, "write ${metadata.name}", "${metadata} needs a key");
        return;
    }
    for (size_t i = 1; i < part->count; i++) {
        const struct node *next = NULL;
        int64_t index;

        if (at && at->kind == NODE_LIST && str_to_int(part->parts[i], &index) && index >= 0 && (size_t)index < at->list.count)
            next = at->list.items[index];
        else
            next = node_get(at, part->parts[i]);
        if (!next) {
            snprintf(message, sizeof message, "${%.200s}: metadata has no \"%.80s\"", part->text, part->parts[i]);
            report(c, site, part, ERR_PLACEHOLDER, "add it to metadata; a dot inside a key is written \\.", message);
            return;
        }
        at = next;
    }
}

static void check_reference(struct checker *c, const struct site *site, const struct interp_part *part)
{
    char message[400], help[400];

    if (strcmp(part->parts[0], "resources") == 0) {
        check_resource(c, site, part);
    } else if (strcmp(part->parts[0], "metadata") == 0) {
        check_metadata(c, site, part);
    } else {
        snprintf(message, sizeof message, "${%.200s}: unknown root \"%.80s\", only metadata and resources can be referred to", part->text,
                 part->parts[0]);
        snprintf(help, sizeof help, "write $${%.200s} for a literal ${%.80s%s}", part->text, part->text,
                 strlen(part->text) > 80 ? "..." : "");
        report(c, site, part, ERR_PLACEHOLDER, help, message);
    }
}

/* Checks every placeholder of one text. */
static void check_text(struct checker *c, const struct site *site, const char *text)
{
    size_t at = 0;

    for (;;) {
        CLEANUP(interp_part_fini) struct interp_part part;
        struct err why = {0};
        int more = interp_next(INTERP_SCORE, text, &at, &part, &why);

        if (more == 0)
            return;
        if (more < 0)
            report(c, site, &part, why.code, "write $${ for a literal ${", why.msg);
        else if (part.count)
            check_reference(c, site, &part);
    }
}

static void visit(void *ctx, const struct score_text *text)
{
    struct checker *c = ctx;
    struct site site = {.text = text};

    if (!text->expand)
        return;
    if (text->place != PLACE_SOURCE) {
        check_text(c, &site, text->node->text);
        return;
    }
    site.file = score_find_file(c->p, text->node->text);
    if (site.file && str_is_utf8(site.file->bytes, site.file->len)) {
        CLEANUP(free_ptr) char *copy = mem_strndup(site.file->bytes, site.file->len);

        check_text(c, &site, copy);
    }
}

static void report_cycle(void *ctx, const size_t *nodes, size_t count)
{
    struct checker *c = ctx;
    CLEANUP(buf_fini) struct buf path = BUF_INIT(4096), pointer = BUF_INIT(4096);
    const struct node_pair *first = &c->resources->map.pairs[nodes[0]];

    for (size_t i = 0; i < count && i < SHOWN_NAMES; i++)
        buf_printf(&path, "%s -> ", c->resources->map.pairs[nodes[i]].key);
    buf_printf(&path, "%s%s", count > SHOWN_NAMES ? "... -> " : "", first->key);
    buf_printf(&pointer, "/resources/%s", first->key);
    diag_add(c->p->diags, DIAG_ERROR, ERR_CYCLE, first->line, first->column, (int)strlen(first->key), buf_text(&pointer),
             "one of them must do without the other's outputs", "the params of the resources refer to each other in a cycle: %s",
             buf_text(&path));
}

struct score_graph score_check_references(struct score_parser *p)
{
    const struct node *resources = node_get(p->root, "resources");
    struct checker c = {.p = p, .index = score_index_new(p->arena, resources)};
    size_t count = c.index.count, *edges;
    CLEANUP(free_ptr) size_t *seen_by = mem_array(count + 1, sizeof *seen_by);
    CLEANUP(free_ptr) size_t *order = mem_array(count + 1, sizeof *order);

    c.resources = resources && resources->kind == NODE_MAP ? resources : NULL;
    c.seen_by = seen_by;
    c.graph.count = count;
    c.graph.first = arena_array(p->arena, count, sizeof *c.graph.first);
    c.graph.len = arena_array(p->arena, count, sizeof *c.graph.len);
    score_walk(p->root, visit, &c);
    score_graph_walk(&c.graph, order, report_cycle, &c);
    edges = arena_array(p->arena, c.edge_count, sizeof *edges);
    if (c.edge_count)
        memcpy(edges, c.graph.edges, c.edge_count * sizeof *edges);
    free(c.graph.edges);
    c.graph.edges = edges;
    return c.graph;
}
