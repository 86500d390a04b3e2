"""A WebAuthn authenticator in software, made from the specification and not from the library that verifies it."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    """Encode as WebAuthn's JSON does."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Decode it."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey of one person at one site. What it claims may be changed, to see it refused."""

    origin: str
    rp_id: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""

    def create(self, options: str) -> str:
        """Answer ``navigator.credentials.create`` (WebAuthn §5.1.3), without attestation."""
        wanted = json.loads(options)
        self.user_handle = wanted["user"]["id"]
        public = self.key.public_key().public_numbers()
        point = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(point)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": b64(self._client_data("webauthn.create", wanted["challenge"])),
            "attestationObject": b64(cbor2.dumps(statement)),
        }
        return self._credential(response)

    def get(self, options: str) -> str:
        """Answer ``navigator.credentials.get`` (WebAuthn §5.1.4)."""
        self.count += 1
        client_data, data = self._client_data("webauthn.get", json.loads(options)["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": self.user_handle,
        }
        return self._credential(response)

    def _data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        facts = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(facts).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        ident = b64(self.credential_id)
        credential = {"id": ident, "rawId": ident, "type": "public-key", "response": response}
        return json.dumps(credential | {"clientExtensionResults": {}})
