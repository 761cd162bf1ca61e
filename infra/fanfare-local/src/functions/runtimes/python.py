# Runs a Python handler by the Lambda Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
# AWS's own client does it where it is installed (awslambdaric). Arguments: the handler, the folders to import from,
# and for inline code the code.
import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
import types

API = "/2018-06-01/runtime"
handler_name, folders, *inline = sys.argv[1:]
# What lies in the working folder is imported only where the function's own code is.
sys.path[:] = [folder for folder in folders.split(os.pathsep) if folder] + [p for p in sys.path if p]
for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


class Api:
    """The Runtime API over one connection, which is opened anew where it was closed."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def call(self, method, path, body=None):
        self.connection.request(method, API + path, body)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer, content


def plain(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def described(error, kind=None):
    frames = traceback.format_tb(error.__traceback__)
    traceback.print_exception(type(error), error, error.__traceback__)
    described = {"errorMessage": str(error), "errorType": kind or type(error).__name__, "stackTrace": frames}
    return json.dumps(described).encode()


def load():
    module_name, _, function_name = handler_name.rpartition(".")
    if not module_name:
        raise ValueError(f"Handler {handler_name} is not of the form module.function")
    if inline:
        module = types.ModuleType(module_name)
        sys.modules[module_name] = module
        exec(compile(inline[0], module_name + ".py", "exec"), module.__dict__)
    else:
        module = importlib.import_module(module_name.replace("/", "."))
    return getattr(module, function_name)


def answer(handler, event, context):
    """The last part of the path to answer at, and the answer."""
    try:
        result = handler(json.loads(event), context)
    except Exception as error:
        return "error", described(error)
    try:
        return "response", json.dumps(result, default=plain).encode()
    except Exception as error:
        return "error", described(error, "Runtime.MarshalError")


def run():
    api = Api()
    # Lambda's root logger has a handler already, and takes warnings.
    logging.basicConfig(format="[%(levelname)s]\t%(message)s", stream=sys.stdout, level=logging.WARNING)
    try:
        handler = load()
    except BaseException as error:
        api.call("POST", "/init/error", described(error))
        sys.exit(1)
    while True:
        reply, event = api.call("GET", "/invocation/next")
        if reply.status != 200:
            sys.exit(0)
        os.environ["_X_AMZN_TRACE_ID"] = reply.headers["lambda-runtime-trace-id"]
        context = Context(reply.headers)
        verdict, body = answer(handler, event, context)
        api.call("POST", f"/invocation/{context.aws_request_id}/{verdict}", body)


try:
    from awslambdaric.__main__ import main
except ImportError:
    main = None
if main and not inline:
    main(["bootstrap", handler_name])
else:
    run()
