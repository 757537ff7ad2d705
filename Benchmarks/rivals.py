"""The two servers of side-by-side: how each is configured, started, given credentials, and stopped."""
import base64
import hmac
import json
import os
import pathlib
import re
import resource
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

DOMAIN = "bench.example.org"
ALIAS = "server.bench.example.org"
ISSUER = "https://issuer.bench.example.org"
TOKENS = 5  # one identity keeps a thousand sessions at most


class NotStarted(Exception):
    """A server that does not come up."""


def pinned(core: int):
    """Runs in the child before it becomes the program: one core, as many files as there may be."""
    def prepare() -> None:
        os.sched_setaffinity(0, {core})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return prepare


def openssl(*arguments: str, data: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, input=data).stdout


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(header: dict, claims: dict, sign) -> str:
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encoded(sign(text.encode()))}"


class Rival:
    """A running server in a temporary directory of its own; use it with `with`."""
    name = ""

    def __init__(self, core: int) -> None:
        self.core = core

    def __enter__(self) -> "Rival":
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"side-by-side-{self.name}-"))
        self.directory.chmod(0o755)
        try:
            self.prepare()
            self.process = self.start()
            self.port = self.wait()
            self.admit()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        process = getattr(self, "process", None)
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def prepare(self) -> None:
        """Writes what the server reads."""

    def admit(self) -> None:
        """Makes credentials that only a running server can make."""

    def wait(self) -> int:
        """The port, once it serves."""
        for _ in range(600):
            if self.process.poll() is not None:
                raise NotStarted(f"{self.name} has ended:\n{self.log()[-2000:]}")
            if port := self.published():
                return port
            time.sleep(0.1)
        raise NotStarted(f"{self.name} does not serve:\n{self.log()[-2000:]}")

    def log(self) -> str:
        path = self.directory / "log" / "out"
        return path.read_text(errors="replace") if path.exists() else ""

    def file(self, name: str, content: str | bytes, mode: int = 0o644) -> pathlib.Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def spawn(self, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen:
        (self.directory / "log").mkdir(exist_ok=True)
        (self.directory / "log").chmod(0o777)
        with open(self.directory / "log" / "out", "wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=pinned(self.core),
                env={**os.environ, **(environment or {})})


class Collector(Rival):
    """condor_collector, all of whose credentials are made here."""
    name = "collector"

    def __init__(self, core: int, program: pathlib.Path, variant: str = "ca-file", debug: str | None = None) -> None:
        super().__init__(core)
        self.program = program
        self.variant = variant
        self.debug = debug

    def prepare(self) -> None:
        for folder in ("log", "spool", "lock"):
            (self.directory / folder).mkdir()
            (self.directory / folder).chmod(0o777)
        self.certify()
        key = secrets.token_bytes(64)
        self.file("passwords/POOL", bytes(b ^ m for b, m in zip(key, b"\xde\xad\xbe\xef" * 16)), 0o600)
        (self.directory / "passwords").chmod(0o700)
        claims = {"exp": int(time.time()) + 86400, "iat": int(time.time()), "iss": DOMAIN, "sub": f"pilot@{DOMAIN}"}
        master = hmac.digest(b"htcondor", key + key, "sha256")  # HKDF of the doubled key
        signing = hmac.digest(master, b"master jwt\x01", "sha256")
        for number in range(TOKENS):
            self.file(f"token{number}", jwt(
                {"alg": "HS256", "kid": "POOL"}, {**claims, "jti": secrets.token_hex(16)},
                lambda text: hmac.digest(signing, text, "sha256")), 0o600)
        self.issue()
        self.file("condor_config", self.configuration())

    def certify(self) -> None:
        """An authority and a host certificate signed by it."""
        kind = (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] if self.variant == "ecdsa"
                else ["-newkey", "rsa:2048"])
        at = str(self.directory)
        openssl("req", "-x509", *kind, "-nodes", "-days", "2", "-subj", "/CN=bench authority",
                "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", f"{at}/ca.key", "-out", f"{at}/ca.pem")
        openssl("req", "-new", *kind, "-nodes", "-subj", f"/CN={ALIAS}", "-keyout", f"{at}/host.key",
                "-out", f"{at}/host.csr")
        self.file("extensions", f"subjectAltName=DNS:{ALIAS}\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", f"{at}/host.csr", "-CA", f"{at}/ca.pem", "-CAkey", f"{at}/ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", f"{at}/extensions", "-out", f"{at}/host.pem")
        (self.directory / "host.key").chmod(0o600)

    def issue(self) -> None:
        """An issuer of SciTokens whose keys libSciTokens finds in its cache, and a token of it."""
        at = str(self.directory)
        openssl("genrsa", "-out", f"{at}/issuer.key", "2048")
        modulus = openssl("rsa", "-in", f"{at}/issuer.key", "-noout", "-modulus").decode().strip().split("=")[1]
        key = {"kty": "RSA", "kid": "bench", "use": "sig", "alg": "RS256", "n": encoded(bytes.fromhex(modulus)),
               "e": encoded(b"\x01\x00\x01")}
        now = int(time.time())
        cache = self.directory / "cache" / "scitokens"
        cache.mkdir(parents=True)
        with sqlite3.connect(cache / "scitokens_cpp.sqllite") as database:
            database.execute(
                "CREATE TABLE keycache (issuer text UNIQUE PRIMARY KEY NOT NULL,keys text NOT NULL)")
            database.execute("INSERT INTO keycache VALUES (?, ?)", (ISSUER, json.dumps(
                {"jwks": {"keys": [key]}, "expires": now + 4 * 86400, "next_update": now + 2 * 86400})))
        database.close()
        for path in (cache.parent, cache, cache / "scitokens_cpp.sqllite"):
            path.chmod(0o777)
        self.file("scitoken", jwt(
            {"alg": "RS256", "kid": "bench", "typ": "JWT"},
            {"iss": ISSUER, "sub": "pilot", "aud": "ANY", "ver": "scitoken:2.0", "exp": now + 86400, "nbf": now - 5,
             "iat": now, "jti": secrets.token_hex(8), "scope": "condor:/READ condor:/ADVERTISE_STARTD"},
            lambda text: openssl("dgst", "-sha256", "-sign", f"{at}/issuer.key", data=text)), 0o600)
        self.file("map", f"SCITOKENS {ISSUER},pilot pilot@{DOMAIN}\n")

    def configuration(self) -> str:
        at = self.directory
        lines = [
            f"LOCAL_DIR = {at}", f"LOG = {at}/log", f"SPOOL = {at}/spool", f"LOCK = {at}/lock", f"RUN = {at}/lock",
            "CONDOR_HOST = 127.0.0.1", "COLLECTOR_HOST = 127.0.0.1:0", f"COLLECTOR_ADDRESS_FILE = {at}/log/address",
            "NETWORK_INTERFACE = 127.0.0.1", "BIND_ALL_INTERFACES = false", "USE_SHARED_PORT = false",
            "COLLECTOR_BOOTSTRAP_SSL_CERTIFICATE = false", f"UID_DOMAIN = {DOMAIN}", f"TRUST_DOMAIN = {DOMAIN}",
            f"SEC_PASSWORD_DIRECTORY = {at}/passwords", f"SEC_TOKEN_POOL_SIGNING_KEY_FILE = {at}/passwords/POOL",
            "SEC_DEFAULT_AUTHENTICATION = REQUIRED", "SEC_DEFAULT_ENCRYPTION = REQUIRED",
            "SEC_DEFAULT_INTEGRITY = REQUIRED", "SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS, SCITOKENS, SSL",
            f"AUTH_SSL_SERVER_CERTFILE = {at}/host.pem", f"AUTH_SSL_SERVER_KEYFILE = {at}/host.key",
            f"CERTIFICATE_MAPFILE = {at}/map", "FS_LOCAL_DIR = /tmp", "ALLOW_READ = *", "ALLOW_WRITE = *",
            "ALLOW_ADVERTISE_STARTD = *",
        ]
        if self.variant != "default":
            lines.append(f"AUTH_SSL_SERVER_CAFILE = {at}/ca.pem")
        if self.debug:
            lines.append(f"COLLECTOR_DEBUG = {self.debug}")
        return "\n".join(lines) + "\n"

    def start(self) -> subprocess.Popen:
        return self.spawn([str(self.program), "-f"], {
            "CONDOR_CONFIG": str(self.directory / "condor_config"), "XDG_CACHE_HOME": str(self.directory / "cache")})

    def published(self) -> int | None:
        path = self.directory / "log" / "address"
        found = re.match(r"<127\.0\.0\.1:(\d+)", path.read_text()) if path.exists() else None
        return int(found[1]) if found else None

    def log(self) -> str:
        path = self.directory / "log" / "CollectorLog"
        return super().log() + (path.read_text(errors="replace") if path.exists() else "")

    def identity(self, method: str) -> list[str]:
        """The options with which flocksim authenticates."""
        if method == "idtokens":
            tokens = [f"{self.directory}/token{number}" for number in range(TOKENS)]
        else:
            tokens = [f"{self.directory}/scitoken"] if method == "scitokens" else []
        trust = ["--authority", f"{self.directory}/ca.pem", "--alias", ALIAS] if method in ("ssl", "scitokens") else []
        return ["--method", method, *trust, *(part for token in tokens for part in ("--token", token))]


