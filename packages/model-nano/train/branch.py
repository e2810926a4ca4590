"""One ONNX graph out of two: the number of objects decides which of them runs."""
import onnx
from onnx import TensorProto, helper


def as_branch(graph, prefix):
    """A subgraph that reads the outer graph's inputs; all other names get a prefix."""
    outside = {entry.name for entry in graph.input}
    inner = lambda name: name if name in outside or not name else prefix + name
    for node in graph.node:
        node.name = prefix + node.name
        names = [inner(name) for name in node.input], [inner(name) for name in node.output]
        del node.input[:], node.output[:]
        node.input.extend(names[0])
        node.output.extend(names[1])
    for tensor in graph.initializer:
        tensor.name = inner(tensor.name)
    for entry in graph.output:
        entry.name = inner(entry.name)
    branch = helper.make_graph(list(graph.node), prefix + "branch", [], list(graph.output), list(graph.initializer))
    return branch


def by_object_count(few, many, most_for_few, target):
    """Write a graph that runs `few` for up to `most_for_few` objects, else `many`. Both have the same inputs and outputs."""
    few, many = onnx.load(few), onnx.load(many)
    inputs, outputs = list(few.graph.input), [onnx.ValueInfoProto.FromString(entry.SerializeToString()) for entry in few.graph.output]
    nodes = [
        helper.make_node("Shape", ["point_coords"], ["object_count"], start=0, end=1),
        helper.make_node("LessOrEqual", ["object_count", "most_for_few"], ["are_few"]),
        helper.make_node(
            "If", ["are_few"], [entry.name for entry in outputs],
            then_branch=as_branch(few.graph, "few/"), else_branch=as_branch(many.graph, "many/")),
    ]
    limit = helper.make_tensor("most_for_few", TensorProto.INT64, [1], [most_for_few])
    graph = helper.make_graph(nodes, "decoder", inputs, outputs, [limit])
    model = helper.make_model(graph, opset_imports=list(few.opset_import), ir_version=few.ir_version)
    onnx.checker.check_model(model)
    onnx.save(model, target)
