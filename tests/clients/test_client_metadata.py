"""Client metadata: defaults of the specifications, and every fault by its words (RFC 7591 §2, DOMAIN §3.6)."""

from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from clients.client_metadata import ClientMetadata, faults_of, needs_secret
from clients.jwks import KEYS_MAX, jwks_fault
from clients.profiles import AUTH_METHODS, PROFILES

pytestmark = pytest.mark.no_database
GOOD: dict[str, Any] = {"redirect_uris": ["https://rp.test/cb"]}
EC = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "eA"}
RSA = {"kty": "RSA", "n": "_" * 342, "e": "AQAB"}
KEYS = {"keys": [EC]}
KEYED: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": KEYS}
FAPI = KEYED | {"profile": "fapi2"}
TLS = {"token_endpoint_auth_method": "tls_client_auth"}


def made(**changes: Any) -> ClientMetadata:
    """Validate."""
    return ClientMetadata.model_validate(GOOD | changes)


def said(**changes: Any) -> str:
    """Return what is wrong."""
    with pytest.raises(ValidationError) as caught:
        made(**changes)
    faults = caught.value.errors(include_url=False)
    return "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults)


@pytest.mark.spec("RFC 7591", "2")
def test_defaults() -> None:
    """Those of RFC 7591 §2 and OIDC Registration §2; nothing is encrypted, bound or demanded unless asked for."""
    meta = made()
    assert (meta.response_types, meta.grant_types) == (("code",), ("authorization_code",))
    assert (meta.token_endpoint_auth_method, meta.application_type) == ("client_secret_basic", "web")
    assert (meta.id_token_signed_response_alg, meta.profile) == ("RS256", "default")
    assert not any((meta.binds_tokens, meta.has_refresh_tokens, meta.require_signed_request_object))
    assert meta.model_dump(exclude_defaults=True) == {"redirect_uris": ("https://rp.test/cb",)}
    assert [*faults_of(meta)] == []


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.1", "5.4")
@pytest.mark.parametrize("profile", ["fapi2", "fapi2-signed"])
def test_defaults_of_fapi(profile: str) -> None:
    """PS256, and tokens bound as the client can: by its certificate, else by DPoP; what is said prevails."""
    meta = made(**FAPI | {"profile": profile})
    assert (meta.id_token_signed_response_alg, meta.dpop_bound_access_tokens) == ("PS256", True)
    by_certificate = TLS | {"tls_client_auth_san_dns": "rp.test", "profile": profile, "jwks": KEYS}
    meta = made(**by_certificate)
    assert (meta.dpop_bound_access_tokens, meta.tls_client_certificate_bound_access_tokens) == (False, True)
    meta = made(**by_certificate, dpop_bound_access_tokens=True, id_token_signed_response_alg="ES256")
    assert (meta.dpop_bound_access_tokens, meta.tls_client_certificate_bound_access_tokens) == (True, False)
    assert meta.id_token_signed_response_alg == "ES256"
    kept = ClientMetadata.model_validate(meta.model_dump(mode="json", exclude_defaults=True))
    assert kept == meta


def test_what_is_stored_comes_back() -> None:
    """The database keeps what differs from the defaults; read again it is the same."""
    meta = made(**KEYED, grant_types=["authorization_code", "refresh_token"], contacts=["a@rp.test"], default_max_age=0)
    assert ClientMetadata.model_validate(meta.model_dump(mode="json", exclude_defaults=True)) == meta


