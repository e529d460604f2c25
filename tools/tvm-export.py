#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""ONNX file, or Python file with a Relax module → folder of modules that TVM
has compiled, with their configuration, for gst-dnn to run without TVM.

gst-dnn-tvm-export MODEL.onnx|MODULE.py -o DIR [--cut TENSOR]... [options]

One file, which needs nothing of gst-dnn: copy it to where TVM is.

Needs a Python with the packages apache-tvm (0.27 or newer) and, for ONNX
files, onnx; and a C++ compiler as linker. All shapes must be known.

TVM's passes legalise and fuse the operators; each function that comes of it
goes into the module's library (tvm-ffi, symbol __tvm_ffi_NAME), each call of
one is a node of the graph JSON. See docs/tvm.md and docs/formats.md.
"""

import argparse
import contextlib
import difflib
import importlib.util
import io
import json
import math
import os
import re
import struct
import sys
import warnings

PROGRAM = os.path.basename(__file__)
LIST_MAGIC, ARRAY_MAGIC = 0xF7E58D4F05049CB7, 0xDD5E40F096B4A13F
CPU = 1  # DLPack's device type
TYPE_CODES = {"int": 0, "uint": 1, "float": 2, "bfloat": 4}
MIN_PARALLEL = 1 << 14  # loop iterations that are worth a thread's start
MAX_NAMES = 20  # in a message
NEW_OPSET = 13  # from which TVM knows all operators as they are


def make_parser():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="compile an ONNX or Relax module with TVM for gst-dnn")
    parser.add_argument("model", metavar="MODEL.onnx|MODULE.py")
    parser.add_argument("-o", "--output", metavar="DIR", required=True,
                        help="folder to write (made if missing)")
    parser.add_argument("--cut", metavar="TENSOR", action="append", default=[],
                        help="a stage ends at this tensor (ONNX) or variable "
                        "(Relax), or at several: a,b; may be repeated")
    parser.add_argument("--shape", metavar="NAME=1,3,224,224", default=[],
                        action="append", help="shape of an input (ONNX)")
    parser.add_argument("--mcpu", metavar="CPU", help="LLVM's name of the CPU "
                        "to compile for (default: any of this kind)")
    return parser


if __name__ == "__main__" and {"-h", "--help"} & set(sys.argv[1:]):
    make_parser().parse_args()  # needs no TVM
try:
    import numpy as np
    import tvm
    from tvm import relax, s_tir, tirx
    from tvm.relax import transform
    from tvm.support.cc import get_cc
except ImportError as import_error:
    sys.exit("%s: %s; this Python (%s) needs what \"pip install "
             "'apache-tvm>=0.27' onnx numpy\" installs"
             % (PROGRAM, import_error, sys.executable))


class ExportError(Exception):
    """What the user is told."""


# ---- where modules come from ------------------------------------------------
def quote(names):
    """Names for a message."""
    return ", ".join('"%s"' % name for name in names)


def suggest(name, kind, names):
    """What could be meant, for a message: the nearest names, or the last."""
    names = list(names)
    near = difflib.get_close_matches(name, names, 3)
    if near:
        return "did you mean %s?" % quote(near)
    return "%s: %s%s" % (kind, "…, " if len(names) > MAX_NAMES else "",
                         quote(names[-MAX_NAMES:]))


def parse_shapes(options):
    """NAME=1,3,4 → {NAME: [1, 3, 4]}"""
    shapes = {}
    for option in options:
        name, _, text = option.rpartition("=")
        try:
            shapes[name] = [int(size) for size in text.split(",")]
        except ValueError:
            raise ExportError("--shape %s: is not NAME=1,3,224,224" % option
                              ) from None
    return shapes


def load_onnx(path):
    """(the package, the model)"""
    try:
        import onnx
    except ImportError as error:
        raise ExportError('%s; "pip install onnx" in this Python'
                          % error) from error
    try:
        return onnx, onnx.load(path)
    except OSError:
        raise
    except Exception as error:
        raise ExportError("is no ONNX file (%s)" % get_line(error)) from error


def convert(onnx, model, shapes):
    """ONNX → Relax. Models for old operator sets are tried as they are, then
    upgraded: TVM reads few operators as they once were."""
    from tvm.relax.frontend.onnx import from_onnx
    opset = max((item.version for item in model.opset_import
                 if item.domain in ("", "ai.onnx")), default=NEW_OPSET)
    options = {"shape_dict": shapes, "sanitize_input_names": False}
    with contextlib.redirect_stdout(io.StringIO()):  # it prints on errors
        try:
            return from_onnx(model, **options)
        except Exception:
            if opset >= NEW_OPSET:
                raise
            from onnx import version_converter
            model = version_converter.convert_version(model, NEW_OPSET)
            return from_onnx(model, **options)


def read_declared(onnx, outputs, has_shapes):
    """What the file says of its outputs: {name: (type, shape or none)}; None
    for a dimension that is open, or that --shape may have changed."""
    declared = {}
    for item in outputs:
        tensor = item.type.tensor_type
        if not tensor.elem_type:
            continue
        sizes = [None if has_shapes else dim.dim_value or None
                 for dim in tensor.shape.dim]
        declared[item.name] = (
            onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name,
            sizes if tensor.HasField("shape") else None)
    return declared


def check_declared(name, declared, shape, dtype):
    """TVM must have understood an output as the file means it."""
    expected, sizes = declared
    if dtype == expected and (sizes is None or len(sizes) == len(shape) and all(
            a in (b, None) for a, b in zip(sizes, shape))):
        return
    raise ExportError('TVM makes %s %s of the output "%s", which is %s %s in '
                      "the file" % (dtype, shape, name, expected,
                                    [size or "?" for size in sizes or []]))


class Model:
    """What is to be exported."""

    def __init__(self, module, names=None, n_outputs=None):
        self.module = module
        self.names = names  # of what main returns
        self.n_outputs = n_outputs  # how many of them are outputs
        self.declared = {}  # what the file says of outputs
        self.params = {}  # names by value
        for param in module["main"].params:
            check_tensor(param.name, param.ty)


def import_onnx(path, cuts, shapes):
    """Relax doesn't keep the names of tensors: those of cuts become
    outputs."""
    onnx, model = load_onnx(path)
    graph = model.graph
    params = {item.name: onnx.numpy_helper.to_array(item)
              for item in graph.initializer}
    inputs = [item.name for item in graph.input if item.name not in params]
    for name in shapes:
        if name not in inputs:
            raise ExportError('--shape: "%s" is no input (%s)'
                              % (name, suggest(name, "inputs", inputs)))
    results = [name for node in graph.node for name in node.output if name]
    outputs = [item.name for item in graph.output]
    n_outputs = len(outputs)
    declared = read_declared(onnx, graph.output, bool(shapes))
    for name in cuts:
        if name not in results:
            raise ExportError('--cut: "%s" is no result of a node (%s)'
                              % (name, suggest(name, "results", results)))
        if name not in outputs:
            outputs.append(name)
            graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    result = Model(convert(onnx, model, shapes), outputs, n_outputs)
    result.declared, names = declared, result.params
    for name, array in params.items():
        key = get_value_key(array)
        names[key] = None if key in names else name  # no name for twins
    return result


def get_line(error):
    """The first line of what an exception says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def get_value_key(array):
    """The same for params that differ in nothing but shape."""
    return str(array.dtype), array.tobytes()


