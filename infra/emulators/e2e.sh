#!/usr/bin/env bash
# Deploys what infra/build.sh built to an emulator, and runs on it the tests that hold anywhere:
#   [BUILD=dev|arm64|x86_64] [REQUIRED="http-api iam"] infra/emulators/e2e.sh http://127.0.0.1:4566
# BUILD is what infra/build.sh was told, and dev by default. What the emulator lacks is left out, and said; it fails if
# REQUIRED names it.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PWD/.tools/bin:$PATH"
export AWS_ENDPOINT_URL=${1:?where the emulator is, such as http://127.0.0.1:4566}
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 BUILD=${BUILD:-dev}
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION
stack=fanfare-e2e

fail() {
  echo "e2e: $*" >&2
  exit 1
}

lacks() {
  case " ${REQUIRED:-} " in
    *" $1 "*) fail "$AWS_ENDPOINT_URL lacks $1, which is required" ;;
  esac
  printf '\ne2e: WITHOUT %s: %s\n\n' "$1" "$2" >&2
}

front=http-api
if ! answer=$(aws apigatewayv2 get-apis 2>&1); then
  case $answer in
    # LocalStack's free edition has no API Gateway v2.
    *"not yet been emulated by LocalStack"*) lacks http-api "the tests call the function URL" ;;
    *) fail "no answer about HTTP APIs: ${answer##*$'\n'}" ;;
  esac
  front=function-url
fi

# Of the emulators only MiniStack enforces IAM, when it is started with AUTH=true: then it knows no such caller.
iam=--include-ignored
if AWS_ACCESS_KEY_ID=AKIANOSUCHCALLER0000 aws sts get-caller-identity >/dev/null 2>&1; then
  lacks iam "least_privilege is left out"
  iam=
fi

# Both know an address only once it was asked for.
aws ses verify-email-identity --email-address orders@fanfare.example

# The store pays at the sandbox of `fanfare store up`. A function in a container reaches this machine by Docker's name for it,
# and by no loopback address.
case $BUILD in
  dev) host=127.0.0.1 name=127.0.0.1 ;;
  *) host=0.0.0.0 name=host.docker.internal ;;
esac
cargo build --workspace --all-targets --quiet
mkdir -p target/e2e
# Emptied here, since the process in the background may do so only after its address is looked for.
: >target/e2e/sandbox
"${CARGO_TARGET_DIR:-target}/debug/fanfare-store" sandbox --host "$host" >target/e2e/sandbox &
sandbox=$!
trap 'kill "$sandbox"' EXIT
until grep -q PaymentKey target/e2e/sandbox; do
  kill -0 "$sandbox" || fail "the payment sandbox ended"
  sleep 0.1
done
parameters=$(sed "s/$host/$name/" target/e2e/sandbox)
# shellcheck disable=SC2086  # It prints parameters, one a word.
infra/deploy.sh "$stack" "ApiFront=$front" MaxTries=5 $parameters

export FANFARE_STACK=$PWD/target/e2e
aws cloudformation describe-stacks --stack-name "$stack" --output json >"$FANFARE_STACK/stack.json"
aws cloudformation list-stack-resources --stack-name "$stack" --output json >"$FANFARE_STACK/resources.json"
# The whole workspace is named so that cargo builds what `make test` built.
cargo test --workspace --test order_flow --test duplicates --test poison --test least_privilege -- $iam
