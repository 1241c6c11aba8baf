/**
 * Two foreign wallets: @digitalbazaar/oid4-client and @openid4vc/*. They share one holder, a P-256 key made here.
 *
 * Jobs and results as in peer.mjs:
 *
 *   {"op": "holder"}                                           {"did", "jwk"}
 *   {"op": "digitalbazaar-present", "link", "credential", "at", "nonce"?, "audience"?}    an ldp_vp, posted
 *   {"op": "openid4vc-present", "link", "credential", "at", "nonce"?, "audience"?}        the same by the other library
 *
 *   {"op": "openid4vc-present-sd-jwt", "link", "credential", "at", "nonce"?, "audience"?}   a dc+sd-jwt, bound
 *
 *   {"op": "digitalbazaar-receive", "offer"}               {"credentials"}: the role of an offer, as ldp_vc
 *   {"op": "openid4vc-receive", "offer", "configuration", "nonce"?, "audience"?, "txCode"?}   the same by the other library
 *                                       with "enc": request and answer encrypted by jose, as the metadata says
 *
 * "enc" of openid4vc-…: the content encryption where an encrypted answer is asked for.
 *
 * oid4-client reads no dcql_query out of a link, so that its answer names the query that our requests have.
 *
 * Results of presenting are {"request", "answer"}: what was asked, and what the verifier said. A verifier is resolved
 * only where its DID is computed (did:jwk), so nothing is fetched but the request.
 */
import {createHash, randomBytes, webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {contexts as credentialsContexts} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {driver as didKeyDriver} from '@digitalbazaar/did-method-key';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {OID4Client, oid4vp, parseCredentialOfferUrl} from '@digitalbazaar/oid4-client';
import * as vc from '@digitalbazaar/vc';
import {clientAuthenticationAnonymous, setGlobalConfig} from '@openid4vc/oauth2';
import {Openid4vciClient} from '@openid4vc/openid4vci';
import {Openid4vpClient} from '@openid4vc/openid4vp';
import {CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT} from 'jose';

globalThis.crypto ??= webcrypto;
// The verifier of these tests listens on this machine.
setGlobalConfig({allowInsecureUrls: true});

const CONTEXTS = new URL('../../contexts/', import.meta.url);
const pins = JSON.parse(readFileSync(new URL('pins.json', CONTEXTS)));
const didKeys = didKeyDriver();
didKeys.use({multibaseMultikeyHeader: 'zDna', fromMultibase: EcdsaMultikey.from});

async function documentLoader(url) {
  const answer = document => ({contextUrl: null, documentUrl: url, document});
  if(url.startsWith('did:key:')) {
    return answer(await didKeys.get({url}));
  }
  if(credentialsContexts.has(url)) {
    return answer(credentialsContexts.get(url));
  }
  if(url in pins) {
    return answer(JSON.parse(readFileSync(new URL(pins[url].file, CONTEXTS))));
  }
  throw new Error(`not at hand, and nothing is fetched: ${url}`);
}

const key = await EcdsaMultikey.generate({curve: 'P-256'});
const {publicKeyMultibase} = await key.export({publicKey: true});
key.controller = `did:key:${publicKeyMultibase}`;
key.id = `${key.controller}#${publicKeyMultibase}`;
const holderJwk = await EcdsaMultikey.toJwk({keyPair: key, secretKey: true});

/** The public key of a did:jwk, by its DID URL. */
function keyOfDid(didUrl) {
  const [did] = didUrl.split('#');
  if(!did.startsWith('did:jwk:')) {
    throw new Error(`this DID is not resolved here: ${did}`);
  }
  return importJWK(JSON.parse(Buffer.from(did.slice('did:jwk:'.length), 'base64url').toString()), 'ES256');
}

async function presentation(credential, {challenge, domain, at}) {
  const unsigned = vc.createPresentation({verifiableCredential: [credential], holder: key.controller, now: at});
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite: ecdsaRdfc2019});
  return vc.signPresentation({presentation: unsigned, suite, challenge, domain, documentLoader});
}

