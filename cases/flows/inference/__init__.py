"""A first flow file, written from what was seen of a flow."""

from cases.flows.inference.infer import Inferred, infer

__all__ = ["Inferred", "infer"]
