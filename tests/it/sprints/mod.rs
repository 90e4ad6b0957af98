//! Sprints, tried from outside through the program.

mod guard;
mod life;
