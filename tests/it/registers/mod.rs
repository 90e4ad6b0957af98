//! The registers, tried from outside through the program.

mod deliverables;
mod integrations;
mod milestones;
mod references;
mod risks;
mod rollouts;
