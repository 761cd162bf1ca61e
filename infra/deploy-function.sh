#!/usr/bin/env bash
# Builds one function and deploys its code, and nothing else of the stack: infra/deploy-function.sh STACK NAME
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack} name=${2:?the name of a function}
[ -d "functions/$name" ] || fail "there is no functions/$name"
# cargo-lambda would make a function that is not there, and put any processor's code into one that is.
architecture=$(aws lambda get-function-configuration --function-name "$stack-$name" --output text \
  --query 'Architectures[0]' 2>&1) || fail "$stack-$name: ${architecture##*$'\n'}"
case $architecture in
  arm64 | x86_64) ;;
  *) fail "$stack-$name is for $architecture" ;;
esac
cargo lambda build --release "--${architecture/_/-}" --lambda-dir target/lambda --package "$name"
# The SDK that cargo-lambda is made with reads the region from AWS_REGION alone.
AWS_REGION=$AWS_DEFAULT_REGION cargo lambda deploy --lambda-dir target/lambda --binary-name "$name" "$stack-$name"
