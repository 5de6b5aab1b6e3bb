/* What app.c and app_platform.c share. */
#pragma once
#include "app.h"
#include "base/arena.h"
#include "codec/diag.h"
#include "plugin/plugin.h"
#include "workflow/platform.h"
#include "workflow/provisioner_entry.h"
#include <pthread.h>

struct secret_box;
struct store;

struct app {
    struct app_options options;
    struct arena arena;
    const char *state_dir, *admin_config;
    struct store *store;
    struct secret_box *secrets;
    struct auth *auth;
    struct hub *hub;
    struct net *net;
    struct secret_vault *vault; /* reads vault: references of the configuration */
    struct plugin_manager *plugins;
    struct redactor *admin_secrets;     /* what the configurations of plugins hold */
    struct policy_set *policies;        /* those in force */
    struct provisioner_vetting vetting; /* what decides about entries, only while a configuration is loaded */
    pthread_mutex_t reloading;          /* held by whoever reloads, and reads or changes `policies`, `vetting` and `platform` */
    struct platform *platform;
    struct engine *engine;
    struct api *api;
    int port;
    const char *other; /* what server.json said of another server that runs, of process other_pid; NULL: none */
    int64_t other_pid;
};

/* Loads configuration, policies, plugins and workflows, and starts the plugin manager and the HTTP client they need. Problems of single
 * plugins, policies and workflows are logged and do not stop the server; a broken admin-config does, with all its problems on standard
 * error. */
int app_load_platform(struct app *app, struct err *err);

/* ---- the pieces, for the start and for a reload; problems go to diags ---- */
int app_read_config(const struct app *app, struct diag_list *diags, struct admin_config **out, struct err *err);
/* A broken policy is a problem in diags, and the set is made. */
int app_read_policies(const struct admin_config *config, struct diag_list *diags, struct policy_set **out, struct err *err);
/* An entry as the plugin manager wants it, its secrets opened. provisioner_entry_fini() when it is done with. */
int app_entry_open(struct app *app, const struct admin_config *config, const struct config_provisioner *entry,
                   struct provisioner_entry *out, struct err *err);

/* ---- app_plugins.c ---- */
/* For plugin_manager_options.changed; ctx: the app. */
void app_plugin_changed(void *ctx, const char *instance, const char *state, const char *reason);

/* ---- app_reload.c ---- */
struct audit_row;
/* Reads everything again; all of it is put in force, or nothing. Problems go to diags. out: platform_diff()'s
 * answer with `draining` and `warnings`. Any thread but HTTP and store threads. Errors: ERR_CONFIG and the first problem's code. */
int app_reload(struct app *app, const struct audit_row *by, struct diag_list *diags, json_t **out, struct err *err);
/* SIGHUP: the same, with the answer in the log. */
void app_reload_by_signal(struct app *app);
/* Takes out what drains and owns nothing any more. False: nothing is left that drains. */
bool app_sweep_draining(struct app *app);
