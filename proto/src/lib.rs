//! Muster's interface as generated code: messages, clients and servers of package `muster.v1`.

/// Package `muster.v1`.
#[expect(
    clippy::large_enum_variant,
    reason = "generated code; a granted claim carries its brief"
)]
pub mod v1 {
    tonic::include_proto!("muster.v1");

    /// The encoded `FileDescriptorSet` of all services, for server reflection.
    pub const FILE_DESCRIPTOR_SET: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/muster_descriptor.bin"));
}
