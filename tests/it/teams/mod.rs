//! Who looks after what, and what days mean, tried from outside through the program.

mod assignments;
mod days;
