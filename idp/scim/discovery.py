"""What the interface says of itself (RFC 7644 §4): what it can do, which resources there are and how they look."""

from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    ForbiddenException,
    Meta,
    NotFoundException,
    Pagination,
    Patch,
    ResourceType,
    Schema,
    SchemaExtension,
    ServiceProviderConfig,
    Sort,
)

from config.settings import settings
from idp.http import BULK_MAX
from idp.scim.authentication import RESOURCE
from idp.scim.bulk import OPERATIONS_MAX
from idp.scim.queries import PAGE, PAGE_MAX, listed
from idp.scim.schemas import TEACHER_URN, USER_URN, Teacher, User

_MODELS = (User, Teacher, ServiceProviderConfig, ResourceType, Schema)


def service_provider_config() -> dict[str, Any]:
    """Return what the interface can do (RFC 7643 §5)."""
    scheme = AuthenticationScheme(
        type=AuthenticationScheme.Type.oauthbearertoken,
        name="OAuth 2.0 client credentials",
        description="JWT access tokens for this interface, scopes scim.read and scim.write; also DPoP and mutual TLS",
        spec_uri="https://www.rfc-editor.org/info/rfc6750",
        primary=True,
    )
    return _dumped(
        ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(supported=True, max_operations=OPERATIONS_MAX, max_payload_size=BULK_MAX),
            filter=Filter(supported=True, max_results=PAGE_MAX),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=True),
            etag=ETag(supported=True),
            pagination=Pagination(
                cursor=False,
                index=True,
                default_pagination_method=Pagination.DefaultPaginationMethod.index,
                default_page_size=PAGE,
                max_page_size=PAGE_MAX,
            ),
            authentication_schemes=[scheme],
            meta=Meta(resource_type="ServiceProviderConfig", location=_address("ServiceProviderConfig")),
        )
    )


def resource_types(name: str | None) -> dict[str, Any]:
    """Return the one resource type there is, or the list of it (RFC 7643 §6)."""
    user = ResourceType(
        id="User",
        name="User",
        description="Teachers' personal accounts",
        endpoint="/Users",
        schema_=USER_URN,
        schema_extensions=[SchemaExtension(schema_=TEACHER_URN, required=False)],
        meta=Meta(resource_type="ResourceType", location=_address("ResourceTypes/User")),
    )
    return _one_or_all({"User": _dumped(user)}, name)


def schemas(urn: str | None) -> dict[str, Any]:
    """Return a schema or all (RFC 7643 §7)."""
    found = {}
    for model in _MODELS:
        schema = model.to_schema()
        schema.meta = Meta(resource_type="Schema", location=_address(f"Schemas/{schema.id}"))
        found[str(schema.id)] = _dumped(schema)
    return _one_or_all(found, urn)


def refuse_filter(given: object) -> None:
    """A filter would be ignored, and the client misled (RFC 7644 §4)."""
    if given is not None:
        raise ForbiddenException(detail="These endpoints take no filter")


def _one_or_all(found: dict[str, dict[str, Any]], name: str | None) -> dict[str, Any]:
    if name is None:
        return listed([*found.values()], len(found))
    if name not in found:
        raise NotFoundException
    return found[name]


def _dumped(resource: Any) -> dict[str, Any]:  # noqa: ANN401  # a Resource
    found: dict[str, Any] = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return found


def _address(path: str) -> str:
    return f"{RESOURCE.uri(settings().issuer)}/{path}"
