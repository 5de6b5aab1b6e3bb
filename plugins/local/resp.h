/* A connection to a Redis server: RESP2 by hand, small. The slot's thread. */
#pragma once
#include "local.h"

struct resp {
    const inno_host *host;
    inno_call *call;
    int fd;
    char buffer[8192];
    size_t at, len;
    size_t room; /* bytes that the present answer may still take */
    char address[300];
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

/* Connects to host:port and logs in. user NULL: the default one; password NULL: no login. On failure host->fail has been called. */
inno_rc resp_open(const inno_host *host, inno_call *call, const char *name, const char *port, const char *user, const char *password,
                  struct resp *out);
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
