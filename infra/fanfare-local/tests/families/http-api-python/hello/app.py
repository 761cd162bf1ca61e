import json
import os


def lambda_handler(event, context):
    name = event["pathParameters"]["name"]
    greeting = f"{os.environ['GREETING']} {name} from {context.function_name}"
    assert context.get_remaining_time_in_millis() > 0
    return {"statusCode": 200, "body": json.dumps({"message": greeting})}
