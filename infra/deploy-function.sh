#!/usr/bin/env bash
# Builds one function and deploys its code, and nothing else of the stack: infra/deploy-function.sh STACK NAME ARCH
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack} name=${2:?the name of a function} architecture=${3:?arm64 or x86_64}
[ -d "functions/$name" ] || fail "there is no functions/$name"
cargo lambda build --release "--${architecture/_/-}" --package "$name"
# The SDK that cargo-lambda is made with reads the region from AWS_REGION alone.
AWS_REGION=$AWS_DEFAULT_REGION cargo lambda deploy --binary-name "$name" "$stack-$name"
