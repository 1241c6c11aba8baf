/**
 * Digital Bazaar's stack as a foreign issuer, holder and verifier.
 *
 * A line on stdin is a JSON list of jobs, and a line on stdout the list of their results in the same order. A job is
 *
 *   {"op": "issue", "credential", "cryptosuite", "mandatoryPointers"?}   the issuer is replaced by a key made here
 *   {"op": "derive", "document", "selectivePointers"}
 *   {"op": "verify", "document", "at"?, "statusLists"?: [credential, …]} a credential
 *   {"op": "present", "credentials", "challenge", "domain", "at"?}       a presentation signed with a key made here
 *   {"op": "verify-presentation", "document", "at"?, "challenge"?, "domain"?, "statusLists"?}
 *   {"op": "canonicalize", "document"}                                   {"text"}: RDFC-1.0, undefined terms refused
 *   {"op": "resolve", "did"}                                             the DID document of a did:key
 *   {"op": "status-list", "id", "purpose", "set": [index, …]}            an encoded list, signed
 *
 * and a result {"ok": true, "document" or "text"?} or {"ok": false, "error"}. A failing job never ends the others.
 *
 * Nothing is fetched. W3C contexts come from their packages where they ship them, which shows that ours say the same;
 * the rest comes from contexts/pins.json of this checkout. Keys live as long as the process and are never printed.
 */
