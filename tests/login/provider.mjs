// A certified OpenID provider (npm oidc-provider) set up as ID-porten is: PAR, PKCE, private_key_jwt, `iss` in the answer.
// Reads one JSON object from standard input: {port, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, jwks}.
// Who logs in is said by the test in the query of the interaction's address: ?pid=…&acr=…&amr=…
import { once } from "node:events";
import { createServer } from "node:http";
import { Provider, interactionPolicy } from "oidc-provider";

const given = JSON.parse(await new Response(process.stdin).text());
const issuer = `http://127.0.0.1:${given.port}`;
const people = new Map();

// As ID-porten: a session that is weaker than what is asked for leads to a new choice (acr_values alone is a wish).
const LEVELS = ["idporten-loa-substantial", "idporten-loa-high"];
const policy = interactionPolicy.base();
policy.get("login").checks.add(
  new interactionPolicy.Check("level_too_low", "a stronger login is asked for", (ctx) => {
    const wanted = (ctx.oidc.params.acr_values ?? "").split(" ").map((acr) => LEVELS.indexOf(acr));
    const asked = ctx.oidc.result?.login !== undefined;
    return !asked && LEVELS.indexOf(ctx.oidc.session.acr) < Math.min(...wanted);
  }),
);

const provider = new Provider(issuer, {
  acrValues: LEVELS,
  claims: { openid: ["sub", "pid", "locale"], profile: ["name"] },
  clientAuthMethods: ["private_key_jwt"],
  clients: [
    {
      client_id: "samspill",
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "RS256",
      redirect_uris: given.redirect_uris,
      post_logout_redirect_uris: given.post_logout_redirect_uris,
      backchannel_logout_uri: given.backchannel_logout_uri,
      backchannel_logout_session_required: true,
      jwks: given.jwks,
    },
  ],
  conformIdTokenClaims: false,
  cookies: { keys: ["only for tests"], long: { sameSite: "none" } },
  enableHttpPostMethods: true, // log-out by a form, as ID-porten recommends
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    rpInitiatedLogout: { enabled: true },
  },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own dispatcher refuses 127.0.0.1
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  interactions: { policy, url: (_ctx, interaction) => `/choose/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { Session: 7200, Grant: 7200, IdToken: 120, AuthorizationCode: 60, Interaction: 600 },
});

async function grantFor(accountId, details) {
  const grant = new provider.Grant({ accountId, clientId: "samspill" });
  grant.addOIDCScope(details.params.scope);
  return grant.save();
}

async function choose(request, response, url) {
  const details = await provider.interactionDetails(request, response);
  const query = url.searchParams;
  if (query.has("cancel")) {
    return provider.interactionFinished(request, response, { error: "access_denied" });
  }
  const accountId = details.session?.accountId ?? `pairwise-${people.size}`;
  const pid = query.get("pid");
  if (!people.has(accountId)) people.set(accountId, { name: "Prøve Person", locale: "nb", ...(pid ? { pid } : {}) });
  return provider.interactionFinished(request, response, {
    login: { accountId, acr: query.get("acr") ?? "idporten-loa-high", amr: ["BankID"] },
    consent: { grantId: await grantFor(accountId, details) },
  });
}

provider.on("backchannel.error", (_ctx, error) => console.error("back-channel:", error));
const answer = provider.callback();
const server = createServer((request, response) => {
  const url = new URL(request.url, issuer);
  if (!url.pathname.startsWith("/choose/")) return answer(request, response);
  choose(request, response, url).catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(given.port, "127.0.0.1");
await once(server, "listening");
console.log("ready");