def import_python(path):
    """The file's one IRModule with a function "main"."""
    spec = importlib.util.spec_from_file_location("exported", path)
    code = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = code
    spec.loader.exec_module(code)
    found = {name: value for name, value in vars(code).items()
             if isinstance(value, tvm.IRModule)
             and "main" in [var.name_hint for var in value.get_global_vars()]}
    if len(found) != 1:
        raise ExportError('%d IRModules with a function "main" (%s), there '
                          "must be one" % (len(found), quote(found) or "none"))
    return Model(found.popitem()[1])


def check_tensor(name, kind):
    """(shape, type) of a Relax type that is a tensor of known shape."""
    if not isinstance(kind, relax.TensorType):
        raise ExportError('"%s" is %s; inputs and results must be tensors'
                          % (name, kind))
    sizes = kind.shape if isinstance(kind.shape, relax.ShapeExpr) else None
    if sizes is None or not all(isinstance(size, tirx.IntImm)
                                for size in sizes):
        raise ExportError('"%s" is %s: TVM compiles for fixed shapes, each '
                          "dimension must be a number (for inputs of ONNX "
                          "files: --shape NAME=1,3,224,224)" % (name, kind))
    return [int(size) for size in sizes], str(kind.dtype)


# ---- cutting ----------------------------------------------------------------
class Cutting:
    """One Relax function → one for each stage. Stage k holds what the tensors
    of cut k need and no earlier stage has, the last one the rest."""

    def __init__(self, model, cuts):
        module, names = model.module, model.names
        self.module = module
        self.main = module["main"]
        self.bindings = [binding for block in self.main.body.blocks
                         for binding in block.bindings]
        self.maker = {hash(b.var): b for b in self.bindings}
        self.stage = {}  # hash of a variable → number
        body = self.main.body.body
        values = self.get_fields(self.resolve(body), body)
        names = names or ["output%d" % i for i in range(len(values))]
        self.values = {b.var.name: b.var for b in reversed(self.bindings)}
        self.values.update(zip(names, values))
        taken, self.names = {param.name for param in self.main.params}, {}
        for value, name in [(b.var, b.var.name) for b in self.bindings] + \
                list(zip(values, names)):
            if is_var(value):
                self.names[hash(value)] = make_unique(name, taken)
        self.outputs = list(zip(names, values))[:model.n_outputs]
        self.assign_all(cuts)

    def resolve(self, value):
        """What a variable that stands for another value stands for."""
        while is_var(value) and hash(value) in self.maker:
            maker = self.maker[hash(value)].value
            if not is_var(maker) and not isinstance(maker, relax.Tuple):
                break
            value = maker
        return value

    def get_fields(self, value, whole):
        """The results of main, one by one."""
        fields = list(value) if isinstance(value, relax.Tuple) else [value]
        if not fields or not all(isinstance(field.ty, relax.TensorType) for field in fields):
            raise ExportError("main returns %s; its results must be tensors, "
                              "or one tuple of them" % whole.ty)
        return [self.resolve(field) for field in fields]

    def assign(self, values, stage):
        """Gives a stage what the values need and no stage has; how many."""
        stack, count = list(values), 0
        while stack:
            key = hash(stack.pop())
            if key not in self.maker or key in self.stage:
                continue
            self.stage[key] = stage
            count += 1
            stack += get_uses(self.maker[key].value)
        for binding in self.bindings:  # tuples don't cross
            if isinstance(binding.value, relax.TupleGetItem):
                key = hash(binding.value.tuple_value)
                if key in self.stage:
                    self.stage.setdefault(hash(binding.var), self.stage[key])
        return count

    def assign_all(self, cuts):
        """Every binding that a result needs gets a stage."""
        for stage, names in enumerate(cuts):
            for name in names:
                if hash(self.values.get(name)) not in self.maker:
                    raise ExportError(
                        '--cut: "%s" is nothing that an operator of main '
                        "makes (%s)" % (name, suggest(
                            name, "variables", self.values)))
            if not self.assign([self.values[name] for name in names], stage):
                raise ExportError(
                    "--cut %s: its stage would be empty; give cuts in the "
                    "order of the data, each tensor once" % ",".join(names))
        self.n_stages = len(cuts) + 1
        if not self.assign([v for _, v in self.outputs], len(cuts)) and cuts:
            raise ExportError("--cut %s: no stage is left behind it"
                              % ",".join(cuts[-1]))

    def get_source(self, value):
        """The stage that makes an output; what none makes is the last's."""
        return self.stage.get(hash(value), self.n_stages - 1)

    def make_stage(self, stage):
        """(module, [(name, input)], [(name, output)])"""
        mine = [b for b in self.bindings
                if self.stage.get(hash(b.var)) == stage]
        needs = [v for b in mine for v in get_uses(b.value)]
        outputs = [(name, value) for name, value in self.outputs
                   if self.get_source(value) == stage]
        needs += [value for _, value in outputs if is_var(value)]
        used = {hash(value) for value in needs}
        params = [p for p in self.main.params if hash(p) in used or
                  (stage == 0 and not self.is_used(p))]
        inputs, aliases = [(p.name, p) for p in params], []
        for value in needs:
            if self.stage.get(hash(value), stage) == stage or \
                    hash(value) not in used:
                continue
            used.remove(hash(value))
            inputs.append((self.names[hash(value)], value))
            params.append(relax.Var(inputs[-1][0], value.ty))
            aliases.append(relax.VarBinding(value, params[-1]))
        done = {hash(value) for _, value in outputs}
        for binding in mine:
            if hash(binding.var) not in done and self.crosses(binding.var,
                                                              stage):
                outputs.append((self.names[hash(binding.var)], binding.var))
        fields = relax.Tuple([value for _, value in outputs])
        kind = relax.TupleType([value.ty for _, value in outputs])
        result = relax.Var("results", kind)
        block = relax.DataflowBlock(
            aliases + mine + [relax.VarBinding(result, fields)])
        function = relax.Function(params, relax.SeqExpr([block], result), kind)
        functions = dict(self.module.functions.items())
        functions[self.module.get_global_var("main")] = function.with_attr(
            "global_symbol", "main")
        return tvm.IRModule(functions), inputs, outputs

    def is_used(self, param):
        """Whether any stage has this input."""
        return any(param.same_as(v) for b in self.bindings
                   if hash(b.var) in self.stage
                   for v in get_uses(b.value)) or any(
                       param.same_as(value) for _, value in self.outputs)

    def crosses(self, var, stage):
        """Whether a later stage uses what this one makes."""
        return any(self.stage.get(hash(b.var), -1) > stage and
                   any(var.same_as(v)
                       for v in get_uses(b.value))
                   for b in self.bindings)


