-- States of Terraform and OpenTofu, kept for their HTTP backend (core/resource/terraform_state.h). Every version is sealed; the newest one
-- counts, and one without a value says that the state was deleted.
CREATE TABLE terraform_states (
  org TEXT NOT NULL, team TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL,
  serial BIGINT, lineage TEXT, bytes BIGINT NOT NULL, sha256 TEXT NOT NULL, sealed ${blob},
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (org, team, name, version));

-- Who holds a state; `info` is what the holder says of itself.
CREATE TABLE terraform_locks (
  org TEXT NOT NULL, team TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, info TEXT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (org, team, name));
