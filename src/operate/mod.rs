//! What owns a daemon or its files: serve, demo, config, audit. The only module that the command line's
//! root uses beside `cli`.

mod audit;
mod config;
mod demo;
mod failed;
mod output;
mod progress;
mod settings;