def is_var(value):
    """Relax's two kinds."""
    return isinstance(value, (tvm.ir.Var, relax.DataflowVar))


def make_unique(name, names):
    """A name that is not among the names, and now is."""
    unique, count = name, 1
    while unique in names:
        count += 1
        unique = "%s_%d" % (name, count)
    names.add(unique)
    return unique


def get_uses(value):
    """The variables in a value."""
    return list(relax.analysis.free_vars(value))


# ---- compiling --------------------------------------------------------------
CONSTANT = type(relax.const(0.0))


def parallelise(function):
    """The outer loops of each block of a function, on the module's threads;
    and an inner loop that the compiler can make vectors of."""
    if "tirx.is_scheduled" in (function.attrs or {}):
        return function
    try:
        schedule = s_tir.Schedule(function)
        blocks = schedule.get_child_blocks(schedule.get_sblock("root"))
    except s_tir.ScheduleError:  # written by hand, without blocks
        return function
    for block in blocks:
        loops = schedule.get_loops(block)
        kinds = [item.iter_type for item in schedule.get(block).iter_vars]
        sizes = [schedule.get(loop).extent for loop in loops]
        spatial = [loop for loop, kind in zip(loops, kinds) if kind == 0]
        others = [loop for loop, kind in zip(loops, kinds) if kind != 0]
        if len(loops) != len(kinds) or len(spatial) < 2 or \
                not all(isinstance(size, tirx.IntImm) for size in sizes) or \
                math.prod(int(size) for size in sizes) < MIN_PARALLEL:
            continue
        try:
            schedule.reorder(*spatial[:-1], *others, spatial[-1])
            outer = schedule.fuse(*spatial[:-1])
            schedule.parallel(outer)
            if others:
                schedule.decompose_reduction(block, others[0])
        except s_tir.ScheduleError:
            continue  # as much of it as this block allows
    return schedule.mod["main"].with_attrs(function.attrs)


