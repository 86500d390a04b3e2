"""The metadata of a client under its member names of RFC 7591 and OpenID Connect Registration, and their rules.

``idp dev partner``, registration (RFC 7591) and later the technical sheet (DOMAIN §3.6) all validate by this model.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from clients.distinguished_names import distinguished_name
from clients.jwks import jwks_fault
from clients.metadata import outbound_uri_fault, redirect_uri_fault
from clients.profiles import ASSERTION_METHODS, PROFILES, SECRET_METHODS, TLS_METHODS, Profile
from clients.resources import RESOURCES

AUTHORIZATION_CODE, REFRESH_TOKEN = "authorization_code", "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE)
JWE_ALGS = ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
JWE_ENCS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")


def _uri(uri: str) -> str:
    if fault := redirect_uri_fault(uri):
        message = f"{uri}: {fault}"
        raise ValueError(message)
    return uri


def _called(uri: str) -> str:
    if fault := outbound_uri_fault(uri):
        message = f"{uri}: {fault}"
        raise ValueError(message)
    return uri


def _keys(jwks: dict[str, Any]) -> dict[str, Any]:
    if fault := jwks_fault(jwks):
        raise ValueError(fault)
    return jwks


def _subject(text: str) -> str:
    try:
        distinguished_name(text)
    except ValueError as error:
        raise ValueError("not a distinguished name of RFC 4514, such as CN=rp.example,O=Unit,C=TW") from error
    return text


Uri = Annotated[str, AfterValidator(_uri)]
CalledUri = Annotated[str, AfterValidator(_called)]
Jwks = Annotated[dict[str, Any], AfterValidator(_keys)]
Alg = Literal["RS256", "PS256", "ES256", "EdDSA"]
AssertionAlg = Literal["RS256", "PS256", "ES256", "EdDSA", "HS256"]
JweAlg = Literal["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
JweEnc = Literal["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]
Method = Literal[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
]
Grant = Literal[
    "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"
]
Text = Annotated[str, Field(max_length=500)]
EVERYWHERE = "*"
SubjectName = Annotated[Text, AfterValidator(_subject)]


class ClientMetadata(BaseModel):
    """Everything a client may register. None means: not used, or the default of the specification."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    redirect_uris: tuple[Uri, ...] = ()
    response_types: tuple[Literal["code"], ...] = ("code",)
    grant_types: tuple[Grant, ...] = ("authorization_code",)
    application_type: Literal["web", "native"] = "web"
    token_endpoint_auth_method: Method = "client_secret_basic"  # noqa: S105  # a method's name
    token_endpoint_auth_signing_alg: AssertionAlg | None = None
    profile: Literal["default", "legacy", "fapi2", "fapi2-signed"] = "default"
    jwks: Jwks | None = None
    jwks_uri: CalledUri | None = None

    id_token_signed_response_alg: Alg = "RS256"  # noqa: S105  # an algorithm
    id_token_encrypted_response_alg: JweAlg | None = None
    id_token_encrypted_response_enc: JweEnc | None = None
    userinfo_signed_response_alg: Alg | None = None
    userinfo_encrypted_response_alg: JweAlg | None = None
    userinfo_encrypted_response_enc: JweEnc | None = None
    request_object_signing_alg: Alg | None = None
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    authorization_signed_response_alg: Alg | None = None
    introspection_signed_response_alg: Alg | None = None

    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    tls_client_auth_subject_dn: SubjectName | None = None
    tls_client_auth_san_dns: Text | None = None
    tls_client_auth_san_uri: Text | None = None
    tls_client_auth_san_ip: Text | None = None
    tls_client_auth_san_email: Text | None = None

    post_logout_redirect_uris: tuple[Uri, ...] = ()
    backchannel_logout_uri: CalledUri | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: Uri | None = None
    frontchannel_logout_session_required: bool = False

    subject_type: Literal["pairwise", "ephemeral"] | None = None
    default_max_age: Annotated[int, Field(ge=0, le=31_536_000)] | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[Text, ...] = ()
    initiate_login_uri: Uri | None = None
    client_uri: Text | None = None
    logo_uri: Text | None = None
    policy_uri: Text | None = None
    tos_uri: Text | None = None
    contacts: tuple[Text, ...] = ()
    software_id: Text | None = None
    software_version: Text | None = None
    resources: tuple[str, ...] = ()
    service_area: tuple[Text, ...] = ()
    """Counties whose teachers a client maintains by SCIM (D-31), or ``EVERYWHERE`` for the national centre's systems."""

    @model_validator(mode="before")
    @classmethod
    def _profile_defaults(cls, given: Any) -> Any:  # noqa: ANN401  # whatever came
        """A FAPI client that names no algorithm signs with PS256, and that names no binding is bound as it can be."""
        if not isinstance(given, dict) or not str(given.get("profile")).startswith("fapi2"):
            return given
        by_certificate = given.get("token_endpoint_auth_method") in TLS_METHODS
        defaults: dict[str, Any] = {"id_token_signed_response_alg": "PS256"}
        if not (given.get("dpop_bound_access_tokens") or given.get("tls_client_certificate_bound_access_tokens")):
            name = "tls_client_certificate_bound_access_tokens" if by_certificate else "dpop_bound_access_tokens"
            given = given | {name: True}
        return defaults | given

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := [*faults_of(self)]:
            raise ValueError("; ".join(faults))
        return self

    @property
    def rules(self) -> Profile:
        """The rules of the client's profile."""
        return PROFILES[self.profile]

    @property
    def may_waive_pkce(self) -> bool:
        """D-41: never for a public client, never under FAPI."""
        return self.token_endpoint_auth_method != "none" and self.rules.may_waive_pkce  # noqa: S105  # a method's name

    @property
    def binds_tokens(self) -> bool:
        """Whether tokens are bound to a key of the client (RFC 9449, RFC 8705)."""
        return self.dpop_bound_access_tokens or self.tls_client_certificate_bound_access_tokens

    @property
    def has_refresh_tokens(self) -> bool:
        """D-26: off unless the client has the grant."""
        return REFRESH_TOKEN in self.grant_types


