"""`innominatus plugin check` for tests: of the build that INNO_BUILD_DIR and INNO_BINARY name."""
import json
import os
import pathlib
import subprocess

BUILD = pathlib.Path(os.environ["INNO_BUILD_DIR"])
PLUGINS = BUILD / "lib/innominatus/plugins"


def check(file, *words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INNOMINATUS_", "XDG_"))}
    return subprocess.run([os.environ["INNO_BINARY"], "plugin", "check", str(file), *map(str, words)], env=environment, text=True, capture_output=True, timeout=600,
                          check=False)


EVERY = {"provision", "crash", "status", "hints", "deprovision", "params", "cancel", "parallel", "usage"}  # of a type, whatever slots it has
SLOTS = {"update", "plan"}  # of a type, where the plugin has the slot


def keeps_all(done, types, slots=SLOTS, skips=()):
    """Every rule was tried with every type and is kept; but for `skips`, {(rule, type): words of the reason}, none was skipped."""
    result = json.loads(done.stdout)
    findings = result["findings"]
    assert done.returncode == 0 and result["passed"], [f for f in findings if f["verdict"] != "ok"]
    assert {f.get("type") for f in findings} == {None, *types}
    skipped = {(f["rule"], f.get("type")): f["detail"] for f in findings if f["verdict"] == "skip"}
    assert set(skipped) == set(skips) and all(skips[key] in why for key, why in skipped.items()), skipped
    for type in types:
        tried = {f["rule"] for f in findings if f.get("type") == type and f["verdict"] == "ok"}
        assert tried | {rule for rule, of in skips if of == type} >= EVERY | set(slots), (type, tried)
    return result
