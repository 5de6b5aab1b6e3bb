/* Owns the framing. Any thread; a descriptor belongs to one thread at a time. Also part of the plugin host. */
#include "plugin/protocol.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/secret.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define HEADER      4u
#define INPUT_BYTES 8192u       /* most calls */
#define INPUT_MOST  (64u << 10) /* more is given back */

static int append(const char *text, size_t len, void *ctx)
{
    struct buf *out = ctx;

    buf_add(out, text, len);
    return out->overflow ? -1 : 0;
}

int protocol_add(struct buf *out, const json_t *frame, size_t max_bytes, struct err *err)
{
    size_t start = out->len, body;

    buf_add(out, "\0\0\0\0", HEADER);
    if (json_dump_callback(frame, append, out, JSON_COMPACT) != 0 || out->overflow || out->len - start - HEADER > max_bytes) {
        out->len = start;
        return err_set(err, ERR_LIMIT, "the message to the plugin is larger than %zu bytes", max_bytes);
    }
    body = out->len - start - HEADER;
    for (unsigned i = 0; i < HEADER; i++)
        out->data[start + i] = (char)(unsigned char)(body >> (8 * i));
    return 0;
}

static size_t length_of(const char *header)
{
    size_t len = 0;

    for (unsigned i = 0; i < HEADER; i++)
        len |= (size_t)(unsigned char)header[i] << (8 * i);
    return len;
}

static int parse(const char *text, size_t len, size_t max_bytes, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *frame = NULL;
    struct err why = {0};

    if (json_parse(text, len, "frame", max_bytes, &frame, &why) < 0)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "%s", why.msg);
    if (!json_is_object(frame) || !json_str(frame, "t"))
        return err_set(err, ERR_PLUGIN_PROTOCOL, "frame without a kind");
    *out = take_ptr(frame);
    return 0;
}

int protocol_take(const char *bytes, size_t len, size_t max_bytes, json_t **out, size_t *out_used, struct err *err)
{
    size_t body;

    if (len < HEADER)
        return 0;
    body = length_of(bytes);
    if (body > max_bytes)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "frame of %zu bytes, the limit is %zu", body, max_bytes);
    if (len - HEADER < body)
        return 0;
    if (parse(bytes + HEADER, body, max_bytes, out, err) < 0)
        return -1;
    *out_used = HEADER + body;
    return 1;
}

int protocol_send(int fd, const json_t *frame, struct err *err)
{
    struct buf text = BUF_INIT(PROTOCOL_FRAME_BYTES + HEADER);
    int rc = protocol_add(&text, frame, PROTOCOL_FRAME_BYTES, err);

    if (rc == 0)
        rc = io_write_all(fd, text.data, text.len, err);
    if (text.data)
        secret_wipe(text.data, text.len);
    buf_fini(&text);
    return rc;
}

/* Makes room for what the frame at the start still needs. Shrinks again after a large one. */
static void make_room(struct protocol_input *in)
{
    size_t wanted = in->len < HEADER ? 0 : HEADER + length_of(in->bytes);

    wanted = wanted < INPUT_BYTES ? INPUT_BYTES : wanted;
    if (wanted > in->cap || (in->cap > INPUT_MOST && in->len <= INPUT_BYTES && wanted == INPUT_BYTES)) {
        in->bytes = mem_realloc(in->bytes, wanted);
        in->cap = wanted;
    }
}

static bool is_readable(void *ctx)
{
    const struct protocol_input *in = ctx;

    return poll(&(struct pollfd){.fd = in->fd, .events = POLLIN}, 1, 0) != 0;
}

/* Returns 1 when bytes have come, 0 at the end of the connection. */
static int read_more(struct protocol_input *in, struct err *err)
{
    ssize_t got;

    make_room(in);
    spin_wait(&in->spin, is_readable, in);
    do {
        got = read(in->fd, in->bytes + in->len, in->cap - in->len);
    } while (got < 0 && errno == EINTR);
    spin_end(&in->spin);
    if (got < 0)
        return err_set_sys(err, ERR_IO, "reading from the server");
    in->len += (size_t)got;
    return got > 0;
}

void protocol_input_fini(struct protocol_input *in)
{
    if (in->bytes)
        secret_wipe(in->bytes, in->cap);
    free(in->bytes);
    in->bytes = NULL;
}

int protocol_receive(struct protocol_input *in, json_t **out, struct err *err)
{
    size_t used = 0;
    int rc;

    while ((rc = protocol_take(in->bytes, in->len, PROTOCOL_CALL_BYTES, out, &used, err)) == 0) {
        int more = read_more(in, err);

        if (more < 0)
            return -1;
        if (more == 0 && in->len > 0)
            return err_set(err, ERR_IO, "the server closed the connection within a frame");
        if (more == 0) {
            *out = NULL;
            return 0;
        }
    }
    if (rc < 0)
        return -1;
    memmove(in->bytes, in->bytes + used, in->len - used);
    secret_wipe(in->bytes + in->len - used, used); /* params may hold opened secrets */
    in->len -= used;
    return 0;
}
