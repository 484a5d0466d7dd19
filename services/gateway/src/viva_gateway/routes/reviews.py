"""What people decide, what models scored, and scoring again."""

from fastapi import Response
from viva.evaluation.v1 import evaluation_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Refused

from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.schemas.reports import Evaluated, Evaluations, HandScoreIn, ReplayIn, Review, ReviewIn, Reviews
from viva_gateway.schemas.scores import AnswerEvaluation, HumanScore, Replay

router = guarded_router("reviews")


@router.get("/interviews/{interview_id}/reviews")
async def list_reviews(interview_id: Id, gateway: Via) -> Reviews:
    """The decisions on an interview, oldest first. Until two persons have written theirs, those who may decide and have
    not are told only who has."""
    found = await gateway.services.session.ListReviews(api.ListReviewsRequest(interview_id=str(interview_id)))
    return Reviews(items=[Review.of(each) for each in found.reviews])


@router.post("/interviews/{interview_id}/reviews", status_code=201)
async def submit_review(interview_id: Id, body: ReviewIn, gateway: Via, response: Response) -> Review:
    """Decide, with a reason. The decision is that of the account that is signed in."""
    request = body.to_message(api.SubmitReviewRequest)
    request.interview_id = str(interview_id)
    response.headers["Location"] = f"/api/v1/interviews/{interview_id}/reviews"
    return Review.of((await gateway.services.session.SubmitReview(request)).review)


@router.post("/interviews/{interview_id}/turns/{turn_id}/scores", status_code=201)
async def score_by_hand(interview_id: Id, turn_id: Id, body: HandScoreIn, gateway: Via) -> HumanScore:
    """Score a criterion that the model has left unscored, with a reason. It stands beside the model's and makes a new
    version of the report."""
    request = body.to_message(api.ScoreByHandRequest)
    request.interview_id, request.turn_id = str(interview_id), str(turn_id)
    return HumanScore.of((await gateway.services.session.ScoreByHand(request)).score)


@router.get("/interviews/{interview_id}/evaluations")
async def list_evaluations(interview_id: Id, gateway: Via) -> Evaluations:
    """What was asked of the evaluator and what came of it."""
    found = await gateway.services.session.ListEvaluations(api.ListEvaluationsRequest(interview_id=str(interview_id)))
    return Evaluations(
        items=[
            Evaluated(
                turn_id=item.request.turn_id,
                question=item.request.question,
                answer=item.request.answer,
                evaluation=AnswerEvaluation.of(item.original),
            )
            for item in found.items
        ]
    )


@router.post("/interviews/{interview_id}/evaluations/replay")
async def replay_evaluations(interview_id: Id, body: ReplayIn, gateway: Via) -> Replay:
    """Score the answers again with another model, prompt or rubric, and tell the differences; the originals stay."""
    session = gateway.services.session
    found = await session.ListEvaluations(api.ListEvaluationsRequest(interview_id=str(interview_id)))
    if not found.items:
        raise Refused("no answer of this interview was scored: there is nothing to score again")
    request = evaluation_pb2.ReplayRequest(
        interview_id=str(interview_id),
        items=found.items,
        model_id=body.model_id,
        prompt_version=body.prompt_version,
    )
    if body.rubric_id is not None:
        wanted = api.GetRubricRequest(rubric_id=str(body.rubric_id), version=body.rubric_version)
        request.rubric.CopyFrom((await session.GetRubric(wanted)).rubric.rubric)
    answered = await gateway.services.evaluation.Replay(request, timeout=gateway.settings.model_timeout)
    return Replay.of(answered)
