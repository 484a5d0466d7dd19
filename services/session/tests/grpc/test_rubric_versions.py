"""What was published stays as it was, and the next version is another one; an actor with an unknown role is nobody."""

import pytest
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import position_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Conflict, Invalid, Unauthenticated
from viva_core.grpc import acting_as
from viva_testkit import steps
from viva_testkit.session import Service


def criterion(name: str, weight: int) -> common.Criterion:
    anchors = [common.BandAnchor(band=band, description=f"Level {band}.") for band in range(1, 6)]
    return common.Criterion(criterion_id=name, title=name.title(), description="", weight=weight, anchors=anchors)


async def update(
    service: Service, last: position_pb2.RubricVersion, *criteria: common.Criterion
) -> position_pb2.RubricVersion:
    answer = await service.stub.UpdateRubric(
        pb.UpdateRubricRequest(
            rubric_id=last.rubric.rubric_id, title="Depth", criteria=criteria, expected_sha256=last.rubric.sha256
        )
    )
    changed: position_pb2.RubricVersion = answer.rubric
    return changed


async def test_a_published_rubric_is_frozen_and_versions_grow(service: Service) -> None:
    with acting_as(service.staff()):
        made = await service.stub.CreateRubric(
            pb.CreateRubricRequest(title="Depth", language=common.LANGUAGE_EN, criteria=[criterion("depth", 100)])
        )
        last: position_pb2.RubricVersion = made.rubric
        rubric_id = last.rubric.rubric_id
        published: list[position_pb2.RubricVersion] = []
        for number in range(1, 5):
            assert last.rubric.version == number
            assert last.state == position_pb2.PUBLISH_STATE_DRAFT
            frozen = (await service.stub.PublishRubric(pb.PublishRubricRequest(rubric_id=rubric_id))).rubric
            again = (await service.stub.PublishRubric(pb.PublishRubricRequest(rubric_id=rubric_id))).rubric
            assert frozen == again, "twice is once"
            assert frozen.rubric == last.rubric
            published.append(frozen)
            # The next version starts from it; a draft is changed where it stands.
            draft = await update(service, frozen, criterion("depth", 100 - number), criterion("width", number))
            last = await update(service, draft, criterion("depth", 90 - number), criterion("width", 10 + number))
            assert last.rubric.version == draft.rubric.version == number + 1
            with pytest.raises(Conflict):  # somebody has gone on since
                await update(service, frozen, criterion("depth", 100))
            for version, kept in enumerate(published, start=1):
                got = await service.stub.GetRubric(pb.GetRubricRequest(rubric_id=rubric_id, version=version))
                assert got.rubric == kept, "no later change reaches a published version"
        newest = await service.stub.GetRubric(pb.GetRubricRequest(rubric_id=rubric_id))
    assert newest.rubric == last
    assert len({one.rubric.sha256 for one in published}) == len(published)


async def test_a_refused_publication_names_the_field_and_leaves_a_draft(service: Service) -> None:
    for weights in ((100, 1), (60, 39), (99,), (1, 1, 1)):
        await refused(service, weights)


async def refused(service: Service, weights: tuple[int, ...]) -> None:
    with acting_as(service.staff()):
        made = await service.stub.CreateRubric(
            pb.CreateRubricRequest(
                title="Depth",
                language=common.LANGUAGE_EN,
                criteria=[criterion(f"c{n}", weight) for n, weight in enumerate(weights)],
            )
        )
        rubric_id = made.rubric.rubric.rubric_id
        with pytest.raises(Invalid) as caught:
            await service.stub.PublishRubric(pb.PublishRubricRequest(rubric_id=rubric_id))
        [violation] = caught.value.violations
        assert violation.field == "criteria"
        assert f"sum to {sum(weights)}" in violation.description
        assert "100" in violation.description
        kept = (await service.stub.GetRubric(pb.GetRubricRequest(rubric_id=rubric_id))).rubric
    assert kept == made.rubric


async def test_a_role_that_nobody_knows_is_refused_whole(service: Service) -> None:
    position_id = await steps.published_position(service.stub, service.staff())
    for roles in (["owner"], ["Admin"], [""], ["admin", "owner"]):
        unknown = service.staff(*roles)
        with acting_as(unknown):
            with pytest.raises(Unauthenticated):
                await service.stub.GetPosition(pb.GetPositionRequest(position_id=position_id))
            with pytest.raises(Unauthenticated):
                await service.stub.ListRubrics(pb.ListRubricsRequest())
