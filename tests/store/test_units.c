/* Units of work: commits, batches, retries, snapshots, closing. */
#include "db.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static int insert_meta(struct store_tx *tx, const char *key, struct err *err)
{
    return store_exec(tx, "INSERT INTO meta (key, value) VALUES ($1, 'x')", STORE_ARGS(store_text(key)), NULL, err);
}

static int two_then_fail(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    if (insert_meta(tx, "a", err) < 0 || insert_meta(tx, "b", err) < 0)
        return -1;
    return err_set(err, ERR_CONFLICT, "changed my mind");
}

static int two(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return insert_meta(tx, "a", err) < 0 ? -1 : insert_meta(tx, "b", err);
}

void test_commit_rollback(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    ASSERT_FAILS(store_write_wait(s, two_then_fail, NULL, &err), err, ERR_CONFLICT);
    ASSERT_TEXT(err.msg, "changed my mind");
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 0);
    ASSERT_OK(store_write_wait(s, two, NULL, &err), err);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 2);
    ASSERT_FAILS(store_write_wait(s, two, NULL, &err), err, ERR_STORE_CONSTRAINT);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 2);
}

static int swallow(struct store_tx *tx, void *ctx, struct err *err)
{
    struct err ignored;
    int *later = ctx;
    int64_t one;

    if (insert_meta(tx, "new", err) < 0)
        return -1;
    insert_meta(tx, "taken", &ignored);
    insert_meta(tx, "later", &ignored);
    *later = store_query_int(tx, "SELECT 1", STORE_NO_ARGS, 0, &one, &ignored);
    return 0;
}

void test_poisoned(void)
{
    FRESH(url, s);
    int later = 0;
    struct err err;

    (void)url;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('taken', 'x')");
    ASSERT_FAILS(store_write_wait(s, swallow, &later, &err), err, ERR_STORE_CONSTRAINT);
    CU_ASSERT_EQUAL(later, -1);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

static int silent(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)tx, (void)ctx, (void)err;
    return -1;
}

void test_silent_failure(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    ASSERT_FAILS(store_write_wait(s, silent, NULL, &err), err, ERR_INTERNAL);
    ASSERT_FAILS(store_read(s, silent, NULL, &err), err, ERR_INTERNAL);
}

static int leave_open(struct store_tx *tx, void *ctx, struct err *err)
{
    struct store_rows *rows = NULL;

    (void)ctx;
    return store_query(tx, "SELECT key FROM meta", STORE_NO_ARGS, &rows, err);
}

void test_rows_left_open(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x'), ('b', 'x')");
    ASSERT_OK(store_read(s, leave_open, NULL, &err), err);
    ASSERT_OK(store_write_wait(s, leave_open, NULL, &err), err);
    db_must(s, "DROP TABLE meta"); /* would be locked by an open statement */
}

/* ---- batches ---- */

#define UNITS 100
struct crowd {
    sem_t go, answered;
    struct member {
        struct crowd *crowd;
        int number, runs, answers, order;
        enum err_code result;
    } members[UNITS];
    atomic_int answers;
};

static int hold_up(struct store_tx *tx, void *ctx, struct err *err)
{
    struct crowd *crowd = ctx;

    (void)tx, (void)err;
    sem_wait(&crowd->go);
    sem_post(&crowd->go);
    return 0;
}

static void held_up(void *ctx, const struct err *result)
{
    (void)result;
    sem_post(&((struct crowd *)ctx)->answered);
}

/* Every 7th fails after it wrote, every 10th violates a constraint, every 9th fails without having written. */
static enum err_code expected(int number)
{
    if (number % 7 == 3)
        return ERR_CONFLICT;
    if (number % 10 == 5)
        return ERR_STORE_CONSTRAINT;
    return number % 9 == 1 ? ERR_NOT_FOUND : ERR_NONE;
}

static int member_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct member *m = ctx;
    char key[16];

    m->runs++;
    snprintf(key, sizeof key, "k%d", m->number);
    if (expected(m->number) == ERR_NOT_FOUND)
        return err_set(err, ERR_NOT_FOUND, "number %d", m->number);
    if (insert_meta(tx, key, err) < 0)
        return -1;
    if (expected(m->number) == ERR_CONFLICT)
        return err_set(err, ERR_CONFLICT, "number %d", m->number);
    return expected(m->number) == ERR_STORE_CONSTRAINT ? insert_meta(tx, "taken", err) : 0;
}

