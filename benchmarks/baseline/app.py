"""The baselines: a constant, a page of given bytes, and one row inserted and committed through a pool."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psycopg
from litestar import Litestar, Response, get
from litestar.response import Redirect
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from benchmarks.baseline.table import one_row

INSERT = insert(one_row)
SHOP = uuid7()


async def _connect() -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(os.environ["BASELINE_CONNINFO"])


engine = create_async_engine(
    "postgresql+psycopg://", async_creator=_connect, pool_size=int(os.environ["BASELINE_POOL"]), max_overflow=0
)


@get("/constant", media_type="text/plain")
async def constant() -> str:
    return "Grapevine"


@get("/redirect", status_code=302)
async def redirect() -> Redirect:
    """Leads on, and stores nothing."""
    return Redirect("https://nordlicht.example/lamps")


@get("/page")
async def page() -> Response[bytes]:
    """The bytes of the page under comparison, held in memory."""
    return Response(_same_page(), media_type="text/html; charset=utf-8")


@get("/insert", media_type="text/plain")
async def one_insert() -> str:
    row = {"row_id": uuid7(), "shop_id": SHOP, "code": "7K2M9QX0", "stored_at": datetime.now(UTC)}
    async with engine.begin() as connection:
        await connection.execute(INSERT, row)
    return "stored"


@cache
def _same_page() -> bytes:
    return Path(os.environ["BASELINE_PAGE"]).read_bytes()


@asynccontextmanager
async def _lifespan(_: Litestar) -> AsyncIterator[None]:
    # The same treatment of garbage as Grapevine's web process gets.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    yield
    await engine.dispose()


def create() -> Litestar:
    return Litestar(
        [constant, redirect, page, one_insert], lifespan=[_lifespan], openapi_config=None, logging_config=None
    )