const callbacks = {
  hash: (data, algorithm) => createHash(algorithm.replace('-', '').toLowerCase()).update(data).digest(),
  generateRandom: length => randomBytes(length),
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: async (signer, {header, payload}) => ({
    jwt: await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(holderJwk, 'ES256')),
    signerJwk: holderJwk
  }),
  encryptJwe: async ({publicJwk, alg, enc, apu, apv}, text) => ({
    encryptionJwk: publicJwk,
    jwe: await new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({alg, enc, kid: publicJwk.kid})
      .setKeyManagementParameters({...apu && {apu: Buffer.from(apu, 'base64url')}, apv: Buffer.from(apv, 'base64url')})
      .encrypt(await importJWK(publicJwk, alg))
  }),
  verifyJwt: async (signer, {compact}) => {
    try {
      await jwtVerify(compact, await keyOfDid(signer.didUrl), {algorithms: ['ES256']});
      return {verified: true, signerJwk: {kty: 'EC'}};
    } catch{
      return {verified: false};
    }
  }
};

/** Answer a request by openid4vc with what `made` gives for the query of that format. */
async function openid4vcAnswer(link, format, enc, made) {
  const client = new Openid4vpClient({callbacks});
  const {params} = client.parseOpenid4vpAuthorizationRequest({authorizationRequest: link});
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({authorizationRequestPayload: params});
  const request = resolved.authorizationRequestPayload;
  const query = resolved.dcql.query.credentials.find(each => each.format === format);
  const created = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: {
      vp_token: {[query.id]: [await made({request, clientId: resolved.client.effective})]}
    },
    ...request.response_mode === 'direct_post.jwt' && {jarm: {
      encryption: {nonce: randomBytes(16).toString('base64url')},
      serverMetadata: {
        authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ['ECDH-ES'],
        authorization_encryption_enc_values_supported: [enc]
      }
    }}
  });
  const {response} = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request, authorizationResponsePayload: created.authorizationResponsePayload,
    jarm: created.jarm
  });
  if(!response.ok) {
    throw new Error((await response.json()).detail);
  }
  return {request, answer: await response.json()};
}

const OPERATIONS = {
  async holder() {
    const {d, ...jwk} = holderJwk;
    return {did: key.controller, jwk};
  },

  async 'digitalbazaar-present'({link, credential, at, nonce, audience}) {
    const {authorizationRequest: request} = await oid4vp.getAuthorizationRequest({
      url: link, getVerificationKey: ({protectedHeader}) => keyOfDid(protectedHeader.kid)
    });
    const signed = await presentation(
      credential, {challenge: nonce ?? request.nonce, domain: audience ?? request.client_id, at});
    const {result} = await oid4vp.sendAuthorizationResponse({
      authorizationRequest: request, vpTokenMediaType: 'application/json',
      vpToken: JSON.stringify({role: [signed]})
    });
    return {request, answer: result};
  },

  async 'openid4vc-present'({link, credential, at, nonce, audience, enc}) {
    return openid4vcAnswer(link, 'ldp_vc', enc, ({request, clientId}) =>
      presentation(credential, {challenge: nonce ?? request.nonce, domain: audience ?? clientId, at}));
  },

  async 'openid4vc-present-sd-jwt'({link, credential, at, nonce, audience, enc}) {
    return openid4vcAnswer(link, 'dc+sd-jwt', enc, ({request, clientId}) =>
      bound(credential, {at, nonce: nonce ?? request.nonce, audience: audience ?? clientId}));
  },

  async 'digitalbazaar-receive'({offer}) {
    const client = await OID4Client.fromCredentialOffer({offer: parseCredentialOfferUrl({url: offer})});
    const {sign} = key.signer();
    const signer = {id: key.id, algorithm: 'P-256', sign};
    const {nonce} = await client.getNonce();
    return client.requestCredentials({did: key.controller, didProofSigner: signer, nonce});
  },

  async 'openid4vc-receive'({offer, configuration, nonce, audience, txCode, enc}) {
    const client = new Openid4vciClient({callbacks});
    const credentialOffer = await client.resolveCredentialOffer(offer);
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const {accessTokenResponse} = await client.retrievePreAuthorizedCodeAccessTokenFromOffer(
      {credentialOffer, issuerMetadata, txCode});
    const {c_nonce: given} = await client.requestNonce({issuerMetadata});
    const metadata = audience === undefined ? issuerMetadata :
      {...issuerMetadata, credentialIssuer: {...issuerMetadata.credentialIssuer, credential_issuer: audience}};
    const {jwt} = await client.createCredentialRequestJwtProof({
      issuerMetadata: metadata, credentialConfigurationId: configuration, issuedAt: new Date(), nonce: nonce ?? given,
      signer: {method: 'did', alg: 'ES256', didUrl: key.id}
    });
    if(enc) {
      const {credentialIssuer} = issuerMetadata;
      const request = {credential_configuration_id: configuration, proofs: {jwt: [jwt]}};
      const {credentials} = await encryptedExchange(credentialIssuer, accessTokenResponse.access_token, request, enc);
      return {credentials: credentials.map(({credential}) => credential)};
    }
    const {credentialResponse} = await client.retrieveCredentials({
      issuerMetadata, credentialConfigurationId: configuration, proofs: {jwt: [jwt]},
      accessToken: accessTokenResponse.access_token
    });
    return {credentials: credentialResponse.credentials.map(({credential}) => credential)};
  }
};

