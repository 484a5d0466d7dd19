"""Where recordings are kept, as the settings have it."""

import asyncio
import hashlib

from viva_core.errors import Invalid, Transient, Violation
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.objects_folder import FolderObjects
from viva_media.adapters.objects_s3 import S3Objects
from viva_media.adapters.recordings import Recordings
from viva_media.domain.recording import Objects
from viva_media.settings import Settings

_PATIENCE = 10.0
_log = get_logger("viva.media.store")


def recordings(settings: Settings) -> Recordings | None:
    """The store of recordings; None when none was set. Raises Invalid."""
    store = objects(settings)
    if store is None:
        return None
    if settings.recording_key is None:
        raise Invalid(
            "recordings need a key that outlives the process: set VIVA_RECORDING_KEY_FILE",
            [Violation("VIVA_RECORDING_KEY", "is required")],
        )
    key = hashlib.sha256(b"viva-recording-1:" + settings.recording_key.get_secret_value().encode()).digest()
    return Recordings(store, key)


def objects(settings: Settings) -> Objects | None:
    """The folder or the bucket; None when neither was set. Raises Invalid."""
    if settings.recording_s3_bucket is None:
        return FolderObjects(settings.recording_folder) if settings.recording_folder is not None else None
    if settings.recording_folder is not None:
        raise Invalid(
            "both VIVA_RECORDING_FOLDER and VIVA_RECORDING_S3_BUCKET are set: keep one",
            [Violation("VIVA_RECORDING_FOLDER", "unset it, or unset VIVA_RECORDING_S3_BUCKET")],
        )
    return S3Objects(
        settings.recording_s3_bucket,
        endpoint=settings.recording_s3_endpoint,
        region=settings.recording_s3_region,
        prefix=settings.recording_s3_prefix,
        credentials=_credentials(settings),
        path_style=settings.recording_s3_path_style,
        ca_file=settings.recording_s3_ca_file,
    )


async def look_at(kept: Recordings | None) -> None:
    """Say in the log what is wrong with the store. It ends nothing: without recordings interviews are held as well."""
    if kept is None:
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            await kept.check()
    except Transient as error:
        _log.error("nothing will be recorded as things are", why=error.message, reason=error.reason)
    except TimeoutError:
        _log.error("nothing will be recorded as things are", why="the store does not answer", reason="OBJECTS_AWAY")


def _credentials(settings: Settings) -> tuple[str, str] | None:
    access, secret = settings.recording_s3_access_key, settings.recording_s3_secret_key
    if access is None and secret is None:
        return None
    if access is None or secret is None:
        missing = "VIVA_RECORDING_S3_ACCESS_KEY" if access is None else "VIVA_RECORDING_S3_SECRET_KEY"
        raise Invalid(
            f"{missing}_FILE is not set: give both halves of the key, or neither",
            [Violation(missing, "is required beside the other half")],
        )
    return access.get_secret_value(), secret.get_secret_value()
