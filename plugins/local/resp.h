/* A connection to a Redis server: RESP2 by hand, small. The slot's thread. */
#pragma once
#include "local.h"

struct resp {
    const inno_host *host;
    inno_call *call;
    int fd;
    char buffer[8192];
    size_t at, len;
    int64_t open_ms, open_by_ms; /* how long opening may take, and until when (monotonic; 0: it is open) */
    size_t room;                 /* bytes that the present answer may still take */
    char address[300];
    struct resp_tls *tls; /* NULL: none */
};

/* What the server answered. Lists are walked with `items`; freed by resp_free as a whole. */
struct resp_value {
    char kind; /* '+' '-' ':' '$' '*', '_' for nil */
    char *text;
    size_t len;
    int64_t number;
    struct resp_value *items;
    size_t count;
};

/* How a server is reached. user NULL: the default one; password NULL: no login; ca_file NULL: no TLS. */
struct resp_server {
    const char *name, *port, *user, *password, *ca_file;
};
/* Connects and logs in. On failure host->fail has been called. */
inno_rc resp_open(const inno_host *host, inno_call *call, const struct resp_server *server, struct resp *out);
void resp_close(struct resp *r);
/* A word of a command: any bytes. */
struct resp_word {
    const char *bytes;
    size_t len;
};
/* One command of `count` words. An answer that is an error is the failure, unless `refusal` is given: then INNO_OK and *refusal set. */
inno_rc resp_send(struct resp *r, const char *what, const struct resp_word *words, size_t count, struct resp_value *out, bool *refusal);
/* The same with at most RESP_WORDS texts. */
#define RESP_WORDS 20
inno_rc resp_ask(struct resp *r, const char *what, const char *const *words, size_t count, struct resp_value *out, bool *refusal);
void resp_free(struct resp_value *value);

/* ---- between resp.c and resp_tls.c ---- */

/* Until the socket is ready, the call is canceled or its deadline has passed. */
inno_rc resp_wait(struct resp *r, short events, const char *what);
/* Verifies the server's certificate and name. */
inno_rc resp_tls_begin(struct resp *r, const char *name, const char *ca_file);
void resp_tls_end(struct resp *r); /* none is fine */
/* As recv and send; -1 with *wants POLLIN or POLLOUT when the socket must be waited for, 0 when errno says why. */
ssize_t resp_tls_read(struct resp *r, char *bytes, size_t cap, short *wants);
ssize_t resp_tls_write(struct resp *r, const char *bytes, size_t len, short *wants);
