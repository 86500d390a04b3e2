// A public client in the browser: oidc-client-ts as its manual shows it. `settings.json` has what the test wants.
const settings = await (await fetch('settings.json')).json()
const store = settings.dpop && new oidc.IndexedDbDPoPStore()
const manager = new oidc.UserManager({ ...settings, dpop: store && { store, bind_authorization_code: true } })

function show(parent, id, text) {
  const entry = document.createElement('dd')
  entry.id = id
  entry.textContent = text
  document.getElementById(parent).append(entry)
}

// The library asks UserInfo by itself with bearer tokens only; for bound ones its manual leaves it to the site, as it
// does the nonce that a server may ask for (RFC 9449 section 9).
async function userinfo(user, nonce) {
  const url = await manager.metadataService.getUserInfoEndpoint()
  const DPoP = await manager.dpopProof(url, user, 'GET', nonce)
  const answer = await fetch(url, { headers: { Authorization: `DPoP ${user.access_token}`, DPoP } })
  const challenge = answer.headers.get('WWW-Authenticate') ?? ''
  if (challenge.includes('use_dpop_nonce') && !nonce) return userinfo(user, answer.headers.get('DPoP-Nonce'))
  if (!answer.ok) throw new Error(`UserInfo: ${answer.status} ${challenge}`)
  return answer.json()
}

async function main() {
  if (!location.search) return
  const user = await manager.signinCallback()
  const claims = settings.dpop ? { ...user.profile, ...(await userinfo(user)) } : user.profile
  for (const [name, value] of Object.entries(claims)) show('claims', `claim-${name}`, value)
  show('claims', 'token-type', user.token_type)
  show('claims', 'done', 'done')
}

document.getElementById('login').addEventListener('click', () => manager.signinRedirect().catch(fail))
const fail = (error) => show('error', 'failed', `${error.name}: ${error.error ?? error.message}`)
main().catch(fail)
