import json
import logging
import os

logger = logging.getLogger()


def record_handler(record):
    if not json.loads(record["body"]).get("ok"):
        raise ValueError("not ok")


def lambda_handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            record_handler(record)
        except ValueError as error:
            logger.warning("%s failed in %s: %s", record["messageId"], os.environ["_HANDLER"], error)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
