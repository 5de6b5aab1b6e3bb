/* Handlers of administration: users, their keys, teams, the configuration. */
#include "api/api_priv.h"
#include "api/etag.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/admin_config.h"

void users_list(struct api_request *r)
{
    struct api_page page = api_page_of(r);
    CLEANUP(free_ptr) char *cursor = NULL;
    json_t *items = NULL;
    struct err err = {0};

    if (auth_list_users(r->context->auth, r->org, api_query(r, "team"), page.cursor, page.limit, &items, &cursor, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_page(r, items, cursor);
}

struct user_adding {
    struct auth_user_add add; /* first: its act is handed to the store */
    struct api_request *r;
    store_unit inner;
};

static int add_user_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct user_adding *u = (struct user_adding *)ctx;
    CLEANUP(json_put) json_t *answer = NULL;

    /* First of all: who lost to another request with the same key gets its answer, not "name taken". */
    answer = auth_user_json(&u->add.user);
    if (api_idempotency_keep(u->r, tx, 201, answer, NULL, err) < 0)
        return -1;
    return u->inner(tx, ctx, err);
}

static void add_user(struct api_request *r)
{
    struct user_adding u = {.r = r};
    struct auth_origin origin = api_origin(r);
    const json_t *password = json_object_get(r->body, "password");
    struct err err = {0};

    if (auth_user_add_init(&u.add, r->context->auth, &origin, json_str(r->body, "name"), json_str(r->body, "role"),
                           json_str(r->body, "team"), json_string_value(password), json_string_length(password), &err) < 0) {
        api_problem(r, &err);
        return;
    }
    u.inner = u.add.act.unit;
    u.add.act.unit = add_user_unit;
    if (auth_run(&u.add.act, &err) < 0)
        api_problem_of_act(r, &err);
    else
        api_reply_json(r, 201, auth_user_json(&u.add.user));
    secret_wipe(&u, sizeof u);
}

void users_add(struct api_request *r)
{
    static const char *const members[] = {"name", "role", "team", "password", NULL};
    struct err err = {0};

    if (api_idempotency_replayed(r))
        return;
    if (api_body_json(r, &err) < 0 || api_body_members(r, members, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    if (!json_str(r->body, "name") || !json_str(r->body, "role") || !json_str(r->body, "team")) {
        err_set(&err, ERR_MISSING_FIELD, "the request body needs \"name\", \"role\" and \"team\" (\"password\" may be left out)");
        api_problem(r, &err);
        return;
    }
    api_offload(r, add_user);
}

void users_get(struct api_request *r)
{
    json_t *user = NULL;
    struct err err = {0};

    if (auth_read_one_user(r->context->auth, r->org, api_param(r, "name"), &user, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_found(r, user, "user", api_param(r, "name"));
}

struct user_deleting {
    struct auth_user_delete deletion; /* first: its act is handed to the store */
    struct api_request *r;
    store_unit inner;
};

static int delete_user_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct user_deleting *d = (struct user_deleting *)ctx;
    CLEANUP(json_put) json_t *user = NULL;

    if (d->r->if_match && (auth_user_tx(tx, d->r->org, api_param(d->r, "name"), &user, err) < 0 || etag_check(d->r, user, err) < 0))
        return -1;
    return d->inner(tx, ctx, err);
}

static void delete_user(struct api_request *r)
{
    struct auth_origin origin = api_origin(r);
    struct user_deleting d = {.r = r};
    struct err err = {0};
    bool fine = auth_user_delete_init(&d.deletion, r->context->auth, &origin, api_param(r, "name"), &err) == 0;

    d.inner = d.deletion.act.unit;
    d.deletion.act.unit = delete_user_unit;
    if (!fine || auth_run(&d.deletion.act, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_empty(r, 204);
}

void users_delete(struct api_request *r) { api_offload(r, delete_user); }

/* ---- keys of others ---- */

void user_keys_list(struct api_request *r)
{
    json_t *items = NULL;
    struct err err = {0};

    if (auth_list_keys(r->context->auth, r->org, api_param(r, "name"), &items, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_whole(r, items);
}

static void add_their_key(struct api_request *r) { api_add_key(r, api_param(r, "name")); }

void user_keys_add(struct api_request *r) { api_take_key(r, add_their_key); }

/* ---- teams and configuration ---- */

void teams_list(struct api_request *r)
{
    json_t *names = NULL, *items, *name;
    struct err err = {0};
    size_t i;

    if (auth_list_teams(r->context->auth, r->org, &names, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    items = json_array();
    json_array_foreach(names, i, name) json_array_append_new(items, json_pack("{s:O}", "name", name));
    json_decref(names);
    api_reply_whole(r, items);
}

void admin_config_get(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    json_t *out = json_object();

    json_set_str(out, "file", platform->config->file);
    json_set_str(out, "revision", platform->config->revision);
    json_object_set(out, "config", (json_t *)(uintptr_t)config_view(platform->config));
    api_reply_json(r, 200, out);
}
