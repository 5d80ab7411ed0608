"""What onnx's own checker says of ONNX files.

Usage: check_onnx.py FILE...
Prints a JSON array: for every file its operator set, its nodes' types and what is wrong with it (null where nothing is).
"""

import json
import sys

import onnx


def findings(path):
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        error = None
    except Exception as problem:  # onnx throws errors of several kinds
        error = str(problem)
    return {
        "opset": {opset.domain: opset.version for opset in model.opset_import},
        "types": [node.op_type for node in model.graph.node],
        "properties": {entry.key: entry.value for entry in model.metadata_props},
        "error": error,
    }


print(json.dumps([findings(path) for path in sys.argv[1:]]))
