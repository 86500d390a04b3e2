// A FAPI 2.0 client with openid-client 6: PAR, private_key_jwt and DPoP; when signed, JAR and JARM too.
//
// given  issuer, client_id, jwk (private, with alg and kid), redirect_uri, scope, signed
import * as client from 'openid-client'

import { isLoopback, run } from './talk.mjs'

const KEY_ALGORITHMS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
}

async function privateKey(jwk) {
  const key = await crypto.subtle.importKey('jwk', jwk, KEY_ALGORITHMS[jwk.alg], false, ['sign'])
  return { key, kid: jwk.kid }
}

async function discover(given, key) {
  const issuer = new URL(given.issuer)
  const execute = [client.enableNonRepudiationChecks]
  if (isLoopback(issuer)) execute.push(client.allowInsecureRequests)
  if (given.signed) execute.push(client.useJwtResponseMode)
  const metadata = {
    id_token_signed_response_alg: given.jwk.alg,
    authorization_signed_response_alg: given.jwk.alg,
    dpop_bound_access_tokens: true,
  }
  return client.discovery(issuer, given.client_id, metadata, client.PrivateKeyJwt(key), { execute })
}

await run(async (given, browse) => {
  const key = await privateKey(given.jwk)
  const config = await discover(given, key)
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  let parameters = new URLSearchParams({
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  })
  if (given.signed) ({ searchParams: parameters } = await client.buildAuthorizationUrlWithJAR(config, parameters, key))
  const back = await browse(await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }))
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
  return { claims, userinfo, token_type: tokens.token_type, answer: [...back.searchParams.keys()] }
})
