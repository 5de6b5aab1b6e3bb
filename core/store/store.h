/* The store: SQLite (embedded) or PostgreSQL behind one interface. The only directory that includes sqlite3.h and libpq-fe.h.
 *
 * Everything durable is a unit of work: a function that runs its statements on the transaction it is given and returns. It is RE-RUNNABLE
 * (it may be called again after a rollback, so it overwrites its outputs and never appends to them), and does no I/O, Lua or HTTP.
 * Units run on the one writer thread, many to a commit, without savepoints: when one fails the batch is rolled back and those before it are
 * replayed, so each unit succeeds or fails alone. PostgreSQL runs them SERIALIZABLE, and again on serialization failures (other processes
 * write too): on both databases a unit is as if alone. Reading units run side by side on a pool of connections. There is no public begin or
 * commit. After a failed statement no further statement of the unit has an effect or an answer and the unit is rolled back, whatever it
 * returns. SQL on both: write NULLS FIRST or LAST where it matters, CAST($1 AS BIGINT) where nothing else tells a parameter's type. LIKE is
 * case-sensitive. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metric;
struct store;
struct store_tx;

enum store_kind { STORE_SQLITE, STORE_POSTGRES };

struct store_options {
    const char *url; /* "sqlite:/path/innominatus.db" or "postgres://..." */
    size_t readers;  /* reading connections, opened when needed; 0: the default (SQLite 4, PostgreSQL 8). PostgreSQL sees three more of each
                        process: one that writes, two that wait for notifications and for leadership */
    int64_t statement_ms; /* statement timeout; 0: 30 s */
};

/* Opens the database (SQLite: its directory must exist) and applies the embedded migrations (checksummed, forward only; a changed or newer
 * one is an error). Starts the store's threads. Errors: ERR_USAGE (no such kind of URL), ERR_STORE, ERR_MIGRATION, ERR_STORE_LOCKED. */
int store_open(const struct store_options *options, struct store **out, struct err *err);
/* Opens a database that is there, perhaps while a server uses it, to look at it: no lock, no migration, no thread of its own. store_read
 * works; every write ends with ERR_SHUTDOWN. out_pending: migrations that a server would apply at its start. Errors: ERR_STORE,
 * ERR_MIGRATION (made by a newer release, or no database of innominatus). */
int store_open_to_read(const struct store_options *options, struct store **out, size_t *out_pending, struct err *err);
/* What the database says about its own files; *out is NULL when it finds nothing wrong, else its first words (free()). PostgreSQL checks
 * its pages itself. Takes as long as reading the whole file does; ended by the statement timeout. */
int store_check_integrity(struct store *s, char **out, struct err *err);
/* Waits for accepted writes, then closes. NULL is fine. */
void store_close(struct store *s);
enum store_kind store_kind(const struct store *s);

/* A unit returns 0 to commit or -1 with err set to roll back. */
typedef int (*store_unit)(struct store_tx *tx, void *ctx, struct err *err);
/* Called once, after the commit is durable (result->code == ERR_NONE) or the unit has failed; on a store thread: be short, never block. */
typedef void (*store_done)(void *ctx, const struct err *result);

/* Queues a unit. `ctx` must stay valid until `done` was called. Never fails at once: failures reach `done` (ERR_SHUTDOWN after
 * store_close). */
void store_write(struct store *s, store_unit unit, void *ctx, store_done done);
/* The same, waiting for the commit. Not on HTTP or store threads. */
int store_write_wait(struct store *s, store_unit unit, void *ctx, struct err *err);
/* Runs a unit that only reads, now, on this thread, on a reader connection with one consistent snapshot. */
int store_read(struct store *s, store_unit unit, void *ctx, struct err *err);

/* ---- statements; only inside a unit. SQL that both databases understand: $1 parameters, RETURNING, ON CONFLICT, CTEs, int64, text. ----
 */

enum store_type { STORE_NULL, STORE_INT, STORE_REAL, STORE_TEXT, STORE_BLOB };

struct store_value {
    enum store_type type;
    int64_t integer;
    double real;
    const void *bytes; /* text (NUL-terminated) or blob; borrowed until the statement has run */
    size_t len;
};

static inline struct store_value store_int(int64_t v) { return (struct store_value){.type = STORE_INT, .integer = v}; }
static inline struct store_value store_real(double v) { return (struct store_value){.type = STORE_REAL, .real = v}; }
struct store_value store_text(const char *v); /* NULL gives SQL NULL */
static inline struct store_value store_blob(const void *v, size_t len)
{
    return (struct store_value){.type = STORE_BLOB, .bytes = v, .len = len};
}
static inline struct store_value store_null(void) { return (struct store_value){.type = STORE_NULL}; }

