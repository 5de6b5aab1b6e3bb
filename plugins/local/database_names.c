/* Owns the names of databases: how a migration step finds the database of a resource of its application. The slot's thread. */
#include "database.h"
#include "sha256.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void name_path(const struct local *self, const char *team, const char *environment, const char *application, const char *name,
                      char out[LOCAL_PATH_BYTES])
{
    const char *const parts[] = {team, environment, application, name};
    char hex[65];

    sha256_texts(parts, sizeof parts / sizeof parts[0], hex);
    snprintf(out, LOCAL_PATH_BYTES, "%s/names/%s.json", self->data_dir, hex);
}

int database_name_write(struct local_work *work, const char *kind, const char *value)
{
    CLEANUP(json_put) json_t *entry = json_pack("{ss}", kind, value), *there = NULL;
    char path[LOCAL_PATH_BYTES], dir[LOCAL_PATH_BYTES];
    int rc;

    name_path(work->self, work->res->team, work->res->environment, work->res->application, work->res->name, path);
    if (!entry)
        return ENOMEM;
    if (files_read_json(path, &there) == 0 && json_equal(there, entry))
        return 0;
    snprintf(dir, sizeof dir, "%s/names", work->self->data_dir);
    rc = files_mkdirs(dir);
    return rc ? rc : files_write_json(path, entry);
}

int database_name_remove(struct local_work *work, const char *kind, const char *value)
{
    CLEANUP(json_put) json_t *there = NULL;
    char path[LOCAL_PATH_BYTES];
    const char *of;

    name_path(work->self, work->res->team, work->res->environment, work->res->application, work->res->name, path);
    if (files_read_json(path, &there) != 0 || !(of = json_string_value(json_object_get(there, kind))) || strcmp(of, value) != 0)
        return 0; /* another database has taken the name */
    return files_remove_file(path);
}

bool database_named(const struct local *self, const char *team, const char *environment, const char *application, const char *name,
                    const char *kind, char out[LOCAL_PATH_BYTES])
{
    CLEANUP(json_put) json_t *entry = NULL;
    char path[LOCAL_PATH_BYTES];
    const char *value;

    name_path(self, team, environment, application, name, path);
    if (files_read_json(path, &entry) != 0 || !(value = json_string_value(json_object_get(entry, kind))))
        return false;
    return snprintf(out, LOCAL_PATH_BYTES, "%s", value) < LOCAL_PATH_BYTES;
}
