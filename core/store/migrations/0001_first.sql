-- The first schema. Runs unchanged on SQLite and PostgreSQL but for two words that the migration runner replaces:
--   ${serial}  INTEGER PRIMARY KEY AUTOINCREMENT | BIGSERIAL PRIMARY KEY          ${blob}  BLOB | BYTEA
-- Times are int64 microseconds UTC. JSON is text. Flags are 0 or 1. NULL means none.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- who -------------------------------------------------------------------------------------------------------------------
CREATE TABLE users (
  id TEXT PRIMARY KEY, org TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, team TEXT NOT NULL,
  password TEXT,                              -- argon2id, PHC string; NULL: cannot log in with a password
  created_at BIGINT NOT NULL, last_login_at BIGINT, disabled_at BIGINT);
CREATE UNIQUE INDEX users_by_name ON users (org, name);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), name TEXT NOT NULL,
  prefix TEXT NOT NULL, hash TEXT NOT NULL,   -- SHA-256 of the key, hex
  created_at BIGINT NOT NULL, expires_at BIGINT, last_used_at BIGINT, revoked_at BIGINT);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);
CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), csrf_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, last_used_at BIGINT);

CREATE TABLE login_attempts (seq ${serial}, who TEXT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX login_attempts_by_who ON login_attempts (who, at);

-- applications ----------------------------------------------------------------------------------------------------------
CREATE TABLE applications (
  org TEXT NOT NULL, team TEXT NOT NULL, name TEXT NOT NULL, product TEXT, labels TEXT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, closed_at BIGINT,
  PRIMARY KEY (org, team, name));

-- An application in an environment: its state, its lock (active_deployment_id), its counter of deployments (revision).
CREATE TABLE application_environments (
  org TEXT NOT NULL, team TEXT NOT NULL, application TEXT NOT NULL, environment TEXT NOT NULL, environment_type TEXT NOT NULL,
  state TEXT NOT NULL, revision BIGINT NOT NULL, deployment_id TEXT, active_deployment_id TEXT,
  completed BIGINT NOT NULL DEFAULT 0,        -- completed deployments, for first_deployment
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (org, team, application, environment));

-- The Score file that is in force for each workload of an application.
CREATE TABLE specs (
  org TEXT NOT NULL, team TEXT NOT NULL, application TEXT NOT NULL, environment TEXT NOT NULL, workload TEXT NOT NULL,
  source TEXT, spec TEXT NOT NULL, sha256 TEXT NOT NULL, deployment_id TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (org, team, application, environment, workload));

-- deployments -----------------------------------------------------------------------------------------------------------
CREATE TABLE deployments (
  id TEXT PRIMARY KEY, org TEXT NOT NULL, team TEXT NOT NULL, application TEXT NOT NULL, workload TEXT NOT NULL,
  environment TEXT NOT NULL, environment_type TEXT NOT NULL, kind TEXT NOT NULL, product TEXT,
  state TEXT NOT NULL, degraded INTEGER NOT NULL DEFAULT 0, revision BIGINT NOT NULL, task_id TEXT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT,
  trace_id TEXT, spec_sha256 TEXT, config_revision TEXT, priority INTEGER NOT NULL DEFAULT 1,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  summary TEXT, cost TEXT, error TEXT, warnings TEXT,
  source TEXT,                                -- the Score file as sent
  plan TEXT NOT NULL);                        -- core/workflow/plan.h
CREATE INDEX deployments_by_application ON deployments (org, team, application, environment, id);
CREATE INDEX deployments_by_state ON deployments (state) WHERE finished_at IS NULL;

CREATE TABLE workflow_runs (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployments (id), position INTEGER NOT NULL,
  name TEXT NOT NULL, tier TEXT NOT NULL, phase TEXT NOT NULL, state TEXT NOT NULL,
  started_at BIGINT, finished_at BIGINT, exports TEXT, error TEXT);
CREATE UNIQUE INDEX workflow_runs_by_position ON workflow_runs (deployment_id, position);

-- One row for each step that became ready; position is its place in the workflow of the plan.
CREATE TABLE steps (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployments (id), workflow_id TEXT NOT NULL, workflow_position INTEGER NOT NULL,
  position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL,
  task_id TEXT, attempt INTEGER NOT NULL DEFAULT 0, max_attempts INTEGER NOT NULL DEFAULT 1,
  started_at BIGINT, finished_at BIGINT, retry_at BIGINT, deadline_at BIGINT,
  condition_value INTEGER, skipped_reason TEXT, outputs TEXT, error TEXT, provisioner TEXT, resource_id TEXT,
  checkpoint TEXT,                            -- durable state of a plugin's step or call
  dead INTEGER NOT NULL DEFAULT 0);           -- retries exhausted: in the dead-letter list
CREATE UNIQUE INDEX steps_by_position ON steps (deployment_id, workflow_position, position);

CREATE TABLE step_logs (
  seq ${serial}, deployment_id TEXT NOT NULL, workflow_id TEXT NOT NULL, step_id TEXT NOT NULL, step TEXT NOT NULL,
  at BIGINT NOT NULL, stream TEXT NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX step_logs_by_deployment ON step_logs (deployment_id, seq);

-- The hot queue: only what is not finished. kind: deployment (waits for its application's lock) or step.
CREATE TABLE tasks (
  id TEXT PRIMARY KEY, org TEXT NOT NULL, team TEXT NOT NULL, kind TEXT NOT NULL, deployment_id TEXT NOT NULL, workflow_id TEXT, step_id TEXT,
  application TEXT NOT NULL, environment TEXT NOT NULL,
  state TEXT NOT NULL,                        -- pending, running, waiting
  priority INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, run_at BIGINT NOT NULL,
  lease_owner TEXT, lease_until BIGINT, fence BIGINT NOT NULL DEFAULT 0,
  error TEXT, created_at BIGINT NOT NULL);
CREATE INDEX tasks_due ON tasks (state, priority, run_at);
CREATE INDEX tasks_by_deployment ON tasks (deployment_id);

-- resources -------------------------------------------------------------------------------------------------------------
CREATE TABLE resources (
  id TEXT PRIMARY KEY, org TEXT NOT NULL, team TEXT NOT NULL, environment TEXT NOT NULL, uid TEXT NOT NULL,
  name TEXT NOT NULL, type TEXT NOT NULL, class TEXT NOT NULL, application TEXT NOT NULL, workload TEXT NOT NULL, product TEXT,
  state TEXT NOT NULL, health TEXT, live INTEGER NOT NULL DEFAULT 1,
  params TEXT NOT NULL, target_hash TEXT,    -- what is wanted
  prior_params TEXT, applied_hash TEXT,      -- what was applied last
   outputs TEXT, hints TEXT, plugin_state TEXT, state_version BIGINT NOT NULL DEFAULT 1,
  provisioner TEXT NOT NULL, plugin_version TEXT, plugin_sha256 TEXT, stateful INTEGER NOT NULL DEFAULT 0,
  generation BIGINT NOT NULL, labels TEXT, annotations TEXT, protected INTEGER NOT NULL DEFAULT 0, depends_on TEXT,
  deployment_id TEXT, error TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE UNIQUE INDEX resources_live ON resources (org, team, environment, uid) WHERE live = 1;
CREATE INDEX resources_by_application ON resources (org, team, application, environment);

-- Who refers to a resource; it goes with its last referrer.
CREATE TABLE resource_refs (
  resource_id TEXT NOT NULL REFERENCES resources (id), application TEXT NOT NULL, workload TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (resource_id, application, workload, name));

CREATE TABLE resource_history (
  seq ${serial}, resource_id TEXT NOT NULL, at BIGINT NOT NULL, from_state TEXT, to_state TEXT NOT NULL, deployment_id TEXT, reason TEXT);
CREATE INDEX resource_history_by_resource ON resource_history (resource_id, seq);

CREATE TABLE manifests (
  org TEXT NOT NULL, team TEXT NOT NULL, environment TEXT NOT NULL, application TEXT NOT NULL, workload TEXT NOT NULL, path TEXT NOT NULL,
  content TEXT NOT NULL, deployment_id TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (org, team, environment, application, workload, path));

-- owner: the reference up to its '#', so that a resource's secrets go with it.
CREATE TABLE secrets (reference TEXT PRIMARY KEY, owner TEXT NOT NULL, sealed ${blob} NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX secrets_by_owner ON secrets (owner);

-- records ---------------------------------------------------------------------------------------------------------------
-- number: gapless, given by the sealer; NULL until then.
CREATE TABLE events (
  seq ${serial}, number BIGINT, type TEXT NOT NULL, at BIGINT NOT NULL, org TEXT NOT NULL, team TEXT,
  deployment_id TEXT, workflow_id TEXT, step_id TEXT, step TEXT, resource_id TEXT, application TEXT, environment TEXT, actor TEXT, data TEXT);
CREATE UNIQUE INDEX events_by_number ON events (number);
CREATE INDEX events_unsealed ON events (seq) WHERE number IS NULL;
CREATE INDEX events_by_deployment ON events (deployment_id, seq);

CREATE TABLE audit (
  seq ${serial}, number BIGINT, at BIGINT NOT NULL, org TEXT NOT NULL, actor TEXT NOT NULL, team TEXT, action TEXT NOT NULL, object TEXT,
  environment TEXT, result TEXT NOT NULL, detail TEXT, request_id TEXT, source_ip TEXT, prev TEXT, hash TEXT);
CREATE UNIQUE INDEX audit_by_number ON audit (number);
CREATE INDEX audit_unsealed ON audit (seq) WHERE number IS NULL;

CREATE TABLE violations (
  id TEXT PRIMARY KEY, org TEXT NOT NULL, team TEXT, at BIGINT NOT NULL, policy TEXT NOT NULL, severity TEXT NOT NULL, path TEXT, value TEXT,
  message TEXT NOT NULL, fix TEXT, application TEXT, environment TEXT, deployment_id TEXT, actor TEXT, source TEXT);

CREATE TABLE idempotency (
  user_id TEXT NOT NULL, key TEXT NOT NULL, request_sha256 TEXT NOT NULL, status INTEGER NOT NULL, response TEXT NOT NULL, location TEXT,
  created_at BIGINT NOT NULL, PRIMARY KEY (user_id, key));
