"""The command line without a server: what works, what is refused, exit codes, help."""
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import termios

import pytest
import yaml

from lib.server import BINARY, BUILD, ROOT

FIVE = ROOT / "tests/unit/score/invalid/five_mistakes.yaml"
EXPECTED = ROOT / "tests/unit/score/invalid/five_mistakes.expected"
PLUGIN = BUILD / "lib/innominatus/plugins/local.so"


@pytest.fixture
def home(tmp_path):
    """Environment of somebody who has never used it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INNOMINATUS_", "XDG_")) and name not in ("NO_COLOR", "COLUMNS")}
    return {**environment, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "TERM": "xterm"}


@pytest.fixture
def cli(home):
    def run(*words, input=None, cwd=ROOT, **env):
        return subprocess.run([str(BINARY), *map(str, words)], env={**home, **env}, text=True, capture_output=True, check=False, timeout=240, cwd=cwd,
                              **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))

    return run


def on_terminal(home, *words, keys=b"", **env):
    """Runs a command on a terminal of its own; returns (exit code, what it showed)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(str(BINARY), [str(BINARY), *map(str, words)], {**home, **env})
    shown = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], 120)
        assert ready, f"nothing more after {shown!r}"
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
        if keys and (b": " in shown or b"] " in shown):
            os.write(terminal, keys)
            keys = b""
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


# ---- validate ----


def test_all_mistakes_are_reported_in_order(cli):
    done = cli("validate", FIVE)
    assert done.returncode == 3, done
    found = re.findall(r"^\S+five_mistakes\.yaml:(\d+):(\d+): error\[(ORC-\d+)\]: (.*)$", done.stdout, re.M)
    wanted = [re.match(r"(\d+):(\d+) error (ORC-\d+) (.*?)(?: \| .*)?$", line).groups() for line in EXPECTED.read_text().splitlines() if line]
    assert len(wanted) == 5 and found == wanted, done.stdout
    assert "5 errors. `innominatus explain ORC-1005` tells more." in done.stdout
    assert 'did you mean "db"?' in done.stdout


def test_validation_as_data_names_every_place(cli):
    done = cli("--output", "json", "validate", FIVE)
    result = json.loads(done.stdout)
    assert done.returncode == 3 and result["valid"] is False and [e["line"] for e in result["errors"]] == [1, 3, 7, 12, 13]
    assert yaml.safe_load(cli("validate", FIVE, "--output", "yaml").stdout) == result
    sarif = json.loads(cli("validate", FIVE, "--format", "sarif").stdout)
    results = sarif["runs"][0]["results"]
    assert sarif["version"] == "2.1.0" and [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in results] == [1, 3, 7, 12, 13]
    assert {r["level"] for r in results} == {"error"} and results[0]["ruleId"] == "ORC-1005"


def test_what_no_plan_could_take_is_not_valid_and_errors_come_before_warnings(cli, tmp_path):
    many = tmp_path / "many.yaml"
    head = "apiVersion: score.dev/v1b1\nmetadata: {name: many}\ncontainers: {web: {image: 'a:1', volumes: [{source: x, target: /y}]}}\nresources:\n"
    for count, code in ((200, 0), (201, 3)):
        many.write_text(head.replace("source: x", "source: '${resources.r0x}'") + "".join(f"  r{i}x: {{type: volume}}\n" for i in range(count)))
        done = cli("validate", many)
        assert done.returncode == code, done
    assert "201 resources; the limit is 200" in done.stdout and "warning[ORC-1012]" in done.stdout, done
    assert "1 error. `innominatus explain ORC-1008` tells more." in done.stdout, done


