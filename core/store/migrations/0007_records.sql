-- Which executions a plan has, for those who look for one without reading plans. NULL: made before there was this column.
ALTER TABLE deployments ADD COLUMN outline TEXT;

-- Steps of ended deployments, counted when the deployment ends. Spread over a few rows, so that servers that write at once seldom meet.
CREATE TABLE step_totals (
  org TEXT NOT NULL, team TEXT NOT NULL, part INTEGER NOT NULL, completed BIGINT NOT NULL, failed BIGINT NOT NULL,
  PRIMARY KEY (org, team, part));
INSERT INTO step_totals (org, team, part, completed, failed)
  SELECT d.org, d.team, 0, sum(CASE WHEN s.state = 'completed' THEN 1 ELSE 0 END), sum(CASE WHEN s.state = 'failed' THEN 1 ELSE 0 END)
  FROM steps s JOIN deployments d ON d.id = s.deployment_id WHERE d.finished_at IS NOT NULL GROUP BY d.org, d.team;

-- What is kept for a time only.
CREATE INDEX idempotency_by_age ON idempotency (created_at);
