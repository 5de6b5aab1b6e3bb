"""`innominatus plugin check` for tests: of the build that INNO_BUILD_DIR and INNO_BINARY name."""
import os
import pathlib
import subprocess

BUILD = pathlib.Path(os.environ["INNO_BUILD_DIR"])
PLUGINS = BUILD / "lib/innominatus/plugins"


def check(file, *words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INNOMINATUS_", "XDG_"))}
    return subprocess.run([os.environ["INNO_BINARY"], "plugin", "check", str(file), *map(str, words)], env=environment, text=True, capture_output=True, timeout=600,
                          check=False)
