#!/usr/bin/env bash
# Looks for known vulnerabilities in what is depended on. Python packages are asked about at PyPI. The advisories of Rust are a
# repository on github.com: where that can't be reached, a last line says that crates were not checked.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/bin:$PATH"
for requirements in infra/requirements*.txt; do
  echo "$requirements"
  pip-audit --require-hashes --disable-pip --progress-spinner off --requirement "$requirements"
done
if git ls-remote --exit-code https://github.com/rustsec/advisory-db HEAD >/dev/null 2>&1; then
  cargo deny check advisories
else
  echo "NOT CHECKED: crates, since github.com/rustsec/advisory-db can't be reached from here" >&2
fi
