"""Fixtures of the black-box tests (CONTRIBUTING.md, label e2e)."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from lib import processes  # noqa: E402  the path comes first
from lib.server import Server  # noqa: E402
from lib.things import Merchant, gateway_entry, gateway_plugin, write_config  # noqa: E402

processes.adopt_orphans()


@pytest.fixture
def start(tmp_path):
    """start(config=None, ...) starts a server; all are closed and looked at in the end."""
    servers = []

    def begin(config=None, name="server", **more):
        server = Server(tmp_path / name, config=config, **more)
        servers.append(server)
        return server.start()

    yield begin
    for server in servers:
        server.close()


@pytest.fixture
def merchant(tmp_path):
    server = Merchant(tmp_path / "merchant").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def plugin():
    return gateway_plugin()


@pytest.fixture
def ecommerce(tmp_path, start, merchant, plugin):
    """(server, merchant) as scripts/try sets them up; change(config) alters the admin-config."""

    def begin(change=None, **more):
        config = write_config(tmp_path / "config", change, product_entries=[gateway_entry(plugin, merchant)])
        return start(config, **more)

    return begin
