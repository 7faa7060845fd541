// When certificates end, read from their PEM: nginx tells it to nobody.

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;
const EXPLICIT_VERSION = 0xa0;
const UTC_TIME = 0x17;

/** Seconds since 1970 at which each certificate of a PEM text ends, the server's own first. */
function endsOf(pem) {
  const ends = [];
  let found = CERTIFICATE.exec(pem);
  while (found) {
    ends.push(endOf(Buffer.from(found[1].replace(/\s/g, ""), "base64")));
    found = CERTIFICATE.exec(pem);
  }
  return ends;
}

/** RFC 5280: Certificate { TBSCertificate { [version], serial, signature, issuer, validity { from, to }, … } … }. */
function endOf(der) {
  const body = element(der, element(der, 0).content);
  let at = body.content;
  if (der[at] === EXPLICIT_VERSION) {
    at = element(der, at).end;
  }
  for (let skipped = 0; skipped < 3; skipped++) {
    at = element(der, at).end;
  }
  const from = element(der, element(der, at).content);
  return seconds(der, from.end);
}

/** Where the content of the element at a position begins and ends. */
function element(der, at) {
  let length = der[at + 1];
  let content = at + 2;
  if (length > 127) {
    const bytes = length - 128;
    length = 0;
    for (let i = 0; i < bytes; i++) {
      length = length * 256 + der[content + i];
    }
    content += bytes;
  }
  return { content, end: content + length };
}

/** UTCTime has two digits of the year, from 1950 to 2049; GeneralizedTime has four. */
function seconds(der, at) {
  const found = element(der, at);
  let text = "";
  for (let i = found.content; i < found.end; i++) {
    text += String.fromCharCode(der[i]);
  }
  if (der[at] === UTC_TIME) {
    text = (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text;
  }
  const part = (from, to) => Number(text.slice(from, to));
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14)) / 1000;
}

export default { endsOf };
