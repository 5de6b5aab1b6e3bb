-- A task goes from a step to the next one with a new id: an index on the id would follow each time. What is held is few and only counted out.
DROP INDEX tasks_held;
CREATE INDEX tasks_held ON tasks (deployment_id) WHERE state = 'running';

-- Lists of applications, the one that was changed last first.
CREATE INDEX applications_by_change ON applications (org, updated_at, (team || '/' || name));
