"""Every source compiles under clang without a warning, too: it finds what gcc does not, and fuzzers are built with it."""
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

CLANG = next((path for path in map(shutil.which, ("clang-14", "clang")) if path), None)
BUILD = os.environ.get("INNO_BUILD_DIR", "")
OF_GCC = ("-fsanitize", "-fno-sanitize")  # what only changes the code that is made


def command_of(entry):
    """The compiler's command of compile_commands.json as one of clang that looks at the file and writes nothing."""
    words = shlex.split(entry["command"])
    at = next(i for i, word in enumerate(words) if not word.endswith("ccache"))
    kept, skip = [CLANG, "-fsyntax-only"], False
    for word in words[at + 1:]:
        if not skip and word not in ("-o", "-MF", "-MT", "-MD", "-c") and not word.startswith(OF_GCC):
            kept.append(word)
        skip = word in ("-o", "-MF", "-MT")
    return kept + [entry["file"]] if entry["file"] not in kept else kept


def complaint(entry):
    return subprocess.run(command_of(entry), cwd=entry["directory"], capture_output=True, text=True).stderr.strip()


@pytest.mark.skipif(not CLANG, reason="clang is not installed (scripts/bootstrap --all)")
@pytest.mark.skipif(not BUILD, reason="INNO_BUILD_DIR names no build")
def test_clang_has_nothing_to_say():
    entries = json.loads((pathlib.Path(BUILD) / "compile_commands.json").read_text())
    once = {entry["file"]: entry for entry in entries if entry["file"].endswith(".c") and "/_deps/" not in entry["file"]}
    assert len(once) > 300
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = [text[:2000] for text in pool.map(complaint, once.values()) if text]
    assert not said, "\n\n".join(said[:20])
