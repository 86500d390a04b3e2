// openid-client 5, which many sites still run, as its manual shows it; it has every check on by itself.
//
// given  issuer, client_id, client_secret, redirect_uri, scope,
//        response_mode?, token_endpoint_auth_method? (client_secret_basic)
import { generators, Issuer } from 'openid-client-5'

import { run } from './talk.mjs'

await run(async (given, browse) => {
  const issuer = await Issuer.discover(given.issuer)
  const client = new issuer.Client({
    client_id: given.client_id,
    client_secret: given.client_secret,
    redirect_uris: [given.redirect_uri],
    response_types: ['code'],
    token_endpoint_auth_method: given.token_endpoint_auth_method ?? 'client_secret_basic',
  })
  const checks = {
    code_verifier: generators.codeVerifier(),
    state: generators.state(),
    nonce: generators.nonce(),
    response_type: 'code',
  }
  const url = client.authorizationUrl({
    scope: given.scope,
    code_challenge: generators.codeChallenge(checks.code_verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
    ...(given.response_mode && { response_mode: given.response_mode }),
  })
  const answer = client.callbackParams((await browse(new URL(url))).href)
  const tokens = await client.callback(given.redirect_uri, answer, checks)
  return { claims: tokens.claims(), userinfo: await client.userinfo(tokens) }
})