def faults_of(meta: ClientMetadata) -> Iterator[str]:
    """Name what does not fit together."""
    if AUTHORIZATION_CODE in meta.grant_types and not meta.redirect_uris:
        yield "redirect_uris: at least one is needed"
    if meta.jwks is not None and meta.jwks_uri is not None:
        yield "jwks and jwks_uri exclude each other (RFC 7591 section 2)"
    yield from _key_faults(meta)
    yield from _profile_faults(meta)
    if meta.token_endpoint_auth_method == "none":  # noqa: S105  # a method's name
        if CLIENT_CREDENTIALS in meta.grant_types:
            yield "a public client has no client_credentials (RFC 6749 section 4.4)"
        if meta.has_refresh_tokens and not meta.dpop_bound_access_tokens:
            yield "refresh tokens of a public client must be bound by DPoP (D-41)"
    if meta.dpop_bound_access_tokens and meta.tls_client_certificate_bound_access_tokens:
        yield "tokens are bound by DPoP or by a certificate, not both"
    if unknown := sorted(set(meta.resources) - RESOURCES.keys()):
        yield f"resources: unknown {', '.join(unknown)}"
    if meta.service_area and "scim" not in meta.resources:
        yield "service_area goes with the resource scim"


def _key_faults(meta: ClientMetadata) -> Iterator[str]:
    method, has_keys = meta.token_endpoint_auth_method, meta.jwks is not None or meta.jwks_uri is not None
    if method in {"private_key_jwt", "self_signed_tls_client_auth"} and not has_keys:
        yield f"{method} needs jwks or jwks_uri"
    alg = meta.token_endpoint_auth_signing_alg
    if alg is not None and (method not in ASSERTION_METHODS or (alg == "HS256") != (method == "client_secret_jwt")):
        yield "token_endpoint_auth_signing_alg does not go with the method"
    names = ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email")
    given = [name for name in names if getattr(meta, f"tls_client_auth_{name}") is not None]
    if method == "tls_client_auth" and len(given) != 1:
        yield "tls_client_auth needs exactly one tls_client_auth_… member (RFC 8705 section 2.1.2)"
    if given and method not in TLS_METHODS:
        yield "tls_client_auth_… members go with tls_client_auth"
    for kind in ("id_token", "userinfo"):
        alg, enc = (getattr(meta, f"{kind}_encrypted_response_{part}") for part in ("alg", "enc"))
        if enc is not None and alg is None:
            yield f"{kind}_encrypted_response_enc needs {kind}_encrypted_response_alg"
        if alg is not None and not has_keys:
            yield f"{kind}_encrypted_response_alg needs jwks or jwks_uri"
    if (meta.request_object_signing_alg or meta.require_signed_request_object) and not has_keys:
        yield "signed request objects need jwks or jwks_uri"


def _profile_faults(meta: ClientMetadata) -> Iterator[str]:
    rules = meta.rules
    if meta.token_endpoint_auth_method not in rules.auth_methods:
        yield f"profile {meta.profile}: token_endpoint_auth_method must be one of {', '.join(sorted(rules.auth_methods))}"
    algs: tuple[str, ...] = (
        "id_token_signed_response_alg",
        "token_endpoint_auth_signing_alg",
        "request_object_signing_alg",
    )
    algs += ("userinfo_signed_response_alg", "authorization_signed_response_alg", "introspection_signed_response_alg")
    for name in algs:
        value = getattr(meta, name)
        if value not in {None, "HS256"} and value not in rules.algs:
            yield f"profile {meta.profile}: {name} must be one of {', '.join(sorted(rules.algs))}"
    if rules.binds_tokens and not meta.binds_tokens:
        yield f"profile {meta.profile}: dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens is needed"
    if rules.needs_signed_request and meta.jwks is None and meta.jwks_uri is None:
        yield f"profile {meta.profile}: jwks or jwks_uri is needed for signed requests"


def needs_secret(meta: ClientMetadata) -> bool:
    """Whether the client authenticates by a secret."""
    return meta.token_endpoint_auth_method in SECRET_METHODS
