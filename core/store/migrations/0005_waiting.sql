-- Who waits for a slot, by team: the next one is found without looking at all of them.
DROP INDEX tasks_slots;
CREATE INDEX tasks_slots ON tasks (slot, priority, org, team, created_at, id) WHERE slot > 0;
