//! The registers, tried from outside through the program.

mod deliverables;
mod milestones;
mod risks;
