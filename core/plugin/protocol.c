/* Owns the framing. Any thread; a descriptor belongs to one thread at a time. Also part of the plugin host. */
#include "plugin/protocol.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/secret.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEADER 4u

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

/* Returns the bytes read, fewer than `len` only at the end of the connection, -1 on failure. */
static ssize_t read_all(int fd, char *to, size_t len, struct err *err)
{
    size_t have = 0;

    while (have < len) {
        ssize_t got = read(fd, to + have, len - have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_sys(err, ERR_IO, "reading from the server");
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

int protocol_receive(int fd, json_t **out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    char header[HEADER];
    ssize_t got = read_all(fd, header, HEADER, err);
    size_t len;
    int rc;

    if (got < 0)
        return -1;
    if (got == 0) {
        *out = NULL;
        return 0;
    }
    len = length_of(header);
    if (got < (ssize_t)HEADER || len > PROTOCOL_CALL_BYTES)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "bad frame header from the server");
    text = mem_alloc(len + 1);
    if (read_all(fd, text, len, err) != (ssize_t)len)
        return err_set(err, ERR_IO, "the server closed the connection within a frame");
    rc = parse(text, len, PROTOCOL_CALL_BYTES, out, err);
    secret_wipe(text, len);
    return rc;
}
