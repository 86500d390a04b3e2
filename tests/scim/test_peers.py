"""SCIM software of others against the real application: scim2-tester's checks, made by scim2-client."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import Context, MutabilityException, PatchOp, ScimProvider, SearchRequest, UniquenessException
from scim2_tester import Status, check_server
from scim2_tester.checkers import core_schemas_validation
from scim2_tester.utils import CheckConfig, CheckContext

from idp.scim.schemas import Assignment, Teacher, TeacherUser
from tests.scim.support import Scim, op
from tests.scim.tester_models import provider

CHECKS = {
    "access_invalid_resource_type",
    "access_invalid_schema",
    "access_schema_by_id",
    "check_add_attribute",
    "check_remove_attribute",
    "check_replace_attribute",
    "object_creation",
    "object_deletion",
    "object_list_with_attributes",
    "object_query",
    "object_query_with_attributes",
    "object_query_without_id",
    "object_replacement",
    "query_all_resource_types",
    "query_all_schemas",
    "query_resource_type_by_id",
    "random_url",
    "resource_types_endpoint_methods",
    "resource_types_schema_validation",
    "schemas_endpoint_methods",
    "search_with_attributes",
    "service_provider_config_endpoint",
    "service_provider_config_endpoint_methods",
}
"""What scim2-tester 0.5 has; a check that it stops running must not pass unseen."""


def peer(app: Flask, scim: Scim, description: ScimProvider | None = None) -> WSGISCIMClient:
    """Return scim2-client with the token of the county's system."""
    base_url, headers = f"{scim.rp.issuer}/scim/v2", {"Authorization": f"Bearer {scim.token}"}
    return WSGISCIMClient(app, base_url=base_url, headers=headers, provider=description)


@pytest.mark.spec("RFC 7644", "4")
@pytest.mark.spec("RFC 7643", "7")
def test_the_tester_finds_nothing(app: Flask, scim: Scim) -> None:
    """Every check of scim2-tester runs and succeeds; see ``tester_models`` for what it had to be told."""
    results = check_server(peer(app, scim, provider()))
    assert [result for result in results if result.status is not Status.SUCCESS] == []
    assert {result.title for result in results} == CHECKS
    assert Counter(result.status for result in results)[Status.SUCCESS] == len(results) >= 50


@pytest.mark.spec("RFC 7643", "7")
def test_the_core_schemas_are_published(app: Flask, scim: Scim) -> None:
    """A check that the tester has and does not run by itself."""
    checked = core_schemas_validation(CheckContext(peer(app, scim), CheckConfig()))
    assert [result.status for result in checked] == [Status.SUCCESS]


@pytest.mark.spec("RFC 7643", "6")
def test_a_client_that_knows_nothing_discovers_everything(app: Flask, scim: Scim) -> None:
    """scim2-client builds its types from what we publish, and reads every User strictly by them."""
    found = peer(app, scim)
    found.discover()
    model = found.get_resource_model("User")
    assert model is not None
    listed: Any = found.query(model)
    assert listed.total_results == len(listed.resources) > 20
    searched: Any = found.query(model, query_parameters=SearchRequest(filter='userName eq "wang0101"'))
    (user,) = searched.resources
    assert user["urn:inservice:scim:schemas:extension:teacher:2.0:User:serviceState.state"] == "unlocked"


@pytest.mark.spec("RFC 7644", "3.5.2")
def test_our_own_types_serve_clients_too(app: Flask, scim: Scim) -> None:
    """Create, read, patch, replace and delete, all answers checked against the schemas by the peer."""
    described = ScimProvider(models=[TeacherUser.__bases__[0], Teacher], resource_types=provider().resource_types)
    county = peer(app, scim, described)
    new = TeacherUser(user_name="newone1", display_name="新進教師", active=True)
    new[Teacher] = Teacher(assignments=[Assignment(school_code="994601", title_code="J40", start_date="2020-08-01")])
    made = county.create(new)
    assert made[Teacher].service_state.state == "unlocked_unverified"
    with pytest.raises(UniquenessException):
        county.create(new)
    operations = PatchOp[TeacherUser].model_validate(
        {"Operations": [op("replace", "displayName", "新名")]}, scim_ctx=Context.RESOURCE_PATCH_REQUEST
    )
    modified: Any = county.modify(TeacherUser, made.id, operations)
    assert modified.display_name == "新名"
    made = county.query(TeacherUser, made.id)
    made.user_name = "another1"
    with pytest.raises(MutabilityException):
        county.replace(made)
    county.delete(TeacherUser, made.id)
