/* Fresh databases for the store's tests: SQLite files, or databases of a PostgreSQL cluster that the test program starts. */
#pragma once
#include "base/cleanup.h"
#include "store/store.h"
#include "test.h"
#include <string.h>

#ifdef TEST_POSTGRES
#define ON_POSTGRES true
struct pg_cluster *db_cluster(void); /* started at the first use; NULL when there is no PostgreSQL (the test is marked as skipped) */
#else
#define ON_POSTGRES false
#endif

/* The URL of a fresh database with nothing in it; NULL: the test is marked as skipped, return. Valid until the program ends. */
const char *db_url(void);
/* Opens it. Ends the test when that fails. */
struct store *db_open(const char *url);

static inline void db_close(struct store **s)
{
    store_close(*s);
    *s = NULL;
}

/* At the start of a test: `s` is an open store on a fresh database. */
#define FRESH(url, s)                                                                                                                      \
    const char *url = db_url();                                                                                                            \
    if (!url)                                                                                                                              \
        return;                                                                                                                            \
    CLEANUP(db_close) struct store *s = db_open(url)

/* One statement as a unit of its own; returns what store_write_wait does. */
int db_run(struct store *s, const char *sql, struct err *err);
/* Runs a statement that must succeed. */
void db_must(struct store *s, const char *sql);
/* The one integer that a query finds, read on a reader connection. */
int64_t db_int(struct store *s, const char *sql);
/* A thread's work, ctx a store: adds 1 to the one row of `counter`, 40 times, each in a unit of its own. */
void *db_increment_often(void *ctx);

#define TEST_LIST(X)                                                                                                                       \
    X(migrated, "a fresh database has the first schema and opens again")                                                                   \
    X(migration_altered, "a migration that was changed after it was applied is refused")                                                   \
    X(migration_newer, "a database of a newer release is refused")                                                                         \
    X(migration_split, "a migration is split at semicolons outside of quotes and comments")                                                \
    X(looked_at, "a database in use can be looked at, and is not changed by that")                                                         \
    X(migration_fails, "a failing migration leaves nothing behind and is named")                                                           \
    X(url, "a URL of no known database is refused without showing it")                                                                     \
    X(round_trip, "integers, reals, texts, blobs and NULL come back as they were")                                                         \
    X(constraints, "unique, foreign key, check and not-null violations are constraint errors that name the column or constraint")          \
    X(no_values, "errors name the statement and never its values")                                                                         \
    X(arguments, "a wrong number of parameters, two statements and a syntax error are refused")                                            \
    X(changed, "the number of changed rows is that of the statement")                                                                      \
    X(order_of_parameters, "parameters may stand in any order and more than once")                                                         \
    X(nested_rows, "rows stay readable while the same statement runs again inside the loop")                                               \
    X(same_buffer, "a buffer that holds another statement the next time runs that one")                                                    \
    X(many_texts, "more different statements than the cache holds still run")                                                              \
    X(like, "LIKE is case-sensitive and double quotes are no strings")                                                                     \
    X(timeout, "a statement that takes too long is stopped and the connection stays good")                                                 \
    X(commit_rollback, "a unit commits as a whole or not at all")                                                                          \
    X(poisoned, "a unit that swallows a failed statement is rolled back and reports it")                                                   \
    X(silent_failure, "a unit that fails without a reason gets one")                                                                       \
    X(rows_left_open, "rows that a unit leaves open are closed for it")                                                                    \
    X(batch_isolates, "a failing unit in a batch takes nobody with it")                                                                    \
    X(order, "units of one thread are answered in a batch and all of them once")                                                           \
    X(increments, "read, modify and write of one row from many threads loses no update")                                                   \
    X(retry_runs_again, "a unit that the database asks to run again runs again")                                                           \
    X(snapshot, "a reading unit sees one snapshot and cannot write")                                                                       \
    X(many_readers, "more readers than connections wait for their turn")                                                                   \
    X(notify, "a listener wakes after the commit and not after a rollback")                                                                \
    X(sealer, "the sealer runs after writes, again when it asks, and never when idle")                                                     \
    X(sealer_fails, "a failing sealer is tried again and harms nobody")                                                                    \
    X(idle, "an idle store sleeps")                                                                                                        \
    X(nth_failure, "whichever statement fails, the database stays consistent")                                                             \
    X(close_drains, "closing waits for accepted units and refuses new ones")                                                               \
    X(killed_writer, "kill -9 of a writing process loses nothing acknowledged")
#define TEST_SQLITE(X)                                                                                                                     \
    X(locked, "a second open of the same file fails and names the pid")                                                                    \
    X(no_directory, "a missing directory is named")                                                                                        \
    X(not_a_database, "a file that is no database is corrupt")                                                                             \
    X(private_files, "the database is readable by its owner only")                                                                         \
    X(page_limit, "a full database refuses writes, keeps what it has and recovers")                                                        \
    X(disk_full, "a full disk refuses writes, keeps what it has and recovers")                                                             \
    X(foreign_lock, "a program that holds the database for a while delays writes only")
#define TEST_POSTGRESQL(X)                                                                                                                 \
    X(conflict, "two units that conflict both take effect, one after the other")                                                           \
    X(neighbours, "two busy stores that change the same row get their turns")                                                              \
    X(write_skew, "units that each check what the other writes are as if run one by one")                                                  \
    X(deadlock, "a deadlock is resolved by running a unit again")                                                                          \
    X(notify_across, "a notification reaches another store on the same database")                                                          \
    X(one_leader, "one of two stores seals, the other takes over when it closes")                                                          \
    X(seal_across, "what one store writes the leading store seals")                                                                        \
    X(migrate_together, "stores that open an empty database at the same time migrate it once")                                             \
    X(server_restart, "reads, writes, notifications and sealing go on after the server restarted")                                         \
    X(server_away, "without a server a unit waits, and closing does not")                                                                  \
    X(wrong_password, "a failed connection does not show the password")                                                                    \
    X(plan_changed, "a prepared statement survives a change of its table")                                                                 \
    X(concurrent_claims, "claims with SKIP LOCKED hand out every row once")

#define DECLARE(name, sentence) void test_##name(void);
TEST_LIST(DECLARE)
#ifdef TEST_POSTGRES
TEST_POSTGRESQL(DECLARE)
#else
TEST_SQLITE(DECLARE)
#endif
