-- The dead-letter list is looked at for the metrics and by whoever works on it; steps that are not in it are many.
CREATE INDEX steps_dead ON steps (deployment_id, id) WHERE dead = 1;
