"""Documents as other readers see them, as TAP.

For every document: write(read(x)) = x; PyYAML (YAML 1.1) and a reader with
the rules of YAML 1.2 find the same values; it is valid under its JSON Schema.
For every document with one thing wrong: the schema refuses it, and so does
tamp.  Usage: documents.py STACKCAT NEW-SCHEMAS BIN-DIRECTORY
"""
import copy
import functools
import glob
import math
import os
import random
import re
import subprocess
import sys
import tempfile

import yaml
from jsonschema import Draft202012Validator

STACKCAT, NEW_SCHEMAS, BIN = sys.argv[1:4]
EXAMPLES = sorted(glob.glob("lib/ir/example/*.yaml"))
ran = 0


def result(ok, name, why=""):
    global ran
    ran += 1
    print(("ok" if ok else "not ok") + f" {ran} - {name}")
    if not ok:
        for line in str(why).splitlines()[:20]:
            print("# " + line)


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2: no yes and no, no octal 010, no 1:30."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(null|Null|NULL|~|)$", ["n", "N", "~", ""]),
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    ("float",
     r"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
     r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$", list("-+.0123456789")),
]:
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag,
                               re.compile(pattern), first)


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)
                or math.isnan(a) and math.isnan(b))
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def tamp(text, *options):
    return subprocess.run([STACKCAT, *options, "-"], input=text.encode(),
                          capture_output=True, timeout=60)


def load_all(text, loader=yaml.SafeLoader):
    return list(yaml.load_all(text, Loader=loader))


@functools.lru_cache(maxsize=None)
def validator_named(name):
    with open(f"schemas/{name}.schema.yaml", encoding="utf-8") as f:
        schema = yaml.safe_load(f)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def validator(doc):
    return validator_named(doc["format"].split("/")[0])


def check_document(path):
    with open(path, encoding="utf-8") as f:
        check_text(os.path.basename(path), f.read())


def check_text(name, text):
    out = tamp(text, "--rewrite")
    result(out.returncode == 0 and out.stdout.decode() == text,
           f"{name}: write(read(x)) = x", out.stderr.decode())
    docs = load_all(text)
    result(same(docs, load_all(text, Core)),
           f"{name}: YAML 1.1 and 1.2 readers agree")
    for doc in docs:
        errors = list(validator(doc).iter_errors(doc))
        result(not errors, f"{name}: valid under its schema",
               "\n".join(e.message for e in errors))


def check_plan(model, device, policy):
    """What the tools write for a real model."""
    model = os.path.abspath(model)
    plan, why = "", b""
    with tempfile.TemporaryDirectory() as tmp:
        for stage in (["import", model], ["partition", "-d", device],
                      ["schedule", "-p", policy]):
            p = subprocess.run([f"{BIN}/tamp-{stage[0]}", *stage[1:]], cwd=tmp,
                               input=plan.encode(), capture_output=True,
                               timeout=300)
            plan, why = p.stdout.decode(), p.stderr
    name = f"{os.path.basename(model)} on {device}, {policy}"
    formats = [d["format"] for d in load_all(plan)]
    result(formats == ["schedule/1", "tasks/1", "device/1", "graph/1"],
           f"{name}: a plan", f"{formats}\n{why.decode()}")
    check_text(name, plan)


# --- one thing wrong -----------------------------------------------------------

def maps_of(x):
    if isinstance(x, dict):
        yield x
        for v in x.values():
            yield from maps_of(v)
    elif isinstance(x, list):
        for v in x:
            yield from maps_of(v)


def faults(doc):
    """Copies of doc with one change each, a fault nearly always; its name."""
    n = len(list(maps_of(doc)))
    for i in range(n):
        bad = copy.deepcopy(doc)
        m = list(maps_of(bad))[i]
        if not set(m) & {"A", "Y", "X", "axis", "log", "trans_a"}:    # free keys
            m["unknown_key"] = 1
            yield "an unknown key", bad
    for key in doc:
        bad = copy.deepcopy(doc)
        bad[key] = {"a": {"b": [[]]}}
        yield f"{key} of a wrong type", bad
    for i in range(n):
        for key in list(list(maps_of(doc))[i]):
            bad = copy.deepcopy(doc)
            m = list(maps_of(bad))[i]
            if key in ("run", "use", "name", "op", "width", "past"):
                del m[key]
            elif isinstance(m[key], int) and not isinstance(m[key], bool):
                m[key] = "a string"
            elif isinstance(m[key], str) and key not in "ABXY":
                m[key] = 7
            else:
                continue
            yield f"{key} missing or of a wrong type", bad


def check_faults(path):
    with open(path, encoding="utf-8") as f:
        doc = yaml.safe_load(f)
    check = validator(doc)
    count, differ = 0, []
    for what, bad in faults(doc):
        text = yaml.dump(bad, sort_keys=False, default_flow_style=None,
                         explicit_start=True, explicit_end=True)
        by_schema = not check.is_valid(bad)
        by_tamp = tamp(text).returncode == 1
        count += by_schema
        if by_schema != by_tamp:
            differ.append(f"{what}: schema {by_schema}, tamp {by_tamp}")
    result(not differ and count > 5,
           f"{os.path.basename(path)}: {count} faults are refused by schema "
           "and reader alike", "\n".join(differ))


# --- what a model may hold -------------------------------------------------------

