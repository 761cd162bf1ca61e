"""MiniStack on 127.0.0.1, made fit for this template: infra/emulators/ministack_like_aws.py PORT

The template is written for AWS. Where MiniStack 1.5.33 differs from AWS in what the template relies on, the
difference is made up for here, one function each, and not in the template. AUTH=true in the environment makes
MiniStack enforce IAM: each function then calls with its own role, and is refused what that does not allow.
"""

import contextvars
import json
import os
import socketserver
import sys

# The caller's own AWS settings must not reach the server, or the functions that it starts.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
port = sys.argv.pop() if len(sys.argv) == 2 else sys.exit(__doc__)
os.environ |= {
    "GATEWAY_PORT": port,
    "BIND_HOST": "127.0.0.1",
    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    "IOT_MTLS_ENABLED": "0",
}
os.environ.setdefault("LOG_LEVEL", "WARNING")

from ministack import app  # noqa: E402, since it reads the environment when it is imported
from ministack.core import iam_actions, iam_evaluator  # noqa: E402
from ministack.services import dynamodb, lambda_svc  # noqa: E402


def number_parameters_are_numbers():
    """CloudFormation makes numbers of parameters for properties that are numbers; MiniStack leaves the text."""
    concurrency = lambda_svc._sqs_esm_concurrency

    def with_number(mapping, *rest):
        limit = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if limit:
            mapping = mapping | {"ScalingConfig": {"MaximumConcurrency": int(limit)}}
        return concurrency(mapping, *rest)

    lambda_svc._sqs_esm_concurrency = with_number


def exchanges_with_functions_are_prompt():
    """Nagle's algorithm against delayed acknowledgement costs 40 ms per exchange with a function."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def plain_http_counts_as_tls():
    """The queues refuse what comes without TLS, and MiniStack speaks plain HTTP: as behind a proxy that ends TLS,
    a request counts as secure unless its X-Forwarded-Proto says http."""
    iam_evaluator._request_origin = contextvars.ContextVar("origin", default=("127.0.0.1", True))
    serve = app.app

    async def behind_proxy(scope, receive, send):
        if scope["type"] == "http" and not any(name == b"x-forwarded-proto" for name, _ in scope["headers"]):
            scope = scope | {"headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await serve(scope, receive, send)

    app.app = behind_proxy


def batches_need_no_permission_of_their_own():
    """AWS allows sns:PublishBatch by sns:Publish, as it does the batches of SQS; MiniStack asks for both names."""
    action_of = iam_actions.extract_iam_action

    def single(service, *rest):
        action = action_of(service, *rest)
        return action.removesuffix("Batch") if action and service in ("sns", "sqs") else action

    iam_actions.extract_iam_action = single


def dynamodb_has_leading_keys():
    """MiniStack knows no dynamodb:LeadingKeys: the partition keys that a request names in a table."""
    request = contextvars.ContextVar("request", default={})
    context_of, enforce = iam_actions.dynamodb_service_context, iam_evaluator.enforce

    def remember(body):
        request.set(json.loads(body or b"{}"))
        return context_of(body)

    def with_keys(key, action, service, region, resource_arn="*", service_context=None):
        if service == "dynamodb" and "table/" in resource_arn:
            table = resource_arn.split("table/")[1].split("/")[0]
            keys = leading_keys(request.get(), action.split(":")[1], table)
            service_context = {**(service_context or {}), "dynamodb:LeadingKeys": keys or None}
        return enforce(key, action, service, region, resource_arn=resource_arn, service_context=service_context)

    iam_actions.dynamodb_service_context, iam_evaluator.enforce = remember, with_keys


def leading_keys(request, action, table):
    """The partition keys that this action has in this request to this table."""
    name = (dynamodb._tables.get(table) or {}).get("pk_name")
    operation = action.removesuffix("Item") if action != "ConditionCheckItem" else "ConditionCheck"
    parts = [item[operation] for item in request.get("TransactItems", []) if operation in item]
    items = [part.get("Item") or part.get("Key") for part in parts if part["TableName"] == table]
    items += request.get("RequestItems", {}).get(table, {}).get("Keys", [])
    if request.get("TableName") == table:
        items.append(request.get("Item") or request.get("Key"))
    values = [item[name] for item in items if item and name in item]
    return [text for value in values for text in value.values()]


def ses_knows_the_sender():
    """MiniStack knows neither the identity that SendEmail is allowed for nor ses:FromAddress."""
    resource_of, context_of = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def sender(service, params):
        value = params.get("Source") if service == "ses" and params else None
        return value[0] if isinstance(value, (list, tuple)) else value

    def resource(service, method, path, headers, body, params, region, account):
        source = sender(service, params)
        if source:
            return f"arn:aws:ses:{region}:{account}:identity/{source}"
        return resource_of(service, method, path, headers, body, params, region, account)

    def context(service, action, body, params):
        source = sender(service, params)
        return context_of(service, action, body, params) | ({"ses:FromAddress": source} if source else {})

    iam_actions.extract_resource_arn, iam_actions.request_tag_context = resource, context


def a_session_s_principal_is_its_role():
    """On AWS aws:PrincipalArn of a role's session is the role's ARN; MiniStack has the session's."""
    resolve = iam_evaluator._resolve_condition_key

    def with_role(key, context):
        value = resolve(key, context)
        if key.lower() == "aws:principalarn" and value and ":assumed-role/" in value:
            account, name = value.split(":")[4], value.split("/")[1]
            return f"arn:aws:iam::{account}:role/{name}"
        return value

    iam_evaluator._resolve_condition_key = with_role


number_parameters_are_numbers()
exchanges_with_functions_are_prompt()
plain_http_counts_as_tls()
batches_need_no_permission_of_their_own()
dynamodb_has_leading_keys()
ses_knows_the_sender()
a_session_s_principal_is_its_role()
app.main()
