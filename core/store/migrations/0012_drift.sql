-- Resources are looked at again, and what is found is compared with what was applied. check_at: when, by the engine's clock; NULL: nobody has
-- said yet; 9223372036854775807: never. While one engine looks, check_owner is that engine and check_at the end of its claim.
ALTER TABLE resources ADD COLUMN check_at BIGINT;
ALTER TABLE resources ADD COLUMN check_owner TEXT;
ALTER TABLE resources ADD COLUMN checked_at BIGINT;   -- the last look that had an answer
ALTER TABLE resources ADD COLUMN check_failures INTEGER NOT NULL DEFAULT 0; -- looks without an answer, or repairs, in a row
ALTER TABLE resources ADD COLUMN check_error TEXT;    -- why the last look had no answer
ALTER TABLE resources ADD COLUMN drifted_at BIGINT;   -- since when it differs; NULL: it does not
ALTER TABLE resources ADD COLUMN drift TEXT;          -- what differs: {status, reason, diff: [{path, from, to}], repair}
CREATE INDEX resources_to_check ON resources (check_at, id) WHERE live = 1 AND check_at < 9223372036854775807;
CREATE INDEX resources_drifted ON resources (org, team, application, environment) WHERE drifted_at IS NOT NULL;
