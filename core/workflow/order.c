/* Owns the order of steps: complete lists of dependencies, their cycles, and who comes before whom. Pure; any thread.
 * A list may come from a Score file, so nothing here costs more than steps times dependencies. */
#include "workflow/order.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

struct order_name {
    const char *name;
    size_t index;
};

struct order {
    size_t count;
    struct order_name *names; /* sorted; of equal ones the first step stands first */
    size_t **depends;         /* indexes; each list ends with SIZE_MAX */
    unsigned char *before;    /* count * count: [later * count + earlier] */
};

static const char *name_of(const json_t *steps, size_t i)
{
    const char *name = json_str(json_array_get(steps, i), "name");

    return name ? name : "";
}

static int by_name(const void *a, const void *b)
{
    const struct order_name *x = a, *y = b;
    int names = strcmp(x->name, y->name);

    return names ? names : x->index < y->index ? -1 : x->index > y->index;
}

static void index_names(const json_t *steps, struct arena *arena, struct order *o)
{
    o->count = json_array_size(steps);
    if (o->count > LIMIT_STEPS_PER_PLAN)
        o->count = LIMIT_STEPS_PER_PLAN;
    o->names = arena_array(arena, o->count + 1, sizeof *o->names);
    for (size_t i = 0; i < o->count; i++)
        o->names[i] = (struct order_name){arena_strdup(arena, name_of(steps, i)), i};
    qsort(o->names, o->count, sizeof *o->names, by_name);
}

