#!/usr/bin/python3
"""Writes docs/errors.md from the catalogue that `innominatus explain` prints: scripts/errors_page.py [BINARY]. A test compares the two."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEAD = """# Errors

Every error has a code that stays what it is; `innominatus explain ORC-1003` prints what stands here. `scripts/errors_page.py` writes this page.

ORC-1xxx input, 2xxx policy and permission, 3xxx workflow, 4xxx plugin and resource, 5xxx storage, 6xxx network and backends, 9xxx internal.
"""


def page(binary):
    text = HEAD
    for row in json.loads(subprocess.run([binary, "explain", "--output", "json"], check=True, capture_output=True).stdout):
        retried = "retried by itself" if row["retried"] else "not retried"
        text += (f"\n## {row['code']}\n\n**{row['title']}** · {row['class']} · HTTP {row['http']} · exit code {row['exit']} · {retried}\n\n"
                 f"{row['remedy'][0].upper()}{row['remedy'][1:]}.\n")
    return text


if __name__ == "__main__":
    (ROOT / "docs/errors.md").write_text(page(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/bin/innominatus"))
