#!/usr/bin/env bash
# Deletes a stack: infra/destroy.sh STACK [--yes]. Its tables stay, with their data, when its stage is prod.
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack}

stage=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
  --query "Stacks[0].Parameters[?ParameterKey=='Stage'].ParameterValue" 2>&1) || fail "${stage##*$'\n'}"
tables=$(aws cloudformation list-stack-resources --stack-name "$stack" --output text \
  --query "StackResourceSummaries[?ResourceType=='AWS::DynamoDB::Table'].PhysicalResourceId")

if [ "$stage" = prod ]; then question="Delete $stack, and keep its tables?"; else question="Delete $stack and all its data?"; fi
if [ "${2:-}" != --yes ]; then
  read -r -p "$question [y/N] " answer
  [ "$answer" = y ] || fail "nothing was deleted"
fi

aws cloudformation delete-stack --stack-name "$stack"
aws cloudformation wait stack-delete-complete --stack-name "$stack"
if [ "$stage" = prod ]; then
  echo "deleted; these tables stay: $tables"
  exit
fi
for table in $tables; do
  aws dynamodb delete-table --table-name "$table" >/dev/null
done
echo "deleted"
