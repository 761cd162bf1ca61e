#!/usr/bin/env bash
# Deploys what infra/build.sh built, and prints where its HTTP API is: infra/deploy.sh STACK [PARAMETER=VALUE ...]
# To AWS with the ordinary chain of credentials, or to the emulator that AWS_ENDPOINT_URL names. A parameter that is not
# given stays as it is. BUILD=dev in the environment deploys the development build, to an emulator.
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack}
shift

case ${BUILD:-} in
  dev)
    [ -n "${AWS_ENDPOINT_URL:-}" ] || fail "the development build is for emulators: run make build"
    built=target/lambda-dev
    ;;
  *) built=target/lambda ;;
esac

# The processor that an ELF file is for.
architecture() {
  case $(od -An -tx1 -j18 -N1 "$1") in
    *b7) echo arm64 ;;
    *3e) echo x86_64 ;;
    *) fail "$1 is for neither arm64 nor x86_64" ;;
  esac
}

architectures=$(for crate in functions/*/; do
  bootstrap=$built/$(basename "$crate")/bootstrap
  [ -x "$bootstrap" ] || fail "$bootstrap is missing: run make build"
  [ -f "${bootstrap%/bootstrap}.zip" ] || fail "${bootstrap%/bootstrap}.zip is missing: run make build"
  architecture "$bootstrap"
done | sort -u)
case $architectures in
  *$'\n'*) fail "the functions were built for different processors: run make build" ;;
esac

known=$(stage_and_status "$stack")
read -r stage status <<<"$known"
case $status in
  # Nothing was ever deployed whole, so there is nothing to update.
  ROLLBACK_COMPLETE | ROLLBACK_FAILED) fail "$stack is in $status: run make destroy first" ;;
esac
for parameter; do
  case $stage/$parameter in
    prod/Stage=prod) ;;
    prod/Stage=*) fail "$stack is prod: as ${parameter#Stage=} its tables would lose their protection; destroy it, or take another STACK" ;;
  esac
done

bucket=fanfare-artifacts-$account-$AWS_DEFAULT_REGION
# A name that somebody else took first would get them our code, and us theirs.
if ! answer=$(aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" 2>&1); then
  case $answer in
    *404* | *"Not Found"*) aws s3 mb "s3://$bucket" ;;
    *) fail "s3://$bucket is not $account's, or you may not use it: ${answer##*$'\n'}" ;;
  esac
fi

echo "uploading the functions to s3://$bucket/$stack"
# Paths in a template start at its folder, and so does the copy's: one folder below the project's root.
template=target/$stack.yaml log=$built/$stack.log packaged=$built/$stack.yaml
sed "s|CodeUri: \.\./target/lambda/\(.*\)|CodeUri: ../$built/\1.zip|" infra/template.yaml >"$template"
aws cloudformation package --template-file "$template" --s3-bucket "$bucket" --s3-prefix "$stack" \
  --output-template-file "$packaged" >"$log" 2>&1 || { tr '\r' '\n' <"$log" | tail -3 >&2; fail "not uploaded"; }

last_event() {
  aws cloudformation describe-stack-events --stack-name "$stack" --output json --query "StackEvents[0].Timestamp" \
    2>/dev/null | tr -d '"'
}
before=$(last_event || true)
aws cloudformation deploy --template-file "$packaged" --stack-name "$stack" --s3-bucket "$bucket" \
  --s3-prefix "$stack" --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "Architecture=$architectures" "$@" || {
  aws cloudformation describe-stack-events --stack-name "$stack" --output text >&2 \
    --query "StackEvents[?Timestamp > '$before' && ends_with(ResourceStatus, '_FAILED')].[LogicalResourceId, ResourceStatusReason]" || true
  fail "$stack is not deployed"
}
# What runs is what was built, whatever lay in the bucket. An emulator's word on that would prove nothing.
[ -n "${AWS_ENDPOINT_URL:-}" ] || for crate in functions/*/; do
  name=$(basename "$crate")
  runs=$(aws lambda get-function-configuration --function-name "$stack-$name" --output text --query CodeSha256)
  [ "$runs" = "$(code_hash "$built/$name.zip")" ] || fail "$stack-$name runs other code than $built/$name.zip: look who can write to s3://$bucket"
done
echo "HTTP API: $(aws cloudformation describe-stacks --stack-name "$stack" --output text \
  --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue")"
