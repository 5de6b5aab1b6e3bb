/* What app.c and app_platform.c share. */
#pragma once
#include "app.h"
#include "base/arena.h"
#include "workflow/platform.h"

struct plugin_manager;
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
    struct plugin_manager *plugins;
    struct redactor *admin_secrets; /* what the configurations of plugins hold */
    struct policy_set *policies;    /* for the plugin manager's vetting */
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
