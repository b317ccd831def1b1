"""What reports bring to tracking's offer: routes, what those need, and the worker's loop."""

import tempfile
from pathlib import Path
from typing import Any, Final

from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from adapters.shared.context import Ask
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Units
from adapters.shared.settings import AppSettings
from adapters.tracking.http.report_exports import ReportExportController
from adapters.tracking.http.report_people import ReportPeopleController
from adapters.tracking.http.report_steps import StepFunnelController
from adapters.tracking.http.reports import ReportController
from adapters.tracking.reports.broken_down import BrokenDown
from adapters.tracking.reports.columns import Columns
from adapters.tracking.reports.combined import CombinedReads
from adapters.tracking.reports.engine import Engine
from adapters.tracking.reports.names import FirstNames
from adapters.tracking.reports.reads import ReportReads
from adapters.tracking.reports.roller import Roller
from adapters.tracking.reports.rows import ShopRows

REPORT_ROUTES: Final[tuple[ControllerRouterHandler, ...]] = (
    ReportController,
    ReportPeopleController,
    ReportExportController,
    StepFunnelController,
)


class Reporting:
    """The parts of reporting, made once."""

    def __init__(self, settings: AppSettings, units: Units, relay: Database, ask: Ask) -> None:
        self.roller = Roller(relay)
        self.reads = ReportReads(units, relay)
        self.rows = ShopRows(units)
        self.names = FirstNames(ask)
        folder = settings.columns_folder or Path(tempfile.gettempdir()) / "grapevine-columns"
        self.engine = Engine(folder)
        self.columns = Columns(units, self.reads, self.engine, folder)
        self.broken_down = BrokenDown(self.reads, CombinedReads(self.columns))

    def dependencies(self) -> dict[str, Provide]:
        return {
            "report_reads": _given(self.reads),
            "shop_rows": _given(self.rows),
            "first_names": _given(self.names),
            "report_engine": _given(self.engine),
            "report_columns": _given(self.columns),
            "broken_down": _given(self.broken_down),
        }


def _given(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False, use_cache=True)
