// A certificate authority of a test, with certificates for a server on loopback and for a partner.

import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export type Certificates = { ca: string; server: Pem; partner: Pem; stranger: Pem };
export type Pem = { cert: string; key: string };

/** `partner` is the common name that the portal knows its partner by; `stranger` is of another authority. */
export function newCertificates(partner: string): Certificates {
  const authority = keys();
  const ca = certificate(authority, 'test authority', 'test authority', authority.private, true);
  const other = keys();
  const issued = (name: string, by: Keys, issuer: string): Pem => {
    const own = keys();
    return { cert: certificate(own, name, issuer, by.private, false), key: own.privatePem };
  };
  return {
    ca,
    server: issued('127.0.0.1', authority, 'test authority'),
    partner: issued(partner, authority, 'test authority'),
    stranger: issued(partner, other, 'other authority'),
  };
}

type Keys = { public: forge.pki.PublicKey; private: forge.pki.rsa.PrivateKey; privatePem: string };

function keys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const [open, secret] = [forge.pki.publicKeyFromPem(publicKey), forge.pki.privateKeyFromPem(privateKey)];
  return { public: open, private: secret, privatePem: privateKey };
}

function certificate(own: Keys, name: string, issuer: string, by: forge.pki.rsa.PrivateKey, isCa: boolean): string {
  const made = forge.pki.createCertificate();
  made.publicKey = own.public;
  made.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  made.validity.notBefore = new Date(Date.now() - 3_600_000);
  made.validity.notAfter = new Date(Date.now() + 3_600_000);
  made.setSubject([{ name: 'commonName', value: name }]);
  made.setIssuer([{ name: 'commonName', value: issuer }]);
  made.setExtensions([
    { name: 'basicConstraints', cA: isCa },
    ...(isCa ? [{ name: 'keyUsage', keyCertSign: true }] : []),
    ...(name === '127.0.0.1' ? [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }] : []),
  ]);
  made.sign(by, forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}
