"""What the soak scripts share: the options, the directory, the database, figures of a process."""
import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def options(text, **defaults):
    """Parses the command line; defaults become whole-number options. Afterwards `lib` of the black-box tests can be imported."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--build", default="build/release", help="the build directory whose server is used (default build/release)")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--keep", action="store_true", help="leave the directory behind")
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    given = parser.parse_args()
    os.environ["INNO_BUILD_DIR"] = str(pathlib.Path(given.build).resolve())
    os.environ.pop("INNO_BINARY", None)
    sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/support")]
    return given


class Place:
    """A directory, and a PostgreSQL when wanted; both are gone afterwards."""

    def __init__(self, given):
        self.given, self.cluster = given, None

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="inno-soak-"))
        self.env = {}
        if self.given.postgres:
            import pg
            if pg.missing():
                sys.exit(pg.missing())
            from lib.server import keep_child
            self.cluster = pg.Cluster()
            keep_child(self.cluster.server.pid)
            self.env["INNOMINATUS_DATABASE"] = self.cluster.database("soak")
        return self

    def __exit__(self, kind, *_):
        import shutil
        if self.cluster:
            self.cluster.stop()
        if kind or self.given.keep:
            print(f"left behind: {self.path}", file=sys.stderr)
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def memory_kib(pid):
    """(resident, most ever resident)"""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]), int(fields["VmHWM"].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def percentile(values, of):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * of))]


def say(**figures):
    """One line of JSON for each figure or group of figures."""
    print(json.dumps({"at": time.strftime("%H:%M:%S"), **figures}), flush=True)
