/* The REST client of the command line: which server, with which key, and what a bad answer means. One command, one thread. */
#pragma once
#include "cli/command.h"
#include "net/net.h"

void client_free(struct client *client); /* NULL is fine */

/* "/api/v1" + path; `{}` in the path is the escaped word. Arena text. */
const char *client_path(struct cli *c, const char *path, const char *word);
/* Adds name=value to a target; a NULL value adds nothing. Arena text. */
const char *client_query(struct cli *c, const char *target, const char *name, const char *value);
/* Adds team=, from --team. Only for routes that know it. */
const char *client_team(struct cli *c, const char *target);

struct client_call {
    const char *method, *target;
    const json_t *body;      /* NULL: none */
    const char *source;      /* the document that the body carries, to show the lines of what is wrong in it; NULL: none */
    const char *source_name; /* as the user named it */
    char **text;             /* gets the body of a good answer that need not be JSON, fresh (free()); NULL: JSON is expected */
    bool signs_in;           /* a refusal is about the name and the password in the body, not about a key */
    bool creates;            /* sends an Idempotency-Key, so that a repeated request is one act */
    int64_t timeout_ms;      /* 0: 30 s */
    bool silent;             /* says nothing of refusals either */
    bool quiet;              /* says nothing when there is no answer or a 503 (EXIT_UNREACHABLE): the caller tries again */
};

/* 0 with the answer's body (new reference; NULL of an empty one) in *out, or the exit code after the problem was printed. */
int client_do(struct cli *c, const struct client_call *call, json_t **out);
int client_get(struct cli *c, const char *target, json_t **out);

/* A text/event-stream. The callbacks run on the net's thread; `done` comes once, when client_stream_start succeeded. */
struct client_stream {
    const char *target;
    int64_t after; /* Last-Event-ID; below 0: none */
    int (*on_chunk)(void *ctx, const char *bytes, size_t len);
    net_done done;
    void *ctx;
};
int client_stream_start(struct cli *c, const struct client_stream *stream, uint64_t *out_id, struct err *err);
void client_stream_cancel(struct cli *c, uint64_t id);

/* All pages of a list, at most `most` items (0: all), as {items, next_cursor}. */
int client_list(struct cli *c, const char *target, int64_t most, json_t **out);
/* The same with another way to ask for a page. */
typedef int (*client_getter)(struct cli *c, const char *target, json_t **out);
int client_list_by(struct cli *c, client_getter get, const char *target, int64_t most, json_t **out);

/* The server's address, for messages and login; NULL after an error was set. */
const char *client_url(struct cli *c, struct err *err);
/* The Date header of the last answer; NULL: none. */
const char *client_date(const struct cli *c);
/* Where the key came from; NULL without a key or before client_url. */
/* The file that should hold the local server's key and is not there; else NULL. */
const char *client_key_gone(const struct cli *c);
const char *client_key_source(const struct cli *c);
/* A session of a login: used from now on in place of any other key. */
void client_use_key(struct cli *c, const char *key);
