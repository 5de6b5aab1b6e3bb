"""`innominatus plugin check`: every rule can fail, each plugin breaks the rule it is made to break and no other, and what keeps the contract passes."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import argocd  # noqa: E402  the path comes first
import argocd_real  # noqa: E402
import gitea  # noqa: E402  the path comes first
import openbao  # noqa: E402
from plugin_check import BUILD, PLUGINS, check, keeps_all  # noqa: E402

BINARY = os.environ["INNO_BINARY"]
BAD = BUILD / "tests/bad-plugins"
LOCAL = PLUGINS / "local.so"
TERRAFORM = shutil.which("terraform") or shutil.which("tofu")


def findings(file, *words):
    """{rule: (verdict, detail)} of a plugin with one type; the exit code and the sums are those of the verdicts."""
    done = check(file, "--output", "json", *words)
    result = json.loads(done.stdout)
    broken = [f for f in result["findings"] if f["verdict"] == "fail"]
    assert done.returncode == (1 if broken else 0) and result["passed"] is not bool(broken) and result["broken"] == len(broken), done
    return {f["rule"]: (f["verdict"], f["detail"]) for f in result["findings"]}


def broken(found):
    return {rule for rule, (verdict, _) in found.items() if verdict == "fail"}


BREAKS = [
    ("provision", "provision", 'twice is not the same as once: output "serial" is another one'),
    ("provision_at_all", "provision", "no"),
    ("crash", "crash", "it made a second one"),
    ("lost_answer", "crash", "the answer was lost"),
    ("status", "status", "and should only look"),
    ("hints", "hints", "and should only look"),
    ("update", "update", "makes something new"),
    ("plan", "plan", "and should only look"),
    ("deprovision", "deprovision", "it leaves box-"),
    ("unknown", "deprovision", "of one that never was"),
    ("params", "params", "was accepted"),
    ("cancel", "cancel", "it does not stop within 2 s"),
    ("parallel", "parallel", "8 things at once do not work"),
    ("memory", "usage", "it loses memory"),
    ("descriptors", "usage", "it leaves descriptors open"),
    ("threads", "usage", "it leaves threads"),
    ("health", "health", "nobody answers"),
    ("open", "open", "config.url is missing"),
    ("action", "actions", "peek changes box-"),
    ("repeat", "actions", 'stamp says that it is idempotent; after a lost answer it gives another "stamp"'),
]

# What else cannot work when this one does not.
FOLLOWS = {"deprovision": {"crash", "status", "parallel"}, "unknown": {"crash", "cancel"}, "lost_answer": {"provision", "update", "parallel"}, "update": set()}


@pytest.fixture(scope="module")
def verdicts():
    """All of them, a few at a time: they wait more than they work."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return {plugin: pool.submit(findings, BAD / f"contract_{plugin}.so", "--conformance") for plugin, _, _ in BREAKS}


@pytest.mark.parametrize("plugin,rule,says", BREAKS)
def test_a_broken_rule_is_found(verdicts, plugin, rule, says):
    found = verdicts[plugin].result()
    assert found[rule][0] == "fail" and says in found[rule][1], found
    assert broken(found) - {rule} <= FOLLOWS.get(plugin, set()), found


def test_what_keeps_the_contract_passes():
    found = findings(BAD / "contract_kept.so", "--conformance")
    assert set(found) == {"file", "manifest", "symbols", "schema", "table", "open", "health", "provision", "crash", "status", "hints", "update", "plan",
                          "deprovision", "params", "cancel", "actions", "parallel", "usage"}
    assert {verdict for verdict, _ in found.values()} == {"ok"}, found
    assert "kills around each host->state" in found["crash"][1] and "bad params are refused" in found["params"][1], found


def test_a_call_that_takes_its_time_is_stopped_in_the_middle():
    found = findings(BAD / "contract_takes_time.so", "--conformance")
    assert not broken(found) and "it answers after" in found["cancel"][1], found


@pytest.mark.parametrize("plugin,rule,says", [
    ("not_elf", "file", "no ELF header"), ("empty", "file", "empty"), ("no_manifest", "manifest", "no manifest"), ("other_major", "manifest", "ABI"),
    ("two_exports", "symbols", "exports 2 symbols"), ("lying_manifest", "table", "lies about its version"), ("lying_types", "table", "lies about its types"),
    ("lying_slots", "table", "lies about its slots"), ("action_bad_type", "manifest", "s, i, b, d or j"), ("action_no_slot", "manifest", "not the slot"),
    ("action_signature", "table", "the letters are s, i, b, d and j"), ("action_no_function", "table", "has no function"),
    ("action_too_many", "table", "more than 16 arguments"), ("action_twice", "table", "in the table twice"),
    ("action_lying", "table", "lies about its action act"), ("missing_slot", "table", "no deprovision"), ("no_magic", "table", "no magic number")])
