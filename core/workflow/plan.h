/* The plan of a deployment: everything that will happen, as one JSON document that is stored with the deployment and pinned (engine.md).
 * It is built once, by plan_build(), from plain inputs; `plan`, `--dry-run` and `deploy` run the very same code.
 *
 * {
 *   "org": "default", "team": "shop", "application": "shop", "workload": "shop", "product": "ecommerce" | absent, "kind": "deploy" |
 * "delete", "environment": {"name", "type"}, "first": bool, "revision": n,                      revision of the application in its
 * environment that the plan saw "spec": {...normalised Score...}, "parameters": {...}, "admin": {defaultCostCenter, defaultRuntime,
 * defaultBudget}, "costs": {...}, "user": {"name", "role", "team"},                                                   who asked for it, as
 * the policies see it "flags": {"force": bool, "allow_remove": [names], "allow_replace": [names], "keep_application": bool, "reset": true |
 * absent}, "resources":
 * {"db": {"name", "uid", "type", "class", "params" (placeholders unresolved), "annotations", "depends_on": ["cache"], "provisioner"
 * (entry), "plugin": {"name", "version", "sha256"}, "stateful": bool, "immutable": ["size"], "state_version": n}}, "workload_resource":
 * {the same members; "uid": "workload.default#NAME", params absent} | absent when no entry serves `workload`, "phases": [{"phase":
 * "pre-deployment", "workflows": [{ "position": n (over all phases), "id": "w-...", "name", "tier", "phase", "product", "version", "reason"
 * (text for people), "source": {"file", "line"}, "on_failure": "rollback|stop|continue", "timeout_ms", "parameters": {..}, "variables":
 * {..}, "exports": {..}, "steps": [{"name", "type", "depends_on": [names] (complete: derived order included), "condition": {"when", "if",
 * "unless"} (texts; absent ones absent), "config", "env", "outputs", "timeout_ms", "retry": {"attempts", "delay_ms", "factor",
 * "max_delay_ms", "on": ["transient"]}, "retry_explicit": bool, "continue_on_error": bool, "provisioner" (entry name, steps of plugins),
 * "idempotent": bool, "dynamic": bool, "line": n}]}]}], "overrides": [{"resource", "type", "path", "value", "file", "action", "by", "at"}]
 * | absent (each resource has its own as "overrides", see resource/override.h), "changes": [{"resource", "uid", "type", "change":
 * "create|update|replace|remove|orphan|none", "fields": [{"path", "from", "to"}], "protected": bool, "because": why it is updated although
 * no field changes | absent}], "summary": {"create", "update", "replace", "remove", "unchanged"}, "policies": [...], "cost": {"before",
 * "after", "monthly", "currency"}, "warnings": [diagnostic]
 * }
 * Executions that the core adds itself: `resources` (first of the deployment phase; one step a Score resource, type resource, config
 * {"resource": NAME}; a step whose resource a workflow has placed earlier has "placed_by": "product/ecommerce/database-setup#db" and is
 * skipped at run time when the placing step completed), `workload` (last of the deployment phase, one step of type workload) and, when
 * something leaves, `removals` (last of post-deployment, type resource, config {"uid": UID, "operation": "delete"|"orphan"}, in reverse
 * order of dependence). A deletion has executions `workload` (config {"operation": "delete"}) and `resources` in reverse. All of tier
 * application. Steps of type resource with config {"resourceTypes": [..]} are expanded into one step a resource by plan_build. */
#pragma once
#include "codec/json.h"

/* The plan as objects.md shows it to users (without configs, spec and parameters). New reference. */
json_t *plan_view(const json_t *plan);
