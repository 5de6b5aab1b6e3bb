/* Owns what suites do to the rig in so many words: Score files of an application, deployments that must be accepted. */
#include "scenario.h"
#include "test.h"

const char *scenario_app(struct rig *rig, const char *name, const char *rest)
{
    return arena_printf(&rig->arena, "apiVersion: score.dev/v1b1\nmetadata: {name: %s}\ncontainers: {web: {image: 'nginx:1.27'}}\n%s", name,
                        rest);
}

const char *scenario_accept(struct rig *rig, const struct rig_deploy *what)
{
    struct err err = {0};
    const char *id = rig_accept(rig, what, &err);

    if (!id)
        fprintf(stderr, "refused: %s\n", err.msg);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    return id;
}

const char *scenario_deploy(struct rig *rig, const char *score) { return scenario_accept(rig, &(struct rig_deploy){.score = score}); }

const char *scenario_end(struct rig *rig, const char *score) { return rig_wait(rig, scenario_deploy(rig, score)); }
