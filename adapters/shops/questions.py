"""Questions of other contexts that this context answers, in the shapes they travel in."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.context import Answer
from adapters.shared.http.ids import to_wire
from kernel.ids import CustomerId, PersonId, ShopId
from shops.application.authenticate import Authenticate, Credentials
from shops.application.identify_customers import IdentifyCustomers, Introductions
from shops.application.queries.customer_profiles import CustomerProfiles
from shops.application.queries.name_keys import NameKeys
from shops.domain.api_key import Kind
from shops.domain.recognition import Introduction


class AuthenticateQuestion(Struct, frozen=True, kw_only=True):
    secret: str


class AuthenticateAnswer(Struct, frozen=True, kw_only=True):
    """`key_id` as it is on the wire: "key_…"."""

    shop_id: ShopId
    key_id: str
    kind: Kind
    scopes: tuple[str, ...]


class PersonAsked(Struct, frozen=True, kw_only=True):
    reference: str | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None
    otherwise: str | None = None
    refers_to: str | None = None


class IdentifyQuestion(Struct, frozen=True, kw_only=True):
    """`strict`: refuse an address that is none, and who could not be recognised again. `names`: with name keys.

    Without `keep` nobody is made known: who is new gets ids that nobody will have again.
    """

    shop_id: ShopId
    people: tuple[PersonAsked, ...]
    strict: bool = False
    names: bool = False
    keep: bool = True


class PersonAnswered(Struct, frozen=True, kw_only=True, omit_defaults=True):
    customer_id: CustomerId
    person_id: PersonId
    phone_id: UUID | None = None
    name_key: UUID | None = None
    refers_to: UUID | None = None


class IdentifyAnswer(Struct, frozen=True, kw_only=True):
    """In the order asked."""

    people: tuple[PersonAnswered, ...]


class ProfilesQuestion(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_ids: tuple[CustomerId, ...]


class ProfileAnswered(Struct, frozen=True, kw_only=True):
    customer_id: CustomerId
    reference: str | None
    email: str | None
    first_name: str
    locale: str
    own_locale: str


class ProfilesAnswer(Struct, frozen=True, kw_only=True):
    """Who does not exist or was erased is missing."""

    profiles: tuple[ProfileAnswered, ...]


class NamesQuestion(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    names: tuple[str, ...]


class NamesAnswer(Struct, frozen=True, kw_only=True):
    """In the order asked; None for a name that fits too many."""

    keys: tuple[UUID | None, ...]


def answers(
    authenticate: Authenticate, identify: IdentifyCustomers, profiles: CustomerProfiles, name_keys: NameKeys
) -> Sequence[Answer]:
    async def answer_authenticate(asked: AuthenticateQuestion) -> AuthenticateAnswer:
        caller = await authenticate(Credentials(asked.secret))
        return AuthenticateAnswer(
            shop_id=caller.shop_id,
            key_id=to_wire("key", caller.key_id),
            kind=caller.kind,
            scopes=tuple(sorted(caller.scopes)),
        )

    async def answer_identify(asked: IdentifyQuestion) -> IdentifyAnswer:
        people = msgspec.convert(asked.people, tuple[Introduction, ...], from_attributes=True)
        command = Introductions(
            shop_id=asked.shop_id, people=people, strict=asked.strict, names=asked.names, keep=asked.keep
        )
        found = await identify(command)
        return IdentifyAnswer(people=msgspec.convert(found, tuple[PersonAnswered, ...], from_attributes=True))

    async def answer_profiles(asked: ProfilesQuestion) -> ProfilesAnswer:
        found = await profiles(asked.shop_id, asked.customer_ids)
        return ProfilesAnswer(profiles=msgspec.convert(found, tuple[ProfileAnswered, ...], from_attributes=True))

    async def answer_names(asked: NamesQuestion) -> NamesAnswer:
        return NamesAnswer(keys=await name_keys(asked.shop_id, asked.names))

    return (
        Answer("shops.authenticate", AuthenticateQuestion, AuthenticateAnswer, answer_authenticate),
        Answer("shops.identify_customers", IdentifyQuestion, IdentifyAnswer, answer_identify),
        Answer("shops.customer_profiles", ProfilesQuestion, ProfilesAnswer, answer_profiles),
        Answer("shops.name_keys", NamesQuestion, NamesAnswer, answer_names),
    )