@relax.expr_functor.mutator
class CheckedTake(relax.PyExprMutator):
    """Indices that are data of a frame must not lead out of the tensor: TVM's
    default reads wherever they point to."""

    def visit_call_(self, call):  # pylint: disable=arguments-renamed
        """Clips them, where they are not known."""
        call = super().visit_call_(call)
        if getattr(call.op, "name", "") != "relax.take" or \
                call.attrs.mode != "fast" or \
                isinstance(call.args[1], CONSTANT) or \
                not isinstance(call.args[1].ty, relax.TensorType):
            return call
        return relax.op.take(*call.args, axis=call.attrs.axis, mode="clip")


def check_takes(module):
    """main with checked indices."""
    main = module.get_global_var("main")
    mutator = CheckedTake(module)
    mutator.builder_.update_func(main, mutator.visit_expr(module[main]))
    return mutator.builder_.get()


def lower(module):
    """Operators → calls of functions, and the functions."""
    return tvm.transform.Sequential([
        transform.CanonicalizeBindings(), transform.LegalizeOps(),
        transform.AnnotateTIROpPattern(), transform.FoldConstant(),
        transform.FuseOps(), transform.FuseTIR(),
        transform.RewriteDataflowReshape(), transform.CanonicalizeBindings(),
        transform.DeadCodeElimination(), transform.AttachGlobalSymbol(),
    ])(module)


