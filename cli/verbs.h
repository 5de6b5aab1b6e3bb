/* The table of all commands, and their handlers. Parsing, help, completion and the manual page read the same rows. */
#pragma once
#include "cli/args.h"

extern const struct cli_verb cli_verbs[];
extern const struct cli_flag cli_globals[];
/* Of `serve`, which reads its words itself (core/app.c). */
extern const struct cli_flag cli_serve_flags[];

/* score.c */
int verb_validate(struct cli *c);

/* deploy.c */
int verb_plan(struct cli *c);
int verb_deploy(struct cli *c);

/* applications.c */
int verb_status(struct cli *c);
int verb_manifests(struct cli *c);
int verb_delete(struct cli *c);
int verb_deprovision(struct cli *c);

/* cancel.c */
int verb_cancel(struct cli *c);

/* logs.c */
int verb_logs(struct cli *c);
int verb_debug(struct cli *c);

/* lists.c */
int verb_list(struct cli *c);
int verb_deployments(struct cli *c);
int verb_environments(struct cli *c);
int verb_list_workflows(struct cli *c);
int verb_list_resources(struct cli *c);
int verb_queue_list(struct cli *c);
int verb_plugin_list(struct cli *c);
int verb_policy_list(struct cli *c);
int verb_policy_violations(struct cli *c);
int verb_audit_list(struct cli *c);
int verb_admin_list_users(struct cli *c);

/* records.c */
int verb_resource_show(struct cli *c);
int verb_resource_hints(struct cli *c);
int verb_queue_show(struct cli *c);
int verb_queue_cancel(struct cli *c);
int verb_queue_requeue(struct cli *c);
int verb_queue_discard(struct cli *c);
int verb_queue_stats(struct cli *c);

/* resource_action.c */
int verb_resource_action(struct cli *c);
int verb_scale(struct cli *c);
int verb_restart(struct cli *c);

/* catalog.c */
int verb_list_products(struct cli *c);
int verb_list_product_workflows(struct cli *c);
int verb_graph_export(struct cli *c);
int verb_graph_status(struct cli *c);

/* plugin.c */
int verb_plugin_inspect(struct cli *c);

/* plugin_new.c */
int verb_plugin_new(struct cli *c);

/* plugin_check.c */
int verb_plugin_check(struct cli *c);

/* plugin_sign.c */
int verb_plugin_keygen(struct cli *c);
int verb_plugin_sign(struct cli *c);
int verb_plugin_verify(struct cli *c);

/* policy.c */
int verb_policy_test(struct cli *c);
int verb_policy_eval(struct cli *c);
int verb_policy_explain(struct cli *c);

/* audit.c */
int verb_audit_verify(struct cli *c);
int verb_audit_export(struct cli *c);

/* session.c */
int verb_login(struct cli *c);
int verb_logout(struct cli *c);

/* admin.c */
int verb_admin_show(struct cli *c);
int verb_admin_validate(struct cli *c);
int verb_admin_reload(struct cli *c);
int verb_admin_add_user(struct cli *c);
int verb_admin_delete_user(struct cli *c);
int verb_admin_generate_api_key(struct cli *c);
int verb_admin_list_api_keys(struct cli *c);
int verb_admin_revoke_api_key(struct cli *c);

/* about.c */
int verb_explain(struct cli *c);
int verb_version(struct cli *c);
int verb_serve(struct cli *c);

/* watch.c */
int verb_watch(struct cli *c);

/* examples.c */
int verb_examples(struct cli *c);
int verb_init(struct cli *c);

/* workflow.c */
int verb_validate_product_workflow(struct cli *c);

/* migrate.c */
int verb_migrate(struct cli *c);

/* doctor.c */
int verb_doctor(struct cli *c);

/* complete.c */
int verb_completion(struct cli *c);

/* man.c */
int verb_manual(struct cli *c);

/* help.c */
int verb_help(struct cli *c);
