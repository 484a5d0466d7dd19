"""The keys of a test's control plane: one authority signs the server's certificate and every client's."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=2)


class Authority:
    """Makes keys in a folder that only its owner reads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "viva-test-authority")])
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        self.certificate = self._write("ca.crt", builder.sign(self._key, hashes.SHA256()))
        signing = ec.generate_private_key(ec.SECP256R1())
        self.signing_key = self._write_key("service-accounts.key", signing)
        """Signs service account tokens."""
        self.verifying_key = folder / "service-accounts.pub"
        """Verifies them."""
        self.verifying_key.write_bytes(
            signing.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def server(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a server on the loopback address."""
        names: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.DNSName("localhost"),
            x509.DNSName("kubernetes.default.svc"),
        ]
        return self._signed(name, [], ExtendedKeyUsageOID.SERVER_AUTH, names)

    def client(self, user: str, group: str) -> tuple[Path, Path]:
        """Certificate and key of a user; Kubernetes reads the common name as user and the organisation as group."""
        organisation = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
        return self._signed(user, organisation, ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def _signed(
        self,
        name: str,
        more: list[x509.NameAttribute[str]],
        usage: x509.ObjectIdentifier,
        addresses: list[x509.GeneralName],
    ) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([*more, x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self._name, key.public_key())
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        if addresses:
            builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        file = name.replace(":", "_")
        certificate = self._write(f"{file}.crt", builder.sign(self._key, hashes.SHA256()))
        return certificate, self._write_key(f"{file}.key", key)

    def _write(self, name: str, certificate: x509.Certificate) -> Path:
        path = self._folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _write_key(self, name: str, key: ec.EllipticCurvePrivateKey) -> Path:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )
