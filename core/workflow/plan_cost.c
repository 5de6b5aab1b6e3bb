/* Owns what a deployment costs a month, before and after, by the prices of admin-config.yaml (`costs:`). Pure; called by plan_build. */
#include "base/str.h"
#include "codec/units.h"
#include "workflow/plan_priv.h"
#include <string.h>

/* A quantity as a number; -1 when it is none. */
static double quantity(const json_t *value)
{
    struct err ignored;
    int64_t milli;

    if (json_is_number(value))
        return json_number_value(value);
    if (!json_is_string(value) || quantity_parse(json_string_value(value), &milli, &ignored) < 0)
        return -1;
    return (double)milli / 1000;
}

/* per: {size: 1Gi, price: 0.1}: the price for every unit of the param; an absent or still unknown one counts as one unit. */
static double price_per(const json_t *per, const json_t *params)
{
    double price = json_number_value(json_object_get(per, "price"));
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)per, key, value)
    {
        double unit = quantity(value), amount = quantity(json_object_get(params, key));

        if (strcmp(key, "price") == 0)
            continue;
        return amount < 0 || unit <= 0 ? price : price * amount / unit;
    }
    return 0;
}

static double price_of(const struct plan_maker *m, const char *type, const json_t *params)
{
    const json_t *price = type ? json_object_get(json_object_get(json_object_get(m->plan, "costs"), "prices"), type) : NULL;
    const json_t *per = json_object_get(price, "per");

    return json_number_value(json_object_get(price, "monthly")) + (per ? price_per(per, params) : 0);
}

static const json_t *change_of(const struct plan_maker *m, const char *uid)
{
    const json_t *change;
    size_t i;

    json_array_foreach(json_object_get(m->plan, "changes"), i, change) if (str_eq(json_str(change, "uid"), uid)) return change;
    return NULL;
}

/* What of the application runs now, and of that what goes on as it is: rows that no wanted resource replaces. */
static void sum_rows(const struct plan_maker *m, double *before, double *after)
{
    const json_t *row;
    size_t i;

    json_array_foreach(m->rows, i, row)
    {
        const json_t *change = change_of(m, json_str(row, "uid"));
        const char *word = json_str(change, "change");
        double price = price_of(m, json_str(row, "type"), json_object_get(row, "params"));
        bool stays = !word || str_eq(word, "orphan") || (str_eq(word, "remove") && json_flag(change, "protected", false));

        if (!json_str(row, "applied_hash") || str_eq(json_str(row, "state"), "terminated"))
            continue;
        *before += price;
        if (stays)
            *after += price;
    }
}

static void sum_wanted(const struct plan_maker *m, double *after)
{
    const json_t *workload = json_object_get(m->plan, "workload_resource");
    const char *name;
    json_t *resource;

    json_object_foreach(m->resources, name, resource) *after +=
        price_of(m, json_str(resource, "type"), json_object_get(resource, "params"));
    if (workload)
        *after += price_of(m, "workload", NULL);
}

/* Cents; amounts are never negative, and what is beyond all reason stays as it is. */
static json_t *money(double amount) { return json_real(amount < 1e15 ? (double)(int64_t)(amount * 100 + 0.5) / 100 : amount); }

void plan_sum_cost(struct plan_maker *m)
{
    const json_t *costs = json_object_get(m->plan, "costs");
    const char *currency = json_str(costs, "currency");
    double before = 0, after = 0;
    json_t *cost;

    if (!json_object_get(costs, "prices"))
        return;
    sum_rows(m, &before, &after);
    sum_wanted(m, &after);
    cost = json_object();
    json_set_new(cost, "before", money(before));
    json_set_new(cost, "after", money(after));
    json_set_new(cost, "monthly", money(after));
    json_set_str(cost, "currency", currency ? currency : "EUR");
    json_set_new(m->plan, "cost", cost);
}

void plan_add_cost(struct plan_maker *m)
{
    json_set_new(m->plan, "costs", json_clone(m->q->config->costs));
    plan_sum_cost(m);
}
