/* Owns reading a Score file: the passes in their order, and the struct that comes out. Any thread; one parse belongs to one thread. */
#include "score/score.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

/* A user must not write secret references: they would be opened with the platform's rights. */
static void refuse_secrets(struct score_parser *p, const struct node *node)
{
    for (size_t i = 0; node->kind == NODE_LIST && i < node->list.count; i++)
        refuse_secrets(p, node->list.items[i]);
    for (size_t i = 0; node->kind == NODE_MAP && i < node->map.count; i++) {
        const struct node_pair *pair = &node->map.pairs[i];

        if (strcmp(pair->key, "$secret") == 0)
            diag_add(p->diags, DIAG_ERROR, ERR_BAD_NAME, pair->line, pair->column, 7, NULL,
                     "take the secret from a resource's outputs: ${resources.NAME.KEY}", "the key \"$secret\" is reserved");
        refuse_secrets(p, pair->value);
    }
}

static void fill_metadata(struct score *s)
{
    const json_t *metadata = json_object_get(s->spec, "metadata"), *environment = json_object_get(s->spec, "environment");

    s->name = json_str(metadata, "name");
    s->application = json_str(metadata, "application");
    if (!s->application)
        s->application = s->name;
    s->product = json_str(metadata, "product");
    s->team = json_str(metadata, "team");
    s->cost_center = json_str(metadata, "costCenter");
    s->environment_type = json_str(environment, "type");
    s->environment_ttl = json_str(environment, "ttl");
    s->workflows = json_object_get(s->spec, "workflows");
}

static void fill_containers(struct score *s, struct arena *arena, const size_t *order)
{
    const struct node *containers = node_get(s->root, "containers");
    const char **names;

    s->container_count = containers->map.count;
    s->containers = arena_array(arena, s->container_count, sizeof *s->containers);
    names = arena_array(arena, s->container_count, sizeof *names);
    for (size_t i = 0; i < s->container_count; i++) {
        const struct node_pair *pair = &containers->map.pairs[i];

        s->containers[i] = (struct score_container){pair->key, node_str(pair->value, "image"), pair->line, pair->column};
        names[i] = containers->map.pairs[order[i]].key;
    }
    s->start_order = names;
}

static void fill_resource(struct score *s, struct arena *arena, struct score_resource *r, const struct node_pair *pair)
{
    json_t *spec = json_object_get(json_object_get(s->spec, "resources"), pair->key);

    *r = (struct score_resource){
        .name = pair->key, .type = json_str(spec, "type"), .class = json_str(spec, "class"), .id = json_str(spec, "id")};
    if (!r->class)
        r->class = "default";
    r->uid = r->id ? arena_printf(arena, "%s.%s#%s", r->type, r->class, r->id)
                   : arena_printf(arena, "%s.%s#%s.%s", r->type, r->class, s->name, r->name);
    r->params = json_object_get(spec, "params");
    r->annotations = json_object_get(json_object_get(spec, "metadata"), "annotations");
    r->line = pair->line;
    r->column = pair->column;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct score_resource *const *)a)->name, (*(const struct score_resource *const *)b)->name);
}

static void fill_resources(struct score *s, struct arena *arena, const struct score_graph *graph)
{
    const struct node *resources = node_get(s->root, "resources");
    const struct score_resource **sorted;

    s->resource_count = graph->count;
    s->resources = arena_array(arena, graph->count, sizeof *s->resources);
    sorted = arena_array(arena, graph->count, sizeof *sorted);
    for (size_t i = 0; i < graph->count; i++) {
        const char **names = arena_array(arena, graph->len[i], sizeof *names);

        fill_resource(s, arena, &s->resources[i], &resources->map.pairs[i]);
        for (size_t j = 0; j < graph->len[i]; j++)
            names[j] = resources->map.pairs[graph->edges[graph->first[i] + j]].key;
        s->resources[i].depends_on = names;
        s->resources[i].depends_count = graph->len[i];
        sorted[i] = &s->resources[i];
    }
    if (graph->count)
        qsort(sorted, graph->count, sizeof *sorted, by_name);
    s->by_name = sorted;
}

static int by_uid(const void *a, const void *b)
{
    const struct score_resource *x = *(const struct score_resource *const *)a, *y = *(const struct score_resource *const *)b;
    int order = strcmp(x->uid, y->uid);

    return order ? order : (x > y) - (x < y);
}

