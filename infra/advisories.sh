#!/usr/bin/env bash
# Looks for known vulnerabilities in what is depended on: Python packages at PyPI, crates in RustSec's repository on github.com. What
# can't be asked about from here, behind a mirror for example, is said in a line that begins with NOT CHECKED.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/bin:$PATH"
for requirements in infra/requirements*.txt; do
  if found=$(pip-audit --strict --require-hashes --disable-pip --progress-spinner off --requirement "$requirements" 2>&1); then
    echo "$requirements: nothing known"
  else
    case $found in
      *"not found on PyPI"* | *"Connection"*) echo "NOT CHECKED: $requirements, since PyPI does not answer here: ${found##*$'\n'}" ;;
      *) echo "$requirements: $found" >&2 && exit 1 ;;
    esac
  fi
done
if git ls-remote --exit-code https://github.com/rustsec/advisory-db HEAD >/dev/null 2>&1; then
  cargo deny check advisories
else
  echo "NOT CHECKED: crates, since github.com/rustsec/advisory-db can't be reached from here"
fi
