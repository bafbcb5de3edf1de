// An issuer on loopback with the settings of oidc-provider where it leaves a choice open. Each line of input is a command; each line of output is its answer, the first one the issuer's name.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const gateway = 'https://gateway.example';
const keys = [];
const clients = [{
  client_id: 'ward-notes', client_secret: 'secret-of-ward-notes', grant_types: ['client_credentials'], response_types: [], redirect_uris: [], token_endpoint_auth_method: 'client_secret_post',
}];
let provider;

function addKey(name) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  keys.unshift({ ...privateKey.export({ format: 'jwk' }), kid: name, use: 'sig', alg: 'RS256' });
}

function configure() {
  provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    jwks: { keys },
    clients,
    cookies: { keys: ['key-of-the-cookies'] },
    scopes: ['openid', 'profile', 'history'],
    claims: { openid: ['sub', 'roles'], profile: [] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: ['auditor'] }) }),
    extraTokenClaims: (_, token) => ({ roles: token.kind === 'ClientCredentials' ? ['app'] : ['auditor'] }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({ scope: 'history', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'RS256' } } }),
      },
    },
  });
}

const commands = {
  // A new signing key, published beside the ones before it.
  rotate: (name) => addKey(name),
  // The console's registration: where it is sent back to.
  register: (redirect) => clients.push({
    client_id: 'policyrouter-console', client_secret: 'secret-of-the-console', redirect_uris: [redirect], token_endpoint_auth_method: 'client_secret_post', scope: 'openid profile history',
  }),
};

addKey('first');
const server = createServer((request, response) => provider.callback()(request, response));
server.listen(0, '127.0.0.1', () => {
  configure();
  console.log(provider.issuer);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [command, argument] = line.split(' ');
    commands[command](argument);
    configure();
    console.log('done');
  }).on('close', () => process.exit(0));
});
