"""What was written is seen at once, whatever the watches have heard."""

from datetime import timedelta
from typing import Any

import pytest
from viva_operator.ports import Manifest, Ref
from viva_operator.resources import DEPLOYMENTS, SCALED_OBJECTS
from viva_operator.view import View, slim
from viva_testkit.clock import FakeClock

REF = Ref(DEPLOYMENTS, "viva", "evaluator-gpu")


def manifest(version: int, uid: str = "one", **spec: Any) -> Manifest:
    meta = {"name": "evaluator-gpu", "namespace": "viva", "uid": uid, "resourceVersion": str(version)}
    return {"metadata": meta, "spec": spec}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def seen(clock: FakeClock, *there: Manifest) -> tuple[View, dict[Any, list[Manifest]]]:
    """A view, and the index that it reads."""
    view, index = View(clock), {(REF.namespace, REF.name): list(there)} if there else {}
    view.attach({DEPLOYMENTS: index})
    return view, index


def test_what_we_wrote_is_seen_before_the_watch_tells_of_it_and_the_watch_wins_once_it_is_newer(
    clock: FakeClock,
) -> None:
    view, index = seen(clock, manifest(1, replicas=1))
    view.put(REF, manifest(5, replicas=2))
    assert view.find(REF) == manifest(5, replicas=2)
    index[REF.namespace, REF.name] = [manifest(6, replicas=7)]
    assert view.find(REF) == manifest(6, replicas=7)


def test_a_watch_that_never_tells_of_our_write_is_believed_after_a_minute(clock: FakeClock) -> None:
    view, _ = seen(clock, manifest(1))
    view.put(REF, manifest(5))
    clock.advance(timedelta(seconds=61))
    assert view.find(REF) == manifest(1)


def test_what_we_deleted_is_gone_at_once_and_a_new_one_of_the_same_name_is_seen(clock: FakeClock) -> None:
    view, index = seen(clock, manifest(1))
    view.drop(REF)
    assert view.find(REF) is None
    assert view.all(DEPLOYMENTS) == ()
    index[REF.namespace, REF.name] = [manifest(9, uid="two")]
    assert view.find(REF) == manifest(9, uid="two")


def test_what_went_while_no_watch_looked_is_found_out_by_a_list(clock: FakeClock) -> None:
    view, _ = seen(clock, manifest(3))
    view.there(DEPLOYMENTS, 10, frozenset({"other"}))
    assert view.all(DEPLOYMENTS) == ()
    view.there(DEPLOYMENTS, 10, frozenset({"one"}))
    assert view.all(DEPLOYMENTS) == (manifest(3),)


def test_what_came_after_the_list_is_no_ghost(clock: FakeClock) -> None:
    view, _ = seen(clock, manifest(12))
    view.there(DEPLOYMENTS, 10, frozenset())
    assert view.all(DEPLOYMENTS) == (manifest(12),)


def test_a_deletion_that_the_watch_tells_of_ends_what_we_wrote_before_it(clock: FakeClock) -> None:
    view, index = seen(clock, manifest(1))
    view.put(REF, manifest(5))
    index.clear()
    view.gone(REF, 6)
    assert view.find(REF) is None


def test_a_kind_that_is_listed_each_time_is_what_the_list_says(clock: FakeClock) -> None:
    view = View(clock)
    scaled = {"metadata": {"name": "a", "namespace": "viva", "uid": "1", "resourceVersion": "1"}}
    view.listed(SCALED_OBJECTS, [scaled])
    assert view.all(SCALED_OBJECTS) == (scaled,)
    view.listed(SCALED_OBJECTS, [])
    assert view.all(SCALED_OBJECTS) == ()


def test_managed_fields_are_not_kept() -> None:
    whole = {"metadata": {"name": "a", "managedFields": [{"manager": "kubectl"}]}}
    assert slim(whole) == {"metadata": {"name": "a"}}
