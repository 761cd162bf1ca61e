#!/usr/bin/env bash
# Deletes a stack: infra/destroy.sh STACK [--yes]. Its tables stay, with their data, when its stage is prod.
# Where it was interrupted, the same call goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
source infra/aws.sh
stack=${1:?the name of a stack}

# A stack that is gone has its tables still: CloudFormation knows it by its id for 90 days.
known=$(stage_and_status "$stack") id=$stack
if [ -z "$known" ]; then
  id=$(aws cloudformation list-stacks --stack-status-filter DELETE_COMPLETE --output json \
    --query "max_by(StackSummaries[?StackName=='$stack'], &CreationTime).StackId" | tr -d '"')
  [ "$id" != null ] || fail "there is no stack $stack in $AWS_DEFAULT_REGION"
  known=$(stage_and_status "$id")
fi
read -r stage _ <<<"$known"
tables=$(aws cloudformation list-stack-resources --stack-name "$id" --output text --query \
  "StackResourceSummaries[?ResourceType=='AWS::DynamoDB::Table' && ResourceStatus!='DELETE_COMPLETE'].PhysicalResourceId")
# MiniStack forgets what a stack had.
[ "$id" = "$stack" ] || [ -n "$tables" ] || fail "$stack is deleted, and nothing is known of its tables"

if [ "$stage" = prod ]; then question="Delete $stack, and keep its tables?"; else question="Delete $stack and all its data?"; fi
if [ "${2:-}" != --yes ]; then
  # Without a terminal there is no answer.
  read -r -p "$question [y/N] " answer || answer=
  [ "$answer" = y ] || fail "nothing was deleted; infra/destroy.sh $stack --yes does not ask"
fi

if [ "$id" = "$stack" ]; then
  aws cloudformation delete-stack --stack-name "$stack"
  aws cloudformation wait stack-delete-complete --stack-name "$stack"
fi
if [ "$stage" = prod ]; then
  echo "deleted; these tables stay: $tables"
  exit
fi

left=
for table in $tables; do
  answer=$(aws dynamodb delete-table --table-name "$table" 2>&1) && continue
  case $answer in
    *ResourceNotFoundException*) ;;
    *) left+=" $table" && echo "$table: ${answer##*$'\n'}" >&2 ;;
  esac
done
[ -z "$left" ] || fail "these tables stay; the same call tries again:$left"
echo "deleted"
