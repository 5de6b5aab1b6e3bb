-- What the engine looks for, each by an index of its own size: tasks that are due, that somebody holds, that wait for an application or for a slot.
DROP INDEX tasks_due;
CREATE INDEX tasks_due ON tasks (priority, run_at, id) WHERE state <> 'running' AND run_at < 9223372036854775807;
CREATE INDEX tasks_held ON tasks (lease_until) WHERE state = 'running';
CREATE INDEX tasks_queue ON tasks (org, team, application, environment, priority, created_at, id) WHERE kind = 'deployment';

-- Of a deployment's task, under maxConcurrentWorkflows. 0: none; 1: has its application's lock and waits for a slot; 2: has a slot and is about to start.
ALTER TABLE tasks ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_slots ON tasks (slot, created_at) WHERE slot > 0;
-- When a team was served last: the others come first.
CREATE TABLE turns (org TEXT NOT NULL, team TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (org, team));

-- 1: a step that may not be repeated has been started; set durably before its first effect.
ALTER TABLE steps ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

-- Time against a workflow's timeout counts only while a step runs. NULL: no timeout; active_since NULL: no step runs.
ALTER TABLE workflow_runs ADD COLUMN timeout_us BIGINT;
ALTER TABLE workflow_runs ADD COLUMN active_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workflow_runs ADD COLUMN active_since BIGINT;