static void member_done(void *ctx, const struct err *result)
{
    struct member *m = ctx;

    m->answers++;
    m->result = result->code;
    m->order = atomic_fetch_add(&m->crowd->answers, 1);
    sem_post(&m->crowd->answered);
}

static void crowd_start(struct crowd *crowd, struct store *s)
{
    sem_init(&crowd->go, 0, 0);
    sem_init(&crowd->answered, 0, 0);
    store_write(s, hold_up, crowd, held_up); /* the others queue up behind it */
    for (int i = 0; i < UNITS; i++) {
        crowd->members[i] = (struct member){.crowd = crowd, .number = i};
        store_write(s, member_unit, &crowd->members[i], member_done);
    }
}

static void crowd_wait(struct crowd *crowd)
{
    sem_post(&crowd->go);
    for (int i = 0; i < UNITS + 1; i++)
        sem_wait(&crowd->answered);
}

void test_batch_isolates(void)
{
    FRESH(url, s);
    struct crowd crowd = {0};
    int good = 0, runs = 0;

    (void)url;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('taken', 'x')");
    crowd_start(&crowd, s);
    crowd_wait(&crowd);
    for (int i = 0; i < UNITS; i++) {
        CU_ASSERT_EQUAL(crowd.members[i].result, expected(i));
        CU_ASSERT_EQUAL(crowd.members[i].answers, 1);
        good += expected(i) == ERR_NONE;
        runs += crowd.members[i].runs;
    }
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), good + 1);
    CU_ASSERT(ON_POSTGRES ||
              (runs > UNITS && runs < 3 * UNITS)); /* they did run as batches, and a replay does not start from the beginning */
}

void test_order(void)
{
    FRESH(url, s);
    struct crowd crowd = {0};

    (void)url;
    crowd_start(&crowd, s);
    crowd_wait(&crowd);
    for (int i = 1; i < UNITS; i++)
        CU_ASSERT(crowd.members[i].order > crowd.members[i - 1].order);
    CU_ASSERT_EQUAL(atomic_load(&crowd.answers), UNITS);
}

/* ---- conflicts ---- */

void test_increments(void)
{
    FRESH(url, s);
    pthread_t threads[6];

    (void)url;
    db_must(s, "CREATE TABLE counter (n BIGINT)");
    db_must(s, "INSERT INTO counter (n) VALUES (0)");
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, db_increment_often, s), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM counter"), 240);
}

static int count_runs(struct store_tx *tx, void *ctx, struct err *err)
{
    ++*(int *)ctx;
    return insert_meta(tx, "a", err);
}