def test_several_files_and_standard_input_are_validated(cli):
    good = ROOT / "examples/hello.yaml"
    done = cli("validate", good, FIVE)
    assert done.returncode == 3 and f"{good}: valid" in done.stdout and "five_mistakes.yaml:13:22" in done.stdout
    assert [r["valid"] for r in json.loads(cli("validate", good, FIVE, "--output", "json").stdout)] == [True, False]
    assert cli("validate", "-", input=good.read_text()).returncode == 0
    done = cli("validate", "-", input="a: [")
    assert done.returncode == 3 and "standard input:2:1: error[ORC-1001]" in done.stdout
    assert cli("validate", "-", input="").returncode == 3


def test_a_file_that_is_not_there_is_not_found(cli, tmp_path):
    done = cli("validate", tmp_path / "none.yaml")
    assert done.returncode == 5 and "No such file" in done.stderr
    assert cli("validate", tmp_path).returncode != 0  # a directory
    (tmp_path / "big.yaml").write_text("# " + "x" * (2 << 20))
    assert cli("validate", tmp_path / "big.yaml").returncode != 0
    (tmp_path / "bytes.yaml").write_bytes(bytes(range(256)))
    done = cli("validate", tmp_path / "bytes.yaml")
    assert done.returncode == 3 and "\x1b" not in done.stdout + done.stderr


def test_explain_tells_what_a_file_means(cli):
    done = cli("validate", ROOT / "examples/ecommerce-app.yaml", "--explain")
    assert done.returncode == 0
    for part in ("workload shop", "product ecommerce", "sqlite.default#shop.db", "file migrations/001_products.sql"):
        assert part in done.stdout, part
    done = cli("validate", FIVE, "--explain")
    assert done.returncode == 3 and "ORC-1020  unknown resource reference" in done.stdout


def test_files_outside_the_directory_are_never_read(cli, tmp_path):
    (tmp_path / "secret.txt").write_text("hunter2")
    inner = tmp_path / "app"
    inner.mkdir()
    (inner / "link.txt").symlink_to("../secret.txt")
    text = (ROOT / "examples/hello.yaml").read_text().replace("    volumes:", "    files:\n      /a: {source: SOURCE}\n    volumes:")
    for source in ("../secret.txt", "link.txt", str(tmp_path / "secret.txt")):
        (inner / "app.yaml").write_text(text.replace("SOURCE", source))
        done = cli("validate", inner / "app.yaml", "--explain")
        assert done.returncode == 3 and "goes along" not in done.stdout, (source, done.stdout)
    (inner / "own.txt").write_text("mine")
    (inner / "app.yaml").write_text(text.replace("SOURCE", "own.txt"))
    done = cli("validate", inner / "app.yaml", "--explain")
    assert done.returncode == 0 and "file own.txt, 4 bytes, goes along" in done.stdout, done


WORKFLOWS = """apiVersion: score.dev/v1b1
metadata: {name: hello}
containers: {web: {image: 'nginx:1'}}
workflows:
  one: {phase: now, steps: [{name: a, type: delay, config: {duration: 5s}}]}
  two: {phase: deployment, steps: [{name: a, type: lua}]}
  three: {phase: deployment, steps: [{name: a, type: acme-scan}]}
"""


def test_the_workflows_of_a_score_file_are_checked_too(cli):
    done = cli("validate", "-", "--output", "json", input=WORKFLOWS)
    assert done.returncode == 3, done
    found = [(e["line"], e["severity"], e["code"]) for e in json.loads(done.stdout)["errors"]]
    assert found[0] == (5, "error", "ORC-1005") and found[1][:2] == (6, "error"), found
    assert found[-1] == (7, "warning", "ORC-3002"), found  # the platform may have it
    only = cli("validate", "-", input=WORKFLOWS.replace("phase: now", "phase: deployment").replace("{name: a, type: lua}", "{name: a, type: workload}"))
    assert only.returncode == 0 and "valid, with warnings" in only.stdout, only


