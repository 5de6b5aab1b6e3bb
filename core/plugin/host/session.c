/* Owns the order of a host's work: setup, sandbox, load, calls, end (protocol.h says what it says and hears). Main thread of the
 * plugin-host process. */
#include "plugin/host/session.h"
#include "base/cleanup.h"
#include "plugin/grant.h"
#include "plugin/host/host.h"
#include "plugin/protocol.h"
#include <string.h>

static int say(const struct session *s, const char *kind, const char *key, const char *value, struct err *err)
{
    CLEANUP(json_put) json_t *frame = json_pack("{s:s}", "t", kind);

    if (key)
        json_set_str(frame, key, value);
    return protocol_send(s->sock, frame, err);
}

static int serve(struct inno_call *call, const inno_provisioner *plugin, struct err *err)
{
    void *self = NULL;
    int rc = 0;

    while (rc == 0) {
        CLEANUP(json_put) json_t *frame = NULL;
        const char *kind;

        if (protocol_receive(call->input, &frame, err) < 0)
            rc = -1;
        kind = frame ? json_str(frame, "t") : "close";
        if (strcmp(kind, "close") == 0)
            break;
        if (strcmp(kind, "call") == 0)
            call_serve(call, plugin, &self, frame);
    }
    if (plugin->close && rc == 0)
        plugin->close(self);
    return rc;
}

static int load_and_serve(const struct session *s, struct inno_call *call, const json_t *manifest, struct err *err)
{
    struct loaded loaded = {0};
    struct err why = {0};
    int rc;

    if (load_plugin(s->plugin, manifest, &loaded, &why) < 0)
        return say(s, "refused", "reason", why.msg, err);
    rc = say(s, "ready", NULL, NULL, err);
    return rc < 0 ? rc : serve(call, &loaded.table, err);
}

int session_run(const struct session *s, struct err *err)
{
    CLEANUP(json_put) json_t *setup = NULL;
    CLEANUP(protocol_input_fini) struct protocol_input input = {.fd = s->sock};
    struct inno_call call = {
        .fd = s->sock, .cancel_fd = s->cancel, .input = &input, .thread = pthread_self(), .flag = s->flag, .runner = {.sock = -1}};
    struct sandbox box;
    int rc;

    if (protocol_receive(&input, &setup, err) < 0)
        return -1;
    if (!setup)
        return 0;
    box = (struct sandbox){.data_dir = json_str(setup, "data_dir"),
                           .work_root = json_str(setup, "work_root"),
                           .grant = json_object_get(setup, "grant"),
                           .memory_bytes = json_int(setup, "memory", 0)};
    box.network = grant_has(box.grant, "network");
    box.exec = grant_has(box.grant, "exec");
    call.box = &box;
    call.data_dir = box.data_dir;
    call.work_root = box.work_root;
    if (!call.data_dir || !call.work_root)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "setup without directories");
    if (json_flag(setup, "usage", false))
        call.usage = usage_open();
    if (s->confine(s, &box, &call.runner, err) < 0)
        return -1;
    rc = load_and_serve(s, &call, json_object_get(setup, "manifest"), err);
    buf_fini(&call.out);
    return rc;
}
