# SPDX-License-Identifier: MIT
"""Runs Debian's own cloud-init on NoCloud seeds, each in a root file system of its own: an overlay on this computer's that is
thrown away. Started in namespaces of its own (mount, pid, net, uts). Reads a list of seeds from stdin and writes for each what
cloud-init made of it, as one line of JSON."""

import base64
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import traceback

package, work = sys.argv[1:3]
modules_directory = os.path.join(package, "usr/lib/python3/dist-packages")
sys.path.insert(0, modules_directory)
sys.dont_write_bytecode = True
NEW_MOUNTS = 0x00020000
LIMIT_SECONDS = 90
WORKERS = 3
# What touches users, keys and files; the others want a network, a disk or systemd.
MODULES = ["write_files", "users_groups", "ssh", "set_passwords"]


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def make_root(seed):
    """A root with cloud-init as Debian configures it, and the seed where NoCloud looks for it."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount("-t", "tmpfs", "tmpfs", work)
    upper, root = os.path.join(work, "upper"), os.path.join(work, "root")
    for directory in ("upper", "inner", "root"):
        os.mkdir(os.path.join(work, directory))
    options = "lowerdir=/,upperdir=%s,workdir=%s" % (upper, os.path.join(work, "inner"))
    mount("-t", "overlay", "overlay", "-o", options, root)
    mount("-t", "proc", "proc", os.path.join(root, "proc"))
    mount("--bind", "/dev", os.path.join(root, "dev"))
    code = os.path.join(root, "usr/lib/python3/dist-packages/cloudinit")
    os.makedirs(code, exist_ok=True)
    mount("--bind", os.path.join(modules_directory, "cloudinit"), code)
    shutil.copytree(os.path.join(package, "etc/cloud"), os.path.join(root, "etc/cloud"), dirs_exist_ok=True)
    with open(os.path.join(root, "etc/cloud/cloud.cfg.d/99_test.cfg"), "w") as file:
        # Other kinds of host keys take seconds to make.
        file.write("datasource_list: [NoCloud]\nnetwork: {config: disabled}\nssh_genkeytypes: [ed25519]\n")
    if os.path.isdir(os.path.join(root, "run/systemd/system")):
        shutil.rmtree(os.path.join(root, "run/systemd"))
    place = os.path.join(root, "var/lib/cloud/seed/nocloud")
    os.makedirs(place)
    for name in ("meta-data", "user-data", "vendor-data"):
        if os.path.exists(os.path.join(seed, name)):
            shutil.copy(os.path.join(seed, name), place)
    return root, upper


def parts_of(message):
    from cloudinit import handlers

    parts = []

    def note(_data, name, payload, headers):
        raw = payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogateescape")
        parts.append({"type": headers["Content-Type"], "name": name, "digest": hashlib.sha256(raw).hexdigest()})

    handlers.walk(message, note, {})
    return parts


def act():
    """The stage in which cloud-init reads its documents and makes users, as cloudinit/cmd/main.py goes about it."""
    import logging

    from cloudinit import importer, stages, url_helper, user_data
    from cloudinit.settings import PER_ALWAYS, PER_INSTANCE

    def without_network(url, **_options):
        """There is no network here: whoever is asked answers this."""
        if url.startswith("file://") or url.startswith("/"):
            return url_helper.read_file_or_url(url)
        return url_helper.StringResponse(b"#cloud-config\nusers: [{name: included}]\n")

    user_data.read_file_or_url = without_network
    warnings = []

    class Notes(logging.Handler):
        def emit(self, record):
            if record.levelno >= logging.WARNING:
                warnings.append(record.getMessage()[:300])

    logging.getLogger().addHandler(Notes())
    init = stages.Init()
    init.read_cfg()
    init.initialize()
    init.fetch(existing="trust")
    init.instancify()
    init.setup_datasource()
    init.update()
    result = {"failed": [], "parts": parts_of(init.datasource.get_userdata())}
    try:
        init.cloudify().run("consume_data", init.consume_data, args=[PER_INSTANCE], freq=PER_INSTANCE)
        init.consume_data(PER_ALWAYS)
    except Exception:
        result["failed"].append("consume_data")
    cloud = init.cloudify()
    result["config"] = init.cfg
    for name in MODULES:
        module = importer.import_module("cloudinit.config.cc_%s" % name)
        try:
            module.handle(name, init.cfg, cloud, logging.getLogger(name), [])
        except Exception:
            result["failed"].append(name)
    result["warnings"] = warnings
    result["instance"] = os.path.realpath("/var/lib/cloud/instance")
    return result


def in_root(root, report):
    os.chroot(root)
    os.chdir("/")
    sys.path.insert(0, "/usr/lib/python3/dist-packages")
    output = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(output, number)
    try:
        result = act()
    except BaseException:
        result = {"error": traceback.format_exc()[-2000:]}
    with os.fdopen(report, "w") as file:
        json.dump(result, file, default=str)


def files_of(upper):
    files = {}
    for directory, names, leaves in os.walk(upper):
        for leaf in leaves + [name for name in names if os.path.islink(os.path.join(directory, name))]:
            path = os.path.join(directory, leaf)
            status = os.lstat(path)
            entry = {"mode": oct(stat.S_IMODE(status.st_mode)), "uid": status.st_uid, "gid": status.st_gid}
            if stat.S_ISREG(status.st_mode) and status.st_size < 1024 * 1024:
                with open(path, "rb") as file:
                    entry["content"] = base64.b64encode(file.read()).decode()
            elif stat.S_ISLNK(status.st_mode):
                entry["link"] = os.readlink(path)
            files[path[len(upper):]] = entry
    return files


def run(case):
    root, upper = make_root(case["seed"])
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        in_root(root, writer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    result = json.loads(text) if text else {"error": "cloud-init ended without a word"}
    if case.get("waysIn") and "instance" in result:
        # The stage is over, and so, soon, are the others.
        instance = os.path.join(root, result["instance"].lstrip("/"))
        open(os.path.join(instance, "boot-finished"), "w").close()
        until = time.monotonic() + 60
        while not os.path.exists(os.path.join(instance, "sem/berth_way_in")):
            if time.monotonic() > until:
                result["error"] = "the way in was not looked after"
                break
            time.sleep(0.1)
    result["files"] = files_of(upper)
    return result


def run_apart(case):
    """In a process of its own, whose namespaces go with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(LIMIT_SECONDS)
        try:
            result = run(case)
        except BaseException:
            result = {"error": traceback.format_exc()[-2000:]}
        with os.fdopen(writer, "w") as file:
            json.dump(result, file)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    with open(os.path.join(work, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a line is longer than a pipe takes at once
        print(json.dumps({"name": case["name"], **(json.loads(text) if text else {"error": "nothing came"})}), flush=True)


def main():
    from cloudinit import stages  # noqa: F401  once for all

    os.makedirs(work, exist_ok=True)
    cases = json.load(sys.stdin)
    workers = []
    for number in range(WORKERS):
        worker = os.fork()
        if worker == 0:
            for case in cases[number::WORKERS]:
                run_apart(case)
            os._exit(0)
        workers.append(worker)
    for worker in workers:
        os.waitpid(worker, 0)


main()
