/* Owns the connections to a PostgreSQL server; see pq.h. */
#include "pq.h"
#include "library.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOK_MS         100
#define MOST_CONNECT_MS 15000 /* and at most half of the call's time */

#define FUNCTIONS(X)                                                                                                                       \
    X(PQconnectStartParams)                                                                                                                \
    X(PQconnectPoll)                                                                                                                       \
    X(PQstatus)                                                                                                                            \
    X(PQsocket)                                                                                                                            \
    X(PQfinish)                                                                                                                            \
    X(PQerrorMessage)                                                                                                                      \
    X(PQsendQueryParams)                                                                                                                   \
    X(PQsendQuery)                                                                                                                         \
    X(PQconsumeInput)                                                                                                                      \
    X(PQisBusy)                                                                                                                            \
    X(PQgetResult)                                                                                                                         \
    X(PQresultStatus)                                                                                                                      \
    X(PQresultErrorField)                                                                                                                  \
    X(PQclear)                                                                                                                             \
    X(PQntuples)                                                                                                                           \
    X(PQgetvalue)                                                                                                                          \
    X(PQescapeIdentifier)                                                                                                                  \
    X(PQescapeLiteral)                                                                                                                     \
    X(PQfreemem)                                                                                                                           \
    X(PQgetCancel)                                                                                                                         \
    X(PQfreeCancel)                                                                                                                        \
    X(PQcancel)                                                                                                                            \
    X(PQhost)                                                                                                                              \
    X(PQport)                                                                                                                              \
    X(PQtransactionStatus)                                                                                                                 \
    X(PQsetNoticeProcessor)                                                                                                                \
    X(PQsetSingleRowMode)                                                                                                                  \
    X(PQencryptPasswordConn)

static struct {
    bool loaded;
    FUNCTIONS(LIBRARY_MEMBER)
} lib; /* one thread; a host process loads it once */

static inno_rc load(const inno_host *host, inno_call *call)
{
    const struct library_function functions[] = {FUNCTIONS(LIBRARY_FUNCTION)};

    return library_load(host, call, &lib.loaded, "libpq.so.5", "the PostgreSQL client library", "libpq5", functions,
                        sizeof functions / sizeof *functions);
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "PostgreSQL at HOST:PORT". */
static void say_where(const struct pq *pq, char out[300])
{
    const char *host = lib.PQhost(pq->conn), *port = lib.PQport(pq->conn);

    snprintf(out, 300, "PostgreSQL at %.250s:%.10s", host && host[0] ? host : "?", port && port[0] ? port : "?");
}

static inno_rc silent(struct pq *pq, inno_rc code, const char *words, int64_t ms)
{
    char where[300];

    say_where(pq, where);
    return ms ? pq->host->fail(pq->call, code, -1, "%s: %s %lld ms", where, words, (long long)ms)
              : pq->host->fail(pq->call, code, -1, "%s: %s", where, words);
}

/* Until the socket is ready, the call is canceled, its deadline has passed, or connecting takes too long. */
static inno_rc wait_for(struct pq *pq, short events, const char *what)
{
    struct pollfd fds[] = {{.fd = lib.PQsocket(pq->conn), .events = events}, {.fd = pq->host->cancel_fd(pq->call), .events = POLLIN}};

    for (;;) {
        int64_t left = pq->host->deadline_ms(pq->call);

        if (pq->host->canceled(pq->call))
            return pq->host->fail(pq->call, INNO_CANCELED, -1, "%s: stopped", what);
        if (left <= 0)
            return silent(pq, INNO_TIMEOUT, "the call's time is over", 0);
        if (pq->connect_by_ms && now_ms() >= pq->connect_by_ms)
            return silent(pq, INNO_TRANSIENT, "no answer within", pq->connect_ms);
        if (pq->connect_by_ms && left > pq->connect_by_ms - now_ms())
            left = pq->connect_by_ms > now_ms() ? pq->connect_by_ms - now_ms() : 1;
        if (poll(fds, 2, (int)(fds[1].fd < 0 && left > LOOK_MS ? LOOK_MS : left < 60000 ? left : 60000)) > 0 && fds[0].revents)
            return INNO_OK;
    }
}

static void ignore_notice(void *ctx, const char *message)
{
    (void)ctx;
    (void)message;
}

/* ---- connecting ---- */

static inno_rc connect_failed(struct pq *pq)
{
    static const char *const refusals[] = {"authentication failed",          "no password supplied",       "pg_hba.conf",
                                           "permission denied for database", "is not permitted to log in", "does not exist"};
    const char *message = lib.PQerrorMessage(pq->conn);
    inno_rc code = INNO_TRANSIENT;

    if (strstr(message, "too many connections"))
        memcpy(pq->sqlstate, "53300", 6); /* libpq does not tell the code */
    if (strstr(message, "could not create socket"))
        return pq->host->fail(pq->call, INNO_INVALID_CONFIG, -1,
                              "PostgreSQL: this entry may not use the network; add grant: [network] to it in the admin-config");
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strstr(message, refusals[i]))
            code = INNO_UNAUTHORIZED;
    if (strstr(message, "certificate"))
        code = INNO_INVALID_CONFIG;
    return pq->host->fail(pq->call, code, -1, "PostgreSQL: %.*s", (int)strcspn(message, "\n"), message); /* with the address */
}

