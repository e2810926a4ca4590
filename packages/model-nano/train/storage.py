"""Smaller weights: how they are rounded in the network, and how an ONNX file stores them so that the runtime restores fp32 at load."""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

SMALLEST_INT8 = 512  # smaller convolutions, biases and the layers of the score head stay at half precision
SMALLEST_FP16 = 16


def int8_rows(values):
    """Symmetric int8 per first axis: codes and scales, the scale chosen for the least squared error."""
    rows = values.reshape(values.shape[0], -1)
    peak = np.maximum(np.abs(rows).max(1), 1e-8)
    best_error = np.full(len(rows), np.inf)
    best = peak / 127
    for share in np.linspace(0.7, 1.0, 16):
        scale = (peak * share / 127).astype(np.float16).astype(np.float32)
        scale = np.maximum(scale, 6e-8)
        restored = np.clip(np.round(rows / scale[:, None]), -127, 127) * scale[:, None]
        error = ((restored - rows) ** 2).sum(1)
        better = error < best_error
        best_error[better], best[better] = error[better], scale[better]
    codes = np.clip(np.round(rows / best[:, None]), -127, 127).astype(np.int8).reshape(values.shape)
    return codes, best.astype(np.float32)


def storage_of(values, store):
    if store == "fp32" or values.dtype != np.float32 or values.size < SMALLEST_FP16:
        return "fp32"
    if store == "int8" and values.ndim == 4 and values.size >= SMALLEST_INT8:
        return "int8"
    return "fp16"


@torch.no_grad()
def round_weights(model, store):
    """Round a folded model in place to what the stored file will hold."""
    for parameter in model.parameters():
        values = parameter.numpy()
        kind = storage_of(values, store)
        if kind == "fp16":
            parameter.copy_(torch.from_numpy(values.astype(np.float16).astype(np.float32)))
        elif kind == "int8":
            codes, scale = int8_rows(values)
            parameter.copy_(torch.from_numpy(codes * scale.reshape(-1, *[1] * (values.ndim - 1))))
    return model


def store(source, target, kind):
    """Rewrite the fp32 initialisers of an ONNX file as fp16 + Cast, or int8 + Cast + Mul; constant folding undoes it at load."""
    model = onnx.load(source)
    graph = model.graph
    initializers, restore = [], []
    for tensor in graph.initializer:
        values, name = numpy_helper.to_array(tensor), tensor.name
        how = storage_of(values, kind)
        if how == "fp32":
            initializers.append(tensor)
        elif how == "fp16":
            initializers.append(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
            restore.append(helper.make_node("Cast", [name + "_half"], [name], name="restore_" + name, to=TensorProto.FLOAT))
        else:
            codes, scale = int8_rows(values)
            shape = [-1] + [1] * (values.ndim - 1)
            initializers.append(numpy_helper.from_array(codes, name + "_codes"))
            initializers.append(numpy_helper.from_array(scale.reshape(shape).astype(np.float16), name + "_scale"))
            restore.append(helper.make_node("Cast", [name + "_codes"], [name + "_codes_float"], name="cast_" + name, to=TensorProto.FLOAT))
            restore.append(helper.make_node("Cast", [name + "_scale"], [name + "_scale_float"], name="scale_" + name, to=TensorProto.FLOAT))
            restore.append(helper.make_node("Mul", [name + "_codes_float", name + "_scale_float"], [name], name="restore_" + name))
    nodes = list(graph.node)
    for node in nodes:
        node.doc_string = ""
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(initializers)
    graph.node.extend(restore + nodes)
    onnx.checker.check_model(model)
    onnx.save(model, target)
