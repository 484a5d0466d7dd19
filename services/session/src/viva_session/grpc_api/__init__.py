"""The gRPC edge: translate, call, translate. One module a topic; `SessionApi` joins them."""

from viva_session.grpc_api.api import SessionApi

__all__ = ["SessionApi"]
