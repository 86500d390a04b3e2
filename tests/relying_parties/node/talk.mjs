// How a test talks with a relying party: JSON, one line each, on standard input and output.
//
// in   {"issuer", "client_id", "redirect_uri", "scope", …}, see the relying party
// out  {"authorization_url": …}
// in   the callback's URL; for response_mode=form_post the posted fields are its query
// out  {"claims": …, "userinfo": …}, exit code 0; or {"error": {…}}, exit code 1
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

// The libraries want https; over http they are allowed to talk with this machine alone.
export const isLoopback = (url) => url.protocol === 'http:' && LOOPBACK.has(url.hostname)

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

// What the provider answered (error, error_description), what the library objected to, and why.
const describe = ({ name, code, message, error, error_description: description, cause }) => ({
  name,
  code,
  message,
  error,
  error_description: description,
  cause: cause?.message,
})

// `signIn(given, browse)` gives the claims; `browse(url)` gives the URL that the browser comes back with.
export async function run(signIn) {
  const lines = createInterface({ input: process.stdin })
  const reader = lines[Symbol.asyncIterator]()
  const next = async () => (await reader.next()).value
  const browse = async (url) => {
    say({ authorization_url: url.href })
    return new URL(await next())
  }
  try {
    say(await signIn(JSON.parse(await next()), browse))
  } catch (error) {
    say({ error: describe(error) })
    process.exitCode = 1
  } finally {
    lines.close()
  }
}
