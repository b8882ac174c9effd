// Says which of the signed requests in a file these libraries hold to be right: {"<library>": ["<name>", …]}.
import { createHmac, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const { standard, ed25519, compatible } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const names = (cases, isRight) => cases.filter(isRight).map(({ name }) => name);

const isTaken = (Library) => ({ secret, headers, body }) => {
  try {
    new Library(secret).verify(Buffer.from(body), headers);
    return true;
  } catch (error) {
    if (error.name !== "WebhookVerificationError") throw error;
    return false;
  }
};

function isOfKey({ key, headers, body }) {
  const x = Buffer.from(key.slice("whpk_".length), "base64").toString("base64url");
  const known = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  const signatures = headers["webhook-signature"].split(" ").filter((one) => one.startsWith("v1a,"));
  return signatures.some((one) => verify(null, content, known, Buffer.from(one.slice(4), "base64")));
}

const isCompatible = ({ secret, hash, encoding, signature, body }) =>
  createHmac(hash, secret).update(body).digest(encoding) === signature;

console.log(
  JSON.stringify({
    standardwebhooks: names(standard, isTaken(Standard)),
    svix: names(standard, isTaken(Svix)),
    openssl: names(ed25519, isOfKey),
    hmac: names(compatible, isCompatible),
  }),
);