def build_library(module, target, path):
    """The functions → shared library; False where there are none."""
    functions = {var: function for var, function in module.functions.items()
                 if isinstance(function, tirx.PrimFunc)}
    if functions and not get_cc():
        raise ExportError("no C++ compiler is found (CXX, g++, clang++), which "
                          "links the library")
    for var, function in functions.items():
        packed = re.findall(r'call_c?packed\w*\(\s*"([^"]+)',
                            function.script())
        if packed:
            raise ExportError(
                'function "%s" calls %s of TVM\'s runtime, which is not '
                "provided" % (var.name_hint, quote(sorted(set(packed)))))
        functions[var] = parallelise(function)
    if functions:
        tirx.build(tvm.IRModule(functions), target).export_library(path)
    return bool(functions)


# ---- graph and params -------------------------------------------------------
class Graph:
    """A lowered main → the graph executor's JSON, and its params."""

    def __init__(self, module, inputs, outputs, param_names):
        self.module, self.param_names = module, param_names
        self.nodes, self.rows, self.params = [], [0], {}
        self.types, self.shapes, self.storage = [], [], []
        self.names = set()
        self.values = {}  # hash of variable or constant → [node, output, 0]
        main = module["main"]
        for (name, _), param in zip(inputs, main.params):
            self.values[hash(param)] = self.add_null(name, param.ty)
        for block in main.body.blocks:
            for binding in block.bindings:
                self.values[hash(binding.var)] = self.add(binding)
        self.heads = self.get(main.body.body)
        self.outputs = [name for name, _ in outputs]

    def add_node(self, node, kinds):
        """The results of a node with results of these types."""
        self.nodes.append(node)
        for kind in kinds:
            shape, dtype = check_tensor(node["name"], kind)
            self.storage.append(len(self.types))
            self.types.append(dtype)
            self.shapes.append(shape)
        self.rows.append(len(self.types))
        return [[len(self.nodes) - 1, i, 0] for i in range(len(kinds))]

    def add_null(self, name, kind):
        """An input or a param."""
        name = make_unique(name, self.names)
        return self.add_node({"op": "null", "name": name, "inputs": []},
                             [kind])[0]

    def get(self, value):
        """What stands for a value; a list of such for a tuple."""
        if isinstance(value, relax.Tuple):
            return [self.get(field) for field in value]
        if isinstance(value, CONSTANT) and hash(value) not in self.values:
            array = value.value.numpy()
            name = self.param_names.get(get_value_key(array)) or "param"
            self.values[hash(value)] = self.add_null(name, value.ty)
            self.params[self.nodes[-1]["name"]] = array, str(value.ty.dtype)
        if hash(value) not in self.values:
            raise ExportError("%s is no tensor" % value)
        return self.values[hash(value)]

    def add(self, binding):
        """The node of a binding, or what it is another name of."""
        value, name = binding.value, binding.var.name
        if isinstance(value, relax.TupleGetItem):
            return self.get(value.tuple_value)[value.index]
        if not isinstance(value, relax.Call):
            return self.get(value)
        op = getattr(value.op, "name", None) or str(value.op)
        if op == "relax.call_tir" and len(value.args) == 2:
            symbol = self.module[value.args[0]].attrs["global_symbol"]
            inputs = self.get(value.args[1])
        elif op == "relax.reshape":  # without copy
            symbol, inputs = "__nop", [self.get(value.args[0])]
        else:
            called = [arg.global_symbol for arg in [value.op, *value.args]
                      if isinstance(arg, relax.ExternFunc)]
            raise ExportError(
                '"%s": %s' % (name, 'calls "%s" of TVM\'s runtime, which is not '
                              "provided" % called[0] if called else
                              "the operator %s is no function that a library "
                              "can have" % op))
        is_tuple = isinstance(value.ty, relax.TupleType)
        kinds = list(value.ty.fields) if is_tuple else [value.ty]
        results = self.add_node({
            "op": "tvm_op", "name": make_unique(name, self.names),
            "attrs": {"func_name": str(symbol), "num_inputs": str(len(inputs)),
                      "num_outputs": str(len(kinds)), "flatten_data": "0"},
            "inputs": inputs}, kinds)
        if symbol == "__nop":
            node, index, _ = inputs[0]
            self.storage[-1] = self.storage[self.rows[node] + index]
        return results if is_tuple else results[0]

    def check_outputs(self, declared):
        """Against what the file says of them."""
        for name, (node, index, _) in zip(self.outputs, self.heads):
            if name in declared:
                row = self.rows[node] + index
                check_declared(name, declared[name], self.shapes[row],
                               self.types[row])

    def to_dict(self):
        """For JSON."""
        return {
            "nodes": self.nodes,
            "arg_nodes": [i for i, node in enumerate(self.nodes)
                          if node["op"] == "null"],
            "heads": self.heads, "node_row_ptr": self.rows,
            "attrs": {"dltype": ["list_str", self.types],
                      "shape": ["list_shape", self.shapes],
                      "storage_id": ["list_int", self.storage]},
            "metadata": {"params": list(self.params),
                         "outputs": self.outputs}}

    def write_params(self, path):
        """TVM's dictionary of arrays."""
        with open(path, "wb") as file:
            file.write(struct.pack("<3Q", LIST_MAGIC, 0, len(self.params)))
            for name in map(str.encode, self.params):
                file.write(struct.pack("<Q", len(name)) + name)
            file.write(struct.pack("<Q", len(self.params)))
            for name, (array, dtype) in self.params.items():
                kind = dtype.rstrip("0123456789")
                code, bits = (1, 1) if dtype == "bool" else (
                    TYPE_CODES.get(kind), int(dtype[len(kind):] or 0))
                if code is None:
                    raise ExportError('param "%s" has the type %s, which is '
                                      "not known" % (name, dtype))
                file.write(struct.pack("<2Q3i2BH", ARRAY_MAGIC, 0, CPU, 0,
                                       array.ndim, code, bits, 1))
                file.write(struct.pack("<%dq" % (array.ndim + 1),
                                       *array.shape, array.nbytes))
                file.write(array.tobytes())


