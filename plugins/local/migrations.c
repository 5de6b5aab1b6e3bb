/* Owns what a list of migrations is: names, order, checksums. Pure but for its memory. */
#include "migrations.h"
#include "database.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>

#define MAX_MIGRATIONS 10000

void migrations_fini(struct migrations *m)
{
    free(m->list);
    *m = (struct migrations){0};
}

/* 1 to 9 digits, "_", letters digits _ . -, ".sql". */
static bool take_name(const char *name, int64_t *number)
{
    size_t digits = strspn(name, "0123456789"), len = strlen(name);

    if (digits < 1 || digits > 9 || name[digits] != '_' || len > 200 || len < digits + 6 || strcmp(name + len - 4, ".sql") != 0 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != len)
        return false;
    *number = strtoll(name, NULL, 10);
    return true;
}

static inno_rc take_one(const inno_host *host, inno_call *call, const char *name, const json_t *sql, struct migrations *m)
{
    struct migration *one = &m->list[m->count];
    struct sha256 sum;

    if (!name || !take_name(name, &one->number))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "migration \"%.80s\": the name must be like 001_create_orders.sql",
                          name ? name : "");
    one->name = name;
    one->sql = json_string_value(sql);
    if (!one->sql || strlen(one->sql) >= DATABASE_SQL_BYTES || strlen(one->sql) != json_string_length(sql))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "migration %s: sql must be a text of less than %d bytes", name,
                          DATABASE_SQL_BYTES);
    sha256_init(&sum);
    sha256_add(&sum, one->sql, strlen(one->sql));
    sha256_hex(&sum, one->hash);
    m->count++;
    return INNO_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct migration *left = a, *right = b;

    return left->number < right->number ? -1 : left->number > right->number;
}

inno_rc migrations_take(const inno_host *host, inno_call *call, const json_t *given, const char *where, struct migrations *m)
{
    size_t size = json_is_array(given) ? json_array_size(given) : json_object_size(given), i;
    inno_rc rc = INNO_OK;
    const char *name;
    json_t *item;

    if ((!json_is_array(given) && !json_is_object(given)) || size > MAX_MIGRATIONS)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "%s must be a list of at most %d {name, sql}", where, MAX_MIGRATIONS);
    m->list = calloc(size + 1, sizeof *m->list);
    if (!m->list)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    for (i = 0; json_is_array(given) && i < size && rc == INNO_OK; i++) {
        item = json_array_get(given, i);
        if (json_object_get(item, "path"))
            rc = take_one(host, call, json_string_value(json_object_get(item, "path")), json_object_get(item, "content"), m);
        else
            rc = take_one(host, call, json_string_value(json_object_get(item, "name")), json_object_get(item, "sql"), m);
    }
    json_object_foreach((json_t *)(uintptr_t)given, name, item) if (rc == INNO_OK) rc = take_one(host, call, name, item, m);
    if (rc != INNO_OK)
        return rc;
    qsort(m->list, m->count, sizeof *m->list, by_number);
    for (i = 1; i < m->count; i++)
        if (m->list[i].number == m->list[i - 1].number)
            return host->fail(call, INNO_INVALID_RESOURCE, -1, "migrations %s and %s have the same number", m->list[i - 1].name,
                              m->list[i].name);
    return INNO_OK;
}