static inno_rc finish_connect(struct pq *pq)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    inno_rc rc = INNO_OK;

    pq->connect_ms = pq->host->deadline_ms(pq->call) / 2;
    if (pq->connect_ms > MOST_CONNECT_MS)
        pq->connect_ms = MOST_CONNECT_MS;
    pq->connect_by_ms = now_ms() + pq->connect_ms;
    while (rc == INNO_OK && state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED)
            return connect_failed(pq);
        rc = wait_for(pq, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, "connecting to PostgreSQL");
        if (rc == INNO_OK)
            state = lib.PQconnectPoll(pq->conn);
    }
    pq->connect_by_ms = 0;
    if (rc == INNO_OK)
        lib.PQsetNoticeProcessor(pq->conn, ignore_notice, NULL);
    return rc;
}

static const char *setting(const struct local *self, const char *key) { return json_string_value(json_object_get(self->postgres, key)); }

/* Without TLS only to this machine, unless the entry says so: a socket, or an address whose host is this one and no other. */
static bool is_here(const char *url)
{
    static const char *const sockets[] = {"host=/", "host=%2F", "host=%2f"}, *const hosts[] = {"localhost", "[::1]"};
    const char *begin = strstr(url, "://"), *at, *end;
    size_t len;

    for (size_t i = 0; i < 3; i++)
        if (strstr(url, sockets[i]))
            return true;
    if (!begin || strstr(url, "host=")) /* key=value words, or a parameter that names another one */
        return false;
    begin += 3;
    end = begin + strcspn(begin, "/?");
    for (at = end; at > begin && at[-1] != '@'; at--)
        ;
    len = *at == '[' ? (size_t)strcspn(at, "]") + 1 : strcspn(at, ":/?");
    for (size_t i = 0; i < 2; i++)
        if (len == strlen(hosts[i]) && strncmp(at, hosts[i], len) == 0)
            return !memchr(at, ',', (size_t)(end - at));
    return len >= 7 && strncmp(at, "127.", 4) == 0 && strspn(at, "0123456789.") >= len && !memchr(at, ',', (size_t)(end - at));
}

