/* Owns PostgreSQL connections and the statements that run on them (libpq). A connection is used by one thread at a time.
 *
 * Units that write run SERIALIZABLE. On SQLite they run one after the other, so they are written (and mostly tried out) as if alone; only
 * serializable gives them that on PostgreSQL too: under REPEATABLE READ two units that each check what the other writes (a quota, "nobody
 * else is running") would both pass. The price is a repeated run now and then, which units allow for by contract. Reading units get one
 * snapshot (REPEATABLE READ READ ONLY), which never has to be repeated. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/pg_priv.h"
#include <errno.h>
#include <limits.h>
#include <string.h>

/* Types of parameters and columns (pg_type.dat; they never change). */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, OID_FLOAT8 = 701 };

struct pg_stmt {
    char name[16];
    size_t count;
    Oid types[]; /* 0: was NULL when it was prepared, the server chose */
};

struct pg_rows {
    struct driver_rows base;
    PGresult *result;
    int row;            /* -1 before the first */
    struct arena bytes; /* decoded blobs of the present row */
};

/* ---- errors ---- */

static const struct {
    const char *state; /* SQLSTATE or the class it starts with */
    enum err_code code;
    bool lost, hide; /* hide: the server's text may quote values */
} states[] = {
    {"40001", ERR_STORE_RETRY, false, false}, /* serialization failure */
    {"40P01", ERR_STORE_RETRY, false, false}, /* deadlock */
    {"55P03", ERR_STORE_RETRY, false, false}, /* lock not available */
    {"26000", ERR_STORE_RETRY, false, false}, /* prepared statement is gone */
    {"53100", ERR_STORE_FULL, false, false},  /* disk full */
    {"XX001", ERR_STORE_CORRUPT, false, false},
    {"XX002", ERR_STORE_CORRUPT, false, false},
    {"08P01", ERR_STORE, false, false}, /* protocol: a wrong number of parameters */
    {"08", ERR_STORE, true, false},
    {"57P", ERR_STORE, true, false},   /* connection; shutdown */
    {"25P03", ERR_STORE, true, false}, /* idle in transaction: the session is ended */
    {"22", ERR_STORE, false, true},    /* data: "invalid input syntax ...: the value" */
    {"", ERR_STORE, false, false},
};

static int fail_constraint(const PGresult *result, const char *what, struct err *err)
{
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME), *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    return err_set(err, ERR_STORE_CONSTRAINT, "%s: %s (%s%s%s)", what, text ? text : "constraint", table ? table : "", table ? "." : "",
                   constraint ? constraint
                   : column   ? column
                              : "");
}

