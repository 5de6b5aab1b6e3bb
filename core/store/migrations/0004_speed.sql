-- What an application refers to.
CREATE INDEX resource_refs_by_application ON resource_refs (application, workload);

-- What is held is few and found by its task; an index on its lease is moved about with every renewal and every step.
DROP INDEX tasks_held;
CREATE INDEX tasks_held ON tasks (id) WHERE state = 'running';

-- Only what is numbered is looked up by its number; the others would be moved about in the index for nothing.
DROP INDEX events_by_number;
CREATE UNIQUE INDEX events_by_number ON events (number) WHERE number IS NOT NULL;
DROP INDEX audit_by_number;
CREATE UNIQUE INDEX audit_by_number ON audit (number) WHERE number IS NOT NULL;
