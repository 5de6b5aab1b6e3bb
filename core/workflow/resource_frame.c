/* Owns the frame of a call about a resource. On workers. */
#include "workflow/resource_frame.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "workflow/route.h"
#include <string.h>

/* The row's id is in it because generations begin anew when a resource is removed and made again: that is another request. */
static void idempotency_key(const struct frame_of *of, char out[static 65])
{
    const struct resource_row *row = of->row;
    CLEANUP(free_ptr)
    char *text = mem_printf("%s\n%s\n%s\n%s\n%s\n%lld\n%s", row->org, row->team, row->environment, row->uid, row->id,
                            (long long)row->generation, of->operation);

    crypto_sha256_hex(text, strlen(text), out);
}

static json_t *parse_or_null(const char *text) { return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL; }

/* A stored value with its secrets opened where that can still be done; a secret that is gone stays a reference. */
static json_t *open_stored(const struct frame_of *of, const char *text)
{
    CLEANUP(json_put) json_t *value = parse_or_null(text);
    json_t *opened = NULL;
    struct err ignored = {0};

    if (!value || opening_open(&of->opening, value, &opened, &ignored) < 0)
        return take_ptr(value);
    return opened;
}

/* What it gave before as a secret is one in whatever it says now. */
static void know_secrets(const struct frame_of *of, const json_t *outputs)
{
    json_t *opened = NULL;
    struct err ignored = {0};

    if (outputs && json_has_secret(outputs) && opening_open(&of->opening, outputs, &opened, &ignored) == 0)
        json_decref(opened);
}

static bool is_workload(const struct frame_of *of) { return str_eq(of->row->type, "workload"); }

/* What host->secret gives for the references that a workload's params keep, to a plugin that may ask for them. */
static int add_references(const struct frame_of *of, const json_t *params, json_t *frame, struct err *err)
{
    const json_t *manifest = json_object_get(of->platform->provisioners, of->row->provisioner);
    bool deletes = str_eq(of->operation, "delete"); /* what is gone must not keep a workload from going too */
    struct err ignored = {0};
    json_t *opened = NULL;

    if (!is_workload(of) || !params || !json_has_secret(params) || !route_has_permission(manifest, "secrets"))
        return 0;
    if (opening_open_references(&of->opening, params, &opened, deletes ? &ignored : err) < 0)
        return deletes ? 0 : -1;
    json_set_new(frame, "secrets", opened);
    return 0;
}

static void add_identity(const struct frame_of *of, json_t *frame)
{
    const struct resource_row *row = of->row;
    char key[65];

    idempotency_key(of, key);
    json_set_str(frame, "operation", of->operation);
    json_set_str(frame, "uid", row->uid);
    json_set_str(frame, "id", row->id);
    json_set_str(frame, "type", row->type);
    json_set_str(frame, "class", row->class);
    json_set_str(frame, "name", row->name);
    json_set_str(frame, "application", of->application);
    json_set_str(frame, "environment", row->environment);
    json_set_str(frame, "environment_type", of->environment_type);
    json_set_str(frame, "team", row->team);
    json_set_str(frame, "product", of->product);
    json_set_str(frame, "org", row->org);
    json_set_int(frame, "generation", row->generation);
    json_set_str(frame, "idempotency_key", key);
    json_set_new(frame, "state", parse_or_null(row->plugin_state));
    json_set_new(frame, "outputs", parse_or_null(row->outputs));
    know_secrets(of, json_object_get(frame, "outputs"));
}

/* Secrets are open in it, except for a workload, whose manifests keep references. */
int resource_frame(const struct frame_of *of, json_t **out, struct err *err)
{
    const struct resource_row *row = of->row;
    CLEANUP(json_put) json_t *frame = json_object();
    json_t *params = NULL;

    add_identity(of, frame);
    if (is_workload(of))
        params = parse_or_null(row->params);
    else if (!of->params)
        params = open_stored(of, row->params);
    else if (opening_open(&of->opening, of->params, &params, err) < 0)
        return -1;
    json_set_new(frame, "params", params);
    if (add_references(of, params, frame, err) < 0)
        return -1;
    json_set_new(frame, "prior_params", is_workload(of) ? parse_or_null(row->prior_params) : open_stored(of, row->prior_params));
    *out = take_ptr(frame);
    return 0;
}