void test_retry_runs_again(void)
{
    FRESH(url, s);
    int runs = 0;
    struct err err;

    (void)url;
    store_fail_nth(s, 1, ERR_STORE_RETRY); /* the statement */
    ASSERT_OK(store_write_wait(s, count_runs, &runs, &err), err);
    CU_ASSERT_EQUAL(runs, 2);
    db_must(s, "DELETE FROM meta");
    runs = 0;
    store_fail_nth(s, 2, ERR_STORE_RETRY); /* the commit */
    ASSERT_OK(store_write_wait(s, count_runs, &runs, &err), err);
    CU_ASSERT_EQUAL(runs, 2);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

/* ---- reading ---- */

static int look_twice(struct store_tx *tx, void *ctx, struct err *err)
{
    struct store *s = ctx;
    int64_t before, after;

    if (store_query_int(tx, "SELECT COUNT(*) FROM meta", STORE_NO_ARGS, -1, &before, err) < 0)
        return -1;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('between', 'x')");
    if (store_query_int(tx, "SELECT COUNT(*) FROM meta", STORE_NO_ARGS, -1, &after, err) < 0)
        return -1;
    CU_ASSERT_EQUAL(before, 0);
    CU_ASSERT_EQUAL(after, 0);
    return 0;
}

void test_snapshot(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    ASSERT_OK(store_read(s, look_twice, s, &err), err);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
    ASSERT_FAILS(store_read(s, two, NULL, &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "read");
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

static void *read_often(void *ctx)
{
    for (int i = 0; i < 30; i++)
        CU_ASSERT_EQUAL(db_int(ctx, "SELECT COUNT(*) FROM meta"), 0);
    return NULL;
}

void test_many_readers(void)
{
    FRESH(url, s);
    pthread_t threads[20];

    (void)url;
    for (int i = 0; i < 20; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, read_often, s), 0);
    for (int i = 0; i < 20; i++)
        pthread_join(threads[i], NULL);
}

/* ---- failures and the end ---- */

static int transfer(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int64_t from;

    (void)ctx;
    if (store_query_int(tx, "SELECT n FROM account WHERE id = 1", STORE_NO_ARGS, -1, &from, err) < 0 ||
        store_exec(tx, "UPDATE account SET n = n - 1 WHERE id = $1", STORE_ARGS(store_int(1)), NULL, err) < 0 ||
        store_query(tx, "UPDATE account SET n = n + 1 WHERE id = $1 RETURNING n", STORE_ARGS(store_int(2)), &rows, err) < 0 ||
        store_next(rows, err) != 1)
        return -1;
    store_rows_close(&rows);
    return store_exec(tx, "INSERT INTO transfer (amount) VALUES (1)", STORE_NO_ARGS, NULL, err);
}

void test_nth_failure(void)
{
    static const enum err_code codes[] = {ERR_STORE, ERR_STORE_FULL, ERR_STORE_CONSTRAINT};
    FRESH(url, s);
    int64_t done = 0;
    struct err err;

    (void)url;
    db_must(s, "CREATE TABLE account (id BIGINT PRIMARY KEY, n BIGINT)");
    db_must(s, "CREATE TABLE transfer (amount BIGINT)");
    db_must(s, "INSERT INTO account (id, n) VALUES (1, 100), (2, 0)");
    for (size_t c = 0; c < 3; c++) {
        int failures = 0;

        for (int64_t n = 1;; n++) {
            store_fail_nth(s, n, codes[c]);
            err = (struct err){0};
            if (store_write_wait(s, transfer, NULL, &err) == 0)
                break;
            CU_ASSERT_EQUAL(err.code, codes[c]);
            CU_ASSERT_EQUAL_FATAL(++failures, n);
            store_fail_nth(s, 0, ERR_NONE);
            CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM transfer"), done);
            CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM account WHERE id = 2"), done);
        }
        done++;
        store_fail_nth(s, 0, ERR_NONE);
        CU_ASSERT_EQUAL(failures, 5); /* four statements and the commit */
    }
    CU_ASSERT_EQUAL(db_int(s, "SELECT SUM(n) FROM account"), 100);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM transfer"), done);
}

struct late {
    struct store *store;
    atomic_int refused;
};

static int put_row(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "INSERT INTO login_attempts (who, at) VALUES ('x', 1)", STORE_NO_ARGS, NULL, err);
}

static int nothing(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)tx, (void)ctx, (void)err;
    return 0;
}

static void on_late(void *ctx, const struct err *result)
{
    if (result->code == ERR_SHUTDOWN)
        atomic_fetch_add(&((struct late *)ctx)->refused, 1);
}

static void answered(void *ctx, const struct err *result)
{
    struct late *late = ctx;

    CU_ASSERT_EQUAL(result->code, ERR_NONE);
    store_write(late->store, put_row, late, on_late); /* accepted before the close, refused since */
}

static void ignore_answer(void *ctx, const struct err *result) { (void)ctx, (void)result; }

/* Keeps the writer busy until the store refuses writes: then it is being closed. */
static int await_close(struct store_tx *tx, void *ctx, struct err *err)
{
    struct late *late = ctx;

    (void)tx, (void)err;
    while (atomic_load(&late->refused) == 0) {
        store_write(late->store, nothing, late, on_late);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return 0;
}

void test_close_drains(void)
{
    FRESH(url, s);
    struct late late = {.store = s};

    store_write(s, await_close, &late, ignore_answer);
    for (int i = 0; i < 500; i++)
        store_write(s, put_row, &late, answered);
    db_close(&s);
    s = db_open(url);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM login_attempts"), 500);
    CU_ASSERT_EQUAL(atomic_load(&late.refused), 501); /* theirs, and the one that await_close saw */
}
