/* What the files of core/store share: the store, its queue, pool, channels and sealer. Never leaves this directory. */
#pragma once
#include "base/embedded.h"
#include "base/limits.h"
#include "store/driver.h"
#include <pthread.h>
#include <stdatomic.h>

#define STORE_COUNTS 12 /* different series of a unit */

/* What is counted once the unit that counted it is durable. */
struct counts {
    struct {
        struct metric *series;
        int64_t times;
    } of[STORE_COUNTS];
    size_t count;
};

/* An accepted unit. */
struct job {
    struct job *next;
    store_unit unit;
    store_done done;
    void *ctx;
    int64_t deadline_us; /* monotonic: until then a locked or absent database is waited for */
    unsigned attempts;   /* runs that the database asked to repeat */
    unsigned channels;   /* bits of the channels its last run notified */
    struct counts counts;
    struct err *failure; /* of its last run; NULL: it may be committed */
};

/* The writing thread and its connection. One on PostgreSQL too (batch.c says why). */
struct writer {
    struct store *store;
    struct driver_conn *conn; /* NULL: to be opened when there is work */
    uint64_t epoch;           /* from 1; the next with every rollback and every new connection (store_tx_epoch) */
    int64_t counter;          /* store_tx_counter; 0 with every change of the epoch */
    size_t limit;             /* units to a transaction; halved by a conflict, doubled by a commit */
    pthread_t thread;
    bool started;
};

struct channel {
    char name[32];
    unsigned bit;
    void (*woken)(void *ctx); /* NULL: only notified here; a second listener has its own entry with the same bit */
    void *ctx;
    struct channel *next;
};

struct sealer {
    store_unit unit; /* NULL: none */
    void *ctx;
    bool pending;   /* something was committed that it has not seen */
    int64_t due_us; /* monotonic: not before */
    unsigned failures;
};

struct watch; /* the threads that wait on PostgreSQL: notifications and leadership (watch.c) */

struct store {
    const struct driver *driver;
    struct driver_config config;
    int lock_fd;
    pthread_mutex_t mutex; /* guards what follows, up to the atomics */
    pthread_cond_t work;   /* a job, the sealer or closing */
    pthread_cond_t reader; /* a reader connection became free */
    struct job *head, **tail;
    bool closing;
    struct sealer sealer;
    struct driver_conn **idle_readers;
    size_t idle_count, reader_count, reader_max;
    struct channel *channels; /* prepended, never changed or removed: the mutex guards the head only */
    unsigned channel_count;
    struct writer writer;
    struct watch *watch; /* NULL on SQLite */
#ifdef INNO_FAILPOINTS
    _Atomic int64_t fail_at; /* statements until the injected failure; 0: disarmed */
    _Atomic int fail_code;
#endif
};

/* A transaction as a unit sees it. After a failed statement all further ones fail too and nothing is committed: that is how PostgreSQL
 * behaves, so SQLite does as well. */
struct store_tx {
    struct store *store;
    struct driver_conn *conn;
    bool read_only;
    bool failed;
    bool seal_again;
    bool sealing; /* the sealer's: not counted by store_fail_nth */
    unsigned channels;
    struct counts counts;
    struct store_rows *open; /* what the unit left open is closed for it */
    struct err first;        /* the first failed statement */
};

/* tx.c */
int tx_run(struct store_tx *tx, store_unit unit, void *ctx, struct err *err);
int tx_inject(struct store *s, struct err *err); /* -1 when a test wants this statement or commit to fail */

/* writer.c */
int writer_start(struct store *s, struct driver_conn *conn, struct err *err);             /* takes the connection over */
void writer_stop(struct store *s);                                                        /* waits for the queue to drain */
void store_cond_init(pthread_cond_t *cond);                                               /* timed waits on the monotonic clock */
int store_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t mono_us); /* 0 or ETIMEDOUT */

/* batch.c: runs and answers the jobs */
void batch_run(struct writer *w, struct job **jobs, size_t count);

/* seal.c: with the store's mutex held, but for seal_run */
void seal_request(struct store *s);
bool seal_is_due(const struct store *s, int64_t now_us);
void seal_run(struct store *s, struct driver_conn *conn);

/* notify.c */
void notify_wake(struct store *s, unsigned channels);      /* the listeners in this process */
void notify_committed(struct store *s, unsigned channels); /* those, and other processes */

/* migrations.c */
extern const struct embedded_file store_migrations[];
/* Brings the database to the newest of `files` (ends with a NULL name). Errors: ERR_MIGRATION, ERR_STORE... */
int migrations_apply(struct driver_conn *conn, const struct embedded_file *files, struct err *err);
/* How many of `files` a database has yet to get; changes nothing. Errors: ERR_MIGRATION, ERR_STORE. */
int migrations_pending(struct driver_conn *conn, const struct embedded_file *files, size_t *out_pending, struct err *err);

/* lock_file.c: takes `<path>.lock`. Errors: ERR_STORE_LOCKED naming the holder's pid, ERR_STORE. */
int lock_file_take(const char *path, int *out_fd, struct err *err);
