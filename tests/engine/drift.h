/* Resources that change behind the engine's back: the probe is told by a file what it finds. */
#pragma once
#include "codec/json.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"

#define LOOKS       PROBE_CONFIG "drift: {interval: 150ms, jitter: 0.2}\n"
#define DB()        WITH_RESOURCES("  db: {type: probe}\n")
#define REPAIRED    WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: repair}}}\n")
#define OF_DB       " FROM resources WHERE name = 'db' AND live = 1"
#define STATE       "SELECT state" OF_DB
#define APPLICATION "SELECT state FROM application_environments WHERE application = 'shop'"
#define ACTS        COUNT("deployments WHERE kind = 'resource'")
/* The rig is zeroed; `score` is there afterwards. */
#define DRIFT_BEGIN(rig, config, score)                                                                                                    \
    do {                                                                                                                                   \
        RIG_INIT(rig, config);                                                                                                             \
        rig_start(rig);                                                                                                                    \
        ASSERT_TEXT(rig_deploy(rig, score), "completed");                                                                                  \
    } while (0)

/* What the probe finds from now on; NULL: what was applied. */
void drift_change(struct rig *rig, const char *name, const char *finds);
/* The same of another file of the probe: "plan.db". */
void drift_say(struct rig *rig, const char *file, const char *finds);
/* Waits until it has been looked at again so often, with an answer. */
void drift_wait_for_looks(struct rig *rig, const char *name, int looks);
/* The resource `db` as the API shows it. New reference. */
json_t *drift_resource(struct rig *rig);
