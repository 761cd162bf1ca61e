# shellcheck shell=bash
# Sourced by the scripts that call AWS: the AWS CLI, the region (AWS_DEFAULT_REGION) and the account, or one clear line.
PATH="$PWD/.tools/bin:$PATH"

fail() {
  echo "$(basename "$0" .sh): $*" >&2
  exit 1
}

AWS_DEFAULT_REGION=${REGION:-${AWS_DEFAULT_REGION:-${AWS_REGION:-$(aws configure get region || true)}}}
[ -n "$AWS_DEFAULT_REGION" ] || fail "no region: give REGION=eu-central-1, or set AWS_REGION"
export AWS_DEFAULT_REGION
account=$(aws sts get-caller-identity --query Account --output text 2>&1) ||
  fail "AWS does not know you (${account##*$'\n'}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

# The hash of a file, as Lambda tells it of a function's code.
code_hash() {
  python3 -c 'import base64, hashlib, sys; print(base64.b64encode(hashlib.sha256(open(sys.argv[1], "rb").read()).digest()).decode())' "$1"
}

# The stage and the status of a stack, or nothing if there is none.
stage_and_status() {
  local answer
  if answer=$(aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].[Parameters[?ParameterKey=='Stage'].ParameterValue | [0], StackStatus]" 2>&1); then
    echo "$answer"
  elif [[ $answer != *"does not exist"* ]]; then
    fail "${answer##*$'\n'}"
  fi
}
