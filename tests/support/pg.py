"""A PostgreSQL cluster of its own for black-box tests: in a temporary directory, on a unix socket.

    with pg.Cluster() as cluster:
        url = cluster.database("shop")        # postgres://postgres@/shop?host=/tmp/...

As root it runs as the user postgres, because initdb refuses root. pg.missing() says why there is none (for pytest.skip), or is None.
Run as a program it starts a cluster, prints the URL of a database and stops when its standard input ends.
"""
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("INNO_TEST_PG_BIN", "/usr/lib/postgresql/15/bin")


def missing():
    if not os.access(os.path.join(BIN, "postgres"), os.X_OK):
        return f"no PostgreSQL server in {BIN}"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "no user postgres, and initdb refuses root"
    return None


def _argv(tool, args, server=False):
    argv = []
    if os.geteuid() == 0:
        argv = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        argv += ["--pdeathsig", "INT"] if server else []
        argv += ["--"]
    return argv + [os.path.join(BIN, tool), *args]


class Cluster:
    def __init__(self, port=None):
        """port: it listens on this one of the loopback too, where everybody needs a password (that of postgres is set by `ask`)."""
        self.port = port
        self.dir = tempfile.mkdtemp(prefix="inno-pg-", dir=os.environ.get("TMPDIR") if len(os.environ.get("TMPDIR", "")) < 40 else "/tmp")
        self.data = os.path.join(self.dir, "data")
        self.server = None
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        self.log = open(os.path.join(self.dir, "log"), "ab")
        try:
            self._run("initdb", "-D", self.data, "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
            self.resume()
        except BaseException:
            self.stop()
            raise

    def _run(self, tool, *args, check=True):
        done = subprocess.run(_argv(tool, args), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/", check=False)
        if check and done.returncode != 0:
            with open(os.path.join(self.dir, "log"), "rb") as log:
                raise RuntimeError(f"{tool} failed ({done.returncode}): {log.read()[-600:].decode(errors='replace')}")
        return done.returncode == 0

    def resume(self):
        listen = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"] if self.port else ["-c", "listen_addresses="]
        args = ["-D", self.data, "-k", self.dir, *listen, "-c", "fsync=off", "-c", "max_connections=200",
                "-c", "shared_buffers=32MB", "-c", "log_min_messages=fatal"]
        self.server = subprocess.Popen(_argv("postgres", args, server=True), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/")
        for _ in range(4000):
            if self._run("pg_isready", "-q", "-h", self.dir, *self._at(), "-U", "postgres", check=False):
                return
            if self.server.poll() is not None:
                raise RuntimeError("the PostgreSQL server ended")
            time.sleep(0.05)
        raise RuntimeError("the PostgreSQL server does not get ready")

    def halt(self, number=signal.SIGINT):
        """Stops the server at once, sessions and all, keeping the data. SIGQUIT: as a crash would; it recovers at the next start."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(number)
            self.server.wait()
        self.server = None

    def database(self, name):
        """Makes a database and returns its URL."""
        self._run("createdb", "-h", self.dir, *self._at(), "-U", "postgres", name)
        return f"postgres://postgres@/{name}?host={self.dir}"

    def _at(self):
        return ["-p", str(self.port)] if self.port else []

    def ask(self, sql, database="postgres"):
        """Runs a statement as the superuser; gives its rows as lines of text."""
        done = subprocess.run(_argv("psql", ["-h", self.dir, *self._at(), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-XAtc", sql]),
                              stdin=subprocess.DEVNULL, text=True, capture_output=True, cwd="/", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr[-600:]}")
        return done.stdout.splitlines()

    def stop(self):
        self.halt()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


if __name__ == "__main__":
    if missing():
        sys.exit(missing())
    with Cluster() as cluster:
        print(cluster.database(sys.argv[1] if len(sys.argv) > 1 else "innominatus"), flush=True)
        sys.stdin.read()
