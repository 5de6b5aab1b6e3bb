/* Owns replies without an end: bytes are asked for one chunk after the other, and a stream that has none is parked, so it costs memory and
 * no thread. A client that does not take what was sent for a while loses its connection. Called on HTTP threads. */
#include "api/http_priv.h"

#define BLOCK_BYTES 1024 /* for clients of HTTP/1.0; the others' chunks are made in the connection's own memory */

void http_reply_stream(struct http_request *r, const char *content_type, http_stream_next next)
{
    if (r->reply.status)
        return;
    http_reply(r, 200, content_type, NULL, 0);
    r->reply.stream = next;
}

/* libmicrohttpd asks only when all that came before has been sent: so each chunk gets a deadline of its own. */
static ssize_t on_wanted(void *ctx, uint64_t at, char *to, size_t cap)
{
    struct http_request *r = ctx;
    ssize_t len;

    (void)at;
    r->suspended = false;
    http_conn_phase(r->server, r->conn, HTTP_HANDLING);
    len = r->reply.stream(r, to, cap);
    if (len == 0)
        return 0;
    http_conn_phase(r->server, r->conn, HTTP_STREAMING);
    return len > 0 ? len : MHD_CONTENT_READER_END_OF_STREAM;
}

struct MHD_Response *http_stream_response(struct http_request *r)
{
    http_conn_phase(r->server, r->conn, HTTP_STREAMING);
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_wanted, r, NULL);
}
