/* Owns the store's life and its reading connections. store_open and store_close on one thread; store_read on any. */
#include "store/store.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store_priv.h"
#include "store/watch.h"
#include <string.h>

#define SQLITE_READERS   4
#define POSTGRES_READERS 8

enum store_kind store_kind(const struct store *s) { return s->driver->kind; }

bool store_is_leader(const struct store *s) { return !s->watch || watch_leads(s->watch); }

/* ---- opening and closing ---- */

static void close_readers(struct store *s)
{
    for (size_t i = 0; i < s->idle_count; i++)
        s->driver->close(s->idle_readers[i]);
    free(s->idle_readers);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    writer_stop(s);
    watch_stop(s->watch);
    close_readers(s);
    if (s->writer.conn)
        s->driver->close(s->writer.conn); /* the last one on SQLite: it folds the WAL into the database */
    while (s->channels) {
        struct channel *channel = s->channels;

        s->channels = channel->next;
        free(channel);
    }
    close_fd(&s->lock_fd);
    pthread_cond_destroy(&s->reader);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->mutex);
    free(s->config.path);
    free(s->config.url);
    free(s);
}

static void close_store(struct store **s) { store_close(*s); }

static struct store *store_new(const struct store_options *options, const struct driver *driver)
{
    struct store *s = mem_zalloc(sizeof *s);

    s->driver = driver;
    s->config.url = mem_strdup(options->url);
    s->config.statement_ms = options->statement_ms > 0 ? options->statement_ms : STORE_STATEMENT_MS;
    s->lock_fd = -1;
    s->tail = &s->head;
    pthread_mutex_init(&s->mutex, NULL);
    store_cond_init(&s->work);
    store_cond_init(&s->reader);
    return s;
}

static int start(struct store *s, size_t readers, struct err *err)
{
    struct driver_conn *conn = NULL;

    s->reader_max = readers;
    s->idle_readers = mem_array(readers, sizeof(struct driver_conn *));
    if (s->driver->open(&s->config, DRIVER_WRITER, &conn, err) < 0)
        return -1;
    if (migrations_apply(conn, store_migrations, err) < 0) {
        s->driver->close(conn);
        return -1;
    }
    if (s->driver->capabilities & DRIVER_SHARED && watch_start(s, &s->watch, err) < 0) {
        s->driver->close(conn);
        return -1;
    }
    return writer_start(s, conn, err);
}

static int open_sqlite(const struct store_options *options, struct store **out, struct err *err)
{
    CLEANUP(close_store) struct store *s = store_new(options, &driver_sqlite);
    const char *path = options->url + strlen("sqlite:");

    if (!path[0])
        return err_set(err, ERR_STORE, "the database URL \"sqlite:\" names no file; write sqlite:/path/innominatus.db");
    s->config.path = mem_strdup(path);
    if (lock_file_take(path, &s->lock_fd, err) < 0 || start(s, options->readers ? options->readers : SQLITE_READERS, err) < 0)
        return -1;
    *out = take_ptr(s);
    return 0;
}

static int open_postgres(const struct store_options *options, struct store **out, struct err *err)
{
    CLEANUP(close_store) struct store *s = store_new(options, &driver_postgres);

    if (start(s, options->readers ? options->readers : POSTGRES_READERS, err) < 0)
        return -1;
    *out = take_ptr(s);
    return 0;
}

int store_open(const struct store_options *options, struct store **out, struct err *err)
{
    if (str_starts(options->url, "sqlite:"))
        return open_sqlite(options, out, err);
    if (str_starts(options->url, "postgres://") || str_starts(options->url, "postgresql://"))
        return open_postgres(options, out, err);
    return err_set(err, ERR_USAGE, "the database URL must start with sqlite: or postgres://"); /* not shown: it may hold a password */
}

/* ---- looking ---- */

static int start_reading(struct store *s, size_t *out_pending, struct err *err)
{
    struct driver_conn *conn = NULL;

    s->closing = true; /* nothing is accepted */
    s->reader_max = 1;
    s->idle_readers = mem_array(1, sizeof(struct driver_conn *));
    if (s->driver->open(&s->config, DRIVER_READER, &conn, err) < 0)
        return -1;
    s->idle_readers[s->idle_count++] = conn;
    s->reader_count = 1;
    return migrations_pending(conn, store_migrations, out_pending, err);
}

