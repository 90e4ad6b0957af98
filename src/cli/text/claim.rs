//! A claim and its brief as text that an agent or a person reads in one go: always below forty lines.

use muster_proto::v1 as wire;

use super::{clean, count, span, when};

const LINES_MAX: usize = 39;
const LINE_CHARACTERS_MAX: usize = 240;
const PARAGRAPH_LINES_MAX: usize = 3;

/// A claim that was granted, with its brief and the next commands.
pub fn claim(claim: &wire::TaskClaim) -> String {
    let task = claim.task.clone().unwrap_or_default();
    let brief = claim.brief.clone().unwrap_or_default();
    let verb = if claim.resumed { "resumed" } else { "claimed" };
    let mut text = format!(
        "{verb} {} {}\n",
        clean::line(&task.id),
        clean::line(&task.title)
    );
    text.push_str(&format!(
        "phase {} {} · P{} · role {} · session {} · attempt {}\n",
        clean::line(&task.phase),
        clean::line(&task.phase_name),
        task.priority,
        clean::line(&task.role),
        clean::line(&claim.session),
        claim.attempt,
    ));
    text.push_str(&format!(
        "fence {} · lease {} until {} · beat every {}\n",
        claim.fence,
        span(claim.lease_ms),
        when(claim.expires_at.as_ref()),
        span(claim.beat_every_ms),
    ));
    if !claim.warning.is_empty() {
        text.push_str(&format!("warning: {}\n", clipped(&claim.warning)));
    }
    words_of(&brief, &mut text);
    let commands = brief.next.len() + 2;
    let used = text.lines().count() + commands;
    lists_of(&brief, LINES_MAX.saturating_sub(used), &mut text);
    if !brief.next.is_empty() {
        text.push_str("\nnext:\n");
        for command in &brief.next {
            text.push_str(&format!("  muster {}\n", clean::line(command)));
        }
    }
    text
}

fn words_of(brief: &wire::Brief, text: &mut String) {
    let named = [
        ("sprint", &brief.sprint),
        ("workflow", &brief.workflow),
        ("goal of the phase", &brief.phase_goal),
        ("area", &brief.area),
        ("estimate", &brief.estimate),
    ];
    let mut is_first = true;
    for (name, words) in named.iter().filter(|(_, words)| !words.is_empty()) {
        let gap = if is_first { "\n" } else { "" };
        is_first = false;
        text.push_str(&format!("{gap}{name}: {}\n", clipped(words)));
    }
    let mut is_cut = false;
    for words in [&brief.description, &brief.notes] {
        let lines: Vec<&str> = words
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if lines.is_empty() {
            continue;
        }
        text.push('\n');
        for line in lines.iter().take(PARAGRAPH_LINES_MAX) {
            text.push_str(&format!("{}\n", clipped(line)));
        }
        is_cut |= lines.len() > PARAGRAPH_LINES_MAX;
    }
    if is_cut {
        text.push_str(&format!(
            "… (all of it: muster task show {})\n",
            clean::line(&brief.task)
        ));
    }
}

