"""The database of a server that is stopped, whichever it is."""
import json
import os
import sqlite3
import subprocess
import sys

from lib.server import ROOT

sys.path.insert(0, str(ROOT / "tests/support"))

import pg  # noqa: E402  the path comes first


class Database:
    def __init__(self, server):
        self.url = server.env.get("INNOMINATUS_DATABASE", "")
        self.sqlite = None if self.url.startswith("postgres") else sqlite3.connect(server.state / "innominatus.db")

    def rows(self, sql):
        """A list of tuples. Columns need names of their own."""
        if self.sqlite:
            return self.sqlite.execute(sql).fetchall()
        words = [os.path.join(pg.BIN, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", f"SELECT row_to_json(q) FROM ({sql}) q"]
        done = subprocess.run(words, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return [tuple(json.loads(line).values()) for line in done.stdout.splitlines()]

    def integrity(self):
        return self.sqlite.execute("PRAGMA integrity_check").fetchone()[0] if self.sqlite else "ok"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sqlite:
            self.sqlite.close()
