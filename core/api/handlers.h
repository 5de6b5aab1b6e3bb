/* The handlers of the route table, by family. Each runs on an HTTP thread and answers, or suspends the request first (request.h). */
#pragma once
#include "api/request.h"
#include "resource/read_page.h"

/* specs.c */
void specs_submit(struct api_request *r);
void specs_validate(struct api_request *r);
void specs_plan(struct api_request *r);
void specs_delete(struct api_request *r);
/* applications.c */
void specs_list(struct api_request *r);
void specs_get(struct api_request *r);
void environments_list(struct api_request *r);
/* deployments.c */
void deployments_list(struct api_request *r);
void deployments_get(struct api_request *r);
void deployments_logs(struct api_request *r);
void deployments_manifests(struct api_request *r);
void deployments_cancel(struct api_request *r);
/* events.c */
void events_list(struct api_request *r);
void deployments_events(struct api_request *r);
/* workflows.c */
void workflows_list(struct api_request *r);
void workflows_get(struct api_request *r);
void workflows_logs(struct api_request *r);
/* products.c */
void products_list(struct api_request *r);
void products_get(struct api_request *r);
void products_workflow(struct api_request *r);
/* resources.c */
void resources_list(struct api_request *r);
void resources_get(struct api_request *r);
void resources_hints(struct api_request *r);
void resources_status(struct api_request *r);
void resources_history(struct api_request *r);
/* resource_actions.c */
void resources_actions(struct api_request *r);
void resources_act(struct api_request *r);
/* queue.c */
void queue_stats(struct api_request *r);
void queue_tasks(struct api_request *r);
void queue_task(struct api_request *r);
void queue_cancel(struct api_request *r);
void queue_requeue(struct api_request *r);
void queue_discard(struct api_request *r);
/* dead_letters.c */
void dead_letters_requeue(struct api_request *r);
void dead_letters_discard(struct api_request *r);
/* plugins.c, policies */
void plugins_list(struct api_request *r);
void plugins_get(struct api_request *r);
void policies_list(struct api_request *r);
void policies_violations(struct api_request *r);
/* audit.c */
void audit_list_rows(struct api_request *r);
void audit_verify_chain(struct api_request *r);
/* graph.c */
void graph_get(struct api_request *r);
/* terraform.c */
void terraform_list(struct api_request *r);
void terraform_read(struct api_request *r);
void terraform_write(struct api_request *r);
void terraform_delete(struct api_request *r);
void terraform_lock(struct api_request *r);
void terraform_unlock(struct api_request *r);
void terraform_versions(struct api_request *r);
/* health.c */
void health_get(struct api_request *r);
void ready_get(struct api_request *r);
void openapi_get(struct api_request *r);
void schemas_get(struct api_request *r);
/* metrics.c */
void metrics_get_text(struct api_request *r);
/* swagger.c */
void swagger_user(struct api_request *r);
void swagger_admin(struct api_request *r);
/* login.c */
void login_post(struct api_request *r);
void logout_post(struct api_request *r);
void profile_get(struct api_request *r);
void profile_keys_list(struct api_request *r);
void profile_keys_add(struct api_request *r);
void profile_keys_revoke(struct api_request *r);
/* admin.c */
void users_list(struct api_request *r);
void users_add(struct api_request *r);
void users_get(struct api_request *r);
void users_delete(struct api_request *r);
void user_keys_list(struct api_request *r);
void user_keys_add(struct api_request *r);
void teams_list(struct api_request *r);
void admin_config_get(struct api_request *r);
/* reload.c */
void admin_reload(struct api_request *r);

/* ---- what they share (common.c, login.c) ---- */
struct auth_origin api_origin(const struct api_request *r);
/* A request for a key: reads its body, then runs `add` on a thread of the api. */
void api_take_key(struct api_request *r, void (*add)(struct api_request *r));
/* On a thread of the api: makes a key for a user from the request's body and answers. */
void api_add_key(struct api_request *r, const char *user);
struct read_scope api_scope(const struct api_request *r);
/* limit, cursor, sort and the route's own parameters as filters. */
struct read_page api_read_page(struct api_request *r);
/* Runs a list of the read models and answers with its page. */
typedef int (*api_lister)(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                          char **out_cursor, struct err *err);
void api_reply_list(struct api_request *r, api_lister lister);
/* A page of a list that comes whole (whole_list.c): the route's filters, sort and limit over its items. Steals items. */
void api_reply_whole(struct api_request *r, json_t *items);
/* {items} of a list that comes whole; a NULL list is a 404. Steals items. */
void api_reply_items(struct api_request *r, json_t *items, const char *what, const char *name);

/* ---- long polling (follow.c) ---- */
/* limit is from 1 to `most`, after and tail are not negative; else the request has been answered. */
bool api_check_limit(struct api_request *r, int64_t most);
#define FOLLOW_MS 25000
/* Calls `look` now and again each time something happened, until it says that it has answered. `last`: it must answer now, with what there
 * is. */
typedef bool (*api_look)(struct api_request *r, bool last);
void api_follow(struct api_request *r, bool wait, api_look look);
