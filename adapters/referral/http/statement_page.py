"""The advocate's statement as a page: opened by a signed token, by nobody else."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.referral.pages.statement import StatementPage


class StatementController(Controller):
    path = "/s"
    include_in_schema = False

    @get("/{token:str}", operation_id="showStatement")
    async def show(
        self,
        token: FromPath[str],
        request: Request[Any, Any, Any],
        statement_page: NamedDependency[StatementPage],
    ) -> Response[bytes]:
        page = await statement_page(token, request.headers.get("accept-language", ""))
        return Response(page.body, status_code=page.status, media_type="text/html", headers=dict(page.headers))
