"""tests/support/gitea.py for black-box tests."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from gitea import Real, Server, missing  # noqa: E402,F401  the path comes first