import {webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {contexts as credentialsContexts} from '@digitalbazaar/credentials-context';
import dataIntegrityContext from '@digitalbazaar/data-integrity-context';
import multikeyContext from '@digitalbazaar/multikey-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {driver as didKeyDriver} from '@digitalbazaar/did-method-key';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as ecdsaSd2023 from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import * as statusList from '@digitalbazaar/vc-bitstring-status-list';
import jsonld from 'jsonld';

// Node 18 has Web Crypto, but not yet under the global name that the packages use.
globalThis.crypto ??= webcrypto;

const CONTEXTS = new URL('../../contexts/', import.meta.url);

function theirContexts() {
  const found = new Map(credentialsContexts);
  for(const module of [dataIntegrityContext, multikeyContext]) {
    for(const [url, document] of module.contexts ?? module.CONTEXTS ?? []) {
      found.set(url, document);
    }
  }
  return found;
}

function ourContexts() {
  const pins = JSON.parse(readFileSync(new URL('pins.json', CONTEXTS)));
  return new Map(Object.entries(pins).map(([url, {file}]) => [url, file]));
}

const theirs = theirContexts();
const ours = ourContexts();

const didKeys = didKeyDriver();
for(const header of ['zDna', 'z82L', 'z2J9']) {
  didKeys.use({multibaseMultikeyHeader: header, fromMultibase: EcdsaMultikey.from});
}
didKeys.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

/** Document loader over what is at hand; `extra` maps addresses to documents of this job. */
function loaderFor(extra = new Map()) {
  return async url => {
    const answer = document => ({contextUrl: null, documentUrl: url, document});
    if(extra.has(url)) {
      return answer(extra.get(url));
    }
    if(url.startsWith('did:key:')) {
      return answer(await didKeys.get({url}));
    }
    if(theirs.has(url)) {
      return answer(theirs.get(url));
    }
    if(ours.has(url)) {
      return answer(JSON.parse(readFileSync(new URL(ours.get(url), CONTEXTS))));
    }
    throw new Error(`not at hand, and nothing is fetched: ${url}`);
  };
}

const keys = new Map();

/** The key pair of that name, made on first use, with its did:key as controller. */
async function keyPair(name) {
  if(!keys.has(name)) {
    const key = name === 'Ed25519' ? await Ed25519Multikey.generate() : await EcdsaMultikey.generate({curve: name});
    const {publicKeyMultibase} = await key.export({publicKey: true});
    key.controller = `did:key:${publicKeyMultibase}`;
    key.id = `${key.controller}#${publicKeyMultibase}`;
    keys.set(name, key);
  }
  return keys.get(name);
}

const SIGNING = {
  'ecdsa-rdfc-2019': {curve: 'P-256', suite: () => ecdsaRdfc2019},
  'eddsa-rdfc-2022': {curve: 'Ed25519', suite: () => eddsaRdfc2022},
  'ecdsa-sd-2023': {
    curve: 'P-256',
    suite: ({mandatoryPointers = []}) => ecdsaSd2023.createSignCryptosuite({mandatoryPointers})
  }
};

const VERIFYING = [ecdsaRdfc2019, eddsaRdfc2022, ecdsaSd2023.createVerifyCryptosuite()]
  .map(cryptosuite => new DataIntegrityProof({cryptosuite}));

/** Why a verification failed, with every cause below it in one line. */
function reason(error) {
  if(!error) {
    return 'not verified';
  }
  const below = [].concat(error.errors ?? [], error.cause ?? [], error.details?.cause ?? []).map(reason);
  return [error.message ?? String(error), ...below].join(' <- ');
}

/** Each status list must verify itself; a bit that is set refuses the credential. */
function statusCheck(lists, documentLoader, now) {
  return async ({credential}) => {
    for(const list of lists) {
      const result = await vc.verifyCredential({credential: list, suite: VERIFYING, documentLoader, now});
      if(!result.verified) {
        return {verified: false, error: new Error(`status list ${list.id}: ${reason(result.error)}`)};
      }
    }
    const result = await statusList.checkStatus(
      {credential, documentLoader, suite: VERIFYING, verifyBitstringStatusListCredential: false});
    const raised = (result.results ?? []).filter(({status}) => status);
    if(raised.length > 0) {
      const purposes = raised.map(({credentialStatus}) => credentialStatus.statusPurpose).join(', ');
      return {verified: false, error: new Error(`status bit set: ${purposes}`)};
    }
    return result;
  };
}

async function sign(credential, {curve, suite}, job) {
  const key = await keyPair(curve);
  const proofSuite = new DataIntegrityProof({signer: key.signer(), cryptosuite: suite(job)});
  return vc.issue({
    credential: {...structuredClone(credential), issuer: key.controller},
    suite: proofSuite,
    documentLoader: loaderFor()
  });
}

const OPERATIONS = {
  async issue(job) {
    return {document: await sign(job.credential, SIGNING[job.cryptosuite], job)};
  },

  async derive({document, selectivePointers}) {
    const cryptosuite = ecdsaSd2023.createDiscloseCryptosuite({selectivePointers});
    return {document: await vc.derive({
      verifiableCredential: document,
      suite: new DataIntegrityProof({cryptosuite}),
      documentLoader: loaderFor()
    })};
  },

  async verify({document, at, statusLists = []}) {
    const documentLoader = loaderFor(new Map(statusLists.map(list => [list.id, list])));
    const result = await vc.verifyCredential({
      credential: document,
      suite: VERIFYING,
      documentLoader,
      checkStatus: statusCheck(statusLists, documentLoader, at),
      now: at
    });
    if(!result.verified) {
      throw result.error ?? result.statusResult?.error ?? new Error('not verified');
    }
    // The stack is content when one proof of a set verifies; these tests ask for all of them.
    if(!result.results.every(({verified}) => verified)) {
      throw new Error('not every proof of the set verifies');
    }
  },

  async present({credentials, challenge, domain, at}) {
    const key = await keyPair('P-256');
    const presentation = vc.createPresentation(
      {verifiableCredential: credentials, holder: key.controller, now: at});
    const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite: ecdsaRdfc2019});
    return {document: await vc.signPresentation(
      {presentation, suite, challenge, domain, documentLoader: loaderFor()})};
  },

  async 'verify-presentation'({document, at, challenge, domain, statusLists = []}) {
    const documentLoader = loaderFor(new Map(statusLists.map(list => [list.id, list])));
    const result = await vc.verify({
      presentation: document,
      suite: VERIFYING,
      documentLoader,
      checkStatus: statusCheck(statusLists, documentLoader, at),
      unsignedPresentation: !document.proof,
      challenge,
      domain,
      now: at
    });
    if(!result.verified) {
      const failed = (result.credentialResults ?? []).find(({verified}) => !verified);
      throw result.error ?? failed?.error ?? failed?.statusResult?.error ?? new Error('not verified');
    }
  },

  async canonicalize({document}) {
    return {text: await jsonld.canonize(document, {
      algorithm: 'RDFC-1.0',
      format: 'application/n-quads',
      safe: true,
      documentLoader: loaderFor()
    })};
  },

  async resolve({did}) {
    return {document: await didKeys.get({did})};
  },

  async 'status-list'({id, purpose, set}) {
    const list = await statusList.createList({length: 131072});
    set.forEach(index => list.setStatus(index, true));
    const credential = await statusList.createCredential({id, list, statusPurpose: purpose});
    return {document: await sign(credential, SIGNING['ecdsa-rdfc-2019'], {})};
  }
};

async function run(job) {
  try {
    return {ok: true, ...await OPERATIONS[job.op](job)};
  } catch(error) {
    return {ok: false, error: reason(error)};
  }
}

for await (const line of createInterface({input: process.stdin})) {
  const results = [];
  for(const job of JSON.parse(line)) {
    results.push(await run(job));
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