def test_a_file_of_another_kind_is_sent_to_the_command_that_checks_it(cli, tmp_path):
    for source, command in (("admin-config.yaml", "admin validate"), ("workflows/products/ecommerce/database-setup.yaml", "validate-product-workflow")):
        done = cli("validate", source)
        assert done.returncode == 3 and f"{source} is no Score file; `innominatus {command} {source}` checks it" in done.stderr, done
        assert cli(*command.split(), source).returncode == 0
    assert "is no Score file" not in cli("validate", FIVE).stderr


def test_what_another_program_writes_is_validated_as_it_comes(cli, tmp_path):
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["cp", str(ROOT / "examples/hello.yaml"), str(pipe)])
    done = cli("validate", pipe)
    assert done.returncode == 0 and f"{pipe}: valid" in done.stdout, done
    assert writer.wait(timeout=120) == 0
    done = cli("validate", tmp_path)
    assert done.returncode == 1 and "a directory, not a file" in done.stderr, done


# ---- words ----


@pytest.mark.parametrize("words, says", [
    (["validat"], 'did you mean "validate"'),
    (["policy", "tset"], 'did you mean "policy test"'),
    (["policy"], "help policy"),
    ([], "which command"),
    (["deploy"], "needs FILE"),
    (["deploy", ""], "an empty word for FILE"),
    (["deploy", "a.yaml", "--evn", "x"], "did you mean --env"),
    (["help", "validat"], "did you mean `innominatus help validate`"),
    (["help", "policy", "tset"], "did you mean `innominatus help policy test`"),
    (["help", "zebra"], "`innominatus help` lists them"),
    (["list", "extra"], 'does not take "extra"'),
    (["--output", "xml", "list"], "--output is one of"),
    (["version", "--output", "sarif"], "has no sarif output"),
    (["deploy", "a.yaml", "--env"], "--env needs a value"),
    (["deploy", "a.yaml", "--env", ""], "--env was given nothing: --env NAME; is a variable of the shell unset?"),
    (["scale", "shop", "-1"], '"-1" is no number of replicas'),
    (["list", "-v"], "`innominatus version`"),
    (["serve", "--lisen", "x"], "did you mean --listen"),
    (["serve", "--listen"], "--listen needs a value"),
    (["serve", "now"], "unknown flag or word now"),
    (["serve", "--database", "mysql://x"], "must start with sqlite: or postgres://"),
])
def test_wrong_usage_is_exit_2_with_a_suggestion(cli, words, says):
    done = cli(*words)
    assert done.returncode == 2 and says in done.stderr and not done.stdout, done


def test_commands_of_later_releases_say_so(cli):
    for words in (["rollback", "shop"], ["approve", "d-1", "--comment", "x"], ["backup", "f"], ["lint", "--fix", "a.yaml"]):
        done = cli(*words)
        assert done.returncode == 1 and "not available in this release" in done.stderr and not done.stdout, done


def test_families_have_help(cli):
    """tests/e2e/test_cli_walk.py asks every command for its own."""
    assert "innominatus policy" in cli("policy", "--help").stdout
    for family in ("resource", "plugin", "admin"):  # the second column begins where it begins
        lines = cli(family, "--help").stdout.splitlines()[1:]
        assert len({line.rindex("  ") for line in lines}) == 1, lines
    assert cli("help", "policy", "test").stdout == cli("policy", "test", "--help").stdout
    assert cli("help", "nonsense").returncode == 2


def test_explain_and_version(cli):
    done = cli("explain", "ORC-1003")
    assert done.returncode == 0 and "unknown field" in done.stdout and "422" in done.stdout
    assert cli("explain", "1003").stdout == cli("explain", "orc-1003").stdout == done.stdout
    assert json.loads(cli("explain", "1003", "--output", "json").stdout)["class"] == "INVALID_CONFIG"
    assert cli("explain", "ORC-9999").returncode == 5
    assert cli("explain", "x\x1b[2J").returncode == 5 and "\x1b" not in cli("explain", "x\x1b[2J").stderr
    assert len(json.loads(cli("explain", "--output", "json").stdout)) > 50
    assert re.fullmatch(r"innominatus \d+\.\d+\.\d+\n", cli("version").stdout)
    assert cli("--version").stdout == cli("version").stdout


