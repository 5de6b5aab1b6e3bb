/* What changes when one platform takes the place of another: the answer of a reload. Pure; any thread. */
#pragma once
#include "workflow/platform.h"

/* {previous, revision, changed, provisioners: {added, removed, changed}, policies: {...}, workflows: {...}: lists of names,
 * settings: [{key: "workflowPolicies.maxStepsPerWorkflow", from, to}], restart: [key]}. restart: settings that have changed but are only
 * read at the start. New reference. */
json_t *platform_diff(const struct platform *before, const struct platform *after);
