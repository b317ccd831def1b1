"""A stop that is asked for is orderly: requests in hand are answered, the batch in hand is finished."""

import threading
import time
from pathlib import Path

import httpx2
import pytest

from tests.faults.shop import FaultShop, open_for_test
from tests.support.processes import running


@pytest.mark.timeout(90)
def test_web_and_worker_stop_in_order(fresh_database: str, tmp_path: Path) -> None:
    opened = open_for_test(fresh_database, "nordlicht-stop")
    with running(fresh_database, tmp_path) as processes:
        shop = FaultShop(processes.address, opened)
        shop.set_up()
        torn: list[str] = []
        answered: list[int] = []
        stopping = threading.Event()

        def send() -> None:
            with httpx2.Client(base_url=processes.address, timeout=15) as client:
                number = 0
                while True:
                    number += 1
                    body, headers = shop.order(number)
                    try:
                        answered.append(client.post(shop.webhook, content=body, headers=headers).status_code)
                    except httpx2.ConnectError:
                        return
                    except httpx2.TransportError as error:
                        # A kept-alive connection may close between two requests, but never inside an answer.
                        if not stopping.is_set() or not isinstance(
                            error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError
                        ):
                            torn.append(repr(error))
                        return

        thread = threading.Thread(target=send)
        thread.start()
        time.sleep(1)
        stopping.set()
        assert processes.stop("web") == 0, processes.logs()
        thread.join(20)
        assert processes.stop("worker") == 0, processes.logs()
        assert torn == []
        assert set(answered) == {200}
        assert "Traceback" not in processes.logs()
