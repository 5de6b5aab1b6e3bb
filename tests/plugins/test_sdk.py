"""The SDK from outside: headers that compile alone and twice in every standard, a changelog that matches the "since" marks, packages that work from a moved
prefix, and a plugin that shows one symbol."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ.get("INNO_SOURCE", pathlib.Path(__file__).parents[2]))
HEADERS = sorted((SOURCE / "sdk/include/innominatus").glob("*.h"))
CC = os.environ.get("CC", "cc")
STANDARDS = [(CC, "c99", "c"), (CC, "c11", "c"), (CC, "c17", "c"), ("c++", "c++17", "c++")]
if shutil.which("clang"):
    STANDARDS += [("clang", "c99", "c"), ("clang", "c++17", "c++")]
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-Wshadow", "-Wconversion"]

PLUGIN = r"""
#include <innominatus/helpers.h>

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    host->output(call, "url", inno_get_string(res, "url", "http://localhost"));
    return INNO_HAS(host, exec) ? INNO_OK : INNO_UNSUPPORTED;
}
static const char *const types[] = {"greeting", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, INNO_SLOT_UPDATE, "greeter", "1.0.0", types, NULL, NULL, provision, provision, provision, provision, NULL, NULL, NULL, NULL,
};
INNO_PLUGIN(plugin, {"name": "greeter", "version": "1.0.0", "slots": ["update"], "types": [{"name": "greeting"}]})
"""


def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
@pytest.mark.parametrize("compiler,standard,language", STANDARDS)
def test_header_compiles_alone_and_twice(header, compiler, standard, language, tmp_path):
    unit = tmp_path / "unit.c"
    unit.write_text(f"#include <innominatus/{header.name}>\n#include <innominatus/{header.name}>\nint main(void) {{ return 0; }}\n")
    run(compiler, "-x", language, f"-std={standard}", *STRICT, "-fsyntax-only", f"-I{SOURCE}/sdk/include", unit)


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_header_includes_only_libc_and_its_own(header):
    allowed = {"stddef.h", "stdint.h", "stdlib.h", "string.h"}
    for name in re.findall(r'#include [<"]([^>"]+)[>"]', re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)):
        assert name in allowed or name.startswith("innominatus/"), name


@pytest.mark.parametrize("compiler,standard,language", STANDARDS)
def test_plugin_shows_one_symbol_and_carries_its_manifest(compiler, standard, language, tmp_path):
    (tmp_path / "greeter.c").write_text(PLUGIN)
    run(compiler, "-x", language, f"-std={standard}", *STRICT, "-shared", "-fPIC", "-fvisibility=hidden", "-O2", "-ffunction-sections", "-fdata-sections",
        "-Wl,--gc-sections", f"-I{SOURCE}/sdk/include", tmp_path / "greeter.c", "-o", tmp_path / "greeter.so")
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", tmp_path / "greeter.so").splitlines()]
    assert names == ["inno_plugin_v1"]
    run("strip", tmp_path / "greeter.so")
    section = run("readelf", "-p", ".innominatus.manifest", tmp_path / "greeter.so")
    assert '"name": "greeter"' in section and '"major":1' in section


def test_every_since_is_in_the_changelog():
    text = (SOURCE / "sdk/include/innominatus/provisioner.h").read_text()
    changelog = text[text.index("Changelog"):text.index("*/")]
    listed = set(re.findall(r"^ \* (\d+\.\d+)  ", changelog, re.M))
    used = set(re.findall(r"since (\d+\.\d+)", text))
    assert used and used <= listed
    version = (SOURCE / "sdk/include/innominatus/version.h").read_text()
    major = re.search(r"ABI_MAJOR (\d+)", version).group(1)
    minor = re.search(r"ABI_MINOR (\d+)", version).group(1)
    assert f"{major}.{minor}" in listed
    for table in ("inno_host", "inno_provisioner"):
        body = re.search(r"typedef struct %s \{(.*?)\n\} %s;" % (table, table), text, re.S).group(1)
        functions = re.findall(r"(/\*(?:(?!\*/).)*\*/)\s*[\w ]+[ *]*\(\*(\w+)\)\(", body, re.S)
        assert len(functions) == len(re.findall(r"\(\*\w+\)\(", body)), f"a function of {table} has no comment"
        for comment, name in functions:
            assert "since" in comment, f"{table}.{name} does not say since when it is there"


@pytest.fixture(scope="module")
def moved_prefix(tmp_path_factory):
    """The SDK part of an installation, moved after it was made."""
    build = os.environ.get("INNO_BUILD")
    if not build:
        pytest.skip("needs a build directory (INNO_BUILD)")
    made = tmp_path_factory.mktemp("made") / "prefix"
    run("cmake", "-DCMAKE_INSTALL_PREFIX=" + str(made), "-P", pathlib.Path(build) / "sdk/cmake_install.cmake")
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    made.rename(moved)
    return moved


def test_pkg_config_from_a_moved_prefix(moved_prefix, tmp_path):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(moved_prefix / "lib/pkgconfig"))
    flags = run("pkg-config", "--cflags", "innominatus-sdk", env=environment).split()
    assert run("pkg-config", "--modversion", "innominatus-sdk", env=environment).strip() in (SOURCE / "sdk/include/innominatus/version.h").read_text()
    (tmp_path / "greeter.c").write_text(PLUGIN)
    run(CC, "-shared", "-fPIC", "-fvisibility=hidden", *flags, tmp_path / "greeter.c", "-o", tmp_path / "greeter.so")


def test_find_package_from_a_moved_prefix(moved_prefix, tmp_path):
    (tmp_path / "greeter.c").write_text(PLUGIN)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(greeter C)\nfind_package(InnominatusSDK 1.0 REQUIRED)\n"
        "innominatus_add_provisioner(greeter SOURCES greeter.c)\n")
    run("cmake", "-G", "Ninja", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={moved_prefix}")
    run("cmake", "--build", tmp_path / "build")
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", tmp_path / "build/greeter.so").splitlines()]
    assert names == ["inno_plugin_v1"]
