"""tests/support/argocd.py and argocd_objects.py for black-box tests."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import argocd_objects as objects  # noqa: E402,F401
import argocd_real as real  # noqa: E402,F401
from argocd import Server  # noqa: E402,F401  the path comes first
