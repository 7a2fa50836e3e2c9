"""All that touches the world: files, clock, network, processes. What is around it computes, and that is all."""
