"""What other programs take from the command line: SARIF and JUnit, completion in the real shells, the manual page."""
import json
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest
from lib.server import BINARY, BUILD, ROOT

from test_cli_offline import FIVE, PLUGIN, cli, home  # noqa: F401  fixtures

HELLO = ROOT / "examples/hello.yaml"
MANUAL = BUILD / "generated/share/man/man1/innominatus.1"


# ---- SARIF ----


def sarif(done):
    """The log, held to what the schema of SARIF 2.1.0 asks of the parts that are used."""
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json") and len(log["runs"]) == 1
    run = log["runs"][0]
    assert set(run) == {"tool", "columnKind", "artifacts", "results"} and run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "innominatus" and re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch(r"ORC-\d{4}", rule["id"]) and re.fullmatch(r"[A-Z][A-Za-z]+", rule["name"])
        assert rule["helpUri"] == f"urn:innominatus:error:{rule['id']}" and rule["shortDescription"]["text"] and rule["help"]["text"]
        assert rule["properties"]["remedy"] in rule["help"]["text"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] and result["level"] in ("error", "warning", "note") and result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert not re.search(r"[^A-Za-z0-9._~/+@,=%:-]", place["artifactLocation"]["uri"])
        region = place.get("region")
        assert region is None or (region["startLine"] >= 1 and 1 <= region["startColumn"] < region["endColumn"]), region
        assert "suppressions" not in result
    return run


def places(run):
    found = []
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"].get("region", {})
        found.append((result["ruleId"], region.get("startLine"), region.get("startColumn"), region.get("endColumn")))
    return found


def test_findings_are_sarif_with_rules_and_regions(cli):
    done = cli("validate", FIVE, HELLO, "--output", "sarif")
    run = sarif(done)
    assert done.returncode == 3 and not done.stderr
    assert places(run) == [("ORC-1005", 1, 13, 25), ("ORC-1006", 3, 9, 15), ("ORC-1005", 7, 13, 18), ("ORC-1004", 12, 14, 18), ("ORC-1020", 13, 22, 43)]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["ORC-1005", "ORC-1006", "ORC-1004", "ORC-1020"]
    assert [a["location"]["uri"] for a in run["artifacts"]] == [f"file://{FIVE}", f"file://{HELLO}"]
    assert 'did you mean "db"?' in run["results"][4]["message"]["text"]
    clean = sarif(cli("validate", HELLO, "--output", "sarif"))
    assert clean["results"] == [] and clean["tool"]["driver"]["rules"] == []


def test_sarif_names_relative_and_odd_files_as_uris(cli, tmp_path):
    (tmp_path / "my app#1.yaml").write_text(FIVE.read_text())
    run = sarif(cli("validate", "my app#1.yaml", "missing.yaml", "--output", "sarif", cwd=tmp_path))
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert uris[0] == "my%20app%231.yaml" and uris[-1] == "missing.yaml" and run["results"][-1]["ruleId"] == "ORC-3004", uris


