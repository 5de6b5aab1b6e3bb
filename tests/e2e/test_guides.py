"""What the guides tell people to write works: their files are taken out of the pages and used."""
import hashlib
import json
import os
import pathlib
import re
import subprocess

from lib.server import BINARY, ROOT

FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.S)


def files_of(page):
    return dict(FILE.findall((ROOT / "docs" / page).read_text()))


def run(*words, **more):
    return subprocess.run([str(w) for w in words], text=True, capture_output=True, timeout=300, check=False, **more)


def write(directory, files):
    for name, text in files.items():
        path = pathlib.Path(directory) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_smallest_provisioner_of_the_guide_serves_its_resource(start, tmp_path):
    files = files_of("product-team-guide/provisioners.md")
    write(tmp_path, files)
    built = run(os.environ.get("CC", "cc"), "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", f"-I{ROOT}/sdk/include", tmp_path / "greeter.c",
                "-o", tmp_path / "greeter.so")
    assert built.returncode == 0, built.stderr
    inspected = run(BINARY, "plugin", "inspect", tmp_path / "greeter.so")
    digest = hashlib.sha256((tmp_path / "greeter.so").read_bytes()).hexdigest()
    assert inspected.returncode == 0 and "greeter" in inspected.stdout and digest in inspected.stdout, inspected
    (tmp_path / "admin-config.yaml").write_text(files["entry.yaml"].replace("SHA256", digest) + "provisioners: [{name: local, plugin: local}]\n")
    server = start(tmp_path / "admin-config.yaml")
    dev = server.add_user("dev", "dev")
    deployment = dev.deploy(files["greeting.yaml"])
    assert deployment["state"] == "completed", deployment
    path = pathlib.Path(dev.resources()["hello"]["outputs"]["path"])
    assert path.read_text() == "hello Ada\n"
    assert dev.deploy(files["greeting.yaml"].replace("Ada", "Grace"))["state"] == "completed"
    assert path.read_text() == "hello Grace\n"
    refused = dev.submit(files["greeting.yaml"].replace("name: Ada", "who: Ada"))
    assert refused.status == 422, refused
    assert [(e["path"], e["line"], e["code"], e["suggestion"]) for e in refused.json["errors"]] == [("/resources/hello/params", 11, "ORC-1003", "known: name")]


def test_the_platform_teams_policy_and_workflow_do_what_the_guide_says(tmp_path):
    write(tmp_path, files_of("platform-team-guide.md"))
    write(tmp_path, files_of("product-team-guide/README.md"))
    write(tmp_path, files_of("developer-guide.md"))
    (tmp_path / "admin-config.yaml").write_text("workflowPolicies: {workflowsRoot: ./workflows}\nprovisioners: [{name: local, plugin: local}]\n"
                                                + (tmp_path / "policies.yaml").read_text())
    tested = run(BINARY, "policy", "test", tmp_path / "policies", "--coverage")
    assert tested.returncode == 0 and "7 passed" in tested.stdout and "100 %" in tested.stdout, tested
    checked = run(BINARY, "admin", "validate", tmp_path / "admin-config.yaml")
    assert checked.returncode == 0 and "0 errors, 0 warnings" in checked.stdout, checked
    policy = tmp_path / "policies/production-needs-two-replicas.lua"
    judged = run(BINARY, "policy", "eval", policy, tmp_path / "app.yaml", "--env", "production")
    assert judged.returncode == 4 and "one replica" in judged.stdout + judged.stderr, judged
    for name in ("app.yaml", "app-with-steps.yaml"):
        assert run(BINARY, "validate", tmp_path / name).returncode == 0, name


def test_the_guides_workflows_run(start, tmp_path):
    write(tmp_path, files_of("platform-team-guide.md"))
    write(tmp_path, files_of("product-team-guide/README.md"))
    search = tmp_path / "workflows/products/ecommerce/search-index.yaml"
    search.write_text(search.read_text().replace(", status: draft", ""))
    (tmp_path / "admin-config.yaml").write_text("workflowPolicies: {workflowsRoot: ./workflows}\nprovisioners: [{name: local, plugin: local}]\n"
                                                + (tmp_path / "policies.yaml").read_text())
    dev = start(tmp_path / "admin-config.yaml").add_user("dev", "dev")
    app = files_of("developer-guide.md")["app-with-steps.yaml"].replace("5s", "1ms")
    assert dev.deploy(app)["state"] == "failed"  # no cost center
    deployment = dev.deploy(app.replace("{name: hello}", "{name: hello, product: ecommerce, costCenter: c-1}"))
    assert deployment["state"] == "completed", deployment
    assert [w["name"] for w in deployment["workflows"]] == ["owners", "resources", "ecommerce/search-index", "workload", "smoke"]
