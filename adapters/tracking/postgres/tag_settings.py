"""What shops decided about their tag, in PostgreSQL. Identify secrets are sealed before they are written."""

from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.shared.postgres.unit import Unit
from adapters.tracking.sealed import SecretBox
from tracking.domain.tag_event import Consent
from tracking.domain.tag_settings import TagSettings

GET = """
SELECT turned_on, cookie_days, hosts, consent::text, identify_secrets, changed_at, changed_by, version
FROM tag_settings WHERE shop_id = %s
"""
FOR_UPDATE = GET + " FOR UPDATE"
SAVE = """
INSERT INTO tag_settings (
    shop_id, turned_on, cookie_days, hosts, consent, identify_secrets, changed_at, changed_by, version
) VALUES (%s, %s, %s, %s, %s::json, %s, %s, %s, %s)
ON CONFLICT (shop_id) DO UPDATE SET
    turned_on = excluded.turned_on, cookie_days = excluded.cookie_days, hosts = excluded.hosts,
    consent = excluded.consent, identify_secrets = excluded.identify_secrets,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = excluded.version
"""
# The settings of a shop that never changed any have no row to lock.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tag settings ' || %s::text, 0))"


@dataclass(frozen=True, slots=True)
class PostgresTagSettings:
    """`TagSettingsStore` of the unit's shop. Without a box, identify secrets stay sealed and nothing can be saved."""

    unit: Unit
    box: SecretBox | None = None

    async def get(self) -> TagSettings:
        row = await (await self.unit.raw.execute(GET, (self.unit.shop_id,))).fetchone()
        return self._settings(row)

    async def for_update(self) -> TagSettings:
        await self.unit.raw.execute(LOCK, (self.unit.shop_id,))
        row = await (await self.unit.raw.execute(FOR_UPDATE, (self.unit.shop_id,))).fetchone()
        return self._settings(row)

    async def save(self, settings: TagSettings) -> None:
        if self.box is None:
            raise RuntimeError("this work was begun without the key of secrets")
        sealed = [self.box.seal(secret, self.unit.shop_id) for secret in settings.identify_secrets]
        consent = msgspec.json.encode(settings.consent).decode()
        parameters = (
            self.unit.shop_id, settings.turned_on, settings.cookie_days, list(settings.hosts), consent,
            sealed, settings.changed_at, settings.changed_by, settings.version,
        )  # fmt: skip
        await self.unit.raw.execute(SAVE, parameters)

    def _settings(self, row: tuple[Any, ...] | None) -> TagSettings:
        if row is None:
            return TagSettings(shop_id=self.unit.shop_id)
        turned_on, cookie_days, hosts, consent, secrets, changed_at, changed_by, version = row
        if self.box is not None:
            secrets = [self.box.open(secret, self.unit.shop_id) for secret in secrets]
        return TagSettings(
            shop_id=self.unit.shop_id,
            turned_on=turned_on,
            cookie_days=cookie_days,
            hosts=tuple(hosts),
            consent=msgspec.json.decode(consent, type=Consent),
            identify_secrets=tuple(secrets),
            changed_at=changed_at,
            changed_by=changed_by,
            version=version,
        )