inno_rc pq_open(const struct local *self, const inno_host *host, inno_call *call, const char *user, const char *password,
                const char *database, struct pq *out)
{
    char no_file[LOCAL_PATH_BYTES]; /* no password file of anybody's */
    const char *url = setting(self, "url");
    const char *keys[12] = {"dbname", "application_name", "passfile", "gssencmode", "client_encoding"},
               *values[12] = {url, "innominatus", no_file, "disable", "UTF8"};
    size_t count = 5;
    struct pq pq = {.host = host, .call = call};
    inno_rc rc;

    snprintf(no_file, sizeof no_file, "%s/no-password-file", self->data_dir);
    if (!url)
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "this entry knows no PostgreSQL server; add config.postgres: {url: 'postgres://USER@HOST/postgres', password: "
                          "file:/path} and grant: [network]");
    if ((rc = load(host, call)) != INNO_OK)
        return rc;
    if (!is_here(url) && !json_is_false(json_object_get(self->postgres, "tls"))) {
        keys[count] = "sslmode", values[count++] = "verify-full";
        keys[count] = "sslrootcert", values[count++] = self->postgres_ca[0] ? self->postgres_ca : "/etc/ssl/certs/ca-certificates.crt";
    }
    if (user)
        keys[count] = "user", values[count++] = user;
    if (user || setting(self, "password"))
        keys[count] = "password", values[count++] = user ? password : setting(self, "password");
    if (database)
        keys[count] = "dbname", values[count++] = database;
    pq.conn = lib.PQconnectStartParams(keys, values, 1);
    if (!pq.conn)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = lib.PQstatus(pq.conn) == CONNECTION_BAD ? connect_failed(&pq) : finish_connect(&pq);
    if (rc != INNO_OK)
        pq_close(&pq);
    *out = pq;
    return rc;
}

void pq_close(struct pq *pq)
{
    if (pq->conn)
        lib.PQfinish(pq->conn);
    pq->conn = NULL;
}

inno_rc pq_health(const struct local *self, const inno_host *host, inno_call *call)
{
    CLEANUP(pq_close) struct pq pq = {0};

    return pq_open(self, host, call, NULL, NULL, NULL, &pq);
}

/* ---- statements ---- */

static inno_rc statement_failed(struct pq *pq, const PGresult *result, const char *what)
{
    static const struct {
        const char *start;
        inno_rc code;
    } codes[] = {{"08", INNO_TRANSIENT},         {"53", INNO_TRANSIENT},         {"57P", INNO_TRANSIENT},   {"40", INNO_TRANSIENT},
                 {"55006", INNO_TRANSIENT},      {"55P03", INNO_TRANSIENT},      {"28", INNO_UNAUTHORIZED}, {"42501", INNO_UNAUTHORIZED},
                 {"42P04", INNO_ALREADY_EXISTS}, {"42710", INNO_ALREADY_EXISTS}, {"57014", INNO_CANCELED}};
    const char *state = result ? lib.PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL,
               *message = result ? lib.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    inno_rc code = state ? INNO_FAILED : INNO_TRANSIENT; /* no state: the connection is gone */

    snprintf(pq->sqlstate, sizeof pq->sqlstate, "%s", state ? state : "08006");
    for (size_t i = 0; state && i < sizeof codes / sizeof *codes; i++)
        if (strncmp(state, codes[i].start, strlen(codes[i].start)) == 0)
            code = codes[i].code;
    if (!message)
        message = lib.PQerrorMessage(pq->conn);
    if (!state) {
        char where[300];

        say_where(pq, where);
        return pq->host->fail(pq->call, code, -1, "%s: %s: %.*s", where, what, (int)strcspn(message, "\n"), message);
    }
    return pq->host->fail(pq->call, code, -1, "%s: %.*s%s%.5s%s", what, (int)strcspn(message, "\n"), message, " (", state, ")");
}

/* Asks the server to stop what it does; the connection is closed after it anyway. */
static void stop(struct pq *pq)
{
    PGcancel *cancel = lib.PQgetCancel(pq->conn);
    char ignored[256];

    if (cancel)
        lib.PQcancel(cancel, ignored, sizeof ignored);
    lib.PQfreeCancel(cancel);
}

