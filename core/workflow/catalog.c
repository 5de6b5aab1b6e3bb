/* Owns the loading of workflow files into a catalogue, its references and lookups. Loading is one thread's; a catalogue never changes. */
#include "workflow/catalog.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILES 2000 /* of one directory; more is a mistake */

struct catalog {
    struct arena arena;
    json_t *hold;
    struct workflow_def *workflows;
    size_t count, cap;
};

struct loader {
    struct catalog *catalog;
    const struct admin_config *config;
    const json_t *provisioners;
};

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    json_frozen_free(catalog->hold);
    arena_fini(&catalog->arena);
    free(catalog->workflows);
    free(catalog);
}

static struct workflow_def *add(struct catalog *c)
{
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->workflows = mem_realloc(c->workflows, c->cap * sizeof *c->workflows);
    }
    c->workflows[c->count] = (struct workflow_def){0};
    return &c->workflows[c->count++];
}

/* A problem of the file as a whole makes it broken. */
static void break_workflow(struct workflow_def *def, struct diag_list *diags, enum err_code code, const char *message)
{
    diag_add(diags, DIAG_ERROR, code, 1, 1, 1, "", NULL, "%s", message);
    diag_sort(diags);
    def->broken = true;
    def->problems = diags->items;
    def->problem_count = diags->count;
}

/* The list of diagnostics of one file, with the file's name in each item. */
static void name_file(struct workflow_def *def, const struct diag_list *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        diags->items[i].file = def->file;
    def->problems = diags->items;
    def->problem_count = diags->count;
}

static const struct workflow_def *twin(const struct catalog *c, const struct workflow_def *def)
{
    for (size_t i = 0; i < c->count; i++)
        if (&c->workflows[i] != def && strcmp(c->workflows[i].title, def->title) == 0)
            return &c->workflows[i];
    return NULL;
}

static void load_file(struct loader *l, const char *path, const char *shown, const char *product)
{
    struct catalog *c = l->catalog;
    struct diag_list diags = diag_list_make(&c->arena, shown);
    struct workflow_def *def = add(c);
    const struct workflow_def *other;
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};
    size_t len;

    if (io_read_file(path, LIMIT_YAML_BYTES, &text, &len, &err) < 0) {
        workflow_parse(&(struct workflow_source){.text = "", .file = shown, .product = product, .config = l->config}, &c->arena, c->hold,
                       &diags, def);
        diags = diag_list_make(&c->arena, shown);
        break_workflow(def, &diags, err.code, err.msg);
    } else {
        workflow_parse(
            &(struct workflow_source){
                .text = text, .len = len, .file = shown, .product = product, .config = l->config, .provisioners = l->provisioners},
            &c->arena, c->hold, &diags, def);
    }
    other = twin(c, def);
    if (other)
        break_workflow(def, &diags, ERR_DUPLICATE_KEY, arena_printf(&c->arena, "%s has a workflow \"%s\" already", other->file, def->name));
    name_file(def, &diags);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Sorted names of a directory's entries; a missing directory is empty. Names live in the arena. */
static int list_directory(struct arena *arena, const char *path, char ***out, size_t *out_count, struct err *err)
{
    DIR *dir = opendir(path);
    char **names = arena_array(arena, MAX_FILES, sizeof *names);
    const struct dirent *entry;
    size_t count = 0;

    if (!dir && errno == ENOENT) {
        *out_count = 0;
        return 0;
    }
    if (!dir)
        return err_set_sys(err, ERR_IO, "%s", path);
    while ((entry = readdir(dir)) && count < MAX_FILES)
        if (entry->d_name[0] != '.')
            names[count++] = arena_strdup(arena, entry->d_name);
    closedir(dir);
    if (count == MAX_FILES)
        return err_set(err, ERR_LIMIT, "%s: more than %d entries", path, MAX_FILES);
    qsort(names, count, sizeof *names, by_text);
    *out = names;
    *out_count = count;
    return 0;
}

static int load_directory(struct loader *l, const char *below, const char *product, struct err *err)
{
    struct arena *arena = &l->catalog->arena;
    const char *path = arena_printf(arena, "%s/%s", l->config->workflows_root, below);
    char **names = NULL;
    size_t count;

    if (list_directory(arena, path, &names, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (str_ends(names[i], ".yaml") || str_ends(names[i], ".yml"))
            load_file(l, arena_printf(arena, "%s/%s", path, names[i]), arena_printf(arena, "workflows/%s/%s", below, names[i]), product);
    return 0;
}

static int load_products(struct loader *l, struct err *err)
{
    struct arena *arena = &l->catalog->arena;
    char **names = NULL;
    size_t count;

    if (list_directory(arena, arena_printf(arena, "%s/products", l->config->workflows_root), &names, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct err not_a_directory = {0};

        if (load_directory(l, arena_printf(arena, "products/%s", names[i]), names[i], &not_a_directory) < 0 &&
            not_a_directory.sys != ENOTDIR) {
            *err = not_a_directory;
            return -1;
        }
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct workflow_def *x = a, *y = b;
    int product;

    if (x->tier != y->tier)
        return x->tier < y->tier ? -1 : 1;
    product = x->product && y->product ? strcmp(x->product, y->product) : 0;
    if (product)
        return product;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return strcmp(x->name, y->name);
}

int catalog_load(const struct admin_config *config, const json_t *provisioners, struct catalog **out, struct err *err)
{
    CLEANUP(catalog_put) struct catalog *c = mem_zalloc(sizeof *c);
    struct loader loader = {c, config, provisioners};

    c->hold = json_array();
    if (config->workflows_root && (load_directory(&loader, "platform", NULL, err) < 0 || load_products(&loader, err) < 0))
        return -1;
    if (c->count)
        qsort(c->workflows, c->count, sizeof *c->workflows, by_place);
    json_freeze_in_place(c->hold); /* read by every thread from now on */
    *out = take_ptr(c);
    return 0;
}

const struct workflow_def *catalog_workflows(const struct catalog *catalog, size_t *out_count)
{
    *out_count = catalog->count;
    return catalog->workflows;
}

const struct workflow_def *catalog_find(const struct catalog *catalog, const char *product, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (str_eq(catalog->workflows[i].product, product) && strcmp(catalog->workflows[i].name, name) == 0)
            return &catalog->workflows[i];
    return NULL;
}
