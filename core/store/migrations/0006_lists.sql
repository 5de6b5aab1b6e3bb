-- Lists begin with the newest deployment, of a team or of all, and with the first application's name.
CREATE INDEX deployments_by_org ON deployments (org, id);
CREATE INDEX deployments_by_team ON deployments (org, team, id);
CREATE INDEX applications_by_name ON applications (org, name, team);
