// The certified authorization server `oidc-provider`, set up as a strict provider of desktop applications would be.
// Says its issuer in one line of JSON when it listens; ends when its standard input closes.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import Provider from "oidc-provider";

const { values } = parseArgs({ options: { "access-token-seconds": { type: "string", default: "3600" } } });

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

// The port must be known before the issuer is: listen first, answer then.
let answer = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "patchbay",
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: [
          "http://127.0.0.1/oauth/callback",
          "app.patchbay:/oauth/oidc",
          "app.patchbay.dev:/oauth/oidc",
        ],
      },
    ],
    claims: { openid: ["sub"], email: ["email"] },
    cookies: { keys: ["only for tests"] },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id.includes("@") ? id : `${id}@oidc.example` }),
    }),
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: Number(values["access-token-seconds"]),
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 3_600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
  answer = provider.callback();
  console.log(JSON.stringify({ issuer }));
});
