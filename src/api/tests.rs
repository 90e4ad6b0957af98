//! The interface over real gRPC: a daemon in the process, an in-memory store, a port of its own.
