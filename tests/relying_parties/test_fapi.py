"""openid-client 6 as a FAPI 2.0 client signs a teacher in, and judges the provider by the specifications."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from tests.relying_parties.node import stock
from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = [pytest.mark.needs("node", "node-packages"), pytest.mark.xdist_group("relying-parties")]
CALLBACK = "http://127.0.0.1:9/callback"  # nobody listens: the browser is stopped before


def new_key(alg: str) -> ECKey | RSAKey:
    """Make the client's key."""
    members: KeyParameters = {"kid": f"{alg}-1", "use": "sig", "alg": alg}
    return ECKey.generate_key("P-256", members) if alg == "ES256" else RSAKey.generate_key(2048, members)


def sign_in(demo: Demo, walker: Walker, profile: str, alg: str) -> dict[str, Any]:
    """Register a client of the profile and let it sign T03 in."""
    key = new_key(alg)
    client = demo.add_partner(
        f"{profile}-{alg}",
        CALLBACK,
        profile=profile,
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_signed_response_alg=alg,
        authorization_signed_response_alg=alg,
        dpop_bound_access_tokens=True,
    )
    request = {
        "issuer": demo.issuer,
        "client_id": client["client_id"],
        "jwk": key.as_dict(private=True),
        "redirect_uri": CALLBACK,
        "scope": "openid profile inservice_school_code",
        "signed": profile == "fapi2-signed",
    }
    answer = stock.sign_in(request, walker.browse(demo.teacher("T03"), CALLBACK), "fapi2")
    assert "error" not in answer, answer
    claims = answer["claims"]
    assert (claims["iss"], claims["aud"], claims["name"]) == (demo.issuer, client["client_id"], "陳柏睿")
    assert (answer["userinfo"]["sub"], answer["userinfo"]["name"]) == (claims["sub"], "陳柏睿")
    assert answer["token_type"] == "dpop"
    return answer


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.1", "5.3.2.2")
@pytest.mark.spec("RFC 9126", "2.2")
@pytest.mark.spec("RFC 9449", "5", "7", "8")
def test_it_signs_in(demo: Demo, walker: Walker) -> None:
    """PAR, private_key_jwt, PKCE and DPoP; the answer names its issuer."""
    answer = sign_in(demo, walker, "fapi2", "ES256")
    assert sorted(answer["answer"]) == ["code", "iss", "state"]


@pytest.mark.spec("FAPI 2.0 Message Signing", "5.3", "5.4")
@pytest.mark.spec("RFC 9101", "5")
@pytest.mark.spec("JARM", "2.3")
def test_it_signs_in_with_signed_messages(demo: Demo, walker: Walker) -> None:
    """The request is pushed as a signed object, the answer comes as one."""
    answer = sign_in(demo, walker, "fapi2-signed", "PS256")
    assert answer["answer"] == ["response"]
