//! A whole plan as bytes, in portions that are read apart from each other, and back. What is put together
//! from a plan's own portions is that plan, with every index as it was.

mod assemble;
mod bytes;
mod choices;
mod kind;
mod parts;
mod pieces;
mod portion;

pub use assemble::assemble;
pub(crate) use bytes::part;
pub use bytes::{Bytes, Malformed, Part};
pub use kind::Kind;
pub use pieces::Piece;
pub use portion::Portion;
