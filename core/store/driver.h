/* What a database must offer below the store: one table of functions for SQLite (sqlite_driver.c) and one for PostgreSQL (pg_driver.c).
 * A connection belongs to one thread at a time; the store hands it from thread to thread under its own lock. */
#pragma once
#include "store/store.h"

struct driver;
/* First member of each driver's connection and rows. */
struct driver_conn {
    const struct driver *driver;
};
struct driver_rows {
    struct driver_conn *conn;
};

enum driver_role {
    DRIVER_WRITER,  /* runs units that write */
    DRIVER_READER,  /* runs units that only read */
    DRIVER_WATCHER, /* waits: notifications, leadership */
};

/* Capability bits. */
enum {
    DRIVER_SHARED = 1, /* several processes may use the database: listen, notify, wait and lead work */
};

struct driver_config {
    char *url;  /* as the user gave it; may hold a password, so it is never shown */
    char *path; /* SQLite: the file; PostgreSQL: NULL */
    int64_t statement_ms;
};

typedef void (*driver_notified)(void *ctx, const char *channel);

struct driver {
    const char *name;
    enum store_kind kind;
    unsigned capabilities;
    const char *blob_type, *serial_type; /* what ${blob} and ${serial} stand for in a migration */
    const char *skip_locked;

    int (*open)(const struct driver_config *config, enum driver_role role, struct driver_conn **out, struct err *err);
    void (*close)(struct driver_conn *conn);
    bool (*alive)(const struct driver_conn *conn); /* false: the connection is lost; close it and open another */

    int (*begin)(struct driver_conn *conn, bool read_only, struct err *err);
    int (*commit)(struct driver_conn *conn, struct err *err); /* on failure the caller rolls back */
    void (*rollback)(struct driver_conn *conn);               /* without a transaction: nothing */
    bool (*usable)(const struct driver_conn *conn);           /* the open transaction can go on after a failed unit that changed nothing */
    int64_t (*changes)(const struct driver_conn *conn);       /* grows when a statement changes a row */

    int (*exec)(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, int64_t *out_changed,
                struct err *err);
    /* The same without a count, where it helps to wait for many answers at once (else NULL, both): a failure may be that of a later call,
     * of settle at the latest, which waits for all of them. Then nothing that was sent after the failed one has run. */
    int (*exec_soon)(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, struct err *err);
    int (*settle)(struct driver_conn *conn, struct err *err);
    int (*run_text)(struct driver_conn *conn, const char *sql, struct err *err); /* one statement, not kept prepared (migrations) */
    /* Runs the statement up to its first row, so that its errors are query's on both databases. */
    int (*query)(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, struct driver_rows **out,
                 struct err *err);
    int (*next)(struct driver_rows *rows, struct err *err);
    void (*rows_close)(struct driver_rows *rows);
    /* The column converted to `want`; type STORE_NULL when it is NULL or there is no such column. Borrowed until next or rows_close. */
    struct store_value (*column)(struct driver_rows *rows, int column, enum store_type want);

    /* Holds off other instances while migrations run; released with the transaction. NULL when begin already excludes them. */
    int (*lock_migrations)(struct driver_conn *conn, struct err *err);

    /* DRIVER_SHARED only. */
    int (*listen)(struct driver_conn *conn, const char *channel, struct err *err);
    int (*notify)(struct driver_conn *conn, const char *channel, struct err *err);
    /* Sleeps until a notification of another connection (`fn`, NULL ignores them), `wake_fd` is readable, or timeout_ms (-1: none) are
     * over. */
    int (*wait)(struct driver_conn *conn, int wake_fd, int timeout_ms, driver_notified fn, void *ctx, struct err *err);
    /* Waits for leadership, a lock that ends with the connection; returns 0 with *out_held false when wake_fd became readable first. */
    int (*lead)(struct driver_conn *conn, int wake_fd, bool *out_held, struct err *err);
};

extern const struct driver driver_sqlite;
extern const struct driver driver_postgres;

#define DRIVER_WORDS 56
/* The first words of a statement, for messages (never its values). Returns `out`. */
const char *driver_words(const char *sql, char out[static DRIVER_WORDS]);
