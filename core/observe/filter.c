/* Owns the composition of SELECTs from fixed pieces. Pure; called from every thread. */
#include "observe/filter.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The pieces and their number are ours, so going over the buffer is a mistake of the program and not of its input. */
static void append(struct filter *f, const char *lead, const char *text)
{
    size_t len = strlen(f->sql);

    len += (size_t)snprintf(f->sql + len, sizeof f->sql - len, "%s", lead);
    for (; *text; text++) {
        assert(len + 8 < sizeof f->sql);
        if (*text == '?')
            len += (size_t)snprintf(f->sql + len, sizeof f->sql - len, "$%zu", f->count);
        else
            f->sql[len++] = *text;
        f->sql[len] = '\0';
    }
}

static void push(struct filter *f, struct store_value value)
{
    assert(f->count < sizeof f->args / sizeof *f->args);
    f->args[f->count++] = value;
}

void filter_init(struct filter *f, const char *select)
{
    *f = (struct filter){0};
    append(f, "", select);
}

void filter_plain(struct filter *f, const char *condition)
{
    append(f, f->conditions ? " AND " : " WHERE ", condition);
    f->conditions = true;
}

void filter_text(struct filter *f, const char *condition, const char *value)
{
    if (!value)
        return;
    push(f, store_text(value));
    filter_plain(f, condition);
}

void filter_int(struct filter *f, const char *condition, int64_t value)
{
    push(f, store_int(value));
    filter_plain(f, condition);
}

void filter_tail(struct filter *f, const char *tail, int64_t value)
{
    push(f, store_int(value));
    append(f, " ", tail);
}
