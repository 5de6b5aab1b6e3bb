/* Rows of resources, between the files that read and move them; never leaves this directory. */
#pragma once
#include "resource/resource.h"

#define RESOURCE_COLUMNS                                                                                                                   \
    "id, org, team, environment, uid, name, type, class, application, workload, state, generation, params, target_hash, prior_params, "    \
    "applied_hash, outputs, plugin_state, provisioner, plugin_version, deployment_id, stateful, protected, product, annotations, "         \
    "overrides, drifted_at"
#define RESOURCE_COLUMN_COUNT 27

struct resource_row *resource_row_read(struct store_rows *rows, struct arena *arena);
/* An event of type "resource.WORD" about the row; the members of `data` (NULL: none) are added to those that every such event has. */
int resource_event_write(struct store_tx *tx, const struct resource_row *row, const char *word, const char *deployment_id,
                         const json_t *data, struct err *err);
