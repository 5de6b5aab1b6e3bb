/* Which version of a plugin made what: an older one may not understand it. Inside a unit of work of the caller. */
#pragma once
#include "codec/json.h"
#include "store/store.h"

/* The live resources of an entry that a newer version of this plugin made: [{name, application, environment, team, version}], at most
 * `most`; *out_count: all of them. out: new reference. */
int resource_made_by_newer(struct store_tx *tx, const char *entry, const char *plugin, const char *version, size_t most, json_t **out,
                           size_t *out_count, struct err *err);
