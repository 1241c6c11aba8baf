/**
 * A real OpenID provider (npm oidc-provider) with one client and its own login form, for tests on this machine.
 *
 * argv: client id, client secret, redirect URI, post-logout redirect URI. It prints {"issuer"} when it listens, and ends with its stdin.
 */
import {createServer} from 'node:http';
import {generateKeyPairSync} from 'node:crypto';
import Provider from 'oidc-provider';

const [clientId, clientSecret, redirectUri, signedOutUri] = process.argv.slice(2);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri],
      post_logout_redirect_uris: [signedOutUri],
      grant_types: ['authorization_code'], response_types: ['code'], id_token_signed_response_alg: 'ES256'
    }],
    jwks: {keys: [{...privateKey.export({format: 'jwk'}), use: 'sig', kid: 'one'}]},
    cookies: {keys: ['of the tests']},
    pkce: {required: () => true},
    conformIdTokenClaims: false,
    claims: {openid: ['sub'], profile: ['name', 'preferred_username']},
    findAccount: (_, id) => ({
      accountId: id, claims: () => ({sub: id, name: `${id} of the company`, preferred_username: `${id}@example.com`})
    }),
    features: {devInteractions: {enabled: true}}
  });
  server.on('request', provider.callback());
  process.stdout.write(`${JSON.stringify({issuer})}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
