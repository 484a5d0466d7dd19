"""Compiles the .proto files: Python stubs with type stubs, or one descriptor image that buf lints and compares.

`buf/validate/validate.proto` is not vendored: the protovalidate wheel carries its descriptor, which protoc reads beside
our sources. So one pinned package gives both the rules' definition and their implementation, and they cannot drift.
"""

import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

_VALIDATE = "buf/validate/validate.proto"


class CompileError(Exception):
    """protoc refused the sources; its own words are on stderr."""


def _validate_descriptors(folder: Path) -> Path:
    own = descriptor_pb2.FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())
    path = folder / "validate.binpb"
    path.write_bytes(descriptor_pb2.FileDescriptorSet(file=[own]).SerializeToString())
    return path


def _protoc(root: Path, arguments: list[str], sources: list[str]) -> None:
    well_known = str(resources.files("grpc_tools") / "_proto")
    with tempfile.TemporaryDirectory() as scratch:
        validate = _validate_descriptors(Path(scratch))
        command = ["protoc", f"--descriptor_set_in={validate}", f"-I{root}", f"-I{well_known}", *arguments, *sources]
        if protoc.main(command) != 0:
            raise CompileError("protoc failed: see the messages above")


def sources(root: Path) -> list[str]:
    """Our .proto files, relative to the module's root, in a stable order."""
    return sorted(str(path.relative_to(root)) for path in (root / "viva").rglob("*.proto"))


def generate(root: Path, out: Path) -> None:
    """Write stubs for every source (and for protovalidate's rules, which they import) into `out`, replacing it."""
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        fresh = Path(scratch) / "gen"
        fresh.mkdir()
        _protoc(root, [f"--python_out={fresh}", f"--mypy_out={fresh}"], [*sources(root), _VALIDATE])
        _protoc(root, [f"--grpc_python_out={fresh}", f"--mypy_grpc_out={fresh}"], sources(root))
        for package in fresh.rglob("v1"):
            (package / "py.typed").touch()
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(fresh, out)


def image(root: Path, path: Path) -> None:
    """Write one descriptor set with imports and source positions, the input of `buf lint` and `buf breaking`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _protoc(root, ["--include_imports", "--include_source_info", f"--descriptor_set_out={path}"], sources(root))


if __name__ == "__main__":
    module, stubs_folder, image_path = (Path(argument).resolve() for argument in sys.argv[1:])
    generate(module, stubs_folder)
    image(module, image_path)
