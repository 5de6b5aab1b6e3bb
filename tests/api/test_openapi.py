"""Requests made from the OpenAPI document (schemathesis), over every route, with the keys of an admin and of a user: no 5xx, no status that the document does not
name, bodies and media types as it says. INNO_OPENAPI_EXAMPLES=200 makes the long run of `scripts/test --all`."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.server import BUILD, Server  # noqa: E402  the path comes first

EXAMPLES = int(os.environ.get("INNO_OPENAPI_EXAMPLES", "2"))
VERSION = "4.32.5"
SECONDS = 1500 + 60 * EXAMPLES  # a limit for what hangs, not a measure
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
LAST = ("logout", "deleteUser", "revokeApiKey")  # they may end the key that a run works with, so they have one that is only theirs
CONFIG = """provisioners:
  - {name: local, plugin: local}
rateLimits: {user: {perSecond: 0}, address: {perSecond: 0}}
"""
SETTINGS = """[parameters]
"query.follow" = false
"""  # streams have no end


@pytest.fixture(scope="module")
def st():
    """schemathesis beside the build directories, installed at the first run."""
    place = BUILD.parent / "schemathesis"
    program = place / "bin" / "st"
    done = place / f"installed-{VERSION}"
    if not done.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(place)], text=True, capture_output=True, check=False)
        if made.returncode:
            pytest.skip(f"no virtual environment: {made.stderr.strip()[-200:] or made.stdout.strip()[-200:]}")
        got = subprocess.run([place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20", f"schemathesis=={VERSION}"],
                             text=True, capture_output=True, check=False, timeout=600)
        if got.returncode:
            pytest.skip(f"schemathesis cannot be installed: {got.stderr.strip()[-200:]}")
        done.touch()
    return program


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    config = tmp_path_factory.mktemp("config") / "admin-config.yaml"
    config.write_text(CONFIG)
    server = Server(tmp_path_factory.mktemp("openapi") / "server", config=config).start()
    yield server
    server.close()
    assert not re.findall(r"status=\"?50[0-2].*", server.log())


def generate(st, server, key, place, *words):
    """Runs schemathesis over a part of the routes; gives how many, and how many the document has."""
    settings = place / "schemathesis.toml"
    settings.write_text(SETTINGS)
    done = subprocess.run([str(word) for word in (
        st, "--config-file", settings, "run", f"{server.url}/openapi.json", "--header", f"Authorization: Bearer {key}", "--checks", CHECKS, "--phases", "coverage,fuzzing",
        "--max-examples", EXAMPLES, "--generation-deterministic", "--request-timeout", 60, "--continue-on-failure", "--no-color", "--warnings", "off", *words)],
        cwd=place, text=True, capture_output=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return [int(number) for number in re.search(r"Selected: (\d+)/(\d+)", done.stdout).groups()]


@pytest.mark.parametrize("role", ["user", "admin"])
def test_every_route_answers_as_the_document_says(st, server, role, tmp_path):
    first, second = server.add_user(f"first-{role}", "shop", role=role), server.add_user(f"second-{role}", "shop", role=role)
    most, all_of_them = generate(st, server, first.key, tmp_path, *(word for name in LAST for word in ("--exclude-operation-id", name)))
    assert first.get("/profile").status == 200
    rest, _ = generate(st, server, second.key, tmp_path, *(word for name in LAST for word in ("--include-operation-id", name)))
    assert rest == len(LAST) and most + rest == all_of_them and all_of_them > 50