ENCRYPTED = {"id_token_encrypted_response_alg": "ECDH-ES"}
NO_DN = ("", " ", "rp.test", "CN", "CN=rp,", "XX=rp", "CN=a\\")
SAN = {"tls_client_auth_san_dns": "rp.test"}
METHOD = "token_endpoint_auth_method"
SIGNED_BY = "token_endpoint_auth_signing_alg"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"redirect_uris": []}, "redirect_uris: at least one is needed"),
        ({"jwks": KEYS, "jwks_uri": "https://rp.test/k"}, "jwks and jwks_uri exclude each other"),
        ({METHOD: "none", "grant_types": ["client_credentials"]}, "a public client has no client_credentials"),
        ({METHOD: "none", "grant_types": ["refresh_token"]}, "refresh tokens of a public client must be bound by DPoP"),
        (
            {"dpop_bound_access_tokens": True, "tls_client_certificate_bound_access_tokens": True},
            "tokens are bound by DPoP or by a certificate, not both",
        ),
        ({"resources": ["scim", "moon", "away"]}, "resources: unknown away, moon"),
        ({"service_area": ["霧松縣"], "resources": ["reporting"]}, "service_area goes with the resource scim"),
        ({METHOD: "private_key_jwt"}, "private_key_jwt needs jwks or jwks_uri"),
        ({METHOD: "self_signed_tls_client_auth"}, "self_signed_tls_client_auth needs jwks or jwks_uri"),
        ({SIGNED_BY: "ES256"}, "token_endpoint_auth_signing_alg does not go with the method"),
        (KEYED | {SIGNED_BY: "HS256"}, "token_endpoint_auth_signing_alg does not go with the method"),
        ({METHOD: "client_secret_jwt", SIGNED_BY: "RS256"}, "token_endpoint_auth_signing_alg does not go with"),
        (TLS, "tls_client_auth needs exactly one"),
        (TLS | SAN | {"tls_client_auth_san_ip": "192.0.2.1"}, "tls_client_auth needs exactly one"),
        (SAN, "members go with tls_client_auth"),
        *(
            (TLS | {"tls_client_auth_subject_dn": dn}, "tls_client_auth_subject_dn: Value error, not a dist")
            for dn in NO_DN
        ),
        ({"id_token_encrypted_response_enc": "A128GCM"}, "id_token_encrypted_response_enc needs id_token_encrypted_r"),
        ({"userinfo_encrypted_response_enc": "A128GCM"}, "userinfo_encrypted_response_enc needs userinfo_encrypted_r"),
        (ENCRYPTED, "id_token_encrypted_response_alg needs jwks or jwks_uri"),
        ({"userinfo_encrypted_response_alg": "RSA-OAEP-256"}, "userinfo_encrypted_response_alg needs jwks or jwks_uri"),
        ({"request_object_signing_alg": "ES256"}, "signed request objects need jwks or jwks_uri"),
        ({"require_signed_request_object": True}, "signed request objects need jwks or jwks_uri"),
        ({"profile": "legacy", METHOD: "none"}, "profile legacy: token_endpoint_auth_method must be one of"),
        (FAPI | {METHOD: "client_secret_jwt"}, "profile fapi2: token_endpoint_auth_method must be one of private_key_"),
        (
            FAPI | {"id_token_signed_response_alg": "RS256"},
            "profile fapi2: id_token_signed_response_alg must be one of",
        ),
        (FAPI | {SIGNED_BY: "RS256"}, "profile fapi2: token_endpoint_auth_signing_alg must be one of"),
        (FAPI | {"request_object_signing_alg": "RS256"}, "profile fapi2: request_object_signing_alg must be one of"),
        (FAPI | {"userinfo_signed_response_alg": "RS256"}, "profile fapi2: userinfo_signed_response_alg must be"),
        (
            FAPI | {"authorization_signed_response_alg": "RS256"},
            "profile fapi2: authorization_signed_response_alg must",
        ),
        (
            FAPI | {"introspection_signed_response_alg": "RS256"},
            "profile fapi2: introspection_signed_response_alg must",
        ),
        (
            TLS | SAN | {"profile": "fapi2-signed"},
            "profile fapi2-signed: jwks or jwks_uri is needed for signed requests",
        ),
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"redirect_uris": ["http://rp.test/cb"]}, "redirect_uris.0: Value error, http://rp.test/cb: https is needed"),
        ({"jwks_uri": "rp.test/keys"}, "jwks_uri: Value error, rp.test/keys: an absolute https URL"),
        ({"backchannel_logout_uri": "https://rp.test/#x"}, "backchannel_logout_uri: Value error"),
        ({"frontchannel_logout_uri": "/x"}, "frontchannel_logout_uri: Value error"),
        ({"initiate_login_uri": "x"}, "initiate_login_uri: Value error"),
        ({"jwks": {"keys": []}}, "jwks: Value error, a JWK set with 1 to"),
        ({"default_max_age": 31_536_001}, "default_max_age"),
        ({"contacts": ["x" * 501]}, "contacts.0"),
        ({"response_types": ["code id_token"]}, "response_types.0"),
        ({"grant_types": ["password"]}, "grant_types.0"),
        ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg"),
        ({"id_token_encrypted_response_alg": "RSA1_5"}, "id_token_encrypted_response_alg"),
    ],
)
def test_faults(changes: dict[str, Any], fault: str) -> None:
    """Each is named."""
    assert fault in said(**changes)


def test_the_binding_that_fapi_wants_cannot_be_lost() -> None:
    """``faults_of`` finds it even where the default was not filled in."""
    unbound = made(**FAPI).model_copy(update={"dpop_bound_access_tokens": False})
    assert "dpop_bound_access_tokens or tls_client_certificate_bound" in "; ".join(faults_of(unbound))


