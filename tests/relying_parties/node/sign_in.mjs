// A stock relying party: openid-client as its manual shows it, with every check on.
//
// in   {"issuer", "client_id", "client_secret", "redirect_uri", "scope",
//       "response_mode"?, "token_endpoint_auth_method"? (client_secret_basic)}          one line of JSON
// out  {"authorization_url": …}                                                          one line of JSON
// in   the callback's URL; for response_mode=form_post the posted fields are its query   one line
// out  {"claims": …, "userinfo": …}, exit code 0; or {"error": {…}}, exit code 1         one line of JSON
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

import * as client from 'openid-client'

globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only

const AUTHENTICATION = {
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
}
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

async function discover(given) {
  const issuer = new URL(given.issuer)
  const execute = [client.enableNonRepudiationChecks] // verify the ID token's signature, not only TLS
  if (issuer.protocol === 'http:' && LOOPBACK.has(issuer.hostname)) execute.push(client.allowInsecureRequests)
  const authentication = AUTHENTICATION[given.token_endpoint_auth_method ?? 'client_secret_basic']
  return client.discovery(issuer, given.client_id, undefined, authentication(given.client_secret), { execute })
}

function callback(line, mode) {
  const url = new URL(line)
  if (mode !== 'form_post') return url
  return new Request(url.origin + url.pathname, { method: 'POST', body: url.searchParams })
}

async function signIn(next) {
  const given = JSON.parse(await next())
  const config = await discover(given)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const authorizationUrl = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...(given.response_mode && { response_mode: given.response_mode }),
  })
  say({ authorization_url: authorizationUrl.href })
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const tokens = await client.authorizationCodeGrant(config, callback(await next(), given.response_mode), checks)
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  return { claims, userinfo }
}

// What the provider answered (error, error_description), what the library objected to, and why.
const describe = ({ name, code, message, error, error_description: description, cause }) => ({
  name,
  code,
  message,
  error,
  error_description: description,
  cause: cause?.message,
})

const lines = createInterface({ input: process.stdin })
const reader = lines[Symbol.asyncIterator]()
try {
  say(await signIn(async () => (await reader.next()).value))
} catch (error) {
  say({ error: describe(error) })
  process.exitCode = 1
} finally {
  lines.close()
}
