# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""peers.txt → which of them take part, and a Python that has them."""

import collections
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

Peer = collections.namedtuple("Peer", "name packages is_reference")


def read_list():
    peers = {}
    with open(os.path.join(HERE, "peers.txt"), encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                packages = [w for w in words[1:] if w != "reference"]
                peers[words[0]] = Peer(words[0], packages,
                                       "reference" in words[1:])
    return peers


def choose(names):
    """@names: with commas between; None: the references."""
    peers = read_list()
    if names == "none":
        return []
    if names is None:
        return [peer for peer in peers.values() if peer.is_reference]
    unknown = set(names.split(",")) - set(peers)
    if unknown:
        sys.exit(f"no such peer: {', '.join(sorted(unknown))} (peers.txt has "
                 f"{', '.join(peers)})")
    return [peers[name] for name in names.split(",")]


def has_packages(python, modules):
    test = "; ".join(f"import {module}" for module in modules)
    return subprocess.run([python, "-c", test], check=False,
                          capture_output=True).returncode == 0


def prepare(peers, python, makes_models, scratch):
    """The path of a Python with @peers, and NumPy if it @makes_models: @python,
    or one made in @scratch."""
    if python:
        return python
    if not peers and (not makes_models or has_packages(sys.executable,
                                                       ["numpy"])):
        return sys.executable
    folder = os.path.join(scratch, "peers")
    made = os.path.join(folder, "bin", "python")
    if not os.path.exists(made):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    packages = ["numpy"] + [p for peer in peers for p in peer.packages]
    subprocess.run([made, "-m", "pip", "install", "--quiet",
                    "--disable-pip-version-check"] + packages, check=True)
    return made
