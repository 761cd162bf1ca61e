#!/usr/bin/env bash
# Deploys what infra/build.sh built to an emulator, and runs on it the tests that hold anywhere:
#   infra/emulators/e2e.sh http://127.0.0.1:4566
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PWD/.tools/bin:$PATH"
export AWS_ENDPOINT_URL=${1:?where the emulator is, such as http://127.0.0.1:4566}
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION
stack=fanfare-e2e

# LocalStack's free edition has no API Gateway v2.
if aws apigatewayv2 get-apis >/dev/null 2>&1; then front=http-api; else front=function-url; fi

# Of the emulators only MiniStack enforces IAM, when it is started with AUTH=true: then it knows no such caller.
if AWS_ACCESS_KEY_ID=AKIANOSUCHCALLER0000 aws sts get-caller-identity >/dev/null 2>&1; then
  echo "IAM is not enforced here: least_privilege is left out"
  iam=
else
  iam=--include-ignored
fi

# Both know an address only once it was asked for.
aws ses verify-email-identity --email-address orders@fanfare.example
# The store pays at the sandbox of `fanfare up`.
cargo build --workspace --all-targets --quiet
mkdir -p target/e2e
"${CARGO_TARGET_DIR:-target}/debug/fanfare" sandbox >target/e2e/sandbox &
sandbox=$!
trap 'kill "$sandbox"' EXIT
until grep -q PaymentKey target/e2e/sandbox; do
  kill -0 "$sandbox"
  sleep 0.1
done
# shellcheck disable=SC2046  # It prints parameters, one a word.
infra/deploy.sh "$stack" "ApiFront=$front" MaxReceiveCount=5 $(cat target/e2e/sandbox)

export FANFARE_STACK=$PWD/target/e2e
mkdir -p "$FANFARE_STACK"
aws cloudformation describe-stacks --stack-name "$stack" --output json >"$FANFARE_STACK/stack.json"
aws cloudformation list-stack-resources --stack-name "$stack" --output json >"$FANFARE_STACK/resources.json"
# The whole workspace is named so that cargo builds what `make test` built.
cargo test --workspace --test order_flow --test duplicates --test poison --test least_privilege -- $iam
