#!/usr/bin/env bash
# Deploys what infra/build.sh built, and prints where its HTTP API is: infra/deploy.sh STACK [PARAMETER=VALUE ...]
# To AWS with the ordinary chain of credentials, or to the emulator that AWS_ENDPOINT_URL names.
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack}
shift

# The processor that an ELF file is for.
architecture() {
  case $(od -An -tx1 -j18 -N1 "$1") in
    *b7) echo arm64 ;;
    *3e) echo x86_64 ;;
    *) fail "$1 is for neither arm64 nor x86_64" ;;
  esac
}

architectures=$(for crate in functions/*/; do
  bootstrap=target/lambda/$(basename "$crate")/bootstrap
  [ -x "$bootstrap" ] || fail "$bootstrap is missing: run make build"
  architecture "$bootstrap"
done | sort -u)
case $architectures in
  *$'\n'*) fail "the functions were built for different processors: run make build" ;;
esac

bucket=fanfare-artifacts-$account-$AWS_DEFAULT_REGION
aws s3api head-bucket --bucket "$bucket" 2>/dev/null || aws s3 mb "s3://$bucket"

echo "uploading the functions to s3://$bucket/$stack"
log=target/lambda/$stack.log packaged=target/lambda/$stack.yaml
aws cloudformation package --template-file infra/template.yaml --s3-bucket "$bucket" --s3-prefix "$stack" \
  --output-template-file "$packaged" >"$log" 2>&1 || { tr '\r' '\n' <"$log" | tail -3 >&2; fail "not uploaded"; }

aws cloudformation deploy --template-file "$packaged" --stack-name "$stack" --s3-bucket "$bucket" \
  --s3-prefix "$stack" --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "Architecture=$architectures" "$@" || {
  aws cloudformation describe-stack-events --stack-name "$stack" --output text >&2 \
    --query "StackEvents[?ends_with(ResourceStatus, '_FAILED')].[LogicalResourceId, ResourceStatusReason]" || true
  fail "$stack is not deployed"
}
echo "HTTP API: $(aws cloudformation describe-stacks --stack-name "$stack" --output text \
  --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue")"
