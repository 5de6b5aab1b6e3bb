/* Score files and configurations that several suites deploy. */
#pragma once
#include "rig.h"

#define SCORE "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'nginx:1.27'}}\n"
/* An application's own workflow; `steps` are lines of ten columns: "      - {name: one, ...}\n". */
#define APP_WORKFLOW(steps)       SCORE "workflows:\n  checks:\n    steps:\n" steps
#define WITH_RESOURCES(resources) SCORE "resources:\n" resources

#define PROVISIONERS "provisioners:\n  - {name: local, plugin: local}\n  - @PROBE@\n"
#define STEP_TYPES   "resource, workload, delay, lua, validation, http, mark, once"
#define PROBE_CONFIG PROVISIONERS "workflowPolicies: {applicationStepTypes: [" STEP_TYPES "]}\n"

#define COUNT(from) "SELECT CAST(count(*) AS TEXT) FROM " from

/* A Score file of that name; `rest` follows its container. In the rig's arena. */
const char *scenario_app(struct rig *rig, const char *name, const char *rest);
/* The deployment's id; ends the test with the reason when it is refused. */
const char *scenario_accept(struct rig *rig, const struct rig_deploy *what);
const char *scenario_deploy(struct rig *rig, const char *score);
/* The state that its deployment ends in. */
const char *scenario_end(struct rig *rig, const char *score);