def test_the_link_is_the_same_program(cli):
    assert (BINARY.parent / "innominatus-ctl").resolve() == BINARY


# ---- no server ----


def test_without_a_server_commands_are_unreachable(cli):
    done = cli("list")
    assert done.returncode == 6 and "ORC-6004" in done.stderr and "innominatus serve" in done.stderr
    done = cli("list", "--server", "http://127.0.0.1:9")
    assert done.returncode == 6 and "127.0.0.1:9" in done.stderr
    assert cli("list", INNOMINATUS_SERVER="http://127.0.0.1:9").returncode == 6
    assert cli("list", "--server", "nonsense").returncode == 2


def test_a_file_of_a_server_that_is_gone_is_not_believed(cli, home):
    state = pathlib.Path(home["XDG_STATE_HOME"]) / "innominatus"
    state.mkdir(parents=True)
    (state / "key").write_text("k")
    gone = subprocess.Popen(["true"])
    gone.wait()
    (state / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:9", "key_file": str(state / "key"), "pid": gone.pid}))
    done = cli("list")
    assert done.returncode == 6 and "gone" in done.stderr
    for key in ("a\nb", "a ", "a\r"):
        done = cli("list", "--server", "http://127.0.0.1:9", INNOMINATUS_API_KEY=key)
        assert done.returncode == 2 and "holds a blank or a line break" in done.stderr, done


# ---- plugins and policies ----


def test_a_plugin_is_inspected_without_running_it(cli):
    done = cli("plugin", "inspect", PLUGIN)
    assert done.returncode == 0
    manifest = json.loads(cli("plugin", "inspect", PLUGIN, "--output", "json").stdout)
    assert manifest["name"] == "local" and {t["name"] for t in manifest["types"]} >= {"volume", "sqlite"}
    entry = yaml.safe_load(done.stdout.partition("   - ")[2])
    assert entry == {"name": "local", "types": [t["name"] for t in manifest["types"]], "version": manifest["version"], "plugin": str(PLUGIN), "sha256": manifest["sha256"]}
    assert yaml.safe_load(manifest["entry"]) == entry


def test_what_is_no_plugin_is_refused(cli, tmp_path):
    done = cli("plugin", "inspect", ROOT / "README.md")
    assert done.returncode == 1 and "ORC-4001" in done.stderr
    assert cli("plugin", "inspect", tmp_path / "none.so").returncode == 5
    (tmp_path / "cut.so").write_bytes(PLUGIN.read_bytes()[:3000])
    assert cli("plugin", "inspect", tmp_path / "cut.so").returncode == 1


def test_the_shipped_policies_pass_their_tests(cli):
    done = cli("policy", "test", ROOT / "policies", "--coverage")
    assert done.returncode == 0 and " 0 failed" in done.stdout and "coverage" in done.stdout, done
    junit = cli("policy", "test", ROOT / "policies", "--output", "junit").stdout
    assert 'failures="0"' in junit and junit.count("<testcase ") == int(re.search(r'tests="(\d+)"', junit).group(1))
    results = json.loads(cli("policy", "test", ROOT / "policies", "--output", "json").stdout)
    assert results["failed"] == 0 and results["passed"] == len(results["cases"]) > 20


def test_failing_policy_tests_fail(cli, tmp_path):
    (tmp_path / "p.lua").write_text('return {name = "p", on = "deployment", check = function(input) return nil end}')
    (tmp_path / "p_test.lua").write_text('return {{name = "a <denial>", policy = "p", input = {}, expect = {denied = true}}}')
    done = cli("policy", "test", tmp_path)
    assert done.returncode == 1 and "1 failed" in done.stdout
    assert "&lt;denial&gt;" in cli("policy", "test", tmp_path, "--output", "junit").stdout
    (tmp_path / "p_test.lua").write_text('return {{name = "fine", policy = "p", input = {}, expect = {denied = false}}}')
    assert cli("policy", "test", tmp_path).returncode == 0
    (tmp_path / "broken.lua").write_text("return {")  # without tests; a server would deny everything
    done = cli("policy", "test", tmp_path)
    assert done.returncode == 1 and "1 passed, 1 failed" in done.stdout and "<eof>" in done.stdout, done
    (tmp_path / "broken.lua").unlink()
    (tmp_path / "p_test.lua").unlink()
    done = cli("policy", "test", tmp_path)
    assert done.returncode == 1 and "no tests" in done.stderr


def test_a_policy_is_tried_on_a_score_file(cli, tmp_path):
    policy = tmp_path / "p.lua"
    check = 'return {{name = "no-volumes", on = "deployment", check = function(input) {} end}}'
    policy.write_text(check.format('for n, r in pairs(input.spec.resources) do if r.type == "volume" then '
                                   'return {message = n .. " is a volume", path = "/resources/" .. n, fix = "use " .. input.environment.name} end end'))
    hello = ROOT / "examples/hello.yaml"
    done = cli("policy", "eval", policy, hello, "--env", "staging")
    assert done.returncode == 4 and "data is a volume" in done.stdout and "use staging" in done.stdout, done
    policy.write_text(check.format("return false"))
    assert cli("policy", "eval", policy, hello).returncode == 0
    policy.write_text(check.format("while true do end"))
    done = cli("policy", "eval", policy, hello)
    assert done.returncode == 1 and "ORC-2004" in done.stderr and (done.stdout + done.stderr).count("over budget: ") == 1, done
    policy.write_text(check.format("error('x')"))
    done = cli("policy", "eval", policy, hello)
    assert done.returncode == 1 and "ORC-2005" in done.stderr, done
    policy.write_text("return {")
    assert cli("policy", "eval", policy, hello).returncode == 1
    policy.write_text(check.format("return false"))
    assert cli("policy", "eval", policy, FIVE).returncode == 3
    assert cli("policy", "eval", policy, hello, "--env", "nowhere").returncode == 3
    unserved = tmp_path / "unserved.yaml"
    unserved.write_text(hello.read_text().replace("type: volume", "type: kafka"))
    done = cli("policy", "eval", policy, unserved)
    assert done.returncode == 3 and 'serves type "kafka"' in done.stderr and "planned with " in done.stderr and "--admin-config names another one" in done.stderr, done
    other = tmp_path / "other.lua"
    other.write_text(check.format("return false").replace('"deployment"', '"plugin"'))
    done = cli("policy", "eval", other, hello)
    assert done.returncode == 1 and '"no-volumes" is asked about plugins, not about Score files' in done.stderr, done
    other.write_text(check.format("return false").replace('"deployment"', '"moon"'))
    assert 'on "moon" is unknown; there are: deployment, workflow, step, resource, plugin' in cli("policy", "eval", other, hello).stderr
    shown = json.loads(cli("policy", "eval", policy, hello, "--show-input").stdout)
    assert shown["spec"]["metadata"]["name"] == "hello" and shown["plan"]["phases"]


def test_a_configuration_is_checked(cli, tmp_path):
    assert cli("admin", "validate").returncode == 0
    done = cli("admin", "validate", ROOT / "admin-config.yaml")
    assert done.returncode == 0 and "valid, 0 errors" in done.stdout, done
    broken = tmp_path / "admin-config.yaml"
    broken.write_text("workflowPolicies: {workflowRoot: ./x}\nprovisioners:\n  - {name: a, plugin: ./none.so, sha256: %s}\n" % ("0" * 64))
    done = cli("admin", "validate", broken)
    assert done.returncode == 3 and 'did you mean "workflowsRoot"' in done.stdout, done
    broken.write_text("provisioners:\n  - {name: a, plugin: ./none.so, version: 1.0.0, sha256: %s}\n" % ("0" * 64))
    done = cli("admin", "validate", broken)
    assert done.returncode == 3 and "provisioner a" in done.stdout, done
    assert "not valid, 1 error, 0 warnings" in done.stdout, done
    broken.write_text("provisioners: [{name: a, plugin: lokal}]\n")
    assert 'no plugin "lokal" is bundled; there are: ' in cli("admin", "validate", broken).stdout
    assert cli("admin", "validate", tmp_path / "none.yaml").returncode == 5


def test_an_export_of_the_audit_is_checked(cli, tmp_path):
    (tmp_path / "x.jsonl").write_text("not json\n")
    assert cli("audit", "verify", tmp_path / "x.jsonl").returncode != 0
    assert cli("audit", "verify", tmp_path / "none.jsonl").returncode == 5
    assert cli("audit", "verify", tmp_path / "x.jsonl", "--anchor", "x").returncode == 2


# ---- terminals ----


def test_colours_are_for_terminals_that_want_them(home):
    code, shown = on_terminal(home, "validate", FIVE)
    assert code == 3 and "\x1b[" in shown
    for words, env in ((["validate", FIVE], {"NO_COLOR": "1"}), (["--no-color", "validate", FIVE], {}), (["validate", FIVE], {"TERM": "dumb"})):
        code, shown = on_terminal(home, *words, **env)
        assert code == 3 and "\x1b[" not in shown, words


def test_the_page_of_errors_is_what_explain_prints(cli):
    page = (ROOT / "docs/errors.md").read_text()
    for row in json.loads(cli("explain", "--output", "json").stdout):
        section = page.partition(f"\n## {row['code']}\n")[2].partition("\n## ")[0].lower()
        assert row["title"].lower() in section and row["remedy"].lower() in section, f"{row['code']}: run scripts/errors_page.py"


def test_pipes_have_no_colours(cli):
    done = cli("validate", FIVE)
    assert "\x1b" not in done.stdout + done.stderr


def test_tables_fit_the_terminal(home):
    code, shown = on_terminal(home, "explain", COLUMNS="60", NO_COLOR="1")
    lines = shown.splitlines()
    assert code == 0 and len(lines) > 50 and max(map(len, lines)) <= 60 and "…" in shown


def test_a_full_disk_is_no_success(home):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(BINARY), "explain"], env=home, stdout=full, stderr=subprocess.PIPE, check=False, timeout=240)
    assert done.returncode == 1 and b"No space left" in done.stderr