/* Without out_changed, what a statement fails with may be the answer to a later one, or to the unit as a whole (PostgreSQL: the answers to
 * several are waited for together).
 * store_exec(tx, "UPDATE t SET a = $1 WHERE id = $2", STORE_ARGS(store_int(1), store_text(id)), &changed, err); out_changed may be NULL.
 * Errors: ERR_STORE, ERR_STORE_FULL, ERR_STORE_CONSTRAINT (unique or foreign key), ERR_STORE_RETRY (the store re-runs the unit itself). */
#define STORE_ARGS(...)                                                                                                                    \
    (const struct store_value[]){__VA_ARGS__}, sizeof((const struct store_value[]){__VA_ARGS__}) / sizeof(struct store_value)
#define STORE_NO_ARGS NULL, 0
int store_exec(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, int64_t *out_changed, struct err *err);

/* Rows, one at a time:
 *   CLEANUP(store_rows_close) struct store_rows *rows = NULL;
 *   if (store_query(tx, sql, args, n, &rows, err) < 0) return -1;
 *   while ((more = store_next(rows, err)) > 0) ... store_col_text(rows, 0) ...
 *   return more;                                                        0 at the end, -1 on failure */
struct store_rows;
int store_query(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, struct store_rows **out,
                struct err *err);
int store_next(struct store_rows *rows, struct err *err);
void store_rows_close(struct store_rows **rows);
/* Columns of the present row, from 0; texts and blobs are borrowed until the next store_next or close. NULL columns: 0, NULL. */
int64_t store_col_int(struct store_rows *rows, int column);
double store_col_real(struct store_rows *rows, int column);
const char *store_col_text(struct store_rows *rows, int column);
const void *store_col_blob(struct store_rows *rows, int column, size_t *out_len);
bool store_col_null(struct store_rows *rows, int column);

/* Exactly one integer: first column of the first row; `fallback` when there is no row. */
int store_query_int(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, int64_t fallback, int64_t *out,
                    struct err *err);

/* Counts one more of a series when, and only when, the unit's transaction has been committed. Of at most a dozen different series a unit.
 */
void store_count(struct store_tx *tx, struct metric *series);

/* What an earlier unit of this process has read or written is still so while this number is the same: it changes when something is rolled
 * back. 0: others may write, so nothing that was read before can be relied on (PostgreSQL). In units that write. */
uint64_t store_tx_epoch(const struct store_tx *tx);

/* For rows that are numbered as they are written: a number of this process, kept from unit to unit and 0 whenever something was rolled
 * back; then the unit reads how far the numbers are. NULL: others may write as well (PostgreSQL), or the unit only reads. */
int64_t *store_tx_counter(struct store_tx *tx);

/* "" on SQLite (one writer), " FOR UPDATE SKIP LOCKED" on PostgreSQL: appended to a SELECT that locks rows. */
const char *store_skip_locked(const struct store_tx *tx);

/* Registers a callback that runs after each commit that called store_notify(tx, channel) (LISTEN/NOTIFY on PostgreSQL, so it crosses
 * processes); on a store thread: be short. Register before work starts. Channels: "tasks", "events". */
void store_listen(struct store *s, const char *channel, void (*woken)(void *ctx), void *ctx);
int store_notify(struct store_tx *tx, const char *channel, struct err *err);

/* The sealer (engine.md, Audit and events): numbers events without gaps and chains the audit. `seal` is a unit that the store runs on the
 * writer thread after commits that wrote (at most every 50 ms; on PostgreSQL on the leader). Registered by core/audit. */
void store_set_sealer(struct store *s, store_unit seal, void *ctx);
/* Inside the sealer's unit: it left work for another run soon (it seals a bounded number of rows at once). */
void store_seal_again(struct store_tx *tx);
/* True on SQLite; on PostgreSQL in the one process that seals (candidates are those that called store_set_sealer). The answer may be a
 * moment old, so what the leader does must be harmless when two do it. Any thread. */
bool store_is_leader(const struct store *s);

/* Fault injection for tests (INNO_FAILPOINTS builds): the n-th statement from now fails with `code`; 0 disarms. */
void store_fail_nth(struct store *s, int64_t n, enum err_code code);
