/* A plugin manager of the command line's own, in a directory that goes again: to vet entries and to try plugins without a server. */
#pragma once
#include "cli/command.h"
#include "plugin/plugin.h"

struct workbench {
    struct plugin_manager *manager;
    char *dir; /* its directory; instances keep their data in dir/plugins/NAME */
};

/* `options`: what is special; the host, the bundled plugins and the directories are filled in. Errors: ERR_IO, and the manager's. */
int workbench_open(struct cli *c, const struct plugin_manager_options *options, struct workbench *out, struct err *err);
/* Ends all hosts and removes the directory. NULL members are fine. */
void workbench_close(struct workbench *bench);
