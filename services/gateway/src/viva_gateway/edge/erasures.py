"""The proof of an erasure, as the admin and the candidate see it."""

from viva.session.v1 import interview_pb2

from viva_gateway.adapters.erasures import Removed
from viva_gateway.schemas.reports import ErasureReceipt


def receipt_of(receipt: interview_pb2.ErasureReceipt, removed: Removed | None) -> ErasureReceipt:
    """The session service's receipt and what the gateway gave up itself."""
    whole = interview_pb2.ErasureReceipt()
    whole.CopyFrom(receipt)
    if removed is not None:
        whole.stores.add(store="gateway", what="sessions", removed=removed.sessions)
        whole.stores.add(store="gateway", what="stored responses", removed=removed.responses)
    return ErasureReceipt.of(whole)
