"""A thousand nodes and two hundred workers: that nothing needless is sent. What it costs is in `make bench`."""

from collections.abc import Callable
from typing import Any

from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.crowd import WORKER_COUNT, all_placed, crowd
from tests.cluster.world import reconciled_again, written


async def test_a_thousand_nodes_and_two_hundred_workers(
    admin: Admin, launch: Callable[..., Any], plane: ControlPlane
) -> None:
    async with crowd(admin):
        begin = len(written(plane))  # by the tests before this one
        operator = await launch()
        try:
            await all_placed(admin)
            await reconciled_again(operator, 3)
            made = [line for line in written(plane)[begin:] if "events" not in line]
            # One Deployment and one status for each worker, and a few again once it is known that nothing is ready yet.
            assert len(made) <= 2 * WORKER_COUNT + 50
            before = len(written(plane))
            await reconciled_again(operator, 3)
            assert written(plane)[before:] == []
        finally:
            operator.end()
