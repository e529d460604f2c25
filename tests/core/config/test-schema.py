#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""JSON Schemas against the loader: the same verdict on a table of files.

A row changes one place of a good file. Rows marked LOADER are wrong in a way
that a schema cannot say (they need other files, or arithmetic): there the
schema must be content and the loader must not, so that a row is never marked
without need.

test-schema.py LOAD_FILES SCHEMA_DIR FORMATS_MD
"""

import copy
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import warnings

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP no python3-jsonschema")
    sys.exit(0)

LOAD_FILES, SCHEMA_DIR, FORMATS = sys.argv[1:4]
GOOD, BAD, LOADER = "good", "bad", "loader"
REMOVE = object()
FILES = {"config": "config", "load_config": "load_config",
         "pipeline_config": "pipeline_config", "graph": "json1"}


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Schemas:
    """All schemas, which refer to each other."""

    def __init__(self, folder):
        self.by_name = {}
        for name in FILES:
            self.by_name[name] = read_json(
                os.path.join(folder, name + ".schema.json"))
        self.store = {schema["$id"]: schema
                      for schema in self.by_name.values()}
        for schema in self.by_name.values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def make_validator(self, name):
        schema = self.by_name[name]
        try:
            from referencing import Registry, Resource
            registry = Registry().with_resources(
                (uri, Resource.from_contents(one))
                for uri, one in self.store.items())
            return jsonschema.Draft202012Validator(schema, registry=registry)
        except ImportError:  # before 4.18
            resolver = jsonschema.RefResolver.from_schema(
                schema, store=self.store)
            return jsonschema.Draft202012Validator(schema, resolver=resolver)

    def accepts(self, name, value):
        return self.make_validator(name).is_valid(value)


# (name, file, path in the file, new value, verdict)
ROWS = [
    ("unchanged", "config", (), None, GOOD),
    ("config-unknown-key", "config", ("extra",), 1, BAD),
    ("config-missing-key", "config", ("load_config",), REMOVE, BAD),
    ("config-number", "config", ("load_config",), 7, BAD),
    ("config-empty-path", "config", ("load_config",), "", BAD),
    ("config-inline-empty", "config", ("pipeline_config",), {}, BAD),
    ("config-no-file", "config", ("load_config",), "load_conf", LOADER),
    ("config-escape", "config", ("load_config",), "../load_conf", LOADER),
    ("config-beside", "config", ("load_config",), "../load_config", GOOD),

    ("load-object", "load_config", (), {}, BAD),
    ("load-item", "load_config", (0,), 1, BAD),
    ("load-unknown-key", "load_config", (0, "json"), "json0", BAD),
    ("load-no-number", "load_config", (0, "mod_idx"), REMOVE, BAD),
    ("load-negative", "load_config", (0, "mod_idx"), -1, BAD),
    ("load-above", "load_config", (0, "mod_idx"), 65536, BAD),
    ("load-text", "load_config", (0, "mod_idx"), "0", BAD),
    ("load-fraction", "load_config", (0, "mod_idx"), 0.5, BAD),
    ("load-true", "load_config", (0, "mod_idx"), True, BAD),
    ("load-twice", "load_config", (0, "mod_idx"), 1, LOADER),
    ("load-no-lib", "load_config", (0, "lib_name"), REMOVE, BAD),
    ("load-no-json", "load_config", (0, "json_name"), REMOVE, BAD),
    ("load-empty-json", "load_config", (0, "json_name"), "", BAD),
    ("load-no-params", "load_config", (0, "params_name"), REMOVE, LOADER),
    ("load-params-null", "load_config", (0, "params_name"), None, BAD),
    ("load-no-dev", "load_config", (0, "dev"), REMOVE, GOOD),
    ("load-semicolon", "load_config", (0, "dev"), "1;0", GOOD),
    ("load-dev-type", "load_config", (0, "dev"), "1", GOOD),
    ("load-dev-empty", "load_config", (0, "dev"), "", GOOD),
    ("load-cuda", "load_config", (0, "dev"), "2,0", BAD),
    ("load-dev-word", "load_config", (0, "dev"), "cpu", BAD),
    ("load-dev-long", "load_config", (0, "dev"), "1,0,0", BAD),
    ("load-both", "load_config", (0, "element"), "identity", BAD),
    ("load-element", "load_config", (3,),
     {"mod_idx": 7, "element": "identity"}, LOADER),  # nothing is bound to it
    ("load-element-blank", "load_config", (3,),
     {"mod_idx": 7, "element": " "}, BAD),
    ("load-element-number", "load_config", (3,),
     {"mod_idx": 7, "element": 1}, BAD),

    ("pipeline-text", "pipeline_config", (), "x", BAD),
    ("pipeline-empty", "pipeline_config", (), {}, BAD),
    ("pipeline-unknown-key", "pipeline_config", ("modules",), [], BAD),
    ("inputs-left-out", "pipeline_config", ("input_connection",), REMOVE,
     GOOD),
    ("inputs-empty", "pipeline_config", ("input_connection",), [], LOADER),
    ("inputs-object", "pipeline_config", ("input_connection",), {}, BAD),
    ("params-left-out", "pipeline_config", ("param_connection",), REMOVE,
     GOOD),
    ("input-no-name", "pipeline_config",
     ("input_connection", 0, "global_interface_name"), REMOVE, BAD),
    ("input-empty-name", "pipeline_config",
     ("input_connection", 0, "global_interface_name"), "", BAD),
    ("input-unknown", "pipeline_config",
     ("input_connection", 0, "module_interface_name"), "x", LOADER),
    ("input-shared", "pipeline_config",
     ("input_connection", 1, "global_interface_name"), "data_a", GOOD),
    ("param-no-module", "pipeline_config",
     ("param_connection", 0, "mod_idx"), 7, LOADER),
    ("param-key", "pipeline_config", ("param_connection", 0, "name"), "x",
     BAD),
    ("affinity-left-out", "pipeline_config",
     ("module_connection", 0, "cpu_affinity"), REMOVE, GOOD),
    ("affinity-list", "pipeline_config",
     ("module_connection", 0, "cpu_affinity"), "0, 2-3,5", GOOD),
    ("affinity-word", "pipeline_config",
     ("module_connection", 0, "cpu_affinity"), "all", BAD),
    ("affinity-comma", "pipeline_config",
     ("module_connection", 0, "cpu_affinity"), "0,", BAD),
    ("affinity-backwards", "pipeline_config",
     ("module_connection", 0, "cpu_affinity"), "3-1", LOADER),
    ("threads", "pipeline_config", ("module_connection", 0, "threads"), 1024,
     GOOD),
    ("threads-zero", "pipeline_config", ("module_connection", 0, "threads"),
     0, BAD),
    ("threads-above", "pipeline_config", ("module_connection", 0, "threads"),
     1025, BAD),
    ("queue-depth-zero", "pipeline_config",
     ("module_connection", 0, "queue_depth"), 0, BAD),
    ("instances-above", "pipeline_config",
     ("module_connection", 0, "instances"), 65, BAD),
    ("instances-none", "pipeline_config",
     ("module_connection", 0, "instances"), 0, BAD),
    ("instances-auto", "pipeline_config",
     ("module_connection", 0, "instances"), "auto", GOOD),
    ("instances-word", "pipeline_config",
     ("module_connection", 0, "instances"), "all", BAD),
    ("precision", "pipeline_config", ("module_connection", 0, "precision"),
     "int8", LOADER),
    ("precision-word", "pipeline_config",
     ("module_connection", 0, "precision"), "half", BAD),
    ("dev-cuda", "pipeline_config", ("module_connection", 0, "dev"), "2,0",
     BAD),
    ("dev-differs", "pipeline_config", ("module_connection", 0, "dev"),
     "1,1", LOADER),
    ("setting-unknown", "pipeline_config", ("module_connection", 0, "thread"),
     1, BAD),
    ("output-left-out", "pipeline_config", ("module_connection", 2, "output"),
     REMOVE, BAD),
    ("output-range", "pipeline_config",
     ("module_connection", 0, "output", 1, "output_idx"), 2, LOADER),
    ("output-negative", "pipeline_config",
     ("module_connection", 0, "output", 1, "output_idx"), -1, BAD),
    ("dependencies-left-out", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependencies"), REMOVE, BAD),
    ("dependent-too", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependent"), [], BAD),
    ("dependency-empty", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependencies", 0), {}, BAD),
    ("dependency-both", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependencies", 0),
     {"mod_idx": 1, "input_name": "x", "global_output_index": 0}, BAD),
    ("dependency-own", "pipeline_config",
     ("module_connection", 1, "output", 0, "dependencies", 0),
     {"mod_idx": 1, "input_name": "data_1"}, LOADER),
    ("global-output-gap", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependencies", 0,
      "global_output_index"), 1, LOADER),
    ("global-output-above", "pipeline_config",
     ("module_connection", 2, "output", 0, "dependencies", 0,
      "global_output_index"), 256, BAD),

    ("state-key", "pipeline_config", ("state_connection",),
     [{"mod_idx": 1, "output_idx": 0, "input_name": "data_1", "first": 0}],
     BAD),
    ("state-no-input", "pipeline_config", ("state_connection",),
     [{"mod_idx": 1, "output_idx": 0}], BAD),
    ("state-no-list", "pipeline_config", ("state_connection",), {}, BAD),
    ("state-none", "pipeline_config", ("state_connection",), [], GOOD),
    ("state-bound", "pipeline_config", ("state_connection",),
     [{"mod_idx": 1, "output_idx": 0, "input_name": "data_1"}], LOADER),

    ("graph-unchanged", "graph", (), None, GOOD),
    ("graph-list", "graph", (), [], BAD),
    ("graph-key", "graph", ("head",), [], BAD),
    ("graph-no-nodes", "graph", ("nodes",), REMOVE, BAD),
    ("graph-no-metadata", "graph", ("metadata",), REMOVE, GOOD),
    ("graph-op", "graph", ("nodes", 0, "op"), "input", BAD),
    ("graph-empty-name", "graph", ("nodes", 0, "name"), "", BAD),
    ("graph-name-twice", "graph", ("nodes", 0, "name"), "data_1", LOADER),
    ("graph-null-inputs", "graph", ("nodes", 0, "inputs"), [[0, 0, 0]], BAD),
    ("graph-node-key", "graph", ("nodes", 0, "type"), "x", BAD),
    ("graph-no-attrs", "graph", ("nodes", 3, "attrs"), REMOVE, BAD),
    ("graph-attr", "graph", ("nodes", 3, "attrs", "group"), "2", GOOD),
    ("graph-attr-number", "graph", ("nodes", 3, "attrs", "group"), 2, BAD),
    ("graph-no-func-name", "graph", ("nodes", 3, "attrs", "func_name"),
     REMOVE, BAD),
    ("graph-no-outputs", "graph", ("nodes", 3, "attrs", "num_outputs"), "0",
     BAD),
    ("graph-num-inputs", "graph", ("nodes", 3, "attrs", "num_inputs"), "2",
     LOADER),
    ("graph-flatten", "graph", ("nodes", 3, "attrs", "flatten_data"), "2",
     BAD),
    ("graph-slots", "graph", ("nodes", 3, "attrs", "input_slots"),
     "[0, 1, 5]", GOOD),
    ("graph-slots-text", "graph", ("nodes", 3, "attrs", "input_slots"),
     "0, 1", BAD),
    ("graph-post-ops", "graph", ("nodes", 3, "attrs", "post_ops"),
     "[{\"op\": \"Relu\"}]", GOOD),
    ("graph-post-ops-inside", "graph", ("nodes", 3, "attrs", "post_ops"),
     "[{\"opp\": \"Relu\"}]", LOADER),
    ("graph-edge-short", "graph", ("nodes", 3, "inputs", 0), [0], BAD),
    ("graph-edge-of-two", "graph", ("nodes", 3, "inputs", 0), [0, 0], GOOD),
    ("graph-edge-negative", "graph", ("nodes", 3, "inputs", 0), [-1, 0, 0],
     BAD),
    ("graph-edge-range", "graph", ("nodes", 3, "inputs", 0), [17, 0, 0],
     LOADER),
    ("graph-no-heads", "graph", ("heads",), [], BAD),
    ("graph-arg-nodes-twice", "graph", ("arg_nodes",), [0, 1, 1], BAD),
    ("graph-arg-nodes-short", "graph", ("arg_nodes",), [0, 1], LOADER),
    ("graph-row-ptr", "graph", ("node_row_ptr", 1), 2, LOADER),
    ("graph-dtype", "graph", ("attrs", "dltype", 1, 0), "float31", BAD),
    ("graph-dtype-of-input", "graph", ("attrs", "dltype", 1, 0), "", LOADER),
    ("graph-tag", "graph", ("attrs", "dltype", 0), "list_int", BAD),
    ("graph-tagless", "graph", ("attrs", "dltype"), ["float32"], BAD),
    ("graph-open", "graph", ("attrs", "shape", 1, 0), [1, -1], GOOD),
    ("graph-negative", "graph", ("attrs", "shape", 1, 0), [1, -2], BAD),
    ("graph-rank-13", "graph", ("attrs", "shape", 1, 0), [1] * 13, BAD),
    ("graph-too-big", "graph", ("attrs", "shape", 1, 0), [2 ** 40], LOADER),
    ("graph-params-twice", "graph", ("metadata", "params"),
     ["weight", "weight"], BAD),
    ("graph-params-unknown", "graph", ("metadata", "params"), ["x"], LOADER),
    ("graph-metadata-text", "graph", ("metadata", "author"), "me", GOOD),
    ("graph-metadata-number", "graph", ("metadata", "author"), 1, BAD),
    ("graph-opset", "graph", ("metadata", "opset"), -1, BAD),
]


def change(value, path, new):
    """A copy of value with one place changed."""
    if not path:
        return copy.deepcopy(value) if new is None else new
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    if new is REMOVE:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(new)
    else:
        place[path[-1]] = new
    return value


def load(kind, path):
    """The loader's verdict and its messages."""
    done = subprocess.run([LOAD_FILES, kind, path], stdout=subprocess.PIPE,
                          check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError("%s: exit code %d" % (LOAD_FILES, done.returncode))
    return done.returncode == 0, done.stdout.decode()


def check_row(schemas, folder, row):
    name, kind, path, new, verdict = row
    file = os.path.join(folder, FILES[kind])
    text = open(file, encoding="utf-8").read()
    value = change(json.loads(text), path, new)
    try:
        with open(file, "w", encoding="utf-8") as out:
            json.dump(value, out)
        loaded, messages = load("graph" if kind == "graph" else "config",
                                file if kind == "graph" else folder)
    finally:
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
    accepted = schemas.accepts(kind, value)
    if loaded != (verdict == GOOD):
        return "the loader says: " + (messages or "good")
    if accepted != (verdict != BAD):
        return "the schema says %s" % ("good" if accepted else "bad")
    return None


def check_single_file(schemas, folder):
    value = {name: read_json(os.path.join(folder, name))
             for name in ("load_config", "pipeline_config")}
    path = os.path.join(folder, "single.json")
    for module, verdict in ((0, True), (9, False)):
        value["load_config"][0]["mod_idx"] = module
        with open(path, "w", encoding="utf-8") as out:
            json.dump(value, out)
        loaded, messages = load("config", path)
        if loaded != verdict:
            return "the loader says: " + (messages or "good")
        if not schemas.accepts("config", value):
            return "the schema refuses it"
    value["load_config"][0]["dev"] = "2,0"
    if schemas.accepts("config", value):
        return "the schema takes a device other than the CPU"
    return None


# ---- the examples of docs/formats.md ----------------------------------------

def make_params(arrays):
    """A params file, written by its description alone."""
    out = struct.pack("<QQQ", 0xF7E58D4F05049CB7, 0, len(arrays))
    for name, _, _ in arrays:
        out += struct.pack("<Q", len(name)) + name.encode()
    out += struct.pack("<Q", len(arrays))
    for _, shape, values in arrays:
        out += struct.pack("<QQiiiBBH", 0xDD5E40F096B4A13F, 0, 1, 0,
                           len(shape), 2, 32, 1)
        out += struct.pack("<%dq" % len(shape), *shape)
        out += struct.pack("<q%df" % len(values), 4 * len(values), *values)
    return out


def read_examples():
    """name → JSON of each block that begins with ```json NAME."""
    text = open(FORMATS, encoding="utf-8").read()
    blocks = re.findall(r"^```json (\S+)\n(.*?)^```$", text, re.M | re.S)
    return {name: json.loads(body) for name, body in blocks}


def check_examples(schemas):
    examples = read_examples()
    expected = {"config", "load_config", "pipeline_config", "graph",
                "single-file", "older-spelling", "state"}
    if set(examples) != expected:
        return "examples: %s" % sorted(examples)
    kinds = {"single-file": "config", "older-spelling": "pipeline_config",
             "state": "pipeline_config"}
    for name, value in examples.items():
        if not schemas.accepts(kinds.get(name, name), value):
            return "the schema refuses the example \"%s\"" % name
    with tempfile.TemporaryDirectory() as folder:
        names = {"graph": "json0", "single-file": "pipe.json"}
        for name, value in examples.items():
            path = os.path.join(folder, names.get(name, name))
            with open(path, "w", encoding="utf-8") as out:
                json.dump(value, out)
        with open(os.path.join(folder, "params0"), "wb") as out:
            out.write(make_params([("bias", (4,), (1, 2, 3, 4))]))
        for path in ("config", "pipe.json"):
            loaded, messages = load("config", os.path.join(folder, path))
            if not loaded:
                return messages
        os.replace(os.path.join(folder, "older-spelling"),
                   os.path.join(folder, "pipeline_config"))
        loaded, messages = load("config", folder)
        return None if loaded else messages


def main():
    warnings.simplefilter("ignore", DeprecationWarning)
    schemas = Schemas(SCHEMA_DIR)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([LOAD_FILES, "sample", folder], check=True)
        for row in ROWS:
            results.append((row[0], check_row(schemas, folder, row)))
        results.append(("single-file", check_single_file(schemas, folder)))
    results.append(("formats-md", check_examples(schemas)))
    print("1..%d" % len(results))
    for number, (name, why) in enumerate(results, 1):
        print("%s %d /core/schema/%s" % ("not ok" if why else "ok", number,
                                         name))
        if why:
            print("# " + why.replace("\n", "\n# "))
    return any(why for _, why in results)


if __name__ == "__main__":
    sys.exit(main())
