"""SessionService, whole."""

from viva.session.v1 import session_pb2_grpc

from viva_session.grpc_api.interviews import InterviewsApi
from viva_session.grpc_api.outcomes import OutcomesApi
from viva_session.grpc_api.positions import PositionsApi
from viva_session.grpc_api.watching import WatchApi

SERVICE = "viva.session.v1.SessionService"
PUBLIC = (f"/{SERVICE}/RedeemInvitation",)
"""Methods that need nobody who acts: a link's token is all a candidate has."""


class SessionApi(session_pb2_grpc.SessionServiceServicer):
    """Hands each method to the part that has it."""

    def __init__(
        self, positions: PositionsApi, interviews: InterviewsApi, outcomes: OutcomesApi, watching: WatchApi
    ) -> None:
        for part in (positions, interviews, outcomes, watching):
            for name in vars(type(part)):
                if name[0].isupper():
                    setattr(self, name, getattr(part, name))
