"""RFC 7644 filters and sorting as SQL. ``scim2_models`` parses them and checks them against the schema."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)
from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, true

from idp.accounts.areas import Area, maintained
from idp.accounts.models import Account, ServiceAssignment
from idp.scim.columns import COLUMNS, HAS_EMAIL, OF_ASSIGNMENTS, SORTABLE, Column, Kind
from idp.scim.identifiers import ASSIGNMENT, USER, key_of
from idp.scim.schemas import TEACHER_URN, USER_URN, Teacher

TERMS_MAX = 100
"""Comparisons of one filter: more would be a query that no database likes."""


_A, _S = Account, ServiceAssignment


def condition(text: ScimFilter[Any], area: Area) -> ColumnElement[bool]:
    """Return the WHERE clause of a filter that is bound to the User; it sees the assignments of the area alone (D-31)."""
    return _Translation(text, area).visit(text.ast)


def sort_key(binding: AttributeBinding) -> Any:  # noqa: ANN401  # a column or an expression
    """Return what orders Users by an attribute (RFC 7644 §3.4.2.3), None if nothing in the database does."""
    name = _name(binding)
    if binding.model is Teacher or name not in SORTABLE:
        return None
    column = COLUMNS[name]
    return func.lower(column.expression) if column.kind is Kind.TEXT else column.expression


def _name(binding: AttributeBinding) -> str:
    return ".".join(filter(None, [binding.field_name, binding.sub_field_name]))


def _unsupported(what: object) -> InvalidFilterException:
    return InvalidFilterException(detail=f"Filtering is not supported here: {what}")


class _Translation(FilterVisitor[ColumnElement[bool]]):
    """``head`` is the attribute whose values a bracket selects, if we are in one."""

    def __init__(self, text: ScimFilter[Any], area: Area, head: AttrPath | None = None) -> None:
        self.text, self.area, self.head, self.terms = text, area, head, 0

    def visit(self, node: Any) -> ColumnElement[bool]:  # noqa: ANN401  # FilterNode, narrowed by the base class
        """Count, then translate."""
        self.terms += 1
        if self.terms > TERMS_MAX:
            raise _unsupported(f"more than {TERMS_MAX} expressions")
        return super().visit(node)

    def visit_comparison(self, node: Comparison) -> ColumnElement[bool]:
        """Compare; an assignment's attribute outside brackets is that of any assignment, for ``ne`` of none."""
        path = self._full(node.attr_path)
        binding = self.text.resolve_comparison(path)
        if binding is None:
            raise _unsupported(path)
        if (binding.model, binding.field_name) == (Teacher, "assignments"):
            return self._of_assignment(binding, node)
        if binding.model is not Teacher and binding.field_name == "schemas":
            return _of_schemas(node)
        return _compared(_column(binding, COLUMNS), binding, node)

    def _of_assignment(self, binding: AttributeBinding, node: Comparison) -> ColumnElement[bool]:
        column = OF_ASSIGNMENTS[str(binding.sub_field_name)] if binding.sub_field_name else None
        if column is None:
            raise _unsupported(node.attr_path)
        if self.head is not None:
            return _compared(column, binding, node)
        if node.op is CompareOperator.ne:
            return not_(self._any_assignment(_compared(column, binding, replace(node, op=CompareOperator.eq))))
        return self._any_assignment(_compared(column, binding, node))

    def visit_present(self, node: Present) -> ColumnElement[bool]:
        """Whether there is a value."""
        path = self._full(node.attr_path)
        binding = self.text.resolve(path)
        if binding is None:
            raise _unsupported(path)
        if (binding.model, binding.field_name) == (Teacher, "assignments"):
            column = OF_ASSIGNMENTS[binding.sub_field_name] if binding.sub_field_name else OF_ASSIGNMENTS["id"]
            return _present(column) if self.head is not None else self._any_assignment(_present(column))
        if binding.model is not Teacher and binding.field_name == "schemas":
            return true()
        return _present(_column(binding, COLUMNS))

    def visit_not(self, node: Not) -> ColumnElement[bool]:
        """No part is ever NULL, so NOT is the opposite."""
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> ColumnElement[bool]:
        """Join the terms."""
        join = and_ if node.op is LogicalOperator.and_ else or_
        return join(*[self.visit(term) for term in node.terms])

    def visit_value_path(self, node: ValuePath) -> ColumnElement[bool]:
        """A bracket: all that stands in it holds of one and the same value."""
        inner = _Translation(self.text, self.area, node.attr_path)
        inner.terms = self.terms
        found = inner.visit(node.val_filter)
        self.terms = inner.terms
        binding = self.text.resolve(node.attr_path)
        if binding is None or binding.field_name not in {"assignments", "emails"}:
            raise _unsupported(node.attr_path)
        return self._any_assignment(found) if binding.field_name == "assignments" else and_(HAS_EMAIL, found)

    def _any_assignment(self, found: ColumnElement[bool]) -> ColumnElement[bool]:
        own = maintained(self.area, _S.school_code)
        return exists().where(_S.account_id == _A.id, _S.refused_at.is_(None), own, found)

    def _full(self, path: AttrPath) -> AttrPath:
        return path if self.head is None else AttrPath(self.head.attr, path.attr, self.head.uri)