int store_open_to_read(const struct store_options *options, struct store **out, size_t *out_pending, struct err *err)
{
    bool sqlite = str_starts(options->url, "sqlite:");
    CLEANUP(close_store) struct store *s = store_new(options, sqlite ? &driver_sqlite : &driver_postgres);

    if (!sqlite && !str_starts(options->url, "postgres://") && !str_starts(options->url, "postgresql://"))
        return err_set(err, ERR_USAGE, "the database URL must start with sqlite: or postgres://");
    if (sqlite)
        s->config.path = mem_strdup(options->url + strlen("sqlite:"));
    if (start_reading(s, out_pending, err) < 0)
        return -1;
    *out = take_ptr(s);
    return 0;
}

static int quick_check(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char **found = ctx;
    int more;

    free(*found);
    *found = NULL;
    if (store_query(tx, "PRAGMA quick_check(1)", STORE_NO_ARGS, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    if (more && !str_eq(store_col_text(rows, 0), "ok"))
        *found = mem_strdup(store_col_text(rows, 0) ? store_col_text(rows, 0) : "no answer");
    return 0;
}

int store_check_integrity(struct store *s, char **out, struct err *err)
{
    char *found = NULL;

    if (s->driver->kind == STORE_SQLITE && store_read(s, quick_check, &found, err) < 0) {
        free(found);
        return -1;
    }
    *out = found;
    return 0;
}

/* ---- reading ---- */

/* A reader connection: an idle one, or a new one, or the next that becomes free. */
static int reader_take(struct store *s, struct driver_conn **out, struct err *err)
{
    struct driver_conn *conn = NULL;

    pthread_mutex_lock(&s->mutex);
    while (s->idle_count == 0 && s->reader_count == s->reader_max)
        pthread_cond_wait(&s->reader, &s->mutex);
    if (s->idle_count)
        conn = s->idle_readers[--s->idle_count];
    else
        s->reader_count++;
    pthread_mutex_unlock(&s->mutex);
    if (!conn && s->driver->open(&s->config, DRIVER_READER, &conn, err) < 0) {
        pthread_mutex_lock(&s->mutex);
        s->reader_count--;
        pthread_cond_signal(&s->reader);
        pthread_mutex_unlock(&s->mutex);
        return -1;
    }
    *out = conn;
    return 0;
}

/* Returns whether the connection was still good. */
static bool reader_give(struct store *s, struct driver_conn *conn)
{
    bool alive = s->driver->alive(conn);

    pthread_mutex_lock(&s->mutex);
    if (alive)
        s->idle_readers[s->idle_count++] = conn;
    else
        s->reader_count--;
    pthread_cond_signal(&s->reader);
    pthread_mutex_unlock(&s->mutex);
    if (!alive)
        s->driver->close(conn);
    return alive;
}

static int read_once(struct store *s, struct driver_conn *conn, store_unit unit, void *ctx, struct err *err)
{
    struct store_tx tx = {.store = s, .conn = conn, .read_only = true};
    int result;

    if (s->driver->begin(conn, true, err) < 0)
        return -1;
    result = tx_run(&tx, unit, ctx, err);
    s->driver->rollback(conn); /* nothing was written: ends the snapshot */
    return result;
}

int store_read(struct store *s, store_unit unit, void *ctx, struct err *err)
{
    size_t lost = 0;

    for (;;) {
        struct driver_conn *conn = NULL;
        struct err failure = {0};
        int result;

        if (reader_take(s, &conn, err) < 0)
            return -1;
        result = read_once(s, conn, unit, ctx, &failure);
        /* A restarted server leaves the whole pool of connections lost; each is thrown away at its next use. */
        if (!reader_give(s, conn) && result < 0 && lost++ < s->reader_max)
            continue;
        if (result < 0)
            *err = failure;
        return result;
    }
}