def test_failing_policy_tests_and_configurations_are_sarif(cli, tmp_path):
    (tmp_path / "p.lua").write_text('return {name = "p", on = "deployment", check = function(input) return nil end}')
    (tmp_path / "p_test.lua").write_text('return {{name = "a", policy = "p", input = {}, expect = {denied = true}}, {name = "b", policy = "p", input = {}, expect = {denied = false}}}')
    done = cli("policy", "test", tmp_path, "--output", "sarif")
    run = sarif(done)
    assert done.returncode == 1 and [r["ruleId"] for r in run["results"]] == ["ORC-3010"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == f"file://{tmp_path}/p.lua"
    (tmp_path / "admin-config.yaml").write_text("enviroments: []\n")
    done = cli("admin", "validate", tmp_path / "admin-config.yaml", "--output", "sarif")
    assert done.returncode == 3 and ("ORC-1003", 1, 1, 12) in places(sarif(done))


# ---- JUnit ----


def cases(done):
    """{name: (failure text or None, output or None)}; the counts of the document must be true."""
    root = xml.fromstring(done.stdout)
    found = {case.get("name"): (case.findtext("failure"), case.findtext("system-out")) for case in root.iter("testcase")}
    failures = str(sum(1 for failure, _ in found.values() if failure is not None))
    for element in (root, root.find("testsuite")):
        assert element.get("tests") == str(len(found)) and element.get("failures") == failures
    return found


def test_every_file_is_a_case_of_junit(cli, tmp_path):
    old = tmp_path / "old.yaml"
    old.write_text(HELLO.read_text().replace("params:", "properties:"))
    done = cli("validate", FIVE, HELLO, old, "--output", "junit")
    found = cases(done)
    assert done.returncode == 3 and set(found) == {str(FIVE), str(HELLO), str(old)}
    assert found[str(FIVE)][0].count("error[ORC-") == 5 and f"{FIVE}:13:22: error[ORC-1020]" in found[str(FIVE)][0]
    assert found[str(HELLO)] == (None, None)
    assert found[str(old)][0] is None and (found[str(old)][1] is None) == ("properties:" not in old.read_text())


def test_junit_stays_well_formed_whatever_a_file_holds(cli, tmp_path):
    bad = tmp_path / "a<b>&\"'.yaml"
    bad.write_text('apiVersion: "score.dev/<&>\\"\\u0007\\uFFFE]]>"\nmetadata: {name: "\\u001b[31m"}\n"k\\ny": 1\n')
    done = cli("validate", bad, "--output", "junit")
    assert done.returncode == 3
    (name, (failure, _)), = cases(done).items()
    assert name == str(bad) and "score.dev/<&>" in failure
    garbage = tmp_path / "garbage"
    garbage.write_bytes(bytes(range(256)))
    assert cases(cli("validate", garbage, "--output", "junit"))[str(garbage)][0]


def test_policy_tests_are_cases(cli):
    done = cli("policy", "test", ROOT / "policies", "--output", "junit")
    found = cases(done)
    assert done.returncode == 0 and len(found) > 20 and all(failure is None for failure, _ in found.values())


def test_a_score_file_that_is_too_large_is_a_validation_error(cli, tmp_path):
    big = tmp_path / "big.yaml"
    big.write_text("# " + "x" * (1 << 20))
    done = cli("validate", big)
    assert done.returncode == 3 and "larger than a Score file may be (1024 KiB)" in done.stderr
    assert json.loads(cli("validate", big, "--output", "json").stdout)["errors"][0]["code"] == "ORC-1032"


# ---- completion ----


def candidates(cli, *words):
    lines = cli("__complete", "--", *words).stdout.splitlines()
    return {line.partition("\t")[0] for line in lines[:-1]}, lines[-1]


@pytest.mark.parametrize("words, holds, lacks, closing", [
    ([""], {"deploy", "validate", "queue", "completion"}, {"diff", "manual"}, ":none"),
    (["depl"], {"deploy", "deployments"}, {"delete"}, ":none"),
    (["queue", ""], {"stats", "list", "show"}, {"deploy"}, ":none"),
    (["validate", ""], set(), {"deploy"}, ":files"),
    (["validate", "a.yaml", "b"], set(), set(), ":files"),
    (["plan", "a.yaml", ""], set(), set(), ":none"),
    (["policy", "test", ""], set(), set(), ":directories"),
    (["deploy", "--"], {"--env", "--follow", "--output", "--server"}, {"--tier"}, ":none"),
    (["deploy", "--override-file", ""], set(), set(), ":files"),
    (["--output", ""], {"table", "json", "sarif"}, set(), ":none"),
    (["--output", "json", "vali"], {"validate"}, set(), ":none"),
    (["-o", "j"], {"json", "junit"}, {"yaml"}, ":none"),
    (["deploy", "-o", "json", ""], set(), set(), ":files"),
    (["validate", "--output", ""], {"sarif", "junit"}, set(), ":none"),
    (["list", "--output", ""], {"json", "yaml"}, {"sarif", "junit"}, ":none"),
    (["list", "--output=y"], {"--output=yaml"}, {"--output=json"}, ":none"),
    (["list-workflows", "--tier", "p"], {"platform", "product"}, {"application"}, ":none"),
    (["completion", ""], {"bash", "zsh", "fish"}, set(), ":none"),
    (["help", "po"], {"policy"}, set(), ":none"),
    (["help", "policy", "t"], {"test"}, {"list"}, ":none"),
    (["nonsense", ""], set(), set(), ":none"),
    ([], {"deploy"}, set(), ":none"),
    (["validate", "--", "--"], set(), {"--strict"}, ":files"),
])
def test_candidates_come_from_the_table_of_commands(cli, words, holds, lacks, closing):
    found, last = candidates(cli, *words)
    assert holds <= found and not lacks & found and last == closing, (found, last)


def test_completion_is_silent_without_a_server(cli):
    done = cli("__complete", "--", "status", "", INNOMINATUS_SERVER="http://127.0.0.1:9")
    assert (done.returncode, done.stdout, done.stderr) == (0, ":none\n", "")
    assert cli("__complete", "--", "deploy", "--env", "", INNOMINATUS_SERVER="nonsense").stdout == ":none\n"


def test_names_of_applications_and_environments_are_offered(start, cli, tmp_path):
    from lib.things import score

    server = start()
    path = tmp_path / "shop.yaml"
    path.write_text(score("shop", {}))
    assert server.cli("deploy", path, "--wait").returncode == 0
    assert "shop\tapplication\n" in server.cli("__complete", "--", "status", "sh").stdout
    assert "development\tenvironment\n" in server.cli("__complete", "--", "list", "--env", "").stdout
    done = server.cli("__complete", "--", "status", "", key="wrong")
    assert (done.returncode, done.stdout, done.stderr) == (0, ":none\n", "")


def in_shell(home, *words):
    return subprocess.run(words, env={**home, "PATH": f"{BINARY.parent}:{home['PATH']}"}, text=True, capture_output=True, check=False, timeout=120, cwd=ROOT)


BASH = r"""
source <(innominatus completion bash)
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _innominatus; echo "${COMPREPLY[*]}"; }
complete -p innominatus-ctl
ask innominatus depl
ask innominatus validate --output = s
ask innominatus validate --output =
ask innominatus validate READ
ask innominatus plugin inspect scri
ask innominatus nonsense x
"""


def test_bash_completes(home):
    done = in_shell(home, "bash", "--norc", "-c", BASH)
    assert not done.stderr, done
    assert done.stdout.splitlines() == ["complete -F _innominatus innominatus-ctl", "deploy deployments", "sarif", "table wide json yaml junit sarif", "README.md", "scripts", ""], done


ZSH = r"""
source <(innominatus completion zsh)
_describe() { print -l -- "${(@P)2}" }
_files() { print -- files $* }
ask() { words=("$@"); CURRENT=$#; PREFIX=$words[-1]; _innominatus }
ask innominatus depl
ask innominatus validate --output s
ask innominatus validate ''
ask innominatus policy test ''
"""


def test_zsh_completes(home):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    done = in_shell(home, "zsh", "-f", "-c", ZSH)
    assert done.stdout.splitlines() == ["deploy:deploy a Score file", "deployments:deployments, the newest first", "sarif:", "files", "files -/"] and not done.stderr, done


def test_fish_completes(home):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")

    def ask(line):
        done = in_shell(home, "fish", "--no-config", "-c", f"innominatus completion fish | source; complete -C '{line}'")
        assert not done.stderr, done
        return [found.partition("\t")[0] for found in done.stdout.splitlines()]

    assert ask("innominatus depl") == ["deploy", "deployments"]
    assert ask("innominatus validate --output=s") == ["--output=sarif"]
    assert ask("innominatus-ctl validate READ") == ["README.md"]


def test_an_unknown_shell_has_no_completion(cli):
    done = cli("completion", "csh")
    assert done.returncode == 2 and "bash, zsh and fish" in done.stderr


# ---- the manual page, and where all of it is installed ----


def test_the_manual_page_has_every_command_and_no_faults(cli):
    page = cli("manual").stdout
    assert page == MANUAL.read_text()
    names = {line.split('"')[1] for line in page.splitlines() if line.startswith(".SS ")}
    listed = {line[2:].split("  ")[0] for line in cli("help").stdout.splitlines() if re.match(r"  [a-z][a-z-]* ?.*  \S", line)}
    assert len(names) > 40 and {name.replace("\\-", "-") for name in names} <= listed | {"innominatus [flags] COMMAND ..."}, names - listed
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", str(MANUAL)], text=True, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0 and not done.stderr, done
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-Tlint", str(MANUAL)], text=True, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0 and not done.stdout, done


def test_completions_and_the_manual_page_are_installed(cli, tmp_path):
    done = subprocess.run(["cmake", "-DCMAKE_INSTALL_PREFIX=" + str(tmp_path / "prefix"), "-P", str(BUILD / "core/cmake_install.cmake")], text=True, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done
    share = tmp_path / "prefix/share"
    for shell, file in (("bash", "bash-completion/completions/innominatus"), ("zsh", "zsh/site-functions/_innominatus"), ("fish", "fish/vendor_completions.d/innominatus.fish")):
        assert (share / file).read_text() == cli("completion", shell).stdout
    for link in ("bash-completion/completions/innominatus-ctl", "fish/vendor_completions.d/innominatus-ctl.fish", "man/man1/innominatus-ctl.1"):
        assert pathlib.Path(share / link).is_file(), link
    assert (share / "man/man1/innominatus.1").read_text() == cli("manual").stdout
