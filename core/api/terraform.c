/* Handlers of the state backend of Terraform and OpenTofu. They seal and wait for commits: on threads of the api. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "resource/terraform_state.h"

static struct terraform_state state_of(const struct api_request *r)
{
    return (struct terraform_state){.store = r->context->store,
                                    .secrets = r->context->secrets,
                                    .org = r->org,
                                    .team = r->team,
                                    .name = api_param(r, "name"),
                                    .actor = r->who->name,
                                    .request_id = r->id,
                                    .source_ip = r->source_ip};
}

/* Clients show the holder of a lock from the body. Steals `holder`. */
static void reply_act(struct api_request *r, int rc, json_t *holder, const struct err *err)
{
    if (rc == 0)
        api_reply_empty(r, 200);
    else if (holder)
        api_reply_json(r, 423, holder);
    else
        api_problem(r, err);
}

/* ---- documents ---- */

static void read_document(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    struct secret document = {0};
    struct err err = {0};

    if (terraform_state_read(&state, api_query_int(r, "version", 0), &document, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_text(r, 200, "application/json", mem_strndup(document.bytes, document.len));
    secret_fini(&document);
}

static void write_document(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    json_t *holder = NULL;
    struct err err = {0};
    int rc = terraform_state_write(&state, api_query(r, "ID"), r->http.body.data, r->http.body.len, &holder, &err);

    reply_act(r, rc, holder, &err);
}

static void delete_document(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    json_t *holder = NULL;
    struct err err = {0};
    int rc = terraform_state_delete(&state, api_query(r, "ID"), &holder, &err);

    reply_act(r, rc, holder, &err);
}

void terraform_read(struct api_request *r) { api_offload(r, read_document); }
void terraform_write(struct api_request *r) { api_offload(r, write_document); }
void terraform_delete(struct api_request *r) { api_offload(r, delete_document); }

/* ---- locks ---- */

static void lock(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    json_t *holder = NULL;
    struct err err = {0};

    if (terraform_state_lock(&state, r->body, &holder, &err) == 0)
        api_reply_json(r, 200, json_incref(r->body));
    else
        reply_act(r, -1, holder, &err);
}

static void unlock(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    const char *id = json_str(r->body, "ID");
    json_t *holder = NULL;
    struct err err = {0};
    int rc = -1;

    if (r->http.body.len && (!id || !id[0]))
        err_set(&err, ERR_MISSING_FIELD, "the body needs the \"ID\" of the lock; send none to unlock whoever holds it");
    else
        rc = terraform_state_unlock(&state, id, &holder, &err);
    reply_act(r, rc, holder, &err);
}

static void with_body(struct api_request *r, void (*work)(struct api_request *r))
{
    struct err err = {0};

    if (api_body_json(r, &err) < 0)
        api_problem(r, &err);
    else
        api_offload(r, work);
}

void terraform_lock(struct api_request *r) { with_body(r, lock); }
void terraform_unlock(struct api_request *r) { with_body(r, unlock); } /* `force-unlock` sends no body */

/* ---- lists ---- */

void terraform_list(struct api_request *r) { api_reply_list(r, terraform_state_list); }

void terraform_versions(struct api_request *r)
{
    struct terraform_state state = state_of(r);
    json_t *items = NULL;
    struct err err = {0};

    if (terraform_state_versions(&state, &items, &err) < 0)
        api_problem(r, &err);
    else if (json_array_size(items) == 0) {
        json_decref(items);
        api_reply_found(r, NULL, "state", state.name);
    } else
        api_reply_whole(r, items);
}
