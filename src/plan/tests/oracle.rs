//! The circle check against an independent one: over random edges of one phase, an edge is refused exactly
//! when petgraph finds a way back.

use petgraph::algo::has_path_connecting;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::*;

use super::super::command::{Command, OnRef};
use super::super::decide::decide;
use super::super::refusal::Reason;
use super::{facts, lead, plan};

const TASKS: usize = 8;

fn waits(from: usize, to: usize) -> Command {
    Command::AddDependencies {
        task: format!("T-{}", from + 1),
        on: vec![OnRef::Task(format!("T-{}", to + 1))],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_edge_is_refused_exactly_when_it_closes_a_circle(
        edges in prop::collection::vec((0..TASKS, 0..TASKS), 1..40)
    ) {
        let mut given = plan().phase("1");
        for _ in 0..TASKS {
            given = given.task(&[]);
        }
        let mut ours = given.plan;
        let mut graph = DiGraph::<(), ()>::new();
        let nodes: Vec<NodeIndex> = (0..TASKS).map(|_| graph.add_node(())).collect();
        for (from, to) in edges {
            if graph.find_edge(nodes[from], nodes[to]).is_some() {
                continue;
            }
            let closes = has_path_connecting(&graph, nodes[to], nodes[from], None);
            match decide(&ours, &waits(from, to), &facts(lead(), 2_000_000)) {
                Ok(decided) => {
                    prop_assert!(!closes, "T-{} on T-{} was taken", from + 1, to + 1);
                    graph.add_edge(nodes[from], nodes[to], ());
                    ours = decided.plan;
                }
                Err(refusal) => {
                    prop_assert_eq!(refusal.reason, Reason::Cycle);
                    prop_assert!(closes, "T-{} on T-{} was refused", from + 1, to + 1);
                }
            }
        }
    }
}