def test_a_file_that_is_no_good_is_told_without_the_contract(plugin, rule, says):
    found = findings(BAD / f"{plugin}.so")
    assert broken(found) == {rule} and says in found[rule][1] and "provision" not in found, found


@pytest.mark.parametrize("plugin,says", [("crash", "SIG"), ("exits", ""), ("huge_output", ""), ("invalid_utf8", ""), ("other_thread", "another thread")])
def test_what_breaks_in_provision_is_contained_and_told(plugin, says):
    found = findings(BAD / f"{plugin}.so", "--conformance")
    assert found["provision"][0] == "fail" and says in found["provision"][1], found
    assert found["crash"][0] == found["usage"][0] == "skip", found


@pytest.mark.skipif(not TERRAFORM, reason="neither terraform nor tofu is installed")
def test_terraform_passes(tmp_path):
    params = tmp_path / "params.json"
    params.write_text(json.dumps({"inline": 'resource "terraform_data" "a" { input = "x" }\noutput "a" { value = terraform_data.a.output }\n'}))
    keeps_all(check(PLUGINS / "terraform.so", "--conformance", "--output", "json", "--params", params), ["terraform"])


def test_the_bundled_plugin_passes():
    types = ["volume", "sqlite", "dns", "route", "secret", "workload"]  # the others need a server: test_check_servers.py
    done = check(LOCAL, "--conformance", "--output", "json", *(word for type in types for word in ("--type", type)))
    keeps_all(done, types)


def test_vault_passes_against_a_real_openbao(tmp_path):
    if openbao.missing():
        pytest.skip(openbao.missing())
    config, params = tmp_path / "config.json", tmp_path / "params.json"
    params.write_text(json.dumps({"vault-policy": {"secrets": ["db"]}, "vault-approle": {"policies": ["base"]},
                                  "vault-secret": {"data": {"user": "mail"}, "keys": ["password"]}}))
    with openbao.Server(tmp_path / "bao") as bao:
        bao.ok("POST", "/v1/sys/auth/approle", {"type": "approle"})
        config.write_text(json.dumps({"url": bao.url, "credentials": bao.token, "policies": ["base"]}))
        types = ["secret", "vault-secret", "vault-policy", "vault-approle"]
        done = check(PLUGINS / "vault.so", "--conformance", "--output", "json", "--config", config, "--params", params,
                     *(word for type in types for word in ("--type", type)))
        keeps_all(done, types)
        left = [name for name in bao.keys("/v1/sys/policies/acl") if name.startswith("innominatus")]
        assert bao.keys("/v1/secret/metadata/innominatus") + left + bao.keys("/v1/auth/approle/role") == []


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_gitea_passes_against_its_fake_and_a_real_one(kind, tmp_path):
    if kind == "real" and gitea.missing():
        pytest.skip(gitea.missing())
    config, params = tmp_path / "config.json", tmp_path / "params.json"
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPGNd6JBSsV2Z9VxqpxJ3Iu0Z5xBqvS5{thing}Zm9c"  # Gitea takes a key once
    params.write_text(json.dumps({"gitea-org": {"description": "x"}, "gitea-repo": {"topics": ["go"], "protectedBranches": {"main": {"approvals": 1}}},
                                  "gitea-deploy-key": {"repository": "check/web", "key": key},
                                  "gitea-webhook": {"repository": "check/web", "url": "http://127.0.0.1:9/", "secret": "hidden"},
                                  "git-commit": {"repository": "check/web", "files": {"a.yaml": {"a": 1}}}}))
    with gitea.Server() if kind == "fake" else gitea.Real() as server:
        server.remove("check")
        server.make_org("check")
        server.make_repo("check", "web")
        before = server.every_org()
        config.write_text(json.dumps({"url": server.address, "credentials": server.token, "owner": "check"}))
        types = ["gitea-org", "gitea-repo", "gitea-deploy-key", "gitea-webhook", "git-commit"]
        done = check(PLUGINS / "gitea.so", "--conformance", "--output", "json", "--config", config, "--params", params,
                     *(word for type in types for word in ("--type", type)))
        keeps_all(done, types)
        assert server.every_org() == before and [repo["name"] for repo in server.get("/api/v1/orgs/check/repos")] == ["web"]
        assert server.part("check/web", "keys") == server.part("check/web", "hooks") == [] and list(server.files("check/web")) == ["README.md"]
        server.remove("check")