/* The first step of that name, SIZE_MAX if there is none. */
static size_t find(const struct order *o, const char *name)
{
    size_t low = 0, high = o->count;

    while (name && low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(o->names[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return name && low < o->count && strcmp(o->names[low].name, name) == 0 ? o->names[low].index : SIZE_MAX;
}

/* ---- what may be written ---- */

static int check_names(const json_t *steps, const struct order *o, struct arena *arena, struct order_problem *out)
{
    for (size_t i = 0; i < o->count; i++) {
        if (find(o, name_of(steps, i)) == i)
            continue;
        *out = (struct order_problem){i, ERR_DUPLICATE_KEY, arena_printf(arena, "two steps are named \"%s\"", name_of(steps, i)), NULL};
        return -1;
    }
    return 0;
}

static const char *nearest(const struct order *o, const char *name, struct arena *arena)
{
    const char *names[LIMIT_STEPS_PER_WORKFLOW + 1] = {0}, *near;

    for (size_t i = 0; i < o->count && i < LIMIT_STEPS_PER_WORKFLOW; i++)
        names[i] = o->names[i].name;
    near = str_closest(name, names);
    return near ? arena_printf(arena, "did you mean \"%s\"?", near) : NULL;
}

static int check_targets(const json_t *steps, const struct order *o, struct arena *arena, struct order_problem *out)
{
    for (size_t i = 0; i < o->count; i++) {
        const json_t *depends = json_object_get(json_array_get(steps, i), "depends_on");

        for (size_t k = 0; k < json_array_size(depends); k++) {
            const char *name = json_string_value(json_array_get(depends, k));

            if (find(o, name) != SIZE_MAX)
                continue;
            *out = (struct order_problem){i, ERR_UNKNOWN_REFERENCE,
                                          arena_printf(arena, "step \"%s\" depends on \"%s\", which is no step of this workflow",
                                                       name_of(steps, i), name ? name : "(no text)"),
                                          name ? nearest(o, name, arena) : NULL};
            return -1;
        }
    }
    return 0;
}

/* ---- complete lists ---- */

/* What the step after this one follows: itself, or its whole parallel group. */
struct frontier {
    json_t *names;  /* list, owned */
    json_t *before; /* what the present group itself follows, owned */
    const char *group;
};

static void derive(json_t *step, struct frontier *f)
{
    const char *group = json_str(step, "parallel_group");
    bool joins = group && f->group && strcmp(group, f->group) == 0;

    if (!joins) {
        json_decref(f->before);
        f->before = f->names;
        f->names = json_array();
    }
    if (!json_object_get(step, "depends_on"))
        json_object_set_new(step, "depends_on", json_copy(f->before));
    json_append_str(f->names, json_str(step, "name"));
    f->group = group;
}

static void derive_all(json_t *steps)
{
    struct frontier f = {.names = json_array(), .before = NULL};
    size_t count = json_array_size(steps);

    for (size_t i = 0; i < count; i++)
        derive(json_array_get(steps, i), &f);
    json_decref(f.names);
    json_decref(f.before);
    for (size_t i = 0; i < count; i++)
        json_object_del(json_array_get(steps, i), "parallel_group");
}

static void index_dependencies(const json_t *steps, struct arena *arena, struct order *o)
{
    o->depends = arena_array(arena, o->count + 1, sizeof *o->depends);
    for (size_t i = 0; i < o->count; i++) {
        const json_t *names = json_object_get(json_array_get(steps, i), "depends_on");
        size_t count = 0;

        o->depends[i] = arena_array(arena, json_array_size(names) + 1, sizeof **o->depends);
        for (size_t k = 0; k < json_array_size(names); k++) {
            size_t at = find(o, json_string_value(json_array_get(names, k)));

            if (at != SIZE_MAX)
                o->depends[i][count++] = at;
        }
        o->depends[i][count] = SIZE_MAX;
    }
}

/* ---- walking: depth first; the path is what a message about a cycle shows ---- */

struct walk {
    struct order *order;
    unsigned char *colour; /* 0 not seen, 1 on the path, 2 done */
    size_t *path, depth;
    size_t *sorted, done; /* steps in the order in which they are done */
};

static void merge(struct order *o, size_t later, size_t earlier)
{
    unsigned char *to = o->before + later * o->count, *from = o->before + earlier * o->count;

    for (size_t i = 0; i < o->count; i++)
        to[i] |= from[i];
    to[earlier] = 1;
}

/* Recursion is bounded by the number of steps: a step on the path is never entered again. Returns true at a cycle. */
static bool visit(struct walk *w, size_t at)
{
    w->colour[at] = 1;
    w->path[w->depth++] = at;
    for (const size_t *next = w->order->depends[at]; *next != SIZE_MAX; next++) {
        if (w->colour[*next] == 1) {
            w->path[w->depth] = *next;
            return true;
        }
        if (w->colour[*next] == 0 && visit(w, *next))
            return true;
        merge(w->order, at, *next);
    }
    w->depth--;
    w->colour[at] = 2;
    w->sorted[w->done++] = at;
    return false;
}

/* Walks everything; true at the first cycle, whose path `w` then holds. */
static bool walk(struct order *o, struct arena *arena, struct walk *w)
{
    *w = (struct walk){.order = o};
    w->colour = arena_array(arena, o->count + 1, 1);
    w->path = arena_array(arena, o->count + 2, sizeof *w->path);
    w->sorted = arena_array(arena, o->count + 1, sizeof *w->sorted);
    o->before = arena_array(arena, o->count * o->count + 1, 1);
    for (size_t i = 0; i < o->count; i++) {
        w->depth = 0;
        if (!w->colour[i] && visit(w, i))
            return true;
    }
    return false;
}

static const char *cycle_text(const struct walk *w, const json_t *steps, struct arena *arena)
{
    struct buf b = BUF_INIT(4096);
    size_t from = 0;
    const char *text;

    while (w->path[from] != w->path[w->depth])
        from++;
    for (size_t i = from; i <= w->depth; i++)
        buf_printf(&b, "%s%s", i > from ? " -> " : "", name_of(steps, w->path[i]));
    text = arena_strdup(arena, buf_text(&b));
    buf_fini(&b);
    return text;
}

int order_steps(json_t *steps, struct arena *arena, struct order_problem *out)
{
    struct order o = {0};
    struct walk w;

    if (json_array_size(steps) > LIMIT_STEPS_PER_WORKFLOW) {
        *out = (struct order_problem){
            0, ERR_LIMIT, arena_printf(arena, "%zu steps, the limit is %d", json_array_size(steps), LIMIT_STEPS_PER_WORKFLOW), NULL};
        return -1;
    }
    index_names(steps, arena, &o);
    if (check_names(steps, &o, arena, out) < 0 || check_targets(steps, &o, arena, out) < 0)
        return -1;
    derive_all(steps);
    index_dependencies(steps, arena, &o);
    if (!walk(&o, arena, &w))
        return 0;
    *out = (struct order_problem){w.path[w.depth], ERR_CYCLE,
                                  arena_printf(arena, "steps wait for each other: %s", cycle_text(&w, steps, arena)),
                                  "remove one of these from dependsOn"};
    return -1;
}

const struct order *order_make(const json_t *steps, struct arena *arena)
{
    struct order *o = arena_alloc(arena, sizeof *o);
    struct walk w;

    index_names(steps, arena, o);
    index_dependencies(steps, arena, o);
    walk(o, arena, &w);
    return o;
}

bool order_precedes(const struct order *order, const char *earlier, const char *later)
{
    size_t from = find(order, later), target = find(order, earlier);

    return from != SIZE_MAX && target != SIZE_MAX && order->before[from * order->count + target];
}

const size_t *order_sorted(const struct order *order, struct arena *arena, size_t *out_count)
{
    struct order copy = *order;
    struct walk w;

    walk(&copy, arena, &w);
    *out_count = w.done;
    return w.sorted;
}
