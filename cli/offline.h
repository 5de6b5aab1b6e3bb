/* What a server would load, loaded here: for the verbs that work without one. */
#pragma once
#include "cli/command.h"
#include "codec/diag.h"
#include "workflow/platform.h"

/* The admin-config that is meant: the argument, --admin-config, INNOMINATUS_ADMIN_CONFIG, the installed one. Arena text. */
int offline_config_path(struct cli *c, const char *argument, const char **out, struct err *err);

/* Loads configuration, policies, plugins' manifests (read, never run) and workflows. `diags` gets every problem of each; *out is made
 * whenever the configuration itself is sound. `policies` NULL: those of the configuration; else a set that takes their place (a reference
 * is taken). */
struct policy_set;
int offline_platform(struct cli *c, const char *path, struct policy_set *policies, struct diag_list *diags, struct platform **out,
                     struct err *err);
