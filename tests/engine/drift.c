/* Owns telling the probe what it finds, and waiting for looks. */
#include "drift.h"
#include "base/io.h"
#include "resource/resource_read.h"
#include <unistd.h>

static const struct read_scope shop = {"default", "shop"};

void drift_say(struct rig *rig, const char *file, const char *finds)
{
    const char *path = arena_printf(&rig->arena, "%s/plugins/probe/%s", rig->state, file);
    struct err err = {0};

    if (finds)
        ASSERT_OK(io_write_atomic(path, finds, strlen(finds), 0644, &err), err);
    else
        unlink(path);
}

void drift_change(struct rig *rig, const char *name, const char *finds)
{
    drift_say(rig, arena_printf(&rig->arena, "says.%s", name), finds);
}

void drift_wait_for_looks(struct rig *rig, const char *name, int looks)
{
    const char *sql = arena_printf(&rig->arena, "SELECT CAST(COALESCE(checked_at, 0) AS TEXT) FROM resources WHERE name = '%s'", name);

    for (int i = 0; i < looks; i++) {
        const char *before = rig_text(rig, sql);

        rig_expect(
            rig,
            arena_printf(&rig->arena,
                         "SELECT CASE WHEN COALESCE(checked_at, 0) > %s THEN 'again' ELSE 'not yet' END FROM resources WHERE name = '%s'",
                         before, name),
            "again");
    }
}

json_t *drift_resource(struct rig *rig)
{
    json_t *found = NULL;
    struct err err = {0};

    ASSERT_OK(resource_read_one(rig->store, &shop, rig_text(rig, "SELECT id" OF_DB), &found, &err), err);
    return found;
}
