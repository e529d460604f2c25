#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""If, Loop and Scan from an ONNX file to numbers, compared with loops of NumPy:
as the model is, and compiled into files; and what is wrong with a model.

test-control.py GST_DNN
"""

import os
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
import onnx_writer
from onnx_writer import Graph

TOOL = sys.argv.pop()
X = numpy.array([1, 2, 3, 4], numpy.float32)
NUMBER, YES = ("int64", ()), ("bool", ())


def number(value):
    """A constant of rank 0."""
    return numpy.array(value, numpy.int64)


def body_of(nodes, carried, scanned=(), constants=None):
    """Of a loop: i, c and what is carried."""
    inputs = {"i": NUMBER, "c": YES}
    inputs.update({name: (4,) for name in carried})
    outputs = {"go": YES}
    outputs.update({name + "_next": (4,) for name in carried})
    outputs.update({name: (4,) for name in scanned})
    return Graph(inputs, nodes, constants or {}, outputs)


GO_ON = ("Identity", ["c"], ["go"], {})


class ControlTest(unittest.TestCase):
    """A folder each."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.model = self.get_path("model.onnx")

    def tearDown(self):
        self.folder.cleanup()

    def get_path(self, name):
        """In the test's folder."""
        return os.path.join(self.folder.name, name)

    def call(self, *arguments):
        """What the tool prints."""
        done = subprocess.run((TOOL,) + arguments, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def run_all(self, expected, **inputs):
        """The model, and its compiled form, give these outputs."""
        self.call("compile", self.model, "-o", self.get_path("compiled"))
        arguments = []
        for name, array in inputs.items():
            path = self.get_path(name + ".npy")
            numpy.save(path, array)
            arguments += ["-i", name + "=" + path]
        for model, names in ((self.model, list(expected)),
                             (self.get_path("compiled"), list(expected))):
            self.call("run", model, "-o", self.get_path("out"), *arguments)
            for name in names:
                numpy.testing.assert_allclose(
                    numpy.load(self.get_path("out/%s.npy" % name)),
                    expected[name], rtol=1e-5)

    def refuse(self, *parts):
        """One line, which has all of these."""
        done = subprocess.run(
            [TOOL, "compile", self.model, "-o", self.get_path("bad")],
            text=True, check=False, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    # ---- If

    def write_if(self, then_type="float32"):
        """x + 2 where the sum of x is above 0, else x - w."""
        two = numpy.full(4, 2, numpy.float32)
        then_branch = Graph({}, [
            ("Add", ["x", "two"], ["sum"], {}),
            ("Cast", ["sum"], ["a"],
             {"to": onnx_writer.TYPES[then_type]})],
            {"two": two}, {"a": (4,)})
        else_branch = Graph(
            {}, [("Sub", ["x", "w"], ["b"], {})], {}, {"b": (4,)})
        onnx_writer.write(
            self.model, {"x": (4,)}, [
                ("ReduceSum", ["x"], ["total"], {"keepdims": 0}),
                ("Greater", ["total", "zero"], ["above"], {}),
                ("If", ["above"], ["y"], {"then_branch": then_branch,
                                          "else_branch": else_branch})],
            {"w": X, "zero": numpy.array(0, numpy.float32)}, {"y": (4,)})

    def test_if(self):
        """Both branches, one after the other."""
        self.write_if()
        self.run_all({"y": X + 2}, x=X)
        self.run_all({"y": -X - X}, x=-X)
        text = self.call("inspect", self.model, "--plan")
        self.assertIn("then_branch:", text)
        self.assertIn("else_branch:", text)

    def test_constant_if(self):
        """A condition that hangs on the shape alone leaves no If."""
        branch = Graph({}, [("Squeeze", ["x"], ["a"], {})], {}, {"a": (4,)})
        other = Graph({}, [("Identity", ["x"], ["b"], {})], {}, {"b": (1, 4)})
        onnx_writer.write(
            self.model, {"x": (1, 4)}, [
                ("Shape", ["x"], ["shape"], {}),
                ("Gather", ["shape", "first"], ["n"], {"axis": 0}),
                ("Equal", ["n", "one"], ["is_one"], {}),
                ("If", ["is_one"], ["s"], {"then_branch": branch,
                                           "else_branch": other}),
                ("Relu", ["s"], ["y"], {})],
            {"first": number(0), "one": number(1)}, {"y": (4,)})
        self.assertNotIn("If", self.call("inspect", self.model, "--plan"))
        self.run_all({"y": X}, x=X[None])

    def test_if_types(self):
        """Branches of different types."""
        self.write_if("int64")
        self.refuse("node \"y-node\" (If): output 0 is int64 in then_branch, but "
                  "float32 in else_branch")

    # ---- Loop

    def write_loop(self, body, most="M", condition="", outputs=None,
                   inputs=None, constants=None):
        """Carries v from x on."""
        onnx_writer.write(
            self.model, dict({"x": (4,)}, **(inputs or {})),
            [("Loop", [most, condition, "x"], list(outputs or {"y": 0}),
              {"body": body})],
            constants or {}, outputs or {"y": (4,)})

    def test_for(self):
        """A known number of trips, and a slice of each."""
        body = body_of([
            GO_ON, ("Cast", ["i"], ["f"], {"to": 1}),
            ("Add", ["v", "f"], ["a"], {}), ("Mul", ["a", "x"], ["v_next"], {}),
            ("Sub", ["v_next", "v"], ["slice"], {})], ["v"], ["slice"])
        self.write_loop(body, outputs={"y": (4,), "slices": (5, 4)},
                        constants={"M": number(5)})
        value, slices = X, []
        for trip in range(5):
            value, before = (value + trip) * X, value
            slices.append(value - before)
        self.run_all({"y": value, "slices": numpy.array(slices)}, x=X)
        self.assertIn("body:", self.call("inspect", self.model, "--plan"))

    def test_while(self):
        """Early exit, trips that a frame tells, none at all."""
        body = body_of([
            ("Add", ["v", "x"], ["v_next"], {}),
            ("ReduceSum", ["v_next"], ["s"], {"keepdims": 0}),
            ("Less", ["s", "limit"], ["go"], {})], ["v"],
            constants={"limit": numpy.array(100, numpy.float32)})
        self.write_loop(body, inputs={"M": NUMBER})
        for most, trips in ((100, 9), (3, 3), (1, 1), (0, 0), (-5, 0)):
            self.run_all({"y": X * (trips + 1)}, x=X, M=number(most))

    def test_condition(self):
        """The first condition says that there is no trip."""
        body = body_of(
            [GO_ON, ("Add", ["v", "x"], ["v_next"], {})], ["v"])
        self.write_loop(body, condition="first", inputs={
            "M": NUMBER, "first": YES})
        for first in (True, False):
            self.run_all({"y": X * (4 if first else 1)}, x=X, M=number(3),
                         first=numpy.array(first))

    def test_nested(self):
        """A loop in a branch in a loop."""
        inner = Graph({"j": NUMBER, "d": YES, "u": (4,)}, [
            ("Identity", ["d"], ["d_next"], {}),
            ("Add", ["u", "v"], ["u_next"], {})], {},
            {"d_next": YES, "u_next": (4,)})
        then_branch = Graph({}, [
            ("Loop", ["three", "", "x"], ["p"], {"body": inner})],
            {}, {"p": (4,)})
        else_branch = Graph(
            {}, [("Sub", ["x", "v"], ["q"], {})], {}, {"q": (4,)})
        body = body_of([
            GO_ON, ("Mod", ["i", "two"], ["rest"], {}),
            ("Equal", ["rest", "one"], ["odd"], {}),
            ("If", ["odd"], ["v_next"], {"then_branch": then_branch,
                                         "else_branch": else_branch})], ["v"])
        self.write_loop(body, inputs={"M": NUMBER}, constants={
            "one": number(1), "two": number(2), "three": number(3)})
        for most in (0, 1, 4, 5):
            value = X
            for trip in range(most):
                value = X + 3 * value if trip % 2 else X - value
            self.run_all({"y": value}, x=X, M=number(most))

    def test_loop_types(self):
        """A carried value that becomes another type."""
        body = Graph(
            {"i": NUMBER, "c": YES, "v": (4,)},
            [GO_ON, ("Cast", ["v"], ["v_next"], {"to": 7})], {},
            {"go": YES, "v_next": (4,)})
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse("(Loop): carried value 0 is float32, but body gives int64")

    def test_capture_of_nothing(self):
        """The path tells where."""
        body = body_of(
            [GO_ON, ("Add", ["v", "nothing"], ["v_next"], {})], ["v"])
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse("node \"y-node/body/v_next-node\" (Add): input 1 \"nothing\" "
                  "is no tensor of the graph")

    def test_error_inside(self):
        """Of a node in the body: its path."""
        body = body_of([
            GO_ON, ("Add", ["v", "three"], ["v_next"], {})], ["v"],
            constants={"three": numpy.zeros(3, numpy.float32)})
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse("node \"y-node\" (Loop): body: ",
                  "node \"y-node/body/v_next-node\" (Add): ")

    def test_wrong_body(self):
        """An output too few."""
        body = Graph({"i": NUMBER, "c": YES, "v": (4,)}, [GO_ON], {},
                     {"go": YES})
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse("(Loop): body has 1 outputs, expected 2")

    def test_deep(self):
        """A hundred branches in each other."""
        branch = Graph({}, [("Relu", ["x"], ["y0"], {})], {}, {"y0": (4,)})
        for depth in range(1, 100):
            name = "y%d" % depth
            branch = Graph({}, [("If", ["b"], [name], {
                "then_branch": branch, "else_branch": branch
                if depth < 3 else Graph(
                    {}, [("Relu", ["x"], ["z%d" % depth], {})], {},
                    {"z%d" % depth: (4,)})})], {}, {name: (4,)})
        onnx_writer.write(self.model, {"x": (4,), "b": YES}, branch.nodes, {},
                          branch.outputs)
        self.refuse("subgraph \"y99-node/then_branch/y98-node/",
                  "lies more than 12 deep")

    # ---- shapes that a frame tells

    def test_trips_of_a_frame(self):
        """As many slices as the frame says, none at all too."""
        body = body_of([
            GO_ON, ("Add", ["v", "x"], ["v_next"], {}),
            ("Mul", ["v", "w"], ["slice"], {})], ["v"], ["slice"])
        self.write_loop(body, outputs={"y": (4,), "slices": ("n", 4)},
                        inputs={"M": NUMBER}, constants={"w": X})
        for most in (3, 0, 5):
            self.run_all({
                "y": X * (most + 1),
                "slices": numpy.array([X * (trip + 1) * X for trip in
                                       range(most)]).reshape(most, 4)},
                         x=X, M=number(most))

    def test_branches_of_other_shapes(self):
        """Each branch gives its own; what follows takes it."""
        then_branch = Graph(
            {}, [("Concat", ["x", "w"], ["a"], {"axis": 0})], {}, {"a": (8,)})
        else_branch = Graph({}, [("Relu", ["x"], ["b"], {})], {}, {"b": (4,)})
        onnx_writer.write(
            self.model, {"x": (4,)}, [
                ("ReduceSum", ["x"], ["total"], {"keepdims": 0}),
                ("Greater", ["total", "zero"], ["above"], {}),
                ("If", ["above"], ["s"], {"then_branch": then_branch,
                                          "else_branch": else_branch}),
                ("Add", ["s", "one"], ["y"], {})],
            {"w": X, "zero": numpy.array(0, numpy.float32),
             "one": numpy.ones(1, numpy.float32)}, {"y": ("n",)})
        self.run_all({"y": numpy.concatenate([X, X]) + 1}, x=X)
        self.run_all({"y": numpy.ones(4)}, x=-X)

    def test_loop_behind_data(self):
        """What is carried is as long as the frame says."""
        body = Graph({"i": NUMBER, "c": YES, "v": ("n",)}, [
            GO_ON, ("Add", ["v", "v"], ["v_next"], {})], {},
            {"go": YES, "v_next": ("n",)})
        onnx_writer.write(
            self.model, {"x": (4,)}, [
                ("Greater", ["x", "two"], ["above"], {}),
                ("Compress", ["x", "above"], ["some"], {"axis": 0}),
                ("Loop", ["M", "", "some"], ["y"], {"body": body})],
            {"two": numpy.array(2, numpy.float32), "M": number(3)},
            {"y": ("n",)})
        for array in (X, X + 1, X - 9):
            self.run_all({"y": array[array > 2] * 8}, x=array)

    def write_growing(self, most, nodes=(), outputs=None, condition=GO_ON):
        """Carries v, to which each trip adds x at its end."""
        body = Graph({"i": NUMBER, "c": YES, "v": ("n",)},
                     [("Concat", ["v", "x"], ["v_next"], {"axis": 0}),
                      condition] + list(nodes),
                     {"limit": numpy.array(30, numpy.float32)},
                     {"go": YES, "v_next": ("n",),
                      **{name: shape for name, shape in
                         (outputs or {}).items() if name != "y"}})
        names = [name + "s" if name != "y" else name
                 for name in outputs or {"y": 0}]
        onnx_writer.write(
            self.model, {"x": (4,), "M": NUMBER},
            [("Loop", ["M", "", "x"], names, {"body": body})],
            {"most": number(most)},
            {name: ("m",) + (("n",) if name != "y" else ()) for name in names})

    def refuse_frame(self, *parts, **inputs):
        """It is planned, but a frame fails with one line that has all."""
        arguments = []
        for name, array in inputs.items():
            numpy.save(self.get_path(name + ".npy"), array)
            arguments += ["-i", name + "=" + self.get_path(name + ".npy")]
        done = subprocess.run(
            [TOOL, "run", self.model, "-o", self.get_path("out")] + arguments,
            text=True, check=False, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_growing(self):
        """A carried value whose shape changes from trip to trip."""
        self.write_growing(0, [
            ("ReduceSum", ["v_next"], ["sum"], {"keepdims": 0})],
            {"y": 0, "sum": ()})
        for most in (3, 0, 20):
            self.run_all({
                "y": numpy.tile(X, most + 1),
                "sums": numpy.arange(2, most + 2) * X.sum()},
                x=X, M=number(most))

    def test_growing_without_end(self):
        """The limit of bytes ends it, and the error names it and the node."""
        self.write_growing(0)
        self.refuse_frame(
            "node \"y-node\" (Loop): in trip 8", "carried values and slices "
            "pass the limit of 1073741824 bytes, with what "
            "\"y-node/body/v_next-node\" gives", x=X, M=number(10 ** 9))

    def test_doubling_without_end(self):
        """The same by what the values really take."""
        body = Graph({"i": NUMBER, "c": YES, "v": ("n",)}, [
            GO_ON, ("Concat", ["v", "v"], ["v_next"], {"axis": 0})], {},
            {"go": YES, "v_next": ("n",)})
        self.write_loop(body, inputs={"M": NUMBER}, outputs={"y": ("n",)})
        self.refuse_frame("node \"y-node\" (Loop): in trip 25",
                          "the limit of 1073741824 bytes", x=X,
                          M=number(10 ** 9))
        self.run_all({"y": numpy.tile(X, 1024)}, x=X, M=number(10))

    def test_slices_of_unknown_count(self):
        """The loop ends by its own condition; so many slices there are."""
        body = body_of([
            ("Add", ["v", "x"], ["v_next"], {}),
            ("ReduceSum", ["v_next"], ["s"], {"keepdims": 0}),
            ("Less", ["s", "limit"], ["go"], {}),
            ("Mul", ["v", "w"], ["slice"], {})], ["v"], ["slice"],
            constants={"limit": numpy.array(100, numpy.float32)})
        self.write_loop(body, outputs={"y": (4,), "slices": ("n", 4)},
                        inputs={"M": NUMBER}, constants={"w": X})
        for most, trips in ((100, 9), (3, 3), (0, 0), (100, 9)):
            self.run_all({
                "y": X * (trips + 1),
                "slices": numpy.array([X * (trip + 1) * X for trip in
                                       range(trips)]).reshape(trips, 4)},
                         x=X, M=number(most))

    def test_frames(self):
        """One after the other in one process: nothing is left of the last."""
        body = body_of([
            ("Add", ["v", "x"], ["v_next"], {}),
            ("ReduceSum", ["v_next"], ["s"], {"keepdims": 0}),
            ("Less", ["s", "limit"], ["go"], {}),
            ("Mul", ["v", "w"], ["slice"], {})], ["v"], ["slice"],
            constants={"limit": numpy.array(100, numpy.float32)})
        onnx_writer.write(
            self.model, {"x": (4,), "M": NUMBER}, [
                ("Loop", ["M", "", "x"], ["y", "slices"], {"body": body}),
                ("ReduceSum", ["slices", "first"], ["sum"], {"keepdims": 0})],
            {"w": X, "first": numpy.array([0])}, {"y": (4,), "sum": (4,)})
        most = numpy.array([100, 2, 0, 100, 7, 0, 3])
        trips = numpy.minimum(most, 9)[:, None]
        numpy.save(self.get_path("x.npy"), numpy.tile(X, (len(most), 1)))
        numpy.save(self.get_path("M.npy"), most)
        self.call("run", "--frames", self.model, "-o", self.get_path("out"),
                  "-i", "x=" + self.get_path("x.npy"),
                  "-i", "M=" + self.get_path("M.npy"))
        for name, expected in (("y", X * (trips + 1)),
                               ("sum", X * X * (trips * (trips + 1) // 2))):
            numpy.testing.assert_array_equal(
                numpy.load(self.get_path("out/%s.npy" % name)), expected)

    def test_while_alone(self):
        """Without M: what follows takes the slices as they come."""
        body = body_of([
            ("Add", ["v", "x"], ["v_next"], {}),
            ("ReduceSum", ["v_next"], ["s"], {"keepdims": 0}),
            ("Less", ["s", "limit"], ["go"], {})], ["v"], ["s"],
            constants={"limit": numpy.array(100, numpy.float32)})
        body.outputs["s"] = ()
        onnx_writer.write(
            self.model, {"x": (4,)},
            [("Loop", ["", "", "x"], ["v", "sums"], {"body": body}),
             ("Add", ["sums", "one"], ["y"], {})],
            {"one": numpy.ones(1, numpy.float32)}, {"y": ("n",)})
        for x in (X, X * 8, X * 3):
            sums = [x.sum() * 2]
            while sums[-1] < 100:
                sums.append(sums[-1] + x.sum())
            self.run_all({"y": numpy.array(sums) + 1}, x=x)

    def test_slices_of_other_shapes(self):
        """Slices must be of one shape."""
        self.write_growing(0, [("Identity", ["v_next"], ["part"], {})],
                           {"y": 0, "part": ("n",)})
        self.refuse_frame("node \"y-node\" (Loop): trip 1 gives 12 for output 1, "
                          "those before 8", x=X, M=number(3))

    def test_growing_inside(self):
        """A loop that grows, inside one whose trips the frame tells."""
        inner = Graph({"j": NUMBER, "d": YES, "u": ("k",)}, [
            ("Identity", ["d"], ["d_next"], {}),
            ("Concat", ["u", "v"], ["u_next"], {"axis": 0})], {},
            {"d_next": YES, "u_next": ("k",)})
        body = Graph({"i": NUMBER, "c": YES, "v": ("n",)}, [
            GO_ON, ("Loop", ["two", "", "v"], ["v_next"], {"body": inner})],
            {"two": number(2)}, {"go": YES, "v_next": ("n",)})
        self.write_loop(body, inputs={"M": NUMBER}, outputs={"y": ("n",)})
        for most in (2, 0, 3):
            self.run_all({"y": numpy.tile(X, 3 ** most)}, x=X, M=number(most))

    def test_count_inside(self):
        """What is carried is as long as the data say, trip by trip."""
        body = Graph({"i": NUMBER, "c": YES, "v": ("n",)}, [
            GO_ON, ("Add", ["v", "one"], ["w"], {}),
            ("Greater", ["w", "three"], ["above"], {}),
            ("Compress", ["w", "above"], ["v_next"], {"axis": 0})],
            {"one": numpy.ones(1, numpy.float32),
             "three": numpy.array(3, numpy.float32)},
            {"go": YES, "v_next": ("n",)})
        self.write_loop(body, inputs={"M": NUMBER}, outputs={"y": ("n",)})
        for most in (0, 1, 2):
            value = X
            for _ in range(most):
                value = (value + 1)[value + 1 > 3]
            self.run_all({"y": value}, x=X, M=number(most))

    def test_count_in_a_branch(self):
        """A branch whose output is as long as the data say."""
        then_branch = Graph({}, [
            ("Greater", ["x", "two"], ["above"], {}),
            ("Compress", ["x", "above"], ["a"], {"axis": 0})],
            {"two": numpy.array(2, numpy.float32)}, {"a": ("n",)})
        else_branch = Graph({}, [("Neg", ["x"], ["b"], {})], {}, {"b": (4,)})
        onnx_writer.write(
            self.model, {"x": (4,), "above_all": YES}, [
                ("If", ["above_all"], ["s"], {"then_branch": then_branch,
                                              "else_branch": else_branch}),
                ("Add", ["s", "one"], ["y"], {})],
            {"one": numpy.ones(1, numpy.float32)}, {"y": ("n",)})
        for x in (X, X + 1, X - 9):
            self.run_all({"y": x[x > 2] + 1}, x=x, above_all=numpy.array(True))
            self.run_all({"y": 1 - x}, x=x, above_all=numpy.array(False))

    def test_error_in_a_trip(self):
        """A shape that a trip brings fits nothing: the path tells where."""
        body = Graph({"i": NUMBER, "c": YES, "v": (4,)}, [
            GO_ON, ("Greater", ["v", "x"], ["above"], {}),
            ("Compress", ["v", "above"], ["v_next"], {"axis": 0})], {},
            {"go": YES, "v_next": (4,)})
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse_frame(
            "node \"y-node\" (Loop): body: ", "node \"y-node/body/above-node\" "
            "(Greater): shapes 0 and 4 can't be broadcast", x=X, M=number(2))
        self.run_all({"y": X[:0]}, x=X, M=number(1))

    def test_condition_of_body(self):
        """It is one boolean."""
        body = Graph({"i": NUMBER, "c": YES, "v": (4,)},
                     [("Greater", ["v", "x"], ["go"], {}),
                      ("Add", ["v", "x"], ["v_next"], {})], {},
                     {"go": ("bool", (4,)), "v_next": (4,)})
        self.write_loop(body, inputs={"M": NUMBER})
        self.refuse("(Loop): the condition that body gives is 4, expected one "
                    "element")

    # ---- Scan

    def test_scan(self):
        """Two inputs and two outputs along several axes, both ways."""
        three = (3,)
        body = Graph({"s": three, "a": three, "b": three}, [
            ("Add", ["s", "a"], ["t"], {}), ("Mul", ["t", "b"], ["s_next"], {}),
            ("Identity", ["s_next"], ["p"], {}), ("Add", ["t", "w"], ["q"], {})],
            {}, {"s_next": three, "p": three, "q": three})
        onnx_writer.write(
            self.model, {"start": three, "A": (6, 3), "B": (3, 6)},
            [("Scan", ["start", "A", "B"], ["last", "P", "Q"], {
                "body": body, "num_scan_inputs": 2,
                "scan_input_axes": [0, -1], "scan_input_directions": [0, 1],
                "scan_output_axes": [1, -2],
                "scan_output_directions": [1, 0]})],
            {"w": X[:3]}, {"last": three, "P": (3, 6), "Q": (6, 3)})
        random = numpy.random.RandomState(5)
        start, a, b = (random.rand(*shape).astype(numpy.float32)
                       for shape in ((3,), (6, 3), (3, 6)))
        state, p, q = start, [], []
        for step in range(6):
            between = state + a[step]
            state = between * b[:, 5 - step]
            p.insert(0, state)
            q.append(between + X[:3])
        self.run_all({"last": state, "P": numpy.array(p).T,
                      "Q": numpy.array(q)}, start=start, A=a, B=b)

    def test_scan_lengths(self):
        """Scanned inputs of different lengths."""
        body = Graph({"a": (3,), "b": (3,)},
                     [("Add", ["a", "b"], ["p"], {})], {}, {"p": (3,)})
        onnx_writer.write(
            self.model, {"A": (6, 3), "B": (5, 3)},
            [("Scan", ["A", "B"], ["P"], {"body": body, "num_scan_inputs": 2})],
            {}, {"P": (5, 3)})
        self.refuse("(Scan): input 1 has 5 slices, another 6")


if __name__ == "__main__":
    unittest.main()
