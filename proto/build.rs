//! Compiles the .proto files without protoc and keeps their descriptors for reflection.

use std::{error::Error, fs, path::Path, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files: Vec<PathBuf> = fs::read_dir("muster/v1")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "proto"));
    files.sort();
    let descriptors = protox::compile(&files, [Path::new(".")])?;
    fs::write(
        out.join("muster_descriptor.bin"),
        descriptors.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        .bytes(".")
        // Maps encode in one order, so that the digest of a repeated request is the same.
        .btree_map(".")
        .compile_fds(descriptors)?;
    println!("cargo:rerun-if-changed=muster");
    Ok(())
}
