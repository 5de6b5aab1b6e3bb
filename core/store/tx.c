/* Owns what a unit of work may do: statements, rows, notifications. Called by the units, on the thread that runs them. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "store/store_priv.h"
#include <string.h>

struct store_rows {
    struct store_tx *tx;
    struct driver_rows *rows;
    struct store_rows *next; /* also open */
};

const char *driver_words(const char *sql, char out[static DRIVER_WORDS])
{
    size_t len = 0, last_space = 0;

    for (; *sql && len < DRIVER_WORDS - 4; sql++) {
        char c = *sql == '\n' || *sql == '\t' || *sql == '\r' ? ' ' : *sql;

        if (c == ' ' && (len == 0 || out[len - 1] == ' '))
            continue;
        if (c == ' ')
            last_space = len;
        out[len++] = c;
    }
    if (*sql && last_space)
        len = last_space;
    memcpy(out + len, *sql ? "..." : "", *sql ? 4 : 1);
    return out;
}

struct store_value store_text(const char *v)
{
    return v ? (struct store_value){.type = STORE_TEXT, .bytes = v, .len = strlen(v)} : store_null();
}

#ifdef INNO_FAILPOINTS
void store_fail_nth(struct store *s, int64_t n, enum err_code code)
{
    atomic_store(&s->fail_code, (int)code);
    atomic_store(&s->fail_at, n);
}

int tx_inject(struct store *s, struct err *err)
{
    int64_t left = atomic_load(&s->fail_at);

    while (left > 0 && !atomic_compare_exchange_weak(&s->fail_at, &left, left - 1))
        ;
    return left == 1 ? err_set(err, (enum err_code)atomic_load(&s->fail_code), "a failure that a test asked for") : 0;
}
#else
int tx_inject(struct store *s, struct err *err)
{
    (void)s;
    (void)err;
    return 0;
}
#endif

/* Remembers the first failure; whatever the unit makes of it, nothing more runs on this transaction. */
static int tx_fail(struct store_tx *tx, const struct err *err)
{
    if (!tx->failed)
        tx->first = *err;
    tx->failed = true;
    return -1;
}

static int tx_check(struct store_tx *tx, const char *sql, struct err *err)
{
    char words[DRIVER_WORDS];

    if (tx->failed) {
        *err = tx->first;
        return err_wrap(err, "%s: not run after a failed statement", driver_words(sql, words));
    }
    return !tx->sealing && tx_inject(tx->store, err) < 0 ? tx_fail(tx, err) : 0;
}

int store_exec(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, int64_t *out_changed, struct err *err)
{
    const struct driver *driver = tx->conn->driver;
    int64_t begun = clock_mono_us();
    int rc;

    if (tx_check(tx, sql, err) < 0)
        return -1;
    if (driver->exec_soon && !out_changed)
        rc = driver->exec_soon(tx->conn, sql, args, count, err);
    else
        rc = driver->exec(tx->conn, sql, args, count, out_changed, err);
    metric_observe(metric_of(METRIC_STORE_STATEMENT, NULL, NULL, NULL), clock_mono_us() - begun);
    return rc < 0 ? tx_fail(tx, err) : 0;
}

void store_count(struct store_tx *tx, struct metric *series)
{
    struct counts *counts = &tx->counts;
    size_t i = 0;

    while (i < counts->count && counts->of[i].series != series)
        i++;
    if (i == STORE_COUNTS)
        return;
    if (i == counts->count) {
        counts->of[i].series = series;
        counts->of[i].times = 0;
        counts->count++;
    }
    counts->of[i].times++;
}

int store_query(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, struct store_rows **out,
                struct err *err)
{
    struct driver_rows *found = NULL;
    struct store_rows *rows;

    if (tx_check(tx, sql, err) < 0)
        return -1;
    if (tx->conn->driver->query(tx->conn, sql, args, count, &found, err) < 0)
        return tx_fail(tx, err);
    rows = mem_zalloc(sizeof *rows);
    *rows = (struct store_rows){.tx = tx, .rows = found, .next = tx->open};
    tx->open = rows;
    *out = rows;
    return 0;
}

int store_next(struct store_rows *rows, struct err *err)
{
    int more = rows->tx->conn->driver->next(rows->rows, err);

    return more < 0 ? tx_fail(rows->tx, err) : more;
}

void store_rows_close(struct store_rows **rows)
{
    struct store_rows *closing = take_ptr(*rows);
    struct store_rows **at;

    if (!closing)
        return;
    for (at = &closing->tx->open; *at != closing; at = &(*at)->next)
        ;
    *at = closing->next;
    closing->tx->conn->driver->rows_close(closing->rows);
    free(closing);
}

static struct store_value column(struct store_rows *rows, int at, enum store_type want)
{
    return rows->tx->conn->driver->column(rows->rows, at, want);
}

int64_t store_col_int(struct store_rows *rows, int at) { return column(rows, at, STORE_INT).integer; }
double store_col_real(struct store_rows *rows, int at) { return column(rows, at, STORE_REAL).real; }
const char *store_col_text(struct store_rows *rows, int at) { return column(rows, at, STORE_TEXT).bytes; }
bool store_col_null(struct store_rows *rows, int at) { return column(rows, at, STORE_TEXT).type == STORE_NULL; }

const void *store_col_blob(struct store_rows *rows, int at, size_t *out_len)
{
    struct store_value v = column(rows, at, STORE_BLOB);

    *out_len = v.len;
    return v.bytes;
}

int store_query_int(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, int64_t fallback, int64_t *out,
                    struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, sql, args, count, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    *out = more ? store_col_int(rows, 0) : fallback;
    return 0;
}

const char *store_skip_locked(const struct store_tx *tx) { return tx->conn->driver->skip_locked; }

uint64_t store_tx_epoch(const struct store_tx *tx)
{
    bool shared = tx->conn->driver->capabilities & DRIVER_SHARED;

    return shared || tx->read_only ? 0 : tx->store->writer.epoch;
}

int64_t *store_tx_counter(struct store_tx *tx)
{
    bool shared = tx->conn->driver->capabilities & DRIVER_SHARED;

    return shared || tx->read_only ? NULL : &tx->store->writer.counter;
}

void store_seal_again(struct store_tx *tx) { tx->seal_again = true; }

int tx_run(struct store_tx *tx, store_unit unit, void *ctx, struct err *err)
{
    struct err own = {0}, late = {0};
    int result = unit(tx, ctx, &own);

    while (tx->open) {
        struct store_rows *left = tx->open;

        store_rows_close(&left);
    }
    if (tx->conn->driver->settle && !tx->failed && tx->conn->driver->settle(tx->conn, &late) < 0)
        tx_fail(tx, &late);
    if (result == 0 && !tx->failed)
        return 0;
    /* The unit may have said better what a failed statement means (a taken name); but the store must see what it has to run again. */
    if (tx->failed && (result == 0 || own.code == ERR_NONE || tx->first.code == ERR_STORE_RETRY || tx->first.code == ERR_STORE_FULL))
        own = tx->first;
    if (own.code == ERR_NONE)
        err_set(&own, ERR_INTERNAL, "a unit of work failed without saying why");
    *err = own;
    return -1;
}
