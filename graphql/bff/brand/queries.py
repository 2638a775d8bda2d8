"""`brand`: what an app needs to know about the brand before anybody signs in. It holds no secret."""

import strawberry

from bff.access import PublicField
from bff.context import Info
from bff.fields import query


@strawberry.type
class Brand:
    """The brand this request is for. `publishablePaymentKey` is for the app's payment SDK."""

    slug: str
    name: str
    country: str
    currency: str
    locale: str
    time_zone: str
    support_contact: str
    publishable_payment_key: str


@strawberry.type
class BrandQueries:
    """The query."""

    @query(PublicField())
    @staticmethod
    async def brand(info: Info) -> Brand:
        """Return the brand that the host, the `Voltlane-Brand` header or the token names."""
        tenant = info.context.tenant
        return Brand(
            slug=tenant.slug,
            name=tenant.name,
            country=tenant.country,
            currency=tenant.currency,
            locale=tenant.locale,
            time_zone=tenant.time_zone,
            support_contact=tenant.support_contact,
            publishable_payment_key=info.context.services.settings.stripe_publishable_key,
        )
