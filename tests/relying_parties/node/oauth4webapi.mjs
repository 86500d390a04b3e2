// oauth4webapi, the lower half of openid-client 6, used directly as its examples show it.
//
// given  issuer, client_id, client_secret, redirect_uri, scope,
//        response_mode?, token_endpoint_auth_method? (client_secret_basic)
import * as oauth from 'oauth4webapi'

import { isLoopback, run } from './talk.mjs'

const AUTHENTICATION = {
  client_secret_basic: oauth.ClientSecretBasic,
  client_secret_post: oauth.ClientSecretPost,
  client_secret_jwt: oauth.ClientSecretJwt,
}

async function authorizationUrl(as, given, checks) {
  const url = new URL(as.authorization_endpoint)
  const parameters = {
    client_id: given.client_id,
    redirect_uri: given.redirect_uri,
    response_type: 'code',
    scope: given.scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
    ...(given.response_mode && { response_mode: given.response_mode }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

async function claimsOf(as, client, response, checks, options) {
  const wanted = { expectedNonce: checks.nonce, requireIdToken: true }
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, wanted)
  await oauth.validateApplicationLevelSignature(as, response, options)
  return { token: tokens.access_token, claims: oauth.getValidatedIdTokenClaims(tokens) }
}

await run(async (given, browse) => {
  const issuer = new URL(given.issuer)
  const options = { [oauth.allowInsecureRequests]: isLoopback(issuer) }
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
  const client = { client_id: given.client_id }
  const method = given.token_endpoint_auth_method ?? 'client_secret_basic'
  const authentication = AUTHENTICATION[method](given.client_secret)
  const checks = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  }
  const back = await browse(await authorizationUrl(as, given, checks))
  const answer = oauth.validateAuthResponse(as, client, back, checks.state)
  const response = await oauth.authorizationCodeGrantRequest(
    as, client, authentication, answer, given.redirect_uri, checks.verifier, options,
  )
  const { token, claims } = await claimsOf(as, client, response, checks, options)
  const shown = await oauth.userInfoRequest(as, client, token, options)
  return { claims, userinfo: await oauth.processUserInfoResponse(as, client, claims.sub, shown) }
})
