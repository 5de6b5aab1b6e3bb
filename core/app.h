/* The server as a whole: the only place that knows every module (docs/architecture.md). */
#pragma once
#include "base/err.h"
#include <stdbool.h>

/* NULL members have the defaults of `innominatus serve --help`. */
struct app_options {
    const char *listen; /* "127.0.0.1:8081" */
    const char *state_dir;
    const char *admin_config;
    const char *database; /* sqlite:PATH or postgres://... */
    const char *seal_key; /* file:PATH, env:NAME */
    const char *max_body; /* bytes of a request body: "1Mi" */
    bool json_log;
    bool new_admin_key;
};

/* Runs the server until SIGTERM or SIGINT, then drains it. Called once, from the main thread before any other thread exists. */
int app_serve(const struct app_options *options, struct err *err);

/* `innominatus serve ARGS`: reads flags and INNOMINATUS_* variables. Returns the exit code. */
int app_main(int argc, char **argv);
