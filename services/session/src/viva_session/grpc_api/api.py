"""SessionService, whole."""

from viva.session.v1 import session_pb2_grpc
from viva_core.ids import IdFactory

from viva_session.adapters.catalogue import Catalogue
from viva_session.adapters.resume import ResumeReader
from viva_session.adapters.watch import Watch
from viva_session.application.candidates import CandidateLists
from viva_session.application.erasure import Erasure
from viva_session.application.interviews import Interviews
from viva_session.application.invitations import Invitations
from viva_session.application.positions import Positions
from viva_session.domain.bank import Bank
from viva_session.domain.rules import Rules
from viva_session.grpc_api.candidates import CandidatesApi
from viva_session.grpc_api.forecasting import ForecastApi
from viva_session.grpc_api.interviews import InterviewsApi
from viva_session.grpc_api.outcomes import OutcomesApi
from viva_session.grpc_api.positions import PositionsApi
from viva_session.grpc_api.watching import WatchApi

SERVICE = "viva.session.v1.SessionService"
PUBLIC = (f"/{SERVICE}/RedeemInvitation",)
"""Methods that need nobody who acts: a link's token is all a candidate has."""


class SessionApi(
    PositionsApi,
    InterviewsApi,
    CandidatesApi,
    OutcomesApi,
    WatchApi,
    ForecastApi,
    session_pb2_grpc.SessionServiceServicer,
):
    """The parts in one servicer; each keeps its own constructor."""

    def __init__(
        self,
        *,
        positions: Positions,
        interviews: Interviews,
        invitations: Invitations,
        lists: CandidateLists,
        erasure: Erasure,
        catalogue: Catalogue,
        bank: Bank,
        rules: Rules,
        resumes: ResumeReader,
        watch: Watch,
        new_id: IdFactory,
    ) -> None:
        PositionsApi.__init__(self, positions, bank, interviews.sessions, catalogue, interviews.clock)
        InterviewsApi.__init__(self, interviews, invitations, rules, resumes, new_id)
        CandidatesApi.__init__(self, lists, watch)
        OutcomesApi.__init__(self, interviews, erasure, rules, new_id)
        WatchApi.__init__(self, interviews, watch)
        ForecastApi.__init__(self, interviews.sessions, interviews.clock)
