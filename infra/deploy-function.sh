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
zip=target/lambda/$name.zip
python3 -m zipfile -c "$zip" "target/lambda/$name/bootstrap"
runs=$(aws lambda update-function-code --function-name "$stack-$name" --zip-file "fileb://$zip" --output text --query CodeSha256)
[ "$runs" = "$(code_hash "$zip")" ] || fail "$stack-$name runs other code than $zip"
aws lambda wait function-updated-v2 --function-name "$stack-$name"
echo "$stack-$name runs $zip ($runs)"