/* Two names for one resource (same type, class and id) say the same about it. */
static void check_shared(struct score_parser *p, const struct score *s)
{
    CLEANUP(free_ptr) const struct score_resource **sorted = mem_array(s->resource_count + 1, sizeof *sorted);

    for (size_t i = 0; i < s->resource_count; i++)
        sorted[i] = &s->resources[i];
    qsort(sorted, s->resource_count, sizeof *sorted, by_uid);
    for (size_t i = 1; i < s->resource_count; i++) {
        const struct score_resource *a = sorted[i - 1], *b = sorted[i];
        CLEANUP(buf_fini) struct buf path = BUF_INIT(400);

        if (strcmp(a->uid, b->uid) != 0 ||
            (json_equal(a->params, b->params) && (a->annotations == b->annotations || json_equal(a->annotations, b->annotations))))
            continue;
        buf_printf(&path, "/resources/%s", b->name);
        diag_add(p->diags, DIAG_ERROR, ERR_PARAMS_DISAGREE, b->line, b->column, (int)strlen(b->name), buf_text(&path),
                 "make their params and annotations agree, or give one another id",
                 "\"%s\" and \"%s\" are the same resource %s with other params", a->name, b->name, a->uid);
    }
}

static int finish(struct score_parser *p, size_t errors_before)
{
    diag_sort(p->diags);
    return p->diags->errors > errors_before ? -1 : 0;
}

/* All passes over the parsed document; each reports what it finds, none stops the others. */
static int read_document(struct score_parser *p, size_t errors_before, struct score **out)
{
    struct schema_options options = {.strict = p->options->strict, .mend = true};
    struct score_graph references;
    const size_t *order;
    struct score *s;

    score_prepare_files(p);
    schema_validate(&score_schema, p->root, &options, p->diags);
    refuse_secrets(p, p->root);
    references = score_check_references(p);
    order = score_check_before(p);
    score_check_files(p);
    if (p->diags->errors > errors_before)
        return finish(p, errors_before);
    s = arena_alloc(p->arena, sizeof *s);
    s->root = p->root;
    s->spec = score_normalise(p->root);
    score_take_files(p, s->spec);
    fill_metadata(s);
    fill_containers(s, p->arena, order);
    fill_resources(s, p->arena, &references);
    check_shared(p, s);
    if (finish(p, errors_before) < 0) {
        score_free(s);
        return -1;
    }
    *out = s;
    return 0;
}

static const struct score_options no_options;

int score_parse(const char *text, size_t len, const struct score_options *options, struct arena *arena, struct diag_list *diags,
                struct score **out)
{
    struct score_parser p = {.options = options ? options : &no_options, .arena = arena, .diags = diags};
    size_t errors_before = diags->errors, mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    if (p.options->filename)
        diags->file = arena_strdup(arena, p.options->filename);
    if (len > LIMIT_SCORE_BYTES) {
        diag_add(diags, DIAG_ERROR, ERR_LIMIT, 1, 1, 1, NULL, NULL, "a Score file of %zu bytes, the limit is %u", len, LIMIT_SCORE_BYTES);
        return -1;
    }
    p.source = arena_strndup(arena, text + mark, len - mark);
    p.root = node_parse_yaml(text, len, arena, diags);
    if (!p.root)
        return finish(&p, errors_before);
    return read_document(&p, errors_before, out);
}

/* True when a JSON value nests deeper than the passes may recurse. */
static bool is_too_deep(const json_t *value, unsigned depth)
{
    const char *key;
    json_t *item;
    size_t i;

    if (depth > LIMIT_JSON_DEPTH)
        return true;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) if (is_too_deep(item, depth + 1)) return true;
    json_array_foreach(value, i, item) if (is_too_deep(item, depth + 1)) return true;
    return false;
}

int score_parse_json(const json_t *spec, const struct score_options *options, struct arena *arena, struct diag_list *diags,
                     struct score **out)
{
    struct score_parser p = {.options = options ? options : &no_options, .arena = arena, .diags = diags};
    size_t errors_before = diags->errors;

    if (p.options->filename)
        diags->file = arena_strdup(arena, p.options->filename);
    if (is_too_deep(spec, 0)) {
        diag_add(diags, DIAG_ERROR, ERR_LIMIT, 0, 0, 1, NULL, NULL, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
        return -1;
    }
    p.root = node_from_json(spec, arena);
    return read_document(&p, errors_before, out);
}

void score_free(struct score *score)
{
    if (score)
        json_put(&score->spec);
}

static int against_name(const void *key, const void *item) { return strcmp(key, (*(const struct score_resource *const *)item)->name); }

const struct score_resource *score_find_resource(const struct score *score, const char *name)
{
    const struct score_resource *const *found =
        score->resource_count ? bsearch(name, score->by_name, score->resource_count, sizeof *score->by_name, against_name) : NULL;

    return found ? *found : NULL;
}
