// An OpenID provider for tests: node provider.mjs '{"port": 0, "ttl": 60, "clients": […]}'.
// It prints a line of JSON for being ready, and one for each token that it gives.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const { port, ttl, clients } = JSON.parse(process.argv[2])
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const server = createServer()
server.listen(port, '127.0.0.1', () => {
  const at = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(at, {
    clients: clients.map((c) => ({
      grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...c,
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: false },
    },
    scopes: ['crm.read'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    ttl: { ClientCredentials: ttl },
  })
  provider.on('client_credentials.saved', (token) => say({ issued: token.clientId }))
  server.on('request', provider.callback())
  say({ ready: at })
})
process.stdin.resume().on('end', () => process.exit(0)) // ends with whoever began it
