#!/usr/bin/env bash
# Writes the three lock files anew: exact versions with their hashes, for every platform and Python,
# and no word of where they came from. Versions already locked are kept, unless --upgrade is given.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() { # lock FILE SOURCE...
    local file=$1
    shift
    .venv/bin/uv pip compile "$@" --universal --fork-strategy fewest --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --quiet --output-file "$file"
}

lock requirements.lock pyproject.toml --group build "$@"
lock requirements-dev.lock pyproject.toml --group dev --constraints requirements.lock "$@"
lock requirements-node.lock --group assets --constraints requirements-dev.lock "$@"