def test_an_interrupted_question_for_a_password_leaves_the_terminal_as_it_was(home):
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)[3]
    assert before & termios.ECHO
    asking = subprocess.Popen([str(BINARY), "login", "--user", "ada", "--server", "http://127.0.0.1:9"], env=home, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    shown = b""
    while b"password: " not in shown:
        ready, _, _ = select.select([master], [], [], 120)
        assert ready, shown
        shown += os.read(master, 4096)
    assert not termios.tcgetattr(slave)[3] & termios.ECHO
    asking.send_signal(2)
    assert asking.wait(timeout=120) == -2
    assert termios.tcgetattr(slave)[3] == before
    os.close(master)
    os.close(slave)


def test_one_letter_flags_are_in_the_help(cli):
    shown = cli("help", "deploy").stdout
    for line in ("-e, --env NAME", "-f, --follow", "-o, --output FORM", "-h, --help"):
        assert f"  {line} " in shown, shown
    assert cli("version", "-o", "json").stdout == cli("version", "--output", "json").stdout


def test_policy_tests_without_a_directory_are_those_that_ship(cli, tmp_path):
    done = cli("policy", "test", cwd=tmp_path)
    assert done.returncode == 0 and "enforce-backups" in done.stdout and "0 failed" in done.stdout, done
