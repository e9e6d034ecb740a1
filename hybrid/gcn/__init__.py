"""The GCN: text encoder, mapping layer, classifier over the page graph, training, checkpoints."""