/* The text without its line ends, for one line of a message. */
static const char *one_line(const char *text, char *out, size_t cap)
{
    size_t len = 0;

    for (; *text && len + 1 < cap; text++)
        out[len++] = *text == '\n' || *text == '\t' ? ' ' : *text;
    while (len && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
    return out;
}

int pg_fail(struct pg_conn *c, const PGresult *result, const char *what, struct err *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    char line[300];
    size_t i = 0;

    if (result && PQresultStatus(result) == PGRES_EMPTY_QUERY)
        return err_set(err, ERR_STORE, "%s: a text must hold exactly one statement", what);
    if (!state) { /* libpq's own: the server did not answer */
        c->lost = c->lost || PQstatus(c->pg) == CONNECTION_BAD;
        return err_set(err, ERR_STORE, "%s: %s", what, one_line(PQerrorMessage(c->pg), line, sizeof line));
    }
    if (strncmp(state, "23", 2) == 0)
        return fail_constraint(result, what, err);
    if (strcmp(state, "57014") == 0)
        return err_set(err, ERR_STORE, "%s: took longer than %lld ms and was stopped", what, (long long)c->statement_ms);
    while (strncmp(state, states[i].state, strlen(states[i].state)) != 0)
        i++;
    c->lost = c->lost || states[i].lost || PQstatus(c->pg) == CONNECTION_BAD;
    if (states[i].hide || !text)
        return err_set(err, states[i].code, "%s: a value does not fit its column or function (SQLSTATE %s)", what, state);
    return err_set(err, states[i].code, "%s: %s (SQLSTATE %s)", what, one_line(text, line, sizeof line), state);
}

bool pg_succeeded(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
}

int pg_simple(struct pg_conn *c, const char *sql, struct err *err)
{
    CLEANUP(pg_clear) PGresult *result = PQexec(c->pg, sql);
    char words[DRIVER_WORDS];

    return pg_succeeded(result) ? 0 : pg_fail(c, result, driver_words(sql, words), err);
}

/* ---- opening ---- */

static void ignore_notice(void *ctx, const char *text) { (void)ctx, (void)text; }

static void drop_stmt(void *owner, void *prepared)
{
    struct pg_conn *c = owner;
    struct pg_stmt *stmt = prepared;
    char sql[40];

    snprintf(sql, sizeof sql, "DEALLOCATE %s", stmt->name);
    if (PQstatus(c->pg) == CONNECTION_OK && PQtransactionStatus(c->pg) == PQTRANS_INTRANS)
        PQclear(PQexec(c->pg, sql));
    free(stmt);
}

static void conn_close(struct driver_conn *conn)
{
    struct pg_conn *c = pg_conn_of(conn);

    if (c->lead_sent) { /* the server would go on waiting for the lock */
        PGcancel *cancel = PQgetCancel(c->pg);
        char ignored[64];

        if (cancel)
            PQcancel(cancel, ignored, sizeof ignored);
        PQfreeCancel(cancel);
    }
    if (c->pg) /* without it, libpq may not be there */
        PQfinish(take_ptr(c->pg));
    stmt_cache_fini(&c->cache);
    free(c);
}

static void close_conn(struct pg_conn **c)
{
    if (*c)
        conn_close(&(*c)->base);
    *c = NULL;
}

/* libpq's own text about a malformed URL would show parts of it, the password among them. */
static int check_url(const char *url, struct err *err)
{
    PQconninfoOption *parsed;
    bool good;

    if (pg_lib_load(err) < 0)
        return -1;
    parsed = PQconninfoParse(url, NULL);
    good = parsed != NULL;
    PQconninfoFree(parsed);
    return good ? 0
                : err_set(err, ERR_STORE, "the database URL cannot be read; write postgres://user:password@host:port/database?sslmode=...");
}

static int conn_connect(struct pg_conn *c, const char *url, struct err *err)
{
    /* What stands before dbname gives way to what the URL says. A dead peer is noticed within half a minute. */
    static const char *const keys[] = {"application_name",
                                       "connect_timeout",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       "dbname",
                                       "client_encoding",
                                       NULL};
    const char *const values[] = {"innominatus", "5", "15", "5", "3", "30000", url, "UTF8", NULL};
    char line[300];

    if (check_url(url, err) < 0)
        return -1;
    c->pg = PQconnectdbParams(keys, values, 1);
    if (!c->pg)
        mem_die(sizeof *c);
    PQsetNoticeProcessor(c->pg, ignore_notice, NULL);
    if (PQstatus(c->pg) != CONNECTION_OK)
        return err_set(err, ERR_STORE, "the database cannot be reached: %s", one_line(PQerrorMessage(c->pg), line, sizeof line));
    if (PQserverVersion(c->pg) < 130000)
        return err_set(err, ERR_STORE, "PostgreSQL %d is too old; 13 or newer is needed", PQserverVersion(c->pg) / 10000);
    return 0;
}

static int conn_configure(struct pg_conn *c, enum driver_role role, struct err *err)
{
    char sql[512];

    /* Units look up few rows by key. Without statistics (a young database) the planner would rather scan, and a scan is a conflict with
     * every other process's write to that table; so indexes come first, and nothing is compiled. Who waits longer than half a second for a
     * row is as good as in a deadlock (no transaction of ours takes so long) and runs again. */
    static const char writes[] = "SET enable_seqscan = off; SET jit = off; SET lock_timeout = 500";

    /* A commit that was answered is durable, whatever the server's default; a unit never idles inside its transaction. */
    snprintf(sql, sizeof sql,
             "SET statement_timeout = %lld; SET idle_in_transaction_session_timeout = 60000; SET standard_conforming_strings = on; SET "
             "bytea_output = hex; "
             "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
             role == DRIVER_WATCHER ? 0LL : (long long)c->statement_ms);
    if (pg_simple(c, sql, err) < 0 || (role == DRIVER_WRITER && pg_simple(c, writes, err) < 0))
        return -1;
    /* The waiting server side notices that we are gone, so that leadership moves on. */
    if (role == DRIVER_WATCHER && PQserverVersion(c->pg) >= 140000)
        return pg_simple(c, "SET client_connection_check_interval = '5s'", err);
    return 0;
}

static int conn_open(const struct driver_config *config, enum driver_role role, struct driver_conn **out, struct err *err)
{
    CLEANUP(close_conn) struct pg_conn *c = mem_zalloc(sizeof *c);

    c->base.driver = &driver_postgres;
    c->cache = (struct stmt_cache){.drop = drop_stmt, .owner = c};
    c->statement_ms = config->statement_ms;
    if (conn_connect(c, config->url, err) < 0 || conn_configure(c, role, err) < 0)
        return -1;
    *out = &take_ptr(c)->base;
    return 0;
}

static bool conn_alive(const struct driver_conn *conn)
{
    return !pg_conn_of(conn)->lost && PQstatus(pg_conn_of(conn)->pg) == CONNECTION_OK;
}

/* ---- transactions ---- */

static int conn_begin(struct driver_conn *conn, bool read_only, struct err *err)
{
    return pg_simple(pg_conn_of(conn), read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL SERIALIZABLE",
                     err);
}

static int conn_commit(struct driver_conn *conn, struct err *err)
{
    struct pg_conn *c = pg_conn_of(conn);
    CLEANUP(pg_clear) PGresult *result = PQexec(c->pg, "COMMIT");

    if (!pg_succeeded(result))
        return pg_fail(c, result, "COMMIT", err);
    /* A failed transaction answers COMMIT with ROLLBACK and no error. */
    return strcmp(PQcmdStatus(result), "COMMIT") == 0 ? 0 : err_set(err, ERR_STORE, "COMMIT: the transaction had failed");
}

static void conn_rollback(struct driver_conn *conn)
{
    struct pg_conn *c = pg_conn_of(conn);
    struct err ignored;

    pg_collect(c, NULL, &ignored);
    if (conn_alive(conn) && PQtransactionStatus(c->pg) != PQTRANS_IDLE)
        pg_simple(c, "ROLLBACK", &ignored);
}

static bool conn_usable(const struct driver_conn *conn) { return PQtransactionStatus(pg_conn_of(conn)->pg) == PQTRANS_INTRANS; }
static int64_t conn_changes(const struct driver_conn *conn) { return pg_conn_of(conn)->changes; }

/* READ COMMITTED, so that the instance that waited sees what the other one did. */
static int conn_lock_migrations(struct driver_conn *conn, struct err *err)
{
    return pg_simple(pg_conn_of(conn),
                     "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT "
                     "pg_advisory_xact_lock(" PG_LOCK_MIGRATIONS ")",
                     err);
}

/* ---- statements ---- */

static Oid type_of(enum store_type type)
{
    static const Oid types[] = {
        [STORE_NULL] = 0, [STORE_INT] = OID_INT8, [STORE_REAL] = OID_FLOAT8, [STORE_TEXT] = OID_TEXT, [STORE_BLOB] = OID_BYTEA};

    return types[type];
}

/* A statement that was prepared with a NULL takes any type there; otherwise the types must be those it was prepared with. */
static bool fits(const struct pg_stmt *stmt, const struct store_value *args, size_t count)
{
    if (stmt->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (stmt->types[i] && args[i].type != STORE_NULL && stmt->types[i] != type_of(args[i].type))
            return false;
    return true;
}

/* The highest $N outside of quotes. The server itself would not mind parameters that the text does not use. */
static size_t highest_parameter(const char *sql)
{
    size_t highest = 0;

    for (; *sql; sql++) {
        if (*sql == '\'' || *sql == '"') {
            sql += 1 + strcspn(sql + 1, *sql == '"' ? "\"" : "'");
            if (!*sql)
                break;
        } else if (*sql == '$' && sql[1] >= '1' && sql[1] <= '9') {
            size_t number = (size_t)strtoul(sql + 1, NULL, 10);

            highest = number > highest ? number : highest;
        }
    }
    return highest;
}

static int stmt_get(struct pg_conn *c, const char *sql, const char *words, const struct store_value *args, size_t count,
                    struct cached_stmt **out, struct err *err)
{
    struct cached_stmt *cached = stmt_cache_find(&c->cache, sql);
    CLEANUP(free_ptr) struct pg_stmt *stmt = NULL;
    CLEANUP(pg_clear) PGresult *result = NULL;

    if (cached && fits(cached->prepared, args, count)) {
        *out = cached;
        return 0;
    }
    if (pg_collect(c, NULL, err) < 0) /* nothing is prepared in between */
        return -1;
    if (cached)
        stmt_cache_remove(&c->cache, cached);
    if (count > LIMIT_STORE_ARGS)
        return err_set(err, ERR_STORE, "%s: more than %d parameters", words, LIMIT_STORE_ARGS);
    if (count != highest_parameter(sql))
        return err_set(err, ERR_STORE, "%s: takes %zu parameters, was given %zu", words, highest_parameter(sql), count);
    stmt = mem_zalloc(sizeof *stmt + count * sizeof stmt->types[0]);
    stmt->count = count;
    for (size_t i = 0; i < count; i++)
        stmt->types[i] = type_of(args[i].type);
    snprintf(stmt->name, sizeof stmt->name, "s%u", ++c->names);
    result = PQprepare(c->pg, stmt->name, sql, (int)count, stmt->types);
    if (!pg_succeeded(result))
        return pg_fail(c, result, words, err);
    *out = stmt_cache_add(&c->cache, sql, stmt);
    stmt = NULL;
    return 0;
}

struct pg_args {
    const char *values[LIMIT_STORE_ARGS];
    int lengths[LIMIT_STORE_ARGS], formats[LIMIT_STORE_ARGS];
    char numbers[LIMIT_STORE_ARGS][32];
};

static int args_fill(struct pg_args *to, const char *words, const struct store_value *args, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct store_value *v = &args[i];

        if (v->len > INT_MAX)
            return err_set(err, ERR_STORE, "%s: a value of more than 2 GiB", words);
        to->lengths[i] = (int)v->len; /* ignored for texts */
        to->formats[i] = v->type == STORE_BLOB;
        to->values[i] = v->type == STORE_NULL ? NULL : v->type == STORE_TEXT ? v->bytes : to->numbers[i];
        if (v->type == STORE_INT)
            snprintf(to->numbers[i], sizeof to->numbers[i], "%lld", (long long)v->integer);
        else if (v->type == STORE_REAL)
            snprintf(to->numbers[i], sizeof to->numbers[i], "%.17g", v->real);
        else if (v->type == STORE_BLOB)
            to->values[i] = v->bytes ? v->bytes : "";
    }
    return 0;
}

/* Rows that a statement changed: the count behind INSERT, UPDATE, DELETE. */
int64_t pg_rows_changed(PGresult *result)
{
    return strncmp(PQcmdStatus(result), "SELECT", 6) == 0 ? 0 : strtoll(PQcmdTuples(result), NULL, 10);
}

int pg_statement_failed(struct pg_conn *c, struct cached_stmt *cached, const PGresult *result, const char *words, struct err *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

    pg_fail(c, result, words, err);
    if (state && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0)) {
        /* The table or the session changed under the prepared statement; preparing it again helps, once. */
        stmt_cache_remove(&c->cache, cached);
        err->code = ERR_STORE_RETRY;
    }
    return -1;
}