# ---- the folder -------------------------------------------------------------
def write_json(folder, name, value):
    """One file of the folder; answers its name."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    return name


def make_connections(cutting, stages):
    """pipeline_config: inputs by the names of main's, outputs in order."""
    places = {}  # hash of a value → (stage, output)
    modules, inputs = [], []
    for stage, (_, _, outputs) in enumerate(stages):
        modules.append({"mod_idx": stage, "cpu_affinity": "", "output": [
            {"output_idx": i, "dependencies": []}
            for i in range(len(outputs))]})
        for i, (_, value) in enumerate(outputs):
            places.setdefault(hash(value), (stage, i))
    for stage, (_, stage_inputs, _) in enumerate(stages):
        for name, value in stage_inputs:
            source = cutting.stage.get(hash(value))
            if source is None:
                inputs.append({"global_interface_name": name, "mod_idx": stage,
                               "module_interface_name": name})
                continue
            source, index = places[hash(value)]
            modules[source]["output"][index]["dependencies"].append(
                {"mod_idx": stage, "input_name": name})
    used = [0] * len(stages)
    for number, (_, value) in enumerate(cutting.outputs):
        stage = cutting.get_source(value)
        modules[stage]["output"][used[stage]]["dependencies"].append(
            {"global_output_index": number})
        used[stage] += 1
    return {"module_connection": modules, "input_connection": inputs,
            "param_connection": []}


