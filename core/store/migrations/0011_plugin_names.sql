-- Which plugin made a resource; plugin_version is of it. An entry's name says nothing of that: it may name another plugin tomorrow.
ALTER TABLE resources ADD COLUMN plugin TEXT;