def _column(binding: AttributeBinding, columns: Mapping[str, Column]) -> Column:
    """What is computed at every answer, such as the service state or the version, no query can find."""
    column = None if binding.model is Teacher else columns.get(_name(binding))
    if column is None:
        raise _unsupported(binding.urn)
    return column


def _of_schemas(node: Comparison) -> ColumnElement[bool]:
    """Every User has both schemas."""
    if node.op is not CompareOperator.eq:
        raise _unsupported(f"schemas {node.op.value}")
    return true() if str(node.value).lower() in {USER_URN.lower(), TEACHER_URN.lower()} else false()


def _present(column: Column) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.expression.is_not(None)
    return and_(found, column.expression != "") if column.kind in {Kind.TEXT, Kind.EXACT} else found


def _compared(column: Column, binding: AttributeBinding, node: Comparison) -> ColumnElement[bool]:
    value = _value(column.kind, coerce_value(binding, node.value, node.op), node.op)
    left, right = column.expression, value
    if column.kind is Kind.TEXT and isinstance(value, str):
        left, right = func.lower(left), func.lower(value)
    if node.op is CompareOperator.eq:
        return left.is_not_distinct_from(right)  # type: ignore[no-any-return]
    if node.op is CompareOperator.ne:
        return left.is_distinct_from(right)  # type: ignore[no-any-return]
    if value is None:
        return false()
    return and_(column.expression.is_not(None), _ordered(node.op, left, right, str(value)))


def _ordered(op: CompareOperator, left: Any, right: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401  # SQL
    """Compare by functions that mind the case on both databases; LIKE does not on one of them."""
    size = len(text)
    comparisons: dict[CompareOperator, Callable[[], ColumnElement[bool]]] = {
        CompareOperator.co: lambda: func.replace(left, right, "") != left if text else true(),
        CompareOperator.sw: lambda: func.substr(left, 1, size) == right,
        CompareOperator.ew: lambda: and_(
            func.length(left) >= size, func.substr(left, func.length(left) - size + 1) == right
        ),
        CompareOperator.gt: lambda: left > right,
        CompareOperator.ge: lambda: left >= right,
        CompareOperator.lt: lambda: left < right,
        CompareOperator.le: lambda: left <= right,
    }
    return comparisons[op]()


def _value(kind: Kind, value: Any, op: CompareOperator) -> Any:  # noqa: ANN401  # what a filter compares with
    """Return the value as the column has it."""
    if value is None:
        return None
    is_equality = op in {CompareOperator.eq, CompareOperator.ne}
    if kind in {Kind.USER_ID, Kind.ASSIGNMENT_ID}:
        if not is_equality:
            raise _unsupported(f"identifiers and {op.value}")
        return key_of(USER if kind is Kind.USER_ID else ASSIGNMENT, str(value)) or -1
    if kind is Kind.DAY:
        if op in {CompareOperator.co, CompareOperator.sw, CompareOperator.ew}:
            raise _unsupported(f"days and {op.value}")
        return _day(str(value))
    if kind is Kind.TIME:
        return _instant(value)
    return str(value) if kind in {Kind.TEXT, Kind.EXACT} else value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidFilterException(detail="A day is written YYYY-MM-DD") from None


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise InvalidFilterException(detail="A time is written as RFC 3339 has it")
    try:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise InvalidFilterException(detail="There is no such time") from None
