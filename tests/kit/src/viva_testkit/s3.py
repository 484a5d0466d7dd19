"""A store that speaks the S3 API on loopback, and holds who asks to a key.

Two of them: moto, which comes with the tests, and versitygw, a real server that keeps its objects in a folder. It is
not in any package that the tests could install, and takes minutes to compile: it is used where it is on the PATH
(`make s3-server`).
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import boto3
import botocore.config

from viva_testkit.nats import free_port

Kind = Literal["moto", "versitygw"]
REGION = "us-east-1"
_PATIENCE = 60.0
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def installed(kind: Kind) -> bool:
    """Whether it can be started here."""
    return kind == "moto" or shutil.which(kind) is not None


class S3Server:
    """One server with one key: `access` and `secret`."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.access, self.secret = "viva-access", "viva-secret"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def key(self) -> tuple[str, str]:
        """The key's two halves."""
        return self.access, self.secret

    def start(self) -> None:
        """Return once it answers."""
        command, environment = self._moto() if self.kind == "moto" else self._versitygw()
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        limit = time.monotonic() + _PATIENCE
        while not self._answers():
            running = self._process.poll() is None and time.monotonic() < limit
            assert running, (self._folder / "log").read_text()
            time.sleep(0.05)
        if self.kind == "moto":
            self._first_key()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def bucket(self, name: str, *, versions: bool = False) -> str:
        """A new bucket."""
        client = self._client("s3")
        client.create_bucket(Bucket=name)
        if versions:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def keys(self, bucket: str) -> list[str]:
        """What lies in a bucket."""
        return [each["Key"] for each in self._client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

    def _moto(self) -> tuple[list[str], dict[str, str]]:
        # The first three calls make the key; from then on every call must be signed with it.
        environment = {"INITIAL_NO_AUTH_ACTION_COUNT": "3", "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"}
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)], environment

    def _first_key(self) -> None:
        iam = self._client("iam")
        iam.create_user(UserName="viva")
        made = iam.create_access_key(UserName="viva")["AccessKey"]
        iam.put_user_policy(UserName="viva", PolicyName="all", PolicyDocument=json.dumps(_EVERYTHING))
        self.access, self.secret = made["AccessKeyId"], made["SecretAccessKey"]

    def _versitygw(self) -> tuple[list[str], dict[str, str]]:
        folders = {name: self._folder / name for name in ("objects", "sidecar", "versions")}
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        command = ["versitygw", "--port", f"127.0.0.1:{self._port}", "--quiet", "posix"]
        command += ["--sidecar", str(folders["sidecar"]), "--versioning-dir", str(folders["versions"])]
        environment = {"ROOT_ACCESS_KEY": self.access, "ROOT_SECRET_KEY": self.secret}
        return [*command, str(folders["objects"])], environment

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
            return True
        return False

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.access,
            aws_secret_access_key=self.secret,
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5}),
        )
