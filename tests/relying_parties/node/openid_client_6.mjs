// openid-client 6 as its manual shows it, with every check on.
//
// given  issuer, client_id, client_secret, redirect_uri, scope,
//        response_mode?, token_endpoint_auth_method? (client_secret_basic)
import * as client from 'openid-client'

import { isLoopback, run } from './talk.mjs'

const AUTHENTICATION = {
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
  client_secret_jwt: client.ClientSecretJwt,
}

async function discover(given) {
  const issuer = new URL(given.issuer)
  const execute = [client.enableNonRepudiationChecks] // verify the ID token's signature, not only TLS
  if (isLoopback(issuer)) execute.push(client.allowInsecureRequests)
  const authentication = AUTHENTICATION[given.token_endpoint_auth_method ?? 'client_secret_basic']
  return client.discovery(issuer, given.client_id, undefined, authentication(given.client_secret), { execute })
}

function callback(url, mode) {
  if (mode !== 'form_post') return url
  return new Request(url.origin + url.pathname, { method: 'POST', body: url.searchParams })
}

await run(async (given, browse) => {
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
  const answer = callback(await browse(authorizationUrl), given.response_mode)
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const tokens = await client.authorizationCodeGrant(config, answer, checks)
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  return { claims, userinfo }
})
