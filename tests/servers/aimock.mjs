// Model endpoints by `@copilotkit/aimock`, answering everything with one response.
// Says its address in one line of JSON when it listens; ends when its standard input closes.
import { parseArgs } from "node:util";

import { LLMock } from "@copilotkit/aimock";

const { values } = parseArgs({ options: { response: { type: "string", default: '{"content":"Hello."}' } } });

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
const { content, reasoning } = JSON.parse(values.response);
mock.addFixture({ match: {}, response: reasoning ? { content, reasoning } : { content } });
await mock.start();
console.log(JSON.stringify({ address: mock.url }));
