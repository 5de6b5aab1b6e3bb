/* Owns the question which resources a newer version of a plugin made. Inside units of work. */
#include "resource/resource_version.h"
#include "base/cleanup.h"
#include "base/semver.h"

static json_t *describe(struct store_rows *rows)
{
    static const char *const names[] = {"name", "application", "environment", "team", "version"};
    json_t *one = json_object();

    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        json_set_str(one, names[i], store_col_text(rows, i));
    return one;
}

int resource_made_by_newer(struct store_tx *tx, const char *entry, const char *plugin, const char *version, size_t most, json_t **out,
                           size_t *out_count, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *found = json_array();
    size_t count = 0;
    int more;

    /* what an earlier release stored has no name of a plugin: it is taken for the entry's */
    if (store_query(tx,
                    "SELECT name, application, environment, team, plugin_version FROM resources WHERE provisioner = $1 AND live = 1 AND "
                    "plugin_version IS NOT NULL AND plugin_version <> $3 AND (plugin IS NULL OR plugin = $2) ORDER BY team, application, "
                    "environment, name",
                    STORE_ARGS(store_text(entry), store_text(plugin), store_text(version)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        if (!semver_is_newer(store_col_text(rows, 4), version))
            continue;
        if (count++ < most)
            json_array_append_new(found, describe(rows));
    }
    if (more < 0)
        return -1;
    *out = take_ptr(found);
    *out_count = count;
    return 0;
}
