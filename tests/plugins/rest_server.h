/* A little HTTP and HTTPS server in the test's own process, that answers in all the ways in which backends disappoint. */
#pragma once
#include <stdbool.h>

struct rest_server;

/* Starts on a free port of 127.0.0.1. Paths say what happens: /ok, /echo, /status/NNN (with the request's body in the message), /plain,
 * /fail/N (503 N times), /fail502/N, /after/N (429 with Retry-After: N), /reset/N (connection torn N times), /hang, /drip, /large,
 * /garbage, /away (redirect to another host), /moved (to /ok), /loop. tls: HTTPS with a certificate of the authority `authority`; client:
 * only for clients with a certificate of it. */
struct rest_server *rest_server_start(bool tls, bool client);
void rest_server_stop(struct rest_server *server);
/* How many requests came so far, and head and body of the last one (valid until the next call of this function). */
int rest_server_requests(struct rest_server *server);
const char *rest_server_last(struct rest_server *server);
const char *rest_server_url(const struct rest_server *server); /* http://127.0.0.1:PORT */
/* PEM texts: the authority, and a client's certificate and key. */
const char *rest_server_authority(const struct rest_server *server);
const char *rest_server_client(const struct rest_server *server);
const char *rest_server_client_key(const struct rest_server *server);
/* A port of 127.0.0.1 on which nobody listens. */
int rest_dead_port(void);
