/* What engine_bench measures: a server without HTTP in a directory of its own. */
#pragma once
#include "auth/auth.h"
#include "base/arena.h"
#include "store/store.h"
#include "workflow/engine.h"

struct world {
    struct arena arena;
    const char *dir; /* removed at the end, unless it was given */
    struct store *store;
    struct secret_box *secrets;
    struct hub *hub;
    struct net *net;
    struct plugin_manager *plugins;
    struct engine *engine;
    struct principal user;
};

/* url: of an empty database, NULL: SQLite in the directory. steps: how many steps each of the two workflows of product "steps" has.
 * concurrent: maxConcurrentWorkflows. Ends the program when it cannot. */
void world_start(struct world *w, const char *url, int steps, int concurrent);
void world_stop(struct world *w);
/* The text of examples/ecommerce-app.yaml (arena). */
const char *world_example(struct world *w);