/** A credential request and its answer, both encrypted. The library reads what is supported, jose encrypts. */
async function encryptedExchange(metadata, accessToken, request, enc) {
  const {credential_request_encryption: requests, credential_response_encryption: answers} = metadata;
  if(!requests.enc_values_supported.includes(enc) || !answers.enc_values_supported.includes(enc)) {
    throw new Error(`the issuer does not support ${enc}`);
  }
  const [published] = requests.jwks.keys;
  const [alg] = answers.alg_values_supported;
  const own = await generateKeyPair(alg, {crv: 'P-256', extractable: true});
  const jwk = {...await exportJWK(own.publicKey), kid: 'answer', alg, use: 'enc'};
  const body = await new CompactEncrypt(
    new TextEncoder().encode(JSON.stringify({...request, credential_response_encryption: {jwk, enc}})))
    .setProtectedHeader({alg: published.alg, enc, kid: published.kid})
    .encrypt(await importJWK(published, published.alg));
  const answer = await fetch(metadata.credential_endpoint, {
    method: 'POST', body, headers: {'content-type': 'application/jwt', authorization: `Bearer ${accessToken}`}
  });
  if(!answer.ok || answer.headers.get('content-type') !== 'application/jwt') {
    throw new Error(`${answer.status} ${await answer.text()}`);
  }
  const {plaintext, protectedHeader} = await compactDecrypt(await answer.text(), own.privateKey);
  if(protectedHeader.kid !== jwk.kid || protectedHeader.enc !== enc) {
    throw new Error('the answer is encrypted in another way than was asked for');
  }
  return JSON.parse(new TextDecoder().decode(plaintext));
}

const base64url = value => Buffer.from(value).toString('base64url');

/** The key binding of an SD-JWT, by the holder's key. (RFC 9901, section 4.3) */
async function bound(token, {nonce, audience, at}) {
  return token + await new SignJWT({
    nonce, aud: audience, iat: Math.floor(Date.parse(at) / 1000),
    sd_hash: base64url(createHash('sha256').update(token).digest())
  }).setProtectedHeader({alg: 'ES256', typ: 'kb+jwt'}).sign(await importJWK(holderJwk, 'ES256'));
}

function reason(error) {
  const below = [].concat(error.errors ?? [], error.cause ?? [], error.details?.cause ?? []).map(reason);
  return [error.data?.detail ?? error.data?.error_description ?? error.message ?? String(error), ...below].join(' <- ');
}

for await (const line of createInterface({input: process.stdin})) {
  const results = [];
  for(const job of JSON.parse(line)) {
    try {
      results.push({ok: true, ...await OPERATIONS[job.op](job)});
    } catch(error) {
      results.push({ok: false, error: reason(error)});
    }
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
