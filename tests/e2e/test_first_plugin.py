"""The newcomer's first five minutes, word by word from the page, in an empty directory, with an installed innominatus."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from lib.server import BUILD, ROOT

RUN = re.compile(r"<!-- run: (\w+) -->\n```sh\n(.*?)```", re.S)
PAGE = dict(RUN.findall((ROOT / "docs/product-team-guide/provisioners.md").read_text()))


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    path = tmp_path_factory.mktemp("installed")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", path], check=True, capture_output=True, timeout=600)
    return path


@pytest.fixture
def shell(prefix, tmp_path):
    """Runs lines as somebody would who has just installed it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INNOMINATUS_", "XDG_", "CMAKE_", "PKG_"))}
    environment |= {"PATH": f"{prefix}/bin:{environment['PATH']}", "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(lines, cwd, ok=True, **more):
        done = subprocess.run(["bash", "-ec", lines], cwd=cwd, env={**environment, **more}, text=True, capture_output=True, timeout=600, check=False)
        assert not ok or done.returncode == 0, done
        return done

    return run


def test_the_page_leads_from_nothing_to_a_deployed_resource(shell, start, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    shell(PAGE["new"], empty)
    project = empty / "payment-gateway"
    checked = shell(PAGE["check"], project)
    assert "16 rules kept" in checked.stdout and "FAIL" not in checked.stdout, checked
    shell(PAGE["sign"], project)
    config = project / "build/admin-config.yaml"
    entry = yaml.safe_load(config.read_text())  # what the platform team would make of it
    entry |= {"trustedKeys": {"my-team": (project / "my-team.pub").read_text().strip()}, "signaturePolicy": "require"}
    entry["productProvisioners"][0]["signature"] = {"key": "my-team"}
    config.write_text(yaml.safe_dump(entry))
    assert "--admin-config build/admin-config.yaml" in PAGE["serve"]
    server = start(config)
    deployed = shell(PAGE["deploy"], project, INNOMINATUS_SERVER=server.url, INNOMINATUS_API_KEY=server.admin_key)
    assert "example-app is active" in deployed.stdout and "payment-gateway" in deployed.stdout, deployed
    found = {p["name"]: p for p in server.admin().ok("/plugins")["items"]}
    assert found["payment-gateway"]["state"] == "ready" and found["payment-gateway"]["signed_by"] == "my-team", found
    packed = shell("cmake --build build --target package && tar -tzf build/*.tar.gz", project).stdout
    assert all(name in packed for name in ("payment-gateway.so\n", "payment-gateway.so.sig\n", "admin-config.yaml\n", "app.yaml\n")), packed


def test_what_was_built_is_enough_nothing_needs_to_be_installed(shell, tmp_path):
    path = f"{BUILD}/bin:{os.environ['PATH']}"
    shell(PAGE["new"], tmp_path, PATH=path)
    made = shell("make clean all check", tmp_path / "payment-gateway", PATH=path).stdout
    assert "16 rules kept" in made, made
    for lines in ("cmake -S payment-gateway -B away", "make -C payment-gateway clean all"):
        lost = shell(lines, tmp_path, ok=False, PATH="/usr/bin:/bin", PKG_CONFIG_PATH="/none")
        assert lost.returncode != 0 and "No SDK of innominatus is here." in " ".join(lost.stderr.split()), lost


def test_without_cmake_and_for_the_platform_make_does_the_same(shell, tmp_path):
    shell("innominatus plugin new dns-eu --type dns-zone --dir here/there", tmp_path)
    project = tmp_path / "here/there"
    assert "16 rules kept" in shell("make && make check", project).stdout
    entry = yaml.safe_load((project / "build/admin-config.yaml").read_text())
    assert [p["name"] for p in entry["provisioners"]] == ["local", "dns-eu"] and entry["provisioners"][1]["type"] == "dns-zone"
    assert "product" not in (project / "examples/app.yaml").read_text()
    assert "valid, 0 errors" in shell("innominatus admin validate build/admin-config.yaml && innominatus validate examples/app.yaml", project).stdout
    assert "dns-eu.so" in shell("make package && tar -tzf build/*.tar.gz", project).stdout
    if shutil.which("clang"):
        shell("make clean && CC=clang make", project)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    refused = shell("innominatus plugin new dns-eu --dir .", project, ok=False)
    assert refused.returncode == 1 and "nothing was changed" in refused.stderr
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_a_name_that_is_none_is_refused_and_data_is_data(shell, tmp_path):
    for words in ("Bad_Name", "a", "'../x'", "ok --product 'a b'", "ok --type A"):
        assert shell(f"innominatus plugin new {words}", tmp_path, ok=False).returncode == 2, words
    assert not list(tmp_path.glob("ok*"))
    made = json.loads(shell("innominatus plugin new data-plugin --output json", tmp_path).stdout)
    assert sorted(made["files"]) == sorted(str(p.relative_to(tmp_path / "data-plugin")) for p in (tmp_path / "data-plugin").rglob("*") if p.is_file())
    umask = shell("umask 002 && cd data-plugin && cmake --preset dev >/dev/null && cmake --build --preset dev >/dev/null && innominatus plugin check build/data-plugin.so", tmp_path)
    assert "rules kept" in umask.stdout  # a generous umask does not make a file that the server refuses