/* Sends the statement behind those that are on their way; alone, it is run at once when its result is wanted (`out`). */
static int run(struct pg_conn *c, const char *sql, const struct store_value *args, size_t count, PGresult **out, struct err *err)
{
    CLEANUP(pg_clear) PGresult *result = NULL;
    struct cached_stmt *cached = NULL;
    struct pg_call call = {.count = (int)count};
    struct pg_args given;
    char words[DRIVER_WORDS];

    driver_words(sql, words);
    if ((c->sent_count == PG_SENT_MOST && pg_collect(c, NULL, err) < 0) || stmt_get(c, sql, words, args, count, &cached, err) < 0 ||
        args_fill(&given, words, args, count, err) < 0)
        return -1;
    call.name = ((struct pg_stmt *)cached->prepared)->name;
    call.values = given.values;
    call.lengths = given.lengths;
    call.formats = given.formats;
    if (!out || c->sent_count)
        return pg_send(c, cached, words, &call, err) < 0 || (out && pg_collect(c, out, err) < 0) ? -1 : 0;
    result = PQexecPrepared(c->pg, call.name, call.count, call.values, call.lengths, call.formats, 0);
    if (!pg_succeeded(result))
        return pg_statement_failed(c, cached, result, words, err);
    c->changes += pg_rows_changed(result);
    *out = take_ptr(result);
    return 0;
}