def odd_name(r):
    kind = r.random()
    if kind < 0.3:
        return r.choice(["on", "y", "1", "13", "x.1", "1_minute", "null", "~",
                         "a/b/c", "input:0", "onnx::F_0", "", "1e5", "0x1f",
                         "- a", "a: b", "#", "{", "'", '"', "\\", "=", "<<",
                         "2001-01-01", "...", "---", "%", "@", "`", "!x"])
    return "".join(r.choice("abc \"\\'\n\t:#{}[],&*!|>%@`\u00e9\u2028\u0085"
                            "\ufeff\U0001f40d\ue000\uef80\uefff\x7f\x9f")
                   for _ in range(r.randrange(12)))


def flow(x):
    """x in flow style, every string in quotes, all but ASCII escaped."""
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in x.items()) + "}"
    if isinstance(x, list):
        return "[" + ", ".join(map(flow, x)) + "]"
    if isinstance(x, str):
        return '"' + re.sub(r'[^ !#-\[\]-~]',
                            lambda m: f"\\U{ord(m.group()):08x}", x) + '"'
    if isinstance(x, float) and not math.isfinite(x):
        return ".nan" if math.isnan(x) else "-.inf" if x < 0 else ".inf"
    return repr(x)


def check_odd_graphs():
    """Graphs with odd names and numbers, rewritten by tamp."""
    r = random.Random(1)
    bad = []
    for _ in range(300):
        doc = {
            "format": "graph/1", "made": {"by": odd_name(r)}, "opset": 22,
            "inputs": [odd_name(r) for _ in range(3)], "outputs": [],
            "tensors": [{
                "name": odd_name(r), "type": "f32", "shape": [2, 2],
                "value": [r.choice([0.1, -0.0, 1e-5, 1e22, 3.0, math.inf,
                                    -math.inf, math.nan, 5e-324,
                                    r.uniform(-1, 1) * 10 ** r.randint(-300, 300)])
                          for _ in range(4)]}],
            "nodes": [{"op": "X", "in": [], "out": [],
                       "attrs": {"s": odd_name(r), "i": r.randint(-2**63, 2**63 - 1),
                                 "f": [1.5, 2.0]}}],
        }
        text = flow(doc) + "\n...\n"
        first = tamp(text, "--rewrite")
        if first.returncode:
            bad.append(first.stderr.decode())
            continue
        out = first.stdout.decode()
        again = tamp(out, "--rewrite").stdout.decode()
        old, new = norm(doc), norm(load_all(out)[0])
        if out != again or not same(old, new) or \
           not same(load_all(out), load_all(out, Core)):
            bad.append(f"{old}\n{new}")
        elif not validator(doc).is_valid(load_all(out)[0]):
            bad.append("not valid: " + out)
    result(not bad, "300 graphs with odd names and numbers, by both readers",
           "\n".join(bad))


def check_plain_strings():
    """Text without quotes that tamp takes for a string is one for all."""
    r = random.Random(5)
    pieces = ["0", "1", "12", "60", ":", ".", "..", "-", "+", "_", "e", "E",
              "x", "0x", "0o", "0b", "a", "y", "no", "Off", "nULL", "True",
              "inf", ".inf", ".nan", "~", "=", "<<", "2001-01-01", "T", "Z"]
    accepted, wrong = 0, []
    for _ in range(400):
        s = "".join(r.choice(pieces) for _ in range(r.randint(1, 4)))
        text = ("format: schedule/1\nmade: {by: x}\npolicy: " + s +
                "\nkernels: []\nsteps: []\n...\n")
        if tamp(text).returncode:
            continue
        accepted += 1
        wrong += [s for loader in (yaml.SafeLoader, Core)
                  if load_all(text, loader)[0]["policy"] != s]
    result(accepted > 100 and not wrong,
           f"{accepted} strings without quotes are strings for all readers",
           "\n".join(wrong))


def norm(x):
    """U+EF80 ... U+EFFF stand for bytes: what they are is in their bytes."""
    if isinstance(x, str):
        return re.sub("[\uef80-\uefff]", raw_byte, x).encode(
            "utf-8", "surrogateescape")
    if isinstance(x, dict):
        return {k: norm(v) for k, v in x.items()}
    if isinstance(x, list):
        return [norm(v) for v in x]
    return x


def raw_byte(m):
    return chr(0xdc80 + ord(m.group()) - 0xef80)


def check_schemas():
    old, new = [sorted(os.path.basename(p) for p in glob.glob(d + "/*.schema.yaml"))
                for d in ("schemas", NEW_SCHEMAS)]
    differ = [n for n in new if n not in old or
              open(f"schemas/{n}", "rb").read() !=
              open(f"{NEW_SCHEMAS}/{n}", "rb").read()]
    result(old == new and not differ,
           "schemas/ is what the tables make ('make schemas' renews it)",
           f"{old}\n{new}\ndiffer: {differ}")


check_schemas()
for p in EXAMPLES:
    check_document(p)
    check_faults(p)
check_odd_graphs()
check_plain_strings()
check_plan("tests/e2e/models/mlp.onnx", "host", "sequential")
check_plan("tests/e2e/models/branches.onnx", "h200", "wavefront")
check_plan("tests/e2e/models/choices.onnx", "emu", "wavefront")
print(f"1..{ran}")
