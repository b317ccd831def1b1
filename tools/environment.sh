#!/bin/sh
# Finds a Python that is new enough and lets it make the virtual environment: environment.sh run|dev|node
set -eu
cd "$(dirname "$0")/.."
for candidate in "${PYTHON:-python3.11}" python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$candidate" tools/environment.py "$@"
    fi
done
echo 'Grapevine needs Python 3.11 or newer, and none was found. Name yours: make run PYTHON=/path/to/python3.11' >&2
exit 1
