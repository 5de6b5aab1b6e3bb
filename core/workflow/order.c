/* Owns the order of steps: complete lists of dependencies, and their cycles. Pure; any thread. */
#include "workflow/order.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

static const char *name_of(const json_t *steps, size_t i)
{
    const char *name = json_str(json_array_get(steps, i), "name");

    return name ? name : "";
}

static size_t find(const json_t *steps, const char *name)
{
    for (size_t i = 0; i < json_array_size(steps); i++)
        if (strcmp(name_of(steps, i), name) == 0)
            return i;
    return SIZE_MAX;
}

static int check_names(const json_t *steps, struct arena *arena, struct order_problem *out)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        if (find(steps, name_of(steps, i)) == i)
            continue;
        *out = (struct order_problem){i, ERR_DUPLICATE_KEY, arena_printf(arena, "two steps are named \"%s\"", name_of(steps, i)), NULL};
        return -1;
    }
    return 0;
}

/* The names that dependsOn may mean, for suggestions. */
static const char *nearest(const json_t *steps, const char *name, struct arena *arena)
{
    const char *names[LIMIT_STEPS_PER_WORKFLOW + 1] = {0}, *near;
    size_t count = json_array_size(steps);

    for (size_t i = 0; i < count && i < LIMIT_STEPS_PER_WORKFLOW; i++)
        names[i] = name_of(steps, i);
    near = str_closest(name, names);
    return near ? arena_printf(arena, "did you mean \"%s\"?", near) : NULL;
}

static int check_targets(const json_t *steps, struct arena *arena, struct order_problem *out)
{
    const json_t *step, *target;
    size_t i, k;

    json_array_foreach(steps, i, step) json_array_foreach(json_object_get(step, "depends_on"), k, target)
    {
        const char *name = json_string_value(target);

        if (name && find(steps, name) != SIZE_MAX)
            continue;
        *out = (struct order_problem){i, ERR_UNKNOWN_REFERENCE,
                                      arena_printf(arena, "step \"%s\" depends on \"%s\", which is no step of this workflow",
                                                   name_of(steps, i), name ? name : "(no text)"),
                                      name ? nearest(steps, name, arena) : NULL};
        return -1;
    }
    return 0;
}

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
    json_t *step;
    size_t i;

    json_array_foreach(steps, i, step) derive(step, &f);
    json_decref(f.names);
    json_decref(f.before);
    json_array_foreach(steps, i, step) json_object_del(step, "parallel_group");
}

/* ---- cycles: depth first; the path is what a message shows ---- */

struct walk {
    const json_t *steps;
    unsigned char *colour; /* 0 not seen, 1 on the path, 2 done */
    size_t path[LIMIT_STEPS_PER_WORKFLOW + 1];
    size_t depth;
};

/* Recursion is bounded by the number of steps: a step on the path is never entered again. */
static bool has_cycle(struct walk *w, size_t at)
{
    const json_t *target;
    size_t k;

    w->colour[at] = 1;
    w->path[w->depth++] = at;
    json_array_foreach(json_object_get(json_array_get(w->steps, at), "depends_on"), k, target)
    {
        size_t next = find(w->steps, json_string_value(target));

        if (w->colour[next] == 1) {
            w->path[w->depth] = next;
            return true;
        }
        if (w->colour[next] == 0 && has_cycle(w, next))
            return true;
    }
    w->depth--;
    w->colour[at] = 2;
    return false;
}

static const char *cycle_text(const struct walk *w, struct arena *arena)
{
    struct buf b = BUF_INIT(4096);
    size_t from = 0;
    const char *text;

    while (w->path[from] != w->path[w->depth])
        from++;
    for (size_t i = from; i <= w->depth; i++)
        buf_printf(&b, "%s%s", i > from ? " -> " : "", name_of(w->steps, w->path[i]));
    text = arena_strdup(arena, buf_text(&b));
    buf_fini(&b);
    return text;
}

static int check_cycles(const json_t *steps, struct arena *arena, struct order_problem *out)
{
    size_t count = json_array_size(steps);
    struct walk *w = arena_alloc(arena, sizeof *w);

    w->steps = steps;
    w->colour = arena_array(arena, count + 1, 1);
    for (size_t i = 0; i < count; i++) {
        w->depth = 0;
        if (w->colour[i] || !has_cycle(w, i))
            continue;
        *out =
            (struct order_problem){w->path[w->depth], ERR_CYCLE, arena_printf(arena, "steps wait for each other: %s", cycle_text(w, arena)),
                                   "remove one of these from dependsOn"};
        return -1;
    }
    return 0;
}

int order_steps(json_t *steps, struct arena *arena, struct order_problem *out)
{
    if (json_array_size(steps) > LIMIT_STEPS_PER_WORKFLOW) {
        *out = (struct order_problem){
            0, ERR_LIMIT, arena_printf(arena, "%zu steps, the limit is %d", json_array_size(steps), LIMIT_STEPS_PER_WORKFLOW), NULL};
        return -1;
    }
    if (check_names(steps, arena, out) < 0 || check_targets(steps, arena, out) < 0)
        return -1;
    derive_all(steps);
    return check_cycles(steps, arena, out);
}

static bool reaches(const json_t *steps, size_t from, size_t target, unsigned char *seen)
{
    const json_t *name;
    size_t k;

    seen[from] = 1;
    json_array_foreach(json_object_get(json_array_get(steps, from), "depends_on"), k, name)
    {
        size_t next = json_is_string(name) ? find(steps, json_string_value(name)) : SIZE_MAX;

        if (next == target || (next != SIZE_MAX && !seen[next] && reaches(steps, next, target, seen)))
            return true;
    }
    return false;
}

bool order_precedes(const json_t *steps, const char *earlier, const char *later)
{
    size_t from = find(steps, later), target = find(steps, earlier);
    unsigned char *seen;
    bool found;

    if (from == SIZE_MAX || target == SIZE_MAX)
        return false;
    seen = mem_array(json_array_size(steps), 1);
    found = reaches(steps, from, target, seen);
    free(seen);
    return found;
}
