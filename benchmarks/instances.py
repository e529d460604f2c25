#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Frames a second of a pipeline with its defaults, beside processes that run it
with one thread each.

    benchmarks/instances.py MODEL.onnx…           # quiet
    benchmarks/instances.py --busy MODEL.onnx…    # and beside busy loops
    benchmarks/instances.py --latency MODEL.onnx… # one frame at a time
    benchmarks/instances.py --live MODEL.onnx…    # age of a camera's frames

A picture of 1920×1080 in NV12 that imagefreeze repeats goes through
dnnpreprocess and dnnbin into a fakesink. The yardstick are as many processes as
there are CPUs, all at once, with threads=1 instances=1: their sum. Both take
turns, round by round; figures are medians. GST_PLUGIN_PATH names the plugin's
folder. Needs python3-gi and gst-plugins-good.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SOURCE = ("videotestsrc num-buffers=1 ! video/x-raw,format=NV12,width=1920,"
          "height=1080,framerate=30/1 ! imagefreeze %s ! ")
TEAM = "threads=0 instances=1"
FRAMES = SOURCE + "dnnpreprocess ! dnnbin name=bin model=%s %s ! %s"


# --- in a process of its own: one pipeline, a line of figures ---

def start(launch):
    import gi  # pylint: disable=import-outside-toplevel
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst  # pylint: disable=import-outside-toplevel
    Gst.init(None)
    pipeline = Gst.parse_launch(launch)
    pipeline.set_state(Gst.State.PLAYING)
    if pipeline.get_state(60 * Gst.SECOND)[0] == Gst.StateChangeReturn.FAILURE:
        message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        sys.exit(message.parse_error()[0].message if message else "no start")
    return Gst, pipeline


def count(launch, begin, seconds):
    """Frames a second in a window of the monotonic clock."""
    Gst, pipeline = start(launch)
    module = pipeline.get_by_name("module0")
    if time.monotonic() > begin:
        sys.exit("the pipeline started too late")
    time.sleep(begin - time.monotonic())
    first, at = module.get_property("frames"), time.monotonic()
    time.sleep(seconds)
    n = module.get_property("frames") - first
    rate = n / (time.monotonic() - at)
    # threads that run while a process ends run code that has gone
    pipeline.set_state(Gst.State.NULL)
    return rate


def measure_age(launch, seconds):
    """Frames a second of a live source, and how old they are when they leave:
    median and worst, in ms."""
    Gst, pipeline = start(launch)
    ages = []

    def note(pad, info):
        clock = pipeline.get_clock()
        now = clock.get_time() - pipeline.get_base_time()
        ages.append((now - info.get_buffer().pts) / 1e6)
        return Gst.PadProbeReturn.OK

    pad = pipeline.get_by_name("sink").get_static_pad("sink")
    time.sleep(2)
    pad.add_probe(Gst.PadProbeType.BUFFER, note)
    time.sleep(seconds)
    pipeline.set_state(Gst.State.NULL)
    return [len(ages) / seconds, statistics.median(ages), max(ages)]


