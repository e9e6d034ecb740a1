"""Published graph networks for labelling boxes, each as a graph builder and a network.

They share text vectors, node features, training loop and splits, so what differs is the method.
"""
