"""The object store of a cluster: a bucket behind the S3 API. Needs the extra `s3` (boto3).

An object is written by one request that says its length, so that the store keeps all of it or nothing. A bucket that
keeps versions is refused: deleting there hides an object and keeps it, and an erasure would be none.

boto3's client serves any number of threads, and each call runs in one.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from viva_core.errors import Invalid, Transient

from viva_media.domain.recording import parts_of

_R = TypeVar("_R")
_SOON = timedelta(seconds=5)
_CONNECT, _ANSWER, _TRIES = 3.0, 10.0, 3
"""Seconds to connect and to answer; a recorder waits, and an erasure is tried again anyway."""
_UNVERSIONED = (None, "", "null")
"""What a store says of an object's version where the bucket keeps none."""
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})


class S3Objects:
    """Objects in a bucket, below a prefix. Every failure is Transient: what is wrong with the bucket or the key, a
    person mends while the service runs, and an erasure must not be given up over it."""

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str | None = None,
        region: str = "us-east-1",
        prefix: str = "",
        credentials: tuple[str, str] | None = None,
        path_style: bool = True,
        ca_file: Path | None = None,
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = _client(endpoint, region, credentials, "path" if path_style else "virtual", ca_file)

    async def put(self, name: str, data: bytes) -> None:
        """Keep an object. Raises Transient."""
        kept = await self._asked(self._client.put_object, Key=self._key(name), Body=data)
        if kept.get("VersionId") not in _UNVERSIONED:
            await self.delete(name)
            raise Transient(
                f"the bucket {self._bucket} keeps versions, and an erasure would leave them: suspending is not enough, "
                "name one in VIVA_RECORDING_S3_BUCKET that never kept any",
                reason="OBJECTS_VERSIONED",
                retry_after=_SOON,
            )

    async def get(self, name: str) -> bytes | None:
        """An object; None when there is none. Raises Transient."""

        def read(**what: str) -> bytes:
            body: bytes = self._client.get_object(**what)["Body"].read()
            return body

        try:
            return await self._asked(read, Key=self._key(name))
        except _Gone:
            return None

    async def delete(self, name: str) -> bool:
        """Remove an object; asked for first, since S3 answers alike whether there was one. Raises Transient."""
        key = self._key(name)
        # Of all names that begin so, the shortest comes first. Unlike HEAD, a list says why it fails.
        first = await self._asked(self._client.list_objects_v2, Prefix=key, MaxKeys=1)
        if [each["Key"] for each in first.get("Contents", ())] != [key]:
            return False
        await self._asked(self._client.delete_object, Key=key)
        return True

    async def names(self, prefix: str) -> list[str]:
        """The names that begin so, in order. Raises Transient."""

        def listed(**what: str) -> list[str]:
            pages = self._client.get_paginator("list_objects_v2").paginate(**what)
            return [each["Key"] for page in pages for each in page.get("Contents", ())]

        found = await self._asked(listed, Prefix=f"{self._prefix}{prefix}")
        return sorted(key.removeprefix(self._prefix) for key in found)

    def _key(self, name: str) -> str:
        return self._prefix + "/".join(parts_of(name))

    async def _asked(self, call: Callable[..., _R], **what: Any) -> _R:
        """Raises _Gone or Transient, without the store's own words, which hold addresses."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            return await asyncio.to_thread(call, Bucket=self._bucket, **what)
        except NoCredentialsError as error:
            raise self._refused() from error
        except ClientError as error:
            raise self._fault(error) from error
        except (BotoCoreError, OSError) as error:
            raise _away() from error

    def _fault(self, error: Any) -> Exception:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":
            return Transient(
                f"there is no bucket {self._bucket}: create it, or name another one in VIVA_RECORDING_S3_BUCKET",
                reason="OBJECTS_NO_BUCKET",
                retry_after=_SOON,
            )
        if code in _MISSING:
            return _Gone()
        return self._refused() if 400 <= status < 500 else _away()

    def _refused(self) -> Transient:
        return Transient(
            f"the store refuses us the bucket {self._bucket}: see to VIVA_RECORDING_S3_ACCESS_KEY_FILE and "
            "VIVA_RECORDING_S3_SECRET_KEY_FILE, that the key may put, get, delete and list, and to "
            "VIVA_RECORDING_S3_REGION",
            reason="OBJECTS_REFUSED",
            retry_after=_SOON,
        )


class _Gone(Exception):
    """There is no such object."""


def _away() -> Transient:
    return Transient("the store of recordings does not answer", reason="OBJECTS_AWAY", retry_after=_SOON)


def _client(
    endpoint: str | None,
    region: str,
    credentials: tuple[str, str] | None,
    addressing: str,
    ca_file: Path | None,
) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise Invalid(
            "VIVA_RECORDING_S3_BUCKET needs boto3: install viva-media with its extra `s3`, or set "
            "VIVA_RECORDING_FOLDER instead",
            reason="ENGINE_MISSING",
        ) from error
    if ca_file is not None and not ca_file.is_file():
        raise Invalid(f"VIVA_RECORDING_S3_CA_FILE: {ca_file} is no file: name one with certificates in PEM")
    access, secret = credentials or (None, None)
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        verify=str(ca_file) if ca_file is not None else None,
        config=Config(
            connect_timeout=_CONNECT,
            read_timeout=_ANSWER,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
            s3={"addressing_style": addressing},
            # Amazon's newer checksums are not understood by every store; what is kept is authenticated anyway.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