static int conn_exec(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, int64_t *out_changed,
                     struct err *err)
{
    CLEANUP(pg_clear) PGresult *result = NULL;

    if (run(pg_conn_of(conn), sql, args, count, &result, err) < 0)
        return -1;
    if (out_changed)
        *out_changed = pg_rows_changed(result);
    return 0;
}

static int conn_exec_soon(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, struct err *err)
{
    return run(pg_conn_of(conn), sql, args, count, NULL, err);
}

static int conn_run_text(struct driver_conn *conn, const char *sql, struct err *err) { return pg_simple(pg_conn_of(conn), sql, err); }

static int conn_query(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, struct driver_rows **out,
                      struct err *err)
{
    PGresult *result = NULL;
    struct pg_rows *rows;

    if (run(pg_conn_of(conn), sql, args, count, &result, err) < 0)
        return -1;
    rows = mem_zalloc(sizeof *rows);
    *rows = (struct pg_rows){.base.conn = conn, .result = result, .row = -1};
    *out = &rows->base;
    return 0;
}

static int rows_next(struct driver_rows *base, struct err *err)
{
    struct pg_rows *rows = (struct pg_rows *)base;

    (void)err; /* all rows are here already: a unit may run other statements between two of them */
    arena_fini(&rows->bytes);
    if (rows->row + 1 >= PQntuples(rows->result)) {
        rows->row = PQntuples(rows->result);
        return 0;
    }
    rows->row++;
    return 1;
}