def measure_latency(launch, n):
    """An appsrc that waits for each result: ms a frame."""
    Gst, pipeline = start(launch)
    source, sink = (pipeline.get_by_name(name) for name in ("src", "sink"))
    caps = pipeline.get_by_name("bin").get_static_pad("sink").query_caps(None)
    caps = caps.fixate()
    source.set_property("caps", caps)
    size = 4
    for dimension in caps.get_structure(0).get_string("dimensions").split(":"):
        size *= int(dimension)
    data = bytes(size)
    times = []
    for i in range(n):
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = i * Gst.MSECOND
        at = time.monotonic()
        source.emit("push-buffer", buffer)
        sink.emit("pull-sample")
        times.append((time.monotonic() - at) * 1e3)
    pipeline.set_state(Gst.State.NULL)
    return statistics.median(times[n // 2:])


def run_child(args):
    kind, launch, *numbers = args
    function = {"count": count, "age": measure_age,
                "latency": measure_latency}[kind]
    numbers = [float(n) for n in numbers]
    if kind == "latency":
        numbers = [int(n) for n in numbers]
    print(json.dumps(function(launch, *numbers)))


# --- the parent ---

def begin_child(kind, launch, *numbers):
    return subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--child", kind, launch] +
        [str(n) for n in numbers], stdout=subprocess.PIPE, text=True)


def end_child(child):
    output = child.communicate()[0]
    if child.returncode:
        sys.exit(child.returncode)
    return json.loads(output)


def count_frames(args, model, settings, n_processes):
    launch = FRAMES % ("", model, settings, "fakesink sync=false")
    begin = time.monotonic() + args.load
    children = [begin_child("count", launch, begin, args.seconds)
                for _ in range(n_processes)]
    return sum(end_child(child) for child in children)


def measure_rates(args, model):
    """The defaults, and as many processes as CPUs; in turns."""
    rates = {"auto": [], "processes": []}
    for _ in range(args.rounds):
        rates["auto"].append(count_frames(args, model, "", 1))
        rates["processes"].append(count_frames(
            args, model, "threads=1 instances=1", len(os.sched_getaffinity(0))))
    return {key: statistics.median(rates[key]) for key in rates}


def measure_team(args, model):
    return statistics.median(
        count_frames(args, model, TEAM, 1) for _ in range(args.rounds))


def begin_busy():
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in os.sched_getaffinity(0)]


def measure_busy(args, model):
    """The defaults or a team, without and with a busy loop for each CPU."""
    settings = TEAM if args.team else ""
    quiet, busy = [], []
    for _ in range(args.rounds):
        quiet.append(count_frames(args, model, settings, 1))
        loops = begin_busy()
        try:
            busy.append(count_frames(args, model, settings, 1))
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()
    return statistics.median(quiet), statistics.median(busy)


def report_rates(args, model):
    rates = measure_rates(args, model)
    row = [rates["auto"], rates["processes"],
           rates["auto"] / rates["processes"]]
    return ("frames/s: instances=auto, processes, ratio", row)


def report_busy(args, model):
    quiet, busy = measure_busy(args, model)
    return ("frames/s: quiet, beside busy loops, ratio",
            [quiet, busy, busy / quiet])


def report_team(args, model):
    return ("frames/s: threads=0 instances=1", [measure_team(args, model)])


def report_latency(args, model):
    launch = ("appsrc name=src format=time ! dnnbin name=bin model=%s %s ! "
              "appsink name=sink sync=false async=false")
    row = []
    for settings in ("threads=1 instances=1", "threads=0 instances=1",
                     "max-in-flight=1", ""):
        row.append(statistics.median(
            end_child(begin_child("latency", launch % (model, settings), 200))
            for _ in range(args.rounds)))
    return ("ms a frame, one at a time: one thread, team, max-in-flight=1, auto",
            row + [row[3] / row[0]])


def report_live(args, model):
    launch = FRAMES % ("is-live=true", model, "max-in-flight=3 drop=oldest",
                       "fakesink name=sink sync=false")
    loops = begin_busy() if args.busy else []
    try:
        row = end_child(begin_child("age", launch, args.seconds))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    return ("live, 30 frames/s: frames/s, age ms median, worst", row)


def main():
    if sys.argv[1:2] == ["--child"]:
        run_child(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description="Instances of a stage.")
    parser.add_argument("models", nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--team", action="store_true")
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--load", type=float, default=3,
                        help="seconds until all processes run (3)")
    args = parser.parse_args()
    report = (report_live if args.live else report_latency if args.latency
              else report_busy if args.busy else report_team if args.team
              else report_rates)
    for model in args.models:
        what, row = report(args, model)
        print(f"{os.path.basename(model)}: {what}: " +
              ", ".join(f"{figure:.2f}" for figure in row), flush=True)


if __name__ == "__main__":
    main()