def export(options):
    """Everything."""
    cuts = [cut.split(",") for cut in options.cut]
    if options.model.endswith(".py"):
        if options.shape:
            raise ExportError("--shape: only for ONNX files")
        model = import_python(options.model)
    else:
        model = import_onnx(options.model, sum(cuts, []),
                            parse_shapes(options.shape))
    cutting = Cutting(model, cuts)
    stages = [cutting.make_stage(i) for i in range(cutting.n_stages)]
    kind = "llvm" if tvm.runtime.enabled("llvm") else "c"
    target = tvm.target.Target(
        {"kind": kind, "mcpu": options.mcpu} if options.mcpu else kind)
    folder = options.output
    os.makedirs(folder, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # none, unless all is whole
        os.remove(os.path.join(folder, "config"))
    modules = []
    for i, (stage, inputs, outputs) in enumerate(stages):
        with target:
            lowered = lower(check_takes(stage))
        graph = Graph(lowered, inputs, outputs, model.params)
        graph.check_outputs(model.declared)
        library = "lib%d.so" % i
        has_library = build_library(lowered, target,
                                    os.path.join(folder, library))
        graph.write_params(os.path.join(folder, "params%d" % i))
        modules.append({
            "mod_idx": i, "lib_name": library if has_library else "onednn",
            "json_name": write_json(folder, "json%d" % i, graph.to_dict()),
            "params_name": "params%d" % i, "dev": "%d,0" % CPU})
    write_json(folder, "config", {
        "load_config": write_json(folder, "load_config", modules),
        "pipeline_config": write_json(folder, "pipeline_config",
                                      make_connections(cutting, stages))})


def main():
    """Exit code 1 and one line, if it fails."""
    options = make_parser().parse_args()
    warnings.simplefilter("ignore")
    try:
        export(options)
    except Exception as error:  # pylint: disable=broad-exception-caught
        if os.environ.get("TVM_EXPORT_TRACEBACK"):
            raise
        place, text = options.model, get_line(error)
        if isinstance(error, OSError) and error.strerror:
            place, text = error.filename or place, error.strerror
        elif not isinstance(error, ExportError):
            text = "%s: %s" % (type(error).__name__, text)
        sys.exit("%s: %s: %s" % (PROGRAM, place, text))
    print(os.path.join(options.output, "config"))


if __name__ == "__main__":
    main()
