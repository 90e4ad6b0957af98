//! What the fuzz targets run, over their seeds: any bytes meet a sound plan, and no promise breaks.
//! `MUSTER_TEST_SEEDS=write` writes the seeds anew, as a changed interface asks for. Each is also damaged in
//! some ways; `MUSTER_TEST_SEED` repeats them, `MUSTER_TEST_DAMAGES` says in how many.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::fuzz_targets::{event, interface::INTERFACE, plan_file, rpc, token};

type Seeds = Vec<(String, Vec<u8>)>;

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(target)
}

/// Runs every file of a target's corpus; the seeds must be among them, as they would be written today.
fn check(target: &str, seeds: Seeds, run: fn(&[u8])) {
    let folder = folder(target);
    if std::env::var("MUSTER_TEST_SEEDS").is_ok_and(|word| word == "write") {
        for (name, bytes) in &seeds {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    for (name, bytes) in seeds {
        let kept = fs::read(folder.join(&name)).unwrap_or_default();
        assert!(
            kept == bytes,
            "{target}/{name} is not what is asked for now; write the seeds anew with MUSTER_TEST_SEEDS=write"
        );
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut chance = chance();
    for path in paths {
        println!("{}", path.display());
        let sound = fs::read(&path).unwrap();
        run(&sound);
        for _ in 0..number("MUSTER_TEST_DAMAGES").unwrap_or(DAMAGES) {
            let bytes = damaged(&sound, &mut chance);
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&bytes))) {
                println!("{target} fails with {}", bytes.escape_ascii());
                resume_unwind(panic);
            }
        }
    }
}

/// In so many ways each seed is damaged.
const DAMAGES: u64 = 10;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn chance() -> TestRng {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes[..8]).unwrap();
    let drawn = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let seed = number("MUSTER_TEST_SEED").unwrap_or(drawn);
    println!("MUSTER_TEST_SEED={seed}");
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// A few bytes changed, left out, doubled or put in. The first, which says what the rest is, stays.
fn damaged(sound: &[u8], chance: &mut impl Rng) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let mut below = |limit: usize| chance.next_u32() as usize % limit.max(1);
    for _ in 0..=below(4) {
        let from = (1 + below(bytes.len())).min(bytes.len());
        let to = (from + below(9)).min(bytes.len());
        match below(4) {
            0 if from < bytes.len() => bytes[from] ^= 1 << below(8),
            1 => drop(bytes.drain(from..to)),
            2 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(from..from, piece);
            }
            _ => bytes.insert(from, [0, 1, 0x7f, 0x80, 0xff, b'\n', b'|', b'9'][below(8)]),
        }
    }
    bytes
}

#[test]
fn any_request_is_carried_out_or_refused_whole() {
    let seeds = rpc::seeds();
    assert_eq!(seeds.len(), INTERFACE.methods.len(), "a seed a method");
    check("rpc", seeds, rpc::run);
}

#[test]
fn any_plan_file_is_read_or_refused() {
    check("plan_file", plan_file::seeds(), plan_file::run);
}

#[test]
fn nobody_comes_in_without_a_token_and_no_list_goes_on_without_its_own() {
    check("token", token::seeds(), token::run);
}

#[test]
fn any_stored_event_is_read_or_refused() {
    check("event", event::seeds(), event::run);
}
