"""The schema as a whole: who may use what, what it is made of, what was exported, what the app asks."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    parse,
    validate,
)
from strawberry.extensions import FieldExtension

from bff.access import Access, DriverField, OperatorField, PublicField
from bff.documents import document_names, load_document
from bff.export import SDL_FILE, sdl
from bff.fields import GENERAL_CODES, UserErrors
from bff.limits import MAX_ALIASES, MAX_DEPTH, MAX_TOKENS
from bff.schema import Mutation, Query, Subscription, create_schema, schema

TESTS = Path(__file__).parents[2]
CORE: Any = schema._schema
PUBLIC = {
    "brand",
    "createGuest",
    "evseByCode",
    "node",
    "quote",
    "refreshSession",
    "requestPasswordReset",
    "resetPassword",
    "signIn",
    "signInOperator",
    "signInWithFirebase",
    "signUp",
    "station",
    "stationStatus",
    "stationsAround",
    "stationsInBox",
    "verifyEmail",
}
WITH_KEY = {"StartChargingInput", "StopChargingInput", "ReserveEvseInput", "CancelReservationInput", "PayDebtInput"}
EXECUTING = {"run", "do", "subscribe"}
"""The test clients' methods that take a document's name first."""
FLOATS = {
    "latitude",
    "longitude",
    "distanceMeters",
    "radiusMeters",
    "south",
    "west",
    "north",
    "east",
}


def _root_fields() -> Iterator[tuple[str, list[FieldExtension]]]:
    roots: tuple[Any, ...] = (Query, Mutation, Subscription)
    for root in roots:
        for field in root.__strawberry_definition__.fields:
            yield schema.config.name_converter.from_field(field), field.extensions


def _all_fields() -> Iterator[tuple[str, str, Any]]:
    for name, named in CORE.type_map.items():
        if isinstance(named, GraphQLObjectType | GraphQLInputObjectType) and not name.startswith("__"):
            for field_name, field in named.fields.items():
                yield name, field_name, get_named_type(field.type)
                for argument, given in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}", argument, get_named_type(given.type)


def test_every_root_field_says_who_may_use_it() -> None:
    for name, extensions in _root_fields():
        assert [isinstance(extension, Access) for extension in extensions].count(True) == 1, name
        assert isinstance(extensions[-1], Access), f"{name}: access is judged first"
    public = {name for name, extensions in _root_fields() if isinstance(extensions[-1], PublicField)}
    assert public <= PUBLIC


def test_every_mutation_answers_a_payload_with_a_code_enum_of_its_own() -> None:
    seen: set[str] = set()
    for name, field in CORE.mutation_type.fields.items():
        payload = get_named_type(field.type)
        errors = get_named_type(payload.fields["userErrors"].type)
        codes = get_named_type(errors.fields["code"].type)
        assert isinstance(codes, GraphQLEnumType), name
        assert codes.name not in seen, f"{name} shares its codes"
        assert set(GENERAL_CODES) <= set(codes.values), name
        seen.add(codes.name)
    assert all(
        any(isinstance(each, UserErrors) for each in found)
        for name, found in _root_fields()
        if name in CORE.mutation_type.fields
    )


def test_what_must_happen_once_carries_a_key() -> None:
    for name in WITH_KEY:
        assert str(CORE.type_map[name].fields["idempotencyKey"].type) == "ID!"


def test_floats_are_places_and_distances_only() -> None:
    floats = {field for _, field, kind in _all_fields() if kind.name == "Float"}
    assert floats <= FLOATS
    for owner, field, kind in _all_fields():
        if field.endswith(("Minor", "Wh", "sequence", "Sequence")) and not field.endswith("StepWh"):
            assert kind.name == "BigInt", f"{owner}.{field}"


def test_every_connection_asks_for_its_page_size() -> None:
    for name, field in CORE.query_type.fields.items():
        if get_named_type(field.type).name.endswith("Connection"):
            assert str(field.args["first"].type) == "Int!", name


def test_types_and_root_fields_are_described() -> None:
    for name, named in CORE.type_map.items():
        if isinstance(named, GraphQLObjectType) and not name.startswith("__"):
            assert named.description, name
    for root in (CORE.query_type, CORE.mutation_type, CORE.subscription_type):
        for name, field in root.fields.items():
            assert field.description, name


def test_the_exported_schema_is_the_schema() -> None:
    assert SDL_FILE.read_text() == sdl(), "run `python -m bff.export`"


def test_without_introspection_it_is_the_same_schema() -> None:
    assert create_schema(introspection=False).as_str() == schema.as_str()


@pytest.mark.parametrize("name", document_names())
def test_the_apps_documents_are_valid_and_within_the_limits(name: str) -> None:
    text = load_document(name)
    document = parse(text, max_tokens=MAX_TOKENS // 2)
    assert validate(CORE, document) == []
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    assert operation.name is not None
    assert operation.name.value == name
    assert text.count(": ") < 200
    assert _depth(operation) <= MAX_DEPTH - 4
    assert _aliases(operation) <= MAX_ALIASES // 2


def _depth(node: Any) -> int:
    if node.selection_set is None:
        return 0
    return 1 + max(_depth(each) for each in node.selection_set.selections)


def _aliases(node: Any) -> int:
    own = 1 if getattr(node, "alias", None) else 0
    return own + sum(_aliases(each) for each in (node.selection_set.selections if node.selection_set else ()))


def test_every_document_is_executed_by_a_test() -> None:
    executed: set[str] = set()
    for path in (TESTS / "integration").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EXECUTING:
                executed |= {str(given.value) for given in node.args[:1] if isinstance(given, ast.Constant)}
    drivers = {name for name in document_names() if not name.startswith("Operator")}
    assert drivers - executed == set()


def test_every_screen_of_the_app_has_its_document() -> None:
    asked: set[str] = set()
    for name in document_names():
        (operation,) = parse(load_document(name)).definitions
        asked |= {field.name.value for field in operation.selection_set.selections}  # type: ignore[attr-defined]
    for name, extensions in _root_fields():
        if isinstance(extensions[-1], DriverField):
            assert name in asked, name


def test_graphql_is_graphql_core() -> None:
    import graphql

    assert hasattr(graphql, "GraphQLSchema")
    assert isinstance(schema, strawberry.Schema)
    assert issubclass(OperatorField, Access)
