/* Owns the checks of `doctor` that look at this machine: state directory, keys, database, audit, limits. */
#include "audit/chain.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/doctor.h"
#include "store/store.h"
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FREE_LEAST   (64ull << 20) /* bytes: below, writes are about to fail */
#define FREE_GOOD    (1ull << 30)
#define INODES_LEAST 1000u
#define FILES_LEAST  256u /* descriptors: a server with a few plugins and clients */
#define FILES_GOOD   4096u
#define AUDIT_ROWS   200000 /* more take longer than somebody waits for */

/* ---- the state directory ---- */

static const char *user_name(struct cli *c, uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);

    return entry ? arena_strdup(&c->arena, entry->pw_name) : arena_printf(&c->arena, "uid %u", (unsigned)uid);
}

static void check_space(struct doctor *d)
{
    struct statvfs fs;
    unsigned long long bytes;

    if (statvfs(d->state_dir, &fs) < 0) {
        doctor_note(d, "space", FINDING_WARN, NULL, "%s: %s", d->state_dir, strerror(errno));
        return;
    }
    bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
    doctor_note(d, "space",
                bytes < FREE_LEAST  ? FINDING_FAIL
                : bytes < FREE_GOOD ? FINDING_WARN
                                    : FINDING_OK,
                "free space on that disk: without it the server refuses writes", "%llu MiB free for %s", bytes >> 20, d->state_dir);
    if (fs.f_files) /* some file systems do not count them */
        doctor_note(d, "inodes", fs.f_favail < INODES_LEAST ? FINDING_FAIL : FINDING_OK,
                    "remove files on that disk; it has room for no more of them", "%llu free", (unsigned long long)fs.f_favail);
}

/* What a file of the state may be: its owner's alone. */
static void check_private(struct doctor *d, const char *check, const char *name)
{
    const char *path = arena_printf(&d->c->arena, "%s/%s", d->state_dir, name);
    struct stat st;

    if (lstat(path, &st) < 0) {
        doctor_note(d, check, errno == ENOENT ? FINDING_OK : FINDING_WARN, NULL, errno == ENOENT ? "%s is not there%s" : "%s: %s", path,
                    errno == ENOENT ? "; the server makes it, unless it was given another" : strerror(errno));
        return;
    }
    doctor_note(d, check, st.st_mode & 077 ? FINDING_FAIL : FINDING_OK, arena_printf(&d->c->arena, "chmod 600 %s", path), "%s, mode %04o%s",
                path, (unsigned)(st.st_mode & 07777), st.st_mode & 077 ? ": others can read it" : "");
}

void doctor_state(struct doctor *d)
{
    struct stat st;

    if (stat(d->state_dir, &st) < 0) {
        doctor_note(d, "state", errno == ENOENT ? FINDING_WARN : FINDING_FAIL,
                    "`innominatus serve` makes it; another one is named by --state-dir", "%s: %s", d->state_dir, strerror(errno));
        return;
    }
    if (!S_ISDIR(st.st_mode))
        doctor_note(d, "state", FINDING_FAIL, "name a directory with --state-dir", "%s is no directory", d->state_dir);
    else if (st.st_mode & 022)
        doctor_note(d, "state", FINDING_FAIL, arena_printf(&d->c->arena, "chmod go-w %s", d->state_dir),
                    "%s can be written by others (mode %04o); the server refuses it", d->state_dir, (unsigned)(st.st_mode & 07777));
    else
        doctor_note(d, "state", st.st_uid != geteuid() ? FINDING_WARN : FINDING_OK,
                    arena_printf(&d->c->arena, "run doctor as %s, who the server runs as", user_name(d->c, st.st_uid)),
                    "%s, of %s, mode %04o", d->state_dir, user_name(d->c, st.st_uid), (unsigned)(st.st_mode & 07777));
    check_space(d);
    check_private(d, "seal key", "seal.key");
    check_private(d, "admin key", "admin.key");
}

/* ---- the database ---- */

static void close_store(struct store **s) { store_close(*s); }

static int count_rows(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_query_int(tx, "SELECT COUNT(*) FROM audit", STORE_NO_ARGS, 0, ctx, err);
}

static void check_audit(struct doctor *d, struct store *store)
{
    CLEANUP(audit_report_fini) struct audit_report report = {0};
    struct err err = {0};
    int64_t rows = 0;

    if (store_read(store, count_rows, &rows, &err) < 0) {
        doctor_note_err(d, "audit", FINDING_FAIL, &err);
        return;
    }
    if (rows > AUDIT_ROWS) {
        doctor_note(d, "audit", FINDING_OK, NULL, "%lld rows, not looked at: `innominatus audit verify` does", (long long)rows);
        return;
    }
    if (audit_verify(store, NULL, &report, &err) < 0)
        doctor_note_err(d, "audit", FINDING_FAIL, &err);
    else if (report.problem_count)
        doctor_note(d, "audit", FINDING_FAIL, "`innominatus audit verify` lists them; compare with an export that was kept elsewhere",
                    "the chain is broken in %lld places", (long long)report.problem_count);
    else
        doctor_note(d, "audit", FINDING_OK, NULL, "the chain is whole, rows: %lld", (long long)report.rows);
}

static void check_integrity(struct doctor *d, struct store *store)
{
    CLEANUP(free_ptr) char *found = NULL;
    struct err err = {0};

    if (store_kind(store) != STORE_SQLITE)
        return;
    if (store_check_integrity(store, &found, &err) < 0)
        doctor_note(d, "integrity", err.code == ERR_TIMEOUT ? FINDING_WARN : FINDING_FAIL, err_remedy(err.code), "%s", err.msg);
    else
        doctor_note(d, "integrity", found ? FINDING_FAIL : FINDING_OK, "stop the server and put a copy of the state directory back", "%s%s",
                    found ? "the database file is damaged: " : "the database file is sound", found ? found : "");
}

void doctor_database(struct doctor *d)
{
    CLEANUP(close_store) struct store *store = NULL;
    struct store_options options = {.url = d->database};
    const char *file = str_starts(d->database, "sqlite:") ? d->database + strlen("sqlite:") : NULL;
    struct err err = {0};
    size_t pending = 0;

    if (file && access(file, F_OK) < 0 && errno == ENOENT) {
        doctor_note(d, "database", FINDING_WARN, "`innominatus serve` makes it at its first start", "%s is not there yet", file);
        return;
    }
    if (store_open_to_read(&options, &store, &pending, &err) < 0) {
        doctor_note_err(d, "database", FINDING_FAIL, &err);
        return;
    }
    doctor_note(d, "database", FINDING_OK, NULL, "%s answers", file ? file : "PostgreSQL");
    doctor_note(d, "migrations", pending ? FINDING_WARN : FINDING_OK,
                "the next start of `innominatus serve` applies them; keep a copy of the state before",
                pending ? "%zu to be applied" : "up to date%.0zu", pending);
    check_integrity(d, store);
    if (!pending)
        check_audit(d, store);
}

/* ---- limits ---- */

void doctor_limits(struct doctor *d)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return;
    doctor_note(d, "open files",
                files.rlim_cur < FILES_LEAST                                 ? FINDING_FAIL
                : files.rlim_cur < FILES_GOOD && files.rlim_max < FILES_GOOD ? FINDING_WARN
                                                                             : FINDING_OK,
                "raise the limit: ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit", "%llu allowed here, at most %llu",
                (unsigned long long)files.rlim_cur, (unsigned long long)files.rlim_max);
}
