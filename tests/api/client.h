/* A client that sends exactly the bytes it is told to, so that broken requests can be sent too. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct answer {
    int status; /* 0: the connection ended without an answer */
    char *text; /* all of it; answer_fini */
    const char *body;
};

int client_connect(int port);
void client_send(int fd, const char *bytes, size_t len); /* a broken connection is fine */
/* Reads one answer (by Content-Length) or up to the end. The time it waits at most is a guard against hanging. */
struct answer client_read(int fd);
/* connect, send, read, close. Knows that the answer to HEAD has no body. */
struct answer client_exchange(int port, const char *request);
/* The value of a header, "" if absent. Valid until the next call. */
const char *answer_header(const struct answer *answer, const char *name);
void answer_fini(struct answer *answer);
/* True when the other side closes the connection within `ms`. */
bool client_closed_within(int fd, int ms);