static void rows_free(struct driver_rows *base)
{
    struct pg_rows *rows = (struct pg_rows *)base;

    arena_fini(&rows->bytes);
    PQclear(rows->result);
    free(rows);
}

static unsigned hex_digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15; }

/* bytea arrives as \x and hexadecimal digits. */
static const void *decode_bytea(struct pg_rows *rows, const char *text, size_t len, size_t *out_len)
{
    unsigned char *bytes;
    size_t count = len < 2 ? 0 : (len - 2) / 2;

    bytes = arena_alloc(&rows->bytes, count + 1);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(hex_digit(text[2 + 2 * i]) << 4 | hex_digit(text[3 + 2 * i]));
    *out_len = count;
    return bytes;
}

static struct store_value rows_column(struct driver_rows *base, int column, enum store_type want)
{
    struct pg_rows *rows = (struct pg_rows *)base;
    struct store_value v = {.type = want};
    const char *text;
    Oid type;

    if (rows->row < 0 || rows->row >= PQntuples(rows->result) || column < 0 || column >= PQnfields(rows->result) ||
        PQgetisnull(rows->result, rows->row, column))
        return store_null();
    text = PQgetvalue(rows->result, rows->row, column);
    type = PQftype(rows->result, column);
    if (type == OID_BOOL)
        text = *text == 't' ? "1" : "0"; /* as SQLite says it */
    if (want == STORE_INT) {
        v.integer = strtoll(text, NULL, 10);
    } else if (want == STORE_REAL) {
        v.real = strtod(text, NULL);
    } else {
        v.bytes = text;
        v.len = strlen(text);
        if (want == STORE_BLOB && type == OID_BYTEA)
            v.bytes = decode_bytea(rows, text, v.len, &v.len);
    }
    return v;
}

const struct driver driver_postgres = {
    .name = "PostgreSQL",
    .kind = STORE_POSTGRES,
    .capabilities = DRIVER_SHARED,
    .blob_type = "BYTEA",
    .serial_type = "BIGSERIAL PRIMARY KEY",
    .skip_locked = " FOR UPDATE SKIP LOCKED",
    .open = conn_open,
    .close = conn_close,
    .alive = conn_alive,
    .begin = conn_begin,
    .commit = conn_commit,
    .rollback = conn_rollback,
    .usable = conn_usable,
    .changes = conn_changes,
    .exec = conn_exec,
    .exec_soon = conn_exec_soon,
    .settle = pg_settle,
    .run_text = conn_run_text,
    .query = conn_query,
    .next = rows_next,
    .rows_close = rows_free,
    .column = rows_column,
    .lock_migrations = conn_lock_migrations,
    .listen = pg_listen,
    .notify = pg_notify,
    .wait = pg_wait,
    .lead = pg_lead,
};