def test_argocd_passes_against_its_fake(tmp_path):
    config, params = tmp_path / "config.json", tmp_path / "params.json"
    params.write_text(json.dumps({"argocd-project": {"sources": ["https://git.example.com/*"], "destinations": [{"namespace": "check"}]},
                                  "argocd-repository": {"url": "https://git.example.com/{thing}.git", "project": "check", "password": "hidden"},
                                  "argocd-app": {"project": "check", "repoURL": "https://git.example.com/a.git", "path": "apps/shop", "namespace": "check"}}))
    with argocd.Server() as server:
        server.projects["check"] = {"metadata": {"name": "check"}, "spec": {}}
        config.write_text(json.dumps({"url": server.url, "credentials": server.token, "projects": ["check*"]}))
        done = check(PLUGINS / "argocd.so", "--conformance", "--output", "json", "--config", config, "--params", params)
        keeps_all(done, ["argocd-project", "argocd-repository", "argocd-app"])
        assert server.repositories == {}
        assert set(server.projects) == {"default", "check"}
        assert all("deletionTimestamp" in app["metadata"] for app in server.apps.values())  # those that nobody looked at until they were gone


def test_argocd_passes_against_a_real_one(tmp_path):
    if argocd_real.missing():
        pytest.skip(argocd_real.missing())
    config, params = tmp_path / "config.json", tmp_path / "params.json"
    with argocd_real.Real("check", "check") as server:
        server.git.ask(f"/api/v1/repos/{server.repo}", "PATCH", {"private": False})
        everything = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
        assert server.ask("/api/v1/projects", "POST", {"project": {"metadata": {"name": "check"}, "spec": everything}})[0] == 200
        thing = {"jsonnet": {"extVars": [{"name": "thing", "value": "{thing}"}]}}  # each application makes its own
        params.write_text(json.dumps({"argocd-project": {"sources": [server.repo_url], "destinations": [{"namespace": "check"}]},
                                      "argocd-repository": {"url": server.repo_url, "project": "check-{thing}", "username": "robot", "password": server.git.token},
                                      "argocd-app": {"project": "check", "repoURL": server.repo_url, "path": "apps/each", "directory": thing, "namespace": "check"}}))
        config.write_text(json.dumps({"url": server.address, "credentials": server.token, "projects": ["check*"]}))
        done = check(PLUGINS / "argocd.so", "--conformance", "--output", "json", "--config", config, "--params", params)
        result = json.loads(done.stdout)
        assert done.returncode == 0 and result["passed"], [f for f in result["findings"] if f["verdict"] not in ("ok",)]
        server.wait(lambda: server.left() == ["appprojects/check"])  # removals that nobody looked at until they were done


@pytest.mark.skipif(not shutil.which("ansible-playbook"), reason="ansible-playbook is not installed")
def test_ansible_passes():
    found = {f["rule"]: f["verdict"] for f in keeps_all(check(PLUGINS / "ansible.so", "--conformance", "--output", "json"), [])["findings"]}
    assert found["health"] == "ok", found


def test_the_verdicts_as_a_table_and_for_build_servers(tmp_path):
    done = check(BAD / "contract_hints.so", "--conformance")
    assert done.returncode == 1 and "\n hints        FAIL  it changes box-" in done.stdout and "\n1 of 19 rules broken\n" in done.stdout, done
    done = check(BAD / "contract_hints.so", "--conformance", "--output", "junit")
    suite = xml.etree.ElementTree.fromstring(done.stdout).find("testsuite")
    assert done.returncode == 1 and suite.get("tests") == "19" and suite.get("failures") == "1", done
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == ["hints box"]
    assert check(BAD / "contract_kept.so").stdout.endswith("7 rules kept\n")


def test_params_and_config_come_from_files(tmp_path):
    params, config, other = tmp_path / "params.json", tmp_path / "config.json", tmp_path / "list.json"
    params.write_text('{"name": "UPPER"}')
    assert broken(findings(BAD / "contract_kept.so", "--conformance", "--params", params)) == {"provision"}
    params.write_text('{"box": {"name": "lower"}}')
    assert not broken(findings(BAD / "contract_kept.so", "--conformance", "--params", params))
    config.write_text('{"url": "http://localhost"}')
    assert not broken(findings(BAD / "contract_open.so", "--conformance", "--config", config))
    other.write_text("[1]")
    for words, code in ((("--params", tmp_path / "gone.json"), 5), (("--config", other), 3)):
        assert check(BAD / "contract_kept.so", *words).returncode == code, words
    assert check(tmp_path / "gone.so").returncode == 5
    wrong = check(LOCAL, "--type", "moon")
    assert wrong.returncode == 2 and "--type moon: the plugin has no such type; it has: volume" in wrong.stderr, wrong
    assert {f.get("type") for f in json.loads(check(LOCAL, "--conformance", "--type", "dns", "--output", "json").stdout)["findings"]} == {None, "dns"}


def test_nothing_is_left_behind(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([BINARY, "plugin", "check", str(BAD / "contract_hints.so"), "--conformance"], env=environment, capture_output=True, check=False, timeout=600)
    assert done.returncode == 1 and not list(tmp_path.iterdir())
