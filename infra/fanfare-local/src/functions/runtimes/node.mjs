// Runs a Node.js handler by the Lambda Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// Arguments: the handler, its folder, and for inline code the code. ES modules and CommonJS.
import http from "node:http";
import fs from "node:fs";
import path from "node:path";
import { createRequire, Module } from "node:module";
import { pathToFileURL } from "node:url";

const [handlerName, folder, inline] = process.argv.slice(1);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, suffix, body) {
  return new Promise((resolve, reject) => {
    const options = { host, port, agent, method, path: `/2018-06-01/runtime${suffix}` };
    const request = http.request(options, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const content = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode, headers: answer.headers, content });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

function described(error) {
  console.error(error);
  const isError = error instanceof Error;
  return JSON.stringify({
    errorType: isError ? error.name : typeof error,
    errorMessage: isError ? error.message : String(error),
    trace: isError ? (error.stack ?? "").split("\n") : [],
  });
}

// As Lambda splits it: folders, the file up to its first dot, and what it exports.
function parts() {
  const directory = path.dirname(handlerName);
  const match = /^([^.]+)\.(.+)$/.exec(path.basename(handlerName));
  if (!match) throw new Error(`Handler ${handlerName} is not of the form file.function`);
  return { file: path.join(folder, directory, match[1]), names: match[2].split(".") };
}

async function imported(file) {
  const found = [".js", ".mjs", ".cjs"].map((ending) => file + ending).find((name) => fs.existsSync(name));
  if (!found) throw new Error(`Cannot find module '${file}'`);
  return import(pathToFileURL(found).href);
}

// CommonJS, unless it says that it is an ES module.
async function compiled(file, code) {
  if (/^\s*(import|export)\b/m.test(code)) {
    return import(`data:text/javascript,${encodeURIComponent(code)}`);
  }
  const module = new Module(`${file}.js`);
  module.filename = `${file}.js`;
  module.paths = createRequire(pathToFileURL(`${file}.js`)).resolve.paths("x") ?? [];
  module._compile(code, module.filename);
  return module.exports;
}

async function load() {
  const { file, names } = parts();
  const module = inline === undefined ? await imported(file) : await compiled(file, inline);
  const find = (root) => names.reduce((value, name) => value?.[name], root);
  const handler = find(module) ?? find(module.default);
  if (typeof handler !== "function") throw new Error(`${handlerName} is undefined or not exported`);
  return handler;
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

// A promise is the answer; a handler that gives none answers by its callback.
function answered(handler, event, context) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    const ways = { done, fail: reject, succeed: resolve };
    const result = handler(event, Object.assign(context, ways), done);
    if (typeof result?.then === "function") result.then(resolve, reject);
    else if (handler.length < 3) resolve(result);
  });
}

let handler;
try {
  handler = await load();
} catch (error) {
  await call("POST", "/init/error", described(error));
  process.exit(1);
}
let requestId;
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, async (error) => {
    await call("POST", `/invocation/${requestId}/error`, described(error)).catch(() => {});
    process.exit(1);
  });
}
for (;;) {
  const { status, headers, content } = await call("GET", "/invocation/next");
  if (status !== 200) process.exit(0);
  requestId = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  let verdict = "response";
  let body;
  try {
    body = JSON.stringify((await answered(handler, JSON.parse(content), contextOf(headers))) ?? null);
  } catch (error) {
    [verdict, body] = ["error", described(error)];
  }
  await call("POST", `/invocation/${requestId}/${verdict}`, body);
}
