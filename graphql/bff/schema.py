"""The schema: every root field of every subject, put together.

Adding a mutation, in five steps
--------------------------------
1. Write the use case in `app/domain` (or `payments`, `notifications`): it opens the transaction, raises UserErrors.
2. Add one file `bff/<subject>/<mutation>.py`: an `@strawberry.input` (with `idempotency_key: strawberry.ID` where a
   repetition must have no second effect), a payload made by `@payload(...)` that names the error classes or codes it
   may answer, and an `@strawberry.type` class with the resolver under `@mutation(<access>)`. The access is
   `PublicField()`, `DriverField()`, `SignedInField()` or `OperatorField(Permission.X)`; the resolver translates ids
   (`bff.ids`), calls the use case once, and returns the payload with the resource. It catches nothing: UserErrors
   become `userErrors`, anything else is masked and logged.
3. Add the class to the bases of `Mutation` below (queries to `Query`, subscriptions to `Subscription`).
4. Run `voltlane export-schema graphql/schema.graphql` (or `python -m bff.export`) and commit the file.
5. Add the app's document to `graphql/operations/` and a test that executes it and looks at the stored rows; add the
   field to the permission matrix where it is for some callers only.
"""

import inspect
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLNamedType
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

import bff.enums  # noqa: F401  registers the enums before a schema is built
from bff.accounts.change_password import ChangePassword
from bff.accounts.create_guest import CreateGuest
from bff.accounts.queries import AccountQueries
from bff.accounts.refresh_session import RefreshSession
from bff.accounts.reset_password import ResetPassword
from bff.accounts.sign_in import SignInMutation
from bff.accounts.sign_in_with_firebase import SignInWithFirebase
from bff.accounts.sign_out import SignOut
from bff.accounts.sign_up import SignUpMutation
from bff.accounts.update_profile import UpdateProfile
from bff.accounts.verify_email import VerifyEmail
from bff.brand.queries import BrandQueries
from bff.cards.card_setup import CardSetup
from bff.cards.manage import ManageCards
from bff.cards.pay_debt import PayDebt
from bff.cards.queries import CardQueries
from bff.limits import limiters
from bff.node import NodeQueries
from bff.notices.devices import DeviceMutations
from bff.notices.queries import NoticeQueries
from bff.notices.set_preference import SetNotificationPreference
from bff.operators.roots import OperatorMutations, OperatorQueries
from bff.pricing.quote import QuoteQueries
from bff.reservations.cancel_reservation import CancelReservation
from bff.reservations.queries import ReservationQueries
from bff.reservations.reserve_evse import ReserveEvse
from bff.scalars import SCALARS
from bff.sessions.confirm_payment import ConfirmPayment
from bff.sessions.queries import SessionQueries
from bff.sessions.start_charging import StartCharging
from bff.sessions.stop_charging import StopCharging
from bff.sessions.updates import SessionSubscription
from bff.stations.queries import StationQueries
from bff.stations.updates import StationSubscription


@strawberry.type
class Query(
    NodeQueries,
    BrandQueries,
    AccountQueries,
    StationQueries,
    QuoteQueries,
    SessionQueries,
    ReservationQueries,
    CardQueries,
    NoticeQueries,
    OperatorQueries,
):
    """What can be asked."""


@strawberry.type
class Mutation(
    SignUpMutation,
    SignInMutation,
    SignInWithFirebase,
    RefreshSession,
    SignOut,
    CreateGuest,
    VerifyEmail,
    ResetPassword,
    ChangePassword,
    UpdateProfile,
    CardSetup,
    ManageCards,
    StartCharging,
    StopCharging,
    ConfirmPayment,
    ReserveEvse,
    CancelReservation,
    PayDebt,
    DeviceMutations,
    SetNotificationPreference,
    OperatorMutations,
):
    """What can be done. Each answers a payload: the resource, or `userErrors`."""


@strawberry.type
class Subscription(SessionSubscription, StationSubscription):
    """What can be followed, over graphql-transport-ws."""


class Schema(strawberry.Schema):
    """A schema whose errors are logged where they are presented (`bff.errors`), and nowhere else."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave errors to the edges."""


def create_schema(*, introspection: bool) -> Schema:
    """Build the schema; without introspection it explains itself to nobody."""
    built = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not introspection),
        extensions=limiters(introspection=introspection),
    )
    for named in built._schema.type_map.values():  # noqa: SLF001  strawberry has no hook for descriptions
        _describe(named)
    return built


def _describe(named: GraphQLNamedType) -> None:
    """Use a class's docstring as its type's description."""
    definition: Any = named.extensions.get("strawberry-definition")
    origin = getattr(definition, "origin", None)
    text = inspect.getdoc(origin) if isinstance(origin, type) else None
    if named.description is None and text and not text.startswith(f"{origin.__name__}("):  # type: ignore[union-attr]
        named.description = text


schema = create_schema(introspection=True)
"""The schema as it is exported and served in development."""
