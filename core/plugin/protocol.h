/* The frames between the server and a plugin host: four bytes of length (little-endian), then one JSON object with its kind in "t".
 * Shared by both sides. The server trusts nothing that comes from a host.
 *
 * server -> host   setup {instance, data_dir, work_root, grant, memory, manifest, usage}     once, before anything of the plugin is
 * loaded call {id, op, resource|step|config, action, arguments: [..], trace_id, work, deadline_ms}           op "open" first, then one at
 * a time; "action" has resource, action and arguments. checkpointed {id, ok} close {} host -> server   sandbox {weak: [text]}, then ready
 * {} or refused {reason} log {level, text}, progress {percent, text}, output {key, value}, secret {key, value}, hint {kind, label, value},
 * status {state, text}, state {state} during a call, no answer but to state done {id, rc, fail: {code, retry, text}, poll_ms, breach,
 * usage}                  last of a call
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "codec/json.h"
#include "plugin/spin.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A host's frame: LIMIT_FRAME_BYTES of content and its envelope. A call carries params, state and outputs, so the server's may be larger.
 */
#define PROTOCOL_FRAME_BYTES (LIMIT_FRAME_BYTES + 4096u)
#define PROTOCOL_CALL_BYTES  (4u << 20)

/* Descriptors a host starts with; there are no others. */
#define PROTOCOL_SOCKET_FD 3
#define PROTOCOL_PLUGIN_FD 4 /* sealed bytes of the plugin */
#define PROTOCOL_CANCEL_FD 5 /* eventfd, readable at cancel */
#define PROTOCOL_FLAG_FD   6 /* one page, its first int is 1 at cancel */

/* Appends a frame to `out`. ERR_LIMIT when it is larger than max_bytes. */
int protocol_add(struct buf *out, const json_t *frame, size_t max_bytes, struct err *err);

/* Looks for a whole frame at the start of `bytes`. Returns 1 with the object and the bytes it took, 0 when more bytes are needed, -1 with
 * ERR_PLUGIN_PROTOCOL when it is too long or no JSON object. out: new reference. */
int protocol_take(const char *bytes, size_t len, size_t max_bytes, json_t **out, size_t *out_used, struct err *err);

/* For the host: blocking. protocol_receive returns 0 with *out NULL at the end of the connection. */
struct protocol_input { /* starts with the descriptor and zeros */
    int fd;
    char *bytes; /* what was read and belongs to no frame yet */
    size_t len, cap;
    struct spin spin;
};
void protocol_input_fini(struct protocol_input *in);
int protocol_send(int fd, const json_t *frame, struct err *err);
int protocol_receive(struct protocol_input *in, json_t **out, struct err *err);
