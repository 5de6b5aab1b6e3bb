"""ABI 1.0 is frozen: the headers against their baseline, the headers of 1.0 as they were, and plugins in other languages on this host."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ.get("INNO_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("INNO_BUILD", SOURCE / "build/dev"))
INCLUDE, BASELINE = SOURCE / "sdk/include", SOURCE / "sdk/abi/innominatus-1.0.abi"
FROZEN = SOURCE / "tests/plugins/abi_1_0"
CC = os.environ.get("CC", "cc")

# What was frozen. Not to be brought up to date: a later version is a copy of its own beside it.
SHA256 = {
    "helpers.h": "6968916fb473b629cd3c9b3e8a496608e7fa2aa16bca9a42245e6e004aa30709",
    "layout.h": "c7f5f608e3c4b54dc2011aa55cf51455117c73ede77604a923b8914f81e96cb9",
    "provisioner.h": "cb67539922eb7a2d2c3b30f9323ff473739826e5df2118822ed5d25c9b6e7d75",
    "version.h": "3003a5c3ea58eaed65c94efd5e7a9c2f0da02f6550890619795bfba1e7070c9c",
}


def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def exports(include, directory):
    library = directory / "exports.so"
    run(CC, "-g", "-shared", "-fPIC", f"-I{include}", SOURCE / "sdk/abi/exports.c", "-o", library)
    return library


def difference(library):
    if not shutil.which("abidiff"):
        pytest.skip("abidiff is not installed (Debian: abigail-tools)")
    return subprocess.run(["abidiff", str(BASELINE), str(library)], capture_output=True, text=True, check=False)


def test_the_headers_are_those_of_the_baseline(tmp_path):
    said = difference(exports(INCLUDE, tmp_path))
    assert said.returncode == 0, f"the ABI is not that of 1.0 any more; append at tails only, count INNO_ABI_MINOR up and make a baseline for it\n{said.stdout}"


@pytest.mark.parametrize("before,after", [("    int64_t generation;", "    int32_t more;\n    int64_t generation;"),
                                          ("    inno_span prior_params;", "    void *prior_params;"),
                                          ("    int32_t (*canceled)(inno_call *call);", "    int64_t (*canceled)(inno_call *call);"),
                                          ("    uint64_t slots;", "    uint32_t slots;")])
def test_a_break_is_noticed(before, after, tmp_path):
    shutil.copytree(INCLUDE, tmp_path / "include")
    header = tmp_path / "include/innominatus/provisioner.h"
    text = header.read_text()
    assert text.count(before) == 1
    header.write_text(text.replace(before, after))
    if "span" in before or "generation" in before:  # what moves members does not even compile
        done = subprocess.run([CC, "-fsyntax-only", f"-I{tmp_path / 'include'}", "-include", "innominatus/provisioner.h", "-x", "c", "/dev/null"],
                              capture_output=True, text=True, check=False)
        assert done.returncode != 0 and "inno_layout_" in done.stderr, done.stderr
    header.write_text(header.read_text().replace("#include <innominatus/layout.h>", ""))
    assert difference(exports(tmp_path / "include", tmp_path)).returncode & 4


def test_every_member_of_every_struct_is_written_down():
    text = re.sub(r"/\*.*?\*/", "", (INCLUDE / "innominatus/provisioner.h").read_text(), flags=re.S)
    layout = (INCLUDE / "innominatus/layout.h").read_text()
    structs = re.findall(r"typedef struct (inno_\w+) \{(.*?)\n\} \1;", text, re.S)
    assert len(structs) == 8
    for name, body in structs:
        body = re.sub(r"\(\*(\w+)\)\s*\([^;]*\)", r" \1", body)
        members = [re.findall(r"\w+", part)[-1] for line in body.split(";") if line.strip() for part in line.split(",")]
        for member in members:
            assert re.search(rf"INNO_MEMBER_\({name}, {member}, \d+\)", layout), f"{name}.{member} is not in layout.h"


def test_what_was_frozen_has_not_changed():
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((FROZEN / "innominatus").glob("*.h"))}
    assert found == SHA256
    assert "1.0  frozen" in (INCLUDE / "innominatus/provisioner.h").read_text()


def check(library):
    binary = BUILD / "bin/innominatus"
    if not binary.exists():
        pytest.skip("needs a build of the server (INNO_BUILD)")
    library.chmod(0o755)
    said = subprocess.run([str(binary), "plugin", "check", str(library), "--conformance"], capture_output=True, text=True, check=False, timeout=240)
    assert said.returncode == 0 and "provision    ok" in said.stdout, said.stdout + said.stderr


def test_a_plugin_in_cplusplus_keeps_the_contract(tmp_path):
    compiler = shutil.which("c++")
    if not compiler:
        pytest.skip("no C++ compiler")
    place = SOURCE / "examples/provisioner-cpp"
    run(compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", "-shared", "-fPIC", "-fvisibility=hidden",
        f"-Wl,--version-script={place / 'exports.map'}", f"-I{INCLUDE}", place / "note.cpp", "-o", tmp_path / "note.so")
    check(tmp_path / "note.so")


def test_a_plugin_in_rust_keeps_the_contract(tmp_path):
    if not shutil.which("cargo"):
        pytest.skip("cargo is not installed")
    shutil.copytree(SOURCE / "examples/provisioner-rust", tmp_path / "note", ignore=shutil.ignore_patterns("target"))
    done = subprocess.run(["cargo", "build", "--release", "--offline"], cwd=tmp_path / "note", capture_output=True, text=True, check=False,
                          env={**os.environ, "CARGO_TARGET_DIR": str(tmp_path / "target")})
    if done.returncode != 0 and ("is not able to run" in done.stderr or "no default toolchain" in done.stderr or "could not execute" in done.stderr):
        pytest.skip(f"cargo does not work here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    check(tmp_path / "target/release/libnote_rust.so")