fn lists_of(brief: &wire::Brief, lines_left: usize, text: &mut String) {
    let numbered = (1..).zip(&brief.acceptance);
    let mut wanted: Vec<String> = numbered
        .map(|(number, criterion)| format!("{number}. {criterion}"))
        .collect();
    let handed_over = brief.deliverables.iter();
    wanted.extend(handed_over.map(|owed| format!("{} {}", owed.id, owed.text)));
    wanted.extend(brief.checks.iter().cloned());
    let inherited = brief
        .inherited
        .iter()
        .map(|result| match result.summary.as_str() {
            "" => format!("{} {}", result.task, result.title),
            summary => format!("{} {}: {summary}", result.task, result.title),
        });
    let answers = brief.answers.iter().map(|answer| {
        format!(
            "{} {} → {} ({})",
            answer.id, answer.question, answer.answer, answer.by
        )
    });
    let nearby = brief
        .nearby
        .iter()
        .map(|concern| format!("{} {}", concern.id, concern.text));
    let lists = [
        ("done means", wanted),
        ("refers to", brief.references.clone()),
        ("what came before", inherited.collect()),
        ("answers", answers.collect()),
        ("open nearby", nearby.collect()),
    ];
    let earlier = brief.earlier.as_ref().map(|earlier| {
        let colon = if earlier.note.is_empty() { "" } else { ": " };
        format!(
            "the attempt before: {} by {} ({}){colon}{}",
            earlier.attempt, earlier.agent, earlier.ending, earlier.note
        )
    });
    if earlier.is_none() && lists.iter().all(|(_, entries)| entries.is_empty()) {
        return;
    }
    text.push('\n');
    let lines_left = lines_left.saturating_sub(1 + usize::from(earlier.is_some()));
    let shown = shares(
        &lists.each_ref().map(|(_, entries)| entries.len()),
        lines_left,
    );
    for ((title, entries), shown) in lists.iter().zip(shown) {
        if entries.is_empty() {
            continue;
        }
        text.push_str(&format!("{title}:\n"));
        for entry in entries.iter().take(shown) {
            text.push_str(&format!("  - {}\n", clipped(entry)));
        }
        if entries.len() > shown {
            text.push_str(&format!("  - … and {} more\n", entries.len() - shown));
        }
    }
    if let Some(earlier) = earlier {
        text.push_str(&format!("{}\n", clipped(&earlier)));
    }
}

/// How many entries of each list are shown so that all fit into so many lines. What the task asks for,
/// the first list, is cut last.
fn shares<const N: usize>(lengths: &[usize; N], lines: usize) -> [usize; N] {
    let mut shown = lengths.map(|length| length.min(lines));
    let needed = |shown: &[usize; N]| -> usize {
        let of_list = |(length, shown): (&usize, &usize)| match length {
            0 => 0,
            _ => 1 + shown + usize::from(shown < length),
        };
        lengths.iter().zip(shown).map(of_list).sum()
    };
    while needed(&shown) > lines {
        let longest = (1..N).max_by_key(|list| shown[*list]).unwrap_or(0);
        let cut = if shown.get(longest).is_some_and(|shown| *shown > 1) {
            longest
        } else {
            0
        };
        if shown[cut] <= 1 {
            break;
        }
        shown[cut] -= 1;
    }
    shown
}

fn clipped(words: &str) -> String {
    clean::clipped(words, LINE_CHARACTERS_MAX)
}

