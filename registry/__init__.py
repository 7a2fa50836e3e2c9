"""The registry: the shell that gives the kernel a disk, a network and a face."""