def test_several_faults_at_once() -> None:
    """All are named, not the first alone."""
    text = said(resources=["x"], token_endpoint_auth_method="private_key_jwt", require_signed_request_object=True)
    assert text.count(";") == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": [], "grant_types": ["client_credentials"], "resources": ["reporting"]},
        {METHOD: "none", "grant_types": ["authorization_code", "refresh_token"], "dpop_bound_access_tokens": True},
        {METHOD: "client_secret_jwt", SIGNED_BY: "HS256"},
        KEYED | {SIGNED_BY: "EdDSA"},
        {METHOD: "private_key_jwt", "jwks_uri": "https://rp.test/keys"},
        TLS | {"tls_client_auth_subject_dn": "CN=rp"},
        {METHOD: "self_signed_tls_client_auth", "jwks": KEYS},
        ENCRYPTED | {"jwks": KEYS, "id_token_encrypted_response_enc": "A256GCM"},
        {"require_signed_request_object": True, "jwks_uri": "https://rp.test/keys"},
        FAPI | {"profile": "fapi2-signed", "authorization_signed_response_alg": "EdDSA"},
        {"tls_client_certificate_bound_access_tokens": True},
        {"default_max_age": 0, "require_auth_time": True},
    ],
)
def test_what_fits_together(changes: dict[str, Any]) -> None:
    """No rule is stricter than it says."""
    assert [*faults_of(made(**changes))] == []


def test_every_method_under_every_profile() -> None:
    """A profile admits exactly its methods; a secret belongs to exactly the methods that are called so."""
    for profile, method in product(PROFILES, AUTH_METHODS):
        needed: dict[str, Any] = {METHOD: method, "profile": profile, "jwks": KEYS}
        needed |= SAN if method == "tls_client_auth" else {}
        if method in PROFILES[profile].auth_methods:
            assert needs_secret(made(**needed)) is method.startswith("client_secret_")
        else:
            assert f"profile {profile}: token_endpoint_auth_method" in said(**needed)


@pytest.mark.spec("RFC 7517", "4")
@pytest.mark.parametrize(
    ("jwks", "fault"),
    [
        (None, "a JWK set with 1 to 20 keys is needed"),
        ([EC], "a JWK set"),
        ({}, "a JWK set"),
        ({"keys": {}}, "a JWK set"),
        ({"keys": []}, "a JWK set"),
        ({"keys": [EC] * (KEYS_MAX + 1)}, "a JWK set"),
        ({"keys": [EC, "x"]}, "key 2: not a JWK"),
        ({"keys": [EC | {"d": "eA"}]}, "key 1: it is private or symmetric"),
        ({"keys": [RSA | {"dp": "eA"}]}, "key 1: it is private or symmetric"),
        ({"keys": [{"kty": "oct", "k": "eA"}]}, "key 1: it is private or symmetric"),
        ({"keys": [{"kty": "oct"}]}, "key 1: kty must be RSA, EC or OKP"),
        ({"keys": [{}]}, "key 1: kty must be"),
        ({"keys": [{"kty": ["EC"]}]}, "key 1: kty must be"),
        ({"keys": [{"kty": "EC", "crv": "P-256", "x": "eA"}]}, "key 1: the members crv, x, y are needed as text"),
        ({"keys": [EC | {"y": 7}]}, "key 1: the members crv, x, y are needed as text"),
        ({"keys": [{"kty": "OKP", "crv": "Ed25519"}]}, "key 1: the members crv, x are needed as text"),
        ({"keys": [{"kty": "RSA", "n": "eA"}]}, "key 1: the members n, e are needed as text"),
        ({"keys": [EC | {"kid": 7}]}, "key 1: the members"),
        ({"keys": [RSA | {"n": "é"}]}, "key 1: n is not base64url"),
        ({"keys": [RSA | {"n": "A"}]}, "key 1: n is not base64url"),
        ({"keys": [RSA | {"n": "_" * 340}]}, "key 1: RSA keys need 2048 bits or more"),
        ({"keys": [EC | {"kid": "a"}, OKP | {"kid": "a"}]}, "two keys have the same kid"),
    ],
)
def test_faults_of_key_sets(jwks: object, fault: str) -> None:
    """Public keys only, complete, large enough, told apart."""
    assert fault in (jwks_fault(jwks) or "")


@pytest.mark.spec("RFC 7517", "4")
def test_good_key_sets() -> None:
    """Every kind; keys without kid may be several; members that we do not know are no fault."""
    assert (
        jwks_fault({"keys": [EC, OKP, RSA | {"kid": "r", "use": "sig", "x5t": "eA"}, EC, {**EC, "kid": "e"}]}) is None
    )
    assert jwks_fault({"keys": [EC] * KEYS_MAX}) is None