/// There was nothing to claim.
pub fn nothing(nothing: &wire::NothingToClaim) -> String {
    let name = nothing.reason().as_str_name();
    let reason = name.strip_prefix("NOTHING_REASON_").unwrap_or(name);
    let mut text = format!(
        "nothing to claim: {} ({reason})\n",
        clean::line(&nothing.message)
    );
    if !nothing.waiting_on.is_empty() {
        text.push_str(&format!(
            "waits for {}: {}\n",
            count(nothing.waiting_on.len(), "thing"),
            clean::line(&nothing.waiting_on.join(", "))
        ));
    }
    if nothing.retry_after_ms > 0 {
        text.push_str(&format!(
            "ask again in {}: muster claim --wait 50s\n",
            span(nothing.retry_after_ms)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(entries: usize) -> wire::TaskClaim {
        let many = |what: &str| -> Vec<String> {
            (0..entries)
                .map(|number| format!("{what} {number} {}", "words ".repeat(200)))
                .collect()
        };
        let brief = wire::Brief {
            task: "T-12".to_owned(),
            description: "a line\n".repeat(entries * 10),
            notes: "a note\n".repeat(entries * 10),
            area: "API".to_owned(),
            estimate: "2 sessions".to_owned(),
            phase_goal: "A base to build on".to_owned(),
            acceptance: many("criterion"),
            checks: many("check"),
            inherited: many("T-1")
                .into_iter()
                .map(|summary| wire::InheritedResult {
                    task: "T-1".to_owned(),
                    title: "Schema".to_owned(),
                    summary,
                    verification: String::new(),
                })
                .collect(),
            answers: many("answer")
                .into_iter()
                .map(|answer| wire::AnsweredQuestion {
                    id: "B-2".to_owned(),
                    question: "Which?".to_owned(),
                    answer,
                    by: "ann".to_owned(),
                })
                .collect(),
            nearby: many("near")
                .into_iter()
                .map(|text| wire::NearbyConcern {
                    id: "DEC-1".to_owned(),
                    text,
                })
                .collect(),
            earlier: Some(wire::EarlierAttempt {
                attempt: 1,
                agent: "dev-2".to_owned(),
                ending: "expired".to_owned(),
                note: "half of it".to_owned(),
            }),
            next: [
                "start T-12 --fence 17",
                "progress T-12 --fence 17 --note \"…\"",
                "beat T-12 --fence 17",
                "done T-12 --fence 17 --summary \"…\" --verification \"…\"",
                "ask T-12 --fence 17 \"…\"",
                "block T-12 --fence 17 --reason \"…\"",
                "release T-12 --fence 17 --reason \"…\"",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..wire::Brief::default()
        };
        wire::TaskClaim {
            task: Some(wire::Task {
                id: "T-12".to_owned(),
                title: "Serve the health page".to_owned(),
                phase: "1".to_owned(),
                phase_name: "Foundation".to_owned(),
                role: "backend".to_owned(),
                priority: 1,
                ..wire::Task::default()
            }),
            session: "S-3".to_owned(),
            attempt: 2,
            fence: 17,
            lease_ms: 1_800_000,
            beat_every_ms: 600_000,
            expires_at: Some(prost_types::Timestamp {
                seconds: 1_795_253_400,
                nanos: 0,
            }),
            resumed: false,
            warning: String::new(),
            brief: Some(brief),
        }
    }

    #[test]
    fn a_claim_is_read_in_one_go() {
        let mut small = full(1);
        if let Some(brief) = &mut small.brief {
            brief.acceptance = vec!["GET /health answers".to_owned()];
            brief.checks = vec!["a summary".to_owned()];
            brief.inherited[0].summary = "tables for orders".to_owned();
            brief.answers[0].answer = "Stripe".to_owned();
            brief.nearby[0].text = "which region?".to_owned();
            brief.description = "Answer load balancers.".to_owned();
            brief.notes = String::new();
        }
        insta::assert_snapshot!(claim(&small), @r#"
        claimed T-12 Serve the health page
        phase 1 Foundation · P1 · role backend · session S-3 · attempt 2
        fence 17 · lease 30 min until 2026-11-21 09:30Z · beat every 10 min

        goal of the phase: A base to build on
        area: API
        estimate: 2 sessions

        Answer load balancers.

        done means:
          - 1. GET /health answers
          - a summary
        what came before:
          - T-1 Schema: tables for orders
        answers:
          - B-2 Which? → Stripe (ann)
        open nearby:
          - DEC-1 which region?
        the attempt before: 1 by dev-2 (expired): half of it

        next:
          muster start T-12 --fence 17
          muster progress T-12 --fence 17 --note "…"
          muster beat T-12 --fence 17
          muster done T-12 --fence 17 --summary "…" --verification "…"
          muster ask T-12 --fence 17 "…"
          muster block T-12 --fence 17 --reason "…"
          muster release T-12 --fence 17 --reason "…"
        "#);
    }

    #[test]
    fn however_much_a_brief_holds_it_stays_below_forty_lines_and_a_few_kilobytes() {
        for entries in [0, 1, 2, 3, 4, 10] {
            let text = claim(&full(entries));
            assert!(
                text.lines().count() < 40,
                "{entries}: {}",
                text.lines().count()
            );
            assert!(text.len() < 6_000, "{entries}: {}", text.len());
            assert!(text.contains("muster done T-12 --fence 17"));
        }
    }

    #[test]
    fn nothing_to_claim_says_why_and_when_to_ask_again() {
        let answer = wire::NothingToClaim {
            reason: wire::NothingReason::WaitingOnWork.into(),
            message: "3 tasks are under way".to_owned(),
            waiting_on: vec!["T-1".to_owned(), "T-2".to_owned()],
            retry_after_ms: 60_000,
        };
        insta::assert_snapshot!(nothing(&answer), @r"
        nothing to claim: 3 tasks are under way (WAITING_ON_WORK)
        waits for 2 things: T-1, T-2
        ask again in 1 min: muster claim --wait 50s
        ");
    }
}
