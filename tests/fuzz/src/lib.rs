//! What the fuzz targets run, one function each: any bytes in, and a panic when a promise is broken. The
//! main suite runs the same functions over the files of `corpus/`.

pub mod codec;
pub mod event;
pub mod interface;
pub mod plan_file;
pub mod rpc;
pub mod token;
pub mod world;
