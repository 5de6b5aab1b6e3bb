#!/bin/sh
# A thousand hostile plugin calls against the plugin manager: crash, hang, lie, leak, flood, garbage, children that hide; then a hundred
# thousand ordinary ones of one host, and as many inside the server. Prints what the server's side (and the host) holds before and after; the exit code says whether it is
# flat.   tests/soak/hostile_plugins.sh [BUILD_DIR] [CALLS [ORDINARY_CALLS]]
set -eu
build=${1:-build/dev}
HOSTILE_CALLS=${2:-1000} ORDINARY_CALLS=${3:-100000} exec "$build/tests/plugins/test_hostile_plugins"
