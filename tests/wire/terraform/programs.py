"""The two programs of the Terraform check: the command line and the provider.

OpenTofu is built from its Go module. The official provider could not be had that way: the
newest release that the module proxy gave us is 1.18.1 of 2019, and 5.20 to 5.26 it refused.
So one is given by SOSIE_TERRAFORM_PROVIDER, or ours, in standin/, takes its place.
"""

import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOFU_MODULE, TOFU_VERSION = "github.com/opentofu/opentofu", "v1.12.6"


class NoToolchain(Exception):
    """There is no Go to build with."""


class NotBuilt(Exception):
    """A program is neither there nor to be built."""


def cache() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "sosie-terraform"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def go(*arguments: str, folder: pathlib.Path) -> str:
    program = shutil.which("go")
    if program is None:
        raise NoToolchain
    polite = ["nice", "-n", "15"] if shutil.which("nice") else []
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    command = [*polite, program, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise NotBuilt(f"go {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(source: pathlib.Path, package: str, target: pathlib.Path, flags: str) -> pathlib.Path:
    """Build one package of a Go module's source, unless target is there already."""
    if target.exists():
        return target
    began = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    go("build", "-trimpath", "-ldflags", flags, "-o", str(fresh), package, folder=source)
    fresh.rename(target)
    took, size = time.monotonic() - began, target.stat().st_size / 1e6
    print(f"built {target} in {took:.0f} s, {size:.0f} MB", flush=True)
    return target


def command_line() -> pathlib.Path:
    """The tofu or terraform of SOSIE_TERRAFORM_CLI, else OpenTofu from the cache."""
    given = os.environ.get("SOSIE_TERRAFORM_CLI")
    if given:
        found = shutil.which(given)
        if found is None:
            raise NotBuilt(f"SOSIE_TERRAFORM_CLI={given} is not a program")
        return pathlib.Path(found).resolve()
    target = cache() / f"opentofu-{TOFU_VERSION}" / "tofu"
    if target.exists():
        return target
    # Its go.mod has a replace directive, which `go install module@version` refuses, so the
    # module is copied out of Go's read-only module cache and built as the main module.
    with tempfile.TemporaryDirectory(dir=cache()) as name:
        room = pathlib.Path(name)
        module = json.loads(go("mod", "download", "-json", f"{TOFU_MODULE}@{TOFU_VERSION}", folder=room))
        source = room / "opentofu"
        shutil.copytree(module["Dir"], source)
        for folder, _, _ in os.walk(source):
            pathlib.Path(folder).chmod(stat.S_IRWXU)  # the copies are read-only too, and have to be removed again
        return build(source, "./cmd/tofu", target, f"-s -w -X {TOFU_MODULE}/version.dev=no")


def provider() -> tuple[pathlib.Path, str]:
    """The provider's program, and what to call it in the report."""
    given = os.environ.get("SOSIE_TERRAFORM_PROVIDER")
    source = pathlib.Path(given).resolve() if given else HERE / "standin"
    if source.is_file():
        return source, f"{source} (SOSIE_TERRAFORM_PROVIDER)"
    if not (source / "go.mod").is_file():
        raise NotBuilt(f"SOSIE_TERRAFORM_PROVIDER={given} is neither a program nor a Go module's source")
    content = hashlib.sha256()
    for file in sorted([source / "go.mod", source / "go.sum", *source.rglob("*.go")]):
        content.update(file.read_bytes())
    target = cache() / f"provider-{content.hexdigest()[:12]}" / "terraform-provider-cloudflare"
    name = f"built from {source} (SOSIE_TERRAFORM_PROVIDER)" if given else "our stand-in, not the official provider"
    return build(source, ".", target, "-s -w"), name
