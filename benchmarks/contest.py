# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""A model and a number of threads → the times of all contenders, in turn."""

import json
import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

WARM_UP = 2  # frames a turn that don't count: what was asleep is cold


def makes_models(names):
    return not names or any(not name.endswith(".onnx")
                            for name in names.split(","))


def find_models(names, python, scratch):
    """Paths; networks that make-models.py knows are made first."""
    folder = os.path.join(scratch, "models")
    wanted = names.split(",") if names else []
    made = [name for name in wanted if not name.endswith(".onnx")]
    if made or not wanted:
        done = subprocess.run(
            [python, os.path.join(HERE, "make-models.py"), folder] + made,
            check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
    if not wanted:
        return done.stdout.split()
    return [name if name.endswith(".onnx")
            else os.path.join(folder, name + ".onnx") for name in wanted]


def read_inputs(gst_dnn, path):
    """NAME=SHAPE of the model's inputs."""
    text = subprocess.run([gst_dnn, "inspect", path], check=True,
                          capture_output=True, text=True).stdout
    return [f"{name}={shape.replace('×', ',')}" for name, shape in re.findall(
        r"^ *input (\S+): \w+ (\S+)$", text, re.MULTILINE)]


class Contender:
    """A process that runs frames when it is asked; stopped else."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.read()
        self.version, self.load_ms = ready["version"], ready["load-ms"]
        self.times, self.peak_mb = [], 0
        self.frames = 1
        self.process.send_signal(signal.SIGSTOP)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} has ended: "
                     f"{' '.join(map(str, self.process.args))}")
        return json.loads(line)

    def ask(self, n):
        self.process.stdin.write(f"{n}\n")
        self.process.stdin.flush()
        answer = self.read()
        self.peak_mb = answer["peak-mb"]
        return answer["ms"]

    def take_turn(self, seconds):
        """As many frames as last time took @seconds."""
        self.process.send_signal(signal.SIGCONT)
        times = self.ask(WARM_UP + self.frames)[WARM_UP:]
        self.process.send_signal(signal.SIGSTOP)
        self.frames = max(3, int(seconds * 1e3 / get_median(times)))
        return times

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def get_median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def start_all(args, path, threads, peers, python):
    shapes = read_inputs(args.gst_dnn, path)
    if len(shapes) != 1 and peers:
        sys.exit(f"{path} has {len(shapes)} inputs; peers are given one")
    yield Contender("gst-dnn", [
        args.gst_dnn, "bench", "--child=serve", f"--threads={threads}",
        *args.bench_option, path])
    for peer in peers:
        yield Contender(peer.name, [
            python, os.path.join(HERE, "contenders", peer.name + ".py"), path,
            str(threads), shapes[0]])


def measure_primitives(args, path, threads):
    """What of a frame is spent inside oneDNN; ms."""
    done = subprocess.run(
        [args.gst_dnn, "bench", "--json", "--rounds=1", f"--threads={threads}",
         *args.bench_option, path], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["primitives-ms"]


def hold(args, path, threads, peers, python):
    """Rounds of turns; the first one only finds out how many frames fit."""
    contenders = list(start_all(args, path, threads, peers, python))
    for number in range(args.rounds + 1):
        for contender in contenders:
            times = contender.take_turn(args.turn)
            if number > 0:
                contender.times += times
    for contender in contenders:
        contender.end()
    result = {
        "model": os.path.splitext(os.path.basename(path))[0],
        "threads": threads,
        "contenders": {c.name: summarise(c) for c in contenders},
        "references": [peer.name for peer in peers if peer.is_reference],
    }
    if not peers:
        result["primitives-ms"] = measure_primitives(args, path, threads)
    return result


def summarise(contender):
    return {
        "version": contender.version,
        "ms": get_median(contender.times),
        "min-ms": min(contender.times),
        "frames": len(contender.times),
        "load-ms": contender.load_ms,
        "peak-mb": contender.peak_mb,
    }
