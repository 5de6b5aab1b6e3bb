/* What happens after commits: notifications, sealing, and nothing. */
#include "db.h"
#include <dirent.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(int64_t ms) { nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL); }

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* ---- notifications ---- */

struct bell {
    sem_t rung;
    atomic_int count;
    struct store *store;
    int64_t seen;
};

static void ring(void *ctx)
{
    struct bell *bell = ctx;

    atomic_fetch_add(&bell->count, 1);
    sem_post(&bell->rung);
}

static int notify_tasks(struct store_tx *tx, void *ctx, struct err *err)
{
    if (store_exec(tx, "INSERT INTO meta (key, value) VALUES ($1, 'x')", STORE_ARGS(store_text(ctx)), NULL, err) < 0 ||
        store_notify(tx, "tasks", err) < 0)
        return -1;
    return strcmp(ctx, "bad") == 0 ? err_set(err, ERR_CONFLICT, "no") : 0;
}

static int notify_reading(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_notify(tx, "tasks", err);
}

void test_notify(void)
{
    FRESH(url, s);
    struct bell tasks = {0}, events = {0};
    struct err err;

    (void)url;
    sem_init(&tasks.rung, 0, 0);
    store_listen(s, "tasks", ring, &tasks);
    store_listen(s, "events", ring, &events);
    ASSERT_FAILS(store_write_wait(s, notify_tasks, (void *)(uintptr_t) "bad", &err), err, ERR_CONFLICT);
    ASSERT_OK(store_write_wait(s, notify_tasks, (void *)(uintptr_t) "a", &err), err);
    sem_wait(&tasks.rung);
    CU_ASSERT_EQUAL(atomic_load(&tasks.count), 1);
    CU_ASSERT_EQUAL(atomic_load(&events.count), 0);
    ASSERT_FAILS(store_read(s, notify_reading, NULL, &err), err, ERR_INTERNAL);
}

/* ---- the sealer ---- */

struct seals {
    sem_t ran;
    atomic_int runs, fail, again;
};

static int seal(struct store_tx *tx, void *ctx, struct err *err)
{
    struct seals *seals = ctx;

    atomic_fetch_add(&seals->runs, 1);
    sem_post(&seals->ran);
    if (atomic_load(&seals->fail) > 0) {
        atomic_fetch_sub(&seals->fail, 1);
        return err_set(err, ERR_INTERNAL, "the test wants this");
    }
    if (atomic_load(&seals->again) > 0) {
        atomic_fetch_sub(&seals->again, 1);
        store_seal_again(tx);
    }
    return store_exec(tx, "UPDATE meta SET value = 'sealed' WHERE value = 'x'", STORE_NO_ARGS, NULL, err);
}

static int look(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t ignored;

    (void)ctx;
    return store_query_int(tx, "SELECT COUNT(*) FROM meta", STORE_NO_ARGS, 0, &ignored, err);
}

void test_sealer(void)
{
    FRESH(url, s);
    struct seals seals = {0};
    struct err err;

    (void)url;
    sem_init(&seals.ran, 0, 0);
    store_set_sealer(s, seal, &seals);
    sem_wait(&seals.ran); /* what a crash left */
    CU_ASSERT(store_is_leader(s));
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    sem_wait(&seals.ran);
    while (db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'sealed'") != 1)
        sleep_ms(1);
    atomic_store(&seals.again, 2);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('b', 'x')");
    for (int i = 0; i < 3; i++)
        sem_wait(&seals.ran);
    sleep_ms(150);
    CU_ASSERT_EQUAL(atomic_load(&seals.runs), 5);
    /* Neither reading nor a unit that wrote nothing wakes it; nor does its own writing. */
    ASSERT_OK(store_write_wait(s, look, NULL, &err), err);
    db_int(s, "SELECT COUNT(*) FROM meta");
    sleep_ms(150);
    CU_ASSERT_EQUAL(atomic_load(&seals.runs), 5);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('c', 'x')");
    db_close(&s); /* seals before it closes */
    CU_ASSERT_EQUAL(atomic_load(&seals.runs), 6);
    s = db_open(url);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'sealed'"), 3);
}

void test_sealer_fails(void)
{
    FRESH(url, s);
    struct seals seals = {0};

    (void)url;
    sem_init(&seals.ran, 0, 0);
    atomic_store(&seals.fail, 2);
    store_set_sealer(s, seal, &seals);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    for (int i = 0; i < 3; i++)
        sem_wait(&seals.ran);
    while (db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'sealed'") != 1)
        sleep_ms(1);
}

/* How often the threads of this process but the calling one were put on a processor. */
static int64_t wakeups(void)
{
    CLEANUP(close_dir) DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int64_t total = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(tasks);
    while ((task = readdir(tasks))) {
        CLEANUP(close_file) FILE *status = NULL;
        char path[320], line[128];
        long long n;

        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        if (task->d_name[0] == '.' || atol(task->d_name) == getpid() || !(status = fopen(path, "re")))
            continue;
        while (fgets(line, sizeof line, status))
            if (sscanf(line, "voluntary_ctxt_switches: %lld", &n) == 1)
                total += n;
    }
    return total;
}

void test_idle(void)
{
    FRESH(url, s);
    struct seals seals = {0};
    int64_t before;

    (void)url;
#ifdef __SANITIZE_THREAD__
    test_skip("ThreadSanitizer has a thread of its own that wakes");
    return;
#endif
    sem_init(&seals.ran, 0, 0);
    store_set_sealer(s, seal, &seals);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    while (db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'sealed'") != 1)
        sleep_ms(1);
    sleep_ms(200);
    before = wakeups();
    sleep_ms(300);
    CU_ASSERT_EQUAL(wakeups(), before);
    CU_ASSERT(before > 0);
}