/* Reads all results; the last good one goes to *out, the first bad one is the failure. */
static inno_rc read_results(struct pq *pq, const char *what, PGresult **out)
{
    inno_rc rc = INNO_OK;

    for (;;) {
        PGresult *result;
        ExecStatusType status;

        while (lib.PQisBusy(pq->conn)) {
            inno_rc waited = wait_for(pq, POLLIN, what);

            if (waited != INNO_OK) {
                stop(pq);
                return waited;
            }
            if (!lib.PQconsumeInput(pq->conn))
                return statement_failed(pq, NULL, what);
        }
        if (!(result = lib.PQgetResult(pq->conn)))
            return rc;
        status = lib.PQresultStatus(result);
        if (rc == INNO_OK && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE &&
            status != PGRES_EMPTY_QUERY)
            rc = status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
                     ? pq->host->fail(pq->call, INNO_UNSUPPORTED, -1, "%s: COPY from or to the client is not offered", what)
                     : statement_failed(pq, result, what);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            lib.PQclear(result);
            return rc; /* the connection is of no use any more */
        }
        if (out && rc == INNO_OK) {
            pq_clear(out);
            *out = result;
        } else {
            lib.PQclear(result);
        }
    }
}

inno_rc pq_run(struct pq *pq, const char *what, const char *sql, const char *const *params, int count, PGresult **out)
{
    if (!lib.PQsendQueryParams(pq->conn, sql, count, NULL, params, NULL, NULL, 0))
        return statement_failed(pq, NULL, what);
    return read_results(pq, what, out);
}

inno_rc pq_script(struct pq *pq, const char *what, const char *sql)
{
    if (!lib.PQsendQuery(pq->conn, sql))
        return statement_failed(pq, NULL, what);
    lib.PQsetSingleRowMode(pq->conn); /* each row is freed as it comes */
    return read_results(pq, what, NULL);
}

inno_rc pq_form(struct pq *pq, const char *what, const char *form, ...)
{
    char sql[4096];
    size_t used = 0;
    bool fits = true;
    va_list args;
    inno_rc rc;

    va_start(args, form);
    for (; *form && fits; form++) {
        char *quoted = NULL, one[2] = {*form, '\0'};

        if (*form == '%' && form[1] && *++form != '%') {
            const char *text = va_arg(args, const char *);

            quoted =
                *form == 'I' ? lib.PQescapeIdentifier(pq->conn, text, strlen(text)) : lib.PQescapeLiteral(pq->conn, text, strlen(text));
            fits = quoted != NULL;
        }
        if (fits) {
            int len = snprintf(sql + used, sizeof sql - used, "%s", quoted ? quoted : one);

            fits = len >= 0 && (size_t)len < sizeof sql - used;
            used += fits ? (size_t)len : 0;
        }
        lib.PQfreemem(quoted);
    }
    va_end(args);
    rc = fits ? pq_script(pq, what, sql) : pq->host->fail(pq->call, INNO_FAILED, -1, "%s: the statement is too long", what);
    explicit_bzero(sql, sizeof sql);
    return rc;
}

void pq_clear(PGresult **result)
{
    if (*result)
        lib.PQclear(*result);
    *result = NULL;
}

int pq_rows(const PGresult *result) { return result ? lib.PQntuples(result) : 0; }
const char *pq_text(const PGresult *result, int row, int column) { return lib.PQgetvalue(result, row, column); }
bool pq_in_transaction(const struct pq *pq) { return lib.PQtransactionStatus(pq->conn) == PQTRANS_INTRANS; }
const char *pq_host(const struct pq *pq) { return lib.PQhost(pq->conn); }
const char *pq_port(const struct pq *pq) { return lib.PQport(pq->conn); }

char *pq_scrambled(struct pq *pq, const char *user, const char *password)
{
    char *text = lib.PQencryptPasswordConn(pq->conn, password, user, "scram-sha-256"), *copy = text ? strdup(text) : NULL;

    lib.PQfreemem(text);
    return copy;
}
