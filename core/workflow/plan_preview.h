/* What provisioners say a plan would change (slot `plan`, a dry run), beside what the plan itself knows. Nothing is changed and nothing
 * stored; whoever cannot say leaves a note, and the plan is as good without. */
#pragma once
#include "workflow/deploy.h"

struct engine;
struct plan_preview;

/* For the changes of a draft's plan whose provisioner has the slot; NULL: there are none, or the present state cannot be read. Any thread
 * but the store's. The draft stays until plan_preview_free. */
struct plan_preview *plan_preview_new(struct engine *engine, const struct deployment_draft *draft);
/* Asks them, all at once, each for at most LIMIT_PLAN_PREVIEW_MS. `done` is called once, on another thread or before this returns. */
void plan_preview_run(struct plan_preview *p, void (*done)(void *ctx), void *ctx);
/* After `done`: adds {preview: {changes: [...]}} or {preview: {note}} to the members of `changes`, a copy of the plan's. */
void plan_preview_add(const struct plan_preview *p, json_t *changes);
void plan_preview_free(struct plan_preview *p);
