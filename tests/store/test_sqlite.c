/* What only SQLite can get into: its files, its lock, its disk. */
#include "base/io.h"
#include "base/mem.h"
#include "db.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path_of(const char *url) { return url + strlen("sqlite:"); }

void test_locked(void)
{
    FRESH(url, s);
    struct store *second = NULL;
    char pid[24];
    struct err err;

    ASSERT_FAILS(store_open(&(struct store_options){.url = url}, &second, &err), err, ERR_STORE_LOCKED);
    snprintf(pid, sizeof pid, "(pid %ld)", (long)getpid());
    ASSERT_CONTAINS(err.msg, pid);
    ASSERT_CONTAINS(err.msg, "--state-dir");
    db_close(&s);
    s = db_open(url);
}

void test_no_directory(void)
{
    struct store *s = NULL;
    struct err err;

    ASSERT_FAILS(store_open(&(struct store_options){.url = "sqlite:/no/such/directory/x.db"}, &s, &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "/no/such/directory/x.db");
    ASSERT_CONTAINS(err.msg, "does not exist");
}

void test_not_a_database(void)
{
    const char *url = db_url();
    CLEANUP(free_ptr) char *noise = mem_zalloc(8192);
    struct store *s = NULL;
    struct err err;

    memset(noise, 'x', 8192);
    ASSERT_OK(io_write_atomic(path_of(url), noise, 8192, 0600, &err), err);
    ASSERT_FAILS(store_open(&(struct store_options){.url = url}, &s, &err), err, ERR_STORE_CORRUPT);
    ASSERT_CONTAINS(err.msg, path_of(url));
}

void test_private_files(void)
{
    FRESH(url, s);
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < 4; i++) {
        CLEANUP(free_ptr) char *path = mem_printf("%s%s", path_of(url), suffixes[i]);
        struct stat st = {0};

        CU_ASSERT_EQUAL(stat(path, &st), 0);
        CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    }
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 0);
}

static int big_row(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_exec(tx, "INSERT INTO big (bytes) VALUES ($1)", STORE_ARGS(store_blob(ctx, 16384)), NULL, err);
}

/* Writes until there is no room, checks that everything answered as stored is there; returns how many rows. */
static int64_t fill(struct store *s)
{
    CLEANUP(free_ptr) char *bytes = mem_zalloc(16384);
    int64_t rows = 0;
    struct err err = {0};

    memset(bytes, 'x', 16384);
    while (rows < 10000 && store_write_wait(s, big_row, bytes, &err) == 0)
        rows++;
    CU_ASSERT_EQUAL(err.code, ERR_STORE_FULL);
    CU_ASSERT(rows > 10 && rows < 10000);
    for (int i = 0; i < 3; i++)
        ASSERT_FAILS(store_write_wait(s, big_row, bytes, &err), err, ERR_STORE_FULL);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM big"), rows);
    return rows;
}

void test_page_limit(void)
{
    FRESH(url, s);

    (void)url;
    db_must(s, "CREATE TABLE big (bytes BLOB)");
    db_must(s, "PRAGMA max_page_count = 400");
    fill(s);
    db_must(s, "PRAGMA max_page_count = 100000");
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

static void unmount(const char **dir) { umount2(*dir, MNT_DETACH); }

void test_disk_full(void)
{
    CLEANUP(unmount) const char *dir = test_dir();
    CLEANUP(free_ptr) char *url = mem_printf("sqlite:%s/test.db", dir);
    CLEANUP(free_ptr) char *ballast = mem_printf("%s/ballast", dir);
    CLEANUP(free_ptr) char *bytes = mem_zalloc(1 << 20);
    CLEANUP(db_close) struct store *s = NULL;
    int64_t rows;
    struct err err;

    if (mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m") < 0) {
        test_skip("may not mount a small file system here");
        return;
    }
    ASSERT_OK(io_write_atomic(ballast, bytes, 1 << 20, 0600, &err), err);
    s = db_open(url);
    db_must(s, "CREATE TABLE big (bytes BLOB)");
    rows = fill(s);
    CU_ASSERT_EQUAL(unlink(ballast), 0);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')"); /* no restart, no help */
    db_close(&s);
    s = db_open(url);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM big"), rows);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

/* Another program takes SQLite's write lock (a byte of the -shm file, see walformat) and lets go after a while. */
void test_foreign_lock(void)
{
    FRESH(url, s);
    CLEANUP(free_ptr) char *shm = mem_printf("%s-shm", path_of(url));
    int ready[2], status;
    pid_t pid;
    char c;

    CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        int fd = open(shm, O_RDWR | O_CLOEXEC);
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
        int result = fd < 0 ? -1 : fcntl(fd, F_SETLK, &lock);

        if (write(ready[1], "x", 1) != 1)
            result = -1;
        usleep(300000);
        _exit(result == 0 ? 0 : 1);
    }
    CU_ASSERT_EQUAL(read(ready[0], &c, 1), 1);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_EQUAL(status, 0);
    close(ready[0]);
    close(ready[1]);
}
