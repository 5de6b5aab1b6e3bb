/* Owns the schema's history: numbered SQL files, embedded, applied once each and in order, never backwards. Called by store_open.
 * Every applied file is remembered with its SHA-256, so that a changed file or a database of a newer release is seen before it does harm.
 * The files are split at semicolons outside of quotes and comments; ${blob} and ${serial} stand for the two types that the databases name
 * differently. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "store/store_priv.h"
#include <string.h>

#define STATEMENT_BYTES (64u << 10)

/* What ${...} at `at` stands for, NULL if it is no such word; *out_len: its length in the text. */
static const char *substitute(const struct driver *driver, const char *at, size_t *out_len)
{
    const char *const words[][2] = {{"${blob}", driver->blob_type}, {"${serial}", driver->serial_type}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *out_len = strlen(words[i][0]);
        if (strncmp(at, words[i][0], *out_len) == 0)
            return words[i][1];
    }
    return NULL;
}

/* Length of the quoted text or comment that starts at `at`; 0 if none does. An open one reaches to the end. */
static size_t opaque_length(const char *at)
{
    const char *end;
    size_t extra;

    if (strncmp(at, "--", 2) == 0) {
        end = strchr(at, '\n');
        extra = 1;
    } else if (strncmp(at, "/*", 2) == 0) {
        end = strstr(at + 2, "*/");
        extra = 2;
    } else if (*at == '\'' || *at == '"') {
        end = strchr(at + 1, *at);
        extra = 1;
    } else {
        return 0;
    }
    return end ? (size_t)(end - at) + extra : strlen(at);
}

/* Reads the next statement from *text into `out`, without comments. Returns 1, 0 at the end, -1. */
static int next_statement(const struct driver *driver, const char **text, struct buf *out, struct err *err)
{
    const char *at = *text;

    buf_reset(out);
    while (*at && *at != ';') {
        size_t len = opaque_length(at);
        const char *word = NULL;

        if (len && (*at == '-' || *at == '/')) {
            buf_add_char(out, '\n');
        } else if (len) {
            buf_add(out, at, len);
        } else if (at[0] == '$' && at[1] == '{') {
            if (!(word = substitute(driver, at, &len)))
                return err_set(err, ERR_MIGRATION, "unknown word at \"%.12s\"; there are ${blob} and ${serial}", at);
            buf_add_text(out, word);
        } else {
            buf_add(out, at, len = 1);
        }
        at += len;
    }
    if (out->overflow)
        return err_set(err, ERR_MIGRATION, "a statement of more than %u bytes", STATEMENT_BYTES);
    *text = *at ? at + 1 : at;
    return buf_text(out)[strspn(buf_text(out), " \t\r\n")] ? 1 : *at ? next_statement(driver, text, out, err) : 0;
}

static int run_file(struct driver_conn *conn, const struct embedded_file *file, struct err *err)
{
    CLEANUP(buf_fini) struct buf statement = BUF_INIT(STATEMENT_BYTES);
    const char *text = file->bytes;
    int more;

    while ((more = next_statement(conn->driver, &text, &statement, err)) > 0)
        if (conn->driver->run_text(conn, buf_text(&statement), err) < 0)
            return -1;
    return more;
}

static int64_t version_of(const struct embedded_file *file) { return strtol(file->name, NULL, 10); }

static int apply(struct driver_conn *conn, const struct embedded_file *file, struct err *err)
{
    char checksum[CRYPTO_SHA256_HEX];

    if (run_file(conn, file, err) < 0)
        return -1;
    crypto_sha256_hex(file->bytes, file->len, checksum);
    return conn->driver->exec(
        conn, "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        STORE_ARGS(store_int(version_of(file)), store_text(file->name), store_text(checksum), store_int(clock_now_us())), NULL, err);
}

/* Compares what was applied with the files; *out_applied: how many of them were. */
static int verify(struct driver_conn *conn, const struct embedded_file *files, size_t *out_applied, struct err *err)
{
    const struct driver *driver = conn->driver;
    struct driver_rows *rows = NULL;
    size_t at = 0;
    int more, result = 0;

    if (driver->query(conn, "SELECT version, name, checksum FROM schema_migrations ORDER BY version", STORE_NO_ARGS, &rows, err) < 0)
        return -1;
    while (result == 0 && (more = driver->next(rows, err)) > 0) {
        int64_t version = driver->column(rows, 0, STORE_INT).integer;
        const char *name = driver->column(rows, 1, STORE_TEXT).bytes;
        const char *checksum = driver->column(rows, 2, STORE_TEXT).bytes;
        char wanted[CRYPTO_SHA256_HEX];

        if (!files[at].name || version_of(&files[at]) != version)
            result = err_set(
                err, ERR_MIGRATION,
                "the database has migration %lld (%s), which this release does not know: it was made by a newer one; run that release, or "
                "restore a backup",
                (long long)version, name ? name : "");
        else if (!checksum || strcmp(crypto_sha256_hex(files[at].bytes, files[at].len, wanted), checksum) != 0)
            result = err_set(err, ERR_MIGRATION,
                             "migration %s is not the one that was applied to this database; run the release that made it", files[at].name);
        at++;
    }
    driver->rows_close(rows);
    if (result < 0 || more < 0)
        return -1;
    *out_applied = at;
    return 0;
}

static int bring_up(struct driver_conn *conn, const struct embedded_file *files, struct err *err)
{
    static const char create[] =
        "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
        "applied_at BIGINT NOT NULL)";
    const struct driver *driver = conn->driver;
    size_t at = 0;

    if (driver->begin(conn, false, err) < 0)
        return -1;
    if (driver->lock_migrations && driver->lock_migrations(conn, err) < 0)
        return -1;
    if (driver->run_text(conn, create, err) < 0 || verify(conn, files, &at, err) < 0)
        return -1;
    for (; files[at].name; at++)
        if (apply(conn, &files[at], err) < 0)
            return err_wrap(err, "migration %s", files[at].name);
    return driver->commit(conn, err);
}

int migrations_apply(struct driver_conn *conn, const struct embedded_file *files, struct err *err)
{
    if (bring_up(conn, files, err) == 0)
        return 0;
    conn->driver->rollback(conn);
    if (err->code == ERR_STORE || err->code == ERR_STORE_CONSTRAINT)
        err->code = ERR_MIGRATION;
    return -1;
}

int migrations_pending(struct driver_conn *conn, const struct embedded_file *files, size_t *out_pending, struct err *err)
{
    size_t applied = 0, known = 0;

    if (verify(conn, files, &applied, err) < 0)
        return -1;
    while (files[known].name)
        known++;
    *out_pending = known - applied;
    return 0;
}
