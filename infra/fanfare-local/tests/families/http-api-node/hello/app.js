exports.lambdaHandler = (event, context, callback) => {
  const greeting = `${process.env.GREETING} ${event.pathParameters.name} from ${context.functionName}`;
  callback(null, { statusCode: 200, body: JSON.stringify({ message: greeting }) });
};
