#!/usr/bin/env bash
# Starts MiniStack with IAM enforced on a free port, runs the end-to-end tests on it, and ends it.
set -euo pipefail
cd "$(dirname "$0")/../.."
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
TMPDIR=$(mktemp -d)
export TMPDIR
log=$TMPDIR/log
AUTH=true .tools/bin/python infra/emulators/ministack_like_aws.py "$port" >"$log" 2>&1 &
server=$!
end() {
  kill "$server" 2>/dev/null || true
  wait "$server" || true
  rm -rf "$TMPDIR"
}
trap end EXIT

until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
REQUIRED="http-api iam" infra/emulators/e2e.sh "http://127.0.0.1:$port" || { tail -n 40 "$log" >&2; exit 1; }
