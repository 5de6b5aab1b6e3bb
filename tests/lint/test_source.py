"""Rules that the source keeps: layers, one library in one directory, banned calls, sizes, headers that stand alone (docs/architecture.md)."""
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Directory -> directories it may include from, beside itself. Includes go down only.
LOW = {"base"}
CODEC = LOW | {"codec"}
DATA = CODEC | {"crypto"}
ALLOWED = {
    "base": set(),
    "codec": LOW,
    "crypto": LOW,
    "config": DATA,
    "score": DATA,
    "net": DATA,
    "store": DATA,
    "plugin": DATA,
    "policy": DATA,
}
DOMAIN = ["observe", "secret", "audit", "auth", "resource", "workflow"]  # each may use those before it
BELOW = set(ALLOWED)
for _name in DOMAIN:
    ALLOWED[_name] = set(BELOW)
    BELOW.add(_name)
ALLOWED["api"] = set(BELOW)
ALLOWED["cli"] = set(BELOW) | {"api"}
ALLOWED["main"] = set(BELOW) | {"api", "cli"}  # core/main.c and core/app.c know every module
SIBLINGS = {"store", "plugin", "policy", "net"}  # they never see each other

# Third-party header -> the one directory that includes it (or the few that do).
LIBRARIES = {
    "sqlite3.h": "store",
    "libpq-fe.h": "store",
    "microhttpd.h": "api",
    "lua.h": "policy",
    "lauxlib.h": "policy",
    "lualib.h": "policy",
    "ffi.h": "plugin",  # core/plugin/host alone: see test_functions_are_called_through_libffi_in_one_file
    "yaml.h": "codec",
    "jansson.h": "codec",
    "curl/curl.h": "net",
    "dlfcn.h": ("plugin", "base"),  # plugins; libraries that are loaded at first use
    "argon2.h": "crypto",
    "openssl/": "crypto",
    "libelf.h": "plugin",
    "gelf.h": "plugin",
    "innominatus/": "plugin",
}
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|system|popen|alloca)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
MAX_LINES = 600
MAX_FUNCTION_LINES = 60


def sources(*tops):
    for top in tops:
        yield from sorted((ROOT / top).rglob("*.[ch]"))


def module_of(path):
    parts = path.relative_to(ROOT).parts
    if parts[0] == "cli":
        return "cli"
    return parts[1] if len(parts) > 2 else "main"


def code_of(path):
    """The text without comments and string contents."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', re.sub(r"//[^\n]*", "", text))


def includes(path):
    return INCLUDE.findall(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))


def test_includes_go_down_only():
    wrong = []
    for path in sources("core", "cli"):
        module = module_of(path)
        for kind, name in includes(path):
            target = name.split("/")[0] if "/" in name else module
            if kind != '"' or target == module:
                continue
            if target not in ALLOWED.get(module, set()) or (module in SIBLINGS and target in SIBLINGS):
                wrong.append(f"{path.relative_to(ROOT)}: {module} may not include {name}")
    assert not wrong, "\n".join(wrong)


def test_private_headers_stay_in_their_directory():
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("core", "cli")
        for kind, name in includes(path)
        if name.endswith("_priv.h") and "/" in name and name.split("/")[0] != module_of(path)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_library_is_included_by_one_directory():
    wrong = []
    for path in sources("core", "cli"):
        for kind, name in includes(path):
            for header, owner in LIBRARIES.items():
                if kind == "<" and (name == header or (header.endswith("/") and name.startswith(header))) and module_of(path) not in ([owner] if isinstance(owner, str) else owner):
                    wrong.append(f"{path.relative_to(ROOT)}: <{name}> belongs to core/{owner}")
    assert not wrong, "\n".join(wrong)


def test_functions_are_called_through_libffi_in_one_file():
    users = {str(path.relative_to(ROOT)) for path in sources("core", "cli", "sdk", "plugins") for _, name in includes(path) if name == "ffi.h"}
    assert users == {"core/plugin/host/actions.c"}


def test_banned_calls_are_not_used():
    wrong = []
    for path in sources("core", "cli", "sdk", "plugins", "examples"):
        for number, line in enumerate(code_of(path).splitlines(), 1):
            if BANNED.search(line):
                wrong.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert not wrong, "\n".join(wrong)


def test_files_hold_one_idea():
    long = [f"{path.relative_to(ROOT)}: {count} lines" for path in sources("core", "cli", "sdk", "plugins", "tests", "bench")
            if (count := len(path.read_text().splitlines())) > MAX_LINES]
    assert not long, "\n".join(long)


def test_functions_fit_a_screen():
    wrong = []
    for path in sources("core", "cli", "sdk", "plugins", "examples", "bench"):
        begin = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                begin = number
            elif line == "}" and begin:
                if number - begin + 1 > MAX_FUNCTION_LINES:
                    wrong.append(f"{path.relative_to(ROOT)}:{begin}: {number - begin + 1} lines")
                begin = None
    assert not wrong, "\n".join(wrong)


def test_descriptors_are_closed_on_exec():
    wrong = []
    for path in sources("core", "cli"):
        text = code_of(path)
        for call in re.finditer(r"(?<![>.\w])(open|openat|socket|accept4|pipe2|epoll_create1|eventfd|timerfd_create|memfd_create|mkostemp)\s*\(([^;]*);", text):
            if "CLOEXEC" not in call.group(2):
                wrong.append(f"{path.relative_to(ROOT)}: {call.group(0)[:100]}")
    assert not wrong, "\n".join(wrong)


def test_core_headers_compile_alone():
    headers = [path for path in sources("core", "cli") if path.suffix == ".h"]
    flags = subprocess.run(["pkg-config", "--cflags", "lua5.4", "libpq", "sqlite3", "jansson", "libmicrohttpd"], text=True, capture_output=True, check=True).stdout.split()
    assert headers
    wrong = []
    for path in headers:
        done = subprocess.run(
            ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT}/core", f"-I{ROOT}", f"-I{ROOT}/sdk/include", *flags, "-x", "c", "-"],
            input=f'#include "{path}"\n#include "{path}"\n', text=True, capture_output=True, check=False)
        if done.returncode:
            wrong.append(f"{path.relative_to(ROOT)}: {done.stderr[:300]}")
    assert not wrong, "\n".join(wrong)


def test_source_is_formatted():
    formatter = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not formatter:
        pytest.skip("clang-format is not installed (scripts/bootstrap --all)")
    files = [str(path) for path in sources("core", "cli", "sdk", "plugins", "examples", "tests", "bench")]
    said = subprocess.run([formatter, "--dry-run", "-Werror", *files], text=True, capture_output=True, check=False).stderr
    wrong = sorted({str(pathlib.Path(line.split(":")[0]).relative_to(ROOT)) for line in said.splitlines() if line.startswith(f"{ROOT}/")})
    assert wrong or not said.strip(), said[:2000]
    assert not wrong, "run clang-format -i on\n" + "\n".join(wrong)


if __name__ == "__main__":
    sys.exit("run me with pytest")
