-- Params that an action has set and that hold against the Score file (core/resource/override.h): {path: {value, action, by, at}}.
ALTER TABLE resources ADD COLUMN overrides TEXT;
