/* Owns what a waiting PostgreSQL connection does: notifications and leadership. Called by the threads of watch.c; everything sleeps in
 * poll(2). */
#include "base/cleanup.h"
#include "store/pg_priv.h"
#include <errno.h>
#include <poll.h>
#include <string.h>

/* Channels are names of the whole database. */
#define CHANNEL_PREFIX "inno_"

int pg_listen(struct driver_conn *conn, const char *channel, struct err *err)
{
    struct pg_conn *c = pg_conn_of(conn);
    char name[64], sql[160];
    char *quoted;

    snprintf(name, sizeof name, CHANNEL_PREFIX "%s", channel);
    quoted = PQescapeIdentifier(c->pg, name, strlen(name));
    if (!quoted)
        return pg_fail(c, NULL, "LISTEN", err);
    snprintf(sql, sizeof sql, "LISTEN %s", quoted);
    PQfreemem(quoted);
    return pg_simple(c, sql, err);
}

int pg_notify(struct driver_conn *conn, const char *channel, struct err *err)
{
    struct pg_conn *c = pg_conn_of(conn);
    char name[64];
    const char *const values[] = {name};
    CLEANUP(pg_clear) PGresult *result = NULL;

    snprintf(name, sizeof name, CHANNEL_PREFIX "%s", channel);
    result = PQexecParams(c->pg, "SELECT pg_notify($1, '')", 1, NULL, values, NULL, NULL, 0);
    return PQresultStatus(result) == PGRES_TUPLES_OK ? 0 : pg_fail(c, result, "NOTIFY", err);
}

/* Hands out what has arrived; our own notifications were delivered inside the process already. Returns whether there was one. */
static bool deliver(struct pg_conn *c, driver_notified fn, void *ctx)
{
    bool any = false;
    PGnotify *notification;

    while ((notification = PQnotifies(c->pg))) {
        if (fn && notification->be_pid != PQbackendPID(c->pg) &&
            strncmp(notification->relname, CHANNEL_PREFIX, strlen(CHANNEL_PREFIX)) == 0) {
            fn(ctx, notification->relname + strlen(CHANNEL_PREFIX));
            any = true;
        }
        PQfreemem(notification);
    }
    return any;
}

/* Sleeps until the server sent something, wake_fd is readable or the time is over; takes in what was sent. */
static int sleep_once(struct pg_conn *c, int wake_fd, int timeout_ms, bool *out_woken, struct err *err)
{
    struct pollfd fds[] = {{.fd = PQsocket(c->pg), .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};

    if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR)
        return err_set_sys(err, ERR_STORE, "cannot wait for the database");
    if (fds[0].revents && !PQconsumeInput(c->pg))
        return pg_fail(c, NULL, "waiting for the database", err);
    *out_woken = fds[1].revents != 0;
    return 0;
}

int pg_wait(struct driver_conn *conn, int wake_fd, int timeout_ms, driver_notified fn, void *ctx, struct err *err)
{
    struct pg_conn *c = pg_conn_of(conn);
    bool woken;

    /* Answers of earlier commands may have brought notifications along. */
    if (deliver(c, fn, ctx))
        return 0;
    if (sleep_once(c, wake_fd, timeout_ms, &woken, err) < 0)
        return -1;
    deliver(c, fn, ctx);
    return 0;
}

int pg_lead(struct driver_conn *conn, int wake_fd, bool *out_held, struct err *err)
{
    struct pg_conn *c = pg_conn_of(conn);
    bool woken = false;

    /* The server keeps the query waiting until the present leader's session ends: nothing has to be asked again. */
    if (!c->lead_sent && !PQsendQuery(c->pg, "SELECT pg_advisory_lock(" PG_LOCK_LEADER ")"))
        return pg_fail(c, NULL, "asking for leadership", err);
    c->lead_sent = true;
    while (PQisBusy(c->pg) && !woken)
        if (sleep_once(c, wake_fd, -1, &woken, err) < 0)
            return -1;
    if (PQisBusy(c->pg)) {
        *out_held = false;
        return 0;
    }
    c->lead_sent = false;
    for (PGresult *result; (result = PQgetResult(c->pg));) {
        bool good = PQresultStatus(result) == PGRES_TUPLES_OK;

        if (!good)
            pg_fail(c, result, "asking for leadership", err);
        PQclear(result);
        if (!good)
            return -1;
    }
    *out_held = true;
    return 0;
}
