"""Clients that authenticate by certificate and tokens that belong to one, end to end (RFC 8705)."""

import base64
from collections.abc import Iterator

import httpx
import pytest

from tests.spec.mtls.provider import CALLBACK, Fronts, claims, fronts, post, thumbprint, userinfo
from tests.spec.mtls.proxies import Front
from tests.support.demo import demo_environment
from tests.support.tls import CLIENT, Authority, Issued, dn, new_key, san, self_signed

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.xdist_group("mtls")]
NAMES = ("nginx", "listener")
PARTNERS = Authority.new("Partners")


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authority: Authority, own: Issued
) -> Iterator[Fronts]:
    """The provider; it trusts one authority of partners."""
    folder = tmp_path_factory.mktemp("oauth")
    (folder / "ca.pem").write_bytes(PARTNERS.own.pem)
    environment = demo_environment(folder, request.config) | {"ROAMING_MTLS_CA_FILE": str(folder / "ca.pem")}
    with fronts(folder, environment, authority, own) as made:
        yield made


def machine_token(front: Front, shown: Issued | None, client_id: str, path: str = "/oidc/token") -> httpx.Response:
    """Ask for a token of the client itself."""
    return post(front, path, shown, grant_type="client_credentials", client_id=client_id)


def is_refused(answer: httpx.Response) -> bool:
    """Whether this is the answer to a failed authentication."""
    return (answer.status_code, answer.json().get("error")) == (401, "invalid_client")


@pytest.mark.spec("RFC 8705", "2.2")
@pytest.mark.spec("RFC 8705", "3.1")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_self_signed_certificate_authenticates(running: Fronts, name: str, kind: str) -> None:
    """The registered key gets a token that belongs to the certificate; another one, or none, gets nothing."""
    front, mine = running.by_name[name], self_signed(dn(CN="mine"), key=new_key(kind))
    granted = {"grant_types": ["client_credentials"], "resources": ["scim"]}
    client = f"self-{name}-{kind}"
    running.add_client(client, "self_signed_tls_client_auth", jwks={"keys": [mine.jwk()]}, **granted)
    answer = machine_token(front, mine, client)
    assert answer.status_code == 200, answer.text
    assert claims(answer.json()["access_token"])["cnf"] == {"x5t#S256": thumbprint(mine)}
    assert is_refused(machine_token(front, self_signed(dn(CN="mine"), key=new_key(kind)), client))
    assert is_refused(machine_token(front, None, client))


@pytest.mark.spec("RFC 9440", "4")
def test_nobody_can_claim_a_certificate(running: Fronts) -> None:
    """Headers from outside change nothing: at the issuer itself, through nginx, through the listener."""
    mine, other = self_signed(dn(CN="mine")), self_signed(dn(CN="other"))
    granted = {"grant_types": ["client_credentials"], "resources": ["scim"]}
    client = running.add_client("claimed", "self_signed_tls_client_auth", jwks={"keys": [mine.jwk()]}, **granted)
    form = {"grant_type": "client_credentials", "client_id": client}
    pem = "".join(f"%{byte:02X}" for byte in mine.pem)
    forged = {"Client-Cert": mine.header, "X-SSL-Client-Cert": pem, "X-Mtls-Proxy": "x" * 43}
    with httpx.Client(trust_env=False) as direct:
        assert is_refused(direct.post(f"{running.demo.issuer}/oidc/token", data=form, headers=forged))
    for front in running.by_name.values():
        for shown in (None, other):
            with front.client(shown) as client_of_front:
                assert is_refused(client_of_front.post("/oidc/token", data=form, headers=forged))
        assert machine_token(front, mine, client).status_code == 200


@pytest.mark.spec("RFC 8705", "2.1")
@pytest.mark.spec("RFC 8705", "3")
@pytest.mark.parametrize("name", NAMES)
def test_a_bound_token_works_with_its_certificate_only(running: Fronts, name: str) -> None:
    """A code is redeemed by a certificate of the authority; UserInfo wants the same certificate again."""
    front, other = running.by_name[name], running.by_name[NAMES[1 - NAMES.index(name)]]
    host = f"{name}.partner.test"
    mine, renewed = (PARTNERS.issue(dn(CN="mine"), san(dns=host), *CLIENT) for _ in range(2))
    client = running.add_client(f"pki-{name}", "tls_client_auth", tls_client_auth_san_dns=host)
    code, request = running.code(client)
    form = {"grant_type": "authorization_code", "client_id": client, "code": code, "redirect_uri": CALLBACK}
    form |= {"code_verifier": request.verifier}
    strangers = (
        Authority.new("Partners").issue(dn(CN="mine"), san(dns=host), *CLIENT),
        PARTNERS.issue(dn(CN="mine"), san(dns="another.test"), *CLIENT),
        self_signed(dn(CN="mine"), san(dns=host), *CLIENT),
    )
    assert all(is_refused(post(front, "/oidc/token", shown, **form)) for shown in (*strangers, None))
    answer = post(front, "/oidc/token", mine, **form)
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    assert userinfo(front, mine, token).json()["name"] == "陳柏睿"
    assert userinfo(other, mine, token).status_code == 200  # whichever way it comes
    for shown in (renewed, None):
        refused = userinfo(front, shown, token)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    with httpx.Client(trust_env=False) as direct:
        headers = {"Authorization": f"Bearer {token}", "X-SSL-Client-Cert": base64.b64encode(mine.der).decode()}
        assert direct.get(f"{running.demo.issuer}/oidc/userinfo", headers=headers).status_code == 401


@pytest.mark.spec("RFC 8705", "2.1.2")
def test_a_subject_authenticates(running: Fronts) -> None:
    """The registered subject, in the words of RFC 4514."""
    granted = {"grant_types": ["client_credentials"], "resources": ["scim"]}
    subject = "CN=mine,O=某縣政府,C=TW"
    client = running.add_client("by-subject", "tls_client_auth", tls_client_auth_subject_dn=subject, **granted)
    mine = PARTNERS.issue(dn(C="TW", O="某縣政府", CN="mine"), *CLIENT)
    for front in running.by_name.values():
        assert machine_token(front, mine, client).status_code == 200
        assert is_refused(machine_token(front, PARTNERS.issue(dn(C="TW", CN="mine"), *CLIENT), client))
