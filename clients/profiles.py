"""What each profile demands of a client and grants to it: one table that a reader sees at a glance. Pure.

``default``: OpenID Connect with PKCE (RFC 9700). ``legacy``: the same for software of the field that cannot do PKCE
yet, under a dated waiver (D-41). ``fapi2``: FAPI 2.0 Security Profile Final. ``fapi2-signed``: the same with FAPI 2.0
Message Signing Final.
"""

from dataclasses import dataclass

SECRET_METHODS = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})
TLS_METHODS = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
ASSERTION_METHODS = frozenset({"client_secret_jwt", "private_key_jwt"})
AUTH_METHODS = SECRET_METHODS | TLS_METHODS | {"private_key_jwt", "none"}
SIGNING_ALGS = ("RS256", "PS256", "ES256", "EdDSA")
FAPI_ALGS = frozenset(SIGNING_ALGS) - {"RS256"}


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of a profile.

    ``auth_methods``: how its clients may authenticate. ``algs``: what signs ID tokens, assertions and request objects.
    ``audience_is_issuer``: assertions name the issuer alone, as one string (FAPI 2.0 §5.3.2.1). ``needs_*``: what a
    request must have. ``binds_tokens``: tokens belong to a DPoP key or certificate. ``keeps_refresh_token``: no
    rotation (FAPI 2.0 §5.3.2.1). ``may_waive_pkce``: D-41.
    """

    auth_methods: frozenset[str]
    algs: frozenset[str]
    audience_is_issuer: bool = False
    needs_pushed_request: bool = False
    needs_signed_request: bool = False
    binds_tokens: bool = False
    keeps_refresh_token: bool = False
    may_waive_pkce: bool = False


_ANY, _STRONG = frozenset(SIGNING_ALGS), frozenset({"private_key_jwt"}) | TLS_METHODS

# fmt: off
PROFILES = {
    "default":      Profile(AUTH_METHODS, _ANY, may_waive_pkce=True),
    "legacy":       Profile(AUTH_METHODS - {"none"}, _ANY, may_waive_pkce=True),
    "fapi2":        Profile(_STRONG, FAPI_ALGS, audience_is_issuer=True, needs_pushed_request=True,
                            binds_tokens=True, keeps_refresh_token=True),
    "fapi2-signed": Profile(_STRONG, FAPI_ALGS, audience_is_issuer=True, needs_pushed_request=True,
                            binds_tokens=True, keeps_refresh_token=True,
                            needs_signed_request=True),
}
# fmt: on