class Broker(Rival):
    """flockbrokerd with its defaults, save the bounds that are there for a single annex."""
    name = "broker"

    def __init__(self, core: int, programs: pathlib.Path) -> None:
        super().__init__(core)
        self.programs = programs

    def start(self) -> subprocess.Popen:
        settings = {"FLOCK_BROKER_ALIAS": ALIAS, "FLOCK_BROKER_MAX_ADS_PER_ANNEX": "1000000",
                    "FLOCK_BROKER_MAX_CONNECTIONS_PER_ANNEX": "1000000",
                    "FLOCK_BROKER_LOG": f"{self.directory}/log/broker"}
        return self.spawn([
            f"{self.programs}/flockbrokerd", "--state-directory", f"{self.directory}/state", "--listen", "127.0.0.1:0",
            "--uid-domain", DOMAIN, *(part for item in settings.items() for part in ("--set", "=".join(item)))])

    def published(self) -> int | None:
        found = re.search(r'"ready","address":"<127\.0\.0\.1:(\d+)', self.log())
        return int(found[1]) if found else None

    def admit(self) -> None:
        for method in ("scitokens", "idtokens"):
            for number in range(TOKENS):
                subprocess.run(
                    [f"{self.programs}/flockbroker", "annex", "create", f"{method}{number}", "--method", method,
                     "--pool", f"<127.0.0.1:{self.port}>", "--directory", f"{self.directory}/{method}{number}"],
                    check=True, stdout=subprocess.DEVNULL)

    def identity(self, method: str) -> list[str]:
        """The options with which flocksim authenticates."""
        names = {"idtokens": "tokens.d/annex", "scitokens": "annex.cap"}
        tokens = [f"{self.directory}/{method}{number}/{names[method]}" for number in range(TOKENS)
                  if method in names]
        trust = (["--authority", f"{self.directory}/scitokens0/broker-ca.pem", "--alias", ALIAS]
                 if method in ("ssl", "scitokens") else [])
        return ["--method", method, *trust, *(part for token in tokens for part in ("--token", token))]
